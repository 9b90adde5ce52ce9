"""Where in a photo an embedding comes from: one vector a region, by linearity or by occlusion.

Both ways give vectors that are linear in the text: a region's vector times a text's embedding is
what the region adds to their cosine. So a photo is looked at once, however many texts are asked
about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from PIL import Image

from imgfit.encoders import RegionEncoder
from imgfit.errors import ArgumentError
from imgfit.language import Phrase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imgfit.encoders import Encoder
    from imgfit.metrics import Vectors

Method = Literal["exact", "occlusion"]
METHODS = get_args(Method)

# A square of a quarter of the tower's side, moved by an eighth: 49 looks at a photo, and every
# part but the rim is covered by four of them.
PATCH_SHARE = 4
STRIDE_SHARE = 8

# Regions must add up to the embedding this closely, or the tower is not what it seemed.
_EXACT_WITHIN = 1e-4
# The finest picture that coordinates are read from: a channel holds 256 levels.
_LEVELS = 255
_VALID = 0.5
_AXIS_WITHIN = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """What each region of a photo adds to its embedding.

    Attributes:
        vectors: Shape ``(h, w, dim)``. Exact: they add up to the photo's unit embedding.
            Occlusion: the unit embedding less that of the photo with the region covered.
        photo: The photo's unit embedding, shape ``(dim,)``.
        method: ``"exact"`` or ``"occlusion"``.
        patch: Side of the covering square in the tower's pixels; None for exact.
        stride: How far it is moved each time; None for exact.
    """

    vectors: NDArray[np.float32]
    photo: Vectors
    method: Method
    patch: int | None = None
    stride: int | None = None


def find_regions(
    encoder: Encoder, pixels: NDArray[np.float32], *, batch_size: int, method: Method | None = None
) -> Regions:
    """Look at one photo region by region.

    Args:
        encoder: Embeds photos. A `RegionEncoder` is asked for vectors that add up to its embedding.
        pixels: The tower's input, shape ``(3, h, w)``.
        batch_size: Covered photos a forward pass.
        method: ``"exact"`` or ``"occlusion"``; the exact one if it can be had, if not given.

    Returns:
        The regions.

    Raises:
        ArgumentError: ``method`` is ``"exact"`` and this tower does not allow it.
    """
    if method != "occlusion":
        taken_apart = (
            encoder.encode_regions(pixels[None]) if isinstance(encoder, RegionEncoder) else None
        )
        if taken_apart is not None:
            photo = encoder.encode_photos(pixels[None])[0]
            vectors = np.asarray(taken_apart[0], np.float32)
            if np.abs(vectors.sum(axis=(0, 1)) - photo).max() <= _EXACT_WITHIN:
                return Regions(vectors, photo, "exact")
        if method == "exact":
            raise ArgumentError(
                argument="method",
                value="exact",
                needed=Phrase(
                    id=f"pakai 'occlusion': menara foto {encoder.name} tidak dapat diurai per "
                    "bagian, atau runtime ini tidak memperlihatkan bagian-bagiannya",
                    en=f"use 'occlusion': {encoder.name}'s photo tower cannot be taken apart by "
                    "position, or this runtime does not show its positions",
                ),
            )
    return occlude(encoder, pixels, batch_size=batch_size)


def occlude(encoder: Encoder, pixels: NDArray[np.float32], *, batch_size: int) -> Regions:
    """Cover a photo piece by piece and see what its embedding loses.

    After Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks". The
    square is filled with the photo's mean colour. A region's vector is the mean over the squares
    that cover it.

    Args:
        encoder: Embeds photos.
        pixels: The tower's input, shape ``(3, h, w)``.
        batch_size: Covered photos a forward pass.

    Returns:
        Regions of one stride each.
    """
    _, height, width = pixels.shape
    stride = max(1, min(height, width) // STRIDE_SHARE)
    patch = max(stride, min(height, width) // PATCH_SHARE)
    tops, lefts = _starts(height, patch, stride), _starts(width, patch, stride)
    places = [(top, left) for top in tops for left in lefts]
    mean = pixels.mean(axis=(1, 2))[:, None, None]
    photo = encoder.encode_photos(pixels[None])[0]
    cells = (-(-height // stride), -(-width // stride))
    lost = np.zeros((*cells, len(photo)), np.float32)
    looks = np.zeros((*cells, 1), np.float32)
    for start in range(0, len(places), batch_size):
        batch = places[start : start + batch_size]
        covered = np.repeat(pixels[None], len(batch), axis=0)
        for copy, (top, left) in zip(covered, batch, strict=True):
            copy[:, top : top + patch, left : left + patch] = mean
        for row, (top, left) in zip(encoder.encode_photos(covered), batch, strict=True):
            square = (
                slice(top // stride, -(-(top + patch) // stride)),
                slice(left // stride, -(-(left + patch) // stride)),
            )
            lost[square] += photo - row
            looks[square] += 1
    return Regions((lost / looks).astype(np.float32), photo, "occlusion", patch, stride)


def seen_box(encoder: Encoder, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Find which part of a photo the tower sees, whatever the encoder does to fit it.

    A picture whose colours are its own coordinates goes through the encoder's preprocessing;
    what comes out says where each of the tower's pixels was taken from.

    Args:
        encoder: Prepares photos.
        size: Width and height of the photo in pixels.

    Returns:
        Left, top, right and bottom edge of the tower's input in shares of the photo's width and
        height: (0, 0, 1, 1) where all of it is squeezed in, less where it is cropped, beyond
        them where it is padded.

    Raises:
        ArgumentError: The preprocessing does more than resize, crop and pad.
    """
    width, height = size
    x = np.linspace(0, _LEVELS, width).round().astype(np.uint8)
    y = np.linspace(0, _LEVELS, height).round().astype(np.uint8)
    chart = np.full((height, width, 3), _LEVELS, np.uint8)
    chart[..., 0], chart[..., 1] = x[None, :], y[:, None]
    dark, light, seen = (
        encoder.prepare(Image.fromarray(picture)).astype(np.float64)
        for picture in (np.zeros_like(chart), np.full_like(chart, _LEVELS), chart)
    )
    span = light - dark
    # Padding is the same whatever the photo holds.
    inside = np.abs(span).min(axis=0) > _VALID * np.abs(span).max()
    level = np.divide(seen - dark, span, out=np.zeros_like(span), where=span != 0)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        raise _no_axes(encoder)
    across = level[0][np.ix_(rows, columns)]
    down = level[1][np.ix_(rows, columns)]
    if across.std(axis=0).max() > _AXIS_WITHIN or down.std(axis=1).max() > _AXIS_WITHIN:
        raise _no_axes(encoder)
    left, right = _edges(across.mean(axis=0), columns, seen.shape[2], width)
    top, bottom = _edges(down.mean(axis=1), rows, seen.shape[1], height)
    return left, top, right, bottom


def _edges(
    level: NDArray[np.float64], places: NDArray[np.intp], count: int, pixels: int
) -> tuple[float, float]:
    """Turn the levels that pixels show into the shares at the input's two edges."""
    # A chart's level 0 stands at the middle of its first pixel, level 1 at that of its last.
    share = (level * (pixels - 1) + 0.5) / pixels
    # Resizing bends the ends: what lies between tells the scale.
    trim = max(1, len(places) // 8) if len(places) > STRIDE_SHARE else 0
    kept = slice(trim, len(places) - trim)
    slope, start = np.polyfit(places[kept] + 0.5, share[kept], 1)
    first, last = float(start), float(start + slope * count)
    # Within half a pixel of the tower's, an edge of the photo is meant.
    near = 1.0 / count
    snapped = [next((e for e in (0.0, 1.0) if abs(v - e) < near), v) for v in (first, last)]
    return snapped[0], snapped[1]


def _no_axes(encoder: Encoder) -> ArgumentError:
    return ArgumentError(
        argument="encoder",
        value=encoder.name,
        needed=Phrase(
            id="prapemrosesannya harus hanya mengubah ukuran, memotong, atau menambah tepi",
            en="its preprocessing must only resize, crop or pad",
        ),
    )


def _starts(side: int, patch: int, stride: int) -> list[int]:
    """Return where squares begin so that they reach both ends."""
    starts = list(range(0, side - patch + 1, stride))
    if starts[-1] + patch < side:
        starts.append(side - patch)
    return starts
