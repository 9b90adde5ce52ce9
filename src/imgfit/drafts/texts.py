"""Text files as offices save them: UTF-8, UTF-16 with or without a mark, and Windows' own code."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from imgfit.files import RemoteFile, read_regular
from imgfit.printable import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Of a text in Latin letters saved as UTF-16, nearly every second byte is zero.
_ZEROS = 0.7
_SAMPLE = 4_000
# Of a text that Windows saved in its own code, few bytes are other than ASCII.
_MOST_HIGH = 0.3
_BREAKS = b"\t\n\v\f\r\x1a"


def read_words(path: Path | RemoteFile, limit: int) -> tuple[str, bool]:
    """Read a text file of any code that offices save.

    Args:
        path: The file.
        limit: Most bytes it may have.

    Returns:
        Its text, and whether its code was guessed: it is no UTF-8, so a person should look.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not a regular file, is too large, or is not text.
    """
    data = path.read_bytes(limit) if isinstance(path, RemoteFile) else read_regular(path, limit)
    return decoded(data)


def decoded(data: bytes) -> tuple[str, bool]:
    """Decode text of any code that offices save.

    Args:
        data: A whole file.

    Returns:
        The text, and whether its code was guessed.

    Raises:
        ValueError: It is not text.
    """
    code = next((code for mark, code in _MARKS if data.startswith(mark)), None)
    code = code or _unmarked_utf16(data) or "utf-8"
    try:
        text, guessed = data.decode(code), False
    except UnicodeDecodeError:
        text, guessed = _windows(data, code), True
    if "\0" in text:
        raise RefusedError(id="berisi byte nol", en="it holds null bytes")
    return text, guessed


def _unmarked_utf16(data: bytes) -> str | None:
    sample = data[:_SAMPLE]
    if len(data) % 2 or not sample:
        return None
    for code, zeros, letters in (
        ("utf-16-le", sample[1::2], sample[::2]),
        ("utf-16-be", sample[::2], sample[1::2]),
    ):
        if zeros.count(0) >= _ZEROS * len(zeros) and not letters.count(0):
            return code
    return None


def _windows(data: bytes, code: str) -> str:
    """Decode Windows' code of western Europe, if the bytes look like words in it."""
    high = sum(byte > 0x7F for byte in data)
    controls = any(byte < 0x20 and byte not in _BREAKS for byte in data)
    if code == "utf-8" and not controls and high <= _MOST_HIGH * len(data):
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError:
            pass
    raise RefusedError(id="isinya bukan teks", en="it is not text")
