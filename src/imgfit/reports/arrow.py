"""Rows as Arrow tables and Parquet files. pyarrow is imported when needed."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from imgfit.drafts import require_pyarrow
from imgfit.printable import encodable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Rows of an Arrow table made at a time: a column of strings holds at most 2 GB a piece.
_PIECE = 10_000


def score_schema() -> Any:
    """Return the columns of scores: those of `Score.row`, in its order.

    Reasons and hints are a code and the facts by name, each fact as text, a number as JSON writes
    it: so files of different versions, and of blocks that happen to hold other reasons, have one
    schema.

    Returns:
        A ``pyarrow.Schema``.

    Raises:
        PackageMissingError: pyarrow is not installed.
    """
    pa = require_pyarrow("Arrow")
    told = pa.list_(
        pa.struct([("code", pa.string()), ("facts", pa.map_(pa.string(), pa.string()))])
    )
    number, text = pa.float64(), pa.string()
    window = [("text", text), *((name, number) for name in ("cosine", "fit", "weight"))]
    window += [("judged", pa.bool_())]
    return pa.schema(
        [
            ("row_version", pa.int64()),
            *((name, text) for name in ("id", "photo", "caption", "text")),
            *((name, number) for name in ("cosine", "fit", "probability", "evidence_ratio")),
            ("verdict", text),
            ("reasons", told),
            ("hints", told),
            ("windows", pa.list_(pa.struct(window))),
            ("dropped_tokens", pa.int64()),
            ("error", text),
            ("signature", text),
            ("columns", pa.map_(text, text)),
        ]
    )


def score_table(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Put rows into an Arrow table.

    Args:
        rows: As `Score.row` returns them, n of them.

    Returns:
        A ``pyarrow.Table`` of n rows in `score_schema`.

    Raises:
        PackageMissingError: pyarrow is not installed.
    """
    pa, schema = require_pyarrow("Arrow"), score_schema()
    pieces = (rows[start : start + _PIECE] for start in range(0, len(rows) or 1, _PIECE))
    return pa.concat_tables(
        pa.Table.from_pylist([_plain(row) for row in piece], schema=schema) for piece in pieces
    )


def parquet_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write rows as a Parquet file.

    Args:
        rows: As `Score.row` returns them.

    Returns:
        The file.

    Raises:
        PackageMissingError: pyarrow is not installed.
    """
    table = score_table(rows)
    from pyarrow import parquet  # noqa: PLC0415 - as above

    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a row to the schema: facts as text, and text as valid Unicode."""
    told = {
        name: [
            {
                "code": told["code"],
                "facts": [(key, _fact(value)) for key, value in told.items() if key != "code"],
            }
            for told in row[name]
        ]
        for name in ("reasons", "hints")
    }
    windows = [{**window, "text": encodable(window["text"])} for window in row["windows"]]
    texts = {key: encodable(value) for key, value in row.items() if isinstance(value, str)}
    columns = [(encodable(name), encodable(cell)) for name, cell in row["columns"].items()]
    return {**row, **texts, **told, "windows": windows, "columns": columns}


def _fact(value: Any) -> str:
    return encodable(value) if isinstance(value, str) else json.dumps(value)
