"""Text files from strangers: bounded, and of a known encoding or refused."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from imgfit.files.bounded import OversizeError, read_regular
from imgfit.files.remote import RemoteFile
from imgfit.language import Phrase

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path | RemoteFile, limit: int) -> str:
    """Read a text file.

    Args:
        path: The file.
        limit: Most bytes it may have.

    Returns:
        Its text: UTF-8, with or without a mark, or UTF-16 with one.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no file, too large, changing, or no such text.
    """
    return _decoded(
        _read_remote(path, limit) if isinstance(path, RemoteFile) else read_regular(path, limit)
    )


def one_line(error: BaseException) -> str:
    """Return what an error says, as one line.

    Args:
        error: Any.

    Returns:
        Its message, or its type's name where it has none.
    """
    return " ".join(str(error).split()) or type(error).__name__


def cause_of(error: BaseException, place: str = "") -> Phrase:
    """Return an error's message as a fact of one of ours, in both languages where it has both.

    Args:
        error: Any; one whose first argument is a `Phrase` says it in both.
        place: The file or setting that it is about, put before the message.

    Returns:
        One line a language.
    """
    said = error.args[0] if error.args else None
    if not isinstance(said, Phrase):
        said = Phrase(id=one_line(error), en=one_line(error))
    before = f"{place}: " if place else ""
    return Phrase(id=before + said.id, en=before + said.en)


def named_line(error: BaseException) -> str:
    """Return an error's type and the first line of what it says, for what libraries raise.

    Args:
        error: Any.

    Returns:
        Such as ``"ValueError: no such thing"``; the type alone where it says nothing.
    """
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def encodable(text: str) -> str:
    """Write lone surrogates, from broken file names and cut emoji, as JSON escapes them.

    Args:
        text: Any.

    Returns:
        Text that UTF-8 can hold.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _read_remote(file: RemoteFile, limit: int) -> bytes:
    data = file.read_bytes(limit + 1)
    if len(data) > limit:
        raise OversizeError(len(data), limit)
    return data


def _decoded(data: bytes) -> str:
    """Decode UTF-8, with or without a mark, or UTF-16 with one; refuse binary data."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if marked else "utf-8-sig")
    if "\0" in text:
        raise ValueError("it holds null bytes")
    return text
