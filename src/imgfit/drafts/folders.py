"""Folders of drafts: which text goes with which photo.

Nothing is lost: a photo without a caption, a caption without a photo and a folder that cannot be
searched all become drafts that carry their error.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from imgfit.drafts.draft import Draft
from imgfit.errors import (
    CaptionAmbiguousError,
    CaptionMissingError,
    CaptionUnreadableError,
    FolderUnreadableError,
    PhotoMissingError,
    PhotoOutsideError,
)
from imgfit.files import read_text
from imgfit.language import Phrase
from imgfit.photos import read_description
from imgfit.printable import said_by, said_by_system

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PHOTO_SUFFIXES = frozenset(
    [".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif", ".heic", ".heif"]
)
CAPTION_SUFFIXES = (".txt", ".md")
FOLDER_CAPTIONS = ("caption.txt", "caption.md", "keterangan.txt", "keterangan.md")
# Files beside drafts that are not captions of theirs.
_NO_CAPTIONS = ("readme", "license", "licence", "credits", "changelog")
_MAX_CAPTION_BYTES = 1_000_000
_LINK_OUT = Phrase(id="tautan yang keluar dari folder itu", en="a link that leaves the folder")


def drafts_of_folder(root: Path) -> Iterator[Draft]:
    """Yield the drafts of a folder, then of the folders in it, each sorted by name.

    Args:
        root: The folder.

    Yields:
        Its drafts; those that cannot be scored carry their error.
    """
    for folder in walk(root):
        if isinstance(folder, FolderUnreadableError):
            path = Path(str(folder.facts["folder"]))
            name = path.relative_to(root).as_posix() if path != root else path.as_posix()
            yield Draft(None, None, name, error=folder)
        else:
            yield from _from_one_folder(folder, root)


def walk(root: Path) -> Iterator[Path | FolderUnreadableError]:
    """Search through a folder; no link is followed, and one that leaves it is reported.

    Args:
        root: The folder.

    Yields:
        It and the visible folders in it, or why one cannot be searched.
    """
    refused: list[OSError] = []
    for folder, folders, _ in os.walk(root, onerror=refused.append):
        path = Path(folder)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from _unreadable(refused)
        if not os.access(path, os.X_OK):  # its names can be listed, and no more
            yield FolderUnreadableError(folder=path, cause=said_by_system(errno.EACCES))
            continue
        yield path
        for name in folders:
            if _leaves(path / name, root):  # a link to a folder inside is not: that is searched
                yield FolderUnreadableError(folder=path / name, cause=_LINK_OUT)
    yield from _unreadable(refused)


def _unreadable(refused: list[OSError]) -> Iterator[FolderUnreadableError]:
    """Yield, and forget, the folders that the system refused to list."""
    while refused:
        error = refused.pop(0)
        yield FolderUnreadableError(folder=error.filename, cause=said_by_system(error.errno or 0))


def files_in(folder: Path) -> list[Path]:
    """List a folder's visible entries except its folders.

    A folder that is named like a photo is listed too, because someone takes it for one.

    Args:
        folder: The folder.

    Returns:
        The entries, sorted by name.
    """
    visible = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return sorted(p for p in visible if p.suffix.lower() in PHOTO_SUFFIXES or not _is_folder(p))


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
        texts: Its caption files and other texts, sorted by name.
        sidecars: The texts by their stem, in lower case.
        shared: The texts that are the caption of every photo without one of its own.
        root: The folder that a text must lie in.
    """

    photos: list[Path]
    texts: list[Path]
    sidecars: Mapping[str, list[Path]]
    shared: list[Path]
    root: Path

    @classmethod
    def read(cls, folder: Path, root: Path) -> Self:
        """List a folder's photos and texts.

        Args:
            folder: The folder.
            root: The folder that a text must lie in.

        Returns:
            The lists.
        """
        files = files_in(folder)
        texts = [p for p in files if p.suffix.lower() in CAPTION_SUFFIXES]
        sidecars: dict[str, list[Path]] = {}
        for text in texts:
            sidecars.setdefault(text.stem.lower(), []).append(text)
        photos = [p for p in files if p.suffix.lower() in PHOTO_SUFFIXES]
        shared = [p for p in texts if p.name.lower() in FOLDER_CAPTIONS]
        return cls(photos, texts, sidecars, shared, root)

    def draft(self, photo: Path, name: str) -> Draft:
        """Make a draft of a photo.

        Args:
            photo: One of the folder's photos.
            name: The draft's name.

        Returns:
            The draft: its caption is the text beside it, or else the folder's, or else the one in
            its own metadata.
        """
        texts = self.sidecars.get(photo.stem.lower(), self.shared)
        return _captioned(photo, name, texts, self.root) if texts else _self_captioned(photo, name)

    def orphan(self, text: Path, name: str) -> Draft | None:
        """Make a draft of a text without a photo.

        Args:
            text: One of the folder's texts.
            name: The draft's name.

        Returns:
            The draft; None if the text belongs to a photo, or is not a caption.
        """
        if text.stem.lower() in {photo.stem.lower() for photo in self.photos}:
            return None
        if text.stem.lower().startswith(_NO_CAPTIONS) or (text in self.shared and self.photos):
            return None
        waited = PhotoMissingError(photo=f"{text.with_suffix('.jpg')}")
        return Draft(None, None, name, error=waited)

    def drafts_of_text(self, text: Path) -> Iterator[Draft]:
        """Find the drafts that a caption file belongs to.

        Args:
            text: One of the folder's texts.

        Yields:
            The drafts of its photos, or of the text alone.
        """
        stem = text.stem.lower()
        own = [photo for photo in self.photos if photo.stem.lower() == stem]
        if not own and text.name.lower() in FOLDER_CAPTIONS:
            own = [photo for photo in self.photos if photo.stem.lower() not in self.sidecars]
        yield from (self.draft(photo, photo.name) for photo in own)
        orphan = self.orphan(text, text.name)
        if orphan is not None:
            yield orphan


def _from_one_folder(path: Path, root: Path) -> Iterator[Draft]:
    folder = Folder.read(path, root)
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
            cause = Phrase(id=f"tautan yang keluar dari {root}", en=f"a link that leaves {root}")
            return Draft(
                photo, None, name, error=CaptionUnreadableError(path=texts[0], cause=cause)
            )
        caption = read_text(texts[0], _MAX_CAPTION_BYTES)
    except (OSError, ValueError) as cause:
        return Draft(
            photo, None, name, error=CaptionUnreadableError(path=texts[0], cause=said_by(cause))
        )
    return Draft(photo, caption.strip(), name)


def _leaves(path: Path, root: Path) -> bool:
    """Tell whether an entry of a folder is a link to somewhere outside it."""
    try:
        return path.is_symlink() and not path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a circle of links leads nowhere
        return False
