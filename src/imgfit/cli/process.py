"""The command as a process: its standard streams, the signals that stop it, its exit code.

Whatever ends a command early is one line on stderr.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import traceback
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from imgfit.cli.help import asked_language
from imgfit.cli.words import TABLE, said
from imgfit.errors import ImgfitError, ImgfitWarning, MemoryLackError, OutputLostError
from imgfit.language import or_system
from imgfit.photos import use_large_blocks
from imgfit.printable import plain, said_by
from imgfit.version import shadowing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgfit.language import Language
    from imgfit.remarks import Remark

_ARENA_MAX = -8  # glibc's malloc.h: M_ARENA_MAX
# What a shell makes of a process that ended by a signal.
_BY_SIGNAL = 128
# A service manager or a batch system that stops a run, and a terminal that goes away.
_STOPPING = tuple(
    number for number in (signal.SIGTERM, getattr(signal, "SIGHUP", None)) if number is not None
)


class Stopped(KeyboardInterrupt):
    """A signal asked the process to end; whatever tidies up after Ctrl-C does so now.

    Attributes:
        number: The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def exit_code(error: KeyboardInterrupt) -> int:
    """Return the exit code of an interrupted command.

    Args:
        error: Ctrl-C's own exception or `Stopped`.

    Returns:
        130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.
    """
    return _BY_SIGNAL + (error.number if isinstance(error, Stopped) else signal.SIGINT)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does; ignored ones (nohup) stay ignored."""
    if threading.current_thread() is not threading.main_thread():  # only that one may
        yield
        return

    def stop(number: int, _: object) -> NoReturn:
        raise Stopped(number)

    taken = [number for number in _STOPPING if signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def complain(error: Remark, language: Language) -> None:
    """Print an error as one line on stderr.

    Args:
        error: What went wrong.
        language: Of the line.
    """
    print(f"imgfit: {plain(error.say(language))}", file=sys.stderr)


@contextmanager
def outcomes(language: Language, interrupted: str) -> Iterator[None]:
    """Turn an error, an interruption or a warning of ours into one line on stderr.

    Args:
        language: Of the line.
        interrupted: What to say when the user stops the command.

    Raises:
        typer.Exit: With 2 after an error, 130, 143 or 129 after an interruption.
    """
    with warnings.catch_warnings(), stoppable():
        warnings.simplefilter("always", ImgfitWarning)
        usual = warnings.showwarning

        def show(message: Warning | str, *where: Any, **more: Any) -> None:
            if isinstance(message, ImgfitWarning):
                complain(message.error, language)
            else:
                usual(message, *where, **more)

        warnings.showwarning = show
        try:
            yield
        except ImgfitError as error:
            complain(error, language)
            raise typer.Exit(2) from None
        except MemoryError as error:
            complain(memory_lack(error), language)
            raise typer.Exit(2) from None
        except KeyboardInterrupt as error:
            print(f"imgfit: {interrupted}", file=sys.stderr)
            raise typer.Exit(exit_code(error)) from None


def memory_lack(error: MemoryError) -> MemoryLackError:
    """Name a lack of memory.

    Args:
        error: As Python raised it.

    Returns:
        The error to show.
    """
    return MemoryLackError(cause=said_by(error))


def run(command: Callable[[], object]) -> int:
    """Run a command to its exit code.

    An error that nobody foresaw ends in 2, not in Python's 1, which would say that some draft is
    weak; so does output that could not be printed.

    Args:
        command: Ends by itself or by ``SystemExit``.

    Returns:
        The exit code.
    """
    _open_streams()
    _share_heap()
    use_large_blocks()
    _tell_of_other()
    try:
        code = _ended(command)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough
        _forget_output()
        return 1
    except OSError as error:
        _forget_output()
        lost = OutputLostError(cause=error)
        _complain(f"imgfit: {lost.say(asked_language(sys.argv[1:]))}\n")
        return 2
    return code


def _ended(command: Callable[[], object]) -> int:
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2 if end.code else 0
    except Exception as error:
        # Files are written by functions that name them; a stream has no name.
        if isinstance(error, OSError) and error.filename is None:
            raise
        _complain(traceback.format_exc())
        return 2
    return 0


def _complain(text: str) -> None:
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def _tell_of_other() -> None:
    """Say that another project's package of our import's name lies in this environment."""
    other = shadowing()
    if other is not None:
        language = or_system(asked_language(sys.argv[1:]))
        line = said(TABLE, "shadowed", language, version=plain(other))
        _complain(f"imgfit: {line}\n")


def _share_heap() -> None:
    """Let all threads take memory from one heap, unless the user has set how many there may be.

    glibc gives threads heaps of their own, and each keeps what was freed in it: with eight threads
    the hostile folder of the tests took 0.96 to 1.12 GB, with one heap 0.74 to 0.79, as with two
    threads. This is the command's own process; a program that uses imgfit as a library keeps its
    heaps as they are.
    """
    if sys.platform != "linux" or "MALLOC_ARENA_MAX" in os.environ:
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)


def _open_streams() -> None:
    """Reopen closed standard streams on the null device.

    Otherwise the next file to be opened would take the stream's number, and lines that libraries
    print to stderr would land in that file.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - open until the end


def _forget_output() -> None:
    """Drop what stdout still holds, so that the interpreter does not fail on it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
