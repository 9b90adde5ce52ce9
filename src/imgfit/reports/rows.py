"""A batch as files to keep: JSON lines, CSV, Excel and Parquet, a row a draft in input order."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgfit.drafts import Draft
from imgfit.errors import ArgumentError
from imgfit.files import json_lines as as_json_lines, write_whole
from imgfit.language import Phrase
from imgfit.printable import spreadsheet_cell
from imgfit.reports.arrow import parquet_bytes
from imgfit.reports.workbook import workbook_bytes
from imgfit.scoring import Score

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    from imgfit.language import Language
    from imgfit.scoring import Batch

# Between the items of a list in one cell of CSV.
_BETWEEN = " | "


def write_rows(
    batch: Batch,
    path: str | os.PathLike[str],
    *,
    semicolons: bool = False,
    language: Language | None = None,
) -> None:
    """Write a batch's rows in input order, whole or not at all.

    Args:
        batch: The scores.
        path: A file ending in ``.jsonl``, ``.csv``, ``.xlsx`` or ``.parquet``; an existing one is
            replaced.
        semicolons: Whether CSV has semicolons between cells and decimal commas, as Excel in
            Indonesian expects.
        language: Of the sentences and headings in ``.xlsx``; the system's if None.

    Raises:
        PackageMissingError: The file is Parquet or Excel and the package for it is not installed.
        ArgumentError: Another ending, or the file cannot be written.
    """
    path = Path(path)
    renderers: dict[str, Callable[[Batch], str | bytes]] = {
        ".jsonl": json_lines,
        ".csv": lambda rows: csv_table(rows, semicolons=semicolons),
        ".xlsx": lambda rows: workbook_bytes(rows, language),
        ".parquet": _parquet,
    }
    if path.suffix.lower() not in renderers:
        raise ArgumentError(
            argument="path",
            value=path,
            needed=Phrase(
                id="nama berkas harus berakhiran .jsonl, .csv, .xlsx, atau .parquet",
                en="a name ending in .jsonl, .csv, .xlsx or .parquet",
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


def csv_table(batch: Batch, *, semicolons: bool = False) -> str:
    """Return the rows as CSV with a header, safe to open in a spreadsheet.

    The user's own columns come first, under their own names (with a number if imgfit has a column
    of that name). Lists become text: reasons and hints are English sentences joined by `` | ``,
    and so are windows. An apostrophe stands before anything that a spreadsheet would run as a
    formula: at the start of a cell and after a semicolon, tab or line break in it. Other control
    characters are left out. JSON lines are exact.

    Args:
        batch: The scores.
        semicolons: Whether semicolons stand between cells, and commas in decimal numbers.

    Returns:
        CSV text, beginning with a byte-order mark so that spreadsheets read it as UTF-8.
    """
    out = io.StringIO(newline="")
    rows: list[dict[str, Any]] = []
    for score in batch:
        row = score.row()
        del row["columns"]
        row["reasons"] = _BETWEEN.join(reason.say("en") for reason in score.reasons)
        row["hints"] = _BETWEEN.join(hint.say("en") for hint in score.hints)
        row["windows"] = _BETWEEN.join(window.text for window in score.windows)
        rows.append(row)
    names = own_columns(batch)
    writer = csv.writer(out, delimiter=";" if semicolons else ",")
    columns = list(Score(Draft(None, None)).row())  # a table without rows has them too
    writer.writerow([*map(spreadsheet_cell, _unlike(names, columns)), *columns])
    for score, row in zip(batch, rows, strict=True):
        carried = [score.draft.extra.get(name, "") for name in names]
        writer.writerow([_cell(value, comma=semicolons) for value in (*carried, *row.values())])
    return "\ufeff" + out.getvalue()


def own_columns(batch: Batch) -> list[str]:
    """Return the names of the user's own columns, in the order that they first appear."""
    return list(dict.fromkeys(name for score in batch for name in score.draft.extra))


def _unlike(names: list[str], ours: Iterable[str]) -> list[str]:
    """Number the names that imgfit's own columns have too: readers take columns by name."""
    taken = set(ours)
    return [f"{name} (2)" if name in taken else name for name in names]


def _parquet(batch: Batch) -> bytes:
    return parquet_bytes([score.row() for score in batch])


def _cell(value: Any, *, comma: bool = False) -> Any:
    if comma and isinstance(value, float):
        return str(value).replace(".", ",")
    return spreadsheet_cell(value) if isinstance(value, str) else value
