"""A picture of how scores are spread, as an SVG that stands alone.

Steps over forty columns need no plotting library: the file is a few lines of text that any
browser shows, without scripts, fonts or links.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.arguments import require_a
from imgfit.calibration import CALIBRATION, Histogram
from imgfit.language import Phrase, or_system
from imgfit.reports.markup import render
from imgfit.reports.plot import Plot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.language import Language

_HISTOGRAM = Phrase(
    id="harus berupa histogram sebuah CalibrationRun",
    en="must be the histogram of a CalibrationRun",
)
# Told apart by lines too, not by colour alone: colour, and dashes of the outline.
_STYLES = {
    "mismatched": ("#6b6b6b", "none"),
    "own": ("#1f6fb4", "6 3"),
    "positives": ("#1f6fb4", "6 3"),
    "negatives": ("#b9450f", "2 2"),
}


@dataclass(frozen=True, slots=True)
class _Series:
    """One kind of trial.

    Attributes:
        name: Its key in the calibration's words.
        count: How many trials.
        colour: Of outline and area.
        dashes: Of the outline.
        outline: Corners of its steps, from the left end of the axis to the right.
    """

    name: str
    count: int
    colour: str
    dashes: str
    outline: tuple[tuple[float, float], ...]


def histogram_svg(histogram: Histogram, language: Language | None = None) -> str:
    """Draw the spread of scores, each kind of trial as shares of its own number.

    Args:
        histogram: The counts.
        language: Of the words in it; the system's if not given.

    Returns:
        An SVG document.

    Raises:
        ArgumentError: The histogram is of another type, or the language another one.
    """
    require_a("histogram", histogram, Histogram, _HISTOGRAM)
    language = or_system(language)
    edges, series = histogram.edges, histogram.series
    most = max(max(_shares(counts)) for counts in series.values()) or 1.0
    plot = Plot(
        720, 400, left=20, right=700, top=90, base=326, low=edges[0], high=edges[-1], most=most
    )
    return render(
        "histogram.svg",
        language,
        words=CALIBRATION[language],
        plot=plot,
        series=[
            _Series(name, sum(counts), *_STYLES[name], _steps(edges, _shares(counts), plot))
            for name, counts in series.items()
        ],
        threshold=histogram.threshold,
    )


def _shares(counts: Sequence[int]) -> list[float]:
    total = max(sum(counts), 1)
    return [count / total for count in counts]


def _steps(
    edges: Sequence[float], shares: Sequence[float], plot: Plot
) -> tuple[tuple[float, float], ...]:
    """Return the corners of an outline that begins and ends on the axis."""
    corners = [(plot.across(edges[0]), float(plot.base))]
    for left, right, share in zip(edges, edges[1:], shares, strict=False):
        corners += [(plot.across(left), plot.up(share)), (plot.across(right), plot.up(share))]
    return (*corners, (plot.across(edges[-1]), float(plot.base)))
