"""From embeddings of photos and captions to normalised scores, fits, and what reasons need."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from imgfit import metrics
from imgfit.calibration import (
    LEAST_GROUPS,
    Calibration,
    Cohort,
    cohort_captions,
    group_copies,
    normalise_by_fittest,
    scenes,
    shared_top,
)
from imgfit.embedding import CaptionEmbeddings, embed_texts
from imgfit.printable import shortened
from imgfit.scoring.batch_cohort import MOST_MATES, BatchCohort, fit_batch_cohort
from imgfit.scoring.evidence import OtherDraft, SceneFit, Window
from imgfit.scoring.thresholds import FAR, WEAK_FAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit.encoders import Encoder
    from imgfit.metrics import Floats, Vectors

# Photos scored against all captions at once: bounds each matrix at 1 MB a thousand captions.
_BLOCK = 128
# Chance that a draft of a batch without swaps is reported as swapped all the same.
SWAP_RATE = 0.05
# Scenes kept for reasons: the best, and the runner-up where it reaches the mark too.
_SCENES = 2


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """A photo scored with its own caption, and what else the photo fits.

    Attributes:
        cosine: Of the photo and the caption's pooled embedding, in [-1, 1].
        normalised: The cosine's adaptive s-norm, in standard deviations of the cohorts.
        fit: Share of unrelated pairs that score lower, in [0, 1].
        probability: That photo and caption belong together, in [0, 1]; None if the calibration has
            no labels.
        windows: The caption's windows with their own scores, in order.
        swap: The draft with which exchanging captions would gain most, if that is more than chance
            would give.
        other: The other draft whose caption fits this photo best.
        scenes: The scenes that fit the photo best, best first.
        evidence_ratio: How much likelier the score is of an agency's post whose photo fits than of
            one whose photo does not; None if the calibration has no right pairs of posts.
    """

    cosine: float
    normalised: float
    fit: float
    probability: float | None
    windows: tuple[Window, ...]
    swap: OtherDraft | None
    other: OtherDraft | None
    scenes: tuple[SceneFit, ...]
    evidence_ratio: float | None


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What tells a draft from others and names it in their reasons.

    Attributes:
        id: The draft.
        caption: As written.
        text: The caption as scored.
        digest: Of the photo's bytes.
    """

    id: str
    caption: str
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores embeddings against one encoder's cohorts and null.

    Attributes:
        calibration: The null.
        cohort: The cohorts.
    """

    calibration: Calibration
    cohort: Cohort

    def with_batch_null(
        self, photos: Vectors, captions: Vectors, facts: Sequence[DraftFacts]
    ) -> Scorer:
        """Use the batch's own mismatched pairs as the null if the model has no calibration.

        Args:
            photos: Unit rows, shape ``(n, dim)``.
            captions: Unit rows, shape ``(n, dim)``.
            facts: Of the n drafts.

        Returns:
            This scorer if its null was fitted, or if fewer than `LEAST_GROUPS` drafts differ;
            else one with the batch's null.
        """
        if self.calibration.kind == "fitted":
            return self
        groups = group_copies([f.digest for f in facts], [f.text for f in facts])
        found = len(np.unique(groups))
        if found < LEAST_GROUPS:
            return self
        table = PairTable(self, photos, captions)
        batch = self._batch_cohort(table, groups, facts)
        mates = _by_content(facts)[:MOST_MATES]
        apart = groups[mates][:, None] != groups[mates][None, :]
        null = Calibration.from_negatives(
            adjusted_pairs(table, batch, mates, mates)[apart],
            fingerprint=self.calibration.fingerprint,
            cohort=self.calibration.cohort,
            source="the drafts that are judged, mismatched",
            drafts=found,
            norm=self.calibration.norm,
            pooling=self.calibration.pooling,
            kind="batch",
        )
        return replace(self, calibration=null)

    def normalise(self, raw: NDArray[np.floating], photos: Vectors, captions: Vectors) -> Floats:
        """Normalise as `Cohort.normalise` does.

        Args:
            raw: Cosines of trials ``(n,)``, or of all photos against all captions ``(n, m)``.
            photos: Unit rows, shape ``(n, dim)``.
            captions: Unit rows, shape ``(n, dim)`` or ``(m, dim)``.

        Returns:
            In standard deviations of the cohorts, same shape as ``raw``.
        """
        return self.cohort.normalise(raw, photos, captions)

    def score(
        self,
        photos: Vectors,
        captions: CaptionEmbeddings,
        facts: Sequence[DraftFacts],
        *,
        batch_cohort: bool = True,
    ) -> tuple[list[ScoredPair], BatchCohort | None]:
        """Score n photos against their own captions, and find what else each photo fits.

        Args:
            photos: Unit rows, shape ``(n, dim)``.
            captions: n captions.
            facts: Of the n drafts.
            batch_cohort: Whether the other drafts join the cohort.

        Returns:
            n scored pairs, in order, and the cohort that the batch's drafts are for each other, if
            they join it.
        """
        groups = group_copies([f.digest for f in facts], [f.text for f in facts])
        table = PairTable(self, photos, captions.pooled)
        batch = self._batch_cohort(table, groups, facts) if batch_cohort else None
        everyone = np.arange(len(photos), dtype=np.intp)
        cosines = np.einsum("nd,nd->n", photos, captions.pooled, dtype=np.float64)
        normalised = adjusted(batch, table.own(cosines), everyone, everyone)
        swaps, others = self._others(table, batch, normalised, groups, facts)
        columns = zip(
            cosines.tolist(),
            normalised.tolist(),
            self.calibration.fit(normalised).tolist(),
            self._probabilities(normalised),
            self._windows(photos, captions, batch),
            swaps,
            others,
            self._best_scenes(photos, batch),
            self._evidence_ratios(normalised),
            strict=True,
        )
        return [ScoredPair(*values) for values in columns], batch

    def _probabilities(self, normalised: Floats) -> list[float | None]:
        """Return the probability of each pair; None for all without labels."""
        labels = self.calibration.labels
        if labels is None:
            return [None] * len(normalised)
        chances: list[float | None] = labels.probability(normalised).tolist()
        return chances

    def _evidence_ratios(self, normalised: Floats) -> list[float | None]:
        """Return the likelihood ratio of each pair; None for all without right pairs."""
        found = self.calibration.evidence_ratio(normalised)
        if found is None:
            return [None] * len(normalised)
        ratios: list[float | None] = found.tolist()
        return ratios

    def _windows(
        self, photos: Vectors, captions: CaptionEmbeddings, batch: BatchCohort | None
    ) -> list[tuple[Window, ...]]:
        """Score each caption's windows as if each were the whole caption."""
        owner = captions.owner
        cosines = np.einsum("md,md->m", photos[owner], captions.windows, dtype=np.float64)
        scores = self.normalise(cosines, photos[owner], captions.windows)
        fits = self.calibration.fit(adjusted(batch, scores, owner, owner))
        windows = [
            Window(*values)
            for values in zip(
                captions.texts,
                cosines.tolist(),
                fits.tolist(),
                captions.shares.tolist(),
                strict=True,
            )
        ]
        ends = np.searchsorted(owner, np.arange(len(photos) + 1))
        return [tuple(windows[start:end]) for start, end in pairwise(ends)]

    def _batch_cohort(
        self, table: PairTable, groups: NDArray[np.intp], facts: Sequence[DraftFacts]
    ) -> BatchCohort | None:
        """Let the drafts be each other's cohort."""
        return fit_batch_cohort(table, groups, self.calibration.fit, _by_content(facts))

    def _others(
        self,
        table: PairTable,
        batch: BatchCohort | None,
        own: Floats,
        groups: NDArray[np.intp],
        facts: Sequence[DraftFacts],
    ) -> tuple[list[OtherDraft | None], list[OtherDraft | None]]:
        """Return, for each photo, the draft to swap captions with, and the best other caption.

        Exchanging the captions of drafts i and k gains the scores of both new pairs less those of
        both old ones; `is_exchange` says which is told.
        """
        swaps: list[OtherDraft | None] = []
        others: list[OtherDraft | None] = []
        everyone = np.arange(len(own), dtype=np.intp)
        tried = len(np.unique(groups)) - 1

        def found(draft: int, fit: float) -> OtherDraft:
            return OtherDraft(facts[draft].id, shortened(facts[draft].caption), float(fit), tried)

        for start in range(0, len(own), _BLOCK):
            rows = everyone[start : start + _BLOCK]
            scores = adjusted_pairs(table, batch, rows, everyone)
            swapped = adjusted_pairs(table, batch, everyone, rows).T
            same = groups[rows][:, None] == groups[None, :]
            gains = scores + swapped - own[rows][:, None] - own[None, :]
            scores[same], gains[same] = -np.inf, -np.inf
            inside = np.arange(len(rows))
            partner, other = gains.argmax(axis=1), scores.argmax(axis=1)
            there = self.calibration.fit(scores[inside, partner])
            back = self.calibration.fit(swapped[inside, partner])
            swaps.extend(
                found(partner[n], there[n])
                if is_exchange(gains[n, partner[n]], [there[n], back[n]], tried + 1)
                else None
                for n in inside
            )
            fits = self.calibration.fit(scores[inside, other])
            others.extend(
                found(other[n], fits[n]) if scores[n, other[n]] > -np.inf else None for n in inside
            )
        return swaps, others

    def _best_scenes(
        self, photos: Vectors, batch: BatchCohort | None
    ) -> list[tuple[SceneFit, ...]]:
        """Return, for each photo, the scenes of the package's list that fit it best."""
        rows = np.arange(len(photos), dtype=np.intp)[:, None]
        cosines = photos @ self.cohort.scenes.T
        scores = adjusted(batch, self.normalise(cosines, photos, self.cohort.scenes), rows)
        columns = np.argsort(-scores, axis=1, kind="stable")[:, :_SCENES]
        fits = self.calibration.fit(np.take_along_axis(scores, columns, axis=1))
        return [
            tuple(
                SceneFit(scenes()[column].names, scenes()[column].kind, float(fit))
                for column, fit in zip(row, row_fits, strict=True)
            )
            for row, row_fits in zip(columns, fits, strict=True)
        ]


class PairTable:
    """Scores of any photos of a batch against any of its captions, before the batch adjusts them.

    What the fixed cohorts say of each photo and caption is worked out once.
    """

    def __init__(self, scorer: Scorer, photos: Vectors, captions: Vectors) -> None:
        """Prepare for pairs.

        Args:
            scorer: Whose cohorts normalise.
            photos: Unit rows, shape ``(n, dim)``.
            captions: Unit rows, shape ``(n, dim)``.
        """
        self._photos, self._captions = photos, captions
        by_photo = photos @ scorer.cohort.captions.T
        by_caption = captions @ scorer.cohort.photos.T
        top = shared_top(by_photo, by_caption)
        self._by_photo = metrics.fittest(by_photo, top)
        # Without a cohort of photos there is nothing to keep.
        self._by_caption = metrics.fittest(by_caption, top) if by_caption.shape[1] else by_caption

    def __call__(self, photos: NDArray[np.intp], captions: NDArray[np.intp]) -> Floats:
        """Return normalised scores, shape ``(len(photos), len(captions))``."""
        raw = self._photos[photos] @ self._captions[captions].T
        return normalise_by_fittest(raw, self._by_photo[photos], self._by_caption[captions])

    def own(self, raw: Floats) -> Floats:
        """Return the normalised scores of each photo with its own caption, shape ``(n,)``."""
        return normalise_by_fittest(raw, self._by_photo, self._by_caption)


def _by_content(facts: Sequence[DraftFacts]) -> NDArray[np.intp]:
    """Order drafts by what they hold, so that nothing depends on the order of input."""
    order = sorted(range(len(facts)), key=lambda n: (facts[n].digest, facts[n].text))
    return np.array(order, np.intp)


def adjusted(
    batch: BatchCohort | None,
    scores: Floats,
    photos: NDArray[np.intp],
    captions: NDArray[np.intp] | None = None,
) -> Floats:
    """Take a batch's offsets off scores.

    Args:
        batch: The cohort that the drafts are for each other; None if they did not join.
        scores: Normalised scores, any shape.
        photos: Row of each score's photo, anything that broadcasts.
        captions: Row of each score's caption, the same; None for texts that are no draft's.

    Returns:
        Normalised scores, same shape.
    """
    if batch is None:
        return scores
    of_captions = 0.0 if captions is None else batch.captions[captions]
    return batch.adjust(scores, batch.photos[photos], of_captions)


def adjusted_pairs(
    table: PairTable,
    batch: BatchCohort | None,
    photos: NDArray[np.intp],
    captions: NDArray[np.intp],
) -> Floats:
    """Score photos of a batch against captions of it, the drafts joining the cohort.

    Args:
        table: Of the batch.
        batch: The cohort that the drafts are for each other; None if they did not join.
        photos: Rows of photos, k of them.
        captions: Rows of captions, m of them.

    Returns:
        Normalised scores, shape ``(k, m)``.
    """
    return adjusted(batch, table(photos, captions), photos[:, None], captions[None, :])


def is_exchange(gain: float, fits: Sequence[float], drafts: int) -> bool:
    """Tell whether drafts seem to have been exchanged.

    If photos say little of any text, gains come cheap, because captions and photos come in kinds.
    So the new pairs must be good ones as well: the best speaks and none is silent.

    Args:
        gain: Of the exchange, in standard deviations of a score.
        fits: Of the new pairs, k of them.
        drafts: n, those that differ.

    Returns:
        Whether it is worth telling.
    """
    good = max(fits) >= 1 - FAR and min(fits) >= 1 - WEAK_FAR
    return good and gain > least_gain(len(fits), drafts)


def least_gain(size: int, drafts: int) -> float:
    """Return what an exchange of captions must gain to be more than chance would give.

    An exchange among k drafts adds k new scores and takes k old ones away. If no photo says
    anything of any caption, its gain has a standard deviation of about ``sqrt(2 k)``. A draft
    stands in ``(n-1)^(k-1)`` such exchanges, and the best of them all may gain as much by chance
    at a rate of `SWAP_RATE` (Bonferroni's bound on the best of many).

    Args:
        size: k, at least 2.
        drafts: n, those that differ.

    Returns:
        A gain, in standard deviations of a score.
    """
    log_rate = math.log(SWAP_RATE) - (size - 1) * math.log(max(drafts - 1, 1))
    # The lower tail keeps digits that 1 minus a rate would lose; rings of very many end at 37.
    quantile = -NormalDist().inv_cdf(math.exp(max(log_rate, -690.0)))
    return math.sqrt(2 * size) * quantile


def embed_cohort(encoder: Encoder, photos: NDArray[np.float32]) -> Cohort:
    """Make the cohort of an encoder: the package's captions and scenes, and photos' embeddings.

    Args:
        encoder: Embeds photos and texts.
        photos: Unit rows of unrelated photos by the same encoder, shape ``(k, dim)``.

    Returns:
        The cohort, rounded to half precision as it is stored, so that scores do not depend on
        whether it was just made or read.
    """
    texts = embed_texts(encoder, cohort_captions())
    prompts = embed_texts(encoder, [p for scene in scenes() for p in scene.prompts])
    per_scene = len(scenes()[0].prompts)
    rows = metrics.unit(prompts.reshape(-1, per_scene, prompts.shape[1]).mean(axis=1))
    photos, texts, rows = (
        array.astype(np.float16).astype(np.float32) for array in (photos, texts, rows)
    )
    return Cohort(photos, texts, rows, encoder.fingerprint)
