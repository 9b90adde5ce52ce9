"""The page's cards: one draft's score, and the parts of it that a page bounds in length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.reports.markup import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgfit.photos import Shown
    from imgfit.remarks import Verdict
    from imgfit.scoring import Score

# Longer than any post (Instagram takes 2,200 characters), and still a bound on the page: a thousand
# of the longest cards take about 17 MB beside their thumbnails, a thousand usual ones 3 MB.
_MOST_CHARACTERS = 3_000
_MOST_PIECES = 60
_MOST_NAME = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a draft of the batch is found on the page.

    Attributes:
        name: Its id, at most 200 characters.
        anchor: Its card; None if it has none.
    """

    name: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Cut:
    """A text of bounded length.

    Attributes:
        text: Its beginning, or all of it.
        left_out: Characters after that.
    """

    text: str
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Sentence:
    """One window of the caption.

    Attributes:
        text: As scored.
        verdict: What its own fit would get.
        fit: Its own fit, in [0, 1].
        judged: Whether it weighs enough in the caption to be judged.
    """

    text: str
    verdict: Verdict
    fit: float
    judged: bool


@dataclass(frozen=True, slots=True)
class Better:
    """A photo of the batch that fits a caption better.

    Attributes:
        place: The draft whose photo it is.
        fit: Its fit with the caption, in [0, 1].
        picture: A small copy, or why there is none.
    """

    place: Place
    fit: float
    picture: Shown


@dataclass(frozen=True, slots=True)
class Card:
    """One draft as the page shows it.

    Attributes:
        place: Its name and its place on the page.
        score: Where the template reads verdict, fit, probability, reasons, hints and error.
        picture: The thumbnail, or why there is none.
        sentences: The caption as judged, at most 60 windows; empty if it was not.
        sentences_left_out: How many more there are.
        dropped: The pieces that cleaning took off the caption.
        written: The caption as written; None if the sentences already say it.
        better: A better photo, if one is known.
    """

    place: Place
    score: Score
    picture: Shown
    sentences: tuple[Sentence, ...]
    sentences_left_out: int
    dropped: tuple[Cut, ...]
    written: Cut | None
    better: Better | None


def short_name(name: str) -> str:
    """Cut a name to the length that the page shows.

    Args:
        name: An id, or the path of what was checked.

    Returns:
        At most 200 characters.
    """
    return short(name, _MOST_NAME)


def card_of(place: Place, score: Score, picture: Shown, better: Better | None) -> Card:
    """Lay out one draft's card.

    Args:
        place: Its name and its place on the page.
        score: What to show.
        picture: The photo's thumbnail, or why there is none.
        better: A better photo, if one is known.

    Returns:
        The card.
    """
    sentences = tuple(_sentences(score))
    left_out = len(score.windows) - len(sentences)
    said = " ".join(window.text for window in score.windows)
    written = score.draft.caption or ""
    same = bool(sentences) and not left_out and said.split() == written.split()
    return Card(
        place=place,
        score=score,
        picture=picture,
        sentences=sentences,
        sentences_left_out=left_out,
        dropped=tuple(_dropped(score)),
        written=None if same else _cut(written),
        better=better,
    )


def _sentences(score: Score) -> Iterator[Sentence]:
    """Yield the windows as far as there is room."""
    room = _MOST_CHARACTERS
    for window in score.windows[:_MOST_PIECES]:
        room -= len(window.text)
        if room < 0:
            return
        yield Sentence(window.text, score.thresholds.verdict(window.fit), window.fit, window.judged)


def _dropped(score: Score) -> Iterator[Cut]:
    """Yield the pieces that were not judged as far as there is room."""
    room = _MOST_CHARACTERS
    for piece in score.dropped[:_MOST_PIECES]:
        if room <= 0:
            return
        yield _cut(piece, room)
        room -= len(piece)


def _cut(text: str, most: int = _MOST_CHARACTERS) -> Cut:
    return Cut(text[:most], max(0, len(text) - most))
