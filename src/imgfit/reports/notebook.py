"""Results as a notebook shows them: a row a draft, with its photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgfit.language import system_language
from imgfit.photos import make_thumbnails
from imgfit.remarks import HEADINGS, VERDICTS
from imgfit.reports.markup import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.scoring import Score

# A table longer than this makes a notebook slow to open; its photos make it large.
MOST_ROWS = 50
_SIDE = 112
_CAPTION = 280


def rows_html(scores: Sequence[Score], *, total: int) -> str:
    """Return scores as a table that stands alone, in the language of the system.

    Args:
        scores: Those to show, at most `MOST_ROWS`.
        total: How many there are; those not shown are counted under the table.

    Returns:
        HTML without scripts, links or anything from elsewhere.
    """
    language = system_language()
    pictures = make_thumbnails([score.picture for score in scores], side=_SIDE)
    return render(
        "notebook.html",
        language,
        rows=list(zip(scores, pictures, strict=True)),
        caption_limit=_CAPTION,
        left_out=total - len(scores),
        verdicts=VERDICTS[language],
        words=HEADINGS[language],
    )
