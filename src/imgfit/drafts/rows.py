"""From a row of a table to a draft, whether the table is a manifest, Parquet or a Ray dataset.

`manifest` and `parquet` yield raw rows; here their columns are found, their values become cells,
and the cells a draft. A row that cannot be understood becomes a draft with its error.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from itertools import islice
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from imgfit.drafts.draft import Draft
from imgfit.drafts.folders import close_names
from imgfit.drafts.kinds import is_photo, key_of, loose_key
from imgfit.errors import (
    ImgfitError,
    LabelUnreadableError,
    ManifestColumnError,
    ManifestRowError,
    PhotoAddressError,
    PhotoCellError,
    PhotoMisnamedError,
    PhotoMissingError,
    PhotoOutsideError,
    PhotoRootlessError,
)
from imgfit.files import RemoteFile
from imgfit.language import Phrase
from imgfit.photos import read_description
from imgfit.printable import said_by, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from imgfit.photos import KeptSource

    # A row as a table holds it: values by our word for the column.
    RawRow: TypeAlias = Mapping[str, Any]
    # A row of text by word, and of a photo its bytes if the table holds them.
    Cells: TypeAlias = Mapping[str, str | bytes]
    # Given a table's header, returns the index of each column that is read, by our word for it.
    Choose: TypeAlias = Callable[[list[str]], Mapping[str, int]]

# Names of columns as people and the exports of other programs write them, the likeliest first.
_COLUMNS = {
    "photo": (
        "photo", "image", "foto", "gambar", "file name", "filename", "nama file", "nama berkas",
        "nama foto", "nama gambar", "nama file foto", "file foto", "file gambar", "berkas foto",
        "image path", "image file", "image filename", "image name", "img", "img path", "photo path",
        "photo file", "photo name", "picture", "picture file", "path foto", "photos", "images",
        "media", "media file", "media files", "visual", "aset", "asset", "image url",
        "image urls", "photo url", "picture url", "media url", "media urls", "media url(s)",
        "image url(s)", "url gambar", "url foto", "link foto", "link gambar", "tautan foto",
        "image link", "lampiran", "attachment", "attachments", "file", "berkas", "file path",
        "filepath", "path",
    ),
    "caption": (
        "caption", "text", "takarir", "keterangan foto", "keterangan gambar", "isi caption",
        "teks caption", "caption final", "caption instagram", "caption ig", "photo caption",
        "image caption", "caption text", "caption id", "caption indonesia", "keterangan", "teks",
        "post text", "post copy", "post caption", "post content", "message", "pesan", "isi pesan",
        "copy", "copywriting", "copy text", "naskah", "narasi", "isi konten", "isi postingan",
        "isi unggahan", "teks unggahan", "description", "deskripsi", "content", "konten", "isi",
        "captions", "post message", "body",
    ),
    "id": ("id",),
    "pillar": ("pillar", "pilar", "pilar konten", "content pillar"),
    "date": (
        "date", "tanggal", "tgl", "tanggal tayang", "tanggal unggah", "tanggal posting",
        "jadwal", "posting time", "publish time", "scheduled date", "post date", "publish date",
    ),
}  # fmt: skip
# Names that a message gives.
_NAMES_SHOWN = 4
# Of one word with several columns, such as "Caption (ID)" and "Caption (EN)".
_PARENTHESES = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
# Words for columns that are only carried through begin so.
CARRIED = "column:"
_MOST_CARRIED = 200
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
    header = [str(name) for name in header]
    plain = [_plain_name(name) for name in header]
    bare = [_PARENTHESES.sub(" ", name).strip() for name in plain]
    named = dict(named or {}) | ({} if labels is None else {"label": labels})
    wanted = dict(_COLUMNS)
    wanted.update({word: (_plain_name(name),) for word, name in named.items()})
    columns: dict[str, int] = {}
    for word, names in wanted.items():
        matches = [found.index(name) for found in (plain, bare) for name in names if name in found]
        matches = [index for index in matches if index not in columns.values()] or matches
        if matches:
            columns[word] = matches[0]
    for word in dict.fromkeys(("photo", "caption", *named)):
        if word not in columns:
            shown = [shortened(name) for name in header[:_COLUMNS_SHOWN]]
            raise ManifestColumnError(
                path=path,
                needed=word,
                found=", ".join(name.strip().lower() for name in shown) or "-",
                names=" / ".join(wanted[word][:_NAMES_SHOWN]),
            )
    return columns


def with_carried(columns: Mapping[str, int], header: Sequence[str]) -> dict[str, int]:
    """Add the columns that are only carried through to the results.

    Args:
        columns: As `find_columns` returns them.
        header: The columns' names.

    Returns:
        The columns, and the index of each other named column by `CARRIED` and its name.
    """
    whole = dict(columns)
    read = {columns[word] for word in ("photo", "caption", "id") if word in columns}
    for index, name in enumerate(header[:_MOST_CARRIED]):
        if name.strip() and index not in read:
            whole.setdefault(CARRIED + name.strip(), index)
    return whole


def _plain_name(name: str) -> str:
    """Return a column's name as names are compared: without case, marks and the signs of code."""
    words = re.sub(r"[\s_\-./]+", " ", unicodedata.normalize("NFKC", name).casefold())
    return words.strip(" *:\ufeff\"'")


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
    photo, caption = row.get("photo"), row.get("caption")
    if not isinstance(photo, (str, bytes, dict, type(None))) or _is_plain_object(photo):
        kind = _KINDS.get(
            type(photo).__name__, Phrase(id=type(photo).__name__, en=type(photo).__name__)
        )
        raise ValueError(
            Phrase(
                id=f"fotonya berupa {kind.id}, bukan path atau isi berkas",
                en=f"the photo is {kind.en}, not a path or a file's bytes",
            )
        )
    if not _is_missing(caption) and type(caption).__name__ in _KINDS:
        kind = _KINDS[type(caption).__name__]
        raise ValueError(
            Phrase(
                id=f"keterangannya berupa {kind.id}, bukan teks; tulis satu teks",
                en=f"the caption is {kind.en}, not text; write one text",
            )
        )
    cells = {word: _cell(value) for word, value in row.items()}
    if isinstance(photo, dict) and isinstance(cells["photo"], bytes) and not cells.get("id"):
        cells["id"] = _cell(photo.get("path"))
    return cells


_NUMBER = Phrase(id="angka", en="a number")
# What a value is that should be text, by its type's name.
_KINDS = {
    "dict": Phrase(id="objek", en="an object"),
    "list": Phrase(id="daftar", en="a list"),
    "tuple": Phrase(id="daftar", en="a list"),
    "int": _NUMBER,
    "float": _NUMBER,
    "bool": Phrase(id="nilai benar atau salah", en="true or false"),
}


def _is_missing(value: Any) -> bool:
    """Tell whether a value stands for none: tables of numbers write NaN."""
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124 - NaN


def _is_plain_object(value: Any) -> bool:
    """Tell whether a value is an object other than an image as Hugging Face's datasets keep it."""
    return isinstance(value, dict) and not value.keys() <= {"bytes", "path"}


def _cell(value: Any) -> str | bytes:
    if isinstance(value, dict) and value.keys() <= {"bytes", "path"}:
        value = value.get("path") if value.get("bytes") is None else value["bytes"]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if _is_missing(value) else str(value).strip()


def draft_of_row(
    row: Cells, number: int, root: Path | RemoteFile | None, names: FileNames | None = None
) -> Draft:
    """Make a draft of a row's cells.

    Args:
        row: As `cells_of_rows` yields it.
        number: Number of the row, which names it if nothing else does.
        root: Folder that its photo is looked up in and must lie in; None if only photos given
            as bytes are allowed.
        names: What is known of the root's files; one for a whole table saves looking again.

    Returns:
        The draft, with its error if it has one.
    """
    photo, error = _photo_of(row.get("photo", ""), number, root, names or FileNames())
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
    extra = {
        word.removeprefix(CARRIED): cell
        for word, cell in row.items()
        if word.startswith(CARRIED) and isinstance(cell, str)
    }
    return Draft(photo, caption, name or str(number), pillar, date, error, label, standard, extra)


def _text(row: Cells, word: str) -> str:
    """Return a cell as text; bytes in a column of text are written as Python prints them."""
    cell = row.get(word, "")
    return cell if isinstance(cell, str) else repr(cell)


def _photo_of(
    cell: str | bytes, number: int, root: Path | RemoteFile | None, names: FileNames
) -> tuple[KeptSource | None, ImgfitError | None]:
    """Return a row's photo, refusing one that leaves the root."""
    if isinstance(cell, bytes):
        return cell, None
    if not cell:
        column = Phrase(id="foto", en="photo")
        return None, PhotoCellError(row=number, column=column)
    if "\0" in cell:
        return None, PhotoMissingError(photo=cell.replace("\0", "\\0"))
    if _WEB.match(cell):
        return None, PhotoAddressError(photo=shortened(cell))
    return _at(cell, root, names)


def _at(
    cell: str, root: Path | RemoteFile | None, names: FileNames
) -> tuple[KeptSource | None, ImgfitError | None]:
    """Look a photo's name up in the root."""
    if root is None:
        return cell, PhotoRootlessError(photo=cell)
    if isinstance(root, RemoteFile):
        file = root.inside(cell.replace("\\", "/"))
        return (cell, PhotoOutsideError(photo=cell, root=root)) if file is None else (file, None)
    return _inside(cell, root, names)


# Addresses of object stores are left to a root that is one.
_WEB = re.compile(r"(?:https?|ftps?|data|blob):|www\.", re.IGNORECASE)


def _inside(name: str, root: Path, names: FileNames) -> tuple[Path, ImgfitError | None]:
    """Resolve a photo's path, refusing one that leaves the root."""
    if os.name != "nt" and PureWindowsPath(name).drive:
        return root / PureWindowsPath(name).name, PhotoOutsideError(photo=name, root=root)
    relative = PurePosixPath(name.replace("\\", "/"))
    photo = root / relative
    try:
        if not photo.resolve().is_relative_to(root.resolve()):
            return photo, PhotoOutsideError(photo=name, root=root)
        # A back-slash may be part of a name on other systems than Windows.
        photo, near = names.find(root / name if (root / name).exists() else photo, root)
        if not photo.resolve().is_relative_to(root.resolve()):
            return photo, PhotoOutsideError(photo=name, root=root)
    except (OSError, RuntimeError, ValueError):  # a circle of links, or a name no file can have
        return photo, PhotoOutsideError(photo=name, root=root)
    return photo, PhotoMisnamedError(photo=name, near=", ".join(near)) if near else None


class FileNames:
    """Names of files in the folders of a table's photos, each folder listed once."""

    def __init__(self) -> None:
        """Begin with no folder listed."""
        self._listed: dict[Path, list[str]] = {}
        self._keyed: dict[tuple[Path, bool], dict[str, list[str]]] = {}
        self._compared = 0

    def find(self, path: Path, root: Path) -> tuple[Path, list[str]]:
        """Find the file that a path means, though case, accents or signs are written otherwise.

        Args:
            path: A path in the root.
            root: The folder that photos must lie in.

        Returns:
            The file and no name, if it is there or exactly one fits; else the path as it is and
            the names that come close or fit alike.
        """
        if os.path.lexists(path) or not path.is_relative_to(root):
            return path, []
        found = root
        for part in path.relative_to(root).parts:
            if os.path.lexists(found / part) or part == "..":
                found /= part
                continue
            fits = self._fitting(found, part)
            if not fits:
                return path, self._near(part, self._names(found))
            if len(fits) > 1:
                return path, sorted(fits)
            found /= fits[0]
        return found, []

    def _fitting(self, folder: Path, part: str) -> list[str]:
        """List the names in a folder that differ from one in case, accents or signs only."""
        for loose, key in ((False, key_of), (True, loose_key)):
            if (folder, loose) not in self._keyed:
                keyed: dict[str, list[str]] = {}
                for name in self._names(folder):
                    keyed.setdefault(key(name), []).append(name)
                self._keyed[folder, loose] = keyed
            fits = self._keyed[folder, loose].get(key(part))
            if fits:
                return fits
        return []

    def _names(self, folder: Path) -> list[str]:
        if folder not in self._listed:
            try:
                self._listed[folder] = [
                    path.name for path in islice(folder.iterdir(), _MOST_LISTED)
                ]
            except OSError:
                self._listed[folder] = []
        return self._listed[folder]

    def _near(self, part: str, listed: list[str]) -> list[str]:
        self._compared += 1
        if self._compared > _MOST_GUESSES:
            return []
        return close_names(part, {name: name for name in listed if is_photo(name)})


# A stranger's table may name a million photos that are not there.
_MOST_LISTED = 100_000
_MOST_GUESSES = 200
