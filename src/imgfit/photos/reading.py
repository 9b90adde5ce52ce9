"""From a photo's file to upright RGB pixels.

Reading and decoding are apart: `read_photo` looks at the bytes and the header only, so a photo
whose embedding is already known is never decoded. Photos come from strangers: bytes, pixels and
shape are bounded before a decoder allocates anything.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pillow_heif
from blake3 import blake3
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from imgfit.errors import (
    PhotoFailedError,
    PhotoMissingError,
    PhotoShapeError,
    PhotoTooLargeError,
    PhotoUnreadableError,
)
from imgfit.files.bounded import OversizeError, read_regular
from imgfit.files.remote import RemoteFile
from imgfit.photos.format_limits import require_modest, require_modest_tags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from numpy.typing import NDArray

    PhotoSource: TypeAlias = str | os.PathLike[str] | bytes

pillow_heif.register_heif_opener()

_DRAFTED = ("JPEG", "MPO")
_WIDE = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
_TURNED = range(2, 9)
_BAND_PIXELS = 1_000_000

# Changes with anything that changes pixels; part of every encoder's fingerprint.
PREPROCESSING_VERSION = 1

# The decoders that are let near a stranger's bytes; Pillow knows forty more.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF")

MAX_BYTES = 100_000_000
# JPEG decodes at an eighth of its size when the tower is small, so a 108 MP phone is welcome;
# other formats decode whole. WebP's and AVIF's decoders keep more than one copy: at these sizes
# none takes more than 0.45 GB.
MAX_PIXELS_JPEG = 120_000_000
MAX_PIXELS = 50_000_000
_MAX_PIXELS_OF = {
    "JPEG": MAX_PIXELS_JPEG,
    "MPO": MAX_PIXELS_JPEG,
    "WEBP": 25_000_000,
    "AVIF": 36_000_000,
}
# What photos may hold at once, however many threads decode them, and their files as they are read.
DECODING_BYTES = 425_000_000
READING_BYTES = MAX_BYTES
MIN_SIDE = 16
MAX_ASPECT = 20

# Pillow keeps pictures in blocks of 16 MB. Below 32 MB, glibc's malloc learns to keep what was
# freed for the thread that freed it: a run over large photos on two threads took 1.3 GB, and with
# blocks that go back to the system 0.7 GB. Pillow reads the same setting from PILLOW_BLOCK_SIZE.
if "PILLOW_BLOCK_SIZE" not in os.environ:
    Image.core.set_block_size(64 * 1024 * 1024)  # type: ignore[attr-defined]

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
    try:
        require_modest(data)
    except ValueError as error:
        raise PhotoUnreadableError(photo=name, cause=str(error)) from error
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
        pixel, at whatever scale; other formats hold their picture and what it was made of or is
        turned to (8.4 bytes a pixel were measured), WebP two canvases besides (17). What an AVIF
        declares need not be what it holds, and its decoder believes the latter, so one is decoded
        at a time.
    """
    if photo.format == "AVIF":
        return DECODING_BYTES
    each = {"JPEG": 3.0, "MPO": 3.0, "WEBP": 17.0}.get(photo.format, 8.5)
    return int(photo.width * photo.height * each)


def bytes_to_read(source: PhotoSource) -> int:
    """Return how much memory a photo's file takes once it is read.

    Args:
        source: A path, or the bytes of a file.

    Returns:
        Bytes; 0 for what is in memory already, is over the limit, or cannot be read. A store is
        asked for the size, as one more request; what it does not tell counts as the limit.
    """
    if isinstance(source, bytes):
        return 0
    try:
        if isinstance(source, RemoteFile):
            size = source.size()
            return MAX_BYTES if size is None else min(size, MAX_BYTES)
        size = Path(source).stat().st_size
    except (OSError, ValueError):
        return 0
    return size if size <= MAX_BYTES else 0


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
            orientation = _orientation(image)
            whole = _rgb(image)
            image.close()  # its pixels and its decoder go before those of a turned copy come
            return _upright(whole, orientation)
        except MemoryError as error:
            raise PhotoFailedError(photo=photo.name, cause="out of memory") from error
        except Exception as error:  # a decoder on broken bytes raises anything at all
            raise PhotoUnreadableError(photo=photo.name, cause=_cause(error)) from error


def _read_file(path: Path) -> bytes:
    """Return a regular file's bytes, within the limit."""
    try:
        return read_regular(path, MAX_BYTES)
    except FileNotFoundError:
        raise PhotoMissingError(photo=path) from None
    except OversizeError as error:
        raise _too_many_bytes(str(path), error.size) from error
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
    limit = _MAX_PIXELS_OF.get(kind, MAX_PIXELS)
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
    except MemoryError as error:
        raise PhotoFailedError(photo=name, cause="out of memory") from error
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


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; a damaged EXIF block counts as none."""
    try:
        require_modest_tags(image.info.get("exif", b""))
        orientation = image.getexif().get(ExifTags.Base.Orientation)
        return int(orientation) if orientation is not None and orientation in _TURNED else 1
    except Exception:  # noqa: BLE001 - the pixels are good, only their label is not
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn an image by its EXIF orientation; the one given is of no use afterwards."""
    if orientation == 1:
        return image
    image.getexif()[ExifTags.Base.Orientation] = orientation
    ImageOps.exif_transpose(image, in_place=True)
    return image


def _rgb(image: Image.Image) -> Image.Image:
    """Make an RGB image of any mode, a band of rows after another, that holds no decoder."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image.copy()
    wide = image.mode in _WIDE
    low, high = _grey_range(image) if wide else (0.0, 0.0)
    whole = Image.new("RGB", image.size)
    for top, band in _bands(image):
        whole.paste(_grey_from_wide(band, low, high) if wide else _on_paper(band), (0, top))
    return whole


def _bands(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield bands of rows, each with the row that it begins at."""
    rows = max(1, _BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _on_paper(image: Image.Image) -> Image.Image:
    """Lay what is transparent on white."""
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image.convert("RGB")


def _grey_range(image: Image.Image) -> tuple[float, float]:
    """Return what is black and what is white in grey of 16 bits, 32 bits or floats."""
    ranges = [(values.min(), values.max()) for _, band in _bands(image) for values in [_wide(band)]]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    if image.mode != "F" and low >= 0 and high <= np.iinfo(np.uint16).max:
        # Integers over 8 bits are 16-bit grey; small ones are 8-bit grey in a wide box.
        return 0.0, 65535.0 if high > np.iinfo(np.uint8).max else 255.0
    return float(low), float(high if high > low else low + 1.0)


def _grey_from_wide(image: Image.Image, low: float, high: float) -> Image.Image:
    """Bring grey of 16 bits, 32 bits or floats to 8 bits by its range, not by clipping."""
    values = (_wide(image) - low) * (255.0 / (high - low))
    return Image.fromarray(values.round().astype(np.uint8)).convert("RGB")


def _wide(image: Image.Image) -> NDArray[np.float64]:
    values = np.asarray(image, np.float64)
    return np.where(np.isfinite(values), values, 0.0)


def _too_many_bytes(name: str, size: int) -> PhotoTooLargeError:
    return PhotoTooLargeError(
        photo=name, size=f"{size / 1e6:.0f} MB", limit=f"{MAX_BYTES / 1e6:.0f} MB"
    )


def _cause(error: BaseException) -> str:
    """One line of what a library said, without the bytes object's address."""
    return str(error).split(" <_io.")[0] or type(error).__name__
