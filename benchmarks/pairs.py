"""Every photo of a set of drafts scored against every caption of it, as a batch scores its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgfit.scoring.batch_cohort import fit_batch_cohort
from imgfit.scoring.scorer import PairTable, Scorer, adjusted_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imgfit.metrics import Floats, Vectors


def all_pairs(
    scorer: Scorer, photos: Vectors, captions: Vectors, groups: NDArray[np.intp]
) -> Floats:
    """Score every photo of a batch against every caption, the drafts joining the cohort.

    Args:
        scorer: Of the model.
        photos: Unit rows, shape ``(n, dim)``.
        captions: Unit rows, shape ``(n, dim)``.
        groups: Which drafts are copies of each other, shape ``(n,)``.

    Returns:
        Normalised scores, shape ``(n, n)``.
    """
    everyone = np.arange(len(photos), dtype=np.intp)
    table = PairTable(scorer, photos, captions)
    batch = fit_batch_cohort(table, groups, scorer.calibration.fit, everyone)
    return adjusted_pairs(table, batch, everyone, everyone)
