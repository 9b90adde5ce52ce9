"""A process that may be lost is lost alone, and leaves nothing behind."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imgfit.distributed.process import Disposable, ProcessLostError

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


class Unportable(Exception):  # noqa: N818 - no error of ours
    """An error that pickle does not take."""

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("not to be pickled")


def act(word: str) -> int:
    if word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "leave":
        os._exit(7)
    if word == "raise":
        raise KeyError("kunci")
    if word == "raise oddly":
        raise Unportable("aneh")
    return os.getpid()


def make(fails: str = "") -> Callable[[str], int]:
    if fails:
        act(fails)
    return act


def test_it_outlives_what_it_calls() -> None:
    beside = Disposable(pickle.dumps(make))
    first = beside("")
    assert first not in (os.getpid(), None)
    with pytest.raises(KeyError, match="kunci"):
        beside("raise")
    with pytest.raises(RuntimeError, match="Unportable: aneh"):
        beside("raise oddly")
    assert beside("") == first
    for word, cause in (("die", "signal SIGKILL"), ("leave", "exit code 7")):
        with pytest.raises(ProcessLostError, match=cause):
            beside(word)
    assert beside("") != first


@pytest.mark.parametrize(("fails", "kind"), [("die", ProcessLostError), ("raise", KeyError)])
def test_what_cannot_be_made_is_told(fails: str, kind: type[Exception]) -> None:
    beside = Disposable(pickle.dumps(partial(make, fails)))
    with pytest.raises(kind):
        beside("")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_it_ends_with_the_process_that_began_it() -> None:
    code = (
        "import os, pickle, signal\nfrom imgfit.distributed.process import Disposable\n"
        "from tests.distributed.test_process import make\n"
        "print(Disposable(pickle.dumps(make))(''), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    paths = os.pathsep.join([str(ROOT), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": paths},
        timeout=60,
    )
    # Its output is open as long as anyone lives who has it: to be here at all is the proof.
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.strip().isdigit()
