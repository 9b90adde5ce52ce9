"""Pages of Parquet files are looked at before they are unpacked."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from imgfit.drafts.parquet import read_columns
from imgfit.drafts.parquet_pages import LIMITS, ParquetLimits, require_modest_pages

if TYPE_CHECKING:
    from pathlib import Path

LAYOUTS: list[dict[str, Any]] = [
    {},
    {"use_dictionary": False, "compression": "none", "data_page_size": 500},
    {"compression": "zstd", "data_page_version": "2.0", "row_group_size": 20},
    {"compression": "gzip", "write_page_index": True, "write_page_checksum": True},
]
SMALL = ParquetLimits(page=6_000)


def written(table: pa.Table, **layout: Any) -> bytes:
    out = io.BytesIO()
    parquet.write_table(table, out, **layout)
    return out.getvalue()


def check(data: bytes, *columns: str, limits: ParquetLimits = LIMITS) -> None:
    file = io.BytesIO(data)
    require_modest_pages(file, parquet.read_metadata(file).schema, columns, limits)


def drafts(longest: int, rows: int = 50) -> pa.Table:
    return pa.table(
        {
            "photo": [{"bytes": os.urandom(40), "path": None}] * rows,
            "other": ["y" * 9_000] * rows,
            "caption": ["x" * longest, *("Rapat",) * (rows - 1)],
        }
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_largest_page_decides(layout: dict[str, Any]) -> None:
    check(written(drafts(1_000), **layout), "photo", "caption", limits=SMALL)
    large = written(drafts(7_000), **layout)
    with pytest.raises(ValueError, match="row_group_size"):
        check(large, "photo", "caption", limits=SMALL)
    check(large, "photo", limits=SMALL)  # a column that is not read is not unpacked


def test_it_is_looked_at_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.parquet").write_bytes(written(drafts(7_000)))
    rows = read_columns(tmp_path / "m.parquet", lambda _: {"photo": 0, "caption": 2}, limits=SMALL)
    with pytest.raises(ValueError, match="a page of 0 MB"):
        next(rows)


def test_pages_without_end_are_refused() -> None:
    data = written(drafts(10), row_group_size=1)
    check(data, "photo", "caption")
    with pytest.raises(ValueError, match="over 100 pages"):
        check(data, "photo", "caption", limits=ParquetLimits(pages=100))


def test_long_names_and_values_in_headers_are_passed_over() -> None:
    table = pa.table({"photo": ["a" * 4_000, "b" * 4_000], "caption": ["x", "y"]})
    check(written(table, write_statistics=True, column_encoding={"photo": "PLAIN"},
                  use_dictionary=False), "photo", "caption")  # fmt: skip


@pytest.mark.parametrize(
    ("footer", "why"),
    [
        (b"\x15\x02\x05\x02\x02\x00", "a field twice"),
        (b"\x4d\x02", "a type that Parquet does not use"),
        (b"\x15" + b"\xff" * 11, "a number without end"),
        (b"\x1c" * 40, "nested too deeply"),
        (b"\x19\xfc\xff\xff\x03", "cut off"),
        (b"\x15\x02\x00", "lacks something"),
        (b"\x45\x02\x00", "lacks something"),
    ],
)
def test_footers_that_can_be_read_in_two_ways_or_in_none(footer: bytes, why: str) -> None:
    data = b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"
    with pytest.raises(ValueError, match=why):
        require_modest_pages(io.BytesIO(data), [], ["photo"])


@pytest.mark.parametrize("data", [b"", b"PAR1", b"x" * 40, b"PAR1" + b"\xff" * 4 + b"PAR1"])
def test_what_has_no_footer(data: bytes) -> None:
    with pytest.raises(ValueError, match="does not end as a Parquet file"):
        require_modest_pages(io.BytesIO(data), [], ["photo"])
