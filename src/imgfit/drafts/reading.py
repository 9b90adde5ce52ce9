"""Reading drafts from photos with their captions, manifests and folders.

Nothing is lost: a photo without a caption, a caption without a photo and a row that cannot be
understood all become drafts that carry their error, in input order.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from imgfit import arguments
from imgfit.drafts.account import Account, DraftList
from imgfit.drafts.draft import Draft
from imgfit.drafts.folders import Folder, named, walk
from imgfit.drafts.kinds import CAPTION_SUFFIXES, MANIFEST_SUFFIXES, unread_kind
from imgfit.drafts.manifest import read_rows
from imgfit.drafts.rows import (
    FileNames,
    cells_of_rows,
    draft_of_row,
    find_columns,
    with_carried,
)
from imgfit.errors import (
    ArgumentError,
    CaptionAmbiguousError,
    DraftsEmptyError,
    DraftsMissingError,
    FolderUnreadableError,
    ImgfitError,
    ManifestColumnError,
    ManifestsSeveralError,
    ManifestUnreadableError,
    PackageMissingError,
    PhotoKindError,
    PhotosEmptyError,
)
from imgfit.files import RemoteFile, place_of
from imgfit.language import Phrase
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imgfit.drafts.account import PassedOver

_PATH_NEEDED = Phrase(
    id="harus berupa path; beberapa path diberikan satu per satu",
    en="must be a path; give several one by one",
)
_PATHS_NEEDED = Phrase(id="harus berupa daftar path", en="must be a list of paths")
_ONE_PATH_NEEDED = Phrase(id="paling sedikit satu path", en="at least one path is needed")
_ADDRESS_NEEDED = Phrase(
    id="perlu manifes (.csv, .tsv, .xlsx, .jsonl, .parquet), atau foto beserta keterangannya",
    en="a manifest (.csv, .tsv, .xlsx, .jsonl, .parquet), or a photo with a caption, is needed",
)
# Columns by which results that imgfit wrote are known: a run must not take them for its drafts.
_OWN_RESULTS = (
    {"row_version", "verdict", "signature"},
    {"Gambar", "Draf", "Penilaian", "Kecocokan"},
    {"Picture", "Draft", "Verdict", "Fit"},
)
_OWN = Phrase(id="berisi hasil imgfit sendiri", en="it holds imgfit's own results")
_GIVEN = Phrase(id="diberikan", en="given")


def read_drafts(
    *paths: str | os.PathLike[str],
    caption: str | None = None,
    root: str | os.PathLike[str] | None = None,
    labels: str | None = None,
    photo_column: str | None = None,
    caption_column: str | None = None,
) -> DraftList:
    """Read the drafts at one or more paths.

    A photo's caption is the first of: ``caption``, the manifest's, the text beside it, the text
    that its folder shares, the description in its own metadata (`imgfit.photos.description`). A
    manifest and a text beside the photo that say different things are an error of the draft.

    Args:
        paths: Each a photo, a caption's text file (which stands for the photos it belongs to), a
            manifest (``.csv``, ``.tsv``, ``.xlsx``, ``.ods``, ``.json``, ``.jsonl``, ``.ndjson``
            or ``.parquet`` with a photo and a caption column), or a folder, searched through:
            ``a.jpg`` with ``a.txt``, ``a.jpg.txt`` or ``a.id.txt`` and ``a.en.txt``, a folder
            with ``caption.txt`` and its photos, or with a manifest of them. A manifest, and a
            photo with ``caption``, may be the address of a file in an object store
            (`imgfit.files.remote`).
        caption: The text for a single photo.
        root: Folder, or its address, that a manifest's photos are looked up in and must lie in;
            the manifest's own folder if not given.
        labels: Column of a manifest that says whether each photo fits its caption: 1 or 0, ya or
            tidak, yes or no, cocok or tidak cocok, true or false; an empty cell means unknown.
        photo_column: Column of a manifest that names the photo, if its name is not one of those
            that are known.
        caption_column: The same of the caption.

    Returns:
        A list that also says which files beside the drafts were passed over (``passed_over``) and
        how tables were read (``notes``). Drafts in input order, orphans and bad rows among them;
        of a folder, its manifest's rows, its photos by name, then its captions without a photo,
        then the folders in it. A draft that more than one path leads to is there once. Under one
        path, drafts are named from there; under several, by their whole paths.

    Raises:
        DraftsMissingError: Nothing is at one of the paths.
        DraftsEmptyError: There is no draft at any of them.
        ManifestColumnError: A manifest lacks the photo, the caption or the labels column.
        ManifestsSeveralError: A folder holds more than one manifest.
        ManifestUnreadableError: A manifest's bytes are not text, or it is too large.
        PackageMissingError: A manifest is Parquet or a workbook, or an address is given, and the
            package for it is not installed.
        ArgumentError: No path is given, or an argument is of the wrong type; ``caption`` was given
            for something other than a photo, or ``labels`` for something other than a manifest; an
            address is not that of a manifest.
    """
    if not paths:
        raise ArgumentError(argument="paths", value="()", needed=_ONE_PATH_NEEDED)
    _require_types(paths, caption, root, labels)
    named_columns = {"photo": photo_column, "caption": caption_column}
    for argument, value in named_columns.items():
        arguments.require_a(f"{argument}_column", value, (str, type(None)))
    places = [place_of(path) for path in paths]
    for place in places:
        _require_fitting(place, len(places), caption=caption, labels=labels)
    if caption is not None:
        return DraftList([Draft(places[0], caption)])
    account = Account()
    chosen = {word: name for word, name in named_columns.items() if name is not None}
    reader = _Reader(account, None if root is None else place_of(root), labels, chosen, {})
    whole: list[Draft] = []
    known: set[tuple[str, str | None]] = set()
    for place in places:
        drafts = reader.read(place)
        if len(places) > 1:
            drafts = [replace(draft, id=_long_name(draft, place)) for draft in drafts]
            # Twice in one manifest is meant; twice through two paths is not.
            keys = [(_real(draft, place), draft.caption) for draft in drafts]
            drafts = [d for d, key in zip(drafts, keys, strict=True) if key not in known]
            known.update(keys)
        whole += drafts
    if not whole:
        raise DraftsEmptyError(path=", ".join(str(place) for place in places))
    return DraftList(whole, account.passed_over, account.notes)


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


@dataclass(frozen=True, slots=True)
class _Reader:
    """What reading one path after another has in common.

    Attributes:
        account: Where files that are no drafts are written down.
        root: As in `read_drafts`.
        labels: As in `read_drafts`.
        named: Names of columns by our word for them.
        folders: Folders of single photos, each looked at once.
    """

    account: Account
    root: Path | RemoteFile | None
    labels: str | None
    named: Mapping[str, str]
    folders: dict[Path, Folder]

    def read(self, path: Path | RemoteFile) -> list[Draft]:
        """Read the drafts at one path."""
        if isinstance(path, RemoteFile):
            return self.manifest(path)
        if path.is_dir():
            return self.folder(path)
        if path.suffix.lower() in MANIFEST_SUFFIXES:
            return self.manifest(path)
        if path.suffix.lower() in CAPTION_SUFFIXES:
            return self._table_or_text(path)
        kind = unread_kind(path.name)
        if kind is not None:
            error = PhotoKindError(photo=path, kind=kind.name, mend=kind.mend)
            return [replace(d, error=error) for d in self._beside(path).drafts_of(path, path.name)]
        beside = self._beside(path)
        drafts = beside.drafts_of(path, path.name)
        self.account.notes += [n for n in beside.account.notes if n not in self.account.notes]
        return drafts

    def _beside(self, path: Path) -> Folder:
        if path.parent not in self.folders:
            # What else lies there was not given, so it is not accounted for.
            self.folders[path.parent] = Folder.read(path.parent, path.parent)
        return self.folders[path.parent]

    def _table_or_text(self, path: Path) -> list[Draft]:
        """Read a caption's file, or what Excel calls "Unicode Text": a table with tabs."""
        trial = replace(self, account=Account())
        try:
            drafts = trial.manifest(path)
        except (ManifestColumnError, ManifestUnreadableError):
            beside = self._beside(path)
            drafts = list(beside.drafts_of_text(path))
            self.account.notes += beside.account.notes
        else:
            self.account.notes += trial.account.notes
        return drafts

    def manifest(self, path: Path | RemoteFile, *, found: bool = False) -> list[Draft]:
        """Read the drafts of a manifest's rows; results of imgfit's own only if they are given."""

        def choose(header: list[str]) -> Mapping[str, int]:
            if found and any(marks <= set(header) for marks in _OWN_RESULTS):
                raise ManifestUnreadableError(path=path, cause=_OWN)
            columns = find_columns(header, path, self.labels, self.named)
            # Of Parquet, only the columns that are read are unpacked.
            return columns if path.suffix.lower() == ".parquet" else with_carried(columns, header)

        root = path.parent if self.root is None else self.root
        names = FileNames()
        rows = read_rows(path, choose, self.account)
        return [
            Draft(None, None, str(number), error=row)
            if isinstance(row, ImgfitError)
            else draft_of_row(row, number, root, names)
            for number, row in cells_of_rows(rows, path)
        ]

    def folder(self, root: Path) -> list[Draft]:
        """Read the drafts of a folder, then of the folders in it, each sorted by name."""
        found: list[Draft] = []
        covered: dict[str, int] = {}
        for path in walk(root, self.account):
            if isinstance(path, FolderUnreadableError):
                at = Path(str(path.facts["folder"]))
                name = at.relative_to(root).as_posix() if at != root else at.as_posix()
                found.append(Draft(None, None, name, error=path))
                continue
            folder = Folder.read(path, root, self.account)
            for draft in self._rows_in(folder, path):
                if isinstance(draft.photo, Path):
                    covered.setdefault(os.path.realpath(draft.photo), len(found))
                found.append(draft)
            for photo in folder.photos:
                at_row = covered.get(os.path.realpath(photo))
                if at_row is not None and photo in folder.own:
                    found[at_row] = _joined(found[at_row], folder, photo)
            found += folder.drafts(covered)
        return found

    def _rows_in(self, folder: Folder, path: Path) -> list[Draft]:
        """Read the manifest that lies in a folder, if there is one.

        Raises:
            ManifestsSeveralError: The checked folder itself holds several.
        """
        manifests: list[tuple[Path, list[Draft]]] = []
        for table in folder.tables:
            try:
                drafts = self._meant(table)
            except (ManifestColumnError, ManifestUnreadableError, PackageMissingError) as error:
                self.account.pass_over(
                    named(table, folder.root), "not_a_manifest", cause=said_by(error)
                )
            else:
                manifests.append((table, drafts))
        if len(manifests) > 1:
            paths = ", ".join(table.name for table, _ in manifests)
            error_ = ManifestsSeveralError(folder=path, paths=paths)
            if path == folder.root:
                raise error_
            return [Draft(None, None, named(path, folder.root), error=error_)]
        before = "" if path == folder.root else named(path, folder.root) + "/"
        for table, drafts in manifests:
            self.account.note(named(table, folder.root), "manifest_used")
            return [replace(draft, id=before + draft.id) for draft in drafts]
        return []

    def _meant(self, table: Path) -> list[Draft]:
        """Read a table that may be a manifest; one without a row that can be read is not one."""
        drafts = self.manifest(table, found=True)
        errors = [draft.error for draft in drafts]
        for error in errors:
            if isinstance(error, ManifestColumnError) and None not in errors:
                raise error
        if not drafts:
            cause = Phrase(id="tidak berisi baris", en="it has no rows")
            raise ManifestUnreadableError(path=table, cause=cause)
        return drafts


def _joined(draft: Draft, folder: Folder, photo: Path) -> Draft:
    """Bring a manifest's row and the text beside its photo together."""
    beside = folder.own_caption(photo)
    if draft.error is not None:
        return draft
    if (not draft.caption or draft.caption_from is not None) and beside is not None:
        return replace(draft, caption=beside, caption_from=None)
    if beside is not None and " ".join(beside.split()) == " ".join((draft.caption or "").split()):
        return draft
    texts = ", ".join(text.name for text, _ in folder.own[photo])
    row = Phrase(id="baris manifes", en="the manifest's row")
    paths = Phrase(id=f"{texts}, {row.id}", en=f"{texts}, {row.en}")
    return replace(draft, error=CaptionAmbiguousError(photo=photo, paths=paths))


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
        paths: Photos, or folders, which are searched through; files in them that people do not
            mean are passed over; pictures in formats that are not read are listed.

    Returns:
        The photos in the order given, a folder's sorted by name and its own before those of the
        folders in it. A path that is not a folder is kept whether or not a photo is there.

    Raises:
        PhotosEmptyError: A folder holds no photo.
        ArgumentError: ``paths`` is a single path, or one of them is of the wrong type.
    """
    return list_photos(paths)[0]


def list_photos(
    paths: Iterable[str | os.PathLike[str]],
) -> tuple[list[Path], tuple[PassedOver, ...]]:
    """List photos as `find_photos` does, and the files of folders that are none.

    Args:
        paths: As for `find_photos`.

    Returns:
        The photos, and the remarks on files and folders that were passed over.

    Raises:
        PhotosEmptyError: A folder holds no photo.
        ArgumentError: ``paths`` is a single path, or one of them is of the wrong type.
    """
    paths = arguments.require_several("paths", paths, _PATHS_NEEDED)
    _require_types(paths, None, None, None)
    account = Account()
    found: list[Path] = []
    for path in map(Path, paths):
        if not (_exists(path) and path.is_dir()):
            found.append(path)
            continue
        before = len(found)
        for folder in walk(path, account):
            if isinstance(folder, FolderUnreadableError):
                found.append(Path(str(folder.facts["folder"])))
                continue
            found += Folder.read(folder, path, account).pictures()
        if len(found) == before:
            raise PhotosEmptyError(path=path)
    return found, tuple(account.passed_over)


def _exists(path: Path) -> bool:
    """Tell whether anything is there; no file has a name as long as a caption."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True
