"""Scoring trials: from embeddings of photos and captions to normalised scores and fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from imgfit import metrics
from imgfit.calibration import COHORT_TOP
from imgfit.cohort import Cohort, cohort_captions, scenes
from imgfit.embedding import CaptionEmbeddings, Encoder, embed_texts
from imgfit.scores import Alternative, Window, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from imgfit.calibration import Calibration
    from imgfit.metrics import Floats, Vectors

# Photos scored against all captions at once: bounds the matrix at 4 MB a thousand captions.
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Trial:
    """One scored pair of photo and caption.

    Attributes:
        raw: Cosine of the photo and the caption's pooled embedding, in [-1, 1].
        normalised: Its adaptive s-norm, in standard deviations.
        fit: Share of unrelated pairs that score lower, in [0, 1].
        probability: That they belong together, in [0, 1]; None where the calibration has no
            labels.
        windows: The caption's windows with their own scores.
        other: The other draft's caption that fits the photo best, if there is another.
        scene: The scene that fits the photo best.
    """

    raw: float
    normalised: float
    fit: float
    probability: float | None
    windows: tuple[Window, ...]
    other: Alternative | None
    scene: Alternative


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores embeddings against one encoder's cohorts and null.

    Attributes:
        calibration: The null.
        cohort: The cohorts.
    """

    calibration: Calibration
    cohort: Cohort

    def normalise(self, raw: NDArray[np.floating], photos: Vectors, captions: Vectors) -> Floats:
        """Apply adaptive s-norm with the cohorts.

        Args:
            raw: Cosines of trials ``(n,)``, or of all photos against all captions ``(n, m)``.
            photos: Unit rows, shape ``(n, dim)``.
            captions: Unit rows, shape ``(n, dim)`` or ``(m, dim)``.

        Returns:
            In standard deviations of the cohorts, same shape as ``raw``.
        """
        return normalise(raw, photos @ self.cohort.captions.T, captions @ self.cohort.photos.T)

    def score(
        self, photos: Vectors, captions: CaptionEmbeddings, names: Sequence[tuple[str, str]]
    ) -> list[Trial]:
        """Score n photos against their own captions, and find what else each speaks for.

        Args:
            photos: Unit rows, shape ``(n, dim)``.
            captions: n captions.
            names: Each draft's id and caption as written, to name it in another's reason.

        Returns:
            n trials, in order.
        """
        owner = captions.owner
        raw = np.einsum("nd,nd->n", photos, captions.pooled, dtype=np.float64)
        raw_windows = np.einsum("md,md->m", photos[owner], captions.windows, dtype=np.float64)
        normalised = self.normalise(raw, photos, captions.pooled)
        fits = self.calibration.fit(normalised)
        labels = self.calibration.labels
        chances = labels.probability(normalised).tolist() if labels else [None] * len(photos)
        windows = [
            Window(text, float(cosine), float(fit))
            for text, cosine, fit in zip(
                captions.texts,
                raw_windows,
                self.calibration.fit(self.normalise(raw_windows, photos[owner], captions.windows)),
                strict=True,
            )
        ]
        others = self._best_other(photos, captions.pooled, names)
        best_scenes = self._best_scene(photos)
        ends = np.searchsorted(owner, np.arange(len(photos) + 1))
        return [
            Trial(
                raw=float(raw[n]),
                normalised=float(normalised[n]),
                fit=float(fits[n]),
                probability=chances[n],
                windows=tuple(windows[ends[n] : ends[n + 1]]),
                other=others[n],
                scene=best_scenes[n],
            )
            for n in range(len(photos))
        ]

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
        by_photo = photos @ self.cohort.captions.T
        by_caption = captions @ self.cohort.photos.T
        scores = [np.empty(0)]
        for photo, caption in pairs:
            raw = np.einsum("nd,nd->n", photos[photo], captions[caption], dtype=np.float64)
            scores.append(normalise(raw, by_photo[photo], by_caption[caption]))
        return np.concatenate(scores)

    def _best_other(
        self, photos: Vectors, captions: Vectors, names: Sequence[tuple[str, str]]
    ) -> list[Alternative | None]:
        """Return, for each photo, the other draft's caption that fits it best."""
        # A copy of the draft's own caption is no other caption.
        texts = np.unique([text for _, text in names], return_inverse=True)[1]
        best: list[Alternative | None] = []
        for start in range(0, len(photos), _BLOCK):
            block = photos[start : start + _BLOCK]
            scores = self.normalise(block @ captions.T, block, captions)
            own = texts[start : start + len(block)]
            scores[own[:, None] == texts[None, :]] = -np.inf
            columns = scores.argmax(axis=1)
            tops = scores[np.arange(len(block)), columns]
            for column, fit, top in zip(columns, self.calibration.fit(tops), tops, strict=True):
                name, text = names[column]
                best.append(
                    Alternative({"en": name, "id": name}, quoted(text), float(fit))
                    if np.isfinite(top)
                    else None
                )
        return best

    def _best_scene(self, photos: Vectors) -> list[Alternative]:
        """Return, for each photo, the scene of the package's list that fits it best."""
        scores = self.normalise(photos @ self.cohort.scenes.T, photos, self.cohort.scenes)
        columns = scores.argmax(axis=1)
        fits = self.calibration.fit(scores[np.arange(len(photos)), columns])
        return [
            Alternative(scenes()[column].names, scenes()[column].prompts[0], float(fit))
            for column, fit in zip(columns, fits, strict=True)
        ]


def normalise(
    raw: NDArray[np.floating],
    caption_cohort: NDArray[np.floating],
    photo_cohort: NDArray[np.floating],
) -> Floats:
    """Apply the one normalisation that scores and nulls share.

    Args:
        raw: As in `metrics.s_norm`.
        caption_cohort: Scores of each photo against the caption cohort, shape ``(n, k)``.
        photo_cohort: Scores of each caption against the photo cohort, shape ``(n, l)``.

    Returns:
        `metrics.adaptive_s_norm` by the `COHORT_TOP` fittest of each cohort, or by all of a
        cohort that is smaller; same shape as ``raw``.
    """
    top = min(COHORT_TOP, caption_cohort.shape[1], photo_cohort.shape[1])
    return metrics.adaptive_s_norm(raw, caption_cohort, photo_cohort, top=top)


def embed_cohort(encoder: Encoder, photos: NDArray[np.float32]) -> Cohort:
    """Make the cohort of an encoder: the package's captions and scenes, and photos' embeddings.

    Args:
        encoder: Who embeds.
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
