"""Captions that no photo can show, and the languages they are in."""

from __future__ import annotations

import pytest

from imgfit.captions.picturable import language_of, names_only


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Drs. H. Muhammad Suwandi, S.H., M.H.", True),
        ("Siti Nurhaliza dan Ahmad Fauzan, Senin 12 Mei 2026", True),
        ("Kantin", False),  # one word may be a thing
        ("Rapat bersama Ahmad Fauzan", False),
        ("PEMBUATAN HERBARIUM", False),
        ("Sosialisasi KaBagOps", False),
        ("A dog runs", False),
        ("12 2026", False),
    ],
)
def test_names_only(text: str, *, expected: bool) -> None:
    assert names_only(text) is expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Petugas melayani warga yang datang ke kantor pada hari Senin", "id"),
        ("Two dogs drink water in a lake near the forest", "en"),
        ("Hai con chó đang uống nước trong hồ cạnh khu rừng", "vi"),
        ("القاضي يجلس في قاعة المحكمة مع المحامين", "ar"),
        ("Rapat bersama", None),
        ("", None),
    ],
)
def test_language_of(text: str, language: str | None) -> None:
    assert language_of(text) == language
