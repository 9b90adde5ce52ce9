"""Parquet and Arrow: rows out with their fields, manifests in, and what strangers' files may do."""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from imgfit.drafts.draft import Draft
from imgfit.drafts.parquet import read_columns
from imgfit.drafts.parquet_pages import ParquetLimits
from imgfit.drafts.reading import read_drafts
from imgfit.errors import (
    DraftsMissingError,
    ManifestColumnError,
    ManifestUnreadableError,
    PackageMissingError,
)
from imgfit.reports.arrow import score_schema
from imgfit.reports.rows import write_rows
from imgfit.scoring.results import Score
from tests.conftest import save_photo

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.checker import Checker
    from imgfit.scoring.results import Batch


@pytest.fixture
def batch(checker: Checker, tmp_path: Path) -> Batch:
    """Return scores with reasons, hints of numbers and of text, windows, an error and odd text."""
    red, blue = save_photo(tmp_path / "a.png"), save_photo(tmp_path / "b.png", "biru")
    return checker.check_drafts(
        [
            Draft(red, "Mobil merah parkir. Langit biru di atas laut.", "satu"),
            Draft(red, "Langit biru di atas laut biru", "potong \ud83d emoji"),
            Draft(blue.read_bytes(), "Laut biru", caption_from="IPTC"),
            Draft(tmp_path / "hilang.png", "Laut biru"),
        ]
    )


def by_name(header: list[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(header)}


def unfolded(row: dict[str, Any]) -> dict[str, Any]:
    """Turn a row of Arrow into a row of JSON lines; facts that were numbers become numbers."""

    def fact(text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError:
            return text

    told = {
        name: [
            {"code": told["code"], **{key: fact(value) for key, value in told["facts"]}}
            for told in row[name]
        ]
        for name in ("reasons", "hints")
    }
    return {**row, **told}


def as_text(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as a reader of JSON lines finds it."""
    line = json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_parquet_file_holds_the_rows_of_json_lines(batch: Batch, tmp_path: Path) -> None:
    write_rows(batch, tmp_path / "out.parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.schema.equals(score_schema())
    found = [unfolded(row) for row in table.to_pylist()]
    found = [{**row, "columns": dict(row["columns"])} for row in found]
    expected = [as_text(score.row()) for score in batch]
    # A cut emoji is no Unicode: both forms write it as an escape.
    expected[1]["id"] = found[1]["id"] = found[1]["id"].replace("\\ud83d", "")
    expected[1]["id"] = "potong  emoji"
    assert found[1]["id"] == "potong  emoji"
    for row in expected:  # a swap names the draft by its id
        for reason in row["reasons"]:
            reason.update({k: v.replace("\ud83d", "\\ud83d") for k, v in reason.items()})
        for hint in row["hints"]:
            hint.update(
                {k: v.replace("\ud83d", "\\ud83d") for k, v in hint.items() if isinstance(v, str)}
            )
    assert found == expected
    kinds = {hint["code"] for row in found for hint in row["hints"]}
    assert {"low_resolution", "same_file", "caption_from_photo"} <= kinds
    assert any(row["reasons"] for row in found)
    assert found[3]["error"].startswith("PhotoMissingError")


def test_a_batch_without_rows_has_the_columns(checker: Checker) -> None:
    assert checker.check_drafts([]).to_arrow().schema.equals(score_schema())
    assert list(Score(Draft(None, None)).row()) == score_schema().names


def test_arrow_and_pandas_hold_the_same_numbers(batch: Batch) -> None:
    table, frame = batch.to_arrow(), batch.to_pandas()
    assert table["fit"].to_pylist() == [score.row()["fit"] for score in batch]
    assert frame["verdict"].tolist() == table["verdict"].to_pylist()


@pytest.mark.parametrize("kind", ["path", "bytes", "struct", "struct of a path", "dictionary"])
def test_a_manifest_in_parquet(tmp_path: Path, kind: str) -> None:
    photo = save_photo(tmp_path / "foto" / "a.png")
    data = photo.read_bytes()
    cells: dict[str, Any] = {
        "path": pa.array(["foto/a.png"]),
        "bytes": pa.array([data]),
        "struct": pa.array([{"bytes": data, "path": "a.png"}]),
        "struct of a path": pa.array(
            [{"bytes": None, "path": "foto/a.png"}],
            pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
        ),
        "dictionary": pa.array(["foto/a.png"]).dictionary_encode(),
    }
    columns = {"Image": cells[kind], "teks": ["Mobil merah"], "n": [[1]], "cocok": [True]}
    parquet.write_table(pa.table(columns), tmp_path / "m.parquet")
    (draft,) = read_drafts(tmp_path / "m.parquet", labels="cocok")
    by_path = kind in ("path", "struct of a path", "dictionary")
    assert draft.photo == (photo if by_path else data)
    assert (draft.caption, draft.label, draft.error) == ("Mobil merah", True, None)
    assert draft.id == {"bytes": "1", "struct": "a.png"}.get(kind, "foto/a.png")


def test_a_bad_row_costs_itself_only(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.png")
    broken = pa.Array.from_buffers(
        pa.string(),
        5,
        [None, pa.py_buffer(bytes(4 * [0]) + b"".join(
            n.to_bytes(4, "little") for n in (5, 7, 12, 12, 17)
        )), pa.py_buffer(b"merah\xff\xfebiru hijau")],
    )  # fmt: skip
    photos = ["a.png", "a.png", "../keluar.png", None, "a.png"]
    parquet.write_table(pa.table({"photo": photos, "caption": broken}), tmp_path / "m.parquet")
    drafts = read_drafts(tmp_path / "m.parquet")
    names = [draft.error.code if draft.error else None for draft in drafts]
    assert names == [None, "ManifestRowError", "PhotoOutsideError", "PhotoCellError", None]
    assert [draft.caption for draft in drafts][::4] == ["merah", "hijau"]
    assert "row 2" in str(drafts[1].error)


@pytest.mark.parametrize(
    ("photos", "what"),
    [
        (pa.array([[1, 2]]), "a list"),
        (pa.array([3.5]), "a number"),
        (pa.array([True]), "true or false"),
    ],
)
def test_a_photo_that_is_no_file_is_told(tmp_path: Path, photos: pa.Array, what: str) -> None:
    parquet.write_table(pa.table({"photo": photos, "caption": ["x"]}), tmp_path / "m.parquet")
    (draft,) = read_drafts(tmp_path / "m.parquet")
    assert draft.error is not None
    assert what in str(draft.error)
    assert what not in draft.error.say("id")


@pytest.mark.parametrize(
    "value",
    [
        pa.array([2**31 - 1], pa.int32()).cast(pa.date32()),
        pa.array([2**62], pa.int64()).view(pa.duration("s")),
        pa.array([1], pa.timestamp("us", "Mars/Olympus")),
    ],
    ids=["a day", "a span", "a place"],
)
def test_a_value_that_python_has_no_word_for_costs_its_row(tmp_path: Path, value: pa.Array) -> None:
    table = pa.table({"photo": ["a.png"], "caption": value})
    parquet.write_table(table, tmp_path / "m.parquet")
    (draft,) = read_drafts(tmp_path / "m.parquet")
    assert draft.error is not None
    assert draft.error.code == "ManifestRowError"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.parquet")
    with pytest.raises(ManifestUnreadableError, match="not a file"):
        read_drafts(tmp_path / "m.parquet")


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + 40 * b"\xff" + b"PAR1", b"no parquet"])
def test_a_damaged_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "m.parquet").write_bytes(data)
    with pytest.raises(ManifestUnreadableError, match="m.parquet"):
        read_drafts(tmp_path / "m.parquet")


def test_columns_that_lack_or_repeat_are_told(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"foto": ["a"], "judul": ["x"]}), tmp_path / "m.parquet")
    with pytest.raises(ManifestColumnError, match="foto, judul"):
        read_drafts(tmp_path / "m.parquet")
    twice = pa.Table.from_arrays([pa.array(["a"])] * 3, ["photo", "caption", "caption"])
    parquet.write_table(twice, tmp_path / "n.parquet")
    with pytest.raises(ManifestUnreadableError, match="more than one column is called caption"):
        read_drafts(tmp_path / "n.parquet")
    with pytest.raises(DraftsMissingError):
        read_drafts(tmp_path / "o.parquet")


def test_a_small_file_that_says_much_is_bounded(tmp_path: Path) -> None:
    long = pa.array(["x" * 5_000_000])
    captions = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), long)
    table = pa.table({"photo": ["a.png"] * 1000, "caption": captions})
    parquet.write_table(table, tmp_path / "m.parquet")
    assert (tmp_path / "m.parquet").stat().st_size < 1_000_000  # for 5 GB
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    few = ParquetLimits(taken=50_000_000)
    with pytest.raises(ValueError, match="score_dataset"):
        list(read_columns(tmp_path / "m.parquet", by_name, limits=few))
    small = ParquetLimits(value=4_000_000)
    rows = list(read_columns(tmp_path / "m.parquet", by_name, limits=small))
    assert {str(row) for row in rows} == {"a value of 5 MB, limit 4 MB"}
    assert len(rows) == 1000
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 300_000 * (1000 if sys.platform == "darwin" else 1)


def test_without_pyarrow_the_extra_is_named(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.BytesIO()
    parquet.write_table(pa.table({"photo": ["a"], "caption": ["x"]}), out)
    (tmp_path / "m.parquet").write_bytes(out.getvalue())
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for act in (
        batch.to_arrow,
        lambda: read_drafts(tmp_path / "m.parquet"),
        lambda: write_rows(batch, tmp_path / "out.parquet"),
    ):
        with pytest.raises(PackageMissingError, match=r'pip install "\.\[parquet\]"'):
            act()
    assert not (tmp_path / "out.parquet").exists()
