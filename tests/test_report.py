"""Rows as files: whole, in order, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from imgfit import Batch, Draft, Score
from imgfit.errors import ArgumentError, PhotoMissingError
from imgfit.report import csv_table, json_lines, write_rows
from imgfit.scores import Thresholds

KEYS = ["id", "photo", "caption", "text", "cosine", "raw", "fit", "verdict", "reasons", "windows",
        "dropped_tokens", "error", "signature"]  # fmt: skip


def batch(*captions: str) -> Batch:
    scores = [
        Score(Draft(Path("a.jpg"), c), text=c, cosine=0.1, raw=0.1, fit=0.5) for c in captions
    ]
    failed = Score(Draft(Path("b.jpg"), "x"), error=PhotoMissingError(photo="b.jpg"))
    return Batch((*scores, failed), Thresholds(), "s")


def test_json_lines_have_the_agreed_keys() -> None:
    rows = [json.loads(line) for line in json_lines(batch("satu\u2028dua")).splitlines()]
    assert [list(row) for row in rows] == [KEYS, KEYS]
    assert rows[0]["caption"] == "satu\u2028dua"
    assert rows[0]["verdict"] == "silent"
    assert rows[1]["error"].startswith("PhotoMissingError: no photo at b.jpg")


@pytest.mark.parametrize("caption", ["=HYPERLINK(1)", "+1", "-2", "@x", "  =1", "\t=1"])
def test_no_cell_is_a_formula(caption: str) -> None:
    table = list(csv.DictReader(io.StringIO(csv_table(batch(caption)).removeprefix("\ufeff"))))
    assert list(table[0]) == KEYS
    assert table[0]["caption"] == "'" + caption


def test_files_are_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.jsonl"
    write_rows(batch("satu"), path)
    before = path.read_text("utf-8")
    assert before == json_lines(batch("satu"))

    def full(self: Path, target: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ArgumentError, match="no space left"):
        write_rows(batch("dua"), path)
    assert path.read_text("utf-8") == before
    assert [p.name for p in tmp_path.iterdir()] == ["x.jsonl"]


@pytest.mark.parametrize("name", ["x.pdf", "x", "nowhere/x.csv"])
def test_a_name_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArgumentError, match="output"):
        write_rows(batch("satu"), tmp_path / name)
