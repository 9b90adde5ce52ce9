"""A batch as files to keep: JSON lines, CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgfit.errors import ArgumentError
from imgfit.output import write_whole
from imgfit.parquet import parquet_bytes
from imgfit.textfile import encodable

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from imgfit.scores import Batch

# A spreadsheet runs a cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_rows(batch: Batch, path: str | os.PathLike[str]) -> None:
    """Write a batch's rows in input order, whole or not at all.

    Args:
        batch: The scores.
        path: A file ending in ``.jsonl``, ``.csv`` or ``.parquet``; an existing one is replaced.

    Raises:
        PackageMissingError: Parquet is asked for and pyarrow is not installed.
        ArgumentError: Another ending, or the file cannot be written.
    """
    path = Path(path)
    renderers: dict[str, Callable[[Batch], str | bytes]] = {
        ".jsonl": json_lines,
        ".csv": csv_table,
        ".parquet": _parquet,
    }
    if path.suffix.lower() not in renderers:
        raise ArgumentError(
            argument="output", value=path, needed="a name ending in .jsonl, .csv or .parquet"
        )
    write_whole(renderers[path.suffix.lower()](batch), path)


def json_lines(batch: Batch) -> str:
    """Return the rows as JSON, one object a line.

    Args:
        batch: The scores.

    Returns:
        UTF-8 text, a line a draft.
    """
    rows = (json.dumps(score.row(), ensure_ascii=False, allow_nan=False) for score in batch)
    # U+2028 and U+2029 end a line for some readers; JSON may write them escaped.
    lines = "".join(f"{row}\n" for row in rows)
    return encodable(lines.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def csv_table(batch: Batch) -> str:
    """Return the rows as CSV with a header, safe to open in a spreadsheet.

    Lists become text: reasons and hints as English sentences, windows joined by `` | ``. A cell
    that a spreadsheet would run as a formula gets an apostrophe before it.

    Args:
        batch: The scores.

    Returns:
        CSV text, beginning with a byte-order mark so that spreadsheets read it as UTF-8.
    """
    out = io.StringIO(newline="")
    rows = []
    for score in batch:
        row = score.row()
        row["reasons"] = " ".join(str(reason) for reason in score.reasons)
        row["hints"] = " ".join(f"{hint}." for hint in score.hints)
        row["windows"] = " | ".join(window.text for window in score.windows)
        rows.append({key: _cell(value) for key, value in row.items()})
    writer = csv.DictWriter(out, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return encodable("\ufeff" + out.getvalue())


def _parquet(batch: Batch) -> bytes:
    return parquet_bytes([score.row() for score in batch])


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return "'" + value
    return value
