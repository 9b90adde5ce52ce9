"""The other drafts of a batch as a further cohort.

A photo that fits every caption of the batch earns nothing by fitting its own; nor does a caption
that fits every photo. The fixed cohorts know such hubs of the world at large; the batch knows those
of its own world, such as an agency's ten thousandth photo of a meeting room.

Scores of drafts that do not belong together are laid out as a table, photos by captions. Each score
is modelled as the sum of a mean, an offset of the photo, an offset of the caption, and a rest. The
offsets are shrunk towards zero if few drafts support them. The rest is scaled back to the spread
that the scores had, so that a batch's null stays the one that fits were calibrated on: its mean and
its standard deviation do not move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    # Normalised scores of some photos against some captions, by their rows.
    Table: TypeAlias = Callable[[NDArray[np.intp], NDArray[np.intp]], Floats]

# Drafts that must support an offset before half of it counts. With 15 or 60 the AUC of the
# development sets differed by 0.004 at most (benchmarks/README.md).
PRIOR_DRAFTS = 30

# Most drafts that serve as the others' cohort: a thousand give a good enough offset, and the work
# grows with the batch, not with its square.
MOST_MATES = 1000

# Bins of the batch's own null: a hundredth of fit each.
_BINS = 100
# Fewer drafts that differ do not show how similar a batch is.
_LEAST_FOR_HARD = 12
# A batch is hard if its mismatched pairs pass this many times as often as asked.
_HARD = 2.0

_BLOCK = 128


@dataclass(frozen=True, slots=True)
class BatchNull:
    """How the mismatched pairs of one batch score.

    Attributes:
        drafts: Drafts that differ in photo and caption.
        counts: Mismatched pairs by fit, a bin a hundredth, rising; as many as there are bins.
    """

    drafts: int
    counts: tuple[int, ...]

    def far(self, rate: float) -> float:
        """Return the share of the batch's own mismatched pairs that would pass.

        Args:
            rate: False-accept rate: the share of unrelated pairs that may pass, in (0, 1).

        Returns:
            A share in [0, 1], interpolated between hundredths of fit; near ``rate`` if the drafts
            are as different as those of the calibration.
        """
        total = sum(self.counts)
        if total == 0:
            return 0.0
        below = np.concatenate([[0], np.cumsum(self.counts)]) / total
        return float(1 - np.interp(1 - rate, np.linspace(0, 1, len(below)), below))

    def is_hard(self, rate: float) -> bool:
        """Tell whether the drafts are so similar that the rate does not hold among them.

        Args:
            rate: False-accept rate, in (0, 1).

        Returns:
            Whether at least 12 drafts differ and their mismatched pairs pass twice as often as
            asked, or more.
        """
        return self.drafts >= _LEAST_FOR_HARD and self.far(rate) >= _HARD * rate


@dataclass(frozen=True, slots=True)
class BatchCohort:
    """What the n drafts of a batch are as each other's cohort: a mean, offsets and a scale.

    Attributes:
        centre: Mean score of mismatched pairs.
        photos: Each photo's shrunk offset, shape ``(n,)``.
        captions: Each caption's shrunk offset, shape ``(n,)``.
        scale: Deviation of mismatched scores before the offsets were taken off, over that after.
        null: Fits of mismatched pairs with the offsets taken off.
    """

    centre: float
    photos: Floats
    captions: Floats
    scale: float
    null: BatchNull

    def adjust(self, scores: Floats, photos: Floats, captions: Floats | float) -> Floats:
        """Take the offsets off scores, and keep their null where it was.

        Args:
            scores: Normalised scores, any shape.
            photos: The photos' offsets, anything that broadcasts.
            captions: The captions' offsets, anything that broadcasts.

        Returns:
            Normalised scores, same shape.
        """
        rest = scores - photos - captions - self.centre
        result: Floats = self.centre + self.scale * rest
        return result


def fit_batch_cohort(
    table: Table, groups: NDArray[np.intp], fit: Callable[[Floats], Floats], ranks: NDArray[np.intp]
) -> BatchCohort | None:
    """Learn a batch's offsets from its mismatched pairs.

    Args:
        table: Scores photos against captions of the batch.
        groups: Which drafts are copies of each other, shape ``(n,)``; pairs within a group, a
            draft's own among them, count on neither side.
        fit: Maps scores to fits.
        ranks: An order of the drafts by their content, shape ``(n,)``, from which a large batch's
            mates are chosen, so that no score depends on the order of input.

    Returns:
        The cohort; None if no two drafts differ.
    """
    mates = np.sort(ranks[:MOST_MATES])
    if len(np.unique(groups[mates])) < 2:
        return None
    by_photo = _Sums(len(groups))
    by_caption = _Sums(len(groups))
    for start in range(0, len(groups), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(groups)), dtype=np.intp)
        apart = groups[rows][:, None] != groups[mates][None, :]
        by_photo.add(rows, table(rows, mates), apart)
        by_caption.add(rows, table(mates, rows).T, apart)
    centre = float(by_photo.totals[mates].sum() / by_photo.counts[mates].sum())
    photos, captions = by_photo.offsets(centre), by_caption.offsets(centre)
    # At most a million scores, so the mates' own table is held whole.
    scores = table(mates, mates)
    apart = groups[mates][:, None] != groups[mates][None, :]
    rest = scores - centre - photos[mates][:, None] - captions[mates][None, :]
    before, after = float(((scores[apart] - centre) ** 2).sum()), float((rest[apart] ** 2).sum())
    scale = _scale(before, after, len(mates))
    counts = np.histogram(fit(centre + scale * rest[apart]), _BINS, (0, 1))[0]
    null = BatchNull(len(np.unique(groups)), tuple(counts.tolist()))
    return BatchCohort(centre, photos, captions, scale, null)


class _Sums:
    """Sums of scores by row, with how many went into each."""

    def __init__(self, rows: int) -> None:
        self.totals = np.zeros(rows)
        self.counts = np.zeros(rows)

    def add(self, rows: NDArray[np.intp], scores: Floats, counted: NDArray[np.bool_]) -> None:
        self.totals[rows] = np.where(counted, scores, 0).sum(axis=1)
        self.counts[rows] = counted.sum(axis=1)

    def offsets(self, centre: float) -> Floats:
        """Means over the centre, shrunk by how few scores stand behind each."""
        means = self.totals / np.maximum(self.counts, 1) - centre
        result: Floats = means * shrinkage(self.counts)
        return result


def shrinkage(counts: Floats) -> Floats:
    """How much of an observed offset is believed: ``count / (count + PRIOR_DRAFTS)``.

    The weight of a mean of ``count`` observations beside a prior worth `PRIOR_DRAFTS` of them,
    as in any normal model with known variances.

    Args:
        counts: Observations, any shape.

    Returns:
        In [0, 1), same shape.
    """
    result: Floats = counts / (counts + PRIOR_DRAFTS)
    return result


def _scale(before: float, after: float, drafts: int) -> float:
    """Ratio of deviations, less what taking means off pure noise would do to it.

    Of n - 1 independent scores a mean takes 1 / (n - 1) of the variance along; shrunk by w, both
    means together take 2 (2 w - w^2) / (n - 1).
    """
    believed = float(shrinkage(np.array(drafts - 1.0)))
    noise = 2 * (2 * believed - believed**2) / max(drafts - 1, 1)
    if after <= 0 or before <= 0:
        return 1.0
    return float(np.sqrt(max(before / after * (1 - noise), 1.0)))
