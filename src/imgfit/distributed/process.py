"""Runs a function in a child process, so that a crash there does not kill this process.

`concurrent.futures.ProcessPoolExecutor` does not serve: its child lives on when this process is
killed, holding a model's memory, and it does not tell the signal or exit code of a dead child.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

# A process whose pipe has closed is ending; waiting longer would hold up the rows.
_END_SECONDS = 10.0


class ProcessLostError(Exception):
    """The child process died; the message gives the signal or the exit code."""


class Disposable:
    """A function in a child process, started by the first call and again after a death."""

    def __init__(self, made: bytes) -> None:
        """Keep the function; nothing is started yet.

        Args:
            made: A pickled function without arguments that returns the function to call.
        """
        self._made = made
        self._child: _Child | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Call the function in the child process.

        Args:
            arguments: The function's; anything that pickle takes.

        Returns:
            The function's result.

        Raises:
            ProcessLostError: The process died meanwhile.
            Exception: The error that the function, or its making, raised.
        """
        child = self._child = self._child or _begin(self._made)
        try:
            child.pipe.send(arguments)
            good, value = child.pipe.recv()
        except (EOFError, OSError) as error:
            self._child = None
            raise ProcessLostError(child.end()) from error
        if not good:
            raise value
        return value


@dataclass(frozen=True, slots=True)
class _Child:
    """A running child process.

    Attributes:
        process: The process.
        pipe: This side of the pipe to it.
    """

    process: BaseProcess
    pipe: Connection

    def end(self) -> str:
        """Clear the dead process away, and return how it died."""
        self.pipe.close()
        self.process.join(_END_SECONDS)
        code = self.process.exitcode
        if code is None:
            self.process.kill()
            self.process.join()
        if code is not None and code < 0:
            return f"signal {signal.Signals(-code).name}"
        return f"exit code {code}"


def _begin(made: bytes) -> _Child:
    # Spawned: a fork would copy the threads' locks of torch and Ray as they happen to be.
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, made), daemon=True)
    process.start()
    theirs.close()  # so that its death is this pipe's end
    return _Child(process, pipe)


def _serve(pipe: Connection, made: bytes) -> None:
    """Call the function until the other side closes the pipe."""
    function: Any = None
    while True:
        try:
            arguments = pipe.recv()
        except EOFError:
            return
        try:
            if function is None:
                function = pickle.loads(made)()  # noqa: S301 - this process's own parent made it
            answer = (True, function(*arguments))
        except Exception as error:  # noqa: BLE001 - it is raised where the call came from
            answer = (False, _portable(error))
        pipe.send(answer)


def _portable(error: Exception) -> Exception:
    """Return the error, or a RuntimeError in its place if pickle does not take it."""
    try:
        pickle.dumps(error)
    except Exception:  # noqa: BLE001 - whatever an error of another library refuses with
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
