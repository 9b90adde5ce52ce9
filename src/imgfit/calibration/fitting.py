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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgfit.drafts.draft import Draft
    from imgfit.errors import ImgfitError
    from imgfit.language import Language
    from imgfit.metrics import Floats, Vectors
    from imgfit.remarks import Reason
    from imgfit.scoring.scorer import Scorer

_HISTOGRAM_BINS = 40
# Equal scores make one thin column, not an error.
_LEAST_WIDTH = 1e-3


@dataclass(frozen=True, slots=True)
class Histogram:
    """How normalised scores are spread.

    Attributes:
        edges: Bounds of b bins, b + 1 of them, rising, in standard deviations.
        series: Counts of each kind of trial by its name: ``mismatched`` always, then ``own``, or
            ``positives`` and ``negatives`` where there are labels; b counts each.
        threshold: The score that ``speaks`` begins at.
    """

    edges: tuple[float, ...]
    series: dict[str, tuple[int, ...]]
    threshold: float


@dataclass(frozen=True, slots=True)
class CalibrationRun:
    """A calibration fitted on drafts, and what it was fitted on.

    Attributes:
        calibration: The calibration.
        asked: The false-accept rate that was asked for.
        drafts: How many drafts were used, copies among them.
        before: Share of their mismatched pairs that the calibration used until now would tell to
            speak at the rate asked: far above it, the drafts are alike, and far below, unlike.
        left_out: Drafts that could not be used, each with why.
        histogram: The spread of the scores.
    """

    calibration: Calibration
    asked: float
    drafts: int
    before: float
    left_out: tuple[tuple[Draft, ImgfitError | Reason], ...]
    histogram: Histogram

    def lines(self, language: Language = "en") -> list[str]:
        """Say what was fitted, on what, and how far it can be trusted.

        Args:
            language: ``"id"`` or ``"en"``.

        Returns:
            Sentences, one a line.
        """
        words = CALIBRATION[language]
        calibration, labels = self.calibration, self.calibration.labels
        different = calibration.drafts or 0
        facts: dict[str, object] = {
            "pairs": calibration.negatives,
            "drafts": self.drafts,
            "different": different,
            "independent": different // 2,
            "overlap": f"{NEAR_COPY:.0%}",
            "before": f"{self.before:.1%}",
            "asked": f"{self.asked:.1%}",
            "fit": f"{1 - (calibration.far or self.asked):.2%}",
        }
        keys = ["null", "copies", "before"]
        if labels is not None:
            labelled = labels.positives + labels.negatives
            facts |= {
                "positives": labels.positives,
                "negatives": labels.negatives,
                "unlabelled": self.drafts - labelled,
                "bound": f"{labels.bound:.1%}",
                "confidence": f"{labels.confidence:.0%}",
                "accepted": labels.accepted,
                "independent_labelled": labels.independent,
                "frr": f"{labels.frr:.1%}",
                "eer": f"{labels.eer:.1%}",
                "auc": f"{labels.auc:.3f}",
                "error": f"{labels.calibration_error:.3f}",
                "prior": f"{labels.positives / labelled:.0%}",
            }
            keys += ["labels", "bound", "rates", "probability"]
        return [words[key].format_map(facts) for key in (*keys, "threshold")]


@dataclass(frozen=True, slots=True)
class Material:
    """Drafts ready to be mismatched.

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
    scorer: Scorer,
    material: Material,
    *,
    far: float,
    left_out: tuple[tuple[Draft, ImgfitError | Reason], ...] = (),
) -> CalibrationRun:
    """Fit a null on mismatched drafts and, where drafts have labels, what labels add.

    Args:
        scorer: Who scores; its calibration is the one used until now.
        material: The drafts.
        far: Rate at which unrelated pairs may be told to speak, in (0, 1); with labels, the bound
            on the rate among drafts like those labelled as not fitting.
        left_out: Drafts that could not be used.

    Returns:
        The calibration and what it was fitted on.

    Raises:
        DraftsFewError: Too few drafts differ.
        LabelsFewError: Too few drafts of a label.
        LabelsContradictError: Drafts that fit do not score higher.
        LabelsHardError: No threshold keeps the bound.
    """
    groups = group_copies(material.digests, material.texts)
    found, needed = len(np.unique(groups)), groups_needed(far)
    if found < needed:
        raise DraftsFewError(found=found, needed=needed, far=f"{far:g}")
    pairs = mismatched_pairs(groups)
    negatives = scorer.mismatched(material.photos, material.captions, pairs)
    calibration = Calibration.from_negatives(
        negatives,
        fingerprint=scorer.calibration.fingerprint,
        cohort=scorer.calibration.cohort,
        source="a user's own drafts, mismatched",
        drafts=found,
        far=far,
        norm=scorer.calibration.norm,
    )
    raw = np.einsum("nd,nd->n", material.photos, material.captions, dtype=np.float64)
    own = scorer.normalise(raw, material.photos, material.captions)
    series = {"mismatched": negatives, "own": own}
    labelled = np.array([n for n, d in enumerate(material.drafts) if d.label is not None], np.intp)
    if len(labelled):
        positive = np.array([material.drafts[n].label for n in labelled], bool)
        scores = own[labelled]
        labels, null_far = fit_labels(
            scores,
            calibration.fit(scores),
            positive=positive,
            groups=groups[labelled],
            names=[material.drafts[n].id for n in labelled],
            far=far,
        )
        calibration = replace(calibration, far=null_far, labels=labels)
        series = {
            "mismatched": negatives,
            "positives": scores[positive],
            "negatives": scores[~positive],
        }
    return CalibrationRun(
        calibration=calibration,
        asked=far,
        drafts=len(material.drafts),
        before=float((scorer.calibration.fit(negatives) >= 1 - far).mean()),
        left_out=left_out,
        histogram=_histogram(series, calibration.score_at(calibration.far or far)),
    )


def _histogram(series: dict[str, Floats], threshold: float) -> Histogram:
    everything = np.concatenate(list(series.values()))
    low, high = everything.min(), everything.max()
    edges = np.linspace(low, max(high, low + _LEAST_WIDTH), _HISTOGRAM_BINS + 1)
    counts = {
        name: tuple(np.histogram(scores, edges)[0].tolist()) for name, scores in series.items()
    }
    return Histogram(tuple(edges.tolist()), counts, threshold)
