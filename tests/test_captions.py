"""What is scored of a caption as agencies write it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, strategies as st

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


@pytest.mark.parametrize(
    ("caption", "text", "dropped"),
    [
        # Hashtags: words inside a text, nothing in a block at its end.
        ("Bersama #PNSukamaju2026 dan #zona_integritas kami siap",
         "Bersama PN Sukamaju 2026 dan zona integritas kami siap", ()),
        ("#Breaking Ketua melantik hakim", "Breaking Ketua melantik hakim", ()),
        ("Sinergi!#MantapJiwa", "Sinergi!Mantap Jiwa", ()),
        ("Rapat bulanan #humas", "Rapat bulanan humas", ()),
        ("Rapat bulanan\n#humas", "Rapat bulanan", ("#humas",)),
        ("Rapat bulanan #humas #wbk", "Rapat bulanan", ("#humas #wbk",)),
        ("Rapat bulanan\n\n#humas,\n#wbk.\n#ZonaIntegritas 🔥", "Rapat bulanan",
         ("🔥", "#humas,\n#wbk.\n#ZonaIntegritas")),
        ("Rapat\n#humas #wbk\n@kantor", "Rapat", ("@kantor", "#humas #wbk")),
        ("\uff03humas \uff03wbk dan kawan", "humas wbk dan kawan", ()),
        # Links, with and without https://.
        ("Daftar di bit.ly/DaftarSidang sekarang", "Daftar di sekarang", ("bit.ly/DaftarSidang",)),
        ("Isi s.id/antre, linktr.ee/kantor atau wa.me/6281234567890 ya", "Isi atau ya",
         ("s.id/antre,", "linktr.ee/kantor", "wa.me/6281234567890")),
        ("Lihat youtu.be/x dan forms.gle/y besok", "Lihat dan besok",
         ("youtu.be/x", "forms.gle/y")),
        ("Buka www.contoh.com/a lalu sub.pa-kota.go.id/jadwal hari ini", "Buka lalu hari ini",
         ("www.contoh.com/a", "sub.pa-kota.go.id/jadwal")),
        ("Buka kampus.ac.id dan sekolah.sch.id besok", "Buka dan besok",
         ("kampus.ac.id", "sekolah.sch.id")),
        # Numbers to call, however they are written.
        ("Hubungi WhatsApp 081234567890 ya", "Hubungi WhatsApp ya", ("081234567890",)),
        ("Hubungi +62 812 3456 7890 atau 62812-3456-7890 ya", "Hubungi atau ya",
         ("+62 812 3456 7890", "62812-3456-7890")),
        ("Telepon (0721) 123456 saja", "Telepon saja", ("(0721) 123456",)),
        # Emoji and letters that only look like letters.
        ("Langkah 1️⃣ daftar 2️⃣ bayar", "Langkah 1 daftar 2 bayar", ("️⃣", "️⃣")),
        ("Jempol 👍🏽 semua", "Jempol semua", ("👍🏽",)),
        ("✅ Cepat\n➡️ Murah", "Cepat\nMurah", ("✅", "➡️")),
        ("Merek® ©2026 nomor #1", "Merek® ©2026 nomor 1", ()),
        ("\U0001d411apat \U0001d4d1esar \uff28ari ini \ufb01nal", "Rapat Besar Hari ini final", ()),
        # Rulers, lines and spaces.
        ("Judul\n=====\nIsi\n*** ~~~~\nAkhir", "Judul\nIsi\nAkhir", ()),
        ("Satu\r\nDua\rTiga\n\n\n  Empat", "Satu\nDua\nTiga\nEmpat", ()),
        ("\ufeffa\u200bb\u00adc\u00a0kata\x07 \ud83d akhir", "abc kata akhir", ()),
        # Kept as they are.
        ("PENGUMUMAN LIBUR NASIONAL", "PENGUMUMAN LIBUR NASIONAL", ()),
        ("The chief judge opened the new hall, 3rd floor.",
         "The chief judge opened the new hall, 3rd floor.", ()),
    ],
)  # fmt: skip
def test_clean_what_agencies_put_in(caption: str, text: str, dropped: tuple[str, ...]) -> None:
    result = clean(caption)
    assert result.text == text
    assert result.dropped == dropped


@pytest.mark.parametrize(
    "caption",
    [
        "Upacara 02-11-2026, 12/11/2026 dan 2026-11-12 di lapangan",
        "Sidang pukul 09.00-12.00 WIB s.d. Pukul 15.30 WIB",
        "Sidang 08.00 - 09.30 dan 10.00 - 11.30 di ruang satu",
        "Biaya Rp. 5.000.000,00 atau Rp 62.500.000 per tahun",
        "Dana Rp62.000.000.000 untuk 62 orang, 62 desa",
        "Anggaran Rp1.000.000.000 dan Rp2.500.000.000,00 cair; 10,000,000,000 tidak",
        "Kode pos 62111 62222 di Sukamaju",
        "Perkara Nomor 0123/Pdt.P/2026/PA.Skm dan 45/Pid.Sus/2026/PN Skm",
        "Nomor W9-A12/0123/HM.02.3/XI/2026 tanggal 12 November 2026",
        "Pasal 62 (1) dan (2) huruf a",
        "NIP 198001012006041001 atas nama pegawai",
        "Hadir Drs. H. Ahmad Fauzi, S.H., M.H., Ph.D./M.Ag.",
        "Harga naik 3.5/100 atau 0.5.10 saja",
        "Desa Sukamaju,Kec.Bandar/Kab.Way Kanan",
    ],
)
def test_numbers_and_titles_are_neither_telephones_nor_links(caption: str) -> None:
    assert clean(caption).text == caption
    assert clean(caption).dropped == ()


def test_a_whole_post() -> None:
    caption = (
        "𝗣𝗲𝗻𝗴𝘂𝗺𝘂𝗺𝗮𝗻 🇮🇩\n"
        "------------------\n"
        "SUKAMAJU – Ketua Pengadilan Agama Sukamaju, Drs. H. Ahmad Fauzi, S.H., M.H., memimpin "
        "rapat untuk #IndonesiaMaju, Senin (12/11/2026) pukul 09.00 WIB. Biayanya Rp1.000.000.\n"
        "\n"
        "Info: https://pa-sukamaju.go.id | bit.ly/pasukamaju | WA 0812-3456-7890\n"
        "Ikuti @pasukamaju 👨‍👩‍👧‍👦\n"
        ".\n.\n"
        "#PASukamaju #WBK #HumasMA"
    )
    result = clean(caption)
    assert result.text == (
        "Pengumuman\n"
        "SUKAMAJU – Ketua Pengadilan Agama Sukamaju, Drs. H. Ahmad Fauzi, S.H., M.H., memimpin "
        "rapat untuk Indonesia Maju, Senin (12/11/2026) pukul 09.00 WIB. Biayanya Rp1.000.000.\n"
        "Info: | | WA\nIkuti\n.\n."
    )
    assert result.dropped == (
        "🇮🇩", "👨‍👩‍👧‍👦", "https://pa-sukamaju.go.id", "bit.ly/pasukamaju", "@pasukamaju",
        "0812-3456-7890", "#PASukamaju #WBK #HumasMA",
    )  # fmt: skip


@pytest.mark.parametrize(
    "piece", ["a.go.", "a-", "A.", "#abc ", "0812 ", "a@a.id ", " ", "@ ", "62 8", "🇮🇩"]
)
def test_long_runs_of_anything_end(piece: str) -> None:
    result = clean(piece * 3000 + "selesai")
    assert result.text.endswith("selesai")


@pytest.mark.parametrize(
    "caption",
    [
        "#a #b",
        "🎉🎉",
        "https://x.id/y",
        "12 34",
        "@humas",
        "...",
        "bit.ly/a",
        "pa-kota.go.id",
        "0812-3456-7890",
        "👍🏽 #a 1️⃣",
        "",
        " \n\t",
        "#a\n#b\n#c",
        "humas@kantor.go.id",
        "1. 2. A.",
    ],
)
def test_nothing_to_picture_is_empty_and_listed(caption: str) -> None:
    result = clean(caption)
    assert result.text == ""
    assert bool(result.dropped) == (caption.strip(" .\n\t") != "")


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


pieces = st.lists(
    st.sampled_from(["Drs.", "H.", "S.H.,", "M.H.", "Rp. 5.000", "rapat", "yang", "dan", "\n", "!",
                     "?", "–", ":", "“Halo”", "dua kata", "。", "(x)", "\u2024", "\ue000", "#Tagar"])
    | st.text(min_size=1, max_size=6),
    min_size=1, max_size=40,
).map(" ".join)  # fmt: skip


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


@given(st.text(max_size=200))
def test_clean_takes_anything_and_is_stable(text: str) -> None:
    once = clean(text).text
    assert once == once.strip()


@given(pieces)
def test_cleaning_twice_changes_nothing(caption: str) -> None:
    once = clean(caption)
    assert clean(once.text).text == once.text
