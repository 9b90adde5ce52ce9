"""Reading drafts: one photo with its caption, a manifest, or a folder.

Nothing is lost here: a photo without a caption, a caption without a photo and a row that cannot
be understood all become drafts that carry their error, in input order.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from imgfit.errors import (
    ArgumentError,
    CaptionAmbiguousError,
    CaptionMissingError,
    CaptionUnreadableError,
    DraftsEmptyError,
    DraftsMissingError,
    ImgfitError,
    LabelUnreadableError,
    ManifestColumnError,
    ManifestRowError,
    ManifestUnreadableError,
    PhotoMissingError,
    PhotoOutsideError,
    PhotosEmptyError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PHOTO_SUFFIXES = frozenset(
    [".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif", ".heic", ".heif"]
)
MANIFEST_SUFFIXES = frozenset([".csv", ".tsv", ".jsonl"])
CAPTION_SUFFIXES = (".txt", ".md")
FOLDER_CAPTIONS = ("caption.txt", "caption.md", "keterangan.txt", "keterangan.md")
# Files that stand beside drafts and are no captions of theirs.
_NO_CAPTIONS = ("readme", "license", "licence", "credits", "changelog")

_MAX_CAPTION_BYTES = 1_000_000
_MAX_MANIFEST_BYTES = 200_000_000
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
# A label that cannot be read is named in a message to this many characters.
_LABEL_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Draft:
    """One photo with the caption it is meant to carry.

    Attributes:
        photo: Path or bytes of the photo; None when there is none.
        caption: The text as written; None when there is none.
        id: Name of the draft in results; the photo's path when not given.
        pillar: Kind of content (informasi, emosi, promosi), if the manifest says.
        date: Planned date as the manifest writes it.
        error: Why the draft cannot be scored, found while reading; None for a whole one.
        label: Whether people found that the photo fits the caption; None where nobody said.
    """

    photo: str | os.PathLike[str] | bytes | None
    caption: str | None
    id: str = ""
    pillar: str | None = None
    date: str | None = None
    error: ImgfitError | None = None
    label: bool | None = None

    def __post_init__(self) -> None:
        if not self.id:
            name = f"<{len(self.photo)} bytes>" if isinstance(self.photo, bytes) else self.photo
            object.__setattr__(self, "id", str(name if name is not None else "-"))


def read_drafts(
    path: str | os.PathLike[str],
    *,
    caption: str | None = None,
    root: str | Path | None = None,
    labels: str | None = None,
) -> list[Draft]:
    """Read the drafts at a path.

    Args:
        path: A photo (with ``caption``, or a sidecar text beside it), a manifest (``.csv``,
            ``.tsv`` or ``.jsonl`` with a photo and a caption column), or a folder, searched
            through: ``a.jpg`` with ``a.txt``, or a folder with ``caption.txt`` and its photos.
        caption: The text for a single photo.
        root: Folder that a manifest's photos are looked up in and must lie in; the manifest's
            own folder if not given.
        labels: Column of a manifest that says whether each photo fits its caption: 1 or 0, ya or
            tidak, yes or no, cocok or tidak cocok, true or false; an empty cell says nothing.

    Returns:
        Drafts in input order, orphans and bad rows among them; of a folder, its photos by name,
        then its captions without a photo, then the folders in it.

    Raises:
        DraftsMissingError: Nothing is at ``path``.
        DraftsEmptyError: There is no draft in the folder or manifest.
        ManifestColumnError: The manifest lacks the photo, the caption or the labels column.
        ManifestUnreadableError: The manifest's bytes are no text, or it is too large.
        ArgumentError: ``caption`` was given for something other than a photo, or ``labels`` for
            something other than a manifest.
    """
    path = Path(path)
    there = _exists(path)
    if labels is not None and (
        (there and path.is_dir()) or path.suffix.lower() not in MANIFEST_SUFFIXES
    ):
        raise ArgumentError(
            argument="labels", value=labels, needed=f"a manifest, and {path} is none"
        )
    if caption is not None:
        if (there and path.is_dir()) or path.suffix.lower() in MANIFEST_SUFFIXES:
            raise ArgumentError(
                argument="caption", value="given", needed=f"a single photo, and {path} is none"
            )
        return [Draft(path, caption)]
    if not there:
        raise DraftsMissingError(path=path)
    if path.is_dir():
        drafts = list(_from_folder(path))
    elif path.suffix.lower() in MANIFEST_SUFFIXES:
        drafts = list(_from_manifest(path, Path(root) if root is not None else path.parent, labels))
    else:
        drafts = [_with_captions(path, path.name, _sidecars(_files(path.parent)), [])]
    if not drafts:
        raise DraftsEmptyError(path=path)
    return drafts


def find_photos(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """List photos, those of folders among them.

    Args:
        paths: Photos, or folders, which are searched through; hidden ones in them are passed over.

    Returns:
        The photos in the order given, a folder's sorted by name and its own before those of the
        folders in it. A path that is no folder is kept whether or not a photo is there.

    Raises:
        PhotosEmptyError: A folder holds no photo.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        if not (_exists(path) and path.is_dir()):
            found.append(path)
            continue
        before = len(found)
        for folder, folders, _ in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            files = _files(Path(folder))
            found += [file for file in files if file.suffix.lower() in PHOTO_SUFFIXES]
        if len(found) == before:
            raise PhotosEmptyError(path=path)
    return found


def _exists(path: Path) -> bool:
    """Tell whether anything is there; no file has a name as long as a caption."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


# --- folders ---------------------------------------------------------------------------------


def _from_folder(root: Path) -> Iterator[Draft]:
    """Yield the drafts of a folder, then of the folders in it, each sorted by name."""
    for folder, folders, _ in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from _from_one_folder(Path(folder), root)


def _files(folder: Path) -> list[Path]:
    """Return a folder's visible entries that are not folders, sorted by name."""
    return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and not p.is_dir())


def _from_one_folder(folder: Path, root: Path) -> Iterator[Draft]:
    files = _files(folder)
    photos = [p for p in files if p.suffix.lower() in PHOTO_SUFFIXES]
    stems = {p.stem.lower() for p in photos}
    shared = [p for p in files if p.name.lower() in FOLDER_CAPTIONS]
    sidecars = _sidecars(files)
    for photo in photos:
        yield _with_captions(photo, photo.relative_to(root).as_posix(), sidecars, shared)
    for text in files:
        if text.suffix.lower() not in CAPTION_SUFFIXES or text.stem.lower() in stems:
            continue
        if text.stem.lower().startswith(_NO_CAPTIONS) or (text in shared and photos):
            continue
        name = text.relative_to(root).as_posix()
        yield Draft(None, None, name, error=PhotoMissingError(photo=f"{text.with_suffix('.jpg')}"))


def _with_captions(
    photo: Path, name: str, sidecars: Mapping[str, list[Path]], shared: list[Path]
) -> Draft:
    """Make a draft of a photo and the text of its stem, or else the text its folder shares."""
    texts = sidecars.get(photo.stem.lower(), shared)
    if not texts:
        expected = photo.with_suffix(".txt").name
        error = CaptionMissingError(photo=photo, expected=expected)
        return Draft(photo, None, name, error=error)
    return _captioned(photo, name, texts)


def _sidecars(files: Iterable[Path]) -> dict[str, list[Path]]:
    """Group caption files by their stem: one look at a folder, however many photos it holds."""
    found: dict[str, list[Path]] = {}
    for path in files:
        if path.suffix.lower() in CAPTION_SUFFIXES:
            found.setdefault(path.stem.lower(), []).append(path)
    return found


def _captioned(photo: Path, name: str, texts: list[Path]) -> Draft:
    """Make a draft whose caption is in a file; more than one file is an error of the draft."""
    if len(texts) > 1:
        error = CaptionAmbiguousError(photo=photo, paths=", ".join(p.name for p in texts))
        return Draft(photo, None, name, error=error)
    try:
        caption = _decoded(_limited_bytes(texts[0], _MAX_CAPTION_BYTES))
    except (OSError, ValueError) as cause:
        return Draft(
            photo, None, name, error=CaptionUnreadableError(path=texts[0], cause=_line(cause))
        )
    return Draft(photo, caption.strip(), name)


# --- manifests -------------------------------------------------------------------------------


def _from_manifest(path: Path, root: Path, labels: str | None) -> Iterator[Draft]:
    try:
        text = _decoded(_limited_bytes(path, _MAX_MANIFEST_BYTES))
    except (OSError, ValueError) as cause:
        raise ManifestUnreadableError(path=path, cause=_line(cause)) from cause
    read_rows = _json_rows if path.suffix.lower() == ".jsonl" else _table_rows
    for number, row in read_rows(text, path, labels):
        if isinstance(row, ImgfitError):
            yield Draft(None, None, str(number), error=row)
        else:
            yield _draft_of_row(row, number, root)


def _draft_of_row(row: Mapping[str, str], number: int, root: Path) -> Draft:
    name = row.get("id") or row.get("photo") or str(number)
    caption = row.get("caption", "")
    photo, error = _inside(row.get("photo", ""), root)
    written = row.get("label", "")
    label = _LABELS.get(" ".join(written.casefold().split()))
    if written and label is None and error is None:
        error = LabelUnreadableError(row=number, label=written[:_LABEL_SHOWN])
    return Draft(photo, caption, name, row.get("pillar"), row.get("date"), error, label)


def _inside(name: str, root: Path) -> tuple[Path | None, ImgfitError | None]:
    """Resolve a manifest's photo, refusing one that leaves the root."""
    if not name:
        return None, PhotoMissingError(photo=root)
    if "\0" in name:
        return None, PhotoMissingError(photo=name.replace("\0", "\\0"))
    photo = root / PurePosixPath(name.replace("\\", "/"))
    try:
        inside = photo.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # a circle of links, or no name of a file
        inside = False
    if not inside:
        return photo, PhotoOutsideError(photo=name, root=root)
    return photo, None


def _table_rows(
    text: str, path: Path, labels: str | None
) -> Iterator[tuple[int, dict[str, str] | ImgfitError]]:
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
            yield number, ManifestRowError(path=path, row=number, cause=_line(cause))
            continue
        if number == 1:
            columns, width = _columns(cells or [], path, labels), len(cells or [])
        elif cells is None:
            return
        elif len(cells) > width:
            excess = f"{len(cells)} cells for {width} columns"
            yield number, ManifestRowError(path=path, row=number, cause=excess)
        elif any(cell.strip() for cell in cells):
            yield number, {k: cells[i].strip() for k, i in columns.items() if i < len(cells)}


def _json_rows(
    text: str, path: Path, labels: str | None
) -> Iterator[tuple[int, dict[str, str] | ImgfitError]]:
    """Yield the rows of a JSON-lines manifest; each row must be an object with both keys."""
    # Not splitlines: a string of JSON may hold the other line breaks of Unicode as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            if not isinstance(values, dict):
                raise ValueError("not an object")  # noqa: TRY004 - joins json's own ValueError
            columns = _columns(list(values), path, labels)
        except (ValueError, RecursionError) as cause:
            yield number, ManifestRowError(path=path, row=number, cause=_line(cause))
            continue
        except ManifestColumnError as error:
            yield number, error
            continue
        keys = list(values)
        yield number, {k: _cell(values[keys[i]]) for k, i in columns.items()}


def _cell(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _columns(header: Iterable[str], path: Path, labels: str | None) -> dict[str, int]:
    """Map the words we use to the manifest's columns."""
    found = [str(name).strip().lower() for name in header]
    columns: dict[str, int] = {}
    wanted = dict(_COLUMNS)
    if labels is not None:
        wanted["label"] = (labels.strip().lower(),)
    for word, names in wanted.items():
        matches = [found.index(name) for name in names if name in found]
        if matches:
            columns[word] = matches[0]
    for word in ("photo", "caption", "label"):
        if word in wanted and word not in columns:
            raise ManifestColumnError(
                path=path,
                needed=word,
                found=", ".join(found[:20]) or "-",
                names=" / ".join(wanted[word]),
            )
    return columns


# --- text files ------------------------------------------------------------------------------


def _limited_bytes(path: Path, limit: int) -> bytes:
    if not path.is_file():
        raise ValueError("not a file")
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"over {limit / 1e6:.0f} MB")
    return data


def _decoded(data: bytes) -> str:
    """Decode UTF-8, with or without a mark, or UTF-16 with one; refuse binary data."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if marked else "utf-8-sig")
    if "\0" in text:
        raise ValueError("it holds null bytes")
    return text


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
