"""From a row of a table to a draft, whether the table is a manifest, Parquet or a Ray dataset.

`manifest` and `parquet` yield raw rows; here their columns are found, their values become cells,
and the cells a draft. A row that cannot be understood becomes a draft with its error.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from imgfit.drafts.draft import Draft
from imgfit.errors import (
    ImgfitError,
    LabelUnreadableError,
    ManifestColumnError,
    ManifestRowError,
    PhotoMissingError,
    PhotoOutsideError,
    PhotoRootlessError,
)
from imgfit.files import RemoteFile
from imgfit.language import Phrase
from imgfit.photos import read_description
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from imgfit.photos import KeptSource

    # A row as a table holds it: values by our word for the column.
    RawRow: TypeAlias = Mapping[str, Any]
    # A row of text by word, and of a photo its bytes if the table holds them.
    Cells: TypeAlias = Mapping[str, str | bytes]
    # Given a table's header, returns the index of each column that is read, by our word for it.
    Choose: TypeAlias = Callable[[list[str]], Mapping[str, int]]

_COLUMNS = {
    "photo": ("photo", "image", "foto", "gambar"),
    "caption": ("caption", "text", "keterangan", "teks"),
    "id": ("id",),
    "pillar": ("pillar", "pilar"),
    "date": ("date", "tanggal"),
}
_LABELS = {
    **dict.fromkeys(("1", "ya", "yes", "cocok", "true"), True),
    **dict.fromkeys(("0", "tidak", "no", "tidak cocok", "false"), False),
}
# Characters of an unreadable label that a message shows.
_LABEL_SHOWN = 30
# Columns that the message about a missing one names.
_COLUMNS_SHOWN = 20


def find_columns(
    header: Iterable[str],
    path: object,
    labels: str | None,
    named: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Map our words to the columns of a manifest or another table.

    Args:
        header: The columns' names.
        path: What messages call the table.
        labels: Column to read as ``label``; None if there is none.
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
                found=", ".join(found[:_COLUMNS_SHOWN]) or "-",
                names=" / ".join(wanted[word]),
            )
    return columns


def cells_of_rows(
    rows: Iterable[tuple[int, RawRow | Exception]], path: object
) -> Iterator[tuple[int, Cells | ImgfitError]]:
    """Turn raw rows into cells.

    Args:
        rows: Each row's number, and the row or the reason why it cannot be read.
        path: What messages call the table.

    Yields:
        The number, and the row's cells or its error.
    """
    for number, row in rows:
        try:
            if isinstance(row, Exception):
                raise row
            yield number, cells_of(row)
        except ImgfitError as error:
            yield number, error.bare()
        except ValueError as error:
            yield number, ManifestRowError(path=path, row=number, cause=said_by(error))


def cells_of(row: RawRow) -> dict[str, str | bytes]:
    """Return a row of values as cells.

    Args:
        row: Values as a manifest or Arrow gives them to Python, by word.

    Returns:
        Text, stripped, or bytes as they are. An image as Hugging Face's datasets keep it, a struct
        of ``bytes`` and ``path``, becomes its bytes if there are any, and the path names the row
        if nothing else does.

    Raises:
        ValueError: The photo is neither a path nor bytes, but pixels, for example.
    """
    cells = {word: _cell(value) for word, value in row.items()}
    photo = row.get("photo")
    if not isinstance(photo, (str, bytes, dict, type(None))):
        kind = type(photo).__name__
        raise ValueError(  # noqa: TRY004 - a bad row, as all others
            Phrase(
                id=f"fotonya bertipe {kind}, bukan path atau isi berkas",
                en=f"the photo is of type {kind}, not a path or a file's bytes",
            )
        )
    if isinstance(photo, dict) and isinstance(cells["photo"], bytes) and not cells.get("id"):
        cells["id"] = _cell(photo.get("path"))
    return cells


def _cell(value: Any) -> str | bytes:
    if isinstance(value, dict) and value.keys() <= {"bytes", "path"}:
        value = value.get("path") if value.get("bytes") is None else value["bytes"]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return "" if value is None else str(value).strip()


def draft_of_row(row: Cells, number: int, root: Path | RemoteFile | None) -> Draft:
    """Make a draft of a row's cells.

    Args:
        row: As `cells_of_rows` yields it.
        number: Number of the row, which names it if nothing else does.
        root: Folder that its photo is looked up in and must lie in; None if only photos given
            as bytes are allowed.

    Returns:
        The draft, with its error if it has one.
    """
    photo, error = _photo_of(row.get("photo", ""), root)
    name = _text(row, "id") or ("" if isinstance(photo, bytes) else _text(row, "photo"))
    caption = _text(row, "caption")
    written = _text(row, "label")
    label = _LABELS.get(" ".join(written.casefold().split()))
    standard = None
    if not caption and photo is not None and error is None:
        found = read_description(photo)
        caption, standard = (found.text, found.standard) if found else ("", None)
    if written and label is None and error is None:
        error = LabelUnreadableError(row=number, label=written[:_LABEL_SHOWN])
    pillar, date = (_text(row, word) if word in row else None for word in ("pillar", "date"))
    return Draft(photo, caption, name or str(number), pillar, date, error, label, standard)


def _text(row: Cells, word: str) -> str:
    """Return a cell as text; bytes in a column of text are written as Python prints them."""
    cell = row.get(word, "")
    return cell if isinstance(cell, str) else repr(cell)


def _photo_of(
    cell: str | bytes, root: Path | RemoteFile | None
) -> tuple[KeptSource | None, ImgfitError | None]:
    """Return a row's photo, refusing one that leaves the root."""
    if isinstance(cell, bytes):
        return cell, None
    if not cell:
        return None, PhotoMissingError(photo="-" if root is None else root)
    if "\0" in cell:
        return None, PhotoMissingError(photo=cell.replace("\0", "\\0"))
    if root is None:
        return cell, PhotoRootlessError(photo=cell)
    if isinstance(root, RemoteFile):
        file = root.inside(cell.replace("\\", "/"))
        return (cell, PhotoOutsideError(photo=cell, root=root)) if file is None else (file, None)
    return _inside(cell, root)


def _inside(name: str, root: Path) -> tuple[Path, ImgfitError | None]:
    """Resolve a photo's path, refusing one that leaves the root."""
    photo = root / PurePosixPath(name.replace("\\", "/"))
    try:
        inside = photo.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # a circle of links, or a name no file can have
        inside = False
    if not inside:
        return photo, PhotoOutsideError(photo=name, root=root)
    return photo, None
