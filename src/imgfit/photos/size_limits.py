"""How large a photo may be, in bytes and in pixels; told from its header, before it is decoded."""

from __future__ import annotations

from imgfit.errors import PhotoShapeError, PhotoTooLargeError
from imgfit.language import Phrase

MAX_BYTES = 100_000_000
# JPEG decodes at an eighth of its size when the tower is small, so a 108 MP phone is welcome;
# other formats decode whole. WebP's and AVIF's decoders keep more than one copy: at these sizes
# none takes more than 0.45 GB.
MAX_PIXELS_JPEG = 120_000_000
# A JPEG that its decoder scales row by row takes no more memory than the scaled picture, as those
# of phones of 200 MP.
MAX_PIXELS_SCALED = 250_000_000
MAX_PIXELS = 50_000_000
_MAX_PIXELS_OF = {
    "JPEG": MAX_PIXELS_JPEG,
    "MPO": MAX_PIXELS_JPEG,
    "WEBP": 25_000_000,
    "AVIF": 36_000_000,
}
MIN_SIDE = 16
MAX_ASPECT = 20


def require_size(name: str, kind: str, width: int, height: int, *, scalable: bool = False) -> None:
    """Refuse a photo over the limit of pixels, too small or too narrow.

    Args:
        name: Of the photo, for the message.
        kind: Its format, as Pillow names it.
        width: In pixels.
        height: In pixels.
        scalable: Whether its decoder can scale it row by row (`format_limits.JpegScans`).

    Raises:
        PhotoTooLargeError: Over the limit of pixels.
        PhotoShapeError: A side under `MIN_SIDE`, or longer than `MAX_ASPECT` times the other.
    """
    limit = MAX_PIXELS_SCALED if scalable else _MAX_PIXELS_OF.get(kind, MAX_PIXELS)
    if width * height > limit:
        raise PhotoTooLargeError(
            photo=name, size=f"{width * height / 1e6:.0f} MP", limit=f"{limit / 1e6:.0f} MP"
        )
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_ASPECT * min(width, height):
        raise PhotoShapeError(
            photo=name, width=width, height=height, least=MIN_SIDE, aspect=MAX_ASPECT
        )


def require_bytes(name: str, size: int) -> None:
    """Refuse a photo's file over the limit of bytes.

    Args:
        name: Of the photo, for the message.
        size: Bytes.

    Raises:
        PhotoTooLargeError: Over `MAX_BYTES`.
    """
    if size > MAX_BYTES:
        raise over_bytes(name, size)


def over_bytes(name: str, size: int | None) -> PhotoTooLargeError:
    """Make the error of a file over the limit of bytes.

    Args:
        name: Of the photo.
        size: Its bytes; None if they were not counted.

    Returns:
        The error.
    """
    limit = f"{MAX_BYTES / 1e6:.0f} MB"
    over = Phrase(id=f"lebih dari {limit}", en=f"over {limit}")
    return PhotoTooLargeError(
        photo=name, size=over if size is None else f"{size / 1e6:.0f} MB", limit=limit
    )
