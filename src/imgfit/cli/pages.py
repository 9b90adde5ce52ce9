"""``imgfit check --open``: where the page goes if nobody named a place, and how it is shown."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from imgfit.cli.words import PLACES, TABLE, said
from imgfit.errors import ArgumentError
from imgfit.files import open_regular, place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.cli.session import Session
    from imgfit.language import Language

# What the page's file adds to the name of what is checked.
_ENDINGS: dict[Language, str] = {"id": "-laporan.html", "en": "-report.html"}
# The mark of a page that imgfit wrote, and how far into a file it may stand.
_MARK = b'<meta name="generator" content="imgfit">'
_MARK_WITHIN = 1_000


def page_beside(paths: Sequence[str], language: Language) -> Path:
    """Choose the file of the page: beside what is checked, so that it is found again.

    A folder ``drafts`` gives ``drafts-report.html`` (``drafts-laporan.html`` in Indonesian) in
    the folder that holds it, never inside: the next check would find it among the drafts. Of
    several paths, the first that has such a place decides.

    Args:
        paths: What is checked.
        language: Of the page.

    Returns:
        An absolute path; if a file is there, it is a page of imgfit's.

    Raises:
        ArgumentError: No path has a place beside it (a whole drive, an address), or a file that
            is no page of imgfit's is there.
    """
    places = [place.absolute() for place in map(place_of, paths) if isinstance(place, Path)]
    places = [place.resolve() if place.name in ("", "..") else place for place in places]
    folders = [place.resolve() for place in places if place.is_dir()]
    for place in places:
        name = place.name if place.is_dir() else place.stem
        page = place.parent / f"{name}{_ENDINGS[language]}"
        outside = not any(page.parent.resolve().is_relative_to(folder) for folder in folders)
        if name and outside:
            _require_ours(page)
            return page
    value = ", ".join(paths)
    raise ArgumentError(argument="--open", value=value, needed=PLACES["page_name"])


def open_page(page: Path, s: Session) -> None:
    """Open a page in the user's browser; if that fails, say where the page is.

    Args:
        page: Its file.
        s: Tells the user.
    """
    try:
        opened = webbrowser.open(page.absolute().as_uri())
    except (webbrowser.Error, OSError):
        opened = False
    if not opened:
        s.tell(said(TABLE, "not_opened", s.language, path=page))


def _require_ours(page: Path) -> None:
    """Refuse to replace a file that somebody else wrote."""
    if not page.exists() and not page.is_symlink():
        return
    try:
        with open_regular(page) as file:
            ours = _MARK in file.read(_MARK_WITHIN)
    except (OSError, ValueError):  # unreadable, or a folder, a pipe, a device
        ours = False
    if not ours:
        raise ArgumentError(argument="--open", value=page, needed=PLACES["not_our_page"])
