"""Probabilities from scores: Platt scaling, and how far its probabilities can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imgfit.errors import ArgumentError
from imgfit.language import Phrase

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from imgfit.metrics import Floats

# Newton's method needs about ten steps here; the rest is for scores on odd scales.
_MOST_STEPS = 100
_GRADIENT = 1e-8
_RIDGE = 1e-12
_SHORTEST_STEP = 1e-10

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Drafts whose probabilities lie close together.

    Attributes:
        count: How many there are, at least 1.
        probability: The mean of their probabilities, in [0, 1].
        share: The share of them that truly fit, in [0, 1].
    """

    count: int
    probability: float
    share: float


# Equal scores have a deviation of pure rounding error: below this share of the largest score, it
# counts as zero.
_ROUNDING = 1e-13


def platt(scores: ArrayLike, positive: NDArray[np.bool_]) -> tuple[float, float]:
    """Fit a sigmoid that maps scores to probabilities: Platt scaling.

    The model and the smoothed targets are those of Platt 1999 ("Probabilistic outputs for support
    vector machines and comparisons to regularized likelihood methods"): a positive aims at
    ``(p + 1) / (p + 2)`` and a negative at ``1 / (n + 2)``, for p positives and n negatives, so
    that classes that do not overlap still give a finite slope. The minimum is found by Newton's
    method with backtracking on a loss that cannot overflow, as Lin, Lin and Weng 2007 propose ("A
    note on Platt's probabilistic outputs for support vector machines"). The minimisers of
    `scipy.optimize` agree to 4e-7 of the parameters, which is not equal enough for calibrations
    that exist, and take ten times as long.

    Args:
        scores: Finite scores, shape ``(n,)``, n > 0.
        positive: Whether each trial belongs together, shape ``(n,)``.

    Returns:
        ``(slope, intercept)``: the probability is ``1 / (1 + exp(-(slope * score + intercept)))``.

    Raises:
        ArgumentError: No scores, or some not finite.
    """
    values = np.asarray(scores, np.float64)
    if values.size == 0 or not np.isfinite(values).all():
        raise ArgumentError(
            argument="scores",
            value=Phrase(id=f"{values.size} skor", en=f"{values.size} scores"),
            needed=Phrase(
                id="paling sedikit satu, semuanya bilangan berhingga",
                en="at least one, all finite",
            ),
        )
    # The method is at its best with scores of unit spread; the answer is scaled back below.
    centre, spread = float(values.mean()), float(values.std())
    if spread <= _ROUNDING * np.abs(values).max():
        spread = 1.0  # equal scores, whose deviation is rounding: they give no slope
    design = np.stack([(values - centre) / spread, np.ones_like(values)], axis=1)
    positives = int(positive.sum())
    negatives = len(values) - positives
    targets = np.where(positive, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    parameters = np.array([0.0, np.log((positives + 1) / (negatives + 1))])
    loss = _loss(design @ parameters, targets)
    for _ in range(_MOST_STEPS):
        chances = _sigmoid(design @ parameters)
        gradient = design.T @ (chances - targets)
        if np.abs(gradient).max() < _GRADIENT * len(values):
            break
        weights = chances * (1 - chances)
        step = np.linalg.solve(
            (design * weights[:, None]).T @ design + _RIDGE * np.eye(2), gradient
        )
        length = 1.0
        while length > _SHORTEST_STEP:
            trial = parameters - length * step
            trial_loss = _loss(design @ trial, targets)
            if trial_loss < loss - 1e-4 * length * float(gradient @ step):
                break
            length /= 2
        else:
            break  # no shorter step helps: rounding is all that is left of the gradient
        parameters, loss = trial, trial_loss
    slope = float(parameters[0]) / spread
    return slope, float(parameters[1]) - slope * centre


def probabilities(scores: ArrayLike, slope: float, intercept: float) -> Floats:
    """Map scores to probabilities by a fitted sigmoid.

    Args:
        scores: Any shape.
        slope: From `platt`.
        intercept: From `platt`.

    Returns:
        In [0, 1], same shape.
    """
    return _sigmoid(slope * np.asarray(scores, np.float64) + intercept)


def cross_fitted(
    scores: ArrayLike, positive: NDArray[np.bool_], groups: NDArray[np.intp], *, folds: int = 5
) -> Floats:
    """Return each trial's probability by a sigmoid that was fitted without its group.

    Probabilities judged on the trials they were fitted on look better than they are (Platt 1999
    holds data out for this reason).

    Args:
        scores: Shape ``(n,)``.
        positive: Whether each trial belongs together, shape ``(n,)``.
        groups: Numbers of the groups that must not be parted, shape ``(n,)``.
        folds: Parts that the groups are dealt into, at random but always alike.

    Returns:
        Probabilities, shape ``(n,)``.
    """
    values = np.asarray(scores, np.float64)
    names, places = np.unique(groups, return_inverse=True)
    fold = np.random.default_rng(0).permutation(len(names))[places] % min(folds, len(names))
    result = np.empty(len(values))
    for part in np.unique(fold):
        held = fold == part
        result[held] = probabilities(values[held], *platt(values[~held], positive[~held]))
    return result


def reliability(chances: Floats, positive: NDArray[np.bool_]) -> tuple[tuple[Bin, ...], float]:
    """Compare probabilities with the labels.

    Args:
        chances: Probabilities, shape ``(n,)``, n > 0.
        positive: Whether each trial belongs together, shape ``(n,)``.

    Returns:
        The bins that hold any trial, of ten of equal width, in rising order; and the expected
        calibration error (Naeini et al. 2015, "Obtaining well calibrated probabilities using
        Bayesian binning"): the mean distance of probability and share, weighted by count, in
        [0, 1].
    """
    places = np.minimum((chances * BINS).astype(np.intp), BINS - 1)
    bins = tuple(
        Bin(
            count=int((places == place).sum()),
            probability=float(chances[places == place].mean()),
            share=float(positive[places == place].mean()),
        )
        for place in np.unique(places)
    )
    error = sum(b.count * abs(b.probability - b.share) for b in bins) / len(chances)
    return bins, error


def _sigmoid(values: Floats) -> Floats:
    """1 / (1 + exp(-x)) without overflow."""
    decay = np.exp(-np.abs(values))
    result: Floats = np.where(values >= 0, 1.0, decay) / (1 + decay)
    return result


def _loss(logits: Floats, targets: Floats) -> float:
    """Cross-entropy of targets and sigmoids, without overflow or loss of digits."""
    return float((np.logaddexp(0, logits) - targets * logits).sum())
