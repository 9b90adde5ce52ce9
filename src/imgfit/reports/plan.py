"""The page's plan: a calendar for each month of the content mix."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.reports.cards import Place
    from imgfit.reports.mix import ContentMix, Month, Pillar

# A stray year gives a month of its own; the last ones are those still planned.
_MOST_MONTHS = 12
_MOST_POSTS = 6


@dataclass(frozen=True, slots=True)
class Post:
    """One planned post in the calendar.

    Attributes:
        pillar: Its kind; None if the manifest names none that is known.
        place: The draft's name and its card.
    """

    pillar: Pillar | None
    place: Place


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar.

    Attributes:
        number: In the month; 0 for a day of another month.
        posts: Those planned, but for what is over `_MOST_POSTS`.
        more: How many are over it.
    """

    number: int
    posts: tuple[Post, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """One month of the plan.

    Attributes:
        month: Its posts, counted by kind.
        weeks: Seven days each, from Monday.
    """

    month: Month
    weeks: tuple[tuple[Day, ...], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a manifest.

    Attributes:
        mix: All of it, with the dates and kinds that could not be read.
        months: Earliest first, the last `_MOST_MONTHS`.
        left_out: How many months came before.
        unknown: Posts of a month whose kind is empty or unknown.
    """

    mix: ContentMix
    months: tuple[MonthPlan, ...]
    left_out: int
    unknown: int


def plan_of(mix: ContentMix, places: Sequence[Place]) -> Plan:
    """Lay out a content mix.

    Args:
        mix: Of n drafts.
        places: Their n names and cards.

    Returns:
        Months with their calendars.
    """
    left_out = max(0, len(mix.months) - _MOST_MONTHS)
    return Plan(
        mix=mix,
        months=tuple(_month(month, places) for month in mix.months[left_out:]),
        left_out=left_out,
        unknown=sum(month.count(None) for month in mix.months),
    )


def _month(month: Month, places: Sequence[Place]) -> MonthPlan:
    by_day: dict[int, list[Post]] = {}
    for planned in month.planned:
        post = Post(planned.pillar, places[planned.draft])
        by_day.setdefault(planned.day.day, []).append(post)
    weeks = Calendar(firstweekday=0).monthdayscalendar(month.first.year, month.first.month)
    return MonthPlan(
        month,
        tuple(tuple(_day(number, by_day.get(number, [])) for number in week) for week in weeks),
    )


def _day(number: int, posts: list[Post]) -> Day:
    return Day(number, tuple(posts[:_MOST_POSTS]), max(0, len(posts) - _MOST_POSTS))
