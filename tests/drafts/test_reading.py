"""Every way to hand drafts in, and every way to get it wrong without losing one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from imgfit import ImgfitError, read_drafts
from imgfit.drafts.reading import find_photos
from imgfit.errors import (
    ArgumentError,
    DraftsEmptyError,
    DraftsMissingError,
    ManifestColumnError,
    ManifestUnreadableError,
    PhotosEmptyError,
)
from tests.conftest import save_photo
from tests.support.drafts import seen

PHOTO = "a.png"


def test_one_photo(tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    assert seen(read_drafts(photo, caption="Teks")) == [(str(photo), "Teks", None)]
    assert seen(read_drafts(photo)) == [("a.png", None, "CaptionMissingError")]
    (tmp_path / "A.TXT").write_text("Teks di samping\n", "utf-8")
    assert seen(read_drafts(photo)) == [("a.png", "Teks di samping", None)]


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("m.csv", b"photo,judul\na.png,x\n", ManifestColumnError),
        ("m.csv", b"keterangan,tanggal\nx,y\n", ManifestColumnError),
        ("m.csv", b"", ManifestColumnError),
        ("m.csv", b"photo,caption\n\n,\n", DraftsEmptyError),
        ("m.jsonl", b"\n\n", DraftsEmptyError),
        ("m.csv", b"photo,caption\na.png,\0", ManifestUnreadableError),
        ("m.csv", b"\xff\xfep", ManifestUnreadableError),
        ("m.jsonl", b"\x80\x81", ManifestUnreadableError),
        ("m.csv", b"photo,caption\n", DraftsEmptyError),
        ("m.csv", b"\x89PNG\xff\xfe", ManifestUnreadableError),
        ("kosong/.gitkeep", b"", DraftsEmptyError),
    ],
)
def test_nothing_to_read(tmp_path: Path, name: str, data: bytes, error: type[ImgfitError]) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    with pytest.raises(error):
        read_drafts(path.parent if path.parent != tmp_path else path)


@pytest.mark.parametrize("name", ["nowhere", "nowhere.csv", "Rapat di aula " * 30, "a\0b", "loop"])
def test_nothing_is_there(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(DraftsMissingError, match="nothing at"):
        read_drafts(tmp_path / name)


def test_wrong_calls(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="caption"):
        read_drafts(tmp_path / "m.csv", caption="x")
    with pytest.raises(ArgumentError, match="caption"):
        read_drafts(tmp_path, caption="x")


# --- several paths ---------------------------------------------------------------------------


@pytest.fixture
def posts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "b.jpg", "acara/1.jpg", "acara/2.jpg", "lain/a.jpg"):
        save_photo(tmp_path / name)
    for name in ("a.txt", "b.txt", "acara/caption.txt", "acara/2.txt", "lain/a.txt"):
        (tmp_path / name).write_text(name, "utf-8")
    (tmp_path / "README.md").write_text("catatan")
    (tmp_path / "yatim.txt").write_text("tanpa foto")
    (tmp_path / "m.csv").write_text("photo,caption,id\na.jpg,a.txt,satu\na.jpg,lain,dua\n")
    return tmp_path


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["b.jpg", "a.jpg"], ["b.jpg", "a.jpg"]),
        (["a.jpg", "a.jpg", "./a.jpg"], ["a.jpg"]),
        (["a.jpg", "lain"], ["a.jpg", "lain/a.jpg"]),
        (["lain/a.jpg", "lain", "acara"], ["lain/a.jpg", "acara/1.jpg", "acara/2.jpg"]),
        (["acara", "acara/1.jpg"], ["acara/1.jpg", "acara/2.jpg"]),
        # A text stands for its photos, so that a changed caption is checked again.
        (["a.txt", "a.jpg", "b.txt"], ["a.jpg", "b.jpg"]),
        (["acara/caption.txt", "b.jpg"], ["acara/1.jpg", "b.jpg"]),
        (["acara/2.txt", "acara/caption.txt"], ["acara/2.jpg", "acara/1.jpg"]),
        (["README.md", "a.jpg"], ["a.jpg"]),
        (["yatim.txt", "yatim.txt", "a.jpg"], ["yatim.txt", "a.jpg"]),
        (["m.csv", "b.jpg"], ["satu", "dua", "b.jpg"]),
        (["a.jpg", "m.csv"], ["a.jpg", "dua"]),
    ],
)
def test_several_paths_are_one_list(posts: Path, paths: list[str], expected: list[str]) -> None:
    assert [draft.id for draft in read_drafts(*paths)] == expected


def test_a_photo_alone_is_read_as_in_its_folder(posts: Path) -> None:
    whole = {draft.photo: draft.caption for draft in read_drafts("acara")}
    assert len(whole) == 2
    for photo, caption in whole.items():
        assert isinstance(photo, Path)
        assert [draft.caption for draft in read_drafts(photo)] == [caption]
    assert [draft.id for draft in read_drafts("acara/caption.txt")] == ["1.jpg"]


@pytest.mark.parametrize(
    ("paths", "options", "error"),
    [
        ([], {}, ArgumentError),
        (["a.jpg", "b.jpg"], {"caption": "x"}, ArgumentError),
        (["m.csv", "a.jpg"], {"labels": "ok"}, ArgumentError),
        (["a.jpg", "tiada.jpg"], {}, DraftsMissingError),
        (["README.md"], {}, DraftsEmptyError),
    ],
)
def test_paths_that_do_not_go_together(
    posts: Path, paths: list[str], options: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        read_drafts(*paths, **options)


# --- captions in the photo itself ------------------------------------------------------------


def test_a_photo_s_own_caption_is_the_last_to_be_asked(tmp_path: Path) -> None:
    described = Image.Exif()
    described[0x010E] = "Rapat menurut fotonya"
    for name in ("a.jpg", "acara/b.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (40, 30)).save(tmp_path / name, exif=described)
    (tmp_path / "m.csv").write_text("photo,caption\na.jpg,\na.jpg,Rapat menurut daftar\n")

    def read(*paths: Path, **options: str) -> list[tuple[str | None, str | None]]:
        return [(d.caption, d.caption_from) for d in read_drafts(*paths, **options)]

    own = ("Rapat menurut fotonya", "EXIF")
    # The manifest that lies in the folder is used; its photos are there once.
    assert read(tmp_path) == [own, ("Rapat menurut daftar", None), own]
    assert read(tmp_path / "a.jpg") == [own]
    assert read(tmp_path / "m.csv") == [own, ("Rapat menurut daftar", None)]
    assert read(tmp_path / "a.jpg", caption="Rapat") == [("Rapat", None)]
    (tmp_path / "acara/caption.txt").write_text("Rapat menurut foldernya")
    assert read(tmp_path / "acara") == [("Rapat menurut foldernya", None)]
    (tmp_path / "acara/b.txt").write_text("Rapat menurut teksnya")
    assert read(tmp_path / "acara") == [("Rapat menurut teksnya", None)]


def test_an_empty_cell_without_any_caption_is_still_empty(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.jpg")
    (tmp_path / "m.csv").write_text("photo,caption\na.jpg,\ntiada.jpg,\n")
    assert [(d.caption, d.caption_from) for d in read_drafts(tmp_path / "m.csv")] == [
        ("", None)
    ] * 2


def test_photos_of_folders_are_listed_in_order(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "dalam/c.webp", ".tersembunyi/d.jpg", "catatan.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = find_photos([tmp_path / "hilang.jpg", tmp_path])
    names = [path.relative_to(tmp_path).as_posix() for path in found]
    assert names == ["hilang.jpg", "a.png", "b.JPG", "dalam/c.webp"]
    (tmp_path / "kosong").mkdir()
    with pytest.raises(PhotosEmptyError, match="kosong"):
        find_photos([tmp_path / "kosong"])


@pytest.mark.parametrize(
    ("paths", "options", "says"),
    [
        ((), {}, "at least one path"),
        ((None,), {}, "paths is of type NoneType: must be a path"),
        ((["a.png", "b.png"],), {}, "paths is of type list: .* one by one"),
        ((b"a.png",), {}, "paths is of type bytes"),
        ((PHOTO,), {"caption": 3}, "caption is of type int"),
        ((PHOTO,), {"labels": True}, "labels is of type bool"),
        ((PHOTO,), {"root": 3.5}, "root is of type float"),
    ],
)
def test_read_drafts_names_the_argument_and_its_type(
    paths: tuple[Any, ...], options: dict[str, Any], says: str
) -> None:
    with pytest.raises(ArgumentError, match=says):
        read_drafts(*paths, **options)


@pytest.mark.parametrize("paths", ["folder", Path("folder"), None, 3, [3]])
def test_find_photos_names_the_type(paths: Any) -> None:
    with pytest.raises(ArgumentError, match=f"paths is of type {type(paths).__name__}|type int"):
        find_photos(paths)
