"""The page's picture of how fits are spread, as places and sizes.

The null needs no data: the fit of an unrelated pair is uniform on [0, 1] by
construction, so each of n ranges of equal width is expected to hold one n-th of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.reports.words import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.language import Language
    from imgfit.remarks import Verdict
    from imgfit.scoring.thresholds import Thresholds

# Twenty ranges: the default thresholds, at 0.75 and 0.95, fall between two of them.
RANGES = 20

# Of the drawing, in its own units: it is shown at 1 to 1.5 times this size.
_WIDTH, _HEIGHT = 360, 190
_LEFT, _RIGHT, _TOP, _BASE = 8, 8, 30, 150
_GAP = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One range of the spread.

    Attributes:
        verdict: What a fit in the middle of the range gets.
        count: Drafts in it.
        name: The range in words.
        share: The drafts in it as a percentage.
        x: Left edge.
        y: Top edge.
        width: In the drawing's units.
        height: In the drawing's units.
    """

    verdict: Verdict
    count: int
    name: str
    share: str
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where its number stands."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Spread:
    """How the fits of a batch are spread.

    Attributes:
        bars: One a range, from the lowest fit up.
        expected: Height of the line for pairs picked at random.
        zones: The verdicts' stretches of the axis: verdict, left end, width.
        ticks: Places of the axis' numbers and the numbers.
        step: Width of a range as a percentage.
    """

    bars: tuple[Bar, ...]
    expected: float
    zones: tuple[tuple[Verdict, float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    step: str
    width: int = _WIDTH
    height: int = _HEIGHT
    base: int = _BASE
    left: int = _LEFT
    right: int = _WIDTH - _RIGHT


def counts_by_range(fits: Sequence[float]) -> list[int]:
    """Sort fits into `RANGES` of equal width; one on a border belongs to the range above it.

    Args:
        fits: n fits in [0, 1].

    Returns:
        The counts from 0 up, n together; a fit of 1 is in the last.
    """
    counts = [0] * RANGES
    for fit in fits:
        # Six digits, as fits are written: 0.95 is in the last range, however it was computed.
        counts[min(int(round(fit * RANGES, 6)), RANGES - 1)] += 1
    return counts


def spread_of(fits: Sequence[float], thresholds: Thresholds, language: Language) -> Spread:
    """Lay out the spread of a batch's fits.

    Args:
        fits: n fits in [0, 1], n at least 1.
        thresholds: What the verdicts were decided at.
        language: Of the numbers.

    Returns:
        Places and sizes.
    """
    counts = counts_by_range(fits)
    shares = [count / len(fits) for count in counts]
    expected = 1 / RANGES
    # Room above the line, even where all ranges hold what is expected.
    scale = (_BASE - _TOP) / max(*shares, 2 * expected)
    step = (_WIDTH - _LEFT - _RIGHT) / RANGES

    def across(fit: float) -> float:
        return _LEFT + fit * (_WIDTH - _LEFT - _RIGHT)

    bars = tuple(
        Bar(
            verdict=thresholds.verdict((number + 0.5) / RANGES),
            count=count,
            name=" – ".join(percent(end / RANGES, language) for end in (number, number + 1)),
            share=percent(share, language),
            x=across(number / RANGES) + _GAP / 2,
            y=_BASE - share * scale,
            width=step - _GAP,
            height=share * scale,
        )
        for number, (count, share) in enumerate(zip(counts, shares, strict=True))
    )
    weak, far = across(1 - thresholds.weak_far), across(1 - thresholds.far)
    return Spread(
        bars=bars,
        expected=_BASE - expected * scale,
        zones=(
            ("silent", across(0), weak - across(0)),
            ("weak", weak, far - weak),
            ("speaks", far, across(1) - far),
        ),
        ticks=tuple((across(at), percent(at, language)) for at in (0, 0.25, 0.5, 0.75, 1)),
        step=percent(expected, language),
    )
