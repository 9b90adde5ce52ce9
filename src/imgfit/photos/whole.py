"""Whether a JPEG holds all of its picture, where its end mark is missing.

Copies that break off at the last bytes, and some cameras and programs, leave the mark out; every
viewer shows them. A file that stops earlier lacks a part of its picture and is not scored.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from PIL import Image

from imgfit.photos.format_limits import scans_of

if TYPE_CHECKING:
    from collections.abc import Callable

_END = b"\xff\xd9"
# The decoder asks for a few bytes beyond those that it needs. Read as pixels, they are at most
# some blocks of one row.
_BEYOND = b"\0" * 16


def mended_end(data: bytes, open_again: Callable[[bytes], Image.Image]) -> Image.Image | None:
    """Load a JPEG that its decoder called cut off, if only the end mark is missing.

    Args:
        data: The whole file.
        open_again: Opens bytes as the photo was opened, at the same scale.

    Returns:
        The image, loaded; None if a part of the picture is missing.
    """
    if scans_of(data).complete:
        image = open_again(data + _END)
        image.load()
        return image
    image = open_again(data + _BEYOND)
    # The decoder writes rows over what is there: a last row that stays as it was never came.
    untouched = tuple((251, 3, 249, 5)[: len(image.getbands())])
    colour = untouched if len(untouched) > 1 else untouched[0]
    image.im = Image.core.fill(image.mode, image.size, colour)  # type: ignore[attr-defined]
    with contextlib.suppress(OSError):  # it still misses the end
        image.load()
    width, height = image.size
    image.tile = []  # type: ignore[attr-defined]
    row = image.crop((0, height - 1, width, height))
    if row.getcolors(2) == [(width, colour)]:
        return None
    return image
