"""Hints: what a person should look at again in a photo.

A hint never changes a fit: it is about the photo alone, not about how it fits its caption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgfit.calibration import scenes
from imgfit.language import Phrase
from imgfit.photos import Quality
from imgfit.remarks import Hint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from imgfit.embedding import PhotoEmbeddings
    from imgfit.photos import Copy

# Most limits are crossed by 1 to 3 % of untouched photos; benchmarks/quality.py measures that, and
# the share of spoilt photos that each limit catches.
LEAST_SHARPNESS = 0.45
LEAST_BRIGHTEST = 0.55
LEAST_BRIGHTNESS = 0.18
MOST_CLIPPED = 0.14
MOST_DESIGN = 0.90
# If the embedding is known, a photo's lift towards poster-like scenes counts as well: nine instead
# of seven of ten posters without a fixed frame are found, at as many false alarms.
LIFT_WEIGHT = 0.15
MOST_DESIGN_WITH_LIFT = 1.15
# Instagram enlarges a photo that is less than 320 pixels wide, and crops what is not between 4:5
# and 1.91:1 (its help page on photo resolution). Phones' own 20:9 is cropped but usual: a limit of
# 2.0 would mark 9 % of real posts.
LEAST_SIDE = 320
MOST_ASPECT = 2.3

_MEAN = Phrase(id="terang rata-rata", en="mean brightness")
_BRIGHTEST = Phrase(id="terang bagian yang paling terang", en="brightness of the brightest parts")

_DESIGNS = ("poster teks", "infografik", "logo", "tangkapan layar", "dokumen")

# Codes of hints that name another draft; all others speak of one photo alone.
DUPLICATE_HINTS = frozenset(["same_file", "near_copy"])


def photo_hints(
    quality: Quality, width: int, height: int, *, lift: float | None = None
) -> tuple[Hint, ...]:
    """Find what stands out in a photo.

    Args:
        quality: Its measures.
        width: Its width in pixels, as stored.
        height: Its height.
        lift: Its `design_lift`, if its embedding is known.

    Returns:
        Hints in a fixed order; none for most photos.
    """
    hints: list[Hint] = []
    if quality.sharpness < LEAST_SHARPNESS:
        hints.append(Hint("blurred", {"value": quality.sharpness, "limit": LEAST_SHARPNESS}))
    hints.extend(_dark(quality))
    if quality.clipped >= MOST_CLIPPED:
        hints.append(Hint("overexposed", {"value": quality.clipped, "limit": MOST_CLIPPED}))
    if min(width, height) < LEAST_SIDE:
        hints.append(Hint("low_resolution", {"value": min(width, height), "limit": LEAST_SIDE}))
    aspect = max(width, height) / min(width, height)
    if aspect > MOST_ASPECT:
        hints.append(Hint("extreme_aspect", {"value": aspect, "limit": MOST_ASPECT}))
    poster = _poster(quality.design, lift)
    return (*hints, poster) if poster is not None else tuple(hints)


def caption_hints(standard: str | None) -> tuple[Hint, ...]:
    """Say that a caption was read from the photo's own metadata.

    Args:
        standard: `Draft.caption_from`.

    Returns:
        One hint, or none.
    """
    return (Hint("caption_from_photo", {"value": standard}),) if standard else ()


def _dark(quality: Quality) -> Iterator[Hint]:
    """Name the limit that a dark photo crosses: of its mean, or else of its brightest parts."""
    for measure, value, limit in (
        (_MEAN, quality.brightness, LEAST_BRIGHTNESS),
        (_BRIGHTEST, quality.brightest, LEAST_BRIGHTEST),
    ):
        if value < limit:
            yield Hint("dark", {"value": value, "limit": limit, "measure": measure})
            return


def _poster(design: float, lift: float | None) -> Hint | None:
    value = design if lift is None else design + LIFT_WEIGHT * lift
    limit = MOST_DESIGN if lift is None else MOST_DESIGN_WITH_LIFT
    return Hint("poster", {"value": value, "limit": limit}) if value >= limit else None


def hints_of_photos(
    names: Sequence[str],
    photos: PhotoEmbeddings,
    copies: Sequence[Copy | None],
    scene_rows: NDArray[np.float32],
) -> list[tuple[Hint, ...]]:
    """Find what stands out in the photos of a batch, each by itself and among the others.

    Args:
        names: What the n drafts are called.
        photos: Theirs, measured by `QualityMeasure`.
        copies: What each is a copy of, n of them.
        scene_rows: As in `design_lift`.

    Returns:
        n answers; none for a photo that failed.
    """
    lifts = design_lift(photos.vectors, scene_rows)
    hints: list[tuple[Hint, ...]] = [()] * len(names)
    for place, (file, measures, copy) in enumerate(
        zip(photos.files, photos.measures, copies, strict=True)
    ):
        if file is None or not np.isfinite(measures).all():
            continue
        quality = Quality.from_row(measures)
        alone = photo_hints(quality, file.width, file.height, lift=float(lifts[place]))
        hints[place] = (*alone, copy_hint(copy, names[copy.other])) if copy else alone
    return hints


def copy_hint(copy: Copy, name: str) -> Hint:
    """Say which photo another one is a copy of.

    Args:
        copy: What was found.
        name: What the other draft is called.

    Returns:
        The hint.
    """
    if copy.same_file:
        return Hint("same_file", {"value": 0, "other": name})
    return Hint("near_copy", {"value": copy.bits, "other": name, "cosine": copy.cosine})


def design_lift(
    photos: NDArray[np.float32], scene_rows: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Tell how far photos lean towards posters, infographics, logos, screenshots and documents.

    Args:
        photos: Unit rows, shape ``(n, dim)``.
        scene_rows: Unit rows of the package's scenes, shape ``(s, dim)``, as a cohort keeps them.

    Returns:
        The highest of those scenes' cosines, in standard deviations of all scenes' from their
        mean, shape ``(n,)``: comparable among encoders, as a bare cosine is not.
    """
    cosines = photos @ scene_rows.T
    spread = cosines.std(axis=1)
    names = [scene.names["id"] for scene in scenes()]
    best = cosines[:, [names.index(name) for name in _DESIGNS]].max(axis=1)
    lift = (best - cosines.mean(axis=1)) / np.where(spread > 0, spread, 1)
    return np.asarray(lift, np.float32)
