"""Reading drafts from photos with their captions, manifests and folders.

Nothing is lost: a photo without a caption, a caption without a photo and a row that cannot be
understood all become drafts that carry their error, in input order.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imgfit import arguments
from imgfit.drafts.draft import Draft
from imgfit.drafts.folders import (
    CAPTION_SUFFIXES,
    PHOTO_SUFFIXES,
    Folder,
    drafts_of_folder,
    files_in,
    walk,
)
from imgfit.drafts.manifest import MANIFEST_SUFFIXES, read_rows
from imgfit.drafts.rows import cells_of_rows, draft_of_row, find_columns
from imgfit.errors import (
    ArgumentError,
    DraftsEmptyError,
    DraftsMissingError,
    FolderUnreadableError,
    ImgfitError,
    PhotosEmptyError,
)
from imgfit.files import RemoteFile, place_of
from imgfit.language import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PATH_NEEDED = Phrase(
    id="harus berupa path; beberapa path diberikan satu per satu",
    en="must be a path; give several one by one",
)
_PATHS_NEEDED = Phrase(id="harus berupa daftar path", en="must be a list of paths")
_ONE_PATH_NEEDED = Phrase(id="paling sedikit satu path", en="at least one path is needed")
_ADDRESS_NEEDED = Phrase(
    id="perlu manifes (.csv, .tsv, .jsonl, .parquet), atau foto beserta keterangannya",
    en="a manifest (.csv, .tsv, .jsonl, .parquet), or a photo with a caption, is needed",
)
_GIVEN = Phrase(id="diberikan", en="given")


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
            tidak, yes or no, cocok or tidak cocok, true or false; an empty cell means unknown.

    Returns:
        Drafts in input order, orphans and bad rows among them; of a folder, its photos by name,
        then its captions without a photo, then the folders in it. A draft that more than one path
        leads to is there once. Under one path, drafts are named from there; under several, by
        their whole paths.

    Raises:
        DraftsMissingError: Nothing is at one of the paths.
        DraftsEmptyError: There is no draft at any of them.
        ManifestColumnError: A manifest lacks the photo, the caption or the labels column.
        ManifestUnreadableError: A manifest's bytes are not text, or it is too large.
        PackageMissingError: A manifest is Parquet, or an address is given, and the package for it
            is not installed.
        ArgumentError: No path is given, or an argument is of the wrong type; ``caption`` was given
            for something other than a photo, or ``labels`` for something other than a manifest; an
            address is not that of a manifest.
    """
    if not paths:
        raise ArgumentError(argument="paths", value="()", needed=_ONE_PATH_NEEDED)
    _require_types(paths, caption, root, labels)
    places = [place_of(path) for path in paths]
    root = None if root is None else place_of(root)
    for place in places:
        _require_fitting(place, len(places), caption=caption, labels=labels)
    if caption is not None:
        return [Draft(places[0], caption)]
    folders: dict[Path, Folder] = {}
    whole: list[Draft] = []
    known: set[tuple[str, str | None]] = set()
    for place in places:
        drafts = _read_place(place, folders, root, labels)
        if len(places) > 1:
            drafts = [replace(draft, id=_long_name(draft, place)) for draft in drafts]
            # Twice in one manifest is meant; twice through two paths is not.
            keys = [(_real(draft, place), draft.caption) for draft in drafts]
            drafts = [d for d, key in zip(drafts, keys, strict=True) if key not in known]
            known.update(keys)
        whole += drafts
    if not whole:
        raise DraftsEmptyError(path=", ".join(str(place) for place in places))
    return whole


def _require_types(paths: Iterable[object], caption: object, root: object, labels: object) -> None:
    """Refuse arguments of the wrong type."""
    for path in paths:
        _require_path("paths", path)
    if root is not None:
        _require_path("root", root)
    for argument, value in [("caption", caption), ("labels", labels)]:
        arguments.require_a(argument, value, (str, type(None)))


def _require_path(argument: str, value: object) -> None:
    arguments.require_a(argument, value, (str, os.PathLike), _PATH_NEEDED)


def _require_fitting(
    place: Path | RemoteFile, count: int, *, caption: str | None, labels: str | None
) -> None:
    """Refuse a path with nothing at it, and options that do not go with it."""
    if isinstance(place, RemoteFile):
        # Whether it is there shows when it is read; looking first would be one more request.
        is_there, is_folder = True, False
        if place.suffix.lower() not in MANIFEST_SUFFIXES and caption is None:
            raise ArgumentError(argument="address", value=place, needed=_ADDRESS_NEEDED)
    else:
        is_there = _exists(place)
        is_folder = is_there and place.is_dir()
    is_manifest = place.suffix.lower() in MANIFEST_SUFFIXES and not is_folder
    if labels is not None and not is_manifest:
        needed = Phrase(
            id=f"perlu manifes, sedangkan {place} bukan manifes",
            en=f"a manifest is needed, and {place} is not one",
        )
        raise ArgumentError(argument="labels", value=labels, needed=needed)
    if caption is not None:
        _require_single_photo(place, count, is_photo=not is_manifest and not is_folder)
    elif not is_there:
        raise DraftsMissingError(path=place)


def _require_single_photo(place: Path | RemoteFile, count: int, *, is_photo: bool) -> None:
    """Refuse a caption that is not for one photo."""
    if count > 1:
        needed = Phrase(
            id=f"perlu satu foto, sedangkan ada {count} path",
            en=f"a single photo is needed, and {count} paths are given",
        )
        raise ArgumentError(argument="caption", value=_GIVEN, needed=needed)
    if not is_photo:
        needed = Phrase(
            id=f"perlu satu foto, sedangkan {place} bukan foto",
            en=f"a single photo is needed, and {place} is not one",
        )
        raise ArgumentError(argument="caption", value=_GIVEN, needed=needed)


def _read_place(
    path: Path | RemoteFile,
    folders: dict[Path, Folder],
    root: Path | RemoteFile | None,
    labels: str | None,
) -> list[Draft]:
    if isinstance(path, RemoteFile):
        return list(_from_manifest(path, path.parent if root is None else root, labels))
    if path.is_dir():
        return list(drafts_of_folder(path))
    if path.suffix.lower() in MANIFEST_SUFFIXES:
        return list(_from_manifest(path, path.parent if root is None else root, labels))
    if path.parent not in folders:
        folders[path.parent] = Folder.read(path.parent, path.parent)
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
    except (OSError, ValueError):  # a name that no file can have
        pass
    # A row that cannot be understood is named by its number, which other manifests have too.
    return f"{place}: {draft.id}" if place.suffix.lower() in MANIFEST_SUFFIXES else draft.id


def find_photos(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """List photos, those of folders among them.

    Args:
        paths: Photos, or folders, which are searched through; hidden ones in them are passed over.

    Returns:
        The photos in the order given, a folder's sorted by name and its own before those of the
        folders in it. A path that is not a folder is kept whether or not a photo is there.

    Raises:
        PhotosEmptyError: A folder holds no photo.
        ArgumentError: ``paths`` is a single path, or one of them is of the wrong type.
    """
    paths = arguments.require_several("paths", paths, _PATHS_NEEDED)
    _require_types(paths, None, None, None)
    found: list[Path] = []
    for path in map(Path, paths):
        if not (_exists(path) and path.is_dir()):
            found.append(path)
            continue
        before = len(found)
        for folder in walk(path):
            if isinstance(folder, FolderUnreadableError):
                found.append(Path(str(folder.facts["folder"])))
                continue
            found += [file for file in files_in(folder) if file.suffix.lower() in PHOTO_SUFFIXES]
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


def _from_manifest(
    path: Path | RemoteFile, root: Path | RemoteFile, labels: str | None
) -> Iterator[Draft]:
    """Yield the drafts of a manifest's rows."""
    rows = read_rows(path, lambda header: find_columns(header, path, labels))
    for number, row in cells_of_rows(rows, path):
        if isinstance(row, ImgfitError):
            yield Draft(None, None, str(number), error=row)
        else:
            yield draft_of_row(row, number, root)
