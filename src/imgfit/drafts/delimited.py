"""CSV and TSV as people's programs write them, as numbered rows; a bad row costs no other.

Python's reader takes a quote that never closes for the rest of the file. Here such a row is an
error that names the line, and the lines after it are rows.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.drafts.kinds import is_photo
from imgfit.errors import ManifestColumnError
from imgfit.language import Phrase
from imgfit.printable import RefusedError, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imgfit.drafts.rows import Choose, RawRow

    Record = tuple[int, list[str] | ValueError]

# Rows that titles and notes above the header may take.
HEADER_WITHIN = 15
_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR = re.compile(r'\A"?sep=(.)"?(?:\r\n|\n|\r|\Z)', re.IGNORECASE)
# Stands for a line break of old Macs inside a cell while lines are told apart.
_BROKEN = ("\ue0ff", "\uf8fe", "\ue1ff")
_NO_CELLS: list[str] = []


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table lies in its file.

    Attributes:
        header: Index of the header's record.
        columns: Index of each column that is read, by its word.
        width: How many columns the header has.
    """

    header: int
    columns: dict[str, int]
    width: int


def find_layout(records: Sequence[Sequence[str]], choose: Choose) -> Layout:
    """Find the header among the first records, under titles if there are any.

    Args:
        records: The first of a table, at most `HEADER_WITHIN` are looked at.
        choose: Maps a header to its columns.

    Returns:
        The layout.

    Raises:
        ManifestColumnError: None of them is a header; that of the likeliest one.
    """
    best: tuple[int, ManifestColumnError] | None = None
    for index, record in enumerate(records[:HEADER_WITHIN]):
        try:
            return Layout(index, dict(choose(list(record))), len(record))
        except ManifestColumnError as error:
            filled = sum(bool(cell.strip()) for cell in record)
            filled += 100 * (error.facts["needed"] != "photo")
            if best is None or filled > best[0]:
                best = filled, error
    if best is None:
        return Layout(0, dict(choose([])), 0)
    raise best[1]


def read_delimited(
    text: str, choose: Choose, *, tabs: bool
) -> Iterator[tuple[int, RawRow | Exception]]:
    """Yield the rows of a CSV or TSV, numbered as a spreadsheet shows them.

    Args:
        text: The whole file.
        choose: Maps the header to its columns.
        tabs: Whether its name says that tabs stand between cells.

    Yields:
        A row's number and its values by word, or why it cannot be read.

    Raises:
        ManifestColumnError: There is no header with the needed columns.
    """
    named = _SEPARATOR.match(text)
    if named is not None:
        text = text[named.end() :]
    text, mark = _unbroken(text)
    lines = re.findall(r"[^\n\r]*(?:\r\n|\n|\r)|[^\n\r]+\Z", text)
    delimiter, layout = _delimiter(lines, choose, named[1] if named else None, tabs=tabs)
    records = _records(lines, delimiter, layout, lenient=tabs)
    for index, (_, cells) in enumerate(records):
        if index <= layout.header:
            continue
        if isinstance(cells, ValueError):
            yield index + 1, cells
            continue
        row = _row(cells, layout, mark)
        if row is not None:
            yield index + 1, row


def _row(cells: list[str], layout: Layout, mark: str) -> RawRow | ValueError | None:
    while len(cells) > layout.width and not cells[-1].strip():
        cells.pop()
    if len(cells) > layout.width:
        return ValueError(excess(len(cells), layout.width))
    if not any(cell.strip() for cell in cells):
        return None
    return {
        word: cells[i].replace(mark, "\n") for word, i in layout.columns.items() if i < len(cells)
    }


def excess(cells: int, width: int) -> Phrase:
    """Say that a row has more cells than the header."""
    return Phrase(
        id=f"{cells} sel untuk {width} kolom; apit sel yang berisi pemisah dengan tanda kutip",
        en=f"{cells} cells for {width} columns; put quotes around a cell that holds the separator",
    )


def _unbroken(text: str) -> tuple[str, str]:
    """Hide line breaks of old Macs inside cells, in a file whose rows end otherwise."""
    first = re.search(r"\r\n|\n|\r", text)
    mark = next((mark for mark in _BROKEN if mark not in text), "\n")
    if first is None or first[0] == "\r":
        return text, mark
    return re.sub(r"\r(?!\n)", mark, text), mark


def _delimiter(
    lines: Sequence[str], choose: Choose, named: str | None, *, tabs: bool
) -> tuple[str, Layout]:
    """Find the separator by which a header with the needed columns appears."""
    if named is not None:
        order = [named]
    else:
        # Spreadsheets of Indonesian offices write semicolons, whatever the suffix says.
        head = "".join(lines[:HEADER_WITHIN])
        order = sorted(_DELIMITERS, key=lambda mark: (tabs and mark == "\t", head.count(mark)))
        order.reverse()
    found: list[tuple[int, str, Layout]] = []
    refused: ManifestColumnError | None = None
    for mark in order:
        head_records = _head(lines, mark)
        try:
            layout = find_layout(head_records, choose)
        except ManifestColumnError as error:
            refused = refused or error
        else:
            found.append((-layout.width, mark, layout))
            if tabs and mark == "\t":
                break
    if not found:
        if refused is None:
            raise TypeError("no separator was tried")
        raise refused
    _, delimiter, layout = min(found, key=lambda item: item[0])
    return delimiter, layout


def _head(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    records = _records(lines[: 8 * HEADER_WITHIN], delimiter, None, lenient=True)
    return [
        cells if isinstance(cells, list) else _NO_CELLS
        for _, (_, cells) in zip(range(HEADER_WITHIN), records, strict=False)
    ]


def _records(
    lines: Sequence[str], delimiter: str, layout: Layout | None, *, lenient: bool
) -> Iterator[Record]:
    """Yield each record and the number of the line it begins on, from 1."""
    at = 0
    while at < len(lines):
        begun = at
        rest = map(lines.__getitem__, range(begun, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                here, at = at, begun + reader.line_num
                inner = lines[here + 1 : at]
                if inner and layout is not None and _swallows(inner, delimiter, layout):
                    at = here
                    break
                yield here + 1, cells
            else:
                return
        except csv.Error:
            pass
        # One line by itself: its quotes are not doubled, or one of them never closes.
        yield at + 1, _alone(lines[at], delimiter, at + 1, lenient=lenient)
        at += 1


def _swallows(inner: Sequence[str], delimiter: str, layout: Layout) -> bool:
    """Tell whether a cell of several lines holds lines that are rows by themselves."""
    place = layout.columns.get("photo", 0)
    for line in inner:
        cells = line.split(delimiter)
        if len(cells) >= min(2, layout.width) and place < len(cells):
            name = cells[place].strip().strip('"')
            if is_photo(name) and len(cells) > 1 and "\n" not in name:
                return True
    return False


def _alone(line: str, delimiter: str, number: int, *, lenient: bool) -> list[str] | ValueError:
    """Read one line that a strict reader refused."""
    body = line.rstrip("\r\n")
    try:
        cells = next(csv.reader([body + "\n"], delimiter=delimiter), _NO_CELLS)
    except csv.Error as cause:
        return RefusedError(id=said_by(cause).id, en=said_by(cause).en)
    if not any("\n" in cell for cell in cells):
        return cells
    if lenient:  # in a TSV, a caption may begin with a quotation mark
        return body.split(delimiter)
    return RefusedError(
        id=f"tanda kutip yang dibuka di baris {number} berkas ini tidak pernah ditutup; hapus "
        "tanda kutip itu atau tutup di akhir selnya",
        en=f"the quote that opens in line {number} of the file never closes; delete it, or close "
        "it at the end of its cell",
    )
