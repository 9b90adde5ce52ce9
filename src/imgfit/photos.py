"""From a photo's file to upright RGB pixels.

Reading and decoding are apart: `read_photo` looks at the bytes and the header only, so a photo
whose embedding is already known is never decoded. Photos come from strangers: bytes, pixels and
shape are bounded before a decoder allocates anything.
"""

from __future__ import annotations

import io
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pillow_heif
from blake3 import blake3
from PIL import Image, ImageOps, UnidentifiedImageError

from imgfit.errors import (
    PhotoFailedError,
    PhotoMissingError,
    PhotoShapeError,
    PhotoTooLargeError,
    PhotoUnreadableError,
)
from imgfit.remote import RemoteFile

if TYPE_CHECKING:
    import os
    from typing import TypeAlias

    PhotoSource: TypeAlias = str | os.PathLike[str] | bytes

pillow_heif.register_heif_opener()

_DRAFTED = ("JPEG", "MPO")

# Changes with anything that changes pixels; part of every encoder's fingerprint.
PREPROCESSING_VERSION = 1

# The decoders that are let near a stranger's bytes; Pillow knows forty more.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF")

MAX_BYTES = 100_000_000
# JPEG decodes at an eighth of its size when the tower is small, so a 108 MP phone is welcome;
# other formats decode whole, at 3 to 8 bytes a pixel.
MAX_PIXELS_JPEG = 120_000_000
MAX_PIXELS = 50_000_000
MIN_SIDE = 16
MAX_ASPECT = 20

# Pillow warns from 89 MP on, where a photo within our own limit is still welcome.
if Image.MAX_IMAGE_PIXELS is not None:
    Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS, MAX_PIXELS_JPEG)


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A photo's bytes with what its header says.

    Attributes:
        name: What messages call it: the path, or the length of the bytes given.
        data: The whole file.
        digest: As `digest_of` the whole file.
        format: Pillow's name of the format, such as ``"JPEG"``.
        width: Stored width in pixels, before any EXIF turn.
        height: Stored height in pixels.
        animated: Whether it holds more than one frame; only the first is looked at.
    """

    name: str
    data: bytes = field(repr=False)
    digest: str
    format: str
    width: int
    height: int
    animated: bool


def read_photo(source: PhotoSource) -> PhotoFile:
    """Read a photo's file and header, within limits, without decoding it.

    Args:
        source: A path, or the bytes of a file.

    Returns:
        The bytes, their digest and the header's facts.

    Raises:
        PhotoMissingError: There is no such file.
        PhotoUnreadableError: It is no regular file, or no photo of a known format.
        PhotoTooLargeError: Over `MAX_BYTES` or the limit of pixels.
        PhotoShapeError: A side under `MIN_SIDE`, or longer than `MAX_ASPECT` times the other.
    """
    data = read_bytes(source)
    return read_header(name_of(source), data, digest_of(data))


def name_of(source: PhotoSource) -> str:
    """Return what messages call a photo.

    Args:
        source: A path, or the bytes of a file.

    Returns:
        The path, or the length of the bytes.
    """
    return f"<{len(source)} bytes>" if isinstance(source, bytes) else str(source)


def read_bytes(source: PhotoSource) -> bytes:
    """Read a photo's whole file, within the limit of bytes.

    Args:
        source: A path, a file behind an address, or the bytes of a file.

    Returns:
        The bytes.

    Raises:
        PhotoMissingError: There is no such file.
        PhotoUnreadableError: It is no regular file.
        PhotoTooLargeError: Over `MAX_BYTES`.
    """
    if isinstance(source, RemoteFile):
        return _read_remote(source)
    if not isinstance(source, bytes):
        return _read_file(Path(source))
    if len(source) > MAX_BYTES:
        raise _too_many_bytes(name_of(source), len(source))
    return source


def digest_of(data: bytes) -> str:
    """Return what tells a photo's bytes from all others.

    BLAKE3, because a run over unchanged photos does little else: over 500 photos of 12 MP it took a
    quarter of the time of SHA-256, and on processors without instructions for SHA less still.

    Args:
        data: The whole file.

    Returns:
        64 hexadecimal digits.
    """
    return blake3(data).hexdigest()


def read_header(name: str, data: bytes, digest: str) -> PhotoFile:
    """Read the header of a photo's bytes.

    Args:
        name: What messages call the photo.
        data: The whole file.
        digest: Its `digest_of`.

    Returns:
        The bytes with the header's facts.

    Raises:
        PhotoUnreadableError: The bytes are no photo of a known format.
        PhotoTooLargeError: Over the limit of pixels.
        PhotoShapeError: As in `read_photo`.
    """
    with _open(name, data) as image:
        width, height = image.size
        kind = str(image.format)
        _require_shape(name, kind, width, height)
        # An MPO's further frames are a phone's depth map or preview, not an animation.
        animated = kind in ("GIF", "PNG", "WEBP", "AVIF") and _is_animated(image)
    return PhotoFile(name, data, digest, kind, width, height, animated)


def header_facts(photo: PhotoFile) -> bytes:
    """Return what a header said, to be kept under the photo's digest.

    Args:
        photo: What `read_header` returned.

    Returns:
        One line of ASCII.
    """
    return f"{photo.format} {photo.width} {photo.height} {photo.animated:d}".encode("ascii")


def recall_header(name: str, data: bytes, digest: str, facts: bytes) -> PhotoFile | None:
    """Put a photo together from facts kept under its digest, without a look at its header.

    Args:
        name: What messages call the photo.
        data: The whole file.
        digest: Its `digest_of`.
        facts: What `header_facts` returned.

    Returns:
        What `read_header` would return; None where the facts cannot be understood.

    Raises:
        PhotoTooLargeError: As in `read_header`.
        PhotoShapeError: The same.
    """
    try:
        kind, width, height, animated = facts.decode("ascii").split()
        photo = PhotoFile(name, data, digest, kind, int(width), int(height), animated == "1")
    except ValueError:
        return None
    _require_shape(name, kind, photo.width, photo.height)
    return photo


def decoding_bytes(photo: PhotoFile) -> int:
    """Return about how much memory decoding may take at its height.

    Args:
        photo: What `read_header` returned.

    Returns:
        Bytes. A progressive JPEG holds two bytes a coefficient, one and a half coefficients a
        pixel, at whatever scale; other formats may hold a layer, its paper and their blend.
    """
    return photo.width * photo.height * (3 if photo.format in _DRAFTED else 12)


def decode_photo(photo: PhotoFile, *, short_side: int | None = None) -> Image.Image:
    """Decode a photo's first frame to upright RGB.

    EXIF orientation is applied; transparent parts become white, as on a page; 16-bit and float
    grey keep their range instead of being clipped.

    Args:
        photo: What `read_photo` returned.
        short_side: If given, a JPEG may be decoded at a half, quarter or eighth of its size as
            long as both sides keep at least this many pixels.

    Returns:
        An image of mode RGB.

    Raises:
        PhotoUnreadableError: The pixels are damaged.
        PhotoFailedError: Memory ran out.
    """
    with _open(photo.name, photo.data) as image:
        try:
            if short_side is not None and image.format in _DRAFTED:
                image.draft(None, (short_side, short_side))
            image.load()
            return _rgb(_upright(image))
        except MemoryError as error:
            raise PhotoFailedError(photo=photo.name, cause="out of memory") from error
        except Exception as error:  # a decoder on broken bytes raises anything at all
            raise PhotoUnreadableError(photo=photo.name, cause=_cause(error)) from error


def _read_file(path: Path) -> bytes:
    """Return a regular file's bytes, within the limit."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PhotoUnreadableError(photo=path, cause="not a file")
        if status.st_size > MAX_BYTES:
            raise _too_many_bytes(str(path), status.st_size)
        return path.read_bytes()
    except FileNotFoundError:
        raise PhotoMissingError(photo=path) from None
    except (OSError, ValueError) as error:
        raise PhotoUnreadableError(photo=path, cause=_cause(error)) from error


def _read_remote(file: RemoteFile) -> bytes:
    """Return the bytes behind an address, within the limit."""
    try:
        data = file.read_bytes(MAX_BYTES + 1)
    except FileNotFoundError:
        raise PhotoMissingError(photo=file) from None
    except OSError as error:
        raise PhotoUnreadableError(photo=file, cause=_cause(error)) from error
    if len(data) > MAX_BYTES:
        raise PhotoTooLargeError(
            photo=file, size=f"over {MAX_BYTES / 1e6:.0f} MB", limit=f"{MAX_BYTES / 1e6:.0f} MB"
        )
    return data


def _require_shape(name: str, kind: str, width: int, height: int) -> None:
    """Refuse a photo over the limit of pixels, too small or too narrow."""
    limit = MAX_PIXELS_JPEG if kind in _DRAFTED else MAX_PIXELS
    if width * height > limit:
        raise PhotoTooLargeError(
            photo=name, size=f"{width * height / 1e6:.0f} MP", limit=f"{limit / 1e6:.0f} MP"
        )
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_ASPECT * min(width, height):
        raise PhotoShapeError(
            photo=name, width=width, height=height, least=MIN_SIDE, aspect=MAX_ASPECT
        )


def _open(name: str, data: bytes) -> Image.Image:
    """Let Pillow read the header."""
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoTooLargeError(
            photo=name, size=_cause(error), limit=f"{MAX_PIXELS / 1e6:.0f} MP"
        ) from error
    except UnidentifiedImageError:
        cause = "the file is empty" if not data else "no known photo format"
        raise PhotoUnreadableError(photo=name, cause=cause) from None
    except Exception as error:  # a decoder on broken bytes raises anything at all
        raise PhotoUnreadableError(photo=name, cause=_cause(error)) from error


def _is_animated(image: Image.Image) -> bool:
    """Tell whether there is a second frame; one that is cut off counts as none."""
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # noqa: BLE001 - a GIF looks for the frame only now, in broken bytes too
        return False


def _upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; a damaged EXIF block counts as none."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - the pixels are good, only their label is not
        return image


def _rgb(image: Image.Image) -> Image.Image:
    """Convert any mode to RGB."""
    if image.mode in ("I;16", "I;16L", "I;16B", "I;16N", "I", "F"):
        return _grey_from_wide(image).convert("RGB")
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image.convert("RGB")


def _grey_from_wide(image: Image.Image) -> Image.Image:
    """Bring grey of 16 bits, 32 bits or floats to 8 bits by its range, not by clipping."""
    values = np.asarray(image, np.float64)
    values = np.where(np.isfinite(values), values, 0.0)
    if image.mode != "F" and values.min() >= 0 and values.max() <= np.iinfo(np.uint16).max:
        # Integers over 8 bits are 16-bit grey; small ones are 8-bit grey in a wide box.
        scale = 257.0 if values.max() > np.iinfo(np.uint8).max else 1.0
        values = values / scale
    else:
        low, high = values.min(), values.max()
        values = (values - low) * (255.0 / (high - low if high > low else 1.0))
    return Image.fromarray(values.round().astype(np.uint8))


def _too_many_bytes(name: str, size: int) -> PhotoTooLargeError:
    return PhotoTooLargeError(
        photo=name, size=f"{size / 1e6:.0f} MB", limit=f"{MAX_BYTES / 1e6:.0f} MB"
    )


def _cause(error: BaseException) -> str:
    """One line of what a library said, without the bytes object's address."""
    return str(error).split(" <_io.")[0] or type(error).__name__
