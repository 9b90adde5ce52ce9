"""What stands before a caption on its own line becomes a window of its own."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from imgfit.captions.leads import lead_end
from imgfit.captions.windows import split_windows

CAPTION = "Anak kecil sedang bermain lompat tali"


def words(text: str) -> int:
    return len(text.split()) + 2


@pytest.mark.parametrize(
    "lead",
    [
        "Watampone, 25 November 2026 –",
        "MAROS, HUMAS –",
        "Sungguminasa (24/11/2026) |",
        "KENDARI, KABARKANTOR.ID -",
        "Jakarta (ANTARA) -",
        "[25/11/26 08.15.32] Humas Kantor:",
        "25/11/26 08.15 - Humas Kantor:",
        "KABAR DAERAH | Info Terkini |",
        "[UPDATE]",
        "INFO:",
        "Yth. Bapak Ketua, mohon izin melaporkan:",
        "Siap, izin melaporkan kegiatan pagi ini di balai desa, sebagai berikut:",
        "السلام عليكم ورحمة الله وبركاته",
    ],
)
def test_a_lead_is_a_window_of_its_own(lead: str) -> None:
    assert split_windows(f"{lead} {CAPTION}", words, 40) == (lead, CAPTION)


@pytest.mark.parametrize(
    "text",
    [
        CAPTION,
        "Sosialisasi: Gizi Balita",  # fewer than three words follow: it is the subject
        "Warga berkumpul di lapangan: ada yang menari dan menyanyi",
        "Ibu-ibu menari - anak-anak menonton di tepi lapangan",
        "",
        "– ",
    ],
)
def test_what_says_something_is_no_lead(text: str) -> None:
    assert lead_end(text) == 0


def test_short_lines_join_only_each_other() -> None:
    text = f"Salam sehat\nSobat\n{CAPTION}\nHumas Kantor"
    assert split_windows(text, words, 40) == ("Salam sehat Sobat", CAPTION, "Humas Kantor")
    many = "\n".join(["satu dua"] * 100)
    assert len(split_windows(many, words, 40)) == 6  # 38 words a window: no flood of windows


@given(st.text(alphabet="aB1 .,:|–-()[]\nس", max_size=80))
def test_no_character_is_lost(text: str) -> None:
    windows = split_windows(text, words, 12) if text.strip() else ()
    assert sorted("".join("".join(windows).split())) == sorted("".join(text.split()))


@pytest.mark.parametrize(
    "piece", ["A, ", "[", "س ", "Yth. a ", "– ", "12/12 | ", "A:B", "(A) ", "- - ", "B\n"]
)
def test_hostile_lines_take_time_in_proportion(piece: str) -> None:
    text = piece * (50_000 // len(piece))
    begun = time.process_time()
    lead_end(text)
    for line in text.split("\n")[:100]:
        lead_end(line)
    assert time.process_time() - begun < 0.5
