"""``imgfit rank``, ``rank-captions``, ``swap`` and ``explain``: what fits, and what fits better."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from imgfit.cli.help import MisusedError
from imgfit.cli.options import (
    CaptionExplained,
    CaptionsFile,
    CaptionsToRank,
    CaptionWanted,
    Deciding,
    HeatFile,
    Json,
    Manifest,
    Method,
    Photo,
    Photos,
    Root,
    Top,
)
from imgfit.cli.session import require_places, session
from imgfit.cli.tables import print_ranking, print_swaps, ranking_lines, swap_lines
from imgfit.cli.words import EXPLAINING, said
from imgfit.drafts import account_line, list_photos, read_drafts
from imgfit.errors import (
    CaptionError,
    CaptionUnreadableError,
    PhotoError,
    PhotoMissingError,
)
from imgfit.files import RemoteFile, place_of, read_text
from imgfit.photos import keep_files
from imgfit.printable import said_by

if TYPE_CHECKING:
    from imgfit.choosing import Ranking
    from imgfit.cli.session import Session
    from imgfit.drafts import PassedOver

# Thousands of captions, each as long as a post may be.
_MAX_CAPTIONS_BYTES = 10_000_000


def rank(
    photos: Photos,
    asked: Deciding,
    caption: CaptionWanted,
    top: Top = None,
    json: Json = False,
) -> None:
    """Rank photos for a caption and print them, best first."""
    with session(asked) as s:
        asked.require_far()
        found, passed_over = _photos_at(photos)
        if passed_over:
            s.tell(account_line(passed_over, s.language))
        checker = s.load()
        with s.progress() as progress:
            ranking = checker.rank_photos(
                caption,
                found,
                far=asked.far,
                clean=not asked.no_clean,
                top=top,
                progress=progress,
            )
    _show(ranking, s, "photos", json=json)


def rank_captions(
    photo: Photo,
    asked: Deciding,
    caption: CaptionsToRank = None,
    captions: CaptionsFile = None,
    top: Top = None,
    json: Json = False,
) -> None:
    """Rank captions for a photo and print them, best first."""
    with session(asked) as s:
        asked.require_far()
        written = [*(caption or ()), *(_lines_of(captions) if captions is not None else ())]
        if not written:
            raise MisusedError("no_captions")
        checker = s.load()
        try:
            ranking = checker.rank_captions(
                place_of(photo), written, far=asked.far, clean=not asked.no_clean, top=top
            )
        except PhotoError as error:
            s.complain(error)
            raise typer.Exit(1) from None
    _show(ranking, s, "captions", json=json)


def swap(path: Manifest, asked: Deciding, json: Json = False, root: Root = None) -> None:
    """Find swapped photos and better photos, and print them."""
    with session(asked) as s, keep_files(until_end=False):
        asked.require_far()
        drafts = read_drafts(path, root=root)
        checker = s.load()
        with s.progress() as progress:
            batch = checker.check_drafts(
                drafts, far=asked.far, clean=not asked.no_clean, progress=progress
            )
        assignment, suggestions = batch.assignment(), batch.suggestions()
    if json:
        sys.stdout.write(swap_lines(assignment, suggestions))
    else:
        print_swaps(assignment, suggestions, s.language)
    failed = [(score.draft.id, score.error) for score in batch if score.error is not None]
    for name, error in failed:
        s.tell(f"  {name}: {error.say(s.language)}")
    raise typer.Exit(1 if assignment.swaps or suggestions or failed else 0)


def explain(
    photo: Photo,
    asked: Deciding,
    output: HeatFile,
    caption: CaptionExplained = None,
    method: Method = None,
) -> None:
    """Draw on the photo which regions support the caption."""
    with session(asked) as s, keep_files(until_end=True):
        require_places((output, ".png"))
        asked.require_far()
        try:
            place = place_of(photo)
            if isinstance(place, Path) and not place.is_file():
                raise PhotoMissingError(photo=place)
            (draft,) = read_drafts(place, caption=caption)
            if draft.error is not None:
                raise draft.error
            explanation = s.load().explain(
                place,
                draft.caption or "",
                far=asked.far,
                clean=not asked.no_clean,
                method=method.value if method else None,
            )
        except (PhotoError, CaptionError) as error:
            s.complain(error)
            raise typer.Exit(1) from None
        explanation.save(output, s.language)
    s.tell(said(EXPLAINING, "written", s.language, path=output))


def _photos_at(places: list[str]) -> tuple[list[Path | RemoteFile], list[PassedOver]]:
    """List photos, those of folders among them, and the files of folders that are passed over."""
    found: list[Path | RemoteFile] = []
    passed_over: list[PassedOver] = []
    for place in map(place_of, places):
        if isinstance(place, RemoteFile):
            found.append(place)
            continue
        photos, remarks = list_photos([place])
        found += photos
        passed_over += remarks
    return found, passed_over


def _lines_of(path: str) -> list[str]:
    """Read captions, one a line; empty lines count for nothing."""
    place = place_of(path)
    try:
        text = read_text(place, _MAX_CAPTIONS_BYTES)
    except (OSError, ValueError) as error:
        raise CaptionUnreadableError(path=place, cause=said_by(error)) from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def _show(ranking: Ranking, s: Session, kind: str, *, json: bool) -> None:
    """Print a ranking and end with its exit code."""
    if json:
        sys.stdout.write(ranking_lines(ranking))
    else:
        print_ranking(ranking, s.language, kind)
    speaks = ranking.best is not None and ranking.best.verdict == "speaks"
    whole = all(entry.error is None for entry in ranking)
    raise typer.Exit(0 if speaks and whole else 1)
