"""Comparing photos and captions of a batch: rankings, swaps and better photos."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from imgfit.choices import CLOSE_MARGIN, Assignment, Move, Ranked, Ranking, Swap
from imgfit.copies import group_copies, near_cosine
from imgfit.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from imgfit.errors import ImgfitError
    from imgfit.metrics import Floats, Vectors
    from imgfit.scores import Batch, Thresholds
    from imgfit.trials import Scorer

# A swap is proposed where fewer than this many as good would turn up by chance in the batch, a
# better photo where fewer than the second. Chosen where drafts as they are draw few false
# proposals, of everyday photos and of posts (`python -m benchmarks.ranking`).
SWAP_CHANCE = 1.0
PHOTO_CHANCE = 0.2

# The finest step of a calibration's null: a lower chance than this cannot be told.
_LEAST_CHANCE = 1e-4
# Captions compared with all photos at once: bounds the matrix at 4 MB a thousand photos.
_BLOCK = 512
# Far below any score, yet finite, as the solver wants it.
_NEVER = -1e9


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is ranked, in the order given.

    Attributes:
        names: What to call each.
        errors: Why one could not be used; None where it could.
        usable: Which have an embedding, shape ``(n,)``.
        cosine: Against the query, shape ``(n,)``; anything where not usable.
        normalised: Its adaptive s-norm, shape ``(n,)``.
        groups: Number of each one's group of near-copies, shape ``(n,)``.
    """

    names: Sequence[str]
    errors: Sequence[ImgfitError | None]
    usable: NDArray[np.bool_]
    cosine: Floats
    normalised: Floats
    groups: NDArray[np.intp]

    def ranking(
        self,
        query: str,
        *,
        scorer: Scorer,
        thresholds: Thresholds,
        signature: str,
        top: int | None,
    ) -> Ranking:
        """Order the candidates, best first, near-copies numbered by their best one.

        Args:
            query: What they are ranked for.
            scorer: Whose null gives the fits.
            thresholds: What verdicts are decided at.
            signature: As in `Ranking`.
            top: How many of the scored ones to keep; all if None. Failures are always kept.

        Returns:
            The ranking; ties stay in the order given.

        Raises:
            ArgumentError: ``top`` is below 1.
        """
        if top is not None and top < 1:
            raise ArgumentError(argument="top", value=top, needed="at least 1")
        scored = np.flatnonzero(self.usable)
        order = scored[np.argsort(-self.normalised[scored], kind="stable")]
        fits = scorer.calibration.fit(self.normalised[order])
        number: dict[int, int] = {}
        entries = []
        for index, fit in zip(order.tolist(), fits.tolist(), strict=True):
            group = number.setdefault(int(self.groups[index]), len(number) + 1)
            entries.append(
                Ranked(
                    index=index,
                    id=self.names[index],
                    cosine=float(self.cosine[index]),
                    normalised=float(self.normalised[index]),
                    fit=fit,
                    verdict=thresholds.verdict(fit),
                    group=group,
                )
            )
        failed = [
            Ranked(index=n, id=self.names[n], error=self.errors[n])
            for n in np.flatnonzero(~self.usable).tolist()
        ]
        rival = next((entry for entry in entries if entry.group != 1), None)
        return Ranking(query, (*entries[:top], *failed), signature, rival)


@dataclass(frozen=True, slots=True)
class BatchChooser:
    """What a batch keeps so that its photos and captions can be compared without a model run.

    Pickling leaves the model out: what needs no new caption still works afterwards.

    Attributes:
        scorer: Who normalises.
        photos: Unit rows of the drafts' photos, shape ``(n, dim)``; zeros where there is none.
        captions: Unit rows of their captions, shape ``(n, dim)``; zeros where there is none.
        digests: Each photo file's digest; None where there is none.
        embed: Embeds a caption as the batch's were: one unit row, shape ``(dim,)``.
    """

    scorer: Scorer
    photos: Vectors
    captions: Vectors
    digests: tuple[str | None, ...]
    embed: Callable[[str], Vectors] | None = field(default=None, repr=False, compare=False)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.scorer, self.photos, self.captions, self.digests))

    def best_photos(self, batch: Batch, caption: str, top: int | None) -> Ranking:
        """Rank a batch's photos for any caption; see `Batch.best_photos`."""
        if self.embed is None:
            raise ArgumentError(
                argument="batch",
                value="a copy without its model",
                needed="use the batch that check_drafts returned, or Checker.rank_photos",
            )
        row = self.embed(caption)[None]
        raw = self.photos @ row[0]
        return Candidates(
            names=[score.draft.id for score in batch],
            errors=[score.error for score in batch],
            usable=np.any(self.photos != 0, axis=1),
            cosine=raw.astype(np.float64),
            normalised=self.scorer.normalise(raw[:, None], self.photos, row)[:, 0],
            groups=self._groups(),
        ).ranking(
            caption,
            scorer=self.scorer,
            thresholds=batch.thresholds,
            signature=batch.signature,
            top=top,
        )

    def assignment(self, batch: Batch) -> Assignment:
        """Find the drafts that should exchange photos; see `Batch.assignment`."""
        places = np.array([n for n, s in enumerate(batch) if s.fit is not None], np.intp)
        fits = np.array([batch[n].fit for n in places], np.float64)
        rows, columns, gains, thens = self._better(batch, places)
        graph = coo_array((gains, (rows, columns)), shape=(len(places),) * 2).tocsr()
        # Whoever changes places is on a ring of better photos: each strongly connected part is
        # solved alone, so a batch of thousands never becomes one dense matrix.
        count, part = connected_components(graph, directed=True, connection="strong")
        then_of = dict(zip(zip(rows.tolist(), columns.tolist(), strict=True), thens, strict=True))
        target = np.arange(len(places))
        sizes = np.bincount(part, minlength=count)
        for number in np.flatnonzero(sizes > 1):
            members = np.flatnonzero(part == number)
            weights = graph[members][:, members].toarray()
            weights[weights == 0] = _NEVER
            np.fill_diagonal(weights, 0.0)
            target[members] = members[linear_sum_assignment(weights, maximize=True)[1]]
        swaps = []
        for ring in _rings(target):
            chance = _ring_chance([then_of[n, int(target[n])] for n in ring], len(places))
            if chance >= SWAP_CHANCE:
                target[ring] = ring
                continue
            moves = tuple(
                Move(
                    draft=int(places[n]),
                    source=int(places[target[n]]),
                    draft_id=batch[int(places[n])].draft.id,
                    source_id=batch[int(places[target[n]])].draft.id,
                    fit_now=float(fits[n]),
                    fit_then=float(then_of[n, int(target[n])]),
                    gain=float(graph[n, target[n]]),
                )
                for n in ring
            )
            swaps.append(Swap(moves, chance))
        photos = list(range(len(batch)))
        for n, place in enumerate(places.tolist()):
            photos[place] = int(places[target[n]])
        swaps.sort(key=lambda swap: -swap.gain)
        return Assignment(tuple(photos), tuple(swaps), batch.signature)

    def suggestions(self, batch: Batch) -> tuple[Move | None, ...]:
        """Find a clearly better photo for each draft that does not speak."""
        places = np.array([n for n, s in enumerate(batch) if s.fit is not None], np.intp)
        found: list[Move | None] = [None] * len(batch)
        rows, columns, gains, thens = self._better(batch, places)
        for n in np.unique(rows).tolist():
            at = np.flatnonzero(rows == n)
            best = at[gains[at].argmax()]
            draft, source = int(places[n]), int(places[columns[best]])
            chance = len(places) * max(1 - float(thens[best]), _LEAST_CHANCE)
            if batch[draft].passed or chance >= PHOTO_CHANCE:
                continue
            found[draft] = Move(
                draft=draft,
                source=source,
                draft_id=batch[draft].draft.id,
                source_id=batch[source].draft.id,
                fit_now=float(batch[draft].fit or 0.0),
                fit_then=float(thens[best]),
                gain=float(gains[best]),
            )
        return tuple(found)

    def _better(
        self, batch: Batch, places: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats, Floats]:
        """Return all pairs of a draft and another's photo that is clearly better for it.

        Clearly: it speaks, leads the draft's own photo by `CLOSE_MARGIN`, and is no near-copy of
        it.

        Returns:
            Rows (whose caption) and columns (whose photo) among ``places``, gains, and fits.
        """
        photos, captions = self.photos[places], self.captions[places]
        groups = self._groups()[places]
        own = np.array([batch[n].normalised for n in places], np.float64)
        rows, columns = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
        gains, fits = [np.empty(0)], [np.empty(0)]
        for start in range(0, len(places), _BLOCK):
            block = slice(start, start + _BLOCK)
            scores = self.scorer.normalise(photos @ captions[block].T, photos, captions[block]).T
            gain = scores - own[block, None]
            clear = (gain >= CLOSE_MARGIN) & (groups[block, None] != groups[None, :])
            row, column = np.nonzero(clear)
            fit = self.scorer.calibration.fit(scores[row, column])
            speaks = fit >= 1 - batch.thresholds.far
            rows.append(row[speaks] + start)
            columns.append(column[speaks])
            gains.append(gain[row, column][speaks])
            fits.append(fit[speaks])
        return tuple(np.concatenate(parts) for parts in (rows, columns, gains, fits))  # type: ignore[return-value]

    def _groups(self) -> NDArray[np.intp]:
        return group_copies(self.photos, self.digests, near_cosine(self.scorer.cohort.photos))


def _rings(target: NDArray[np.intp]) -> list[list[int]]:
    """Return the cycles of a permutation that are longer than one."""
    seen: set[int] = set()
    rings = []
    for start in range(len(target)):
        ring = []
        place = start
        while place not in seen:
            seen.add(place)
            ring.append(place)
            place = int(target[place])
        if len(ring) > 1:
            rings.append(ring)
    return rings


def _ring_chance(fits: Sequence[float], drafts: int) -> float:
    """Expect how many rings as good as this one chance would bring.

    Under the null each pair's ``1 - fit`` is uniform, and the product of k of them falls below x
    with a chance of ``x * sum((-ln x)^i / i!, i < k)`` (Fisher 1932, "Statistical Methods for
    Research Workers", combining tests). There are ``n (n-1) ... (n-k+1) / k`` rings of k.

    Args:
        fits: Fit of each draft of the ring with its new photo.
        drafts: n, the drafts that could be swapped.

    Returns:
        An expected count.
    """
    size = len(fits)
    log = sum(math.log(max(1 - fit, _LEAST_CHANCE)) for fit in fits)
    tail = sum((-log) ** i / math.factorial(i) for i in range(size))
    rings = math.lgamma(drafts + 1) - math.lgamma(drafts - size + 1) - math.log(size)
    return math.exp(min(log + math.log(tail) + rings, 700.0))
