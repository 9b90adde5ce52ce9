"""Fitting a calibration on a user's own drafts, mismatched on purpose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from imgfit.calibration.labels import fit_labels
from imgfit.calibration.mismatching import NEAR_COPY, group_copies, groups_needed, mismatched_pairs
from imgfit.calibration.null import Calibration
from imgfit.calibration.words import CALIBRATION
from imgfit.errors import DraftsFewError
from imgfit.language import fill, or_system

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit.calibration.cohort import Cohort
    from imgfit.calibration.labels import Labels
    from imgfit.drafts import Draft
    from imgfit.errors import ImgfitError
    from imgfit.language import Language
    from imgfit.metrics import Floats, Vectors
    from imgfit.remarks import Reason

_HISTOGRAM_BINS = 40
# Equal scores make one thin column, not an error.
_LEAST_WIDTH = 1e-3


@dataclass(frozen=True, slots=True)
class Histogram:
    """How normalised scores are spread.

    Attributes:
        edges: Bounds of b bins, b + 1 of them, rising, in standard deviations.
        series: Counts of each kind of trial by its name: ``mismatched`` always, then ``own``, or
            ``positives`` and ``negatives`` if there are labels; b counts each.
        threshold: The score that ``speaks`` begins at.
    """

    edges: tuple[float, ...]
    series: dict[str, tuple[int, ...]]
    threshold: float


@dataclass(frozen=True, slots=True)
class CalibrationRun:
    """A calibration fitted on drafts, and figures about these drafts.

    Attributes:
        calibration: The calibration.
        asked: The false-accept rate that was asked for.
        drafts: How many drafts were used, copies among them.
        before: Share of their mismatched pairs that would pass by the calibration used until now,
            at the rate asked: far above that rate if the drafts are alike, far below if they
            differ more than usual.
        left_out: Drafts that could not be used, each with its reason.
        histogram: The spread of the scores.
    """

    calibration: Calibration
    asked: float
    drafts: int
    before: float
    left_out: tuple[tuple[Draft, ImgfitError | Reason], ...]
    histogram: Histogram

    def lines(self, language: Language | None = None) -> list[str]:
        """Describe the calibration, its drafts, and how far it can be trusted.

        Args:
            language: ``"id"`` or ``"en"``; the system's if None.

        Returns:
            Sentences, one a line.
        """
        language = or_system(language)
        words = CALIBRATION[language]
        calibration, labels = self.calibration, self.calibration.labels
        different = calibration.drafts or 0
        facts: dict[str, object] = {
            "pairs": calibration.negatives,
            "drafts": self.drafts,
            "different": different,
            "independent": different // 2,
            "overlap": NEAR_COPY,
            "before": self.before,
            "asked": self.asked,
            "fit": 1 - (calibration.far or self.asked),
        }
        keys = ["null", "copies", "before"]
        if labels is not None:
            facts |= self._labelled(labels)
            keys += ["labels", "bound", "rates", "probability"]
        return [fill(words[key], language, facts) for key in (*keys, "threshold")]

    def _labelled(self, labels: Labels) -> dict[str, object]:
        """Return the facts that the sentences about labels name."""
        labelled = labels.positives + labels.negatives
        return {
            "positives": labels.positives,
            "negatives": labels.negatives,
            "unlabelled": self.drafts - labelled,
            "bound": labels.bound,
            "confidence": labels.confidence,
            "accepted": labels.accepted,
            "independent_labelled": labels.independent,
            "frr": labels.frr,
            "eer": labels.eer,
            "auc": labels.auc,
            "error": labels.calibration_error,
            "prior": labels.positives / labelled,
        }


@dataclass(frozen=True, slots=True)
class FittingInput:
    """Drafts ready to be mismatched, with their embeddings.

    Attributes:
        drafts: n drafts that have an embedding of both sides.
        digests: Their photos' digests.
        texts: Their captions, cleaned.
        photos: Unit rows, shape ``(n, dim)``.
        captions: Unit rows, shape ``(n, dim)``.
    """

    drafts: Sequence[Draft]
    digests: Sequence[str]
    texts: Sequence[str]
    photos: Vectors
    captions: Vectors


def fit_calibration(
    cohort: Cohort,
    used: Calibration,
    given: FittingInput,
    *,
    far: float,
    left_out: tuple[tuple[Draft, ImgfitError | Reason], ...] = (),
) -> CalibrationRun:
    """Fit a null on mismatched drafts and, if drafts have labels, a probability and a bound.

    Args:
        cohort: Normalises the scores.
        used: The calibration used until now.
        given: The drafts.
        far: False-accept rate: the share of unrelated pairs allowed to pass, in (0, 1). With
            labels, the bound on the rate among drafts like those labelled as not fitting.
        left_out: Drafts that could not be used.

    Returns:
        The calibration, with figures about its drafts.

    Raises:
        DraftsFewError: Too few drafts differ.
        LabelsFewError: Too few drafts of a label.
        LabelsContradictError: Drafts that fit do not score higher.
        LabelsHardError: No threshold keeps the bound.
    """
    groups = group_copies(given.digests, given.texts)
    found, needed = len(np.unique(groups)), groups_needed(far)
    if found < needed:
        raise DraftsFewError(found=found, needed=needed, far=far)
    mismatched = cohort.mismatched(given.photos, given.captions, mismatched_pairs(groups))
    calibration = Calibration.from_negatives(
        mismatched,
        fingerprint=used.fingerprint,
        cohort=used.cohort,
        source="a user's own drafts, mismatched",
        drafts=found,
        far=far,
        norm=used.norm,
        pooling=used.pooling,
    )
    raw = np.einsum("nd,nd->n", given.photos, given.captions, dtype=np.float64)
    own = cohort.normalise(raw, given.photos, given.captions)
    # The cohort is the same, so right pairs score as before; what a rate costs follows the null.
    calibration = replace(calibration, positives=used.positives)
    calibration, series = _with_labels(calibration, own, given.drafts, groups, far=far)
    return CalibrationRun(
        calibration=calibration,
        asked=far,
        drafts=len(given.drafts),
        before=float((used.fit(mismatched) >= 1 - far).mean()),
        left_out=left_out,
        histogram=_histogram(
            {"mismatched": mismatched, **series}, calibration.score_at(calibration.far or far)
        ),
    )


def _with_labels(
    calibration: Calibration,
    own: Floats,
    drafts: Sequence[Draft],
    groups: NDArray[np.intp],
    *,
    far: float,
) -> tuple[Calibration, dict[str, Floats]]:
    """Add labels' figures to a calibration, if its drafts have labels.

    Args:
        calibration: Fitted on the drafts, mismatched.
        own: Normalised scores of the n drafts as written, shape ``(n,)``.
        drafts: The n drafts.
        groups: Each draft's group of copies, shape ``(n,)``.
        far: The bound asked for, in (0, 1).

    Returns:
        The calibration, and the drafts' scores by kind, for the histogram.

    Raises:
        LabelsFewError: Too few drafts of a label.
        LabelsContradictError: Drafts that fit do not score higher.
        LabelsHardError: No threshold keeps the bound.
    """
    labelled = np.array([n for n, d in enumerate(drafts) if d.label is not None], np.intp)
    if not len(labelled):
        return calibration, {"own": own}
    positive = np.array([drafts[n].label for n in labelled], bool)
    scores = own[labelled]
    labels, null_far = fit_labels(
        scores,
        calibration.fit(scores),
        positive=positive,
        groups=groups[labelled],
        names=[drafts[n].id for n in labelled],
        far=far,
    )
    series = {"positives": scores[positive], "negatives": scores[~positive]}
    return replace(calibration, far=null_far, labels=labels), series


def _histogram(series: dict[str, Floats], threshold: float) -> Histogram:
    everything = np.concatenate(list(series.values()))
    low, high = everything.min(), everything.max()
    edges = np.linspace(low, max(high, low + _LEAST_WIDTH), _HISTOGRAM_BINS + 1)
    counts = {
        name: tuple(np.histogram(scores, edges)[0].tolist()) for name, scores in series.items()
    }
    return Histogram(tuple(edges.tolist()), counts, threshold)
