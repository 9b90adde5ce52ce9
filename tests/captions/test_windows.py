"""A caption cut into windows: sentences, clauses, words, and no character lost."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, strategies as st

from imgfit.captions.cleaning import clean
from imgfit.captions.windows import split_windows
from tests.captions.test_cleaning import pieces


def words(text: str) -> int:
    return len(text.split()) + 2


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
        ("Sesuai Perma No. 12 Tahun 2026. Rapat di Jl. Merdeka No. 5 dimulai. Semua hadir tepat waktu.",
         ["Sesuai Perma No. 12 Tahun 2026.", "Rapat di Jl. Merdeka No. 5 dimulai.",
          "Semua hadir tepat waktu."]),
        ("Hadir Dr. Siti, M.Ag. dan Hj. Ani dkk. di aula. Apakah siap semua? Siap untuk sidang!",
         ["Hadir Dr. Siti, M.Ag. dan Hj. Ani dkk. di aula.", "Apakah siap semua?",
          "Siap untuk sidang!"]),
        ("The judge met Mr. Adi in the hall. They signed the paper.",
         ["The judge met Mr. Adi in the hall.", "They signed the paper."]),
        # A degree or a list may end a sentence, and does before a usual opener.
        ("Rapat dipimpin Drs. H. Ahmad Fauzi, S.H., M.H. Dalam sambutannya ia berterima kasih.",
         ["Rapat dipimpin Drs. H. Ahmad Fauzi, S.H., M.H.", "Dalam sambutannya ia berterima kasih."]),
        ("Tamu membawa kue, bunga, dll. Acara ditutup dengan doa.",
         ["Tamu membawa kue, bunga, dll.", "Acara ditutup dengan doa."]),
        ("Hadir Dr. Hj. Siti, Lc., M.Sy., M.Pd.I, Prof. K.H. Umar, S.E., Ph.D., Brigjen. Adi dan AKBP. Budi.",
         ["Hadir Dr. Hj. Siti, Lc., M.Sy., M.Pd.I, Prof. K.H. Umar, S.E., Ph.D., Brigjen. Adi dan AKBP. Budi."]),
        ("Ketua Dr.H.Ahmad,S.H.I.,M.H. Umar hadir di sana.",
         ["Ketua Dr.H.Ahmad,S.H.I.,M.H. Umar hadir di sana."]),
        ("Perkara 45/Pid.Sus/2026 diputus pagi ini.Pihak keluarga hadir semua.",
         ["Perkara 45/Pid.Sus/2026 diputus pagi ini.", "Pihak keluarga hadir semua."]),
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


def test_a_word_is_a_window_and_two_thousand_words_lose_none() -> None:
    assert clean("Rapat").text == "Rapat"
    assert split_windows("Rapat", words, 5) == ("Rapat",)
    sentence = "Hakim Drs. H. Ahmad, S.H., memeriksa berkas di meja panjang pagi itu. "
    text = clean(sentence * 170).text
    windows = split_windows(text, words, 24)
    assert len(text.split()) > 2000
    assert " ".join(windows) == text
    assert set(windows) == {sentence.strip()}


def test_a_text_that_was_not_cleaned_keeps_every_character() -> None:
    text = "Satu dua\ue000 tiga. Empat lima enam\ue001."
    assert "".join("".join(split_windows(text, words, 40)).split()) == "".join(text.split())


def test_a_long_title_chain_within_the_limit_is_one_window() -> None:
    text = "Prof. Dr. H. M. Ahmad, S.H., M.H., Ph.D., dan Drs. H. Budi, S.Ag., M.H.I., hadir."
    assert split_windows(text, words, 40) == (text,)


@pytest.mark.parametrize("limit", [4, 9, 30, 77])
def test_the_limit_holds_for_a_news_text(limit: int) -> None:
    text = clean(
        "SUKAMAJU – Ketua Pengadilan Agama Sukamaju, Drs. H. Ahmad Fauzi, S.H., M.H., memimpin "
        "rapat yang dihadiri seluruh hakim dan pegawai; rapat membahas pelayanan, sedangkan "
        "anggaran dibahas besok. Selesai.\nFoto: Humas"
    ).text
    windows = split_windows(text, words, limit)
    assert max(map(words, windows)) <= limit
    assert "".join("".join(windows).split()) == "".join(text.split())
    assert len(windows) >= words(text) // limit


@given(pieces, st.integers(1, 20))
def test_no_character_of_a_clean_caption_is_lost(caption: str, limit: int) -> None:
    text = clean(caption).text
    assume(text)
    for count in (len, lambda window: len(window.split())):
        windows = split_windows(text, count, limit)
        assert "".join("".join(windows).split()) == "".join(text.split())
        assert all(count(window) <= limit for window in windows)
        assert all(window == window.strip() != "" for window in windows)


@given(st.text(st.sampled_from("abc ABC.,;!?\n12"), min_size=1).filter(str.strip))
def test_no_character_is_lost(text: str) -> None:
    windows = split_windows(text, len, 12)
    assert "".join("".join(windows).split()) == "".join(text.split())
    assert all(len(window) <= 12 for window in windows)


@pytest.mark.parametrize("piece", ["• ", "•. ", "\u0301 ", "🙂 ", "• •\n"])
def test_signs_that_no_tokenizer_counts_cost_no_more_the_more_there_are(piece: str) -> None:
    def letters_counted(length: int) -> int:
        counted = 0

        def count(text: str) -> int:
            nonlocal counted
            counted += len(text)
            return 2 + sum(word.isalnum() for word in text.split())

        text = piece * (length // len(piece))
        windows = split_windows(f"{text}rapat", count, 20)
        assert "".join("".join(windows).split()) == "".join(f"{text}rapat".split())
        return counted

    # Quadratic work would grow sixteenfold.
    assert letters_counted(32_000) < 6 * letters_counted(8_000)
