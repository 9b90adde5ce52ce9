"""Grey of more than 8 bits brought to 8 by the range that its values were written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

WIDE = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
# White of 8, 10, 12, 14 and 16 bits: sensors of 10 to 14 bits are stored in boxes of 16.
_WHITES = (255, 1023, 4095, 16383, 65535)
# Floats are written from 0 to 1, or as the whole numbers that they came from. Sharpening goes a
# little beyond, and a broken pixel anywhere.
_FLOAT_WHITES = (1.0, 255.0, 65535.0)
_BEYOND = 0.05
_LEAST_TOP = 1 / 16  # of white; a picture whose brightest part is darker was written otherwise
_TAIL = 0.1  # per cent of the values at either end
_LOOKED_AT = 1_000_000


def range_of(bands: Callable[[], Iterable[Image.Image]], pixels: int) -> tuple[float, float]:
    """Find the values of black and of white.

    Args:
        bands: Gives all of the picture, in parts.
        pixels: How many there are.

    Returns:
        Black and white. Whole numbers of up to 16 bits: 0, and the white of the fewest bits that
        hold them all, 8, 10, 12, 14 or 16. Floats: 0, and 1, 255 or 65535, if nearly all lie
        there. Otherwise the range of all values but the outermost thousandth at either end.
    """
    step = max(1, pixels // _LOOKED_AT)
    low = high = None
    looked = []
    whole = True
    for band in bands():
        values = wide_values(band)
        whole = whole and band.mode != "F"
        low = values.min() if low is None else min(low, values.min())
        high = values.max() if high is None else max(high, values.max())
        looked.append(values.ravel()[::step])
    if low is None or high is None:
        return 0.0, 1.0
    if whole and low >= 0 and high <= _WHITES[-1]:
        return 0.0, float(next(white for white in _WHITES if high <= white))
    tails = np.percentile(np.concatenate(looked), (_TAIL, 100 - _TAIL))
    bottom, top = float(tails[0]), float(tails[1])
    for white in _FLOAT_WHITES:
        fits = _LEAST_TOP * white <= top <= (1 + _BEYOND) * white
        if not whole and fits and bottom >= -_BEYOND * top:
            return 0.0, white
    return bottom, top if top > bottom else bottom + 1.0


def to_eight_bits(image: Image.Image, low: float, high: float) -> Image.Image:
    """Bring wide grey to 8 bits.

    Args:
        image: Of one of the modes in `WIDE`.
        low: The value of black.
        high: The value of white.

    Returns:
        RGB.
    """
    values = ((wide_values(image) - low) * (255.0 / (high - low))).clip(0, 255)
    return Image.fromarray(values.round().astype(np.uint8)).convert("RGB")


def wide_values(image: Image.Image) -> NDArray[np.float64]:
    """Return an image's values; what is not a finite number counts as 0.

    Args:
        image: Of one of the modes in `WIDE`.

    Returns:
        Shape ``(height, width)``.
    """
    values = np.asarray(image, np.float64)
    return np.where(np.isfinite(values), values, 0.0)
