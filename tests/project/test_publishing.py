"""The page for publishing scripts names every field and every hint, and its patterns work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imgfit import Draft, Score
from imgfit.remarks import HINTS

PAGE = (Path(__file__).parents[2] / "docs" / "publishing.md").read_text("utf-8")


def first_cells(heading: str) -> list[str]:
    """The first column of the table under a heading."""
    part = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE)


def test_every_field_of_a_row_is_explained_in_order() -> None:
    assert first_cells("Rows") == list(Score(Draft("a.jpg", "x")).row())


def test_every_hint_is_explained_in_order() -> None:
    assert first_cells("Hints") == list(HINTS)


@pytest.mark.parametrize(
    ("name", "handed"),
    [("posts/a.JPG", True), ("posts/2026/a.txt", True), ("a.jpg", False), ("posts/a.py", False)],
)
def test_the_local_hook_takes_photos_and_captions(name: str, handed: bool) -> None:  # noqa: FBT001
    (pattern,) = re.findall(r"files: (\^posts/\.\*.+)$", PAGE, re.MULTILINE)
    assert bool(re.search(pattern, name)) == handed
