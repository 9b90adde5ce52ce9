"""Tables as people's programs write them: nothing lost, nothing misread."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from imgfit import read_drafts
from imgfit.errors import ManifestUnreadableError
from tests.conftest import save_photo
from tests.support.drafts import seen

if TYPE_CHECKING:
    from pathlib import Path

GOOD = [("a.png", "satu", None), ("b.png", "dua", None)]


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nphoto;caption\na.png;satu\nb.png;dua\n",
        "sep=|\r\nphoto|caption\r\na.png|satu\r\nb.png|dua\r\n",
        "photo|caption\na.png|satu\nb.png|dua\n",
        "photo;caption\na.png;satu;;;\nb.png;dua;\n",
        "KALENDER NOVEMBER,,\n,,\nFoto,Keterangan,PIC\na.png,satu,Budi\nb.png,dua,\n",
        "No,Nama File,Takarir\n1,a.png,satu\n2,b.png,dua\n",
        "file_name,text\na.png,satu\nb.png,dua\n",
        "Text,Image URL,Tags,Posting Time\nsatu,a.png,,\ndua,b.png,,\n",
        "Date,Message,Media URL(s)\n1,satu,a.png\n2,dua,b.png\n",
        "Foto,Caption (ID),Caption (EN)\na.png,satu,one\nb.png,dua,two\n",
        "Caption,Keterangan,Foto\nsatu,ok,a.png\ndua,tunda,b.png\n",
    ],
)
def test_separators_titles_and_names_of_columns(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.csv").write_bytes(text.encode())
    assert seen(read_drafts(tmp_path / "m.csv")) == GOOD


@pytest.mark.parametrize(
    "rows",
    [
        ['a.png,"satu', "b.png,dua", "c.png,tiga"],
        ['a.png,"satu', "b.png,dua", 'c.png,"tiga, lalu"'],
        ['a.png,"satu', 'b.png,Layar 5",x', "c.png,tiga"],
    ],
)
def test_a_quote_that_never_closes_costs_its_row_and_names_its_line(
    tmp_path: Path, rows: list[str]
) -> None:
    (tmp_path / "m.csv").write_text("\n".join(["photo,caption,pic", *rows]))
    drafts = read_drafts(tmp_path / "m.csv")
    assert len(drafts) == 3
    assert "opens in line 2" in str(drafts[0].error)
    assert [str(draft.photo)[-5:] for draft in drafts[1:]] == ["b.png", "c.png"]


def test_a_caption_of_several_lines_is_one_row(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text('photo,caption\na.png,"satu\n\nfoto: Budi, Ani"\nb.png,dua\n')
    assert seen(read_drafts(tmp_path / "m.csv")) == [
        ("a.png", "satu\n\nfoto: Budi, Ani", None), ("b.png", "dua", None),
    ]  # fmt: skip


def test_a_bare_return_in_a_cell_is_a_line_of_it(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes(b"photo,caption\na.png,satu\rlagi\nb.png,dua\n")
    assert [d.caption for d in read_drafts(tmp_path / "m.csv")] == ["satu\nlagi", "dua"]


@pytest.mark.parametrize(
    ("code", "noted"), [("cp1252", ["not_utf8"]), ("utf-16-le", []), ("utf-16-be", [])]
)
def test_codes_of_offices(tmp_path: Path, code: str, noted: list[str]) -> None:
    text = "photo;caption\na.png;Rapat – “Setia” bersama warga desa\n"
    (tmp_path / "m.csv").write_bytes(text.encode(code))
    drafts = read_drafts(tmp_path / "m.csv")
    assert drafts[0].caption == "Rapat – “Setia” bersama warga desa"
    assert [note.code for note in drafts.notes] == noted
    save_photo(tmp_path / "b.png")
    (tmp_path / "b.txt").write_bytes("Rapat – “Setia” bersama".encode(code))
    beside = read_drafts(tmp_path / "b.png")
    assert (beside[0].caption, [n.code for n in beside.notes]) == ("Rapat – “Setia” bersama", noted)


@pytest.mark.parametrize("name", ["m.json", "m.jsonl", "m.ndjson"])
def test_lists_of_json(tmp_path: Path, name: str) -> None:
    rows = [{"photo": "a.png", "caption": "satu"}, {"photo": "b.png", "caption": "dua"}]
    (tmp_path / name).write_text(json.dumps(rows, indent=1))
    assert seen(read_drafts(tmp_path / name)) == GOOD
    (tmp_path / "w.json").write_text(json.dumps({"version": 1, "posts": rows}))
    assert seen(read_drafts(tmp_path / "w.json")) == GOOD


@pytest.mark.parametrize(
    ("caption", "says"),
    [({"id": "x"}, "an object"), (["x"], "a list"), (True, "true or false"), (2026, "a number")],
)
def test_a_caption_that_is_no_text_is_refused_by_name(
    tmp_path: Path, caption: Any, says: str
) -> None:
    (tmp_path / "m.jsonl").write_text(json.dumps({"photo": "a.png", "caption": caption}))
    (draft,) = read_drafts(tmp_path / "m.jsonl")
    assert f"the caption is {says}, not text" in str(draft.error)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("https://example.go.id/a.jpg", "PhotoAddressError"),
        ("", "PhotoCellError"),
        ("C:\\Users\\humas\\a.jpg", "PhotoOutsideError"),
        ("/lain/a.jpg", "PhotoOutsideError"),
        ("DSC_0002.jpg", None),
        ("foto%20sidang.jpg", None),
        ("Sub\\C.JPG", None),
        ("kembar.jpg", "PhotoMisnamedError"),
        ("DSC_00022.JPG", "PhotoMisnamedError"),
    ],
)
def test_photos_by_other_names_in_a_cell(tmp_path: Path, cell: str, code: str | None) -> None:
    for name in ("DSC_0002.JPG", "foto sidang.jpg", "sub/c.jpg", "Kembar.jpg", "KEMBAR.jpg"):
        save_photo(tmp_path / name)
    (tmp_path / "m.csv").write_text(f"photo,caption\n{cell},satu\n")
    (draft,) = read_drafts(tmp_path / "m.csv")
    assert (draft.error.code if draft.error else None) == code
    assert code is not None or (draft.photo is not None and draft.photo.exists())  # type: ignore[union-attr]


def test_columns_that_are_named_and_columns_that_are_carried(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("PIC,Berkasnya,Naskah Akhir,Tanggal\nAni,a.png,satu,1/11\n")
    (draft,) = read_drafts(
        tmp_path / "m.csv", photo_column="berkasnya", caption_column="Naskah akhir"
    )
    assert (draft.caption, draft.date) == ("satu", "1/11")
    assert draft.extra == {"PIC": "Ani", "Tanggal": "1/11"}


def test_workbooks(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter", reason="the dev extra brings it")
    path = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Panduan").write(0, 0, "Cara mengisi")
        sheet = book.add_worksheet("Konten")
        for row, cells in enumerate(
            [
                ["KALENDER"],
                [],
                ["No", "Nama File", "Takarir"],
                [1, "a.png", "satu"],
                [],
                [2, "b.png", "dua"],
            ]
        ):
            sheet.write_row(row, 0, cells)
    drafts = read_drafts(path)
    assert seen(drafts) == GOOD
    assert [draft.extra for draft in drafts] == [{"No": "1"}, {"No": "2"}]
    assert [note.code for note in drafts.notes] == ["sheets_left"]


def test_a_unicode_text_of_excel_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_bytes("photo\tcaption\na.png\tsatu\nb.png\tdua\n".encode("utf-16"))
    assert seen(read_drafts(tmp_path / "m.txt")) == GOOD


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in range(8):
            archive.writestr(f"xl/{part}.xml", b"\0" * 20_000_000)
    with pytest.raises(ManifestUnreadableError, match="unpacks to over 150 MB"):
        read_drafts(path)
    path.write_bytes(b"PK\3\4")
    with pytest.raises(ManifestUnreadableError, match="damaged or no Excel"):
        read_drafts(path)
