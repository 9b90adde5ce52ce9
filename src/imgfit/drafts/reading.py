"""Reading drafts: photos with their captions, manifests and folders.

Nothing is lost here: a photo without a caption, a caption without a photo and a row that cannot
be understood all become drafts that carry their error, in input order.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Self

from imgfit.drafts.manifest import read_rows
from imgfit.errors import (
    ArgumentError,
    CaptionAmbiguousError,
    CaptionMissingError,
    CaptionUnreadableError,
    DraftsEmptyError,
    DraftsMissingError,
    FolderUnreadableError,
    ImgfitError,
    LabelUnreadableError,
    PhotoMissingError,
    PhotoOutsideError,
    PhotoRootlessError,
    PhotosEmptyError,
)
from imgfit.files.remote import RemoteFile, place_of
from imgfit.files.texts import read_text
from imgfit.photos.description import read_description
from imgfit.photos.sources import name_of, take_photo
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from imgfit.drafts.manifest import Cells
    from imgfit.photos.description import Standard
    from imgfit.photos.sources import KeptSource, PhotoSource

PHOTO_SUFFIXES = frozenset(
    [".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif", ".heic", ".heif"]
)
MANIFEST_SUFFIXES = frozenset([".csv", ".tsv", ".jsonl", ".parquet"])
CAPTION_SUFFIXES = (".txt", ".md")
FOLDER_CAPTIONS = ("caption.txt", "caption.md", "keterangan.txt", "keterangan.md")
# Files that stand beside drafts and are no captions of theirs.
_NO_CAPTIONS = ("readme", "license", "licence", "credits", "changelog")

_MAX_CAPTION_BYTES = 1_000_000
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
        photo: The photo, as a path, an address or bytes: an open file is read when the draft is
            made, and a PIL image or an array is copied. None when there is none.
        caption: The text as written; None when there is none.
        id: Name of the draft in results; the photo's path when not given.
        pillar: Kind of content (informasi, emosi, promosi), if the manifest says.
        date: Planned date as the manifest writes it.
        error: Why the draft cannot be scored, found while reading; None for a whole one.
        label: Whether people found that the photo fits the caption; None where nobody said.
        caption_from: The standard of the photo's own metadata that the caption was read from;
            None for a caption that was written for the draft.
    """

    photo: PhotoSource | None
    caption: str | None
    id: str = ""
    pillar: str | None = None
    date: str | None = None
    error: ImgfitError | None = None
    label: bool | None = None
    caption_from: Standard | None = None

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", name_of(self.photo))
        if self.photo is None:
            return
        try:
            photo = take_photo(self.photo)
        except ImgfitError as error:  # it costs this draft only
            photo = None
            object.__setattr__(self, "error", self.error or error.bare())
        object.__setattr__(self, "photo", photo)


def read_drafts(
    *paths: str | os.PathLike[str],
    caption: str | None = None,
    root: str | os.PathLike[str] | None = None,
    labels: str | None = None,
) -> list[Draft]:
    """Read the drafts at one or more paths.

    A photo's caption is the first of: ``caption``, the text beside it, the manifest's, the text
    that its folder shares, the description in its own metadata (`imgfit.photos.description`).

    Args:
        paths: Each a photo, a caption's text file (which stands for the photos it belongs to), a
            manifest (``.csv``, ``.tsv``, ``.jsonl`` or ``.parquet`` with a photo and a caption
            column), or a folder, searched through: ``a.jpg`` with ``a.txt``, or a folder with
            ``caption.txt`` and its photos. A manifest, and a photo with ``caption``, may be the
            address of a file in an object store (`imgfit.files.remote`).
        caption: The text for a single photo.
        root: Folder, or its address, that a manifest's photos are looked up in and must lie in;
            the manifest's own folder if not given.
        labels: Column of a manifest that says whether each photo fits its caption: 1 or 0, ya or
            tidak, yes or no, cocok or tidak cocok, true or false; an empty cell says nothing.

    Returns:
        Drafts in input order, orphans and bad rows among them; of a folder, its photos by name,
        then its captions without a photo, then the folders in it. A draft that more than one path
        leads to is there once. Under one path, drafts are named from there; under several, by
        their whole paths.

    Raises:
        DraftsMissingError: Nothing is at one of the paths.
        DraftsEmptyError: There is no draft at any of them.
        ManifestColumnError: A manifest lacks the photo, the caption or the labels column.
        ManifestUnreadableError: A manifest's bytes are no text, or it is too large.
        PackageMissingError: A manifest is Parquet, or an address is given, and the package for it
            is not installed.
        ArgumentError: No path is given; ``caption`` was given for something other than a photo,
            or ``labels`` for something other than a manifest; an address is none of a manifest.
    """
    if not paths:
        raise ArgumentError(argument="paths", value="none", needed="at least one")
    places = [place_of(path) for path in paths]
    root = None if root is None else place_of(root)
    for place in places:
        _require_fitting(place, len(places), caption=caption, labels=labels)
    if caption is not None:
        return [Draft(places[0], caption)]
    folders: dict[Path, _Folder] = {}
    whole: list[Draft] = []
    known: set[tuple[str, str | None]] = set()
    for place in places:
        drafts = _read_place(place, folders, root, labels)
        if len(places) > 1:
            drafts = [replace(draft, id=_long_name(draft, place)) for draft in drafts]
            # Twice in one manifest is meant; twice by two paths is not.
            keys = [(_real(draft, place), draft.caption) for draft in drafts]
            drafts = [d for d, key in zip(drafts, keys, strict=True) if key not in known]
            known.update(keys)
        whole += drafts
    if not whole:
        raise DraftsEmptyError(path=", ".join(str(place) for place in places))
    return whole


def _require_fitting(
    path: Path | RemoteFile, count: int, *, caption: str | None, labels: str | None
) -> None:
    """Refuse a path that is not there, and options that do not go with it."""
    if isinstance(path, RemoteFile):
        # Whether it is there shows when it is read; looking first would be one more request.
        there = is_folder = False
        if path.suffix.lower() not in MANIFEST_SUFFIXES and caption is None:
            needed = "a manifest (.csv, .tsv, .jsonl, .parquet), or a photo with a caption"
            raise ArgumentError(argument="address", value=path, needed=needed)
    else:
        there = _exists(path)
        is_folder = there and path.is_dir()
    is_manifest = path.suffix.lower() in MANIFEST_SUFFIXES and not is_folder
    if labels is not None and not is_manifest:
        raise ArgumentError(
            argument="labels", value=labels, needed=f"a manifest, and {path} is none"
        )
    if caption is not None:
        if count > 1:
            needed = f"a single photo, and {count} paths are given"
            raise ArgumentError(argument="caption", value="given", needed=needed)
        if is_manifest or is_folder:
            raise ArgumentError(
                argument="caption", value="given", needed=f"a single photo, and {path} is none"
            )
    elif not there and not isinstance(path, RemoteFile):
        raise DraftsMissingError(path=path)


def _read_place(
    path: Path | RemoteFile,
    folders: dict[Path, _Folder],
    root: Path | RemoteFile | None,
    labels: str | None,
) -> list[Draft]:
    if isinstance(path, RemoteFile):
        return list(_from_manifest(path, path.parent if root is None else root, labels))
    if path.is_dir():
        return list(_from_folder(path))
    if path.suffix.lower() in MANIFEST_SUFFIXES:
        return list(_from_manifest(path, path.parent if root is None else root, labels))
    if path.parent not in folders:
        folders[path.parent] = _Folder.read(path.parent, path.parent)
    if path.suffix.lower() in CAPTION_SUFFIXES:
        return list(folders[path.parent].drafts_of_text(path))
    return [folders[path.parent].draft(path, path.name)]


def _long_name(draft: Draft, place: Path | RemoteFile) -> str:
    """Name a draft so that those of other paths have other names."""
    if isinstance(place, RemoteFile):
        return draft.id
    if place.is_dir():
        return (place / draft.id).as_posix()
    if place.suffix.lower() in MANIFEST_SUFFIXES:
        return draft.id
    return place.with_name(draft.id).as_posix()


def _real(draft: Draft, place: Path | RemoteFile) -> str:
    """Return a photo's one true path, or where a draft without one stands."""
    try:
        if isinstance(draft.photo, Path):
            return os.path.realpath(draft.photo)
        if isinstance(draft.photo, RemoteFile):
            return draft.photo.address
    except (OSError, ValueError):  # no name of a file
        pass
    # A row that cannot be understood is named by its number, which other manifests have too.
    return f"{place}: {draft.id}" if place.suffix.lower() in MANIFEST_SUFFIXES else draft.id


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
        for folder in _walk(path):
            if isinstance(folder, FolderUnreadableError):
                found.append(Path(str(folder.facts["folder"])))
                continue
            found += [file for file in _files(folder) if file.suffix.lower() in PHOTO_SUFFIXES]
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
    for folder in _walk(root):
        if isinstance(folder, FolderUnreadableError):
            path = Path(str(folder.facts["folder"]))
            name = path.relative_to(root).as_posix() if path != root else path.as_posix()
            yield Draft(None, None, name, error=folder)
        else:
            yield from _from_one_folder(folder, root)


def _walk(root: Path) -> Iterator[Path | FolderUnreadableError]:
    """Yield a folder and the visible ones in it; no link is followed, one that leaves is named."""
    refused: list[OSError] = []
    for folder, folders, _ in os.walk(root, onerror=refused.append):
        path = Path(folder)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from _unreadable(refused)
        if not os.access(path, os.X_OK):  # its names can be listed, and nothing else
            yield FolderUnreadableError(folder=path, cause=os.strerror(errno.EACCES))
            continue
        yield path
        for name in folders:
            if _leaves(path / name, root):  # what a link to a folder inside leads to is searched
                cause = "a link that leaves the folder"
                yield FolderUnreadableError(folder=path / name, cause=cause)
    yield from _unreadable(refused)


def _unreadable(refused: list[OSError]) -> Iterator[FolderUnreadableError]:
    """Take out the folders that the system refused to list since the last look."""
    while refused:
        error = refused.pop(0)
        yield FolderUnreadableError(folder=error.filename, cause=error.strerror)


def _files(folder: Path) -> list[Path]:
    """Return a folder's visible entries that are no folders, sorted by name.

    A folder that is named as a photo counts among them: someone takes it for one.
    """
    visible = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return sorted(p for p in visible if p.suffix.lower() in PHOTO_SUFFIXES or not _is_folder(p))


def _is_folder(path: Path) -> bool:
    """Tell whether a folder is there; a link that cannot be followed is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class _Folder:
    """One look at a folder, however many of its photos are asked for.

    Attributes:
        photos: Its photos, sorted by name.
        texts: Its caption files and other texts, sorted by name.
        sidecars: The texts by their stem, in lower case.
        shared: The texts that speak for every photo without one of its own.
        root: The folder that a text must lie in.
    """

    photos: list[Path]
    texts: list[Path]
    sidecars: Mapping[str, list[Path]]
    shared: list[Path]
    root: Path

    @classmethod
    def read(cls, folder: Path, root: Path) -> Self:
        """List a folder's photos and texts."""
        files = _files(folder)
        texts = [p for p in files if p.suffix.lower() in CAPTION_SUFFIXES]
        sidecars: dict[str, list[Path]] = {}
        for text in texts:
            sidecars.setdefault(text.stem.lower(), []).append(text)
        photos = [p for p in files if p.suffix.lower() in PHOTO_SUFFIXES]
        shared = [p for p in texts if p.name.lower() in FOLDER_CAPTIONS]
        return cls(photos, texts, sidecars, shared, root)

    def draft(self, photo: Path, name: str) -> Draft:
        """Make a draft of a photo and its text, or else its folder's, or else its own."""
        texts = self.sidecars.get(photo.stem.lower(), self.shared)
        return _captioned(photo, name, texts, self.root) if texts else _self_captioned(photo, name)

    def orphan(self, text: Path, name: str) -> Draft | None:
        """Make a draft of a text without a photo; None if it is a photo's, or no caption."""
        if text.stem.lower() in {photo.stem.lower() for photo in self.photos}:
            return None
        if text.stem.lower().startswith(_NO_CAPTIONS) or (text in self.shared and self.photos):
            return None
        waited = PhotoMissingError(photo=f"{text.with_suffix('.jpg')}")
        return Draft(None, None, name, error=waited)

    def drafts_of_text(self, text: Path) -> Iterator[Draft]:
        """Yield the drafts that a caption file belongs to."""
        stem = text.stem.lower()
        own = [photo for photo in self.photos if photo.stem.lower() == stem]
        if not own and text.name.lower() in FOLDER_CAPTIONS:
            own = [photo for photo in self.photos if photo.stem.lower() not in self.sidecars]
        yield from (self.draft(photo, photo.name) for photo in own)
        orphan = self.orphan(text, text.name)
        if orphan is not None:
            yield orphan


def _from_one_folder(path: Path, root: Path) -> Iterator[Draft]:
    folder = _Folder.read(path, root)
    for photo in folder.photos:
        name = photo.relative_to(root).as_posix()
        if _leaves(photo, root):
            yield Draft(photo, None, name, error=PhotoOutsideError(photo=name, root=root))
        else:
            yield folder.draft(photo, name)
    for text in folder.texts:
        orphan = folder.orphan(text, text.relative_to(root).as_posix())
        if orphan is not None:
            yield orphan


def _self_captioned(photo: Path, name: str) -> Draft:
    """Make a draft of a photo and the description in its own metadata."""
    found = read_description(photo)
    if found is None:
        expected = photo.with_suffix(".txt").name
        return Draft(photo, None, name, error=CaptionMissingError(photo=photo, expected=expected))
    return Draft(photo, found.text, name, caption_from=found.standard)


def _captioned(photo: Path, name: str, texts: list[Path], root: Path) -> Draft:
    """Make a draft whose caption is in a file; more than one file is an error of the draft."""
    if len(texts) > 1:
        error = CaptionAmbiguousError(photo=photo, paths=", ".join(p.name for p in texts))
        return Draft(photo, None, name, error=error)
    try:
        # A report shows captions: a link among a stranger's files must not bring others there.
        if _leaves(texts[0], root):
            raise ValueError(f"a link that leaves {root}")
        caption = read_text(texts[0], _MAX_CAPTION_BYTES)
    except (OSError, ValueError) as cause:
        return Draft(
            photo, None, name, error=CaptionUnreadableError(path=texts[0], cause=said_by(cause))
        )
    return Draft(photo, caption.strip(), name)


# --- manifests -------------------------------------------------------------------------------


def _from_manifest(
    path: Path | RemoteFile, root: Path | RemoteFile, labels: str | None
) -> Iterator[Draft]:
    for number, row in read_rows(path, labels):
        if isinstance(row, ImgfitError):
            yield Draft(None, None, str(number), error=row)
        else:
            yield draft_of_row(row, number, root)


def draft_of_row(row: Cells, number: int, root: Path | RemoteFile | None) -> Draft:
    """Make a draft of a row of a manifest or another table.

    Args:
        row: As `manifest.read_rows` yields it.
        number: Of the row, its name where it has no other.
        root: Folder that its photo is looked up in and must lie in; None where only photos given
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
    """Return a cell as text; bytes, where none are meant, as they print."""
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
    except (OSError, RuntimeError, ValueError):  # a circle of links, or no name of a file
        inside = False
    if not inside:
        return photo, PhotoOutsideError(photo=name, root=root)
    return photo, None


def _leaves(path: Path, root: Path) -> bool:
    """Tell whether an entry of a folder is a link to somewhere outside it."""
    try:
        return path.is_symlink() and not path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a circle of links leads nowhere
        return False
