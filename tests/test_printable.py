"""Strangers' text on every surface: one table of characters, and what each surface makes of it."""

from __future__ import annotations

import csv
import io
import json
import pickle
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from imgfit.errors import PhotoMissingError
from imgfit.explaining import heatmap
from imgfit.language import Phrase
from imgfit.printable import (
    CLASSES,
    REPLACEMENT,
    RefusedError,
    encodable,
    json_text,
    one_line,
    page_text,
    plain,
    said_by,
    shortened,
    signature_field,
    spreadsheet_cell,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MEMBERS = {
    name: [c for c in map(chr, range(0x110000)) if re.match(f"[{characters}]", c)]
    for name, characters in CLASSES.items()
}
JOINER = "\N{ZERO WIDTH JOINER}"

# What each surface makes of a character between two letters, by the character's class; "kept" is
# the character itself, "escaped" some escape of it. The last column is a joiner, in no class.
SURFACES: dict[str, tuple[Callable[[str], str], dict[str, str]]] = {
    "message": (
        one_line,
        {"control": REPLACEMENT, "break": " ", "tab": " ", "direction": REPLACEMENT,
         "unseen": REPLACEMENT, "half": REPLACEMENT, "joiner": REPLACEMENT},
    ),
    "terminal": (
        plain,
        {"control": REPLACEMENT, "break": REPLACEMENT, "tab": REPLACEMENT,
         "direction": REPLACEMENT, "unseen": REPLACEMENT, "half": REPLACEMENT,
         "joiner": REPLACEMENT},
    ),
    "page": (
        page_text,
        {"control": "", "break": "\n", "tab": "kept", "direction": "", "unseen": "", "half": "",
         "joiner": "kept"},
    ),
    "JSON": (
        lambda text: json_text(json.dumps(text, ensure_ascii=False))[1:-1],
        dict.fromkeys((*CLASSES, "joiner"), "escaped") | {"joiner": "kept"},
    ),
    "CSV": (
        spreadsheet_cell,
        {"control": "", "break": "\n", "tab": "kept", "direction": "", "unseen": "",
         "half": "escaped", "joiner": "kept"},
    ),
    "signature": (
        signature_field,
        {"control": "_", "break": "_", "tab": "_", "direction": "_", "unseen": "_", "half": "_",
         "joiner": "_"},
    ),
    "file": (
        encodable,
        {"control": "kept", "break": "kept", "tab": "kept", "direction": "kept", "unseen": "kept",
         "half": "escaped", "joiner": "kept"},
    ),
    "drawing": (
        heatmap._drawable,
        {"control": REPLACEMENT, "break": "kept", "tab": "kept", "direction": REPLACEMENT,
         "unseen": REPLACEMENT, "half": REPLACEMENT, "joiner": REPLACEMENT},
    ),
}  # fmt: skip
# Python splits words at U+001F, so it ends as a space in messages and in drawings.
EXCEPTIONS = {
    ("terminal", "\n"): "\n",
    ("message", "\x1f"): " ",
    ("drawing", "\x1f"): "\x1f",
    ("CSV", "\r"): "\r",
}
CASES = [(surface, name) for surface, (_, made) in SURFACES.items() for name in made]


@pytest.mark.parametrize(("surface", "name"), CASES)
def test_each_class_on_each_surface(surface: str, name: str) -> None:
    clean, made = SURFACES[surface]
    for character in [JOINER] if name == "joiner" else MEMBERS[name]:
        wanted = {"kept": character, "escaped": None}.get(made[name], made[name])
        if (surface, character) in EXCEPTIONS:
            wanted = EXCEPTIONS[surface, character]
        found = clean(f"a{character}b")
        assert found.startswith("a"), (surface, repr(character))
        assert found.endswith("b"), (surface, repr(character))
        if wanted is None:
            assert found[1:-1].startswith("\\"), (surface, repr(character))
            assert found.isascii()
        else:
            assert found[1:-1] == wanted, (surface, repr(character))


def test_the_classes_share_no_character_and_no_class_is_printable() -> None:
    every = [character for members in MEMBERS.values() for character in members]
    assert len(every) == len(set(every))
    assert not [character for character in every if character.isprintable()]
    # All that Unicode calls a control, and both of its own ends of lines, are in the table.
    assert {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029"} <= {*every}


@given(st.text())
def test_json_is_read_again_as_it_was(text: str) -> None:
    written = json_text(json.dumps(text, ensure_ascii=False))
    written.encode("utf-8")
    assert json.loads(written) == text


@given(st.text(st.characters(exclude_characters="\r")))
def test_a_cell_is_one_cell_and_no_formula(text: str) -> None:
    cell = spreadsheet_cell(text)
    out = io.StringIO(newline="")
    csv.writer(out).writerow([cell])
    out.getvalue().encode("utf-8")
    assert next(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [cell]
    assert not re.match(r"\s*[=+\-@]", cell)


@given(st.text())
def test_surfaces_are_done_after_one_pass(text: str) -> None:
    for clean in (one_line, plain, page_text, signature_field, encodable):
        assert clean(clean(text)) == clean(text)


def test_a_quotation_is_one_line_cut_between_words() -> None:
    assert shortened("satu\ndua  tiga") == "satu dua tiga"
    assert shortened("kata " * 30) == "kata " * 15 + "kata…"
    assert shortened("x" * 100, most=10) == "x" * 9 + "…"
    assert shortened("x" * 10, most=10) == "x" * 10


class OddError(Exception):
    """An error of a library's own."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OddError("no such\n thing"), "OddError: no such thing"),
        (OddError(), "OddError"),
        (KeyError("name"), "KeyError: 'name'"),
        (ValueError("not a file"), "not a file"),
        (ValueError(""), "ValueError"),
        (OSError(59, "Odd", "a.jpg"), "Odd: a.jpg"),
        (OSError("broken data stream"), "broken data stream"),
        (MemoryError(), "MemoryError"),
        (SyntaxError("bad <_io.BytesIO object at 0x7f00ab> header"), "SyntaxError: bad header"),
    ],
)
def test_an_exception_is_quoted_in_one_way(error: Exception, said: str) -> None:
    assert str(said_by(error)).startswith(said)
    assert said_by(error, "a.json").en.startswith(f"a.json: {said}")
    assert said_by(error).id == said_by(error).en


@pytest.mark.parametrize(
    ("error", "english", "indonesian"),
    [
        (
            FileNotFoundError(2, "No such file or directory", "a.jpg"),
            "No such file or directory: a.jpg",
            "berkas atau foldernya tidak ada: a.jpg",
        ),
        (PermissionError(13, "Denied"), "Denied", "tidak diizinkan"),
        (
            UnicodeDecodeError("utf-8", b"a\xff", 1, 2, "bad"),
            "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 1: bad",
            "bukan teks utf-8: bita 0xff di posisi 1",
        ),
        (
            json.JSONDecodeError("Expecting value", "[\n x", 3),
            "JSONDecodeError: Expecting value: line 2 column 2 (char 3)",
            "bukan JSON yang sah: baris 2, kolom 2",
        ),
    ],
)
def test_common_errors_of_the_system_are_quoted_in_both_languages(
    error: Exception, english: str, indonesian: str
) -> None:
    assert said_by(error) == Phrase(id=indonesian, en=english)


def test_a_quoted_exception_is_bounded() -> None:
    assert len(str(said_by(OddError("kata " * 10_000)))) <= 201


def test_our_own_refusals_are_quoted_in_both_languages() -> None:
    refused = RefusedError(id="bukan berkas", en="not a file")
    assert said_by(refused) == Phrase(id="bukan berkas", en="not a file")
    assert said_by(refused, "a") == Phrase(id="a: bukan berkas", en="a: not a file")
    error = PhotoMissingError(photo="a.jpg")
    assert said_by(error) == Phrase(id=error.say("id"), en=error.say("en"))
    again = pickle.loads(pickle.dumps(refused))  # noqa: S301 - our own bytes
    assert said_by(again) == said_by(refused)
    assert str(again) == "not a file"
