"""Tables on terminals of several widths: names stay readable, numbers are in one style."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st
from rich.cells import cell_len

from imgfit import Checker, Draft
from imgfit.cli.tables import folded, print_batch, print_ranking, summary, wrapped
from tests.conftest import save_photo

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.language import Language

LONG = "rapat_koordinasi_persiapan-hari-jadi_kabupaten_2026-08-17_final.jpg"
BOTH = pytest.mark.parametrize("language", ["id", "en"])
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1)


def test_names_are_folded_between_their_parts() -> None:
    assert folded("arsip/2026/foto_rapat.jpg", 12) == ["arsip/2026/", "foto_rapat", ".jpg"]
    assert folded("kopi.jpg", 20) == ["kopi.jpg"]
    assert folded("tanpapemisahsamasekali", 8) == ["tanpapem", "isahsama", "sekali"]


@given(NAMES, st.integers(2, 40))
def test_folding_keeps_every_character_within_the_width(name: str, width: int) -> None:
    rows = folded(name, width)
    assert "".join(rows) == name
    assert all(cell_len(row) <= width for row in rows)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])), st.integers(2, 40))
def test_wrapping_keeps_every_word_within_the_width(text: str, width: int) -> None:
    rows = wrapped(text, width)
    assert all(cell_len(row) <= width for row in rows)
    assert "".join("".join(rows).split()) == "".join(text.split())


@BOTH
def test_no_line_is_wider_than_the_terminal(
    checker: Checker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: Language,
) -> None:
    photo = save_photo(tmp_path / LONG)
    batch = checker.check_drafts([Draft(photo, "Laut biru", LONG), Draft(photo, "Mobil merah")])
    ranking = checker.rank_photos("Laut biru", [photo, "hilang.jpg"])
    for width in (60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        print_batch(batch, language)
        print_ranking(ranking, language, "photos")
        lines = capsys.readouterr().out.splitlines()
        assert any(LONG[:6] in line for line in lines)
        for line in lines:
            assert line.startswith("imgfit:") or cell_len(line.rstrip()) <= width


@BOTH
def test_the_extension_is_never_broken(
    checker: Checker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: Language,
) -> None:
    photo = save_photo(tmp_path / LONG)
    batch = checker.check_drafts([Draft(photo, "Laut biru", LONG)])
    for width in range(50, 130, 7):
        monkeypatch.setenv("COLUMNS", str(width))
        print_batch(batch, language)
        cells = [line.split("│")[1] for line in capsys.readouterr().out.splitlines() if "│" in line]
        assert "".join(cell.strip() for cell in cells) == LONG
        assert sum(".jpg" in cell for cell in cells) == 1


def test_one_draft_is_no_plural(checker: Checker, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png", "merah")
    one = checker.check_drafts([Draft(photo, "Mobil merah")])
    assert summary(one, "en") == "1 draft: 1 speaks, 0 weak, 0 silent, 0 unsure, 0 failed"
    assert summary(one, "id") == (
        "1 draf: 1 berbicara, 0 kurang berbicara, 0 tidak berbicara, 0 tidak dapat dinilai, 0 gagal"
    )
    two = checker.check_drafts([Draft(photo, "Mobil merah"), Draft("hilang.png", "Mobil merah")])
    assert summary(two, "en") == "2 drafts: 1 speaks, 0 weak, 0 silent, 0 unsure, 1 failed"
    both = checker.check_drafts([Draft(photo, "Mobil merah"), Draft(photo, "Mobil merah")])
    assert summary(both, "en").startswith("2 drafts: 2 speak, 0 weak")


@BOTH
def test_failures_and_percents_are_in_the_language(
    checker: Checker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: Language,
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    photo = save_photo(tmp_path / "a.png", "merah")
    batch = checker.check_drafts([Draft(photo, "Mobil merah"), Draft("hilang.png", "Mobil merah")])
    print_batch(batch.at(0.125), language)
    shown = capsys.readouterr().out
    assert {"id": "Penilaian", "en": "Verdict"}[language] in shown
    assert {"id": "gagal", "en": "failed"}[language] in shown
    assert {"id": "12,5%", "en": "12.5%"}[language] in shown
    assert {"id": "12.5%", "en": "12,5%"}[language] not in shown
    assert " %" not in shown
