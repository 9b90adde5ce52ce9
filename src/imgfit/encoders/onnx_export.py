"""From a model folder to ONNX files in the user's cache: exported once, compared, then kept.

An export's folder is named by everything it depends on, written whole or not at all, and read by
later runs without torch.
"""

from __future__ import annotations

import shutil
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from imgfit.calibration import Calibration, Cohort, cohort_captions
from imgfit.encoders.onnx_towers import (
    RECORD_ERRORS,
    TOWERS,
    Drift,
    Export,
    file_digest,
    runtime_missing,
    runtime_version,
)
from imgfit.errors import (
    ExportDamagedError,
    ExportError,
    ExportWarning,
    ImgfitError,
)
from imgfit.files import exports_folder, remove_stale, staged_folder
from imgfit.language import Phrase
from imgfit.metrics import unit
from imgfit.photos import sample_photos
from imgfit.printable import said_by

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.encoders.model import ModelEncoder, Towers
    from imgfit.models import Trim

# Changes with anything that changes an export; part of its folder's name.
EXPORT_VERSION = 2

# Euclidean distance of two unit rows bounds the change of any cosine. Folding and another order
# of summing leave about 1e-6 (benchmarks/encode.py); ten times that would be a mistake.
MOST_DISTANCE = 1e-5
# 8 bits that move the average fit by more than this would blur the verdicts at FAR 0.05. It also
# catches a CPU whose 8-bit products saturate.
MOST_FIT_DRIFT = 0.05
LEAST_COSINE = 0.97

_PHOTOS = 32


def open_export(encoder: ModelEncoder, *, int8: bool = False, root: Path | None = None) -> Export:
    """Find a model's export, or make it.

    Args:
        encoder: The model in torch; its towers are loaded only if there is no export.
        int8: Whether to compute in 8 bits.
        root: Folder that exports are kept in; the user's cache if not given.

    Returns:
        The export.

    Raises:
        RuntimeMissingError: A package that is needed is not installed.
        ExportError: The towers cannot be exported, or the export is not close enough.
    """
    root = root or exports_folder()
    name = f"{encoder.origin}-{EXPORT_VERSION}-{runtime_version()}"
    place = root / (f"{name}-int8" if int8 else name)
    remove_stale(root)
    if place.is_dir():
        try:
            return Export.read(place)
        except RECORD_ERRORS as error:
            damaged = ExportDamagedError(path=place, cause=said_by(error))
            warnings.warn(ExportWarning(damaged), stacklevel=2)
            shutil.rmtree(place, ignore_errors=True)
    base = open_export(encoder, root=root) if int8 else None
    try:
        root.mkdir(parents=True, exist_ok=True)
        with staged_folder(root) as made:
            (_quantise(encoder, base, made) if base else _export(encoder, made)).save()
            try:
                made.rename(place)
            except OSError:
                # Another process was first; its export is as good as this one.
                if not place.is_dir():
                    raise
        return Export.read(place)
    except ImgfitError:
        raise
    except ImportError as error:
        raise runtime_missing(error.name or str(error)) from error
    except Exception as error:  # whatever torch, onnx or the file system makes of it
        raise ExportError(folder=encoder.folder.path, cause=said_by(error)) from error


def _export(encoder: ModelEncoder, path: Path) -> Export:
    """Export both towers in float32 and compare them with torch's."""
    from imgfit.encoders.torch_towers import TorchTowers, export_towers  # noqa: PLC0415 - torch, when needed

    towers = TorchTowers(encoder.vetted, device="cpu")
    pixels = encoder.prepare(sample_photos(1)[0])[None]
    ids = encoder.tokenizer.ids(cohort_captions()[:2])
    export_towers(towers.model, path, pixels.repeat(2, axis=0), ids)
    made = _recorded(path, trim=towers.trim)
    drift = measure_drift(encoder, towers, made.load())
    if not drift.distance <= MOST_DISTANCE:
        raise ExportError(
            folder=encoder.folder.path,
            cause=Phrase(
                id=f"hasilnya berbeda {drift.distance:.1e} dari torch, batasnya {MOST_DISTANCE:g}",
                en=f"embeddings differ from torch's by {drift.distance:.1e}, the limit is "
                f"{MOST_DISTANCE:g}",
            ),
        )
    return _recorded(path, trim=towers.trim, drift=drift)


def _quantise(encoder: ModelEncoder, base: Export, path: Path) -> Export:
    """Quantise an export's towers and compare them with it."""
    from imgfit.encoders.onnx_int8 import quantise  # noqa: PLC0415 - onnx, when needed

    photos = [encoder.prepare(photo) for photo in sample_photos(_PHOTOS)]
    singly = tuple(
        name for name in TOWERS if quantise(base.path / name, path / name, photos) == "dynamic"
    )
    made = _recorded(path, trim=base.trim, singly=singly, int8=True)
    drift = measure_drift(encoder, base.load(), made.load())
    too_far = drift.fit_mean is not None and drift.fit_mean > MOST_FIT_DRIFT
    if too_far or not min(drift.photo_cosine, drift.text_cosine) >= LEAST_COSINE:
        raise ExportError(
            folder=encoder.folder.path,
            cause=Phrase(
                id=f"8 bit menyimpang terlalu jauh: kosinus rata-rata {drift.photo_cosine:.3f} "
                f"(foto) dan {drift.text_cosine:.3f} (teks), perubahan kecocokan rata-rata "
                f"{drift.fit_mean}",
                en=f"8 bits drift too far: mean cosine {drift.photo_cosine:.3f} (photos) and "
                f"{drift.text_cosine:.3f} (texts), mean change of fit {drift.fit_mean}",
            ),
        )
    return _recorded(path, trim=base.trim, singly=singly, int8=True, drift=drift)


def _recorded(
    path: Path,
    *,
    trim: Trim,
    int8: bool = False,
    singly: tuple[str, ...] = (),
    drift: Drift | None = None,
) -> Export:
    digests = {name: file_digest(path / name) for name in TOWERS}
    return Export(path, int8, trim, singly, drift or Drift(0, 0, 0, 0), digests)


def measure_drift(encoder: ModelEncoder, first: Towers, second: Towers) -> Drift:
    """Compare two runtimes of one model on photos made in code and the caption cohort.

    Args:
        encoder: The model: its tokens and preprocessing.
        first: Towers to compare with; the model's calibration was fitted for them.
        second: Towers to compare.

    Returns:
        How far the second's embeddings and fits lie from the first's.
    """
    pixels = [encoder.prepare(photo) for photo in sample_photos(_PHOTOS)]
    ids = encoder.tokenizer.ids(cohort_captions())
    (photos, texts), (other_photos, other_texts) = (
        (
            unit(
                np.concatenate(
                    [towers.encode_photos(np.stack(batch)) for batch in _batches(pixels)]
                )
            ),
            unit(np.concatenate([towers.encode_ids(batch) for batch in _batches(ids)])),
        )
        for towers in (first, second)
    )
    photo_cosines = np.einsum("nd,nd->n", photos, other_photos, dtype=np.float64)
    text_cosines = np.einsum("nd,nd->n", texts, other_texts, dtype=np.float64)
    distance = max(
        float(np.linalg.norm(photos - other_photos, axis=1).max()),
        float(np.linalg.norm(texts - other_texts, axis=1).max()),
    )
    change = None
    folder = encoder.folder
    if folder.calibration.is_file() and folder.cohort.is_file():
        cohort = Cohort.load(folder.cohort, fingerprint=encoder.origin, dim=encoder.dim)
        calibration = Calibration.load(folder.calibration)
        fits = [
            calibration.fit(cohort.normalise(p @ t.T, p, t))
            for p, t in ((photos, texts), (other_photos, other_texts))
        ]
        change = np.abs(fits[0] - fits[1])
    return Drift(
        photo_cosine=float(photo_cosines.mean()),
        text_cosine=float(text_cosines.mean()),
        least_cosine=float(min(photo_cosines.min(), text_cosines.min())),
        distance=distance,
        fit_mean=None if change is None else float(change.mean()),
        fit_most=None if change is None else float(change.max()),
    )


def _batches(rows: Any) -> list[Any]:
    return [rows[start : start + _PHOTOS] for start in range(0, len(rows), _PHOTOS)]
