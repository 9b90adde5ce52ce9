"""Comparing photos and captions of a batch: rankings, swaps and better photos."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from imgfit.choosing.rankings import CLOSE_MARGIN, Assignment, Move, Ranked, Ranking, Swap
from imgfit.errors import ArgumentError
from imgfit.scoring.scorer import PairTable, adjusted_pairs, is_exchange, least_gain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from imgfit.errors import ImgfitError
    from imgfit.metrics import Floats, Vectors
    from imgfit.photos.copies import PhotoPrints
    from imgfit.remarks import Verdict
    from imgfit.scoring.batch_cohort import BatchCohort
    from imgfit.scoring.results import Batch
    from imgfit.scoring.scorer import Scorer
    from imgfit.scoring.signature import Signature
    from imgfit.scoring.thresholds import Thresholds

# A better photo is shown where fewer than this many as good would turn up by chance in the batch:
# drafts as they are draw few false proposals then (`python -m benchmarks.ranking`).
PHOTO_CHANCE = 0.2
# The finest step of a calibration's null: a lower chance than this cannot be told.
_LEAST_CHANCE = 1e-4

# Captions compared with all photos at once: bounds each matrix at 1 MB a thousand photos.
_BLOCK = 128
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
        signature: Signature,
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
            Ranked(
                index=n, id=self.names[n], verdict=_verdict(self.errors[n]), error=self.errors[n]
            )
            for n in np.flatnonzero(~self.usable).tolist()
        ]
        rival = next((entry for entry in entries if entry.group != 1), None)
        return Ranking(query, (*entries[:top], *failed), signature, rival)


def _verdict(error: ImgfitError | None) -> Verdict:
    return "unsure" if error is None else "failed"


@dataclass(frozen=True, slots=True)
class BatchChooser:
    """What a batch keeps so that its photos and captions can be compared without a model run.

    Pickling leaves the model out: what needs no new caption still works afterwards.

    Attributes:
        scorer: Who normalises.
        batch: What the m scored drafts tell of each other; None if they did not join the cohort.
        prints: Of the n drafts' photos; nothing of a draft that has none.
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
                value="a copy without its model",
                needed="use the batch that check_drafts returned, or Checker.rank_photos",
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
            thresholds=batch.thresholds,
            signature=batch.signature,
            top=top,
        )

    def assignment(self, batch: Batch) -> Assignment:
        """Find the drafts that should exchange photos; see `Batch.assignment`."""
        # Loaded when asked for: a check alone does without.
        from scipy.optimize import linear_sum_assignment  # noqa: PLC0415
        from scipy.sparse import coo_array  # noqa: PLC0415
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

        groups = self.prints.group()
        better = self._better(batch, groups)
        count = len(self.scored)
        graph = coo_array((better.gains, (better.rows, better.columns)), shape=(count, count))
        graph = graph.tocsr()
        # Whoever changes places is on a ring of better photos: each strongly connected part is
        # solved alone, so a batch of thousands never becomes one dense matrix.
        parts, part = connected_components(graph, directed=True, connection="strong")
        pairs = zip(better.rows.tolist(), better.columns.tolist(), strict=True)
        then_of = dict(zip(pairs, better.fits.tolist(), strict=True))
        target = np.arange(count)
        sizes = np.bincount(part, minlength=parts)
        for number in np.flatnonzero(sizes > 1):
            members = np.flatnonzero(part == number)
            weights = graph[members][:, members].toarray()
            weights[weights == 0] = _NEVER
            np.fill_diagonal(weights, 0.0)
            target[members] = members[linear_sum_assignment(weights, maximize=True)[1]]
        differ = len(np.unique(groups[self.scored]))
        swaps = []
        for ring in _rings(target):
            gain = sum(float(graph[n, target[n]]) for n in ring)
            fits = [then_of[n, int(target[n])] for n in ring]
            # A proposal asks more than the reason does: each draft speaks with its new photo.
            speak = min(fits) >= 1 - batch.thresholds.far
            if not (speak and is_exchange(gain, fits, differ)):
                target[ring] = ring
                continue
            swaps.append(
                Swap(
                    tuple(
                        self._move(
                            batch,
                            n,
                            int(target[n]),
                            then_of[n, int(target[n])],
                            float(graph[n, target[n]]),
                        )
                        for n in ring
                    )
                )
            )
        photos = list(range(len(batch)))
        for n, draft in enumerate(self.scored.tolist()):
            photos[draft] = int(self.scored[target[n]])
        swaps.sort(key=lambda swap: -swap.gain)
        return Assignment(tuple(photos), tuple(swaps), batch.signature)

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
            best = int(at[better.gains[at].argmax()])
            found[draft] = self._move(
                batch,
                n,
                int(better.columns[best]),
                float(better.fits[best]),
                float(better.gains[best]),
            )
        return dict(sorted(found.items()))

    def _move(self, batch: Batch, row: int, column: int, then: float, gain: float) -> Move:
        draft, source = int(self.scored[row]), int(self.scored[column])
        return Move(
            draft=draft,
            source=source,
            draft_id=batch[draft].draft.id,
            source_id=batch[source].draft.id,
            fit_now=float(batch[draft].fit or 0.0),
            fit_then=then,
            gain=gain,
        )

    def _better(self, batch: Batch, groups: NDArray[np.intp]) -> _Better:
        """Find all pairs of a draft and another's photo that may be better for it.

        Those are photos that lead the draft's own by `CLOSE_MARGIN`, and the two sides of every
        exchange that gains more than chance would give; near-copies of the own photo are none.
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
        gains: What the pair scores above the caption with its own photo.
        fits: The pair's fit.
        clear: Whether it leads the own photo by `CLOSE_MARGIN`.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    gains: Floats
    fits: Floats
    clear: NDArray[np.bool_]


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
