"""The command in processes that may be killed, stopped and starved.

One server process imports everything and makes an encoder without a model; each command is a fork
of it, which costs hundredths of a second where a fresh interpreter costs one. Linux and macOS.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn, Self

from imgfit import Checker, Draft, render_html
from imgfit.cli import app as cli
from tests.conftest import COLOURS, FakeEncoder, fake_calibration, fake_cohort, save_photo

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
STREAMS = {0: "stdin", 1: "stdout", 2: "stderr"}
BATCH = 4
# Long enough for a kill to land inside a batch.
SECONDS_A_BATCH = 0.005


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended.

    Attributes:
        code: Its exit code; the negative number of the signal that ended it.
        out: What it printed.
        err: What it complained of.
        encoded: Photos that its encoder saw.
    """

    code: int
    out: str
    err: str
    encoded: int


class Commands:
    """Starts commands, and waits for them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._server = subprocess.Popen(
            [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-m", "tests.support.faults"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "COLUMNS": "160"},
        )  # fmt: skip
        assert self._ask({"do": "hello"}) == "ready"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate()

    def start(
        self,
        *arguments: object,
        prelude: str = "",
        streams: dict[int, Path | None] | None = None,
        seconds_a_batch: float = SECONDS_A_BATCH,
    ) -> Running:
        """Start a command.

        Args:
            arguments: As on the command line.
            prelude: Python that runs in its process first.
            streams: What its standard streams are; None is a closed one.
            seconds_a_batch: What encoding four photos takes.

        Returns:
            The process.
        """
        self._count += 1
        place = self._folder / str(self._count)
        usual: dict[int, Path | None] = {
            0: Path(os.devnull), 1: place.with_suffix(".out"), 2: place.with_suffix(".err"),
        }  # fmt: skip
        taken = usual | (streams or {})
        request = {
            "do": "start", "arguments": list(map(str, arguments)), "prelude": prelude,
            "streams": {n: None if path is None else str(path) for n, path in taken.items()},
            "encoded": str(place.with_suffix(".encoded")), "seconds": seconds_a_batch,
        }  # fmt: skip
        return Running(self, self._ask(request), place)

    def run(self, *arguments: object, **how: Any) -> Done:
        """Run a command to its end."""
        return self.start(*arguments, **how).wait()

    def _ask(self, request: dict[str, Any]) -> Any:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return json.loads(self._server.stdout.readline())


@dataclass(frozen=True, slots=True)
class Running:
    """A command that may still run.

    Attributes:
        commands: Who started it.
        pid: Its process.
        place: Where its output goes, without the suffix.
    """

    commands: Commands
    pid: int
    place: Path

    def send(self, number: int) -> None:
        """Send a signal; a process that has ended takes none."""
        os.kill(self.pid, number)

    def encoded(self) -> int:
        """How many photos its encoder has seen so far."""
        try:
            return int(self.place.with_suffix(".encoded").read_text() or 0)
        except FileNotFoundError:
            return 0

    def wait_for(self, photos: int) -> None:
        """Wait until its encoder has seen some photos."""
        give_up = time.monotonic() + 30
        while self.encoded() < photos:
            assert time.monotonic() < give_up
            time.sleep(0.005)

    def wait(self) -> Done:
        """Wait for its end."""
        code = self.commands._ask({"do": "wait", "pid": self.pid})
        out, err = (
            self.place.with_suffix(suffix).read_bytes().decode("utf-8", "replace")
            if self.place.with_suffix(suffix).exists()
            else ""
            for suffix in (".out", ".err")
        )
        return Done(code, out, err, self.encoded())


def drafts(folder: Path, count: int) -> Path:
    """Write drafts, every tenth of them broken in one way or another."""
    names = list(COLOURS)
    for number in range(count):
        # No two of one size, and none too narrow.
        size = (20 + number % 100, 30 + number // 100)
        path = save_photo(folder / f"{number:04}.png", names[number % 3], size)
        path.with_suffix(".txt").write_text(f"Foto {names[number % 3]} nomor {number} di balai")
        if number % 10 == 7:
            path.write_bytes(path.read_bytes()[: 40 * (number % 3)])
    return folder


@dataclass(slots=True)
class Kills:
    """What came of killing runs.

    Attributes:
        landed: Runs killed while they worked.
        late: Runs that had ended before their kill came.
        rounds: Times that a killed run was then finished.
        kept: Photos that the finishing runs did not have to embed again.
        wrong: Finished results that were not those of an undisturbed run.
        torn: Output files that were neither absent nor whole after a kill.
        left: Files begun and not finished that a kill left beside the output.
        complaints: Lines on stderr of finishing runs.
    """

    landed: int = 0
    late: int = 0
    rounds: int = 0
    kept: int = 0
    wrong: int = 0
    torn: int = 0
    left: int = 0
    complaints: list[str] = field(default_factory=list)


def kill_runs(commands: Commands, folder: Path, *, kills: int, count: int, seed: int) -> Kills:
    """Kill cached runs at random moments, one to three times in a row, then finish them.

    Args:
        commands: Who runs.
        folder: An empty one.
        kills: How many kills must land.
        count: Drafts a run.
        seed: Of the moments.

    Returns:
        What came of it.
    """
    generator = random.Random(seed)  # noqa: S311 - a seed of a test
    photos = drafts(folder / "drafts", count)
    seen = folder / "undisturbed"
    begun = time.monotonic()
    plain = _finished(commands, photos, seen)
    lasting = time.monotonic() - begun
    found = Kills()
    place = folder / "killed"
    while found.landed < kills:
        shutil.rmtree(place, ignore_errors=True)
        for _ in range(generator.randint(1, 3)):
            running = commands.start(*_check(photos, place))
            time.sleep(generator.uniform(0, lasting))
            running.send(signal.SIGKILL)
            ended = running.wait().code
            assert ended in (-signal.SIGKILL, 1), ended
            found.landed += ended == -signal.SIGKILL
            found.late += ended != -signal.SIGKILL
            found.torn += sum(
                (place / name).exists()
                and (place / name).read_bytes() != (seen / name).read_bytes()
                for name in ("rows.jsonl", "rows.html")
            )
            left = list(place.glob(".imgfit-*"))
            found.left += len(left)
            for file in left:
                file.unlink()
        done = _finished(commands, photos, place)
        found.rounds += 1
        found.complaints.extend(done.err.splitlines())
        found.kept += plain.encoded - done.encoded
        found.wrong += done.out != plain.out or any(
            (place / name).read_bytes() != (seen / name).read_bytes()
            for name in ("rows.jsonl", "rows.html")
        )
    return found


def _check(photos: Path, place: Path) -> list[object]:
    place.mkdir(exist_ok=True)
    return [
        "check", photos, "--cache", place / "cache.sqlite", "--json", "--lang", "en",
        "--output", place / "rows.jsonl", "--report", place / "rows.html",
    ]  # fmt: skip


def _finished(commands: Commands, photos: Path, place: Path) -> Done:
    done = commands.run(*_check(photos, place))
    assert done.code == 1, done.err  # some photos are broken
    told = [str(place / name) for name in ("rows.jsonl", "rows.html")]
    lines = [line for line in done.err.splitlines() if not any(name in line for name in told)]
    return Done(done.code, done.out, "\n".join(lines), done.encoded)


def share_cache(commands: Commands, folder: Path, *, processes: int, count: int) -> list[Done]:
    """Run the same drafts in several processes at once over one cache, then once more alone.

    Args:
        commands: Who runs.
        folder: An empty one.
        processes: How many at once.
        count: Drafts.

    Returns:
        The run without a cache first, then those at once, then the last.
    """
    photos = drafts(folder / "drafts", count)
    arguments = ["check", photos, "--json", "--lang", "en"]
    cached: Sequence[object] = [*arguments, "--cache", folder / "cache.sqlite"]
    plain = commands.run(*arguments, "--no-cache")
    running = [commands.start(*cached) for _ in range(processes)]
    return [plain, *(each.wait() for each in running), commands.run(*cached)]


# --- the server ----------------------------------------------------------------------------------


def _serve(requests: IO[str], replies: IO[str]) -> None:
    class Slow(FakeEncoder):
        seconds = 0.0
        told: Path | None = None

        def encode_photos(self, pixels: Any) -> Any:
            time.sleep(self.seconds)
            rows = super().encode_photos(pixels)
            if self.told is not None:
                # In one step, so that whoever reads it meanwhile reads a number.
                beside = self.told.with_suffix(".beside")
                beside.write_text(str(self.photos_encoded))
                beside.replace(self.told)
            return rows

    encoder = Slow()
    cohort = fake_cohort(encoder)
    calibration = fake_calibration(encoder, cohort)
    # What is imported when first used is imported here, once for all forks.
    render_html(Checker(encoder, calibration, cohort).check_drafts([Draft(b"", "Foto rapat")] * 2))
    encoder.photos_encoded = 0
    encoder.texts_encoded.clear()

    def load(*_: object, cache: Any, **__: object) -> Checker:
        return Checker(
            encoder, calibration, cohort, batch_size=BATCH, decode_threads=2, cache=cache
        )

    Checker.load = load  # type: ignore[method-assign, assignment]
    for line in requests:
        request = json.loads(line)
        reply: Any = "ready"
        if request["do"] == "start":
            reply = os.fork()
            if reply == 0:
                encoder.seconds = request["seconds"]
                encoder.told = Path(request["encoded"])
                _command(request)
        elif request["do"] == "wait":
            reply = os.waitstatus_to_exitcode(os.waitpid(request["pid"], 0)[1])
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def _command(request: dict[str, Any]) -> NoReturn:
    """Be the command, as a fresh interpreter would begin and end it."""
    code = 99
    try:
        # Whatever the tests themselves were started with: under nohup, SIGHUP is ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        for number, name in STREAMS.items():
            path = request["streams"][str(number)]
            if path is None:
                os.close(number)
                setattr(sys, name, None)
                continue
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC if number else os.O_RDONLY
            opened = os.open(path, flags, 0o644)
            os.dup2(opened, number)
            os.close(opened)
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
        sys.argv = ["imgfit", *request["arguments"]]
        exec(request["prelude"], {})  # noqa: S102 - written in a test
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 98
        except BaseException:  # noqa: BLE001 - told as an interpreter tells it at its end
            with contextlib.suppress(Exception):
                sys.excepthook(*sys.exc_info())
            code = 97
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    with os.fdopen(os.dup(0), "r") as asked, os.fdopen(os.dup(1), "w") as told:
        _serve(asked, told)
