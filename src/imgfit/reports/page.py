"""A batch as one HTML page for people: nothing is loaded from elsewhere, in it or by it."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from imgfit.arguments import require_a, require_count, require_counts, require_progress
from imgfit.language import Phrase, or_system
from imgfit.photos import BUDGET, STEPS, make_thumbnails
from imgfit.remarks import VERDICTS
from imgfit.reports.cards import Better, Place, card_of, short_name
from imgfit.reports.markup import render, source
from imgfit.reports.mix import TARGET, content_mix
from imgfit.reports.plan import plan_of
from imgfit.reports.spread import spread_of
from imgfit.reports.words import (
    MEANINGS,
    PAGE,
    PILLAR_NAMES,
    SUPPORT,
    VERDICT_ORDER,
    WEEKDAYS,
)
from imgfit.scoring import Batch, weakness
from imgfit.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from imgfit.choosing import Move
    from imgfit.language import Language
    from imgfit.remarks import Remark

_BATCH = Phrase(
    id="harus berupa Batch, misalnya dari check_drafts",
    en="must be a Batch, such as that of check_drafts",
)
# No one reads a page of more cards; the rows of all drafts are in the results file.
MOST_CARDS = 5_000
# Fewer fits than this make no picture of a spread.
_LEAST_SPREAD = 5
# The part of the thumbnails' bytes that is kept for those of better photos, and their side.
_BETTER_SHARE = 8
_BETTER_SIDE = STEPS[-1][0]


def render_html(
    batch: Batch,
    *,
    language: Language | None = None,
    name: str = "",
    thumbnail_bytes: int = BUDGET,
    decode_threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    passed_over: Sequence[Remark] = (),
) -> str:
    """Show a batch as one page that stands alone: summary, spread, content mix, a card a draft.

    The page asks for nothing from elsewhere, and its content security policy lets nothing but
    its own style and script act. Photos that can no longer be read have a placeholder. A card
    shows a better photo if the batch can compare its own and one is clear.

    Args:
        batch: n scores, failures among them.
        language: ``"id"`` or ``"en"``; the system's if not given.
        name: Of the checked folder or files; said under the title.
        thumbnail_bytes: Bytes that the thumbnails may take together, before base64.
        decode_threads: Threads that make thumbnails; the number of cores if not given.
        progress: Called with how many thumbnails are done, and how many there are.
        passed_over: Remarks on the files beside the drafts, and on how tables were read.

    Returns:
        A whole HTML document.

    Raises:
        ArgumentError: An argument is of the wrong type or out of range.
    """
    require_a("batch", batch, Batch, _BATCH)
    require_a("name", name, str)
    require_count("thumbnail_bytes", thumbnail_bytes, least=0)
    require_counts(decode_threads=decode_threads)
    require_progress(progress)
    language = or_system(language)
    order = sorted(range(len(batch)), key=lambda draft: weakness(batch[draft]))[:MOST_CARDS]
    anchors = {draft: f"d{place}" for place, draft in enumerate(order)}
    places = [
        Place(short_name(score.draft.id), anchors.get(draft)) for draft, score in enumerate(batch)
    ]
    moves = batch.suggestions() if batch.compares else {}
    kept = thumbnail_bytes // _BETTER_SHARE if moves else 0
    pictures = make_thumbnails(
        [batch[draft].picture for draft in order],
        budget=thumbnail_bytes - kept,
        workers=decode_threads,
        progress=progress,
    )
    better = _better(batch, moves, places, kept, decode_threads)
    cards = [
        card_of(places[draft], batch[draft], picture, better.get(draft))
        for draft, picture in zip(order, pictures, strict=True)
    ]
    return render(
        "page.html",
        language,
        name=short_name(name),
        version=__version__,
        cards=cards,
        omitted=pictures.count("omitted"),
        passed_over=passed_over[:MOST_CARDS],
        passed_over_count=len(passed_over),
        **_words(language),
        **_figures(batch, places),
        **_looks(),
    )


def _better(
    batch: Batch,
    moves: Mapping[int, Move],
    places: Sequence[Place],
    budget: int,
    threads: int | None,
) -> dict[int, Better]:
    """Lay out better photos for the drafts that have a card, by their place in the batch."""
    shown = {draft: move for draft, move in moves.items() if places[draft].anchor is not None}
    sources = [batch[move.source].picture for move in shown.values()]
    pictures = make_thumbnails(sources, budget=budget, side=_BETTER_SIDE, workers=threads)
    return {
        draft: Better(places[move.source], move.fit_then, picture)
        for (draft, move), picture in zip(shown.items(), pictures, strict=True)
    }


def _words(language: Language) -> dict[str, Any]:
    """Return the words of a language."""
    return {
        "words": PAGE[language],
        "verdicts": VERDICTS[language],
        "verdict_order": VERDICT_ORDER,
        "meanings": MEANINGS[language],
        "support": SUPPORT[language],
        "pillar_names": PILLAR_NAMES[language],
        "weekdays": WEEKDAYS[language],
    }


def _figures(batch: Batch, places: Sequence[Place]) -> dict[str, Any]:
    """Return what the page says of the batch as a whole; the template writes the numbers."""
    fits = [score.fit for score in batch if score.fit is not None]
    mix = content_mix(score.draft for score in batch)
    return {
        "counts": batch.counts(),
        "thresholds": batch.thresholds,
        "keeps_rate": batch.keeps_rate,
        "notes": batch.notes,
        "scored": len(fits),
        "spread": spread_of(fits, batch.thresholds) if len(fits) >= _LEAST_SPREAD else None,
        "plan": None if mix is None else plan_of(mix, places),
        "target": TARGET,
        "signature": str(batch.signature),
    }


def _looks() -> dict[str, str]:
    """Return style and script, and the digests by which the page's policy lets them act."""
    style, script = source("page.css"), source("page.js")
    return {
        "style": style,
        "style_digest": _digest(style),
        "script": script,
        "script_digest": _digest(script),
    }


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
