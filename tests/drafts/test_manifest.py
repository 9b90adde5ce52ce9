"""Manifests of every form, and rows that cannot be read without losing another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from imgfit import read_drafts
from imgfit.errors import (
    ArgumentError,
    ManifestColumnError,
)
from tests.support.drafts import seen

if TYPE_CHECKING:
    from pathlib import Path


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
    assert names[5:] == ["ManifestRowError", "PhotoCellError", None, "PhotoOutsideError"]
    assert len(names) == len(rows)


def test_bad_json_rows_stay_rows(tmp_path: Path) -> None:
    lines = ['{"photo": "a.png", "caption": "x"}', "{", "[1]", '{"photo": "a.png"}', "[" * 100_000,
             '{"photo": 5, "caption": null}']  # fmt: skip
    (tmp_path / "m.jsonl").write_text("\n".join(lines))
    assert [name for _, _, name in seen(read_drafts(tmp_path / "m.jsonl"))] == [
        None, "ManifestRowError", "ManifestRowError", "ManifestColumnError", "ManifestRowError",
        "ManifestRowError",
    ]  # fmt: skip


def test_the_column_error_names_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("Foto,Judul\na.png,x\n")
    with pytest.raises(ManifestColumnError, match="no caption column.*foto, judul.*keterangan"):
        read_drafts(tmp_path / "m.csv")


def test_another_root(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/m.csv").write_text("photo,caption\na.png,x\n")
    (draft,) = read_drafts(tmp_path / "lists/m.csv", root=tmp_path)
    assert draft.photo == tmp_path / "a.png"


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


def test_bad_rows_of_the_same_number_in_two_manifests_are_both_there(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text("{\n")
    names = [tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "a.jsonl"]
    drafts = read_drafts(*names)
    assert [draft.id for draft in drafts] == ["1", "1"]
    assert [str(draft.error).split(",")[0] for draft in drafts] == [
        str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"),
    ]  # fmt: skip
