"""Fallback cohort and null for models without a calibration.

For such a model only imgfit's own captions are known. Scores are normalised by t-norm against them,
and a fit is the share of *imgfit's captions* that a caption beats for a photo, each compared with
the rest in the same way. Real captions are harder rivals: with the built-in model two to three
times as many unrelated pairs pass as asked. A dozen drafts that differ make a better null, if they
are mismatched (`imgfit.scoring.scorer.Scorer.with_batch_null`); benchmarks/uncalibrated.py measures
both.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError

from imgfit import metrics
from imgfit.calibration import COHORT_TOP, T_NORMALISATION, Calibration, Cohort
from imgfit.embedding import embed_images
from imgfit.errors import ArgumentError, ModelError
from imgfit.files import cohorts_folder, staged_folder
from imgfit.photos import sample_photos
from imgfit.scoring.scorer import embed_cohort

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from imgfit.encoders import Encoder
    from imgfit.metrics import Floats

# Photos made in code that the captions are held against each other on. The null of real photos
# has its 95 % quantile within 0.04 deviations of these (benchmarks/uncalibrated.py).
_PHOTOS = 32
_COHORT, _NULL = "cohort.safetensors", "null.json"


def fallback_null(encoder: Encoder, *, root: Path | None = None) -> tuple[Cohort, Calibration]:
    """Return the fallback cohort and null of a model, made once and kept in the user's cache.

    Making it takes the model: it embeds some 660 sentences and 32 pictures made in code.

    Args:
        encoder: The model.
        root: Folder that they are kept in; the user's cache if not given.

    Returns:
        A cohort without photos, and a null of the kind ``"cohort"``.

    Raises:
        EncoderFailedError: The encoder raised.
    """
    place = (root or cohorts_folder()) / encoder.fingerprint
    try:
        return _read(place, encoder)
    except ModelError:
        made = make_fallback_null(encoder)
    _keep(place, *made)
    return made


def make_fallback_null(encoder: Encoder) -> tuple[Cohort, Calibration]:
    """Make the fallback cohort and null of a model.

    Args:
        encoder: The model.

    Returns:
        A cohort without photos, and a null of the kind ``"cohort"``.

    Raises:
        EncoderFailedError: The encoder raised.
    """
    cohort = embed_cohort(encoder, np.empty((0, encoder.dim), np.float32))
    photos = embed_images(encoder, sample_photos(_PHOTOS))
    null = Calibration.from_negatives(
        _each_against_the_rest(photos @ cohort.captions.T, COHORT_TOP),
        fingerprint=encoder.fingerprint,
        cohort=cohort.digest,
        source="captions of the package, each against the rest",
        norm=T_NORMALISATION,
        kind="cohort",
    )
    return cohort, null


def _each_against_the_rest(scores: NDArray[np.floating], top: int) -> Floats:
    """Apply t-norm to each caption of a cohort by the fittest of the other captions.

    Args:
        scores: Of photos with the cohort's captions, shape ``(n, k)``, k above ``top``.
        top: How many of the others are kept.

    Returns:
        Normalised scores, same shape.
    """
    result = np.empty(scores.shape)
    for column in range(scores.shape[1]):
        rest = np.delete(scores, column, axis=1)
        result[:, column] = metrics.t_norm(scores[:, column], metrics.fittest(rest, top))
    return result


def _read(place: Path, encoder: Encoder) -> tuple[Cohort, Calibration]:
    """Read what was kept; raises if it is damaged or of other texts."""
    cohort = Cohort.load(place / _COHORT, fingerprint=encoder.fingerprint, dim=encoder.dim)
    null = Calibration.load(place / _NULL)
    null.require(fingerprint=encoder.fingerprint, cohort=cohort.digest, norm=T_NORMALISATION)
    return cohort, null


def _keep(place: Path, cohort: Cohort, null: Calibration) -> None:
    """Write both, whole or not at all; if that fails they are made again next time."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with staged_folder(place.parent) as made:
            cohort.save(made / _COHORT)
            null.save(made / _NULL)
            shutil.rmtree(place, ignore_errors=True)
            made.rename(place)
    except (OSError, SafetensorError, ArgumentError):
        pass  # another process was first, or the disk is full: nothing is lost but time
