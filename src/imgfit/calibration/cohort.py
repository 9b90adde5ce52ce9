"""The cohorts: unrelated captions and photos that every score is normalised against.

The captions are text in the package, written for this project in the manner of agencies' posts,
so they serve any encoder. The photos are embeddings, kept beside the model that made them.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from imgfit.calibration.norms import normalise
from imgfit.errors import CalibrationBrokenError, CalibrationMismatchError
from imgfit.files import write_whole
from imgfit.language import Phrase
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from imgfit.metrics import Floats, Vectors


@dataclass(frozen=True, slots=True)
class Scene:
    """Something a photo may show, to be named if the photo does not fit its caption.

    Attributes:
        names: Its name, by language.
        prompts: Sentences that a photo of it would match, one a language.
        kind: ``"poster"`` and ``"logo"`` are not photos, ``"generic"`` would fit any post;
            ``""`` for all others.
    """

    names: dict[str, str]
    prompts: tuple[str, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Embeddings of the cohorts by one encoder.

    Attributes:
        photos: Unit rows, shape ``(k, dim)``: unrelated photos; k is 0 if none are known, and
            scores are normalised by t-norm alone.
        captions: Unit rows, shape ``(m, dim)``: `cohort_captions`, in order.
        scenes: Unit rows, shape ``(s, dim)``: `scenes`, in order, mean of a scene's prompts.
        fingerprint: The encoder that made them.
    """

    photos: NDArray[np.float32]
    captions: NDArray[np.float32]
    scenes: NDArray[np.float32]
    fingerprint: str

    @property
    def digest(self) -> str:
        """Identity of the cohort: 8 hex digits over the caption texts and photo embeddings."""
        digest = hashlib.sha256("\n".join(cohort_captions()).encode())
        digest.update(np.ascontiguousarray(self.photos, "<f2").tobytes())
        return digest.hexdigest()[:8]

    def normalise(self, raw: NDArray[np.floating], photos: Vectors, captions: Vectors) -> Floats:
        """Normalise cosines by this cohort.

        Args:
            raw: Cosines of trials ``(n,)``, or of all photos against all captions ``(n, m)``.
            photos: Unit rows, shape ``(n, dim)``.
            captions: Unit rows, shape ``(n, dim)`` or ``(m, dim)``.

        Returns:
            In standard deviations of the cohort, same shape as ``raw``.
        """
        return normalise(raw, photos @ self.captions.T, captions @ self.photos.T)

    def mismatched(
        self,
        photos: Vectors,
        captions: Vectors,
        pairs: Iterable[tuple[NDArray[np.intp], NDArray[np.intp]]],
    ) -> Floats:
        """Score photos against captions of other drafts.

        Args:
            photos: Unit rows, shape ``(n, dim)``.
            captions: Unit rows, shape ``(n, dim)``.
            pairs: Rows of photos and rows of captions, two arrays of equal shape each time.

        Returns:
            The normalised scores of all pairs, shape ``(k,)``.
        """
        by_photo = photos @ self.captions.T
        by_caption = captions @ self.photos.T
        scores = [np.empty(0)]
        for photo, caption in pairs:
            raw = np.einsum("nd,nd->n", photos[photo], captions[caption], dtype=np.float64)
            scores.append(normalise(raw, by_photo[photo], by_caption[caption]))
        return np.concatenate(scores)

    def save(self, path: Path) -> None:
        """Write the cohort as safetensors, half precision, whole or not at all.

        Args:
            path: The file to write.

        Raises:
            ArgumentError: The file cannot be written.
        """
        tensors = {
            name: np.ascontiguousarray(getattr(self, name), np.float16)
            for name in ("photos", "captions", "scenes")
        }
        metadata = {"fingerprint": self.fingerprint, "texts": _texts_digest()}
        write_whole(save(tensors, metadata=metadata), path)

    @classmethod
    def load(cls, path: Path, *, fingerprint: str, dim: int) -> Cohort:
        """Read a cohort and check that it belongs to an encoder and to this package's texts.

        Args:
            path: A file written by `save`.
            fingerprint: The encoder in use.
            dim: Its embedding length.

        Returns:
            The cohort, float32.

        Raises:
            CalibrationBrokenError: The file is damaged or of another shape.
            CalibrationMismatchError: It was made by another encoder or from other texts.
        """
        try:
            with safe_open(path, framework="numpy") as file:
                metadata = file.metadata() or {}
                found = {name: file.get_tensor(name) for name in ("photos", "captions", "scenes")}
        except (OSError, SafetensorError, ValueError, TypeError) as error:
            raise CalibrationBrokenError(path=path, cause=said_by(error)) from error
        made_by = metadata.get("fingerprint", "?")
        if made_by != fingerprint:
            raise CalibrationMismatchError(what="model", calibrated=made_by, actual=fingerprint)
        if metadata.get("texts") != _texts_digest():
            raise CalibrationMismatchError(
                what=Phrase(id="kohort", en="cohort"),
                calibrated=metadata.get("texts", "?"),
                actual=_texts_digest(),
            )
        rows = {"captions": len(cohort_captions()), "scenes": len(scenes())}
        for name, tensor in found.items():
            expected = (rows.get(name, len(tensor)), dim)
            if tensor.shape != expected or not np.isfinite(tensor).all():
                raise CalibrationBrokenError(
                    path=path,
                    cause=Phrase(id=f"{name} bukan {expected}", en=f"{name} is not {expected}"),
                )
        return cls(
            **{name: tensor.astype(np.float32) for name, tensor in found.items()},
            fingerprint=fingerprint,
        )


@cache
def cohort_captions() -> tuple[str, ...]:
    """Return the caption cohort.

    Returns:
        A few hundred captions, Indonesian and English.
    """
    return tuple(row["caption"] for row in _rows("cohort.tsv"))


@cache
def scenes() -> tuple[Scene, ...]:
    """Return the scenes that a photo may show.

    Returns:
        About 150 scenes, each named in both languages.
    """
    return tuple(
        Scene({"id": row["id"], "en": row["en"]}, (row["id_prompt"], row["en_prompt"]), row["kind"])
        for row in _rows("scenes.tsv")
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("imgfit.calibration").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def _texts_digest() -> str:
    """Identity of the texts that the stored embeddings stand for."""
    texts = [*cohort_captions(), *(prompt for scene in scenes() for prompt in scene.prompts)]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8]
