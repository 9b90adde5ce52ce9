"""Labelled drafts: a probability of fitting, and a threshold with a bounded false-accept rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imgfit import metrics
from imgfit.calibration.platt import cross_fitted, platt, probabilities, reliability
from imgfit.errors import LabelsContradictError, LabelsFewError, LabelsHardError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit.calibration.platt import Bin
    from imgfit.metrics import Floats

CONFIDENCE = 0.95

# Fewer than this of a label make no sigmoid that is worth a look. A choice, not a theorem.
_LEAST = 10
# Fits are shown with six digits, so a threshold differs from a fit by a millionth at least.
_STEP = 1e-6


@dataclass(frozen=True, slots=True)
class Labels:
    """A sigmoid and a bound fitted on labelled drafts, with figures of how well they do there.

    Attributes:
        positives: Drafts labelled as fitting.
        negatives: Drafts labelled as not fitting.
        independent: Negatives that the bound counts: one of each group of copies.
        accepted: How many of these the threshold may accept, fixed before scoring.
        bound: Upper bound on the FAR among drafts like the negatives (Clopper and Pearson 1934).
        confidence: Chance that the bound holds.
        frr: Share of the positives that the threshold rejects.
        slope: Of the sigmoid over normalised scores.
        intercept: Of the sigmoid.
        auc: Chance that a positive's fit is above a negative's.
        eer: Equal error rate.
        calibration_error: Expected calibration error of the probabilities, each by a sigmoid
            fitted without the draft.
        bins: Reliability of these probabilities.
        roc: Corners of the curve: fit as threshold, FAR, FRR.
    """

    positives: int
    negatives: int
    independent: int
    accepted: int
    bound: float
    confidence: float
    frr: float
    slope: float
    intercept: float
    auc: float
    eer: float
    calibration_error: float
    bins: tuple[Bin, ...]
    roc: tuple[tuple[float, float, float], ...]

    def probability(self, scores: Floats) -> Floats:
        """Map normalised scores to the probability that photo and caption belong together.

        Args:
            scores: Any shape.

        Returns:
            In [0, 1], same shape; it holds if drafts fit as often as among the labelled ones.
        """
        return probabilities(scores, self.slope, self.intercept)


def fit_labels(
    scores: Floats,
    fits: Floats,
    *,
    positive: NDArray[np.bool_],
    groups: NDArray[np.intp],
    names: Sequence[str],
    far: float,
) -> tuple[Labels, float]:
    """Fit the probability and find the threshold whose FAR is bounded.

    The bound holds for independent negatives, so of each group of copies only the first counts.

    Args:
        scores: Normalised scores of n labelled drafts, shape ``(n,)``.
        fits: Their fits, shape ``(n,)``.
        positive: Whether each is labelled as fitting, shape ``(n,)``.
        groups: Which drafts are copies of each other, shape ``(n,)``.
        names: The drafts' ids, for errors.
        far: The bound asked for, in (0, 1).

    Returns:
        The labels' figures, and the rate on mismatched pairs, at most ``far``, to decide at.

    Raises:
        LabelsFewError: Too few drafts of a label.
        LabelsContradictError: The positives do not score higher.
        LabelsHardError: A negative that must be rejected has the highest fit there is.
    """
    low = np.flatnonzero(~positive)
    low = low[np.unique(groups[low], return_index=True)[1]]
    needs = (
        (0, len(low), max(_LEAST, metrics.negatives_needed(far, confidence=CONFIDENCE))),
        (1, len(np.unique(groups[positive])), _LEAST),
    )
    for label, found, needed in needs:
        if found < needed:
            raise LabelsFewError(label=label, found=found, needed=needed, far=far)
    auc = metrics.auc(negatives=fits[~positive], positives=fits[positive])
    slope, intercept = platt(scores, positive)
    if slope <= 0:
        raise LabelsContradictError(auc=auc)

    accepted = metrics.most_accepted(far, len(low), confidence=CONFIDENCE) or 0
    highest = low[np.argsort(-fits[low], kind="stable")]
    rejected = highest[accepted]
    null_far = math.floor((1 - fits[rejected]) / _STEP - 1) * _STEP
    if null_far <= 0:
        raise LabelsHardError(draft=names[rejected], far=far)
    # Drafts labelled 0 may be easier to tell than mismatched pairs; then these set the threshold.
    null_far = round(min(null_far, far), 6)

    chances = cross_fitted(scores, positive, groups)
    bins, error = reliability(chances, positive)
    corners = metrics.roc(negatives=fits[~positive], positives=fits[positive])
    labels = Labels(
        positives=int(positive.sum()),
        negatives=int((~positive).sum()),
        independent=len(low),
        accepted=accepted,
        bound=metrics.far_upper_bound(accepted, len(low), confidence=CONFIDENCE),
        confidence=CONFIDENCE,
        frr=metrics.frr(1 - null_far, positives=fits[positive]),
        slope=slope,
        intercept=intercept,
        auc=auc,
        eer=metrics.eer(negatives=fits[~positive], positives=fits[positive]),
        calibration_error=error,
        bins=bins,
        roc=tuple((float(t), float(a), float(r)) for t, a, r in zip(*corners, strict=True)),
    )
    return labels, null_far
