"""How pairs that belong together score: what a false-accept rate costs, and how strong a score is.

A null alone says how many unrelated pairs pass. Positives say how many right ones do, by kind of
caption, because a photo shows far more of an everyday caption than of an agency's post.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from imgfit.calibration.platt import platt

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from imgfit.metrics import Floats

# Captions written on a photo; titles of agencies' posts; their titles with bodies.
PositiveKind = Literal["everyday", "titles", "posts"]
POSITIVE_KINDS: tuple[PositiveKind, ...] = get_args(PositiveKind)

STEPS = np.linspace(0, 1, 101)
# Fewer say nothing of a share of a hundred.
LEAST_PAIRS = 100


@dataclass(frozen=True, slots=True)
class Positives:
    """Scores of pairs that belong together, of one kind of caption.

    Attributes:
        kind: Of the captions.
        pairs: How many pairs there are.
        source: The pairs, described.
        quantiles: Their normalised scores at 0, 0.01, ..., 1, not decreasing.
        slope: Of the logarithm of the likelihood ratio, above 0: how it grows a deviation.
        intercept: That logarithm at a score of 0.
    """

    kind: PositiveKind
    pairs: int
    source: str
    quantiles: tuple[float, ...]
    slope: float
    intercept: float

    @classmethod
    def of(
        cls, kind: PositiveKind, scores: ArrayLike, negatives: ArrayLike, *, source: str
    ) -> Positives:
        """Describe scores of right pairs.

        Args:
            kind: Of the captions.
            scores: Normalised, at least 100, shape ``(n,)``.
            negatives: Those of mismatched pairs of the same captions and photos, shape ``(k,)``.
            source: The pairs, described.

        Returns:
            The positives.

        Raises:
            ValueError: Fewer than 100 scores, or right pairs do not score higher.
        """
        right, wrong = np.asarray(scores, np.float64), np.asarray(negatives, np.float64)
        if len(right) < LEAST_PAIRS:
            raise ValueError(f"{len(right)} pairs of {kind}")
        slope, intercept = _log_ratio(right, wrong)
        if slope <= 0:
            raise ValueError(f"right pairs of {kind} do not score higher")
        quantiles = tuple(round(float(q), 5) for q in np.quantile(right, STEPS))
        return cls(kind, len(right), source, quantiles, round(slope, 6), round(intercept, 6))

    def share_from(self, score: float) -> float:
        """Return the share of right pairs that score at least so much.

        Args:
            score: Normalised.

        Returns:
            In [0, 1].
        """
        return float(1 - np.interp(score, self.quantiles, STEPS, left=0.0, right=1.0))

    def ratio(self, scores: ArrayLike) -> Floats:
        """Return likelihood ratios: how much likelier a score is for a right pair than a wrong one.

        Args:
            scores: Normalised, any shape.

        Returns:
            Above 0, rising with the score, same shape; held where no right pair scored.
        """
        low, high = self.quantiles[0], self.quantiles[-1]
        held = np.clip(np.asarray(scores, np.float64), low, high)
        result: Floats = np.exp(self.slope * held + self.intercept)
        return result


def _log_ratio(right: NDArray[np.float64], wrong: NDArray[np.float64]) -> tuple[float, float]:
    """Fit a straight line to the logarithm of the ratio of densities.

    A sigmoid between equally many of both kinds has that logarithm as its odds. Each kind is
    stood for by its quantiles, so that both weigh the same.
    """
    middle = np.linspace(0.0005, 0.9995, 1000)
    values = np.concatenate([np.quantile(right, middle), np.quantile(wrong, middle)])
    return platt(values, np.arange(len(values)) < len(middle))
