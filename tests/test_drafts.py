"""Every way to hand drafts in, and every way to get it wrong without losing one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from imgfit import Draft, ImgfitError, read_drafts
from imgfit.errors import (
    ArgumentError,
    DraftsEmptyError,
    DraftsMissingError,
    ManifestColumnError,
    ManifestUnreadableError,
)
from tests.conftest import save_photo

if TYPE_CHECKING:
    from pathlib import Path


def seen(drafts: list[Draft]) -> list[tuple[str, str | None, str | None]]:
    return [(d.id, d.caption, d.error.name if d.error else None) for d in drafts]


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
        ("m.csv", b"", ManifestColumnError),
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


def test_wrong_calls(tmp_path: Path) -> None:
    with pytest.raises(DraftsMissingError, match="nowhere"):
        read_drafts(tmp_path / "nowhere")
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
    assert len(read_drafts(tmp_path)) == 1
