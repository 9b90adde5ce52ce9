"""Drafts mismatched on purpose: which photo may stand with which other draft's caption.

Drafts that are copies of each other make one group, and a photo is never paired with a caption
of its own group: such a pair may well belong together.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from imgfit.arguments import require_rate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

# Two captions are near-duplicates if they share this part of the words that either of them has
# (Jaccard similarity of their sets of words). A definition, not a measured optimum.
NEAR_COPY = 0.8

# Pairs beyond this many would sharpen no threshold that the drafts themselves do not blur.
MOST_PAIRS = 200_000

# Each of 12 groups with the 11 others: the fewest that make the 100 pairs a null is fitted on.
LEAST_GROUPS = 12


def group_copies(photos: Sequence[str], captions: Sequence[str]) -> NDArray[np.intp]:
    """Put drafts into groups of copies.

    Two drafts are in one group if their photos' bytes are equal, or if their captions are near
    copies: their sets of words, without regard to case, overlap by `NEAR_COPY` of their union.
    Copies of copies are of the group too. A photo saved again, cropped or taken a second later
    is not recognised; if its caption is another one, it can only raise a threshold.

    Args:
        photos: Digests of n photos' bytes.
        captions: n captions, cleaned.

    Returns:
        Each draft's group, shape ``(n,)``: numbers from 0, by first appearance.
    """
    roots = list(range(len(photos)))

    def root(draft: int) -> int:
        while roots[draft] != draft:
            roots[draft] = roots[roots[draft]]
            draft = roots[draft]
        return draft

    for one, other in (*_equal(photos), *_near_copies(captions)):
        first, second = sorted((root(one), root(other)))
        roots[second] = first
    numbers: dict[int, int] = {}
    groups = [numbers.setdefault(root(draft), len(numbers)) for draft in range(len(roots))]
    return np.array(groups, np.intp)


def _equal(keys: Sequence[object]) -> Iterator[tuple[int, int]]:
    """Yield each item that is equal to an earlier one, with that one."""
    first: dict[object, int] = {}
    for place, key in enumerate(keys):
        earlier = first.setdefault(key, place)
        if earlier != place:
            yield earlier, place


def _near_copies(captions: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield pairs of captions that are near copies; enough of them to join every group.

    Sets that overlap so much must share one of their rarest words (the prefix filter of Bayardo,
    Ma and Srikant 2007, "Scaling up all pairs similarity search"), so few pairs are compared.
    """
    if not captions[1:]:
        return
    import regex  # noqa: PLC0415 - slow to load, and a single draft needs none

    pattern = regex.compile(r"\w+")
    words = [frozenset(pattern.findall(caption.casefold())) for caption in captions]
    yield from _equal(words)
    # Equal sets are joined already; only the first of each is compared with others.
    place_of: dict[frozenset[str], int] = {}
    for place, key in enumerate(words):
        place_of.setdefault(key, place)
    counts = Counter(word for key in place_of for word in key)
    holders: dict[str, list[frozenset[str]]] = {}
    for key, place in place_of.items():
        rarest = sorted(key, key=lambda word: (counts[word], word))
        prefix = rarest[: len(key) - int(np.ceil(NEAR_COPY * len(key) - 1e-9)) + 1]
        rivals = {rival: None for word in prefix for rival in holders.get(word, ())}
        for rival in rivals:
            common = len(key & rival)
            if common >= NEAR_COPY * (len(key) + len(rival) - common) - 1e-9:
                yield place_of[rival], place
        for word in prefix:
            holders.setdefault(word, []).append(key)


def mismatched_pairs(
    groups: NDArray[np.intp], *, most: int = MOST_PAIRS
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Pair photos with captions of other groups.

    The drafts are put in a random order, always the same, and the captions shifted against the
    photos by one place, then two, and so on: every shift uses each photo and each caption once,
    so that no draft weighs more than another. All pairs come, if they are at most ``most``.

    Args:
        groups: Each draft's group, shape ``(n,)``.
        most: Pairs after which no further shift begins.

    Yields:
        Of each shift, the photos' and the captions' drafts, two arrays of equal shape, at most
        ``(n,)``.
    """
    order = np.random.default_rng(0).permutation(len(groups))
    made = 0
    for shift in range(1, len(groups)):
        if made >= most:
            return
        photos, captions = order, np.roll(order, -shift)
        apart = groups[photos] != groups[captions]
        made += int(apart.sum())
        yield photos[apart], captions[apart]


def groups_needed(far: float) -> int:
    """Return how many groups of drafts it takes to find a threshold at a false-accept rate.

    Pairs that share a photo or a caption are not independent, so n drafts that differ give only
    ``n // 2`` independent negatives, each from two drafts of its own, however many pairs can be
    made of them. (Shares over all pairs are means over such disjoint pairings, so they vary no
    more: Hoeffding 1963, "Probability inequalities for sums of bounded random variables".) The
    highest of m independent negatives is passed by a fresh one at a mean rate of ``1 / (m + 1)``
    (order statistics; the same count as in conformal prediction, Vovk, Gammerman and Shafer
    2005, "Algorithmic learning in a random world"), so that m must be at least ``1 / far - 1``.

    Args:
        far: In (0, 1).

    Returns:
        A number of groups, at least 12.

    Raises:
        ArgumentError: ``far`` is not a number, or out of range.
    """
    require_rate("far", far)
    return max(LEAST_GROUPS, 2 * int(np.ceil(1 / far - 1 - 1e-9)))
