"""Which page of a TIFF is the photo, and the one layout of pixels that Pillow misreads.

A TIFF may hold pages, thumbnails, smaller copies and masks, in any order; scanners put a preview
first. Tags are read here within the limits of `format_limits`, before Pillow sees them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from imgfit.photos.format_limits import directories
from imgfit.printable import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SUBFILE, _OLD_SUBFILE = 254, 255
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_OFFSETS, _SAMPLES, _COUNTS, _PLANAR = 273, 277, 279, 284
_REDUCED, _MASK = 1, 4
_OLD_REDUCED = 2
# A smaller copy has the same shape, up to rounding, and at most this share of the pixels.
_SAME_SHAPE = 0.03
_COPY_SHARE = 0.3
_PLANES_APART = 2
_UNCOMPRESSED = 1
_WIDE_BITS = 16
_RGB, _CMYK = 2, 5


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a TIFF.

    Attributes:
        photo: Which of them is the photo: 0 is the first in the file.
        several: Whether there are more pictures than this one, besides its own smaller copies.
    """

    photo: int
    several: bool


@dataclass(frozen=True, slots=True)
class _Page:
    index: int
    width: int
    height: int
    reduced: bool

    @property
    def pixels(self) -> int:
        return self.width * self.height

    def is_copy_of(self, other: _Page) -> bool:
        """Tell whether this looks like a smaller copy of another page."""
        across, down = self.width * other.height, self.height * other.width
        alike = abs(across - down) <= _SAME_SHAPE * max(across, down)
        return alike and self.pixels <= _COPY_SHARE * other.pixels


def find_pages(data: bytes) -> Pages:
    """Find the photo among the pages of a TIFF.

    Args:
        data: The whole file.

    Returns:
        The first page that is neither marked as a smaller copy or mask, nor a small page of the
        same shape as a larger one; the largest if all are marked.
    """
    pages = []
    for index, tags in enumerate(directories(data)):
        kind = tags.first(_SUBFILE)
        if kind & _MASK:
            continue
        reduced = bool(kind & _REDUCED) or tags.first(_OLD_SUBFILE) == _OLD_REDUCED
        width, height = (tags.first(tag) for tag in (_WIDTH, _HEIGHT))
        if width and height:
            pages.append(_Page(index, width, height, reduced))
    if not pages:
        return Pages(0, several=False)
    whole = [page for page in pages if not page.reduced]
    whole = [page for page in whole if not any(page.is_copy_of(other) for other in whole)]
    photo = whole[0] if whole else max(pages, key=lambda page: page.pixels)
    return Pages(photo.index, several=len(whole) > 1)


def planes_apart(data: bytes, page: int, size: tuple[int, int]) -> Image.Image | None:
    """Read 16-bit colours that lie in planes of their own, which Pillow takes for 8-bit ones.

    Compressed ones go through libtiff, which reads them well.

    Args:
        data: The whole file, within `format_limits`.
        page: The page, as `find_pages` names it.
        size: Width and height of the picture in pixels, within the limits.

    Returns:
        The picture with 8 bits a colour, RGB or CMYK; None if its pixels lie otherwise.

    Raises:
        RefusedError: They lie so, but in tiles, with other colours, or past the end of the file.
    """
    tags = next((t for index, t in enumerate(directories(data)) if index == page), None)
    if (
        tags is None
        or tags.first(_PLANAR) != _PLANES_APART
        or tags.first(_COMPRESSION, _UNCOMPRESSED) != _UNCOMPRESSED
        or tags.first(_BITS) != _WIDE_BITS
        or tags.first(_SAMPLES, 1) == 1
    ):
        return None
    mode = {_RGB: "RGB", _CMYK: "CMYK"}.get(tags.first(_PHOTOMETRIC))
    offsets, counts = tags.values(_OFFSETS), tags.values(_COUNTS)
    samples = tags.first(_SAMPLES)
    if mode is None or samples < len(mode) or not offsets or len(offsets) != len(counts):
        raise RefusedError(
            id="TIFF 16-bit dengan bidang warna terpisah dalam ubin",
            en="a 16-bit TIFF with colours in planes and tiles",
        )
    high = 1 if data.startswith(b"II") else 0
    strips, width, height = len(offsets) // samples, *size
    bands = [
        _plane(data, offsets[at : at + strips], counts[at : at + strips], width * height, high)
        for at in range(0, strips * len(mode), strips)
    ]
    planes = [Image.frombytes("L", (width, height), band) for band in bands]
    return Image.merge(mode, planes)


def _plane(
    data: bytes, offsets: Sequence[int], counts: Sequence[int], pixels: int, high: int
) -> bytes:
    """Return the high byte of each value of one plane."""
    parts, left = [], 2 * pixels
    for offset, count in zip(offsets, counts, strict=True):
        part = data[offset : offset + min(count, left)]
        left -= len(part)
        parts.append(part)
    if left:
        raise RefusedError(
            id="berkas terpotong: sebagian gambarnya hilang",
            en="the file is cut off: a part of the picture is missing",
        )
    return np.frombuffer(b"".join(parts), np.uint8)[high::2].tobytes()
