"""The table of languages: what it is sure of, and what it must never say."""

from __future__ import annotations

import pytest

from imgfit.captions.languages import codes, probabilities, told
from imgfit.captions.picturable import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Petugas melayani warga yang datang ke kantor pada hari Senin", "id"),
        ("Two dogs drink water in a lake near the forest", "en"),
        ("Una mujer lee un libro junto a la ventana de su casa", "es"),
        ("Der Richter sitzt im Gerichtssaal und spricht mit den Anwälten", "de"),
        ("Hai con chó đang uống nước trong hồ cạnh khu rừng", "vi"),
        ("القاضي يجلس في قاعة المحكمة مع المحامين", "ar"),
        ("วันนี้อากาศดีมาก", "th"),
        ("東京の裁判所で裁判官が話しています", "ja"),
        ("法官坐在法庭上与律师交谈", "zh"),
        ("12 2026 !!", None),
        ("", None),
    ],
)
def test_plain_texts_are_told(text: str, language: str | None) -> None:
    assert told(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bapak lurah lagi rapat karo wong desa ing balai desa dinten niki", "jv"),
        ("Budak sakola keur ulin di buruan bari nyanyi babarengan jeung guruna", "su"),
    ],
)
def test_regional_languages_are_told_or_left_and_never_a_strangers(
    text: str, language: str
) -> None:
    assert told(text) in {language, None}


def test_shares_add_up_and_the_codes_are_the_tables() -> None:
    shares = probabilities("Rapat dinas di balai kota")
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    assert set(shares) == set(codes()) >= {"id", "en", "jv", "su", "es"}
    assert list(shares.values()) == sorted(shares.values(), reverse=True)


def test_a_long_text_takes_no_longer_than_its_beginning() -> None:
    text = "Petugas melayani warga di kantor. " * 20_000
    assert language_of(text) == "id"
    assert told(text) == "id"
