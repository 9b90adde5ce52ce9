"""Near-copies: photos that are one picture saved again, cropped a little or made brighter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit.metrics import Vectors

# Encoders spread photos differently, so nearness is told in units of the photo cohort: how far
# apart the nearest one in a thousand of its pairs are. `python -m benchmarks.ranking` has the
# measurement: at 0.28 of that (a cosine of 0.90 for the embedded model) no two of 500 different
# photos are taken for copies, and 84 to 100 % of brightened, mirrored and lightly cropped ones are.
NEAR = 0.28
_NEAREST_SHARE = 0.999
_BLOCK = 512


def near_cosine(cohort: Vectors) -> float:
    """Return the cosine from which two photos count as near-copies.

    Args:
        cohort: Unit rows of unrelated photos, shape ``(k, dim)``, k > 1.

    Returns:
        A cosine below 1.
    """
    pairs = (cohort @ cohort.T)[np.triu_indices(len(cohort), 1)]
    return float(1 - NEAR * (1 - np.quantile(pairs, _NEAREST_SHARE)))


def group_copies(photos: Vectors, digests: Sequence[str | None], near: float) -> NDArray[np.intp]:
    """Group photos that are copies or near-copies of one another.

    Args:
        photos: Unit rows, shape ``(n, dim)``; a row of zeros, of a failed photo, stands alone.
        digests: Each file's digest; None where there is none.
        near: Cosine from which two photos belong together, as `near_cosine` gives it.

    Returns:
        Number of each photo's group, shape ``(n,)``, counted from 0 by first appearance. A chain
        of near-copies is one group.
    """
    count = len(photos)
    rows, columns = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for start in range(0, count, _BLOCK):
        left, right = np.nonzero(photos[start : start + _BLOCK] @ photos.T >= near)
        rows.append(left + start)
        columns.append(right)
    first: dict[str, int] = {}
    equal = [(n, first.setdefault(d, n)) for n, d in enumerate(digests) if d is not None]
    rows.append(np.array([n for n, _ in equal], np.intp))
    columns.append(np.array([m for _, m in equal], np.intp))
    row, column = np.concatenate(rows), np.concatenate(columns)
    graph = coo_array((np.ones(len(row), bool), (row, column)), shape=(count, count))
    found = connected_components(graph.tocsr(), directed=False)[1] if count else np.empty(0)
    # scipy's numbers need not follow the order of the photos.
    _, where, inverse = np.unique(found, return_index=True, return_inverse=True)
    numbers: NDArray[np.intp] = np.argsort(np.argsort(where))[inverse]
    return numbers
