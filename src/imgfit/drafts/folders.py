"""Folders of drafts: which text goes with which photo.

Nothing is lost: a photo without a caption, a caption without a photo and a folder that cannot be
searched all become drafts that carry their error.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Self

from imgfit.drafts.account import Account
from imgfit.drafts.draft import Draft
from imgfit.drafts.kinds import (
    CAPTION_SUFFIXES,
    MANIFEST_SUFFIXES,
    derived_from,
    is_photo,
    key_of,
    language_of,
    left_behind,
    loose_key,
    unread_kind,
)
from imgfit.drafts.texts import read_words
from imgfit.errors import (
    CaptionAmbiguousError,
    CaptionUnreadableError,
    FolderUnreadableError,
    PhotoKindError,
    PhotoMisnamedError,
    PhotoMissingError,
    PhotoOutsideError,
)
from imgfit.language import Phrase
from imgfit.photos import caption_missing, read_description
from imgfit.printable import said_by, said_by_system

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    # A caption's file, and the language that its name says.
    OwnText = tuple[Path, str | None]

FOLDER_CAPTIONS = ("caption.txt", "caption.md", "keterangan.txt", "keterangan.md")
_SHARED_STEMS = ("caption", "keterangan")
# Names compared for one that comes close: more would take a stranger's folder minutes.
_MOST_COMPARED = 3_000
# Files beside drafts that are not captions of theirs.
_NO_CAPTIONS = ("readme", "license", "licence", "credits", "changelog")
_MAX_CAPTION_BYTES = 1_000_000
_LINK_OUT = Phrase(id="tautan yang keluar dari folder itu", en="a link that leaves the folder")


def walk(root: Path, account: Account | None = None) -> Iterator[Path | FolderUnreadableError]:
    """Search through a folder; no link is followed, and one that leaves it is reported.

    Args:
        root: The folder.
        account: Where folders that are not searched on purpose are written down.

    Yields:
        It and the folders in it that people mean, or why one cannot be searched.
    """
    account = Account() if account is None else account
    refused: list[OSError] = []
    for folder, folders, _ in os.walk(root, onerror=refused.append):
        path = Path(folder)
        for name in sorted(folders):
            code = left_behind(name, folder=True)
            if code is not None:
                account.pass_over((path / name).relative_to(root).as_posix() + "/", code)
        folders[:] = sorted(name for name in folders if not left_behind(name, folder=True))
        yield from _unreadable(refused)
        if not os.access(path, os.X_OK):  # its names can be listed, and no more
            yield FolderUnreadableError(folder=path, cause=said_by_system(errno.EACCES))
            continue
        yield path
        for name in folders:
            if leaves(path / name, root):  # a link to a folder inside is not: that is searched
                yield FolderUnreadableError(folder=path / name, cause=_LINK_OUT)
    yield from _unreadable(refused)


def _unreadable(refused: list[OSError]) -> Iterator[FolderUnreadableError]:
    """Yield, and forget, the folders that the system refused to list."""
    while refused:
        error = refused.pop(0)
        yield FolderUnreadableError(folder=error.filename, cause=said_by_system(error.errno or 0))


def files_in(folder: Path, root: Path, account: Account) -> list[Path]:
    """List the entries of a folder that people mean, except its folders.

    A folder that is named like a photo is listed too, because someone takes it for one.

    Args:
        folder: The folder.
        root: What the account names files from.
        account: Where files that nobody means are written down.

    Returns:
        The entries, sorted by name.
    """
    found = []
    for path in sorted(folder.iterdir()):
        is_folder = _is_folder(path)
        code = left_behind(path.name, folder=is_folder)
        if code is None and (is_photo(path.name) or not is_folder):
            found.append(path)
        elif code is not None and not is_folder:
            account.pass_over(named(path, root), code)
    return found


def named(path: Path, root: Path) -> str:
    """Name a file from the root, or by its whole path if it lies elsewhere."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _is_folder(path: Path) -> bool:
    """Tell whether a path is a folder; a link that cannot be followed is not."""
    try:
        return path.is_dir()
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Folder:
    """One look at a folder, however many of its photos are asked for.

    Attributes:
        photos: Its photos, sorted by name.
        unread: Its pictures, films and other known files that imgfit does not read.
        texts: Its caption files and other texts, sorted by name.
        tables: Files that may be manifests.
        own: The texts of each photo or unread file that has some of its own.
        shared: The texts that are the caption of every photo without one of its own.
        root: The folder that a text must lie in, and that names begin at.
        account: Where files that are no drafts, and guesses, are written down.
    """

    photos: list[Path]
    unread: list[Path]
    texts: list[Path]
    tables: list[Path]
    own: Mapping[Path, list[OwnText]]
    shared: list[OwnText]
    root: Path
    account: Account

    @classmethod
    def read(cls, folder: Path, root: Path, account: Account | None = None) -> Self:
        """List a folder's photos and texts.

        Args:
            folder: The folder.
            root: The folder that a text must lie in.
            account: Where files that are no drafts are written down; nowhere if None.

        Returns:
            The lists.
        """
        account = Account() if account is None else account
        files = files_in(folder, root, account)
        photos = [path for path in files if is_photo(path.name)]
        unread = [path for path in files if unread_kind(path.name) is not None]
        texts = [path for path in files if path.suffix.lower() in CAPTION_SUFFIXES]
        tables = [path for path in files if path.suffix.lower() in MANIFEST_SUFFIXES]
        for path in files:
            if path not in photos and path not in unread and path not in texts + tables:
                account.pass_over(named(path, root), "unknown")
        own = _owned(texts, photos, unread)
        shared = [(path, language) for path in texts for language in _shared_by(path)]
        return cls(photos, unread, texts, tables, own, shared, root, account)

    def drafts_of(self, photo: Path, name: str) -> list[Draft]:
        """Make the drafts of a photo.

        Args:
            photo: One of the folder's photos.
            name: The draft's name.

        Returns:
            One draft, or one for each language that a caption's file names: the caption is the
            text beside the photo, or else the folder's, or else the one in its own metadata.
        """
        texts = self.own.get(photo, self.shared)
        if not texts:
            return [_self_captioned(photo, name)]
        by_language: dict[str | None, list[Path]] = {}
        for text, language in texts:
            by_language.setdefault(language, []).append(text)
        if len(by_language) == 1:
            return [self._captioned(photo, name, *by_language.values())]
        return [
            self._captioned(photo, name if language is None else f"{name} ({language})", paths)
            for language, paths in sorted(by_language.items(), key=lambda item: item[0] or "")
        ]

    def drafts(self, covered: Mapping[str, object]) -> Iterator[Draft]:
        """Find all drafts of the folder, and write down the files that are none.

        Args:
            covered: Real paths of the photos that a manifest names already.

        Yields:
            The drafts of its photos by name, of pictures that cannot be read, and of texts alone.
        """
        for photo in self.photos:
            name = named(photo, self.root)
            if os.path.realpath(photo) in covered:
                continue
            original = self._original_of(photo)
            if original is not None:
                self.account.pass_over(name, "derivative", original=original.name)
            elif leaves(photo, self.root):
                yield Draft(photo, None, name, error=PhotoOutsideError(photo=name, root=self.root))
            else:
                yield from self.drafts_of(photo, name)
        for path in self.unread:
            yield from self._unread(path)
        for text in self.texts:
            orphan = self.orphan(text, named(text, self.root))
            if orphan is not None:
                yield orphan

    def pictures(self) -> Iterator[Path]:
        """Find the photos, and the pictures that cannot be read; write down all else.

        Yields:
            Each, sorted by name.
        """
        for path in sorted([*self.photos, *self.unread]):
            original = self._original_of(path) if path in self.photos else None
            kind = unread_kind(path.name)
            if original is not None:
                self.account.pass_over(named(path, self.root), "derivative", original=original.name)
            elif kind is not None and (not kind.picture or self._beside(path) is not None):
                self._pass_unread(path)
            else:
                yield path

    def _unread(self, path: Path) -> Iterator[Draft]:
        """Make a failed draft of a picture that has a caption; write down one that has none."""
        kind = unread_kind(path.name)
        if kind is None:
            return
        captioned = path in self.own or (self.shared and kind.picture and not self._beside(path))
        if not captioned:
            self._pass_unread(path)
            return
        name = named(path, self.root)
        error = PhotoKindError(photo=path, kind=kind.name, mend=kind.mend)
        yield from (replace(draft, error=error) for draft in self.drafts_of(path, name))

    def _pass_unread(self, path: Path) -> None:
        kind, original = unread_kind(path.name), self._beside(path)
        if kind is None:
            return
        name = named(path, self.root)
        if original is not None:
            self.account.pass_over(name, "companion", kind=kind.name, original=original.name)
        else:
            self.account.pass_over(name, "unread", kind=kind.name, mend=kind.mend)

    def _beside(self, path: Path) -> Path | None:
        """Return the photo that has a file's stem: a raw photo's JPEG, a moving photo's still."""
        key = key_of(path.stem)
        return next((photo for photo in self.photos if key_of(photo.stem) == key), None)

    def _original_of(self, photo: Path) -> Path | None:
        """Return the photo that a publishing system made this one from, if it is there."""
        base = derived_from(photo.stem)
        if base is None or photo in self.own:
            return None
        key = key_of(base)
        return next((other for other in self.photos if key_of(other.stem) == key), None)

    def orphan(self, text: Path, name: str) -> Draft | None:
        """Make a draft of a text without a photo.

        Args:
            text: One of the folder's texts.
            name: The draft's name.

        Returns:
            The draft; None if the text belongs to a photo, or is not a caption.
        """
        if any(text == owned for texts in self.own.values() for owned, _ in texts):
            return None
        if text.stem.lower().startswith(_NO_CAPTIONS):
            self.account.pass_over(name, "no_caption")
            return None
        if (self.photos or self.unread) and any(text == shared for shared, _ in self.shared):
            return None
        waited = text.with_suffix(".jpg")
        near = close_names(text.stem, {photo.stem: photo.name for photo in self.photos})
        if near:
            misnamed = PhotoMisnamedError(photo=waited, near=", ".join(near))
            return Draft(None, None, name, error=misnamed)
        return Draft(None, None, name, error=PhotoMissingError(photo=f"{waited}"))

    def drafts_of_text(self, text: Path) -> Iterator[Draft]:
        """Find the drafts that a caption file belongs to.

        Args:
            text: One of the folder's texts.

        Yields:
            The drafts of its photos, or of the text alone.
        """
        own = [photo for photo, texts in self.own.items() if text in [path for path, _ in texts]]
        if not own and any(text == shared for shared, _ in self.shared):
            own = [photo for photo in self.photos if photo not in self.own]
        for photo in own:
            yield from (
                self.drafts_of(photo, photo.name) if photo in self.photos else self._unread(photo)
            )
        orphan = self.orphan(text, text.name)
        if orphan is not None:
            yield orphan

    def own_caption(self, photo: Path) -> str | None:
        """Return the text beside a photo, if exactly one is there and can be read."""
        texts = self.own.get(photo, ())
        if len(texts) != 1 or leaves(texts[0][0], self.root):
            return None
        return self._captioned(photo, "", [texts[0][0]]).caption

    def _captioned(self, photo: Path, name: str, texts: Sequence[Path]) -> Draft:
        """Make a draft whose caption is in a file; more than one file is an error of the draft."""
        if len(texts) > 1:
            error = CaptionAmbiguousError(photo=photo, paths=", ".join(p.name for p in texts))
            return Draft(photo, None, name, error=error)
        root, (path,) = self.root, texts
        try:
            # A report shows captions: a link among a stranger's files must not bring others there.
            if leaves(path, root):
                cause = Phrase(
                    id=f"tautan yang keluar dari {root}", en=f"a link that leaves {root}"
                )
                refused = CaptionUnreadableError(path=path, cause=cause)
                return Draft(photo, None, name, error=refused)
            caption, guessed = read_words(path, _MAX_CAPTION_BYTES)
        except (OSError, ValueError) as cause:
            refused = CaptionUnreadableError(path=path, cause=said_by(cause))
            return Draft(photo, None, name, error=refused)
        if guessed:
            self.account.note(named(path, root), "not_utf8")
        return Draft(photo, caption.strip(), name)


def _owned(
    texts: Sequence[Path], photos: Sequence[Path], unread: Sequence[Path]
) -> dict[Path, list[OwnText]]:
    """Find the photos that each text belongs to by its name; unread files only if no photo fits."""
    names: dict[str, list[Path]] = {}
    loose: dict[str, list[Path]] = {}
    for paths in (photos, unread):
        found: dict[str, list[Path]] = {}
        for path in paths:
            found.setdefault(key_of(path.stem), []).append(path)
            found.setdefault(key_of(path.name), []).append(path)
            loose.setdefault(loose_key(path.stem), []).append(path)
        names = found | names
    own: dict[Path, list[OwnText]] = {}
    for text in texts:
        owners, language = names.get(key_of(text.stem), []), None
        split = language_of(text.stem)
        if not owners and split is not None:
            owners, language = names.get(key_of(split[0]), []), split[1]
        near = loose.get(loose_key(text.stem), [])
        if not owners and len(near) == 1:
            owners, language = near, None
        for owner in owners:
            own.setdefault(owner, []).append((text, language))
    return own


def _shared_by(text: Path) -> list[str | None]:
    """Return the language of a text that a whole folder shares: one item, or none if it is not."""
    if text.name.lower() in FOLDER_CAPTIONS:
        return [None]
    split = language_of(text.stem.lower())
    return [split[1]] if split is not None and split[0] in _SHARED_STEMS else []


def close_names(name: str, others: Mapping[str, str]) -> list[str]:
    """Find names that come close to one that is not there.

    Args:
        name: The name looked for.
        others: Names that are there, and what a message calls each; of very many, none is compared.

    Returns:
        At most two, the closest first.
    """
    if len(others) > _MOST_COMPARED:
        return []
    keys: dict[str, str] = {}
    for other, shown in others.items():
        keys.setdefault(loose_key(other), shown)
    return [keys[key] for key in get_close_matches(loose_key(name), keys, n=2, cutoff=0.8)]


def _self_captioned(photo: Path, name: str) -> Draft:
    """Make a draft of a photo and the description in its own metadata."""
    found = read_description(photo)
    if found is None:
        expected = photo.with_suffix(".txt").name
        return Draft(photo, None, name, error=caption_missing(photo, expected))
    return Draft(photo, found.text, name, caption_from=found.standard)


def leaves(path: Path, root: Path) -> bool:
    """Tell whether an entry of a folder is a link to somewhere outside it."""
    try:
        return path.is_symlink() and not path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a circle of links leads nowhere
        return False
