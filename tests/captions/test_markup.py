"""What programs leave in captions: breaks, markup, codes, templates."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from imgfit.captions.cleaning import clean
from imgfit.captions.versions import MAX_CHARACTERS

CAPTION = "Dua anjing cokelat melongok dari balkon kayu"


@pytest.mark.parametrize("sign", ["\v", "\f", "\x85", "\x1c", "\x1d", "\x1e", "\u2028", "\u2029"])
def test_every_line_break_breaks_the_line(sign: str) -> None:
    assert clean(f"Dua anjing{sign}di balkon").text == "Dua anjing\ndi balkon"


@pytest.mark.parametrize(
    ("caption", "text"),
    [
        ("Dua anjing\x1fdi balkon", "Dua anjing di balkon"),
        ("Dua anjing_x000D_\ndi balkon", "Dua anjing\ndi balkon"),
        ("Dua anjing_x000B_di balkon", "Dua anjing\ndi balkon"),
        (r"Rapat di aula\nPeserta hadir", "Rapat di aula\nPeserta hadir"),
        (r"Rapat di aula\r\n\r\npeserta hadir", "Rapat di aula\npeserta hadir"),
        (r"Simpan di C:\nama\rapat hari ini", r"Simpan di C:\nama\rapat hari ini"),
        ("Salat Jum`at di masjid", "Salat Jum'at di masjid"),
        ("Ketik `imgfit check` di layar", "Ketik imgfit check di layar"),
        ("```text\nRapat di aula\n```", "Rapat di aula"),
        ("# Judul berita\n\nIsi berita", "Judul berita\nIsi berita"),
        ("Kami #1 di kota", "Kami #1 di kota".replace("#1", "1")),
        ("|Nama|Kegiatan|\n|---|:--:|\n|Siti|Menari di panggung|",
         "Nama, Kegiatan\nSiti, Menari di panggung"),
        ("Perkara A | Perkara B", "Perkara A | Perkara B"),
        # HTML of content systems.
        ("<p>Dua anjing &amp; kawan&nbsp;kawan &#8211; <strong>senang</strong></p>Baca",
         "Dua anjing & kawan kawan – senang\nBaca"),
        ("Ayam &amp;#8211; bebek", "Ayam – bebek"),
        ("<!-- wp:paragraph --><p>Rapat di aula</p><!-- /wp:paragraph -->", "Rapat di aula"),
        ("<style>p{color:red}</style><div class='a'>Rapat<br/>di aula</div>", "Rapat\ndi aula"),
        ("<table><tr><td>Siti</td><td>menari</td></tr></table>", "Siti menari"),
        ("Suhu < 30 dan > 20 derajat", "Suhu < 30 dan > 20 derajat"),
        ('[caption id="a" width="3"]Rapat di aula[/caption]', "Rapat di aula"),
        ('Rapat di aula [gallery ids="1,2"]', "Rapat di aula"),
        ("[vc_row]Rapat di aula[/vc_row]", "Rapat di aula"),
        ("[VIDEO] Rapat di aula", "[VIDEO] Rapat di aula"),
        ('Rapat {{< figure src="a.jpg" >}} di aula', "Rapat di aula"),
        ("Baca <https://x.go.id/a> ya", "Baca ya"),
        ("RapatÂ di aula", "Rapat di aula"),
        # Prices, hours and dates.
        ("Kopi @Rp5.000 di kantin", "Kopi @Rp5.000 di kantin"),
        ("Kopi @5000 dan teh @3rb di kantin", "Kopi @5000 dan teh @3rb di kantin"),
        ("Buka 0800 - 1130 setiap hari", "Buka 0800 - 1130 setiap hari"),
        ("Buka 0900-1500 WIB", "Buka 0900-1500 WIB"),
        # Words that are one sign.
        ("Maulid Nabi ﷺ", "Maulid Nabi"),
        ("Nabi Muhammad ﷺ dan sahabat ﵁ di Madinah", "Nabi Muhammad dan sahabat di Madinah"),
        ("﷽ Rapat di aula", "Rapat di aula"),
        # Emoji that end a sentence.
        ("Murid menari 🎉 Guru bertepuk tangan", "Murid menari\nGuru bertepuk tangan"),
        ("Murid menari. 🎉 Guru bertepuk tangan", "Murid menari. Guru bertepuk tangan"),
        ("Murid 🎉 menari di aula", "Murid menari di aula"),
    ],
)  # fmt: skip
def test_what_programs_leave_is_turned_to_text(caption: str, text: str) -> None:
    assert clean(caption).text == text


@pytest.mark.parametrize("number", ["0812-3456-7890", "021-5550-1234", "(0721) 123456"])
def test_numbers_to_call_are_still_taken_off(number: str) -> None:
    assert number in clean(f"Hubungi {number} segera").dropped


@pytest.mark.parametrize("code", ["latin-1", "cp1252"])
def test_garbled_letters_are_mended_and_listed(code: str) -> None:
    whole = "Dua anjing “berbulu” – kopi désa"
    garbled = whole.encode().decode(code, "ignore") if code == "latin-1" else whole.replace(
        "”", "").encode().decode(code)  # fmt: skip
    result = clean(garbled)
    assert result.text == clean(whole.replace("”", "") if code == "cp1252" else whole).text
    assert any("â" in piece for piece in result.dropped)


@pytest.mark.parametrize("text", ["Âgé et français à Nîmes", "Señor Ñandú", "São Paulo â la carte"])
def test_letters_of_other_languages_are_not_garbled(text: str) -> None:
    assert clean(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "[tulis caption di sini]", "{{nama}}", "<isi keterangan di sini>", "Lorem ipsum dolor sit amet",
        "Processed with VSCO with a6 preset", "Dibuat dengan Canva", "null", "N/A", "caption menyusul",
        "WhatsApp Image 2026-11-24 at 10.02.33", "Tangkapan layar 2026-11-24", "(tulis di sini)",
        "SAMSUNG DIGITAL CAMERA", "Tulis caption di sini…"[:-1],
    ],
)  # fmt: skip
def test_a_placeholder_is_no_caption(text: str) -> None:
    result = clean(text)
    assert result.text == ""
    assert result.dropped


def test_placeholders_within_a_caption_are_taken_off() -> None:
    result = clean("Rapat bersama {{nama}} di aula [tanggal kegiatan]")
    assert result.text == "Rapat bersama di aula"
    assert result.dropped == ("{{nama}}", "[tanggal kegiatan]")
    assert clean("Judul\nLorem ipsum dolor sit amet, consectetur.\nRapat").text == "Judul\nRapat"


@pytest.mark.parametrize(
    "text",
    ["Dibuat dengan bambu oleh siswa", "Tes kesehatan di balai desa", "Judul buku baru",
     "Siswa menulis caption di sini, di papan tulis", "Kerajinan (tulis tangan) siswa"],
)  # fmt: skip
def test_words_that_only_look_like_a_placeholder_stay(text: str) -> None:
    assert clean(text).text == text


FRONT = '---\ntitle: "Berita Hari Ini"\ndate: 2026-11-25\ntags: ["a"]\n{}---\n'


@pytest.mark.parametrize(
    ("caption", "text"),
    [
        (FRONT.format("") + "\n# Judul\n\n![anjing](/a.jpg)\n\n" + CAPTION + " [tautan](https://x.id/a).",
         f"Judul\n{CAPTION} tautan."),
        (FRONT.format(f"description: {CAPTION}\n") + '\n{{< figure src="a.jpg" >}}\n', CAPTION),
        (FRONT.format(""), "Berita Hari Ini"),
        ("+++\ntitle = 'Berita Hari Ini'\n+++\n" + CAPTION, CAPTION),
        ("\ufeff".strip("\ufeff") + FRONT.format("").replace("\n", "\r\n") + CAPTION, CAPTION),
        ("---\nRapat di aula\n---\nHari ini", "Rapat di aula\nHari ini"),
    ],
)  # fmt: skip
def test_front_matter_is_not_scored(caption: str, text: str) -> None:
    assert clean(caption).text == text


@given(st.text(alphabet="<>&;[]{}|`#@\\n\x0b ab=\"'%/!()-+:ÃÂâ€", max_size=200))
def test_any_markup_is_survived(text: str) -> None:
    clean(text)


@pytest.mark.parametrize(
    "piece",
    ["<script", "<", "<a ", "&#", "[a b=", "{{", "[", "|", "`", "---\n", "![", "](", "<!--", "lorem ",
     "@5.", "| - ", "Ã©", "[tulis ", "#", "0900-", "(tulis "],
)  # fmt: skip
def test_time_grows_with_the_caption_alone(piece: str) -> None:
    text = (piece * MAX_CHARACTERS)[:MAX_CHARACTERS]
    start = time.perf_counter()
    clean(text)
    assert time.perf_counter() - start < 5
