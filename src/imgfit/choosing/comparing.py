"""Comparing the photos and captions of a batch: rankings, swaps and better photos."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from imgfit.choosing.candidates import Candidates
from imgfit.choosing.results import CLOSE_MARGIN, Assignment, Move, Ranking, Swap
from imgfit.errors import ArgumentError
from imgfit.language import Phrase
from imgfit.scoring import PairTable, adjusted_pairs, is_exchange, least_gain

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imgfit.metrics import Floats, Vectors
    from imgfit.photos import PhotoPrints
    from imgfit.scoring import Batch, BatchCohort, Scorer

# A better photo is shown if fewer than this many as good would turn up by chance in the batch:
# drafts as they are draw few false proposals then (`python -m benchmarks.ranking`).
PHOTO_CHANCE = 0.2
# The finest step of a calibration's null: a lower chance than this cannot be told.
_LEAST_CHANCE = 1e-4

# Captions compared with all photos at once: bounds each matrix at 1 MB a thousand photos.
_BLOCK = 128
# Far below any score, yet finite, as the solver wants it.
_NEVER = -1e9


@dataclass(frozen=True, slots=True)
class BatchChooser:
    """What a batch keeps so that its photos and captions can be compared without a model run.

    Pickling leaves the model out: what needs no new caption still works afterwards.

    Attributes:
        scorer: Normalises the cosines.
        batch: The cohort that the m scored drafts are for each other; None if they did not join.
        prints: Digests, hashes and embeddings of the n drafts' photos; empty if a draft has none.
        captions: Unit rows of the scored drafts' captions, shape ``(m, dim)``.
        scored: Which drafts those are, shape ``(m,)``.
        embed: Embeds a caption as the batch's were: one unit row, shape ``(dim,)``.
    """

    scorer: Scorer
    batch: BatchCohort | None
    prints: PhotoPrints
    captions: Vectors
    scored: NDArray[np.intp]
    embed: Callable[[str], Vectors] | None = field(default=None, repr=False, compare=False)

    def __reduce__(self) -> tuple[object, ...]:
        kept = (self.scorer, self.batch, self.prints, self.captions, self.scored)
        return (type(self), kept)

    def best_photos(self, batch: Batch, caption: str, top: int | None) -> Ranking:
        """Rank a batch's photos for any caption; see `Batch.best_photos`."""
        if self.embed is None:
            raise ArgumentError(
                argument="batch",
                value=Phrase(id="salinan tanpa model", en="a copy without its model"),
                needed=Phrase(
                    id="pakai Batch yang dikembalikan check_drafts, atau Checker.rank_photos",
                    en="use the batch that check_drafts returned, or Checker.rank_photos",
                ),
            )
        row = self.embed(caption)[None]
        raw = self.prints.vectors @ row[0]
        normalised = self.scorer.normalise(raw[:, None], self.prints.vectors, row)[:, 0]
        if self.batch is not None:
            offsets = np.zeros(len(self.prints.vectors))
            offsets[self.scored] = self.batch.photos
            normalised = self.batch.adjust(normalised, offsets, 0.0)
        return Candidates(
            names=[score.draft.id for score in batch],
            errors=[score.error for score in batch],
            usable=np.any(self.prints.vectors != 0, axis=1),
            cosine=raw.astype(np.float64),
            normalised=normalised,
            groups=self.prints.group(),
        ).ranking(
            caption,
            scorer=self.scorer,
            signature=batch.signature,
            top=top,
        )

    def assignment(self, batch: Batch) -> Assignment:
        """Find the drafts that should exchange photos; see `Batch.assignment`."""
        better = self._better(batch, self.prints.group())
        target = _best_targets(better, len(self.scored))
        swaps = self._swaps(batch, better, target)
        photos = list(range(len(batch)))
        for swap in swaps:
            for move in swap.moves:
                photos[move.draft] = move.source
        return Assignment(tuple(photos), swaps, batch.signature)

    def _swaps(self, batch: Batch, better: _Better, target: NDArray[np.intp]) -> tuple[Swap, ...]:
        """Return the rings of an assignment that gain more than chance, the greatest gain first."""
        differ = len(np.unique(self.prints.group()[self.scored]))
        place = {
            (row, column): n
            for n, (row, column) in enumerate(
                zip(better.rows.tolist(), better.columns.tolist(), strict=True)
            )
        }
        swaps = []
        for ring in _rings(target):
            pairs = [place[n, int(target[n])] for n in ring]
            fits = better.fits[pairs].tolist()
            # A proposal asks more than the reason does: each draft speaks with its new photo.
            speak = min(fits) >= 1 - batch.thresholds.far
            if speak and is_exchange(sum(better.gains[pairs].tolist()), fits, differ):
                swaps.append(Swap(tuple(self._move(batch, better, pair) for pair in pairs)))
        return tuple(sorted(swaps, key=lambda swap: -swap.gain))

    def suggestions(self, batch: Batch) -> dict[int, Move]:
        """Find a clearly better photo for drafts that do not speak; see `Batch.suggestions`."""
        found: dict[int, Move] = {}
        better = self._better(batch, self.prints.group())
        clear = better.clear & (better.fits >= 1 - batch.thresholds.far)
        clear &= len(self.scored) * np.maximum(1 - better.fits, _LEAST_CHANCE) < PHOTO_CHANCE
        for n in np.unique(better.rows[clear]).tolist():
            draft = int(self.scored[n])
            if batch[draft].passed:
                continue
            at = np.flatnonzero(clear & (better.rows == n))
            found[draft] = self._move(batch, better, int(at[better.gains[at].argmax()]))
        return dict(sorted(found.items()))

    def _move(self, batch: Batch, better: _Better, pair: int) -> Move:
        draft = int(self.scored[better.rows[pair]])
        source = int(self.scored[better.columns[pair]])
        return Move(
            draft=draft,
            source=source,
            draft_id=batch[draft].draft.id,
            source_id=batch[source].draft.id,
            fit_now=float(batch[draft].fit or 0.0),
            fit_then=float(better.fits[pair]),
            gain=float(better.gains[pair]),
        )

    def _better(self, batch: Batch, groups: NDArray[np.intp]) -> _Better:
        """Find all pairs of a draft and another's photo that may be better for it.

        Those are photos that lead the draft's own by `CLOSE_MARGIN`, and the two sides of every
        exchange that gains more than chance would give. Near-duplicates of the draft's own photo do
        not count.
        """
        places = self.scored
        everyone = np.arange(len(places), dtype=np.intp)
        groups = groups[places]
        own = np.array([batch[int(n)].normalised for n in places], np.float64)
        table = PairTable(self.scorer, self.prints.vectors[places], self.captions)
        least = least_gain(2, len(np.unique(groups)))
        found: list[tuple[NDArray[np.intp], NDArray[np.intp], Floats, Floats, NDArray[np.bool_]]]
        found = []
        for start in range(0, len(places), _BLOCK):
            rows = everyone[start : start + _BLOCK]
            scores = adjusted_pairs(table, self.batch, everyone, rows).T
            swapped = adjusted_pairs(table, self.batch, rows, everyone)
            gains = scores - own[rows][:, None]
            exchange = gains + swapped - own[None, :]
            clear = gains >= CLOSE_MARGIN
            apart = groups[rows][:, None] != groups[None, :]
            row, column = np.nonzero((clear | (exchange > least)) & apart)
            fits = self.scorer.calibration.fit(scores[row, column])
            found.append((row + start, column, gains[row, column], fits, clear[row, column]))
        if not found:
            nothing = np.empty(0, np.intp)
            return _Better(nothing, nothing, np.empty(0), np.empty(0), np.empty(0, bool))
        return _Better(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


@dataclass(frozen=True, slots=True)
class _Better:
    """Pairs of a caption and another draft's photo, k of them, among the scored drafts.

    Attributes:
        rows: Whose caption, shape ``(k,)``.
        columns: Whose photo, shape ``(k,)``.
        gains: By how much the pair's normalised score exceeds that of the caption with its own
            photo, shape ``(k,)``.
        fits: The pair's fit, shape ``(k,)``.
        clear: Whether it leads the own photo by `CLOSE_MARGIN`, shape ``(k,)``.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    gains: Floats
    fits: Floats
    clear: NDArray[np.bool_]


def _best_targets(better: _Better, count: int) -> NDArray[np.intp]:
    """Return whose photo each of some drafts takes in the best assignment, shape ``(count,)``."""
    # Loaded when asked for: a check alone does without.
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    graph = coo_array((better.gains, (better.rows, better.columns)), shape=(count, count)).tocsr()
    # Drafts that change places are on a ring of better photos: each strongly connected part is
    # solved alone, so a batch of thousands never becomes one dense matrix.
    parts, part = connected_components(graph, directed=True, connection="strong")
    sizes = np.bincount(part, minlength=parts)
    target = np.arange(count)
    for number in np.flatnonzero(sizes > 1):
        members = np.flatnonzero(part == number)
        weights = graph[members][:, members].toarray()
        weights[weights == 0] = _NEVER
        np.fill_diagonal(weights, 0.0)
        target[members] = members[linear_sum_assignment(weights, maximize=True)[1]]
    return target


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
