"""What is scored of a caption as agencies write it."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from imgfit.captions import clean, split_windows


def words(text: str) -> int:
    return len(text.split()) + 2


@pytest.mark.parametrize(
    ("caption", "text", "dropped"),
    [
        ("Rapat di aula", "Rapat di aula", ()),
        ("Rapat di aula 😀🇮🇩", "Rapat di aula", ("😀🇮🇩",)),
        ("Keluarga 👨‍👩‍👧 bahagia", "Keluarga bahagia", ("👨‍👩‍👧",)),
        ("Daftar di https://contoh.go.id/a?b=1 segera", "Daftar di segera",
         ("https://contoh.go.id/a?b=1",)),
        ("Kunjungi pa-kota.go.id sekarang", "Kunjungi sekarang", ("pa-kota.go.id",)),
        ("Kirim ke humas@kantor.go.id ya", "Kirim ke ya", ("humas@kantor.go.id",)),
        ("Bersama @humas.kantor kemarin", "Bersama kemarin", ("@humas.kantor",)),
        ("Hubungi 0812-3456-7890 segera", "Hubungi segera", ("0812-3456-7890",)),
        ("Telepon (021) 1234567 saja", "Telepon saja", ("(021) 1234567",)),
        ("Untuk #IndonesiaMaju kita kerja", "Untuk Indonesia Maju kita kerja", ()),
        ("Upacara hari ini\n\n#HUTRI80 #Merdeka #Kantor", "Upacara hari ini",
         ("#HUTRI80 #Merdeka #Kantor",)),
        ("𝗣𝗲𝗻𝗴𝘂𝗺𝘂𝗺𝗮𝗻 resmi", "Pengumuman resmi", ()),
        ("Satu\n---------\nDua", "Satu\nDua", ()),
        ("Sidang  di\tbalai\u200b desa", "Sidang di balai desa", ()),
        ("Tanggal 12-11-2026 pukul 09.00 WIB", "Tanggal 12-11-2026 pukul 09.00 WIB", ()),
        ("Bantuan Rp1.000.000 cair", "Bantuan Rp1.000.000 cair", ()),
        ("Perkara 123/Pdt.G/2026/PA.Kt putus", "Perkara 123/Pdt.G/2026/PA.Kt putus", ()),
    ],
)  # fmt: skip
def test_clean(caption: str, text: str, dropped: tuple[str, ...]) -> None:
    result = clean(caption)
    assert result.text == text
    assert result.dropped == dropped


@pytest.mark.parametrize("caption", ["#a #b", "🎉🎉", "https://x.id/y", "12 34", "@humas", "..."])
def test_nothing_to_picture_is_empty_and_listed(caption: str) -> None:
    result = clean(caption)
    assert result.text == ""
    assert result.dropped or caption == "..."


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("Rapat.", ["Rapat."]),
        (
            "Ketua, Drs. H. Nama Contoh, S.H., M.H., membuka acara di Kec. Sukamaju. "
            "Peserta duduk di aula besar.",
            [
                "Ketua, Drs. H. Nama Contoh, S.H., M.H., membuka acara di Kec. Sukamaju.",
                "Peserta duduk di aula besar.",
            ],
        ),
        ("Biaya Rp. 5.000 per orang saja. Bayar di loket nomor dua.",
         ["Biaya Rp. 5.000 per orang saja.", "Bayar di loket nomor dua."]),
        ("Judul acara hari ini\nIsi berita yang panjang", ["Judul acara hari ini",
                                                          "Isi berita yang panjang"]),
        ("Hadir semua. Ya. Acara selesai dengan tertib.",
         ["Hadir semua. Ya.", "Acara selesai dengan tertib."]),
    ],
)  # fmt: skip
def test_windows(text: str, windows: list[str]) -> None:
    assert list(split_windows(text, words, 40)) == windows


def test_long_sentences_break_at_clauses() -> None:
    text = (
        "Petugas menanam pohon di tepi jalan, warga menyiram bibit muda, lalu semua makan bersama"
    )
    assert split_windows(text, words, 9) == (
        "Petugas menanam pohon di tepi jalan,",
        "warga menyiram bibit muda,",
        "lalu semua makan bersama",
    )


def test_two_thousand_words_and_one_endless_word() -> None:
    windows = split_windows("kata " * 2000, words, 64)
    assert sum(len(window.split()) for window in windows) == 2000
    assert split_windows("a" * 500, len, 64) == ("a" * 64,) * 7 + ("a" * 52,)


@given(st.text(st.sampled_from("abc ABC.,;!?\n12"), min_size=1).filter(str.strip))
def test_no_character_is_lost(text: str) -> None:
    windows = split_windows(text, len, 12)
    assert "".join("".join(windows).split()) == "".join(text.split())
    assert all(len(window) <= 12 for window in windows)


@given(st.text(max_size=200))
def test_clean_takes_anything_and_is_stable(text: str) -> None:
    once = clean(text).text
    assert once == once.strip()
