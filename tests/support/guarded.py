"""The command in a process of its own that may not reach out, and whose memory is measured."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Loaded by Python itself before anything else: every way out is written down and ends the process.
_WATCH = """
import atexit, os, sys

def _watch(event, arguments):
    # torch asks the system's linker for its own libraries.
    if event in {events!r} and not str(arguments[0]).endswith("ldconfig"):
        with open({reached!r}, "a") as file:
            print(event, arguments, file=file)
        os._exit(99)

def _peak():
    with open("/proc/self/status") as status, open({peak!r}, "w") as file:
        file.writelines(line.split()[1] for line in status if line.startswith("VmHWM:"))

if os.path.exists("/proc/self/status"):
    atexit.register(_peak)
sys.addaudithook(_watch)
"""
_EVENTS = (
    "socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname",
    "subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork",
)  # fmt: skip
# Root reads whatever it likes unless it lets go of these two (linux/capability.h, prctl.h).
_DROP_FROM_BOUNDS = 24
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2
_SOURCE = Path(__file__).parents[2] / "src"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a guarded run left behind.

    Attributes:
        code: Its exit code; minus the signal that ended it.
        stdout: What it printed, as bytes.
        stderr: The same.
        peak: Most resident memory, in MB.
        reached: Attempts to connect, resolve a name or start a program.
    """

    code: int
    stdout: bytes
    stderr: bytes
    peak: float
    reached: str


def run(arguments: Sequence[str | Path], scratch: Path, *, seconds: float) -> Outcome:
    """Run ``imgfit`` without network, other programs, or more rights than files give.

    Args:
        arguments: Of the command.
        scratch: An empty folder for what the run needs.
        seconds: When it counts as hanging and is ended; far more than it takes.

    Returns:
        What came of it.
    """
    reached, peak = scratch / "reached", scratch / "peak"
    hook = scratch / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        _WATCH.format(events=_EVENTS, reached=str(reached), peak=str(peak))
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(hook), str(_SOURCE)]),
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "200",
    }
    with (scratch / "stdout").open("wb") as out, (scratch / "stderr").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "imgfit", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=environment,
            preexec_fn=_as_anyone,  # noqa: PLW1509 - the only thread that matters here
        )
        guard = threading.Timer(seconds, process.send_signal, [signal.SIGKILL])
        guard.start()
        # Popen's own wait does not say how much memory it took. Nor does this one where the tests
        # themselves hold more: a process inherits that as its peak. So it tells its own.
        _, status, usage = os.wait4(process.pid, 0)
        guard.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    return Outcome(
        process.returncode,
        (scratch / "stdout").read_bytes(),
        (scratch / "stderr").read_bytes(),
        (int(peak.read_text()) if peak.exists() else usage.ru_maxrss) / 1024,
        reached.read_text() if reached.exists() else "",
    )


def _as_anyone() -> None:
    """Let go of root's right to read what its owner may not."""
    if os.geteuid() == 0:
        system = ctypes.CDLL(None)
        for right in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
            system.prctl(_DROP_FROM_BOUNDS, right, 0, 0, 0)
