"""Explaining a score: which region of the photo supports which window of the caption."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from imgfit.arguments import PATH, require_a
from imgfit.calibration import COHORT_TOP
from imgfit.errors import ArgumentError
from imgfit.explaining import heatmap
from imgfit.explaining.regions import Method, find_regions, seen_box
from imgfit.files import write_whole
from imgfit.language import Phrase, or_system

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

    from imgfit.embedding import CaptionEmbeddings
    from imgfit.encoders import Encoder
    from imgfit.language import Language
    from imgfit.metrics import Vectors
    from imgfit.scoring import Score

# Exact: a region is drawn in full colour where a photo made of nothing else would lie this many
# standard deviations of the 50 fittest cohort captions above their mean; so a caption that nothing
# supports stays grey instead of lighting up its least bad corner. With the example drafts, right
# captions reach 4 to 17 and wrong ones less than 4.
_FULL_DEVIATIONS = 8.0
# Occlusion: the fall of the cosine shows where, not how much: with the example drafts it falls as
# far for wrong captions as for right ones. So colour is relative to the greatest fall, and a text
# whose verdict is silent is drawn with this share of it.
_SILENT_STRENGTH = 0.4
_LEAST_FULL = 1e-6

# A photo is decoded with at least this short side to be drawn on.
DRAWN_SIDE = 400


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What each region of a photo adds to its cosine with a caption, and with its windows.

    The exact method counts heat beyond a baseline: what the region adds, on average, for the 50
    captions of the cohort that fit this photo best. Without it, regions that suit any text would
    light up for every text. Occlusion has no baseline. Both were measured on composed photos
    (``benchmarks/README.md``).

    Attributes:
        score: The check of the same photo and caption.
        heat: Shape ``(h, w)``. Method ``exact``: cosine that the region adds beyond the baseline;
            with ``baseline`` added, it sums to ``score.cosine``. Method ``occlusion``: cosine
            that covering the region takes away.
        window_heat: The same for each of ``score.windows``, shape ``(k, h, w)``.
        baseline: Shape ``(h, w)``; zeros for occlusion.
        method: ``"exact"`` or ``"occlusion"``.
        patch: Side of the covering square in the tower's pixels; None for exact.
        stride: How far it is moved each time; None for exact.
        box: Left, top, right and bottom of the heat on the photo, in shares of its width and
            height.
        full: Heat at which the picture is in full colour.
    """

    score: Score
    heat: NDArray[np.float32]
    window_heat: NDArray[np.float32]
    baseline: NDArray[np.float32]
    method: Method
    patch: int | None
    stride: int | None
    box: tuple[float, float, float, float]
    full: float
    _photo: Image.Image = field(repr=False)

    @property
    def contributions(self) -> NDArray[np.float32]:
        """What each region adds to the cosine, baseline and all, shape ``(h, w)``."""
        return self.heat + self.baseline

    def image(self, language: Language | None = None) -> Image.Image:
        """Draw the photo with the heat over it, once for the caption and once for each window.

        Args:
            language: ``"id"`` or ``"en"``; the system's if not given.

        Returns:
            An RGB picture that names its method and its scale.

        Raises:
            ArgumentError: It is another language.
        """
        language = or_system(language)
        return heatmap.draw(self._photo, self._panels(), self._key(language), language)

    def save(self, path: str | os.PathLike[str], language: Language | None = None) -> None:
        """Write the picture, whole or not at all.

        Args:
            path: A file ending in ``.png``; an existing one is replaced.
            language: ``"id"`` or ``"en"``; the system's if not given.

        Raises:
            ArgumentError: Another ending or language, or the file cannot be written.
        """
        require_a("path", path, (str, os.PathLike), PATH)
        if not os.fspath(path).lower().endswith(".png"):
            needed = Phrase(id="nama harus berakhiran .png", en="a name ending in .png")
            raise ArgumentError(argument="path", value=path, needed=needed)
        file = io.BytesIO()
        self.image(language).save(file, "PNG", optimize=True)
        write_whole(file.getvalue(), path)

    def _panels(self) -> list[heatmap.Panel]:
        score = self.score
        several = len(score.windows) > 1
        whole = heatmap.Panel(
            score.text, score.fit, self._strength(self.heat, score.fit), whole=several
        )
        parts = [
            heatmap.Panel(window.text, window.fit, self._strength(heat, window.fit))
            for window, heat in zip(score.windows, self.window_heat, strict=True)
        ]
        return [whole, *parts] if several else [whole]

    def _strength(self, heat: NDArray[np.float32], fit: float | None) -> NDArray[np.float32]:
        """Bring heat to the picture's scale."""
        silent = fit is None or self.score.thresholds.verdict(fit) == "silent"
        faded = _SILENT_STRENGTH if self.method == "occlusion" and silent else 1.0
        return heat * (faded / self.full)

    def _key(self, language: Language) -> heatmap.Key:
        grid = f"{self.heat.shape[1]} x {self.heat.shape[0]}"
        facts = {"grid": grid, "patch": self.patch, "stride": self.stride}
        return heatmap.Key(
            method=heatmap.METHODS[language][self.method].format_map(facts),
            box=self.box,
            model=self.score.signature.field("model"),
        )


def explain_score(
    score: Score,
    encoder: Encoder,
    pixels: NDArray[np.float32],
    captions: CaptionEmbeddings,
    *,
    photo: Image.Image,
    cohort: Vectors,
    batch_size: int,
    method: Method | None = None,
) -> Explanation:
    """Explain one score.

    Args:
        score: A score without an error, with windows.
        encoder: The encoder that made it.
        pixels: The photo as the tower sees it, shape ``(3, h, w)``.
        captions: The one caption, embedded.
        photo: The photo to draw on.
        cohort: Unit rows of the caption cohort, shape ``(m, dim)``.
        batch_size: Photos a forward pass.
        method: ``"exact"`` or ``"occlusion"``; the exact one if it can be had, if not given.

    Returns:
        The explanation.

    Raises:
        ArgumentError: The method cannot be had, or the preprocessing does more than resize, crop
            or pad.
    """
    regions = find_regions(encoder, pixels, batch_size=batch_size, method=method)
    box = seen_box(encoder, photo.size)
    heat = regions.vectors @ captions.pooled[0]
    window_heat = np.moveaxis(regions.vectors @ captions.windows.T, -1, 0)
    baseline = np.zeros_like(heat)
    full = float(max(heat.max(), window_heat.max()))
    if regions.method == "exact":
        cosines = cohort @ regions.photo
        top = min(COHORT_TOP, len(cohort))
        fittest = np.argpartition(cosines, len(cohort) - top)[-top:]
        baseline = regions.vectors @ cohort[fittest].mean(axis=0)
        full = _FULL_DEVIATIONS * float(cosines[fittest].std()) / heat.size
    return Explanation(
        score=score,
        heat=(heat - baseline).astype(np.float32),
        window_heat=(window_heat - baseline).astype(np.float32),
        baseline=baseline.astype(np.float32),
        method=regions.method,
        patch=regions.patch,
        stride=regions.stride,
        box=box,
        full=max(full, _LEAST_FULL),
        _photo=photo,
    )
