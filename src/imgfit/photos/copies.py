"""Photos that are one picture saved again, cropped a little, framed, mirrored or made brighter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imgfit.photos.quality import HASH_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from imgfit.metrics import Vectors

# By hash alone, so few differing bits mean a copy: of 1.9 million pairs of photos three came as
# near, all of them copies by eye. Cut or framed copies differ in up to 20 bits; there the embedding
# must say so too: 19 pairs of the 1.9 million, 17 of one picture or moment by eye. The cosine
# is the built-in model's; benchmarks/quality.py counts what both find.
SURE_BITS = 8
NEAR_BITS = 20
NEAR_COSINE = 0.8
# A picture without structure, of one colour say, hashes to hardly any bit and resembles all such.
_LEAST_BITS_SET = 16
# By embedding alone: a mirrored copy hashes to other bits. Encoders spread photos differently,
# so nearness is told in units of the photo cohort: how far apart the nearest one in a thousand of
# its pairs are. `python -m benchmarks.ranking` has the measurement: at 0.28 of that (a cosine of
# 0.90 for the built-in model) no two of 500 different photos are taken for copies.
NEAR = 0.28
_NEAREST_SHARE = 0.999
# So few photos make 190 pairs, too few for their nearest one in a thousand to mean much; fewer
# still tell nothing.
_LEAST_COHORT = 20
_BLOCK = 128


@dataclass(frozen=True, slots=True)
class Copy:
    """The photo that another one is a copy of.

    Attributes:
        other: Its index.
        bits: In how many of 64 bits their perceptual hashes differ.
        cosine: Of their embeddings, in [-1, 1].
        same_file: Whether the files are the same to the byte.
    """

    other: int
    bits: int
    cosine: float
    same_file: bool = False


@dataclass(frozen=True, slots=True)
class PhotoPrints:
    """What n photos are known again by.

    Attributes:
        digests: Of their files; None where there is none.
        hashes: Their `perceptual_hash`; 0 where there is none.
        vectors: Their embeddings, unit rows, shape ``(n, dim)``; zeros where there is none.
        near: Cosine from which two embeddings alone tell copies, as `near_cosine` gives it.
    """

    digests: Sequence[str | None]
    hashes: Sequence[int]
    vectors: Vectors
    near: float

    def find_copies(self) -> list[Copy | None]:
        """Find, for each photo, the one that it is most nearly a copy of.

        Returns:
            n answers: the same file if there is one, else the near-copy with the fewest differing
            bits, the first of equals; None where there is neither.
        """
        found: list[Copy | None] = []
        for rows, near, differing, cosines in self._blocks():
            near[rows - rows[0], rows] = False
            best = np.where(near, differing, np.inf).argmin(axis=1)
            found += [
                Copy(int(j), int(differing[i, j]), float(cosines[i, j])) if near[i, j] else None
                for i, j in enumerate(best)
            ]
        return _with_same_files(found, self.digests)

    def group(self) -> NDArray[np.intp]:
        """Group photos that are copies or near-copies of one another.

        Returns:
            Number of each photo's group, shape ``(n,)``, counted from 0 by first appearance. A
            chain of near-copies is one group.
        """
        # scipy takes as long to load as a run over a few hundred known drafts takes.
        from scipy.sparse import coo_array  # noqa: PLC0415
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

        count = len(self.vectors)
        rows, columns = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
        for places, near, _, _ in self._blocks():
            left, right = np.nonzero(near)
            rows.append(places[left])
            columns.append(right)
        first: dict[str, int] = {}
        equal = [(n, first.setdefault(d, n)) for n, d in enumerate(self.digests) if d is not None]
        rows.append(np.array([n for n, _ in equal], np.intp))
        columns.append(np.array([m for _, m in equal], np.intp))
        row, column = np.concatenate(rows), np.concatenate(columns)
        graph = coo_array((np.ones(len(row), bool), (row, column)), shape=(count, count))
        found = connected_components(graph.tocsr(), directed=False)[1] if count else np.empty(0)
        # scipy's numbers need not follow the order of the photos.
        _, where, inverse = np.unique(found, return_index=True, return_inverse=True)
        numbers: NDArray[np.intp] = np.argsort(np.argsort(where))[inverse]
        return numbers

    def _blocks(
        self,
    ) -> Iterator[
        tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.floating], NDArray[np.floating]]
    ]:
        """Compare all pairs, a block of rows at a time.

        5,000 photos take about a second and 15 MB on two old cores.

        Yields:
            Rows, which photos they are near, differing bits, and cosines.
        """
        places = range(HASH_BITS)
        bits = np.array([[h >> place & 1 for place in places] for h in self.hashes], np.float32)
        bits = bits.reshape(len(self.hashes), HASH_BITS)
        structured = bits.sum(axis=1) >= _LEAST_BITS_SET
        signs = 2 * bits - 1
        for start in range(0, len(self.hashes), _BLOCK):
            rows = np.arange(start, min(start + _BLOCK, len(self.hashes)), dtype=np.intp)
            differing = (HASH_BITS - signs[rows] @ signs.T) / 2
            cosines = self.vectors[rows] @ self.vectors.T
            near = differing <= SURE_BITS
            if math.isfinite(self.near):  # where unrelated photos may lie anywhere, no cosine tells
                near |= (differing <= NEAR_BITS) & (cosines >= NEAR_COSINE)
            near &= structured[rows, None] & structured[None]
            near |= cosines >= self.near
            yield rows, near, differing, cosines


def near_cosine(cohort: Vectors) -> float:
    """Return the cosine from which the embeddings of two photos alone tell that they are copies.

    Args:
        cohort: Unit rows of unrelated photos, shape ``(k, dim)``.

    Returns:
        A cosine below 1; infinite where too few photos tell how unrelated ones lie, so that no
        embedding alone tells a copy.
    """
    if len(cohort) < _LEAST_COHORT:
        return math.inf
    pairs = (cohort @ cohort.T)[np.triu_indices(len(cohort), 1)]
    return float(1 - NEAR * (1 - np.quantile(pairs, _NEAREST_SHARE)))


def _with_same_files(found: list[Copy | None], digests: Sequence[str | None]) -> list[Copy | None]:
    """Put the first other photo of the same file in place of what was found."""
    places: dict[str, list[int]] = {}
    for index, digest in enumerate(digests):
        if digest is not None:
            places.setdefault(digest, []).append(index)
    for same in places.values():
        for index in same[:1] if len(same) > 1 else []:
            found[index] = Copy(same[1], 0, 1.0, same_file=True)
        for index in same[1:]:
            found[index] = Copy(same[0], 0, 1.0, same_file=True)
    return found
