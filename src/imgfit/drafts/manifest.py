"""Manifests: tables of drafts as CSV, TSV, JSON lines or Parquet, row by row.

A row that cannot be understood is there with its error, so that none is lost.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from typing import TYPE_CHECKING, Any

from imgfit.drafts.parquet import cells_of, read_columns
from imgfit.errors import (
    DraftsMissingError,
    ImgfitError,
    ManifestColumnError,
    ManifestRowError,
    ManifestUnreadableError,
)
from imgfit.files.texts import read_text
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import TypeAlias

    from imgfit.files.remote import RemoteFile

    ManifestPath: TypeAlias = Path | RemoteFile
    # A row: text by word, and of a photo its bytes where the manifest holds them.
    Cells: TypeAlias = Mapping[str, str | bytes]

_MAX_MANIFEST_BYTES = 200_000_000
_COLUMNS = {
    "photo": ("photo", "image", "foto", "gambar"),
    "caption": ("caption", "text", "keterangan", "teks"),
    "id": ("id",),
    "pillar": ("pillar", "pilar"),
    "date": ("date", "tanggal"),
}


def read_rows(path: ManifestPath, labels: str | None) -> Iterator[tuple[int, Cells | ImgfitError]]:
    """Read a manifest's rows.

    Args:
        path: A file ending in ``.csv``, ``.tsv``, ``.jsonl`` or ``.parquet``.
        labels: Column to read as ``label``; None for none.

    Yields:
        The number of a row, as a spreadsheet or editor shows it, and the row: of ``photo``,
        ``caption``, ``id``, ``pillar``, ``date`` and ``label`` those that it has; or why it cannot
        be understood.

    Raises:
        DraftsMissingError: There is no such file.
        ManifestColumnError: It lacks the photo, the caption or the labels column.
        ManifestUnreadableError: Its bytes are no text, or it is too large.
        PackageMissingError: It is Parquet and pyarrow is not installed.
    """
    if path.suffix.lower() == ".parquet":
        yield from _parquet_rows(path, labels)
        return
    try:
        text = read_text(path, _MAX_MANIFEST_BYTES)
    except FileNotFoundError:
        raise DraftsMissingError(path=path) from None
    except (OSError, ValueError) as cause:
        raise ManifestUnreadableError(path=path, cause=said_by(cause)) from cause
    rows = _json_rows if path.suffix.lower() == ".jsonl" else _table_rows
    yield from rows(text, path, labels)


def _parquet_rows(
    path: ManifestPath, labels: str | None
) -> Iterator[tuple[int, Cells | ImgfitError]]:
    """Yield the rows of a Parquet file, counted from 1."""
    try:
        rows = read_columns(path, lambda header: find_columns(header, path, labels))
        yield from cells_of_rows(rows, path)
    except FileNotFoundError:
        raise DraftsMissingError(path=path) from None
    except (OSError, ValueError) as cause:
        raise ManifestUnreadableError(path=path, cause=said_by(cause)) from cause


def cells_of_rows(
    rows: Iterable[dict[str, Any] | ValueError], path: ManifestPath | str
) -> Iterator[tuple[int, Cells | ImgfitError]]:
    """Make a manifest's rows of those of an Arrow table.

    Args:
        rows: As `parquet.take_rows` yields them.
        path: What messages call the table.

    Yields:
        The number of a row, counted from 1, and the row, as `read_rows` does.
    """
    for number, row in enumerate(rows, 1):
        try:
            if isinstance(row, ValueError):
                raise row
            yield number, cells_of(row)
        except ValueError as cause:
            yield number, ManifestRowError(path=path, row=number, cause=said_by(cause))


def _table_rows(
    text: str, path: ManifestPath, labels: str | None
) -> Iterator[tuple[int, Cells | ImgfitError]]:
    """Yield the rows of a CSV or TSV, numbered as a spreadsheet shows them."""
    header_line = next(io.StringIO(text, newline=""), "")
    # Spreadsheets of Indonesian offices write semicolons, whatever the suffix says.
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    columns: dict[str, int] = {}
    width = 0
    for number in itertools.count(1):
        try:
            cells = next(reader, None)
        except csv.Error as cause:
            yield number, ManifestRowError(path=path, row=number, cause=said_by(cause))
            continue
        if number == 1:
            columns, width = find_columns(cells or [], path, labels), len(cells or [])
        elif cells is None:
            return
        elif len(cells) > width:
            excess = f"{len(cells)} cells for {width} columns"
            yield number, ManifestRowError(path=path, row=number, cause=excess)
        elif any(cell.strip() for cell in cells):
            yield number, {k: cells[i].strip() for k, i in columns.items() if i < len(cells)}


def _json_rows(
    text: str, path: ManifestPath, labels: str | None
) -> Iterator[tuple[int, Cells | ImgfitError]]:
    """Yield the rows of a JSON-lines manifest; each row must be an object with both keys."""
    # Not splitlines: a string of JSON may hold the other line breaks of Unicode as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            if not isinstance(values, dict):
                raise ValueError("not an object")  # noqa: TRY004 - joins json's own ValueError
            columns = find_columns(list(values), path, labels)
        except (ValueError, RecursionError) as cause:
            yield number, ManifestRowError(path=path, row=number, cause=said_by(cause))
            continue
        except ManifestColumnError as error:
            yield number, error
            continue
        keys = list(values)
        yield number, {k: _cell(values[keys[i]]) for k, i in columns.items()}


def _cell(value: Any) -> str:
    return "" if value is None else str(value).strip()


def find_columns(
    header: Iterable[str],
    path: ManifestPath | str,
    labels: str | None,
    named: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Map the words we use to the columns of a manifest or another table.

    Args:
        header: The columns' names.
        path: What messages call the table.
        labels: As in `read_rows`.
        named: Columns by word, in place of the names that are known.

    Returns:
        The column's index by word.

    Raises:
        ManifestColumnError: It lacks the photo, the caption or the labels column, or a named one.
    """
    found = [str(name).strip().lower() for name in header]
    columns: dict[str, int] = {}
    wanted = dict(_COLUMNS)
    named = dict(named or {}) | ({} if labels is None else {"label": labels})
    wanted.update({word: (name.strip().lower(),) for word, name in named.items()})
    for word, names in wanted.items():
        matches = [found.index(name) for name in names if name in found]
        if matches:
            columns[word] = matches[0]
    for word in dict.fromkeys(("photo", "caption", *named)):
        if word not in columns:
            raise ManifestColumnError(
                path=path,
                needed=word,
                found=", ".join(found[:20]) or "-",
                names=" / ".join(wanted[word]),
            )
    return columns
