"""Rows for people: Excel with pictures, CSV as an Indonesian Excel expects it, the user's columns."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from imgfit import Draft
from imgfit.reports.rows import csv_table, write_rows
from tests.conftest import save_photo

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit import Batch, Checker


@pytest.fixture
def batch(checker: Checker, tmp_path: Path) -> Batch:
    photo = save_photo(tmp_path / "a.png")
    own = {"No": "1", "PIC": "=Ani", "fit": "baik"}
    return checker.check_drafts(
        [Draft(photo, "Rapat di aula", extra=own), Draft(tmp_path / "tiada.png", "Sungai")]
    )


def test_the_user_s_columns_come_first(batch: Batch) -> None:
    rows = list(csv.reader(io.StringIO(csv_table(batch).removeprefix("\ufeff"))))
    assert rows[0][:5] == ["No", "PIC", "fit (2)", "row_version", "id"]
    assert rows[1][:3] == ["1", "'=Ani", "baik"]
    assert rows[2][:3] == ["", "", ""]
    assert batch[0].row()["columns"] == {"No": "1", "PIC": "=Ani", "fit": "baik"}


def test_semicolons_bring_decimal_commas(batch: Batch) -> None:
    table = csv_table(batch, semicolons=True).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(table), delimiter=";"))
    assert rows[0]["cosine"] == str(batch[0].row()["cosine"]).replace(".", ",")


def test_a_workbook_has_pictures_and_no_formula(batch: Batch, tmp_path: Path) -> None:
    calamine = pytest.importorskip("python_calamine", reason="the dev extra brings it")
    path = tmp_path / "hasil.xlsx"
    write_rows(batch, path, language="id")
    sheet = calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    rows = sheet.to_python(skip_empty_area=False)
    assert rows[0] == [
        "Gambar", "No", "PIC", "fit", "Draf", "Penilaian", "Kecocokan", "Alasan", "Keterangan",
        "Foto",
    ]  # fmt: skip
    assert rows[1][1:4] == ["1", "=Ani", "baik"]
    assert (rows[2][5], rows[2][8]) == ("gagal", "Sungai")
    with zipfile.ZipFile(path) as archive:
        assert [n for n in archive.namelist() if n.startswith("xl/media/")] == [
            "xl/media/image1.jpeg"
        ]
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
