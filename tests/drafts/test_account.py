"""Whatever lies in a checked folder is a draft, belongs to one, or is named."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

import pytest

from imgfit import find_photos, read_drafts
from imgfit.drafts import account_json, account_line
from imgfit.errors import ManifestsSeveralError
from tests.conftest import save_photo
from tests.support.drafts import seen

if TYPE_CHECKING:
    from pathlib import Path


def passed(folder: Path) -> dict[str, str]:
    return {remark.path: remark.code for remark in read_drafts(folder).passed_over}


@pytest.mark.parametrize("suffix", ["jfif", "jpe", "jpg_large", "hif", "apng", "bmp", "JFIF"])
def test_photos_by_other_names(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"rapat.{suffix}").write_bytes(b"x")
    (tmp_path / "rapat.txt").write_text("Rapat")
    assert seen(read_drafts(tmp_path)) == [(f"rapat.{suffix}", "Rapat", None)]
    assert find_photos([tmp_path]) == [tmp_path / f"rapat.{suffix}"]


@pytest.mark.parametrize("suffix", ["psd", "jxl", "svg", "dng", "xcf", "heics", "jp2"])
def test_a_picture_that_is_not_read_fails_if_it_has_a_caption(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"rapat.{suffix}").write_bytes(b"x")
    save_photo(tmp_path / "lain.jpg")
    (tmp_path / "lain.txt").write_text("Lain")
    assert passed(tmp_path) == {f"rapat.{suffix}": "unread"}
    assert find_photos([tmp_path]) == [tmp_path / "lain.jpg", tmp_path / f"rapat.{suffix}"]
    (tmp_path / "rapat.txt").write_text("Rapat")
    drafts = read_drafts(tmp_path)
    assert seen(drafts)[1] == (f"rapat.{suffix}", "Rapat", "PhotoKindError")
    assert drafts.passed_over == ()


def test_what_nobody_means_is_named_and_no_draft(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.jpg")
    (tmp_path / "a.txt").write_text("Rapat")
    for name in ("@eaDir/a.jpg/T.jpg", "#recycle/lama.jpg", "__MACOSX/._a.jpg", "sub/Thumbs.db",
                 "._a.jpg", "~$a.docx", "b.jpg.tmp", "a.jpg_original", "a-300x200.jpg",
                 "a-scaled.jpg", "film.mp4", "a.dng", "catatan.xyz", "README.md"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert seen(read_drafts(tmp_path)) == [("a.jpg", "Rapat", None)]
    assert passed(tmp_path) == {
        "@eaDir/": "of_system", "#recycle/": "of_system", "__MACOSX/": "of_system",
        "sub/Thumbs.db": "of_system", "._a.jpg": "of_system", "~$a.docx": "leftover",
        "b.jpg.tmp": "leftover", "a.jpg_original": "leftover", "a-300x200.jpg": "derivative",
        "a-scaled.jpg": "derivative", "film.mp4": "unread", "a.dng": "companion",
        "catatan.xyz": "unknown", "README.md": "no_caption",
    }  # fmt: skip


def test_another_size_without_its_original_is_a_draft(tmp_path: Path) -> None:
    save_photo(tmp_path / "a-300x200.jpg")
    assert [draft.id for draft in read_drafts(tmp_path)] == ["a-300x200.jpg"]


def test_the_account_is_one_line_and_a_file(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.jpg")
    for name in ("1.xyz", "2.xyz", "3.xyz", "z.psd"):
        (tmp_path / name).write_bytes(b"x")
    drafts = read_drafts(tmp_path)
    assert account_line(drafts.passed_over, "en") == (
        "4 files or folders were passed over (1 in formats not read, 3 others): "
        "z.psd, 1.xyz, 2.xyz …"
    )
    account = json.loads(account_json(drafts, "id"))
    assert (account["account_version"], account["drafts"]) == (1, 1)
    assert [(item["path"], item["code"]) for item in account["passed_over"]] == [
        ("1.xyz", "unknown"), ("2.xyz", "unknown"), ("3.xyz", "unknown"), ("z.psd", "unread"),
    ]  # fmt: skip
    assert account["passed_over"][3]["said"].startswith("z.psd adalah dokumen Photoshop")


@pytest.mark.parametrize(
    ("photo", "text"),
    [
        ("a.jpg", "a.jpg.txt"),
        (unicodedata.normalize("NFD", "kafé.jpg"), "kafé.txt"),
        ("foto sidang.jpg", "foto%20sidang.txt"),
        ("Rapat.JPG", "RAPAT.txt"),
        ("a.jpg", "a.id.txt"),
        ("a.id.jpg", "a.id.txt"),
    ],
)
def test_texts_find_their_photo(tmp_path: Path, photo: str, text: str) -> None:
    save_photo(tmp_path / photo)
    (tmp_path / text).write_text("Rapat")
    assert seen(read_drafts(tmp_path)) == [(photo, "Rapat", None)]


def test_two_languages_are_two_drafts(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.jpg")
    (tmp_path / "a.id.txt").write_text("Rapat")
    (tmp_path / "a.en.txt").write_text("Meeting")
    assert seen(read_drafts(tmp_path)) == [
        ("a.jpg (en)", "Meeting", None), ("a.jpg (id)", "Rapat", None),
    ]  # fmt: skip


def test_a_text_that_misses_its_photo_by_a_letter_is_told(tmp_path: Path) -> None:
    save_photo(tmp_path / "rapat_dprd.jpg")
    (tmp_path / "rapat_dprdd.txt").write_text("Rapat")
    draft = read_drafts(tmp_path)[1]
    assert draft.error is not None
    assert (draft.error.code, draft.error.facts["near"]) == ("PhotoMisnamedError", "rapat_dprd.jpg")


def test_a_manifest_in_the_folder_is_used(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg", "sub/c.jpg"):
        save_photo(tmp_path / name)
    (tmp_path / "b.txt").write_text("Dari teks")
    (tmp_path / "m.csv").write_text("photo,caption\nsub/c.jpg,satu\na.jpg,dua\n")
    (tmp_path / "lain.csv").write_text("nama,harga\nx,1\n")
    drafts = read_drafts(tmp_path)
    assert seen(drafts) == [
        ("sub/c.jpg", "satu", None), ("a.jpg", "dua", None), ("b.jpg", "Dari teks", None),
    ]  # fmt: skip
    assert [note.code for note in drafts.notes] == ["manifest_used"]
    assert passed(tmp_path) == {"lain.csv": "not_a_manifest"}
    (tmp_path / "a.txt").write_text("lain sama sekali")
    assert seen(read_drafts(tmp_path))[1][2] == "CaptionAmbiguousError"
    (tmp_path / "n.jsonl").write_text('{"photo": "a.jpg", "caption": "x"}\n')
    with pytest.raises(ManifestsSeveralError, match=r"m\.csv, n\.jsonl"):
        read_drafts(tmp_path)


def test_results_in_the_folder_are_no_manifest(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.jpg")
    (tmp_path / "a.txt").write_text("Rapat")
    (tmp_path / "hasil.csv").write_text(
        "row_version,photo,caption,verdict,signature\n1,a.jpg,x,,\n"
    )
    row = {"row_version": 1, "photo": "a.jpg", "caption": "x", "verdict": "weak", "signature": ""}
    (tmp_path / "hasil.jsonl").write_text(json.dumps(row))
    assert seen(read_drafts(tmp_path)) == [("a.jpg", "Rapat", None)]
    assert set(passed(tmp_path).values()) == {"not_a_manifest"}
