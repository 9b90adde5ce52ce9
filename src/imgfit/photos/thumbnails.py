"""Small copies of photos for a page to carry in itself, bounded together.

A copy is made anew from the pixels: what else a photo's file holds (where it was taken, by whose
phone) does not travel with the page.
"""

from __future__ import annotations

import base64
import io
import os
import threading
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from PIL import Image

from imgfit.errors import PhotoError, PhotoMissingError
from imgfit.photos.ahead import ByteBudget, map_ahead
from imgfit.photos.decoding import DECODING_BYTES, decode_photo, decoding_bytes
from imgfit.photos.reading import READING_BYTES, bytes_to_read, read_bytes, read_header
from imgfit.photos.sources import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imgfit.photos.sources import PhotoSource

# Long side in pixels and WebP quality, in the order they are tried. Medians over the examples and
# 100 photos of Indonesian posts: 12.7, 10.1, 6.3, 3.1 and 1.6 kB; JPEG at the same settings takes
# 5 to 29 % more.
STEPS: tuple[tuple[int, int], ...] = ((320, 75), (320, 55), (240, 55), (160, 45), (112, 35))
# Of all copies of a page together: 16 MB once written as base64. A thousand photos get 12 kB each.
BUDGET = 12_000_000


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small copy of a photo.

    Attributes:
        uri: The picture itself, as a ``data:`` address.
        width: In pixels.
        height: In pixels.
    """

    uri: str
    width: int
    height: int


# Why there is no copy: no photo, one that cannot be read, or no room left for any copy of it.
Missing = Literal["absent", "unreadable", "omitted"]
Shown: TypeAlias = Thumbnail | Missing


def make_thumbnails(
    sources: Sequence[PhotoSource | None],
    *,
    budget: int = BUDGET,
    side: int = STEPS[0][0],
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Shown]:
    """Make small copies of photos, each within its equal share of the budget.

    Args:
        sources: n paths or bytes; None where there is no photo.
        budget: Bytes that all copies may take together.
        side: Longest side a copy may have, in pixels.
        workers: Threads; the number of cores if not given.
        progress: Called with how many are done, and n.

    Returns:
        n copies, or why there is none; the copies are upright, as the first frame is.
    """
    share = budget // max(1, len(sources))
    budgets = ByteBudget(READING_BYTES), ByteBudget(DECODING_BYTES)

    def copies() -> Iterator[Shown]:
        threads = workers or os.cpu_count() or 1
        # A photo's file is read by the thread that shrinks it: few are in memory at once.
        with closing(
            map_ahead(
                lambda source: _shown(source, side, share, budgets),
                sources,
                workers=threads,
                ahead=2 * threads,
                stopped=threading.Event(),
            )
        ) as shrunk:
            for done, copy in enumerate(shrunk, start=1):
                if progress is not None:
                    progress(done, len(sources))
                yield copy

    return list(copies())


def _shown(
    source: PhotoSource | None, side: int, share: int, budgets: tuple[ByteBudget, ByteBudget]
) -> Shown:
    if source is None:
        return "absent"
    try:
        return _shrunk(source, side, share, budgets)
    except MemoryError:
        return "unreadable"


def _shrunk(
    source: PhotoSource, side: int, share: int, budgets: tuple[ByteBudget, ByteBudget]
) -> Shown:
    reading, decoding = budgets
    try:
        with reading.take(bytes_to_read(source)):
            photo = read_header(name_of(source), read_bytes(source), "")
            # Both sides of the copy stay below those of the photo decoded, whatever its shape.
            short = -(-side * min(photo.width, photo.height) // max(photo.width, photo.height))
            with decoding.take(decoding_bytes(photo)):
                image = decode_photo(photo, short_side=max(1, short))
                image.thumbnail((side, side), Image.Resampling.LANCZOS)
    except PhotoMissingError:
        return "absent"
    except PhotoError:
        return "unreadable"
    for longest, quality in STEPS:
        small = image.copy()
        small.thumbnail((min(side, longest),) * 2, Image.Resampling.LANCZOS)
        data = _webp(small, quality)
        if len(data) <= share:
            return Thumbnail(_uri(data), *small.size)
    return "omitted"


def _webp(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=quality, exif=b"", xmp=b"", icc_profile=b"")
    return file.getvalue()


def _uri(data: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(data).decode("ascii")
