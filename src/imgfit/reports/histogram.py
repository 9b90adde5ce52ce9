"""A picture of how scores are spread, as a self-contained SVG.

Steps over forty columns need no plotting library: the file is a few lines of text that any
browser shows, without scripts, fonts or links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from imgfit.calibration.words import CALIBRATION

if TYPE_CHECKING:
    from imgfit.calibration.fitting import Histogram
    from imgfit.language import Language

_WIDTH, _HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 20, 20, 70, 60

# Told apart by lines too, not by colour alone: colour, and dashes of the outline.
_STYLES = {
    "mismatched": ("#777777", "none"),
    "own": ("#1f6fb4", "6 3"),
    "positives": ("#1f6fb4", "6 3"),
    "negatives": ("#c8501e", "2 2"),
}


def histogram_svg(histogram: Histogram, language: Language = "en") -> str:
    """Draw the spread of scores, each kind of trial as shares of its own number.

    Args:
        histogram: The counts.
        language: Of the words in it.

    Returns:
        An SVG document.
    """
    words = CALIBRATION[language]
    most = max(max(counts) / max(sum(counts), 1) for counts in histogram.series.values())
    base = _HEIGHT - _BOTTOM
    low, high = histogram.edges[0], histogram.edges[-1]

    def across(score: float) -> float:
        inside = min(max(score, low), high)
        return _LEFT + (inside - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def text(x: float, y: float, line: str, style: str = "") -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(line)}</text>'

    size = f'width="{_WIDTH}" height="{_HEIGHT}"'
    font = 'font-family="sans-serif" font-size="13"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {font}>',
        f"<title>{escape(words['title'])}</title>",
        f'<rect {size} fill="white"/>',
        text(_LEFT, 20, words["title"], 'font-weight="bold"'),
        text(_LEFT, 40, words["share"].format(most=f"{most:.0%}"), 'fill="#555"'),
    ]
    for place, (name, counts) in enumerate(histogram.series.items()):
        colour, dashes = _STYLES[name]
        total = max(sum(counts), 1)
        points = [(across(low), float(base))]
        for left, right, count in zip(histogram.edges, histogram.edges[1:], counts, strict=False):
            height = base - count / total / most * (base - _TOP)
            points += [(across(left), height), (across(right), height)]
        points.append((across(high), float(base)))
        outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        style = f'stroke="{colour}" stroke-width="1.5" stroke-dasharray="{dashes}"'
        parts.append(f'<polygon points="{outline}" fill="{colour}" fill-opacity="0.25" {style}/>')
        at = _LEFT + place * (_WIDTH - _LEFT - _RIGHT) / 3
        parts.append(text(at, 60, words[name].format(count=sum(counts)), f'fill="{colour}"'))
    limit = across(histogram.threshold)
    ends = "end" if limit > _WIDTH / 2 else "start"
    line = f"{words['limit']} ({histogram.threshold:.2f})"
    black = 'stroke="black"'
    parts += [
        f'<path d="M{_LEFT} {base}H{_WIDTH - _RIGHT}" {black}/>',
        f'<path d="M{limit:.1f} {_TOP}V{base}" {black} stroke-dasharray="4 4"/>',
        text(limit, base + 36, line, f'text-anchor="{ends}"'),
        text(_LEFT, base + 18, f"{low:.2f}"),
        text(_WIDTH - _RIGHT, base + 18, f"{high:.2f}", 'text-anchor="end"'),
        text(_WIDTH / 2, base + 18, words["axis"], 'text-anchor="middle"'),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
