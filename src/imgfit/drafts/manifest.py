"""Manifests: tables of drafts as CSV, TSV, JSON lines or Parquet, as raw rows.

A row that cannot be read is yielded with the reason, so that none is lost.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from typing import TYPE_CHECKING, Any

from imgfit.drafts.parquet import read_columns
from imgfit.errors import DraftsMissingError, ManifestColumnError, ManifestUnreadableError
from imgfit.files import read_text
from imgfit.language import Phrase
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TypeAlias

    from imgfit.drafts.rows import Choose, RawRow
    from imgfit.files import RemoteFile

    ManifestPath: TypeAlias = Path | RemoteFile
    NumberedRow: TypeAlias = tuple[int, RawRow | Exception]

MANIFEST_SUFFIXES = frozenset([".csv", ".tsv", ".jsonl", ".parquet"])
_MAX_MANIFEST_BYTES = 200_000_000


def read_rows(path: ManifestPath, choose: Choose) -> Iterator[NumberedRow]:
    """Read the chosen columns of a manifest, row by row.

    Args:
        path: A file ending in one of `MANIFEST_SUFFIXES`.
        choose: Called with the header; of JSON lines, with the keys of each row.

    Yields:
        The number of a row, as a spreadsheet or editor shows it, and the row: values by the chosen
        words, or why it cannot be read.

    Raises:
        DraftsMissingError: There is no such file.
        ManifestColumnError: ``choose`` found that the header lacks a column.
        ManifestUnreadableError: Its bytes are not text, or it is too large.
        PackageMissingError: It is Parquet and pyarrow is not installed.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            yield from enumerate(read_columns(path, choose), 1)
            return
        text = read_text(path, _MAX_MANIFEST_BYTES)
    except FileNotFoundError:
        raise DraftsMissingError(path=path) from None
    except (OSError, ValueError) as cause:
        raise ManifestUnreadableError(path=path, cause=said_by(cause)) from cause
    if suffix == ".jsonl":
        yield from _json_rows(text, choose)
    else:
        yield from _table_rows(text, choose, tabs=suffix == ".tsv")


def _table_rows(text: str, choose: Choose, *, tabs: bool) -> Iterator[NumberedRow]:
    """Yield the rows of a CSV or TSV, numbered as a spreadsheet shows them."""
    header_line = next(io.StringIO(text, newline=""), "")
    # Spreadsheets of Indonesian offices write semicolons, whatever the suffix says.
    delimiter = "\t" if tabs else max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    columns: dict[str, int] = {}
    width = 0
    for number in itertools.count(1):
        try:
            cells = next(reader, None)
        except csv.Error as cause:
            yield number, ValueError(said_by(cause))
            continue
        if number == 1:
            columns, width = dict(choose(cells or [])), len(cells or [])
        elif cells is None:
            return
        elif len(cells) > width:
            yield number, ValueError(_excess(len(cells), width))
        elif any(cell.strip() for cell in cells):
            yield number, {k: cells[i] for k, i in columns.items() if i < len(cells)}


def _excess(cells: int, width: int) -> Phrase:
    return Phrase(
        id=f"{cells} sel untuk {width} kolom",
        en=f"{cells} cells for {width} columns",
    )


def _json_rows(text: str, choose: Choose) -> Iterator[NumberedRow]:
    """Yield the rows of a JSON-lines manifest; each row must be an object with both keys."""
    # Not splitlines: a string of JSON may hold the other line breaks of Unicode as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            if not isinstance(values, dict):
                raise ValueError(_NOT_AN_OBJECT)  # noqa: TRY004 - caught below with json's own
            columns = choose(list(values))
        except RecursionError as error:
            yield number, ValueError(said_by(error))
        except (ValueError, ManifestColumnError) as error:
            yield number, error
        else:
            keys = list(values)
            yield number, {word: _text(values[keys[i]]) for word, i in columns.items()}


_NOT_AN_OBJECT = Phrase(id="bukan objek JSON", en="not a JSON object")


def _text(value: Any) -> str | None:
    """Return a value of JSON as text: a number is read as it was written."""
    return None if value is None else str(value)
