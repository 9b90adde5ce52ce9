"""Workbooks of Excel and LibreOffice, read row by row. python-calamine is imported when needed.

Workbooks come from strangers: a small one may unpack to a great deal, so every part of it is
unpacked and counted before the reader sees it.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from imgfit.drafts.delimited import HEADER_WITHIN, find_layout
from imgfit.errors import ManifestColumnError
from imgfit.files import RemoteFile, needing, read_regular
from imgfit.printable import RefusedError, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from imgfit.drafts.account import Account
    from imgfit.drafts.rows import Choose, RawRow

SHEET_SUFFIXES = frozenset([".xlsx", ".xlsm", ".ods"])
_MAX_BYTES = 50_000_000
_MAX_UNPACKED = 150_000_000
_MAX_PARTS = 5_000
_MAX_CELLS = 5_000_000
_CHUNK = 1 << 20


def read_sheets(
    path: Path | RemoteFile, choose: Choose, account: Account
) -> Iterator[tuple[int, RawRow | Exception]]:
    """Read the rows of the first sheet that has the needed columns.

    Args:
        path: The workbook.
        choose: Maps a header to its columns.
        account: Where sheets that were not read are written down.

    Yields:
        A row's number, as the spreadsheet shows it, and its values by word.

    Raises:
        PackageMissingError: python-calamine is not installed.
        OSError: The file cannot be read.
        ValueError: It is not a workbook, is damaged or locked, or holds too much.
        ManifestColumnError: No sheet has the needed columns.
    """
    with needing("sheets", "Excel/ODS"):
        import python_calamine  # noqa: PLC0415 - an extra
    data = path.read_bytes(_MAX_BYTES) if isinstance(path, RemoteFile) else None
    data = (
        read_regular(path, _MAX_BYTES)
        if data is None and not isinstance(path, RemoteFile)
        else data
    )
    pictures = _require_modest(data or b"")
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data or b""))
        names = list(book.sheet_names)
        sheets = [(name, _rows_of(book, name)) for name in names]
    except (KeyboardInterrupt, SystemExit, MemoryError, ValueError):
        raise
    except BaseException as error:  # a panic of Rust is no Exception
        locked = type(error).__name__ == "PasswordError"
        raise (_locked() if locked else _damaged(error)) from error
    yield from _rows_of_best(sheets, choose, account, path, pictures=pictures)


def _rows_of_best(
    sheets: Sequence[tuple[str, list[list[Any]]]],
    choose: Choose,
    account: Account,
    path: object,
    *,
    pictures: bool,
) -> Iterator[tuple[int, RawRow | Exception]]:
    refused: ManifestColumnError | None = None
    for name, rows in sheets:
        try:
            layout = find_layout([[str(_plain(c)) for c in row] for row in rows[:HEADER_WITHIN]],
                                 choose)  # fmt: skip
        except ManifestColumnError as error:
            refused = refused or error
            continue
        others = ", ".join(other for other, found in sheets if other != name and found)
        if others:
            account.note(path, "sheets_left", sheet=name, others=others)
        for number, row in enumerate(rows[layout.header + 1 :], layout.header + 2):
            if any(cell not in ("", None) for cell in row):
                values = {w: _plain(row[i]) for w, i in layout.columns.items() if i < len(row)}
                if pictures and values.get("photo") in ("", None):
                    yield number, _embedded()
                else:
                    yield number, values
        return
    if refused is not None:
        raise refused
    choose([])


def _rows_of(book: Any, name: str) -> list[list[Any]]:
    sheet = book.get_sheet_by_name(name)
    start, end = sheet.start, sheet.end
    if start is None or end is None:
        return []
    if (end[0] + 1) * (end[1] + 1) > _MAX_CELLS:
        raise RefusedError(
            id=f"lembar {name} terlalu besar (lebih dari {_MAX_CELLS} sel)",
            en=f"the sheet {name} is too large (over {_MAX_CELLS} cells)",
        )
    return list(sheet.to_python(skip_empty_area=False))


def _plain(value: Any) -> Any:
    """Return a cell as JSON would hold it: whole numbers without a point, times as ISO writes."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, (date, time, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else value


def _require_modest(data: bytes) -> bool:
    """Unpack all parts and count, whatever the archive says of their sizes.

    Returns:
        Whether pictures lie in the sheet.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            left = _MAX_UNPACKED if len(parts) <= _MAX_PARTS else -1
            for part in parts:
                part.file_size = _MAX_UNPACKED + 1  # not believed
                with archive.open(part) as file:
                    while left >= 0 and (chunk := file.read(_CHUNK)):
                        left -= len(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
            KeyError, OSError) as error:  # fmt: skip
        encrypted = data.startswith(b"\xd0\xcf\x11\xe0")
        raise (_locked() if encrypted else _damaged(error)) from error
    if left < 0:
        raise RefusedError(
            id=f"isinya lebih dari {_MAX_UNPACKED // 1_000_000} MB",
            en=f"it unpacks to over {_MAX_UNPACKED // 1_000_000} MB",
        )
    return any(part.filename.startswith(("xl/media/", "Pictures/")) for part in parts)


def _damaged(error: BaseException) -> RefusedError:
    said = said_by(error)
    return RefusedError(
        id=f"buku kerjanya rusak atau bukan Excel/ODS: {said.id}",
        en=f"the workbook is damaged or no Excel/ODS file: {said.en}",
    )


def _locked() -> RefusedError:
    return RefusedError(
        id="buku kerjanya dikunci sandi atau berformat .xls lama",
        en="the workbook is locked with a password, or is an old .xls",
    )


def _embedded() -> RefusedError:
    return RefusedError(
        id="sel fotonya kosong; gambar yang ditempel di lembar tidak dibaca: simpan fotonya "
        "sebagai berkas dan tulis namanya di sel",
        en="its photo cell is empty; a picture pasted on the sheet is not read: save the photo as "
        "a file and write its name in the cell",
    )
