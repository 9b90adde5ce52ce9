"""Manifests: tables of drafts as CSV, TSV, JSON, workbooks or Parquet, as raw rows.

A row that cannot be read is yielded with the reason, so that none is lost.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from imgfit.drafts.account import Account
from imgfit.drafts.delimited import read_delimited
from imgfit.drafts.parquet import read_columns
from imgfit.drafts.sheets import SHEET_SUFFIXES, read_sheets
from imgfit.drafts.texts import read_words
from imgfit.errors import DraftsMissingError, ManifestColumnError, ManifestUnreadableError
from imgfit.language import Phrase
from imgfit.printable import RefusedError, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TypeAlias

    from imgfit.drafts.rows import Choose, RawRow
    from imgfit.files import RemoteFile

    ManifestPath: TypeAlias = Path | RemoteFile
    NumberedRow: TypeAlias = tuple[int, RawRow | Exception]

_MAX_MANIFEST_BYTES = 200_000_000
_LINES = (".jsonl", ".ndjson")


def read_rows(
    path: ManifestPath, choose: Choose, account: Account | None = None
) -> Iterator[NumberedRow]:
    """Read the chosen columns of a manifest, row by row.

    Args:
        path: A file ending in one of `MANIFEST_SUFFIXES`, or a text that is a table.
        choose: Called with the header; of JSON, with the keys of each row.
        account: Where it is written down how the file was read, if a person should know.

    Yields:
        The number of a row, as a spreadsheet or editor shows it (of a JSON list, its place from
        1), and the row: values by the chosen words, or why it cannot be read.

    Raises:
        DraftsMissingError: There is no such file.
        ManifestColumnError: ``choose`` found that the header lacks a column.
        ManifestUnreadableError: Its bytes are not text, or it is too large.
        PackageMissingError: The package that reads it is not installed.
    """
    suffix = path.suffix.lower()
    account = Account() if account is None else account
    try:
        if suffix == ".parquet":
            yield from enumerate(read_columns(path, choose), 1)
            return
        if suffix in SHEET_SUFFIXES:
            yield from read_sheets(path, choose, account)
            return
        text, guessed = read_words(path, _MAX_MANIFEST_BYTES)
        if guessed:
            account.note(path, "not_utf8")
        values = _json_list(text) if suffix == ".json" or _is_list(text, suffix) else None
    except FileNotFoundError:
        raise DraftsMissingError(path=path) from None
    except ManifestColumnError:
        raise
    except (OSError, ValueError) as cause:
        raise ManifestUnreadableError(path=path, cause=said_by(cause)) from cause
    if values is not None:
        yield from ((number, _json_row(row, choose)) for number, row in enumerate(values, 1))
    elif suffix in _LINES:
        yield from _json_lines(text, choose)
    else:
        yield from read_delimited(text, choose, tabs=suffix == ".tsv")


def _is_list(text: str, suffix: str) -> bool:
    """Tell whether a file of JSON lines is one JSON list instead."""
    begin = text[:1_000].lstrip()
    if suffix not in _LINES or not begin.startswith("["):
        return False
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False


def _json_list(text: str) -> list[Any]:
    """Return the rows of a JSON file: a list, or the one list that an object holds."""
    try:
        values = json.loads(text)
    except RecursionError as error:
        raise RefusedError(id="terlalu dalam bersarang", en="it is nested too deeply") from error
    if isinstance(values, dict):
        lists = [value for value in values.values() if isinstance(value, list)]
        values = lists[0] if len(lists) == 1 else values
    if not isinstance(values, list):
        raise RefusedError(
            id="JSON-nya bukan daftar baris seperti [{...}, {...}]",
            en="its JSON is not a list of rows such as [{...}, {...}]",
        )
    return values


def _json_lines(text: str, choose: Choose) -> Iterator[NumberedRow]:
    """Yield the rows of a JSON-lines manifest; each row must be an object with both keys."""
    # Not splitlines: a string of JSON may hold the other line breaks of Unicode as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, _json_row(json.loads(line), choose)
        except RecursionError as error:
            yield number, ValueError(said_by(error))
        except ValueError as error:
            yield number, error


def _json_row(values: object, choose: Choose) -> RawRow | Exception:
    if not isinstance(values, dict):
        return ValueError(_NOT_AN_OBJECT)
    keys = list(values)
    try:
        return {word: values[keys[i]] for word, i in choose(keys).items()}
    except ManifestColumnError as error:
        return error


_NOT_AN_OBJECT = Phrase(id="bukan objek JSON", en="not a JSON object")
