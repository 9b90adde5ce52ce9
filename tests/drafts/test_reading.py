"""Every way to hand drafts in, and every way to get it wrong without losing one."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from imgfit import Draft, ImgfitError, read_drafts
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

if TYPE_CHECKING:
    from imgfit import Checker


def seen(drafts: list[Draft]) -> list[tuple[str, str | None, str | None]]:
    return [(d.id, d.caption, d.error.code if d.error else None) for d in drafts]


def test_one_photo(tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    assert seen(read_drafts(photo, caption="Teks")) == [(str(photo), "Teks", None)]
    assert seen(read_drafts(photo)) == [("a.png", None, "CaptionMissingError")]
    (tmp_path / "A.TXT").write_text("Teks di samping\n", "utf-8")
    assert seen(read_drafts(photo)) == [("a.png", "Teks di samping", None)]


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
        (["a.jpg", ".a.txt"], [("a.jpg", None, "CaptionMissingError")]),
        (["a.txt", ".a.jpg"], [("a.txt", None, "PhotoMissingError")]),
        (["a.jpg", "a.txt", "a.pdf", "a.docx", "Thumbs.db"], [("a.jpg", "a.txt", None)]),
        (["b/c/d.jpg", "b/c/d.txt", "b/x.jpg", "caption.txt"],
         [("caption.txt", None, "PhotoMissingError"), ("b/x.jpg", None, "CaptionMissingError"),
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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.csv", 'photo,caption,id\na.png,"satu, dua\ntiga",x\n\nb.png,empat,\n'),
        ("m.csv", '\ufeffFoto;Keterangan;ID\r\na.png;"satu, dua\ntiga";x\r\nb.png;empat;\r\n'),
        ("m.TSV", 'image\ttext\tid\na.png\t"satu, dua\ntiga"\tx\nb.png\tempat\t\n'),
        ("m.jsonl", json.dumps({"image": "a.png", "text": "satu, dua\ntiga", "id": "x"})
         + '\n\n{"photo": "b.png", "caption": "empat"}\n'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_manifests(tmp_path: Path, name: str, text: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.removeprefix("\ufeff" if encoding == "utf-16" else "").encode(encoding))
    drafts = read_drafts(path)
    assert seen(drafts) == [("x", "satu, dua\ntiga", None), ("b.png", "empat", None)]
    assert drafts[0].photo == tmp_path / "a.png"


@pytest.mark.parametrize(
    "header",
    ["photo,caption", "PHOTO,Caption", " photo , caption ", "image,text", "foto,keterangan",
     "Gambar,Teks", "photo;caption", "foto\tketerangan", '"photo","caption"', "\ufeffphoto,caption"],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_headers_and_line_ends(tmp_path: Path, header: str, ending: str) -> None:
    delimiter = next(mark for mark in ",;\t" if mark in header)
    rows = [header, f"a.png{delimiter}satu", f"b.png{delimiter}dua"]
    (tmp_path / "m.csv").write_bytes((ending.join(rows) + ending).encode())
    drafts = read_drafts(tmp_path / "m.csv")
    assert seen(drafts) == [("a.png", "satu", None), ("b.png", "dua", None)]


def test_commas_in_a_table_with_semicolons(tmp_path: Path) -> None:
    rows = ["photo;caption", "a.png;rapat, sidang, apel, upacara", "b.png;satu"]
    for ending in ("\n", "\r"):  # "CSV (Macintosh)" ends lines with the second
        (tmp_path / "m.csv").write_bytes(ending.join(rows).encode())
        assert read_drafts(tmp_path / "m.csv")[0].caption == "rapat, sidang, apel, upacara"


def test_columns_in_any_order_and_others_between(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("no,tanggal,keterangan,pilar,foto\n1,12-11,Rapat,emosi,a.png\n")
    (draft,) = read_drafts(tmp_path / "m.csv")
    assert (draft.photo, draft.caption, draft.id) == (tmp_path / "a.png", "Rapat", "a.png")
    assert (draft.pillar, draft.date) == ("emosi", "12-11")


def test_order_and_repeated_ids_are_kept(tmp_path: Path) -> None:
    rows = ["z.png,satu,x", "a.png,dua,x", "m.png,tiga,", "a.png,dua,x"]
    (tmp_path / "m.csv").write_text("\n".join(["photo,caption,id", *rows]))
    assert [(d.id, d.caption) for d in read_drafts(tmp_path / "m.csv")] == [
        ("x", "satu"), ("x", "dua"), ("m.png", "tiga"), ("x", "dua"),
    ]  # fmt: skip


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    rows = ['a.png,"satu\n\ndua\ntiga"', "", "b.png,x,lebih", ",tanpa foto"]
    (tmp_path / "m.csv").write_text("\n".join(["photo,caption", *rows]))
    drafts = read_drafts(tmp_path / "m.csv")
    assert [d.id for d in drafts] == ["a.png", "4", "5"]
    assert ", row 4: 3 cells for 2 columns" in str(drafts[1].error)


def test_a_cell_without_end_costs_no_other_row(tmp_path: Path) -> None:
    rows = ["a.png," + "kata " * 30_000, "b.png,dua", "c.png,tiga"]
    (tmp_path / "m.csv").write_text("\n".join(["photo,caption", *rows]))
    assert seen(read_drafts(tmp_path / "m.csv")) == [
        ("2", None, "ManifestRowError"), ("b.png", "dua", None), ("c.png", "tiga", None),
    ]  # fmt: skip


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c"])
def test_line_breaks_of_unicode_end_no_row_of_json(tmp_path: Path, mark: str) -> None:
    escaped = mark if mark > "\x1f" else json.dumps(mark)[1:-1]
    row = f'{{"photo": "a.png", "caption": "satu{escaped}dua"}}\r\n'
    (tmp_path / "m.jsonl").write_bytes((row * 2).encode())
    assert [d.caption for d in read_drafts(tmp_path / "m.jsonl")] == [f"satu{mark}dua"] * 2


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    names = ["\ud800.png", "a\0b.png", "x" * 300 + ".png"]
    lines = [json.dumps({"photo": name, "caption": "x"}) for name in names]
    (tmp_path / "m.jsonl").write_text("\n".join(lines))
    drafts = read_drafts(tmp_path / "m.jsonl")
    assert len(drafts) == 3
    assert [d.error.code if d.error else None for d in drafts[:2]] == [
        "PhotoOutsideError", "PhotoMissingError",
    ]  # fmt: skip


def test_paths_that_stay_inside(tmp_path: Path) -> None:
    rows = ["sub/../a.png,x", "sub\\b.png,x", f"{tmp_path}/c.png,x", "./d.png,x"]
    (tmp_path / "m.csv").write_text("\n".join(["photo,caption", *rows]))
    drafts = read_drafts(tmp_path / "m.csv")
    assert [d.error for d in drafts] == [None] * 4
    assert drafts[1].photo == tmp_path / "sub/b.png"


def test_pillar_and_date(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("photo,caption,pillar,date\na.png,x,informasi,2026-11-01\n")
    (draft,) = read_drafts(tmp_path / "m.csv")
    assert (draft.pillar, draft.date) == ("informasi", "2026-11-01")


def test_bad_rows_stay_rows(tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to("/etc/passwd")
    (tmp_path / "loop.png").symlink_to("loop.png")
    rows = [
        "a.png,baik", "../keluar.png,x", "/etc/passwd,x", "link.png,x", "loop.png,x",
        "b.png,x,lebih,banyak", ",tanpa foto", "c.png", "..\\\\keluar.png,x",
    ]  # fmt: skip
    (tmp_path / "m.csv").write_text("\n".join(["photo,caption", *rows]))
    names = [name for _, _, name in seen(read_drafts(tmp_path / "m.csv"))]
    assert names[0] is None
    assert names[1:4] == ["PhotoOutsideError"] * 3
    assert names[5:] == ["ManifestRowError", "PhotoMissingError", None, "PhotoOutsideError"]
    assert len(names) == len(rows)


def test_bad_json_rows_stay_rows(tmp_path: Path) -> None:
    lines = ['{"photo": "a.png", "caption": "x"}', "{", "[1]", '{"photo": "a.png"}', "[" * 100_000,
             '{"photo": 5, "caption": null}']  # fmt: skip
    (tmp_path / "m.jsonl").write_text("\n".join(lines))
    assert [name for _, _, name in seen(read_drafts(tmp_path / "m.jsonl"))] == [
        None, "ManifestRowError", "ManifestRowError", "ManifestColumnError", "ManifestRowError", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("m.csv", b"photo,judul\na.png,x\n", ManifestColumnError),
        ("m.csv", b"keterangan,tanggal\nx,y\n", ManifestColumnError),
        ("m.csv", b"", ManifestColumnError),
        ("m.csv", b"\nphoto,caption\na.png,x\n", ManifestColumnError),
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


def test_the_column_error_names_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("Foto,Judul\na.png,x\n")
    with pytest.raises(ManifestColumnError, match="no caption column.*foto, judul.*keterangan"):
        read_drafts(tmp_path / "m.csv")


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


def test_another_root(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/m.csv").write_text("photo,caption\na.png,x\n")
    (draft,) = read_drafts(tmp_path / "lists/m.csv", root=tmp_path)
    assert draft.photo == tmp_path / "a.png"


def test_circles_of_folders_end(tmp_path: Path) -> None:
    save_photo(tmp_path / "a/a.png")
    (tmp_path / "a/again").symlink_to(tmp_path)
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "loop.txt").write_text("teks")
    assert [d.id for d in read_drafts(tmp_path)] == ["loop.png", "a/a.png"]


@pytest.mark.parametrize(
    ("photo", "name"), [("a/b.jpg", "a/b.jpg"), (b"xyz", "<3 bytes>"), (None, "-")]
)
def test_a_draft_without_an_id_gets_one(photo: str | bytes | None, name: str) -> None:
    assert Draft(photo, "x").id == name
    assert Draft(photo, "x", "sendiri").id == "sendiri"


@pytest.mark.parametrize("word", ["1", "ya", "YES", " Cocok ", "true"])
def test_labels_that_say_it_fits(tmp_path: Path, word: str) -> None:
    path = tmp_path / "m.csv"
    path.write_text(f"photo,caption,Nilai Redaksi\na.jpg,satu,{word}\nb.jpg,dua,\n")
    drafts = read_drafts(path, labels="nilai redaksi")
    assert [(d.label, d.error) for d in drafts] == [(True, None), (None, None)]
    assert read_drafts(path)[0].label is None


@pytest.mark.parametrize("word", ["0", "tidak", "No", "tidak  cocok", "FALSE"])
def test_labels_that_say_it_does_not(tmp_path: Path, word: str) -> None:
    path = tmp_path / "m.tsv"
    path.write_text(f"photo\tcaption\tlabel\na.jpg\tsatu\t{word}\n")
    assert read_drafts(path, labels="label")[0].label is False


def test_labels_of_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    rows: list[dict[str, object]] = [
        {"photo": "a.jpg", "caption": "x", "ok": value} for value in (True, False, 1, 0, "ya", None)
    ]
    rows.append({"photo": "a.jpg", "caption": "x"})
    path.write_text("\n".join(json.dumps(row) for row in rows))
    drafts = read_drafts(path, labels="ok")
    assert [d.label for d in drafts] == [True, False, True, False, True, None, None]
    assert [d.error.code if d.error else None for d in drafts] == [None] * 6 + [
        "ManifestColumnError"
    ]


def test_a_label_that_cannot_be_read_costs_its_row_only(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(f"photo,caption,label\na.jpg,satu,mungkin{'x' * 100}\nb.jpg,dua,1\n")
    first, second = read_drafts(path, labels="label")
    assert first.error is not None
    assert first.error.code == "LabelUnreadableError"
    assert "row 2: cannot read the label 'mungkinxxx" in str(first.error)
    assert len(str(first.error)) < 200
    assert (second.error, second.label) == (None, True)


def test_labels_need_a_manifest_that_has_them(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("photo,caption\na.jpg,satu\n")
    with pytest.raises(ManifestColumnError, match="no label column .* name one cocok"):
        read_drafts(path, labels="Cocok")
    with pytest.raises(ArgumentError, match="labels is x: a manifest"):
        read_drafts(tmp_path, labels="x")


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
    assert read(tmp_path) == [own, own]
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


def test_bad_rows_of_the_same_number_in_two_manifests_are_both_there(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text("{\n")
    names = [tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "a.jsonl"]
    drafts = read_drafts(*names)
    assert [draft.id for draft in drafts] == ["1", "1"]
    assert [str(draft.error).split(",")[0] for draft in drafts] == [
        str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"),
    ]  # fmt: skip


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


# --- wrong types -----------------------------------------------------------------------------

PHOTO = "a.png"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"photo": 3.5, "caption": "x"}, "photo is of type float: give a path"),
        ({"photo": ["a.png"], "caption": "x"}, "photo is of type list: give a path"),
        ({"photo": PHOTO, "caption": 3}, "caption is of type int: must be text"),
        ({"photo": PHOTO, "caption": b"rahasia"}, "caption is of type bytes: must be text"),
        ({"photo": PHOTO, "caption": "x", "id": 7}, "id is of type int: must be text"),
        ({"photo": PHOTO, "caption": "x", "date": object()}, "date is of type object: must be"),
        ({"photo": PHOTO, "caption": "x", "label": "ya"}, "label is of type str: must be True"),
        ({"photo": None, "caption": None}, "photo is None: a draft needs a photo or a caption"),
    ],
)
def test_a_draft_of_wrong_types_carries_an_error_that_names_the_type(
    fields: dict[str, Any], says: str
) -> None:
    draft = Draft(**fields)
    assert isinstance(draft.error, ArgumentError)
    assert str(draft.error).startswith(says)
    assert not {"must", "give", "needs"} & set(draft.error.say("id").split())
    assert isinstance(draft.id, str)
    for shown in (str(draft.error), draft.error.say("id"), draft.id):
        assert "rahasia" not in shown
        assert "3.5" not in shown


@pytest.mark.parametrize("photo", [bytearray(b"x"), memoryview(b"x"), io.BytesIO(b"x"),
                                   Image.new("RGB", (9, 9)), np.zeros((9, 9, 3), np.uint8)])  # fmt: skip
def test_photos_in_memory_are_of_types_that_a_draft_takes(photo: Any) -> None:
    assert Draft(photo, "x").error is None


def test_a_draft_of_wrong_types_costs_its_own_row(tmp_path: Path, checker: Checker) -> None:
    good = save_photo(tmp_path / "a.png")
    wrong: Any = [(3.5, "Mobil merah"), (good, 3), (None, None)]
    drafts = [Draft(photo, caption) for photo, caption in wrong]
    batch = checker.check_drafts([*drafts, Draft(good, "Mobil merah")])
    codes = [score.error.code if score.error else None for score in batch]
    assert codes == ["ArgumentError", "ArgumentError", "ArgumentError", None]
    assert batch[0].draft.id == "<float>"
    for photo, caption in wrong[:2]:
        assert isinstance(checker.check(photo, caption).error, ArgumentError)


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
