"""Folders of drafts: which text goes with which photo, and links that lead elsewhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from imgfit import read_drafts
from imgfit.drafts.reading import find_photos
from tests.conftest import save_photo
from tests.support.drafts import seen

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_with_everything_in_it(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "sendiri.webp", "dua.png", "acara/2.png", "acara/1.png",
                 ".tersembunyi/x.png"):  # fmt: skip
        save_photo(tmp_path / name)
    for name, text in [
        ("a.txt", "satu"), ("b.MD", "\ufeffdua"), ("yatim.txt", "tiga"), ("README.md", "catatan"),
        ("dua.txt", "x"), ("dua.md", "y"), ("acara/caption.txt", "bersama"),
    ]:  # fmt: skip
        (tmp_path / name).write_text(text, "utf-8")
    assert seen(read_drafts(tmp_path)) == [
        ("a.png", "satu", None),
        ("b.JPG", "dua", None),
        ("dua.png", None, "CaptionAmbiguousError"),
        ("sendiri.webp", None, "CaptionMissingError"),
        ("yatim.txt", None, "PhotoMissingError"),
        ("acara/1.png", "bersama", None),
        ("acara/2.png", "bersama", None),
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["a.jpg", "A.TXT"], [("a.jpg", "A.TXT", None)]),
        (["A.JPEG", "a.Md"], [("A.JPEG", "a.Md", None)]),
        (["a.jpg", "a.png", "a.txt"], [("a.jpg", "a.txt", None), ("a.png", "a.txt", None)]),
        (["a.b.jpg", "a.b.txt"], [("a.b.jpg", "a.b.txt", None)]),
        (["a.jpg", "a.txt", "A.md"], [("a.jpg", None, "CaptionAmbiguousError")]),
        (["x.jpg", "caption.txt"], [("x.jpg", "caption.txt", None)]),
        (["x.jpg", "y.png", "Keterangan.MD"],
         [("x.jpg", "Keterangan.MD", None), ("y.png", "Keterangan.MD", None)]),
        (["x.jpg", "caption.txt", "caption.md"], [("x.jpg", None, "CaptionAmbiguousError")]),
        (["x.jpg", "x.txt", "y.jpg", "caption.txt"],
         [("x.jpg", "x.txt", None), ("y.jpg", "caption.txt", None)]),
        (["caption.txt"], [("caption.txt", None, "PhotoMissingError")]),
        (["caption.jpg", "caption.txt"], [("caption.jpg", "caption.txt", None)]),
        (["readme.jpg", "README.txt"], [("readme.jpg", "README.txt", None)]),
        (["a.jpg", ".a.txt"], [("a.jpg", None, "PhotoUnreadableError")]),
        (["a.txt", ".a.jpg"], [("a.txt", None, "PhotoMissingError")]),
        (["a.jpg", "a.txt", "a.pdf", "a.docx", "Thumbs.db"], [("a.jpg", "a.txt", None)]),
        (["b/c/d.jpg", "b/c/d.txt", "b/x.jpg", "caption.txt"],
         [("caption.txt", None, "PhotoMissingError"), ("b/x.jpg", None, "PhotoUnreadableError"),
          ("b/c/d.jpg", "b/c/d.txt", None)]),
    ],
)  # fmt: skip
def test_which_text_goes_with_which_photo(
    tmp_path: Path, files: list[str], expected: list[tuple[str, str | None, str | None]]
) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, "utf-8")
    assert seen(read_drafts(tmp_path)) == expected


def test_an_orphan_names_the_photo_that_it_waits_for(tmp_path: Path) -> None:
    (tmp_path / "rapat.txt").write_text("Rapat di aula")
    (draft,) = read_drafts(tmp_path)
    assert draft.photo is None
    assert str(draft.error).startswith(f"no photo at {tmp_path / 'rapat.jpg'}")


def test_a_caption_file_that_is_no_text(tmp_path: Path) -> None:
    for name in ("besar.png", "pipa.png", "putus.png"):
        save_photo(tmp_path / name)
    (tmp_path / "besar.txt").write_bytes(b"kata " * 200_001)
    os.mkfifo(tmp_path / "pipa.txt")
    (tmp_path / "putus.txt").symlink_to("tiada.txt")
    drafts = read_drafts(tmp_path)
    assert [d.error.code if d.error else None for d in drafts] == ["CaptionUnreadableError"] * 3
    assert "over 1 MB" in str(drafts[0].error)
    assert "not a file" in str(drafts[1].error)


@pytest.mark.parametrize(
    ("data", "error"), [(b"\xff\xfe\xff", "CaptionUnreadableError"), (b"a\0b", "CaptionUnreadableError"),
                        ("dua".encode("utf-16"), None), (b"", None)],
)  # fmt: skip
def test_caption_files_of_any_encoding(tmp_path: Path, data: bytes, error: str | None) -> None:
    save_photo(tmp_path / "a.png")
    (tmp_path / "a.txt").write_bytes(data)
    assert seen(read_drafts(tmp_path))[0][2] == error


def test_circles_of_folders_end(tmp_path: Path) -> None:
    save_photo(tmp_path / "a/a.png")
    (tmp_path / "a/again").symlink_to(tmp_path)
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "loop.txt").write_text("teks")
    assert [d.id for d in read_drafts(tmp_path)] == ["loop.png", "a/a.png"]


def test_a_folder_that_cannot_be_searched_is_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_photo(tmp_path / "drafts/a.png")
    (tmp_path / "drafts/closed").mkdir()
    save_photo(tmp_path / "elsewhere/b.png")
    (tmp_path / "drafts/elsewhere").symlink_to(tmp_path / "elsewhere")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", refusing)
    assert seen(read_drafts(tmp_path / "drafts")) == [
        ("a.png", None, "CaptionMissingError"),
        ("elsewhere", None, "FolderUnreadableError"),
        ("closed", None, "FolderUnreadableError"),
    ]
    assert find_photos([tmp_path / "drafts"])[1:] == [
        tmp_path / "drafts/elsewhere", tmp_path / "drafts/closed",
    ]  # fmt: skip


def test_a_link_out_of_the_folder_shows_nothing(tmp_path: Path) -> None:
    save_photo(tmp_path / "private.png")
    (tmp_path / "secret.txt").write_text("rahasia")
    save_photo(tmp_path / "drafts/a.png")
    (tmp_path / "drafts/a.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "drafts/b.png").symlink_to(tmp_path / "private.png")
    (tmp_path / "drafts/c.png").symlink_to("a.png")
    (tmp_path / "drafts/c.txt").write_text("teks")
    assert seen(read_drafts(tmp_path / "drafts")) == [
        ("a.png", None, "CaptionUnreadableError"),
        ("b.png", None, "PhotoOutsideError"),
        ("c.png", "teks", None),
    ]
    # A photo that is named is meant, wherever it lies; the text beside it is not.
    (one,) = read_drafts(tmp_path / "drafts/a.png")
    assert one.error is not None
    (named,) = read_drafts(tmp_path / "drafts/b.png", caption="teks")
    assert named.error is None


def test_a_folder_named_as_a_photo_is_a_row_and_is_searched(tmp_path: Path) -> None:
    save_photo(tmp_path / "x.jpg/a.png")
    (tmp_path / "x.txt").write_text("teks")
    assert [draft.id for draft in read_drafts(tmp_path)] == ["x.jpg", "x.jpg/a.png"]


def test_a_link_that_cannot_be_followed_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to("x" * 300)
    (tmp_path / "a.txt").write_text("teks")
    assert [draft.id for draft in read_drafts(tmp_path)] == ["a.jpg"]
