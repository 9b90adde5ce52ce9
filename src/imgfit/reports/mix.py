"""The mix of content of each month: how much informs, touches and promotes, and when.

Dates are read by a few patterns of our own: parsers that guess take 5/8/2026 for the eighth of
May, as Americans write it, and know the Indonesian months only in part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgfit.drafts import Draft

Pillar = Literal["informasi", "emosi", "promosi"]
PILLARS: tuple[Pillar, ...] = get_args(Pillar)

# The mix for a month that the training behind this project asks of social-media managers.
TARGET: dict[Pillar, float] = {"informasi": 0.7, "emosi": 0.2, "promosi": 0.1}

_SPELLINGS: dict[str, Pillar] = {
    **dict.fromkeys(
        ("informasi", "information", "informatif", "informative", "informational", "info"),
        "informasi",
    ),
    **dict.fromkeys(("emosi", "emotion", "emosional", "emotional"), "emosi"),
    **dict.fromkeys(("promosi", "promotion", "promosional", "promotional", "promo"), "promosi"),
}

# By their first letters, old and short spellings among them.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari pebruari february feb peb",
            "maret march mar mrt",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "agustus august agu agt ags aug",
            "september sept sep",
            "oktober october okt oct",
            "november nopember nov nop",
            "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}
_YEARS = range(1990, 2101)

_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[t ]\d{1,2}:\d{2}.{0,20})?", re.ASCII)
_DAY_FIRST = re.compile(
    r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?: \d{1,2}[:.]\d{2}.{0,20})?", re.ASCII
)
_IN_WORDS = re.compile(
    r"(?:[a-z'\u2019]{3,9},? )?(\d{1,2})[ -]([a-z]{3,9})\.?,?[ -](\d{4})"  # Rabu, 25 Nov. 2026
    r"|([a-z]{3,9})\.? (\d{1,2}),? (\d{4})",  # November 25, 2026
    re.ASCII,
)
_LONGEST_DATE = 60


@dataclass(frozen=True, slots=True)
class Planned:
    """One post that has a day.

    Attributes:
        draft: Its place among the drafts, from 0.
        day: When it is planned.
        pillar: Its kind; None if the manifest names none that is known.
    """

    draft: int
    day: date
    pillar: Pillar | None


@dataclass(frozen=True, slots=True)
class Month:
    """The posts planned in one month.

    Attributes:
        first: The first day of the month.
        planned: At least one post, by day; those of one day in input order.
    """

    first: date
    planned: tuple[Planned, ...]

    def count(self, pillar: Pillar | None) -> int:
        """Return how many posts are of a kind, or of an unknown one.

        Args:
            pillar: The kind; None for an empty or unknown one.

        Returns:
            A number from 0.
        """
        return sum(post.pillar == pillar for post in self.planned)

    @property
    def known(self) -> int:
        """How many posts are of a known kind: shares are shares of these."""
        return len(self.planned) - self.count(None)

    def share(self, pillar: Pillar) -> float:
        """Return the share of a kind among the posts of a known kind.

        Args:
            pillar: The kind.

        Returns:
            In [0, 1]; 0 if no kind is known.
        """
        return self.count(pillar) / self.known if self.known else 0.0


@dataclass(frozen=True, slots=True)
class ContentMix:
    """The plan of a manifest.

    Attributes:
        months: Those with a post, earliest first.
        unread: Dates that could not be read, as written, in input order.
        undated: Drafts without a date.
        unknown: Kinds other than the three, as written, in input order.
    """

    months: tuple[Month, ...]
    unread: tuple[str, ...]
    undated: int
    unknown: tuple[str, ...]


def content_mix(drafts: Iterable[Draft]) -> ContentMix | None:
    """Sort drafts into months and kinds.

    Args:
        drafts: Those of a run, in input order.

    Returns:
        The mix; None if no draft has a pillar or none has a date: then nothing is planned.
    """
    drafts = list(drafts)
    pillars = [(draft.pillar or "").strip() for draft in drafts]
    dates = [(draft.date or "").strip() for draft in drafts]
    if not any(pillars) or not any(dates):
        return None
    days = [read_date(text) for text in dates]
    planned: dict[date, list[Planned]] = {}
    for number, (day, pillar) in enumerate(zip(days, pillars, strict=True)):
        if day is not None:
            post = Planned(number, day, read_pillar(pillar))
            planned.setdefault(day.replace(day=1), []).append(post)
    months = [
        Month(first, tuple(sorted(posts, key=lambda post: post.day)))
        for first, posts in sorted(planned.items())
    ]
    return ContentMix(
        months=tuple(months),
        unread=tuple(text for text, day in zip(dates, days, strict=True) if text and day is None),
        undated=dates.count(""),
        unknown=tuple(text for text in pillars if text and read_pillar(text) is None),
    )


def read_pillar(text: str) -> Pillar | None:
    """Return the kind of content that a manifest's cell names.

    Args:
        text: Such as ``"Informasi"`` or ``"PROMOTION"``.

    Returns:
        The kind; None for any other text.
    """
    return _SPELLINGS.get(text.strip().casefold())


def read_date(text: str) -> date | None:
    """Read a date as manifests write it: the day before the month, unless the year is first.

    Args:
        text: Such as ``"2026-11-25"``, ``"25/11/2026"`` or ``"Rabu, 25 November 2026"``; a time
            of day after a date in digits is passed over.

    Returns:
        The day; None for a text without a day of 1990 to 2100.
    """
    text = " ".join(text.split()).lower()
    if len(text) > _LONGEST_DATE:
        return None
    if match := _ISO.fullmatch(text):
        return _day(match[1], int(match[3]), match[4])
    if match := _DAY_FIRST.fullmatch(text):
        return _day(match[4], int(match[3]), match[1])
    if match := _IN_WORDS.fullmatch(text):
        day, name, year = match.group(1, 2, 3) if match[1] else match.group(5, 4, 6)
        return _day(year, _MONTHS.get(name, 0), day)
    return None


def _day(year: str, month: int, day: str) -> date | None:
    """Make a day of its parts, if there is such a day."""
    if int(year) not in _YEARS:
        return None
    try:
        return date(int(year), month, int(day))
    except ValueError:
        return None
