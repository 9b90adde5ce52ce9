"""The null of one encoder: how well unrelated photos and captions score, and the thresholds.

A calibration maps a normalised score to its fit. It belongs to one encoder, one cohort and one
way of cleaning captions, and refuses every other.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np

from imgfit.calibration.labels import Labels
from imgfit.calibration.norms import NORMALISATION
from imgfit.calibration.platt import BINS, Bin
from imgfit.captions.versions import text_versions
from imgfit.errors import ArgumentError, CalibrationBrokenError, CalibrationMismatchError
from imgfit.files.bounded import read_regular
from imgfit.files.texts import cause_of
from imgfit.files.writing import write_whole
from imgfit.language import Phrase

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike

    from imgfit.metrics import Floats

# Steps of the stored quantiles: finest where thresholds lie, at the upper end.
_PROBABILITIES = np.concatenate(
    [np.linspace(0, 0.9, 181), np.linspace(0.9, 0.99, 91)[1:], np.linspace(0.99, 1, 101)[1:]]
)

# Fewer would leave the threshold at FAR 0.05 to a handful of pairs.
_LEAST_NEGATIVES = 100
# A calibration of ten thousand labelled drafts is well under a megabyte.
_MAX_BYTES = 8_000_000
_MAX_COUNT = 10**12
_MAX_TEXT = 300

# The pairs that a null was fitted on. `fitted`: separate reference drafts. `batch`: the drafts
# being judged, mismatched. `cohort`: only imgfit's own captions.
NullKind = Literal["fitted", "batch", "cohort"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted null of one encoder.

    Attributes:
        fingerprint: The encoder it belongs to.
        cohort: Digest of the cohort that scores were normalised against.
        texts: Versions of cleaning and windows, such as ``"1.1"``.
        norm: Normalisation of the scores: ``"as50"`` is adaptive s-norm by the 50 fittest,
            ``"at50"`` t-norm by them.
        negatives: How many negative trials it was fitted on.
        source: The trials, described.
        quantiles: Their scores at fixed steps of probability, not decreasing.
        drafts: How many different drafts the trials were made of; None if they were not a user's
            drafts, mismatched.
        far: False-accept rate to decide at if none is asked for, in (0, 1); None for the usual
            one.
        labels: Figures from labelled drafts; None without labels.
        kind: ``"fitted"``; ``"batch"`` if the drafts being judged were mismatched themselves;
            ``"cohort"`` if only the package's captions were used, and the rate asked is not kept.
    """

    fingerprint: str
    cohort: str
    texts: str
    norm: str
    negatives: int
    source: str
    quantiles: tuple[float, ...]
    drafts: int | None = None
    far: float | None = None
    labels: Labels | None = None
    kind: NullKind = "fitted"

    @classmethod
    def from_negatives(
        cls,
        scores: ArrayLike,
        *,
        fingerprint: str,
        cohort: str,
        source: str,
        drafts: int | None = None,
        far: float | None = None,
        norm: str = NORMALISATION,
        kind: NullKind = "fitted",
    ) -> Calibration:
        """Fit the null on negative trials.

        Args:
            scores: Normalised scores of pairs that do not belong together, shape ``(k,)``.
            fingerprint: The encoder that made them.
            cohort: Digest of the cohort used.
            source: The trials, described.
            drafts: How many different drafts they were made of, if they were a user's.
            far: False-accept rate to decide at if none is asked for, in (0, 1).
            norm: Normalisation of the scores.
            kind: The kind of trials.

        Returns:
            The calibration.

        Raises:
            ArgumentError: Fewer than 100 scores, or some not finite.
        """
        values = np.asarray(scores, np.float64).ravel()
        if len(values) < _LEAST_NEGATIVES or not np.isfinite(values).all():
            raise ArgumentError(
                argument="scores",
                value=Phrase(id=f"{len(values)} skor", en=f"{len(values)} scores"),
                needed=Phrase(
                    id=f"paling sedikit {_LEAST_NEGATIVES} skor, semuanya bilangan berhingga",
                    en=f"at least {_LEAST_NEGATIVES} finite scores",
                ),
            )
        # "higher" never understates a threshold, so the asked FAR is not exceeded by rounding.
        quantiles = np.quantile(values, _PROBABILITIES, method="higher")
        return cls(
            fingerprint=fingerprint,
            cohort=cohort,
            texts=text_versions(),
            norm=norm,
            negatives=len(values),
            source=source,
            quantiles=tuple(round(float(q), 5) for q in quantiles),
            drafts=drafts,
            far=far,
            kind=kind,
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

    def score_at(self, far: float) -> float:
        """Return the normalised score that a rate's threshold stands for.

        Args:
            far: In (0, 1).

        Returns:
            The score whose fit is ``1 - far``.
        """
        return float(np.interp(1 - far, _PROBABILITIES, self.quantiles))

    def require(self, *, fingerprint: str, cohort: str, norm: str) -> None:
        """Refuse to judge scores that this null does not describe.

        Args:
            fingerprint: The encoder in use.
            cohort: Digest of the cohort in use.
            norm: Normalisation in use.

        Raises:
            CalibrationMismatchError: Any of them, or the cleaning, differs.
        """
        pairs = (
            ("model", self.fingerprint, fingerprint),
            ("cohort", self.cohort, cohort),
            ("cleaning", self.texts, text_versions()),
            ("normalisation", self.norm, norm),
        )
        for what, calibrated, actual in pairs:
            if calibrated != actual:
                raise CalibrationMismatchError(what=what, calibrated=calibrated, actual=actual)

    @property
    def digest(self) -> str:
        """Identity of the calibration, 8 hex digits."""
        return hashlib.sha256(json.dumps(self._stored()).encode()).hexdigest()[:8]

    @property
    def name(self) -> str:
        """Its name in signatures: its kind, and its digest if it has a file."""
        if self.kind != "fitted":
            return self.kind if self.drafts is None else f"{self.kind}-{self.drafts}"
        kind = "labels-" if self.labels else "drafts-" if self.drafts is not None else ""
        return kind + self.digest

    def _stored(self) -> dict[str, Any]:
        """Return the fields as they are written; those that are None are left out."""
        fields = {key: value for key, value in asdict(self).items() if value is not None}
        if self.kind == "fitted":
            del fields["kind"]
        return fields

    def save(self, path: Path) -> None:
        """Write the calibration as JSON, whole or not at all.

        Args:
            path: The file to write.

        Raises:
            ArgumentError: The file cannot be written.
        """
        text = json.dumps(self._stored(), indent=1, ensure_ascii=False, allow_nan=False)
        write_whole(text + "\n", path)

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read a calibration written by `save`.

        Args:
            path: The JSON file.

        Returns:
            The calibration.

        Raises:
            CalibrationBrokenError: The file is missing, too large, damaged or of another version.
        """
        try:
            return _parsed(json.loads(read_regular(path, _MAX_BYTES).decode("utf-8")))
        except (OSError, ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
            raise CalibrationBrokenError(path=path, cause=cause_of(error)) from error


def _parsed(values: Any) -> Calibration:
    """Make a calibration from a stranger's JSON; raise on anything `save` would not write."""
    fields = _Fields(values)
    calibration = Calibration(
        fingerprint=fields.text("fingerprint"),
        cohort=fields.text("cohort"),
        texts=fields.text("texts"),
        norm=fields.text("norm"),
        negatives=fields.count("negatives", least=1),
        source=fields.text("source"),
        quantiles=tuple(_real(q, "quantiles") for q in fields.items("quantiles")),
        drafts=fields.count("drafts", least=1) if "drafts" in fields else None,
        far=fields.inner_share("far") if "far" in fields else None,
        labels=_parsed_labels(fields.take("labels")) if "labels" in fields else None,
        kind=_kind(fields.text("kind")) if "kind" in fields else "fitted",
    )
    fields.require_no_more()
    steps = np.diff(calibration.quantiles)
    if len(calibration.quantiles) != len(_PROBABILITIES) or not (steps >= 0).all():
        raise ValueError(
            Phrase(id="kuantil tidak naik langkah demi langkah", en="quantiles do not rise")
        )
    return calibration


def _kind(value: str) -> NullKind:
    for kind in get_args(NullKind):
        if value == kind:
            return cast("NullKind", kind)
    raise ValueError(Phrase(id="kind tidak dikenal", en="unknown kind"))


def _parsed_labels(values: Any) -> Labels:
    fields = _Fields(values)
    labels = Labels(
        positives=fields.count("positives", least=1),
        negatives=fields.count("negatives", least=1),
        independent=fields.count("independent", least=1),
        accepted=fields.count("accepted"),
        bound=fields.share("bound"),
        confidence=fields.inner_share("confidence"),
        frr=fields.share("frr"),
        slope=_real(fields.take("slope"), "slope"),
        intercept=_real(fields.take("intercept"), "intercept"),
        auc=fields.share("auc"),
        eer=fields.share("eer"),
        calibration_error=fields.share("calibration_error"),
        bins=tuple(_parsed_bin(values) for values in fields.items("bins")),
        roc=tuple(_corner(values) for values in fields.items("roc")),
    )
    fields.require_no_more()
    if len(labels.bins) > BINS or labels.slope <= 0 or labels.accepted > labels.independent:
        raise ValueError(Phrase(id="labels saling bertentangan", en="labels contradict themselves"))
    return labels


def _parsed_bin(values: Any) -> Bin:
    fields = _Fields(values)
    found = Bin(fields.count("count", least=1), fields.share("probability"), fields.share("share"))
    fields.require_no_more()
    return found


def _corner(values: Any) -> tuple[float, float, float]:
    if not isinstance(values, list):
        raise TypeError(Phrase(id="roc harus berisi daftar", en="roc must hold lists"))
    threshold, far, frr = (_real(value, "roc") for value in values)
    return threshold, far, frr


class _Fields:
    """An object of a stranger's JSON, taken apart field by field."""

    def __init__(self, values: Any) -> None:
        if not isinstance(values, dict):
            raise TypeError(Phrase(id="bukan objek JSON", en="expected a JSON object"))
        self._values = dict(values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def take(self, name: str) -> Any:
        if name not in self._values:
            raise ValueError(Phrase(id=f"{name} tidak ada", en=f"{name} is missing"))
        return self._values.pop(name)

    def require_no_more(self) -> None:
        if self._values:
            count = len(self._values)
            raise ValueError(
                Phrase(id=f"{count} bidang tidak dikenal", en=f"{count} fields are unknown")
            )

    def text(self, name: str) -> str:
        value = self.take(name)
        # Printed in messages and signatures, so no control characters and no second line.
        if not isinstance(value, str) or len(value) > _MAX_TEXT or not value.isprintable():
            raise TypeError(
                Phrase(
                    id=f"{name} harus satu baris, paling banyak {_MAX_TEXT} huruf",
                    en=f"{name} must be a single line of at most {_MAX_TEXT} characters",
                )
            )
        return value

    def count(self, name: str, *, least: int = 0) -> int:
        value = self.take(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(
                Phrase(id=f"{name} harus bilangan bulat", en=f"{name} must be a whole number")
            )
        if not least <= value <= _MAX_COUNT:
            raise ValueError(Phrase(id=f"{name} di luar batas", en=f"{name} is out of range"))
        return value

    def share(self, name: str) -> float:
        value = _real(self.take(name), name)
        if not 0 <= value <= 1:
            raise ValueError(
                Phrase(id=f"{name} harus dari 0 sampai 1", en=f"{name} must be from 0 to 1")
            )
        return value

    def inner_share(self, name: str) -> float:
        value = self.share(name)
        if value in (0, 1):
            raise ValueError(
                Phrase(id=f"{name} harus antara 0 dan 1", en=f"{name} must be between 0 and 1")
            )
        return value

    def items(self, name: str) -> list[Any]:
        value = self.take(name)
        if not isinstance(value, list):
            raise TypeError(Phrase(id=f"{name} harus daftar", en=f"{name} must be a list"))
        return value


def _real(value: Any, name: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise TypeError(
            Phrase(
                id=f"{name} harus bilangan berhingga",
                en=f"{name} must be a finite number",
            )
        )
    return float(value)
