"""The null of one encoder: how well unrelated photos and captions score, and the thresholds.

A calibration maps a normalised score to its fit. It belongs to one encoder, one cohort and one
way of cleaning captions, and refuses every other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from imgfit.captions import CLEANING_VERSION, WINDOWS_VERSION
from imgfit.errors import ArgumentError, CalibrationBrokenError, CalibrationMismatchError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike

    from imgfit.metrics import Floats

# Steps of the stored quantiles: finest where thresholds lie, at the upper end.
_PROBABILITIES = np.concatenate(
    [np.linspace(0, 0.9, 181), np.linspace(0.9, 0.99, 91)[1:], np.linspace(0.99, 1, 101)[1:]]
)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted null of one encoder.

    Attributes:
        fingerprint: The encoder it belongs to.
        cohort: Digest of the cohort that scores were normalised against.
        texts: Versions of cleaning and windows, such as ``"1.1"``.
        negatives: How many negative trials it was fitted on.
        source: What they were, in words.
        quantiles: Their scores at fixed steps of probability, not decreasing.
    """

    fingerprint: str
    cohort: str
    texts: str
    negatives: int
    source: str
    quantiles: tuple[float, ...]

    @classmethod
    def from_negatives(
        cls, scores: ArrayLike, *, fingerprint: str, cohort: str, source: str
    ) -> Calibration:
        """Fit the null on negative trials.

        Args:
            scores: Normalised scores of pairs that do not belong together, shape ``(k,)``.
            fingerprint: The encoder that made them.
            cohort: Digest of the cohort used.
            source: What the trials were, in words.

        Returns:
            The calibration.

        Raises:
            ArgumentError: Fewer than 100 scores, or some not finite.
        """
        values = np.asarray(scores, np.float64).ravel()
        least = 100
        if len(values) < least or not np.isfinite(values).all():
            raise ArgumentError(
                argument="scores",
                value=f"{len(values)} values",
                needed=f"at least {least} finite scores",
            )
        # "higher" never understates a threshold, so the asked FAR is not exceeded by rounding.
        quantiles = np.quantile(values, _PROBABILITIES, method="higher")
        return cls(
            fingerprint=fingerprint,
            cohort=cohort,
            texts=text_versions(),
            negatives=len(values),
            source=source,
            quantiles=tuple(round(float(q), 5) for q in quantiles),
        )

    def fit(self, scores: ArrayLike) -> Floats:
        """Map normalised scores to fits.

        Args:
            scores: Any shape.

        Returns:
            Share of negative trials that score lower, in [0, 1], same shape.
        """
        result: Floats = np.interp(
            np.asarray(scores, np.float64), self.quantiles, _PROBABILITIES, left=0.0, right=1.0
        )
        return result

    def require(self, *, fingerprint: str, cohort: str) -> None:
        """Refuse to judge scores that this null does not describe.

        Args:
            fingerprint: The encoder in use.
            cohort: Digest of the cohort in use.

        Raises:
            CalibrationMismatchError: Any of them, or the cleaning, differs.
        """
        pairs = (
            ("model", self.fingerprint, fingerprint),
            ("cohort", self.cohort, cohort),
            ("cleaning", self.texts, text_versions()),
        )
        for what, calibrated, actual in pairs:
            if calibrated != actual:
                raise CalibrationMismatchError(what=what, calibrated=calibrated, actual=actual)

    @property
    def digest(self) -> str:
        """Identity of the calibration, 8 hex digits."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:8]

    def save(self, path: Path) -> None:
        """Write the calibration as JSON.

        Args:
            path: The file to write.
        """
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read a calibration written by `save`.

        Args:
            path: The JSON file.

        Returns:
            The calibration.

        Raises:
            CalibrationBrokenError: The file is damaged or of another version.
        """
        try:
            values = json.loads(path.read_text("utf-8"))
            quantiles = tuple(float(q) for q in values.pop("quantiles"))
            calibration = cls(**values, quantiles=quantiles)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise CalibrationBrokenError(path=path, cause=str(error)) from error
        steps = np.diff(calibration.quantiles)
        if len(calibration.quantiles) != len(_PROBABILITIES) or not (steps >= 0).all():
            raise CalibrationBrokenError(path=path, cause="quantiles do not rise step by step")
        return calibration


def text_versions() -> str:
    """Return the versions of cleaning and windows, as calibrations and signatures name them.

    Returns:
        Such as ``"1.1"``.
    """
    return f"{CLEANING_VERSION}.{WINDOWS_VERSION}"
