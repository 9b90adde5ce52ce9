"""Text files from strangers: bounded, and of a known encoding or refused."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from imgfit.files.bounded import read_regular
from imgfit.files.remote import RemoteFile
from imgfit.printable import RefusedError

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path | RemoteFile, limit: int) -> str:
    """Read a text file.

    Args:
        path: The file.
        limit: Most bytes it may have.

    Returns:
        Its text: UTF-8, with or without a byte-order mark, or UTF-16 with one.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not a regular file, it is too large, it changed while it was read, or it
            is not such text.
    """
    if isinstance(path, RemoteFile):
        return _decoded(path.read_bytes(limit))
    return _decoded(read_regular(path, limit))


def _decoded(data: bytes) -> str:
    """Decode UTF-8, with or without a mark, or UTF-16 with one; refuse binary data."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if marked else "utf-8-sig")
    if "\0" in text:
        raise RefusedError(id="berisi byte nol", en="it holds null bytes")
    return text
