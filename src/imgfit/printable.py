"""Strangers' text, made safe for each surface that shows or stores it.

File names, captions, model names and what libraries raise come from strangers. `CLASSES` is the one
table of characters that no surface takes as they are; each function below serves one surface. What
a library raised is quoted by `said_by` alone.
"""

from __future__ import annotations

import errno
import json
import os
import re
from typing import TYPE_CHECKING

from imgfit.language import Phrase

if TYPE_CHECKING:
    from imgfit.language import Language

# Characters by what is wrong with them, as parts of a regular expression's class.
CLASSES = {
    # C0 and C1 without breaks: a terminal obeys them, no page or cell shows them.
    "control": "\0-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f",
    # Whatever some program takes for the end of a line.
    "break": "\n-\r\x1c-\x1e\x85\u2028\u2029",
    "tab": "\t",
    # These turn the direction of what follows: a name that ends in "gpj.exe" reads as a photo's.
    "direction": "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
    # These show nothing, so that two texts look alike or one hides another: marks of byte order and
    # annotation, spaces without width, tags, and numbers that are no characters. Joiners are not
    # among them: emoji and several scripts need them.
    "unseen": (
        "\u180e\u200b\u2060-\u2064\u206a-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
        "\U000e0000-\U000e007f"
    ),
    # Halves of characters, from broken file names and cut emoji: no file can hold them.
    "half": "\ud800-\udfff",
}
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# What an exception says is quoted to this many characters, and a text in a message to so many.
_SAID = 200
_QUOTED = 80

_SEEMING = CLASSES["control"] + CLASSES["direction"] + CLASSES["unseen"]
_BREAK = re.compile(f"\r\n|[{CLASSES['break']}]")
_ODD_BREAKS = "\v\f\x1c-\x1e\x85\u2028\u2029"
_ODD_BREAK = re.compile(f"[{_ODD_BREAKS}]")
_HIDDEN = re.compile(f"[{_SEEMING}]")
_HIDDEN_OR_HALF = re.compile(f"[{_SEEMING}{CLASSES['half']}]")
# JSON escapes those of C0 itself.
_UNESCAPED = re.compile(f"[{_SEEMING}{CLASSES['half']}{_ODD_BREAKS}]")
# A spreadsheet runs a cell as a formula that begins with one of these signs, of either width. One
# that expects semicolons, as Indonesian ones do, begins a cell after each of them, inside quotes
# too; line breaks and tabs may begin one as well.
_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(rf"\A(?=\s*[{_SIGNS}\t\r])|(?s:(?<=.))[;\t\r\n](?=[^\S;\t\r\n]*[{_SIGNS}])")
# Pillow and others name an object by its address in memory, which is another in each run.
_ADDRESS = re.compile(r"\s*<[^<>]* at 0x[0-9a-fA-F]+>")


# What the system says in English, in Indonesian.
_SYSTEM_SAYS = {
    errno.EACCES: "tidak diizinkan",
    errno.EBUSY: "sedang dipakai",
    errno.ECONNREFUSED: "sambungan ditolak",
    errno.ECONNRESET: "sambungan terputus",
    errno.EDQUOT: "kuota disk habis",
    errno.EEXIST: "sudah ada",
    errno.EFBIG: "berkas terlalu besar",
    errno.EIO: "disk gagal membaca atau menulis",
    errno.EISDIR: "ini folder",
    errno.ELOOP: "tautannya berputar-putar",
    errno.EMFILE: "terlalu banyak berkas terbuka",
    errno.ENAMETOOLONG: "namanya terlalu panjang",
    errno.ENETUNREACH: "jaringan tidak terjangkau",
    errno.ENOENT: "berkas atau foldernya tidak ada",
    errno.ENOMEM: "memori habis",
    errno.ENOSPC: "disk penuh",
    errno.ENOTDIR: "sebagian jalurnya bukan folder",
    errno.EPERM: "tidak diperbolehkan",
    errno.EPIPE: "penerimanya sudah berhenti",
    errno.EROFS: "disk hanya dapat dibaca",
    errno.ETIMEDOUT: "waktu tunggu habis",
}


def one_line(text: str) -> str:
    """Make text one line of a message: for a terminal, a log or an error.

    Args:
        text: Any.

    Returns:
        Words with one space between them; each character that Python does not call printable, which
        covers the whole of `CLASSES` and joiners besides, is U+FFFD.
    """
    return plain(" ".join(text.split()))


def plain(text: str) -> str:
    """Make text safe to print.

    Args:
        text: Any.

    Returns:
        The text with U+FFFD for each character that is not printable; line feeds stay.
    """
    return "".join(c if c.isprintable() or c == "\n" else REPLACEMENT for c in text)


def page_text(text: str) -> str:
    """Make text safe to be escaped and put on a page.

    Args:
        text: Any.

    Returns:
        The text without what is not seen; every line end is a line feed, and tabs stay.
    """
    return _HIDDEN_OR_HALF.sub("", _BREAK.sub("\n", text))


def json_text(text: str) -> str:
    """Escape what JSON need not escape and a terminal or a file would not take.

    Args:
        text: JSON, written without ``ensure_ascii``.

    Returns:
        JSON of the same values that is UTF-8 and commands no terminal.
    """
    return _UNESCAPED.sub(lambda match: json.dumps(match.group())[1:-1], text)


def spreadsheet_cell(text: str) -> str:
    """Make text safe for a cell of CSV.

    Args:
        text: Any.

    Returns:
        The text without what is not seen, and with an apostrophe before whatever a spreadsheet
        would run as a formula; odd line ends are line feeds, halves of characters are escaped.
    """
    return _FORMULA.sub(r"\g<0>'", _HIDDEN.sub("", encodable(_ODD_BREAK.sub("\n", text))))


def signature_field(text: str) -> str:
    """Make text safe as a field of a signature.

    Args:
        text: Any.

    Returns:
        The text with ``_`` for each character that is not printable and for ``|``, which ends a
        field.
    """
    return "".join(c if c.isprintable() and c != "|" else "_" for c in text)


def encodable(text: str) -> str:
    """Write halves of characters as JSON escapes them; UTF-8 cannot hold them.

    Args:
        text: Any.

    Returns:
        Text that UTF-8 can hold.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def shortened(text: str, most: int = _QUOTED) -> str:
    """Shorten text to be quoted in a message.

    Args:
        text: Any.
        most: Characters to keep, at least 2.

    Returns:
        One line of at most ``most`` characters and an ellipsis; cut between words, unless a word
        is longer than that.
    """
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    head, _, _ = line[:most].rpartition(" ")
    return (head or line[: most - 1]) + "…"


class RefusedError(ValueError):
    """Says in both languages why a stranger's file or text is refused; quoted by `said_by`."""

    def __init__(self, *, id: str, en: str) -> None:  # noqa: A002 - the language's name
        super().__init__(en)
        self.phrase = Phrase(id=id, en=en)

    def say(self, language: Language) -> str:
        """Return the reason in one of the languages."""
        return self.phrase.id if language == "id" else self.phrase.en

    def __reduce__(self) -> tuple[object, ...]:
        return (_refusal, (type(self), self.phrase))


def _refusal(kind: type[RefusedError], phrase: Phrase) -> RefusedError:
    """Make a refusal again from its pickled parts, whatever its class was made of."""
    made = kind.__new__(kind)
    RefusedError.__init__(made, id=phrase.id, en=phrase.en)
    return made


def said_by(error: BaseException, at: str = "") -> Phrase:
    """Quote an exception, to be the cause that an error of ours names.

    Args:
        error: Any: a library's, the system's, a `RefusedError`, or an error of ours.
        at: What to name before it, such as a file of a folder.

    Returns:
        One line of at most about 200 characters: the type's name and the message. The name is left
        out where it adds nothing, as in ``ValueError`` and the system's own errors; a
        `RefusedError`, an error made of a `Phrase` and an error of ours say themselves in both
        languages.
    """
    first = error.args[0] if error.args else None
    say = getattr(error, "say", None)
    if isinstance(first, Phrase):
        said = (first.id, first.en)
    elif callable(say):
        said = (say("id"), say("en"))
    else:
        said = (_said_in_indonesian(error), _said(error))
    prefix = f"{at}: " if at else ""
    return Phrase(*(prefix + shortened(text, _SAID) for text in said))


def said_by_system(number: int) -> Phrase:
    """Say an error of the operating system in both languages.

    Args:
        number: Such as ``errno.EACCES``.

    Returns:
        The reason alone, without a file's name; in English where there is no Indonesian for it.
    """
    english = os.strerror(number)
    return Phrase(id=_SYSTEM_SAYS.get(number, english), en=english)


def _said_in_indonesian(error: BaseException) -> str:
    """Quote the exceptions that files of people cause most often; others as libraries say them."""
    if isinstance(error, OSError) and error.errno in _SYSTEM_SAYS:
        return f"{_SYSTEM_SAYS[error.errno]}{_place(error)}"
    if isinstance(error, UnicodeDecodeError):
        byte = error.object[error.start]
        return f"bukan teks {error.encoding}: bita 0x{byte:02x} di posisi {error.start}"
    if isinstance(error, json.JSONDecodeError):
        return f"bukan JSON yang sah: baris {error.lineno}, kolom {error.colno}"
    return _said(error)


def _place(error: OSError) -> str:
    return "" if error.filename is None else f": {error.filename}"


def _said(error: BaseException) -> str:
    name = type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{_place(error)}"
    message = _ADDRESS.sub("", str(error)).strip()
    if not message:
        return name
    return message if type(error) in (ValueError, OSError) else f"{name}: {message}"
