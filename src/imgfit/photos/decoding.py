"""From a photo's bytes to upright RGB pixels.

Pillow's settings belong to the program that imgfit runs in, so they are neither used nor changed:
the readers of the few formats allowed are called directly, not through Pillow's registry, and sizes
are held to our own limits, not to ``Image.MAX_IMAGE_PIXELS``. Two things Pillow does by itself: it
registers its own readers the first time that a photo is opened, and its readers of TIFF and GIF
refuse a picture over the program's limit where that is lower than ours.
"""

from __future__ import annotations

import io
import os
import struct
from typing import TYPE_CHECKING

import numpy as np
from PIL import ExifTags, Image, ImageOps

from imgfit.errors import PhotoFailedError, PhotoTooLargeError, PhotoUnreadableError
from imgfit.language import Phrase
from imgfit.photos.format_limits import TIFF_MARKS, require_modest_tags
from imgfit.photos.size_limits import MAX_PIXELS
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Self

    from numpy.typing import NDArray

    from imgfit.photos.reading import PhotoFile

# Changes with anything that changes pixels; part of every encoder's fingerprint.
PREPROCESSING_VERSION = 1

# What photos may hold at once while they are decoded, however many threads do it. Pillow keeps
# pictures in blocks of 16 MB, and glibc keeps such blocks for the thread that freed them: a run
# over large photos on two threads took 0.7 GB with PILLOW_BLOCK_SIZE=64m, and 1.3 GB without. The
# command sets it for its own process (`use_large_blocks`).
DECODING_BYTES = 425_000_000
OUT_OF_MEMORY = Phrase(id="memori habis", en="out of memory")
# The name of the format of `Pixels`, where a file's has Pillow's.
PIXELS = "pixels"

_DRAFTED = ("JPEG", "MPO")
_WIDE = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
_TURNED = range(2, 9)
_BAND_PIXELS = 1_000_000
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_AVIF = (b"avif", b"avis", b"mif1", b"msf1")
_HEIF = (
    *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
    *(b"mif1", b"msf1"),
)


class Pixels(bytes):
    """Rows of RGB pixels, 3 bytes each: a picture that a program gave instead of a file.

    Attributes:
        width: In pixels.
        height: In pixels.
    """

    width: int
    height: int

    def __new__(cls, rows: bytes, width: int, height: int) -> Self:
        """Put rows together with their shape.

        Args:
            rows: ``3 * width * height`` bytes.
            width: In pixels.
            height: In pixels.

        Raises:
            ValueError: There are more or fewer bytes.
        """
        if len(rows) != 3 * width * height:
            raise ValueError(f"{len(rows)} bytes for {width}x{height} pixels")
        made = super().__new__(cls, rows)
        made.width, made.height = width, height
        return made

    def __getnewargs__(self) -> tuple[bytes, int, int]:  # type: ignore[override]
        return bytes(self), self.width, self.height

    @classmethod
    def of(cls, image: Image.Image) -> Self:
        """Copy an image's pixels, turned by its EXIF, on white where it is transparent.

        Args:
            image: Of any mode; it stays as it is, but is loaded if it was not.

        Returns:
            Its pixels, as `decode_photo` would return them.
        """
        image.load()
        upright = _upright(_rgb(image), _orientation(image))
        return cls(upright.tobytes(), *upright.size)


def use_large_blocks() -> None:
    """Let Pillow take memory in blocks that go back to the system, in this whole process.

    For programs that own their process; a library must not do this to its host. The user's own
    setting, in ``PILLOW_BLOCK_SIZE``, stays.
    """
    if "PILLOW_BLOCK_SIZE" not in os.environ:
        Image.core.set_block_size(64 * 1024 * 1024)  # type: ignore[attr-defined]


def open_image(name: str, data: bytes) -> Image.Image:
    """Read the header of an image, without its pixels.

    Args:
        name: What messages call the photo.
        data: The whole file, or `Pixels`.

    Returns:
        An image that is not loaded yet.

    Raises:
        PhotoUnreadableError: It is not a photo of an allowed format.
        PhotoTooLargeError: Its decoder refuses its size.
        PhotoFailedError: Memory ran out.
    """
    if isinstance(data, Pixels):
        return Image.frombytes("RGB", (data.width, data.height), data)
    try:
        for reader in _readers(data[:16]):
            try:
                image: Image.Image = reader(io.BytesIO(data))
            except (SyntaxError, IndexError, TypeError, struct.error):
                continue  # as Pillow does: not of this format after all
            return image
    except _BOMBS as error:
        raise _refused_size(name, error) from error
    except MemoryError as error:
        raise PhotoFailedError(photo=name, cause=OUT_OF_MEMORY) from error
    except Exception as error:  # a decoder on broken bytes raises anything at all
        raise PhotoUnreadableError(photo=name, cause=said_by(error)) from error
    cause = Phrase(id="format foto tidak dikenal", en="no known photo format")
    if not data:
        cause = Phrase(id="berkas kosong", en="the file is empty")
    raise PhotoUnreadableError(photo=name, cause=cause)


def _refused_size(name: str, error: Exception) -> PhotoTooLargeError:
    return PhotoTooLargeError(photo=name, size=said_by(error), limit=f"{MAX_PIXELS / 1e6:.0f} MP")


def _readers(head: bytes) -> Iterator[Callable[[io.BytesIO], Any]]:
    """Yield the readers that may understand a file, by its first bytes; Pillow knows forty more."""
    # Imported here, since each registers itself with Pillow.
    if head.startswith(b"\xff\xd8\xff"):
        from PIL import JpegImagePlugin  # noqa: PLC0415

        yield JpegImagePlugin.jpeg_factory
    elif head.startswith(b"\x89PNG\r\n\x1a\n"):
        from PIL import PngImagePlugin  # noqa: PLC0415

        yield PngImagePlugin.PngImageFile
    elif head.startswith(b"RIFF") and head[8:15] == b"WEBPVP8":
        from PIL import WebPImagePlugin  # noqa: PLC0415

        yield WebPImagePlugin.WebPImageFile
    elif head.startswith((b"GIF87a", b"GIF89a")):
        from PIL import GifImagePlugin  # noqa: PLC0415

        yield GifImagePlugin.GifImageFile
    elif head.startswith(TIFF_MARKS):
        from PIL import TiffImagePlugin  # noqa: PLC0415

        yield TiffImagePlugin.TiffImageFile
    elif head[4:8] == b"ftyp":
        yield from _readers_of_brand(head[8:12])


def _readers_of_brand(brand: bytes) -> Iterator[Callable[[io.BytesIO], Any]]:
    """Yield the readers of AVIF and HEIF; two of the brands may be either."""
    if brand in _AVIF:
        from PIL.AvifImagePlugin import AvifImageFile  # noqa: PLC0415

        yield AvifImageFile
    if brand in _HEIF:
        from pillow_heif import HeifImageFile  # noqa: PLC0415

        yield HeifImageFile


def decoding_bytes(photo: PhotoFile) -> int:
    """Return about how much memory decoding may take at its height.

    Args:
        photo: As `read_header` returns it.

    Returns:
        Bytes. A progressive JPEG holds two bytes a coefficient, one and a half coefficients a
        pixel, at whatever scale; other formats hold their picture and what it was made of or is
        turned to (8.4 bytes a pixel were measured), WebP two canvases besides (17). An AVIF may
        hold a larger picture than it declares, and its decoder believes the picture, so one is
        decoded at a time.
    """
    if photo.format == "AVIF":
        return DECODING_BYTES
    each = {"JPEG": 3.0, "MPO": 3.0, "WEBP": 17.0}.get(photo.format, 8.5)
    return int(photo.width * photo.height * each)


def decode_photo(photo: PhotoFile, *, short_side: int | None = None) -> Image.Image:
    """Decode a photo's first frame to upright RGB.

    EXIF orientation is applied; transparent parts become white, as on a page; 16-bit and float
    grey keep their range instead of being clipped.

    Args:
        photo: As `read_photo` returns it.
        short_side: If given, a JPEG may be decoded at a half, quarter or eighth of its size as
            long as both sides keep at least this many pixels.

    Returns:
        An image of mode RGB.

    Raises:
        PhotoUnreadableError: The pixels are damaged.
        PhotoTooLargeError: Its decoder refuses its size.
        PhotoFailedError: Memory ran out.
    """
    with open_image(photo.name, photo.data) as image:
        try:
            if short_side is not None and image.format in _DRAFTED:
                image.draft(None, (short_side, short_side))
            image.load()
            orientation = _orientation(image)
            whole = _rgb(image)
            image.close()  # its pixels and its decoder go before those of a turned copy come
            return _upright(whole, orientation)
        except MemoryError as error:
            raise PhotoFailedError(photo=photo.name, cause=OUT_OF_MEMORY) from error
        except _BOMBS as error:
            raise _refused_size(photo.name, error) from error
        except Exception as error:  # a decoder on broken bytes raises anything at all
            raise PhotoUnreadableError(photo=photo.name, cause=said_by(error)) from error


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; a damaged EXIF block counts as none."""
    try:
        require_modest_tags(image.info.get("exif", b""))
        orientation = image.getexif().get(ExifTags.Base.Orientation)
        return int(orientation) if orientation is not None and orientation in _TURNED else 1
    except Exception:  # noqa: BLE001 - the pixels are good, only their label is not
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn an image by its EXIF orientation; the one given must not be used afterwards."""
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
    # A crop is held to the host's limit of pixels, so a band stays below one that is lower.
    rows = max(1, min(_BAND_PIXELS, Image.MAX_IMAGE_PIXELS or _BAND_PIXELS) // image.width)
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
    """Return the values of black and of white in grey of 16 bits, 32 bits or floats."""
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
