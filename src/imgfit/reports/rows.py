"""A batch as files to keep: JSON lines, CSV and Parquet, a row a draft in input order."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgfit.errors import ArgumentError
from imgfit.files import json_lines as as_json_lines, write_whole
from imgfit.language import Phrase
from imgfit.printable import spreadsheet_cell
from imgfit.reports.arrow import parquet_bytes

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from imgfit.scoring import Batch

# Between the items of a list in one cell of CSV.
_BETWEEN = " | "


def write_rows(batch: Batch, path: str | os.PathLike[str]) -> None:
    """Write a batch's rows in input order, whole or not at all.

    Args:
        batch: The scores.
        path: A file ending in ``.jsonl``, ``.csv`` or ``.parquet``; an existing one is replaced.

    Raises:
        PackageMissingError: The file is Parquet and pyarrow is not installed.
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
            argument="path",
            value=path,
            needed=Phrase(
                id="nama berkas harus berakhiran .jsonl, .csv, atau .parquet",
                en="a name ending in .jsonl, .csv or .parquet",
            ),
        )
    write_whole(renderers[path.suffix.lower()](batch), path)


def json_lines(batch: Batch) -> str:
    """Return the rows as JSON, one object a line.

    Args:
        batch: The scores.

    Returns:
        UTF-8 text, a line a draft.
    """
    return as_json_lines(score.row() for score in batch)


def csv_table(batch: Batch) -> str:
    """Return the rows as CSV with a header, safe to open in a spreadsheet.

    Lists become text: reasons and hints are English sentences joined by `` | ``, and so are
    windows. An apostrophe stands before anything that a spreadsheet would run as a formula: at the
    start of a cell and after a semicolon, tab or line break in it. Other control characters are
    left out. JSON lines are exact.

    Args:
        batch: The scores.

    Returns:
        CSV text, beginning with a byte-order mark so that spreadsheets read it as UTF-8.
    """
    out = io.StringIO(newline="")
    rows = []
    for score in batch:
        row = score.row()
        row["reasons"] = _BETWEEN.join(reason.say("en") for reason in score.reasons)
        row["hints"] = _BETWEEN.join(hint.say("en") for hint in score.hints)
        row["windows"] = _BETWEEN.join(window.text for window in score.windows)
        rows.append({key: _cell(value) for key, value in row.items()})
    writer = csv.DictWriter(out, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return "\ufeff" + out.getvalue()


def _parquet(batch: Batch) -> bytes:
    return parquet_bytes([score.row() for score in batch])


def _cell(value: Any) -> Any:
    return spreadsheet_cell(value) if isinstance(value, str) else value
