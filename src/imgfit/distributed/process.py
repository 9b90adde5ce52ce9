"""A process that may be lost: what it is given cannot take this one with it when it dies."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

# A process whose pipe has closed is ending; waiting longer would hold up the rows.
_END_SECONDS = 10.0


class ProcessLostError(Exception):
    """The process died; the message says of what."""


class Disposable:
    """A function in a process of its own, begun when it is first called and anew after a death."""

    def __init__(self, made: bytes) -> None:
        """Keep what the process begins with.

        Args:
            made: A pickled function without arguments that returns the function to call.
        """
        self._made = made
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Call the function there.

        Args:
            arguments: Of the function; what pickle takes.

        Returns:
            What it returns.

        Raises:
            ProcessLostError: The process died meanwhile.
            Exception: What the function, or its making, raised.
        """
        if self._pipe is None:
            self._begin()
        pipe = self._pipe
        if pipe is None:
            raise AssertionError("unreachable: it was begun")
        try:
            pipe.send(arguments)
            good, value = pipe.recv()
        except (EOFError, OSError) as error:
            raise ProcessLostError(self._end()) from error
        if not good:
            raise value
        return value

    def _begin(self) -> None:
        # Spawned: a fork would copy the threads' locks of torch and Ray as they happen to be.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._made), daemon=True)
        self._process.start()
        theirs.close()  # so that its death is this pipe's end

    def _end(self) -> str:
        """Put the dead process away, and tell what it died of."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if pipe is not None:
            pipe.close()
        if process is None:
            return "it was not begun"
        process.join(_END_SECONDS)
        code = process.exitcode
        if code is None:
            process.kill()
            process.join()
        if code is not None and code < 0:
            return f"signal {signal.Signals(-code).name}"
        return f"exit code {code}"


def _serve(pipe: Connection, made: bytes) -> None:
    """Call the function until nobody asks any more."""
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
    """Return an error that can be sent."""
    try:
        pickle.dumps(error)
    except Exception:  # noqa: BLE001 - whatever an error of another library refuses with
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
