"""What a notebook shows of results: a row a draft, with its photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.language import system_language
from imgfit.photos.thumbnails import Thumbnail, thumbnails
from imgfit.remarks import HEADINGS, VERDICTS, Verdict
from imgfit.reports.markup import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.photos.sources import PhotoSource

# A table longer than this makes a notebook slow to open; its photos make it large.
MOST_ROWS = 50
_SIDE = 112
_CAPTION = 280


@dataclass(frozen=True, slots=True)
class Row:
    """One draft as a notebook shows it.

    Attributes:
        photo: Path or bytes; None where none may be shown.
        name: The draft's id.
        caption: As written.
        verdict: Its verdict; None for a failure.
        fit: In [0, 1]; None where there is none.
        notes: Reasons, or what went wrong.
    """

    photo: PhotoSource | None
    name: str
    caption: str
    verdict: Verdict | None
    fit: float | None
    notes: tuple[str, ...]


def rows_html(rows: Sequence[Row], *, total: int) -> str:
    """Return rows as a table that stands alone, in the language of the system.

    Args:
        rows: Those to show, at most `MOST_ROWS`.
        total: How many there are; those not shown are counted under the table.

    Returns:
        HTML without scripts, links or anything from elsewhere.
    """
    language = system_language()
    shown = thumbnails([row.photo for row in rows], side=_SIDE)
    return render(
        "notebook.html",
        rows=[
            (row, thumbnail if isinstance(thumbnail, Thumbnail) else None)
            for row, thumbnail in zip(rows, shown, strict=True)
        ],
        caption_limit=_CAPTION,
        left_out=total - len(rows),
        language=language,
        verdicts=VERDICTS[language],
        words=HEADINGS[language],
    )
