"""The null of one encoder: how well unrelated photos and captions score, and the thresholds.

A calibration maps a normalised score to its fit. It belongs to one encoder, one cohort and one
way of cleaning captions, and refuses every other.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np

from imgfit.arguments import PATH, require_a
from imgfit.calibration.labels import Labels
from imgfit.calibration.norms import NORMALISATION
from imgfit.calibration.platt import BINS, Bin
from imgfit.calibration.positives import POSITIVE_KINDS, STEPS, PositiveKind, Positives
from imgfit.calibration.window_weights import LEAD_POOLING
from imgfit.captions import text_versions
from imgfit.errors import ArgumentError, CalibrationBrokenError, CalibrationMismatchError
from imgfit.files import Fields, parse_json, read_regular, write_whole
from imgfit.language import Phrase
from imgfit.printable import RefusedError, said_by

if TYPE_CHECKING:
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

# Of likelihood ratios' slopes and of scores in deviations; measured ones are below 20.
_STEEPEST = 20
# The pairs that a null was fitted on. `fitted`: separate reference drafts. `batch`: the drafts
# being judged, mismatched. `cohort`: only imgfit's own captions.
NullKind = Literal["fitted", "batch", "cohort"]


@dataclass(frozen=True, slots=True, repr=False)
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
        pooling: How windows were pooled: ``"lead045"`` by their place, or ``"learned-"`` and the
            digest of the model's weights.
        positives: Scores of right pairs by kind of caption; none if nobody measured them.
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
    pooling: str = LEAD_POOLING
    positives: tuple[Positives, ...] = ()

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
        pooling: str = LEAD_POOLING,
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
            pooling: How the windows of captions were pooled.

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
            pooling=pooling,
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

    def positives_of(self, kind: PositiveKind) -> Positives | None:
        """Return the scores of right pairs of one kind, if they were measured."""
        return next((found for found in self.positives if found.kind == kind), None)

    def pass_rate(self, kind: PositiveKind, far: float) -> float | None:
        """Return how many of the pairs that fit pass at a rate's threshold: what the rate costs.

        Args:
            kind: ``"everyday"`` captions, agencies' ``"titles"``, or ``"posts"``, titles with
                bodies.
            far: False-accept rate, in (0, 1).

        Returns:
            A share in [0, 1]; None if this calibration has no right pairs of the kind.
        """
        found = self.positives_of(kind)
        return None if found is None else found.share_from(self.score_at(far))

    def evidence_ratio(self, scores: ArrayLike, kind: PositiveKind = "posts") -> Floats | None:
        """Return how much likelier scores are if photo and caption belong together.

        Args:
            scores: Normalised, any shape.
            kind: Of the captions; agencies' posts, of which photos show least, if not given.

        Returns:
            Likelihood ratios above 0, same shape; None if there are no right pairs of the kind.
        """
        found = self.positives_of(kind)
        return None if found is None else found.ratio(scores)

    def require(
        self, *, fingerprint: str, cohort: str, norm: str, pooling: str = LEAD_POOLING
    ) -> None:
        """Refuse to judge scores that this null does not describe.

        Args:
            fingerprint: The encoder in use.
            cohort: Digest of the cohort in use.
            norm: Normalisation in use.
            pooling: Pooling of windows in use.

        Raises:
            CalibrationMismatchError: Any of them, or the cleaning, differs.
        """
        pairs = (
            (Phrase(id="model", en="model"), self.fingerprint, fingerprint),
            (Phrase(id="kohort", en="cohort"), self.cohort, cohort),
            (Phrase(id="pembersihan", en="cleaning"), self.texts, text_versions()),
            (Phrase(id="normalisasi", en="normalisation"), self.norm, norm),
            (Phrase(id="pembobotan jendela", en="pooling"), self.pooling, pooling),
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

    def __repr__(self) -> str:
        return f"<Calibration {self.name} of {self.negatives} pairs for {self.fingerprint}>"

    def _stored(self) -> dict[str, Any]:
        """Return the fields as they are written; those that are None are left out."""
        fields = {key: value for key, value in asdict(self).items() if value is not None}
        if self.kind == "fitted":
            del fields["kind"]
        if not self.positives:
            del fields["positives"]
        if self.pooling == LEAD_POOLING:
            del fields["pooling"]
        return fields

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the calibration as JSON, whole or not at all.

        Args:
            path: The file to write.

        Raises:
            ArgumentError: The file cannot be written, or the path is of the wrong type.
        """
        require_a("path", path, (str, os.PathLike), PATH)
        text = json.dumps(self._stored(), indent=1, ensure_ascii=False, allow_nan=False)
        write_whole(text + "\n", path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Calibration:
        """Read a calibration written by `save`.

        Args:
            path: The JSON file.

        Returns:
            The calibration.

        Raises:
            CalibrationBrokenError: The file is missing, too large, damaged or of another version.
            ArgumentError: The path is of the wrong type.
        """
        require_a("path", path, (str, os.PathLike), PATH)
        try:
            return _parsed(parse_json(read_regular(Path(path), _MAX_BYTES)))
        except (OSError, ValueError, ArithmeticError) as error:
            raise CalibrationBrokenError(path=path, cause=said_by(error)) from error


def _parsed(values: Any) -> Calibration:
    """Make a calibration of a stranger's JSON, or refuse whatever `save` does not write."""
    fields = Fields(values)
    calibration = Calibration(
        fingerprint=fields.text("fingerprint"),
        cohort=fields.text("cohort"),
        texts=fields.text("texts"),
        norm=fields.text("norm"),
        negatives=fields.count("negatives", least=1),
        source=fields.text("source"),
        quantiles=fields.reals("quantiles"),
        drafts=fields.optional("drafts", lambda name: fields.count(name, least=1)),
        far=fields.optional("far", fields.inner_share),
        labels=fields.optional("labels", lambda name: _parsed_labels(fields.inner(name))),
        kind=_kind(fields.text("kind")) if "kind" in fields else "fitted",
        pooling=fields.text("pooling") if "pooling" in fields else LEAD_POOLING,
        positives=_parsed_positives(fields),
    )
    fields.require_no_more()
    steps = np.diff(calibration.quantiles)
    if len(calibration.quantiles) != len(_PROBABILITIES) or not (steps >= 0).all():
        raise RefusedError(
            id="quantiles tidak naik selangkah demi selangkah",
            en="quantiles do not rise step by step",
        )
    return calibration


def _parsed_positives(fields: Fields) -> tuple[Positives, ...]:
    if "positives" not in fields:
        return ()
    parsed = tuple(_parsed_kind(inner) for inner in fields.objects("positives"))
    if len({positives.kind for positives in parsed}) != len(parsed):
        raise RefusedError(id="positives berulang", en="positives name a kind twice")
    return parsed


def _parsed_kind(fields: Fields) -> Positives:
    name = fields.text("kind")
    kind = next((known for known in POSITIVE_KINDS if known == name), None)
    if kind is None:
        raise RefusedError(
            id="jenis positives tidak dikenal", en="positives are of an unknown kind"
        )
    parsed = Positives(
        kind=kind,
        pairs=fields.count("pairs", least=1),
        source=fields.text("source"),
        quantiles=fields.reals("quantiles"),
        slope=fields.real("slope"),
        intercept=fields.real("intercept"),
    )
    fields.require_no_more()
    rising = len(parsed.quantiles) == len(STEPS) and bool((np.diff(parsed.quantiles) >= 0).all())
    # Bounds keep the exponent finite.
    bounded = 0 < parsed.slope <= _STEEPEST and abs(parsed.intercept) <= _STEEPEST
    if not rising or not bounded or max(map(abs, parsed.quantiles)) > _STEEPEST:
        raise RefusedError(id="isi positives bertentangan", en="positives contradict themselves")
    return parsed


def _kind(value: str) -> NullKind:
    for kind in get_args(NullKind):
        if value == kind:
            return cast("NullKind", kind)
    raise RefusedError(id="kind tidak dikenal", en="kind is unknown")


def _parsed_labels(fields: Fields) -> Labels:
    labels = Labels(
        positives=fields.count("positives", least=1),
        negatives=fields.count("negatives", least=1),
        independent=fields.count("independent", least=1),
        accepted=fields.count("accepted"),
        bound=fields.share("bound"),
        confidence=fields.inner_share("confidence"),
        frr=fields.share("frr"),
        slope=fields.real("slope"),
        intercept=fields.real("intercept"),
        auc=fields.share("auc"),
        eer=fields.share("eer"),
        calibration_error=fields.share("calibration_error"),
        bins=tuple(_parsed_bin(inner) for inner in fields.objects("bins")),
        roc=tuple(_corner(values) for values in fields.items("roc")),
    )
    fields.require_no_more()
    if len(labels.bins) > BINS or labels.slope <= 0 or labels.accepted > labels.independent:
        raise RefusedError(id="isi labels bertentangan", en="labels contradict themselves")
    return labels


def _parsed_bin(fields: Fields) -> Bin:
    found = Bin(fields.count("count", least=1), fields.share("probability"), fields.share("share"))
    fields.require_no_more()
    return found


def _corner(values: Any) -> tuple[float, float, float]:
    threshold, far, frr = Fields({"roc": values}).reals("roc", length=3)
    return threshold, far, frr
