"""The pages that are made from the code hold all that the code has."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

from scripts import reference

from imgfit import Draft
from imgfit.cli.words import COMMANDS
from imgfit.scoring.results import ROW_FIELDS, Score

if TYPE_CHECKING:
    import pytest


def test_every_field_of_a_row_is_described_in_order() -> None:
    assert list(ROW_FIELDS) == list(Score(Draft(None, None)).row())
    page = reference.rows_page()
    for name, sentence in ROW_FIELDS.items():
        assert f"| `{name}` | {sentence} |" in page
        assert sentence.endswith(".")
        assert "|" not in sentence


def test_every_command_is_shown_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGFIT_LANG", "xx")  # the maker's own settings leave no trace
    page = reference.commands_page()
    shown = " ".join(unescape(page).split())
    for name, phrase in COMMANDS.items():
        title = "imgfit" if name == "imgfit" else f"imgfit {name}"
        assert f"## `{title}`" in page
        for text in (phrase.en, phrase.id):
            assert " ".join(text.split()) in shown
    assert "Usage: imgfit check" in page
    assert "Cara pakai: imgfit check" in page
