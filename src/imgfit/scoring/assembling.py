"""From what was found out about each draft to its score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgfit.scoring.evidence import Evidence
from imgfit.scoring.hints import DUPLICATE_HINTS, caption_hints
from imgfit.scoring.results import Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.calibration import NullKind
    from imgfit.drafts import Draft
    from imgfit.embedding import EmbeddedDrafts
    from imgfit.remarks import Hint
    from imgfit.scoring.scorer import ScoredPair
    from imgfit.scoring.signature import Signature


def scores_of(
    drafts: Sequence[Draft],
    ready: EmbeddedDrafts,
    pairs: Sequence[ScoredPair],
    hints: Sequence[tuple[Hint, ...]],
    *,
    signature: Signature,
    null_kind: NullKind,
    alone: bool,
) -> tuple[Score, ...]:
    """Put each draft's parts together.

    Args:
        drafts: n drafts.
        ready: The same drafts, embedded.
        pairs: Those of ``ready.scored``, in that order.
        hints: Of the photos in ``ready.photos``, in that order.
        signature: Of all numbers; verdicts are decided at its thresholds.
        null_kind: What the null of the fits was fitted on.
        alone: Whether what other drafts tell of a draft is left out.

    Returns:
        n scores, in order.
    """
    pair_of = dict(zip(ready.scored, pairs, strict=True))
    return tuple(
        _score(
            n,
            draft,
            ready,
            pair_of.get(n),
            hints[ready.row_of[n]] if n in ready.row_of else (),
            signature=signature,
            null_kind=null_kind,
            alone=alone,
        )
        for n, draft in enumerate(drafts)
    )


def _score(
    n: int,
    draft: Draft,
    ready: EmbeddedDrafts,
    pair: ScoredPair | None,
    hints: tuple[Hint, ...],
    *,
    signature: Signature,
    null_kind: NullKind,
    alone: bool,
) -> Score:
    text = ready.texts[n]
    photo = ready.photos.files[ready.row_of[n]] if n in ready.row_of else None
    if alone:
        hints = tuple(hint for hint in hints if hint.code not in DUPLICATE_HINTS)
    evidence = Evidence(
        swap=pair.swap if pair and not alone else None,
        other=pair.other if pair and not alone else None,
        scenes=pair.scenes if pair else (),
        unjudged=text.unjudged,
        animated=photo is not None and photo.animated,
        unfitted=pair is not None and null_kind == "cohort",
    )
    return Score(
        draft=draft,
        text=text.text,
        dropped=text.dropped,
        windows=pair.windows if pair else (),
        dropped_tokens=text.over,
        cosine=pair.cosine if pair else None,
        normalised=pair.normalised if pair else None,
        fit=pair.fit if pair else None,
        probability=pair.probability if pair else None,
        evidence_ratio=pair.evidence_ratio if pair else None,
        thresholds=signature.thresholds,
        evidence=evidence,
        hints=hints + caption_hints(draft.caption_from),
        error=ready.error_of(n),
        signature=signature,
    )
