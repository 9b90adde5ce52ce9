"""A batch as files to keep: JSON lines, CSV and Parquet."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgfit.drafts.parquet import parquet_bytes
from imgfit.errors import ArgumentError
from imgfit.files import writing as output
from imgfit.printable import spreadsheet_cell

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from imgfit.scoring.results import Batch


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
    output.write_whole(renderers[path.suffix.lower()](batch), path)


def json_lines(batch: Batch) -> str:
    """Return the rows as JSON, one object a line.

    Args:
        batch: The scores.

    Returns:
        UTF-8 text, a line a draft.
    """
    return output.json_lines(score.row() for score in batch)


def csv_table(batch: Batch) -> str:
    """Return the rows as CSV with a header, safe to open in a spreadsheet.

    Lists become text: reasons and hints as English sentences, windows joined by `` | ``. What a
    spreadsheet would run as a formula gets an apostrophe before it, at the start of a cell and
    after a semicolon, tab or line break in it; control characters but those are left out. JSON
    lines are exact.

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
    return "\ufeff" + out.getvalue()


def _parquet(batch: Batch) -> bytes:
    return parquet_bytes([score.row() for score in batch])


def _cell(value: Any) -> Any:
    return spreadsheet_cell(value) if isinstance(value, str) else value
