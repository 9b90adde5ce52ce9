"""Templates: what they print is cleaned and escaped, and a name that is missing is an error."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from jinja2 import UndefinedError

from imgfit.printable import page_text
from imgfit.reports.markup import render


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\0b\x1b[31mc\x7f\x9fd", "ab[31mcd"),
        ("satu\r\ndua\rtiga\n\tempat", "satu\ndua\ntiga\n\tempat"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("\u2066a\u2069\u200e\u200f\u061c", "a"),
        ("\ud83d \udcff\ufeff", " "),
        ("👩\u200d🚀 é e\u0301 نص 東京", "👩\u200d🚀 é e\u0301 نص 東京"),
    ],
)
def test_what_is_not_seen_is_taken_out(text: str, seen: str) -> None:
    assert page_text(text) == seen


@given(st.text())
def test_what_is_left_can_be_written_and_stays_as_it_is(text: str) -> None:
    seen = page_text(text)
    seen.encode("utf-8")
    assert page_text(seen) == seen


def test_a_name_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("page.html", language="id")
