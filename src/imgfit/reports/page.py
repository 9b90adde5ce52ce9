"""A batch as one HTML page for people: nothing is loaded from elsewhere, in it or by it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.errors import ArgumentError
from imgfit.photos.thumbnails import BUDGET, STEPS, thumbnails
from imgfit.reports.cards import Advice, BetterPhoto, CardWriter, short_name
from imgfit.reports.markup import render, source
from imgfit.reports.mix import content_mix
from imgfit.reports.plan import mix_of
from imgfit.reports.spread import spread_of
from imgfit.reports.words import ADVICE, OUTCOMES, PAGE, SUPPORT, Outcome, filled, percent
from imgfit.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imgfit.language import Language
    from imgfit.scoring.results import Batch

# No one reads a page of more cards; the rows of all drafts are in the results file.
MOST_CARDS = 5_000
# Fewer fits than this make no picture of a spread.
_LEAST_SPREAD = 5
# The part of the thumbnails' bytes that is kept for those of better photos, and their side.
_BETTER_SHARE = 8
_BETTER_SIDE = STEPS[-1][0]


@dataclass(frozen=True, slots=True)
class _Tile:
    """How many drafts came out in one way, and what that means."""

    outcome: Outcome
    name: str
    count: int
    meaning: str


def render_html(
    batch: Batch,
    *,
    language: Language = "en",
    name: str = "",
    advice: Sequence[Advice] | None = None,
    thumbnail_bytes: int = BUDGET,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> str:
    """Show a batch as one self-contained page: summary, spread, content mix, a card a draft.

    The page asks for nothing from elsewhere, and its content security policy lets nothing but
    its own style and script act. Photos that can no longer be read have a placeholder.

    Args:
        batch: n scores, failures among them.
        language: ``"id"`` or ``"en"``.
        name: What was checked, such as the folder's name; said under the title.
        advice: n pieces of advice in the batch's order; if not given, the scores' hints, and better
            photos where the batch can compare its own.
        thumbnail_bytes: Bytes that the thumbnails may take together, before base64.
        workers: Threads that make thumbnails; the number of cores if not given.
        progress: Called with how many thumbnails are done, and how many there are.

    Returns:
        A whole HTML document.

    Raises:
        ArgumentError: ``advice`` is not as long as the batch.
    """
    if advice is None:
        advice = _advice(batch)
    if len(advice) != len(batch):
        raise ArgumentError(
            argument="advice", value=f"{len(advice)} long", needed=f"one for each of {len(batch)}"
        )
    order = _weakest_first(batch)[:MOST_CARDS]
    anchor_of = {draft: f"d{place}" for place, draft in enumerate(order)}
    places = [
        (short_name(score.draft.id), anchor_of.get(draft)) for draft, score in enumerate(batch)
    ]
    better = [known.better and batch[known.better.draft] for known in advice]
    kept = thumbnail_bytes // _BETTER_SHARE if any(better) else 0
    copies = thumbnails(
        [batch[draft].picture for draft in order],
        budget=thumbnail_bytes - kept,
        workers=workers,
        progress=progress,
    )
    small = thumbnails(
        [score.picture if (score := better[draft]) else None for draft in order],
        budget=kept,
        side=_BETTER_SIDE,
        workers=workers,
    )
    writer = CardWriter(language, places)
    cards = [
        writer.card(anchor_of[draft], batch[draft], copy, advice[draft], other)
        for draft, copy, other in zip(order, copies, small, strict=True)
    ]
    words = PAGE[language]
    far, weak = _limits(batch, language)
    style, script = source("page.css"), source("page.js")
    fits = [score.fit for score in batch if score.fit is not None]
    mix = content_mix(score.draft for score in batch)
    return render(
        "page.html",
        language=language,
        words=words,
        support=SUPPORT[language],
        outcomes=OUTCOMES[language],
        name=filled(words, "of", name=short_name(name)) if name else "",
        summary=_summary(batch, language),
        tiles=_tiles(batch, language),
        needed=filled(words, "needed", far=far),
        fit_means=filled(words, "fit_means", far=far, weak=weak),
        errors_mean=filled(words, "errors_mean", far_count=f"{100 * batch.thresholds.far:.3g}")
        if batch.keeps_rate
        else words["errors_unknown"],
        spread=spread_of(fits, batch.thresholds, language) if len(fits) >= _LEAST_SPREAD else None,
        spread_line=_spread_line(batch, fits, language),
        mix=None if mix is None else mix_of(mix, places, language),
        cards=cards,
        fit_limits=[1 - batch.thresholds.weak_far, 1 - batch.thresholds.far],
        total=len(batch),
        notices=[
            *(note.say(language) for note in batch.notes),
            *(
                filled(words, key, count=count, shown=len(order))
                for key, count in (
                    ("cards_left_out", len(batch) - len(order)),
                    ("omitted_note", copies.count("omitted")),
                )
                if count
            ),
        ],
        style=style,
        style_digest=_digest(style),
        script=script,
        script_digest=_digest(script),
        made=filled(words, "made", version=__version__),
        signature=str(batch.signature),
    )


def _advice(batch: Batch) -> list[Advice]:
    """Take the hints of each score, and a better photo of the batch where one is clear."""
    moves = batch.suggestions() if batch.compares else {}
    return [
        Advice(score.hints, BetterPhoto(move.source, move.fit_then) if move else None)
        for score, move in ((score, moves.get(draft)) for draft, score in enumerate(batch))
    ]


def _weakest_first(batch: Batch) -> list[int]:
    """Return the places of the scores in the batch, in the order of `Batch.ranked`."""
    places: dict[int, list[int]] = {}
    for place, score in reversed(list(enumerate(batch))):
        places.setdefault(id(score), []).append(place)
    return [places[id(score)].pop() for score in batch.ranked()]


def _tiles(batch: Batch, language: Language) -> list[_Tile]:
    """Count each outcome, weakest first, with what it means at the batch's thresholds."""
    counts = batch.counts()
    far, weak = _limits(batch, language)
    return [
        _Tile(outcome, name, counts[outcome], ADVICE[language][outcome].format(far=far, weak=weak))
        for outcome, name in OUTCOMES[language].items()
    ]


def _limits(batch: Batch, language: Language) -> tuple[str, str]:
    """Return the least fits of ``speaks`` and of ``weak`` in words."""
    far, weak_far = batch.thresholds.far, batch.thresholds.weak_far
    return percent(1 - far, language), percent(1 - weak_far, language)


def _summary(batch: Batch, language: Language) -> str:
    counts = batch.counts()
    if not counts["total"]:
        return PAGE[language]["no_drafts"]
    return filled(
        PAGE[language],
        "summary_line",
        total=counts["total"],
        speaks=counts["speaks"],
        look=counts["total"] - counts["speaks"],
    )


def _spread_line(batch: Batch, fits: Sequence[float], language: Language) -> str:
    """Say in a sentence what the picture of the spread shows."""
    if not fits:
        return ""
    passed, words = batch.counts()["speaks"], PAGE[language]
    line = filled(
        words,
        "spread_line",
        scored=len(fits),
        passed=passed,
        share=percent(passed / len(fits), language),
        limit=_limits(batch, language)[0],
    )
    if not batch.keeps_rate:
        return line
    return line + " " + filled(words, "spread_rate", far=percent(batch.thresholds.far, language))


def _digest(text: str) -> str:
    """Return what a content security policy calls a style or script by."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
