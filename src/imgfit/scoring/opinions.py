"""A second opinion: the same drafts scored by two encoders, their fits averaged.

Fits mean the same for every encoder, so they can be averaged; cosines cannot. The mean of two fits
is not a fit itself: if the encoders err on different pairs, fewer unrelated pairs reach a threshold
than asked, and never more than twice as many, whatever the two have in common (1 minus a fit is a
p-value, and twice the mean of p-values is one again: Vovk and Wang 2020, "Combining p-values via
averaging", after Rueschendorf 1982). Verdicts are decided on the mean all the same: a threshold
that guarantees the bound would pass only pairs that both encoders are nearly sure of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imgfit.arguments import require_a
from imgfit.errors import ArgumentError
from imgfit.language import Phrase
from imgfit.scoring.results import Batch

if TYPE_CHECKING:
    from imgfit.scoring.results import Score
    from imgfit.scoring.signature import Signature

_BATCH = Phrase(id="harus berupa Batch dari check_drafts", en="must be a Batch of check_drafts")

# How far a null can be trusted to keep the rate; of two, the weaker one is reported.
_TRUST = {"cohort": 0, "batch": 1, "fitted": 2}


def combine(first: Batch, second: Batch) -> Batch:
    """Average the fits of two batches of the same drafts, by two encoders.

    A draft that only one of them could judge is ``unsure``, with a reason that says so; one that
    either could not use is ``failed``, with that error. If the two verdicts differ, a reason names
    both. Windows, evidence and hints are the first's; cosines of two encoders do not add up, so
    there is none, and no probability.

    Args:
        first: The batch that reasons and thresholds are taken from, by one model.
        second: The same drafts in the same order, by another model.

    Returns:
        n scores, decided at the first's thresholds, with both signatures.

    Raises:
        ArgumentError: The batches are not of the same drafts, or not of two models.
    """
    for argument, batch in (("first", first), ("second", second)):
        require_a(argument, batch, Batch, _BATCH)
    mine = [(score.draft.id, score.draft.caption) for score in first]
    if mine != [(score.draft.id, score.draft.caption) for score in second]:
        raise ArgumentError(
            argument="second",
            value=Phrase(id=f"{len(second)} draf", en=f"{len(second)} drafts"),
            needed=Phrase(id="pakai draf yang sama dengan first", en="use the drafts of the first"),
        )
    for argument, batch in (("first", first), ("second", second)):
        _require_one_model(argument, batch.signature)
    model = second.signature.field("model")
    if first.signature.field("model") == model:
        needed = Phrase(id="pakai model lain", en="use another model")
        raise ArgumentError(argument="second", value=f"model:{model}", needed=needed)
    signature = first.signature.and_of(second.signature)
    scores = tuple(
        _combined(a, replace(b, thresholds=a.thresholds), signature)
        for a, b in zip(first, second, strict=True)
    )
    weaker = second if _TRUST[second.null_kind] < _TRUST[first.null_kind] else first
    return Batch(scores, first.thresholds, signature, weaker.null, weaker.null_kind)


def _combined(first: Score, second: Score, signature: Signature) -> Score:
    """Average two scores of one draft."""
    score = replace(
        first,
        cosine=None,
        normalised=None,
        probability=None,
        evidence_ratio=None,
        error=first.error or second.error,
        signature=signature,
    )
    if first.fit is None or second.fit is None:
        unjudged = first.evidence.unjudged or second.evidence.unjudged
        return replace(score, fit=None, evidence=replace(first.evidence, unjudged=unjudged))
    evidence = replace(
        first.evidence,
        unfitted=first.evidence.unfitted or second.evidence.unfitted,
        opinions=(first.fit, second.fit),
    )
    return replace(score, fit=(first.fit + second.fit) / 2, evidence=evidence)


def _require_one_model(argument: str, signature: Signature) -> None:
    if len(signature.opinions) > 1:
        raise ArgumentError(
            argument=argument,
            value=Phrase(id="rata-rata dua model", en="a mean of two models"),
            needed=Phrase(id="pakai hasil satu model", en="use the batch of one model"),
        )
