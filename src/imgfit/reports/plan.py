"""The page's plan of a month: shares against the guide, and a calendar."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.reports.mix import PILLARS, TARGET
from imgfit.reports.words import PAGE, PILLAR_NAMES, WEEKDAYS, filled, month_name, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.language import Language
    from imgfit.reports.mix import ContentMix, Month, Pillar, Planned

# A stray year gives a month of its own; the last ones are those still planned.
_MOST_MONTHS = 12
_MOST_POSTS = 6
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Post:
    """One planned post in the calendar.

    Attributes:
        kind: Its pillar, or ``"unknown"``.
        letter: What stands in the calendar.
        said: What it is, in words.
        anchor: Its card on the page; None where it has none.
    """

    kind: str
    letter: str
    said: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar.

    Attributes:
        number: In the month; None for a day of another month.
        posts: Those planned, but for what is over `_MOST_POSTS`.
        more: How many are over it.
    """

    number: int | None
    posts: tuple[Post, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind's part of a month.

    Attributes:
        pillar: Its name in code.
        name: Its name in words.
        said: Its number of posts and share.
        target: The share that the guide asks for.
        share: In [0, 1].
        aim: The guide's share, in [0, 1].
    """

    pillar: Pillar
    name: str
    said: str
    target: str
    share: float
    aim: float


@dataclass(frozen=True, slots=True)
class MonthView:
    """One month of the plan.

    Attributes:
        name: The month.
        line: What the shares are shares of.
        title: Of the calendar.
        kinds: Shares against the guide; empty where no kind is known.
        weeks: Seven days each, from Monday.
    """

    name: str
    line: str
    title: str
    kinds: tuple[Kind, ...]
    weeks: tuple[tuple[Day, ...], ...]


@dataclass(frozen=True, slots=True)
class MixView:
    """The plan of a manifest.

    Attributes:
        months: Earliest first, the last `_MOST_MONTHS`.
        notes: What could not be read or is not shown.
        weekdays: Short and full names, Monday first.
    """

    months: tuple[MonthView, ...]
    notes: tuple[str, ...]
    weekdays: tuple[tuple[str, str], ...]


def mix_of(mix: ContentMix, posts: Sequence[tuple[str, str | None]], language: Language) -> MixView:
    """Lay out a content mix.

    Args:
        mix: Of n drafts.
        posts: n names of drafts and the anchors of their cards.
        language: Of the words.

    Returns:
        Months with their calendars.
    """
    words = PAGE[language]
    unknown = sum(month.count(None) for month in mix.months)
    left_out = max(0, len(mix.months) - _MOST_MONTHS)
    notes = [
        filled(words, key, count=count)
        for key, count in (
            ("mix_unknown", unknown),
            ("mix_undated", mix.undated),
            ("mix_left_out", left_out),
        )
        if count
    ]
    if mix.unknown:
        notes.append(filled(words, "mix_unknown_words", names=_named(mix.unknown)))
    if mix.unread:
        dates = _named(mix.unread)
        notes.append(filled(words, "mix_unread", count=len(mix.unread), dates=dates))
    return MixView(
        months=tuple(_month(month, posts, language) for month in mix.months[left_out:]),
        notes=tuple(notes),
        weekdays=WEEKDAYS[language],
    )


def _month(month: Month, posts: Sequence[tuple[str, str | None]], language: Language) -> MonthView:
    words, name = PAGE[language], month_name(month.first, language)
    kinds = tuple(
        Kind(
            pillar=pillar,
            name=PILLAR_NAMES[language][pillar],
            said=filled(
                words,
                "mix_row",
                count=month.count(pillar),
                known=month.known,
                share=percent(month.share(pillar), language),
            ),
            target=percent(TARGET[pillar], language),
            share=month.share(pillar),
            aim=TARGET[pillar],
        )
        for pillar in PILLARS
        if month.known
    )
    by_day: dict[int, list[Post]] = {}
    for planned in month.planned:
        post = _post(planned, posts[planned.draft], language)
        by_day.setdefault(planned.day.day, []).append(post)
    weeks = Calendar(firstweekday=0).monthdayscalendar(month.first.year, month.first.month)
    return MonthView(
        name=name,
        line=filled(words, "mix_of" if kinds else "mix_none", known=month.known),
        title=filled(words, "calendar", month=name),
        kinds=kinds,
        weeks=tuple(
            tuple(_day(number, by_day.get(number, [])) for number in week) for week in weeks
        ),
    )


def _day(number: int, posts: list[Post]) -> Day:
    if not number:
        return Day(None)
    return Day(number, tuple(posts[:_MOST_POSTS]), max(0, len(posts) - _MOST_POSTS))


def _post(planned: Planned, post: tuple[str, str | None], language: Language) -> Post:
    name, anchor = post
    if planned.pillar is None:
        kind, letter, said = "unknown", "?", PAGE[language]["no_kind"]
    else:
        said = PILLAR_NAMES[language][planned.pillar]
        kind, letter = planned.pillar, said[0]
    return Post(kind, letter, f"{said}: {name}", anchor)


def _named(texts: Sequence[str]) -> str:
    """Quote a few different texts of a manifest, each cut short."""
    different = list(dict.fromkeys(text[:40] for text in texts))
    more = ", …" if len(different) > _MOST_NAMED else ""
    return ", ".join(f"“{text}”" for text in different[:_MOST_NAMED]) + more
