"""How every command ends: its exit code, and one line on stderr about what ended it."""

from __future__ import annotations

import sys
import warnings
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from imgfit.cli.process import exit_code, stoppable
from imgfit.cli.words import CACHE
from imgfit.errors import ImgfitError, ImgfitWarning, MemoryLackError
from imgfit.printable import plain, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgfit.language import Language


class Lang(StrEnum):
    """Languages of the table and messages."""

    id = "id"
    en = "en"


@contextmanager
def outcomes(language: Language, interrupted: str | None = None) -> Iterator[None]:
    """Turn what may end a command into one line on stderr and its exit code.

    Args:
        language: Of the line.
        interrupted: What to say when the user stops the command; what holds for the cache if not
            given.
    """
    with warnings.catch_warnings(), stoppable():
        warnings.simplefilter("always", ImgfitWarning)
        usual = warnings.showwarning

        def show(message: Warning | str, *where: Any, **more: Any) -> None:
            if isinstance(message, ImgfitWarning):
                print(f"imgfit: {plain(message.error.say(language))}", file=sys.stderr)
            else:
                usual(message, *where, **more)

        warnings.showwarning = show
        try:
            yield
        except ImgfitError as error:
            print(f"imgfit: {plain(error.say(language))}", file=sys.stderr)
            raise typer.Exit(2) from None
        except MemoryError as error:
            print(f"imgfit: {plain(memory_lack(error).say(language))}", file=sys.stderr)
            raise typer.Exit(2) from None
        except KeyboardInterrupt as error:
            said = interrupted or CACHE[language]["interrupted"]
            print(f"imgfit: {said}", file=sys.stderr)
            raise typer.Exit(exit_code(error)) from None


def memory_lack(error: MemoryError) -> MemoryLackError:
    """Name a lack of memory.

    Args:
        error: As Python raised it.

    Returns:
        The error to tell.
    """
    return MemoryLackError(cause=said_by(error))
