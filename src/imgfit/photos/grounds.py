"""What transparent pictures are laid on: white as on a page, or a ground that shows them.

A white logo on nothing is white on white there. Where nearly all that can be seen of a picture is
as bright as the page, it is laid on dark grey.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEE_THROUGH = ("RGBA", "RGBa", "LA", "La", "PA")
WHITE = (255, 255, 255)
_DARK = (64, 64, 64)
# A pixel is seen if it is at least half opaque, and bright if its darkest colour is so high.
_SEEN = 128
_BRIGHT = 225
_MOST_BRIGHT = 0.97
# With less of the page showing, a bright photo is no drawing on it.
_LEAST_OPEN = 0.05


def is_see_through(image: Image.Image) -> bool:
    """Tell whether an image may have transparent parts.

    Args:
        image: Its header is enough.

    Returns:
        Whether its mode or a transparent colour says so.
    """
    return image.mode in _SEE_THROUGH or "transparency" in image.info


def ground_of(bands: Iterable[Image.Image]) -> tuple[int, int, int]:
    """Choose what a transparent picture is laid on.

    Args:
        bands: All of the picture, in parts.

    Returns:
        White, or dark grey if nearly all of it would not be seen on white.
    """
    seen = bright = whole = 0
    for band in bands:
        pixels = np.asarray(band.convert("RGBA"))
        opaque = pixels[..., 3] >= _SEEN
        whole += opaque.size
        seen += int(opaque.sum())
        bright += int((opaque & (pixels[..., :3].min(axis=-1) >= _BRIGHT)).sum())
    open_share = 1 - seen / max(whole, 1)
    return _DARK if seen and open_share >= _LEAST_OPEN and bright >= _MOST_BRIGHT * seen else WHITE


def laid_on(ground: tuple[int, int, int], image: Image.Image) -> Image.Image:
    """Lay an image on a ground.

    Args:
        ground: Its colour.
        image: Of any mode.

    Returns:
        RGB.
    """
    if not is_see_through(image):
        return image.convert("RGB")
    layer = image.convert("RGBA")
    paper = Image.new("RGBA", layer.size, (*ground, 255))
    return Image.alpha_composite(paper, layer).convert("RGB")
