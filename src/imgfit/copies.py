"""Photos that are nearly the same as another photo of the batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imgfit.quality import HASH_BITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# By hash alone, so few differing bits mean a copy: of 1.9 million pairs of photos three came as
# near, all of them copies by eye. Cut or framed copies differ in up to 20 bits; there the embedding
# must say so too: 19 pairs of the 1.9 million, 17 of one picture or moment by eye. The cosine
# is the embedded model's; benchmarks/quality.py counts what both find.
SURE_BITS = 8
NEAR_BITS = 20
NEAR_COSINE = 0.8
# A picture without structure, of one colour say, hashes to hardly any bit and resembles all such.
_LEAST_BITS_SET = 16

_ROWS_A_BLOCK = 512


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


def find_copies(
    digests: Sequence[str], hashes: Sequence[int], vectors: NDArray[np.float32]
) -> list[Copy | None]:
    """Find, for each photo, the one that it is most nearly a copy of.

    All pairs are compared, a block of rows at a time: 5,000 photos take about a second and
    50 MB on two old cores.

    Args:
        digests: Digests of the n files.
        hashes: Their `perceptual_hash`.
        vectors: Their embeddings, unit rows, shape ``(n, dim)``.

    Returns:
        n answers: the same file if there is one, else the near-copy with the fewest differing
        bits, the first of equals; None where there is neither.
    """
    if not hashes:
        return []
    bits = np.array([[h >> place & 1 for place in range(HASH_BITS)] for h in hashes], np.float32)
    structured = bits.sum(axis=1) >= _LEAST_BITS_SET
    signs = 2 * bits - 1
    found: list[Copy | None] = []
    for start in range(0, len(hashes), _ROWS_A_BLOCK):
        rows = np.arange(start, min(start + _ROWS_A_BLOCK, len(hashes)))
        differing = (HASH_BITS - signs[rows] @ signs.T) / 2
        cosines = vectors[rows] @ vectors.T
        near = (differing <= SURE_BITS) | ((differing <= NEAR_BITS) & (cosines >= NEAR_COSINE))
        near &= structured[rows, None] & structured[None]
        near[rows - start, rows] = False
        best = np.where(near, differing, np.inf).argmin(axis=1)
        found += [
            Copy(int(j), int(differing[i, j]), float(cosines[i, j])) if near[i, j] else None
            for i, j in enumerate(best)
        ]
    return _with_same_files(found, digests)


def _with_same_files(found: list[Copy | None], digests: Sequence[str]) -> list[Copy | None]:
    """Put the first other photo of the same file in place of what was found."""
    places: dict[str, list[int]] = {}
    for index, digest in enumerate(digests):
        places.setdefault(digest, []).append(index)
    for same in places.values():
        for index in same[:1] if len(same) > 1 else []:
            found[index] = Copy(same[1], 0, 1.0, same_file=True)
        for index in same[1:]:
            found[index] = Copy(same[0], 0, 1.0, same_file=True)
    return found
