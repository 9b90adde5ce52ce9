"""The picture: well-formed, self-contained, and true to the counts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from imgfit.calibration.fitting import Histogram
from imgfit.reports.histogram import histogram_svg

if TYPE_CHECKING:
    from imgfit.language import Language

SVG = "{http://www.w3.org/2000/svg}"
COUNTS = Histogram(
    edges=(-1.0, 0.0, 1.0, 2.0),
    series={"mismatched": (6, 3, 1), "positives": (0, 1, 1), "negatives": (0, 0, 0)},
    threshold=1.5,
)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["mismatched (10)", "labelled as fitting (2)", "speaks from here (1.50)"]),
     ("id", ["ditukar (10)", "berlabel cocok (2)", "ambang berbicara (1,50)"])],
)  # fmt: skip
def test_it_names_what_it_shows(language: Language, words: list[str]) -> None:
    root = ET.fromstring(histogram_svg(COUNTS, language))  # noqa: S314 - our own text
    texts = [node.text for node in root.iter(f"{SVG}text")]
    assert set(words) <= set(texts)
    assert {node.tag.removeprefix(SVG) for node in root.iter()} == {
        "svg", "title", "rect", "g", "text", "polygon", "path",
    }  # fmt: skip


def test_heights_are_shares_of_each_kind() -> None:
    root = ET.fromstring(histogram_svg(COUNTS, "en"))  # noqa: S314 - our own text
    outlines = [
        [tuple(map(float, point.split(","))) for point in node.attrib["points"].split()]
        for node in root.iter(f"{SVG}polygon")
    ]
    heights = []
    for points in outlines:
        base = points[0][1]
        assert points[-1][1] == base
        assert [x for x, _ in points] == sorted(x for x, _ in points)
        heights.append([base - y for _, y in points[1:-1:2]])
    full = heights[0][0]
    # The highest column of all is 6 of 10; one of two is five sixths of it.
    assert [h / full for h in heights[0]] == pytest.approx([1, 0.5, 1 / 6], abs=1e-3)
    assert [h / full for h in heights[1]] == pytest.approx([0, 5 / 6, 5 / 6], abs=1e-3)
    assert heights[2] == [0, 0, 0]
