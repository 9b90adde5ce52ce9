"""The page's picture of how fits are spread, as places and sizes.

The null needs no data: the fit of an unrelated pair is uniform on [0, 1] by
construction, so each of n ranges of equal width is expected to hold one n-th of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.reports.plot import Plot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.remarks import Verdict
    from imgfit.scoring import Thresholds

# Twenty ranges: the default thresholds, at 0.75 and 0.95, fall between two of them.
RANGES = 20

_GAP = 2
# Of the numbers over the bars, in the drawing's units: at most this wide a digit, and this high.
_DIGIT, _LINE = 5.8, 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One range of the spread.

    Attributes:
        low: Where the range begins.
        high: Where it ends.
        verdict: What a fit in the middle of the range gets.
        count: Drafts in it.
        share: The drafts in it, of all that were judged, in [0, 1].
        x: Left edge.
        y: Top edge.
        width: In the drawing's units.
        numbered: Whether the picture has room for its count over the bar.
    """

    low: float
    high: float
    verdict: Verdict
    count: int
    share: float
    x: float
    y: float
    width: float
    numbered: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """How the fits of a batch are spread.

    Attributes:
        plot: The frame: fits across, shares up.
        bars: One a range, from the lowest fit up.
        expected: Share of each range if photos and captions were paired at random.
        zones: The verdicts' stretches of the axis: verdict, left end, width.
        ticks: Fits that the axis names.
    """

    plot: Plot
    bars: tuple[Bar, ...]
    expected: float
    zones: tuple[tuple[Verdict, float, float], ...]
    ticks: tuple[float, ...] = (0, 0.25, 0.5, 0.75, 1)


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


def spread_of(fits: Sequence[float], thresholds: Thresholds) -> Spread:
    """Lay out the spread of a batch's fits.

    Args:
        fits: n fits in [0, 1], n at least 1.
        thresholds: What the verdicts were decided at.

    Returns:
        Places and sizes.
    """
    counts = counts_by_range(fits)
    shares = [count / len(fits) for count in counts]
    expected = 1 / RANGES
    # Shown at 1 to 1.5 times this size. Room above the line, even if all ranges hold what is
    # expected.
    most = max(*shares, 2 * expected)
    plot = Plot(360, 180, left=12, right=348, top=22, base=142, low=0, high=1, most=most)
    step = (plot.right - plot.left) / RANGES
    tops = [plot.up(share) for share in shares]
    numbered = _with_room(counts, tops, step)
    bars = tuple(
        Bar(
            low=number / RANGES,
            high=(number + 1) / RANGES,
            verdict=thresholds.verdict((number + 0.5) / RANGES),
            count=count,
            share=share,
            x=plot.across(number / RANGES) + _GAP / 2,
            y=top,
            width=step - _GAP,
            numbered=number in numbered,
        )
        for number, (count, share, top) in enumerate(zip(counts, shares, tops, strict=True))
    )
    weak, far = plot.across(1 - thresholds.weak_far), plot.across(1 - thresholds.far)
    return Spread(
        plot=plot,
        bars=bars,
        expected=expected,
        zones=(
            ("silent", plot.left, weak - plot.left),
            ("weak", weak, far - weak),
            ("speaks", far, plot.right - far),
        ),
    )


def _with_room(counts: Sequence[int], tops: Sequence[float], step: float) -> set[int]:
    """Choose the bars whose numbers print over no other number and no other bar.

    The highest come first: the others can be read in the table.

    Args:
        counts: Of each bar, from the left.
        tops: y of each bar's top edge.
        step: Width of a range.

    Returns:
        Places of the bars that get a number.
    """
    chosen: set[int] = set()
    for place in sorted(range(len(counts)), key=lambda place: -counts[place]):
        if not counts[place]:
            continue
        wide = len(str(counts[place])) * _DIGIT / 2
        if all(
            abs(tops[place] - tops[other]) >= _LINE
            or abs(place - other) * step >= wide + len(str(counts[other])) * _DIGIT / 2
            for other in chosen
        ) and all(
            tops[other] >= tops[place] or abs(place - other) * step >= wide + (step - _GAP) / 2
            for other in range(len(counts))
        ):
            chosen.add(place)
    return chosen
