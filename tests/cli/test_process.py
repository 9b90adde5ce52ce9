"""The command's process: how its threads take memory."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from imgfit.cli import process

# Every thread takes some memory of malloc's while the others hold theirs.
_HEAPS = """
import ctypes, threading
from imgfit.cli.process import run
def command():
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    together = threading.Barrier(4)
    def take():
        together.wait()
        library.malloc(1000)
        together.wait()
    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    stdout = ctypes.c_void_p.in_dll(library, "stdout")
    library.malloc_info(0, stdout)
    library.fflush(stdout)
run(command)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's malloc")
@pytest.mark.parametrize(("setting", "one"), [(None, True), ("8", False)])
def test_threads_share_one_heap_unless_the_user_says_otherwise(
    setting: str | None, *, one: bool
) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "MALLOC_ARENA_MAX"}
    if setting:
        environment["MALLOC_ARENA_MAX"] = setting
    done = subprocess.run(
        [sys.executable, "-c", _HEAPS], env=environment, capture_output=True, text=True, check=True
    )
    heaps = done.stdout.count("<heap nr=")
    assert heaps >= 1, done.stdout
    assert (heaps == 1) is one


@pytest.mark.parametrize("arguments", [[], ["--lang", "id"]])
def test_another_package_of_our_name_is_told_in_any_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.delenv("IMGFIT_LANG", raising=False)
    monkeypatch.setattr(process, "shadowing", lambda: "0.3.2")
    monkeypatch.setattr(sys, "argv", ["imgfit", *arguments])
    assert process.run(lambda: None) == 0
    assert "imgfit (0.3.2)" in capsys.readouterr().err
