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

from PIL import ExifTags, Image, ImageOps

from imgfit.errors import (
    PhotoFailedError,
    PhotoKindError,
    PhotoTooLargeError,
    PhotoUnreadableError,
)
from imgfit.language import Phrase
from imgfit.photos.colours import is_wide, to_srgb
from imgfit.photos.format_limits import TIFF_MARKS, require_modest_tags
from imgfit.photos.greys import WIDE, range_of, to_eight_bits
from imgfit.photos.grounds import WHITE, ground_of, is_see_through, laid_on
from imgfit.photos.kinds import kind_of
from imgfit.photos.size_limits import MAX_PIXELS, MAX_PIXELS_JPEG
from imgfit.photos.tiff import find_pages, planes_apart
from imgfit.photos.whole import mended_end
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Self

    from imgfit.photos.reading import PhotoFile

# Changes with anything that changes the pixels of ordinary photos (`is_special`); part of every
# encoder's fingerprint, so that a calibration is refused after it.
PREPROCESSING_VERSION = 1
# Changes with anything that changes the pixels of special photos alone: their embeddings are kept
# apart in caches. Calibrations are fitted on ordinary photos and stay.
SPECIAL_VERSION = 2

# What photos may hold at once while they are decoded, however many threads do it. Pillow keeps
# pictures in blocks of 16 MB, and glibc keeps such blocks for the thread that freed them: a run
# over large photos on two threads took 0.7 GB with PILLOW_BLOCK_SIZE=64m, and 1.3 GB without. The
# command sets it for its own process (`use_large_blocks`).
DECODING_BYTES = 425_000_000
OUT_OF_MEMORY = Phrase(id="memori habis", en="out of memory")
# The name of the format of `Pixels`, where a file's has Pillow's.
PIXELS = "pixels"
_CUT_OFF = Phrase(
    id="berkas terpotong: sebagian gambarnya hilang",
    en="the file is cut off: a part of the picture is missing",
)

_DRAFTED = ("JPEG", "MPO")
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
        """Copy an image's pixels, turned by its EXIF, as `decode_photo` would.

        Args:
            image: Of any mode; it stays as it is, but is loaded if it was not.

        Returns:
            Its pixels, as `decode_photo` would return them.
        """
        image.load()
        profile = image.info.get("icc_profile") if is_wide(image) else None
        upright = _upright(to_srgb(_rgb(image), profile), _orientation(image, b""))
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
            return _at_photo(image, data)
    except _BOMBS as error:
        raise _refused_size(name, error) from error
    except MemoryError as error:
        raise PhotoFailedError(photo=name, cause=OUT_OF_MEMORY) from error
    except Exception as error:  # a decoder on broken bytes raises anything at all
        raise PhotoUnreadableError(photo=name, cause=said_by(error)) from error
    kind = kind_of(data)
    if kind is not None:
        raise PhotoKindError(photo=name, kind=kind.name, mend=kind.mend)
    cause = Phrase(id="format foto tidak dikenal", en="no known photo format")
    if not data:
        cause = Phrase(id="berkas kosong", en="the file is empty")
    raise PhotoUnreadableError(photo=name, cause=cause)


def _at_photo(image: Image.Image, data: bytes) -> Image.Image:
    """Bring an opened TIFF to the page that is the photo."""
    if image.format == "TIFF":
        page = find_pages(data).photo
        if page:
            image.seek(page)
    return image


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
    elif head.startswith(b"BM"):
        from PIL import BmpImagePlugin  # noqa: PLC0415

        yield BmpImagePlugin.BmpImageFile
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
        pixel, at whatever scale; one over `MAX_PIXELS_JPEG` is not progressive, and is decoded at
        half its size or less. Other formats hold their picture and what it was made of or is
        turned to (8.4 bytes a pixel were measured), WebP two canvases besides (17). An AVIF may
        hold a larger picture than it declares, and its decoder believes the picture, so one is
        decoded at a time.
    """
    if photo.format == "AVIF":
        return DECODING_BYTES
    each = {"JPEG": 3.0, "MPO": 3.0, "WEBP": 17.0}.get(photo.format, 8.5)
    if _must_scale(photo):
        each /= 4
    return int(photo.width * photo.height * each)


def _must_scale(photo: PhotoFile) -> bool:
    return photo.format in _DRAFTED and photo.width * photo.height > MAX_PIXELS_JPEG


def is_special(image: Image.Image) -> bool:
    """Tell whether a photo is not just upright colours of 8 bits.

    Args:
        image: Its header is enough.

    Returns:
        True for every TIFF and HEIC, and for what is transparent, of wide gamut or of wide grey.
    """
    return (
        image.format in ("TIFF", "HEIF")
        or image.mode in WIDE
        or is_see_through(image)
        or is_wide(image)
    )


def decode_photo(photo: PhotoFile, *, short_side: int | None = None) -> Image.Image:
    """Decode a photo's first frame, or its page of a TIFF, to upright RGB.

    EXIF orientation is applied; transparent parts become white, as on a page, or dark grey if the
    rest would not be seen on white; wide grey keeps its range instead of being clipped; wide-gamut
    colours are brought to sRGB. A JPEG may lack its end mark, not a part of its picture.

    Args:
        photo: As `read_photo` returns it.
        short_side: If given, a JPEG may be decoded at a half, quarter or eighth of its size as
            long as both sides keep at least this many pixels. One over `MAX_PIXELS_JPEG` always
            is, at a half at most.

    Returns:
        An image of mode RGB.

    Raises:
        PhotoUnreadableError: The pixels are damaged, or a part of them is missing.
        PhotoTooLargeError: Its decoder refuses its size.
        PhotoFailedError: Memory ran out.
    """
    if _must_scale(photo):
        half = min(photo.width, photo.height) // 2
        short_side = half if short_side is None else min(short_side, half)

    def opened(data: bytes) -> Image.Image:
        image = open_image(photo.name, data)
        if short_side is not None and image.format in _DRAFTED:
            image.draft(None, (short_side, short_side))
        return image

    with opened(photo.data) as image:
        try:
            loaded = _loaded(image, photo.data, opened)
            orientation = _orientation(image, photo.data)
            whole = _rgb(loaded)
            profile = image.info.get("icc_profile") if is_wide(image) else None
            image.close()  # its pixels and its decoder go before those of a turned copy come
            del loaded
            return _upright(to_srgb(whole, profile), orientation)
        except MemoryError as error:
            raise PhotoFailedError(photo=photo.name, cause=OUT_OF_MEMORY) from error
        except _BOMBS as error:
            raise _refused_size(photo.name, error) from error
        except Exception as error:  # a decoder on broken bytes raises anything at all
            cause = _CUT_OFF if "truncated" in str(error) else said_by(error)
            raise PhotoUnreadableError(photo=photo.name, cause=cause) from error


def _loaded(image: Image.Image, data: bytes, opened: Callable[[bytes], Image.Image]) -> Image.Image:
    """Load an image's pixels: the image itself, or another that stands for it."""
    if image.format == "TIFF":
        planes = planes_apart(data, find_pages(data).photo, image.size)
        if planes is not None:
            return planes
    try:
        image.load()
    except OSError as error:
        if image.format not in _DRAFTED or "truncated" not in str(error):
            raise
        mended = mended_end(data, opened)
        if mended is None:
            raise
        return mended
    return image


def _orientation(image: Image.Image, data: bytes) -> int:
    """Return the EXIF orientation, 1 to 8; a damaged EXIF block counts as none."""
    try:
        if image.format == "HEIF":
            return _heif_orientation(image, data)
        require_modest_tags(image.info.get("exif", b""))
        orientation = image.getexif().get(ExifTags.Base.Orientation)
        return int(orientation) if orientation is not None and orientation in _TURNED else 1
    except Exception:  # noqa: BLE001 - the pixels are good, only their label is not
        return 1


def _heif_orientation(image: Image.Image, data: bytes) -> int:
    """Return the EXIF turn of a HEIC that has none of its own; its decoder applies its own.

    Its properties stand before the picture, in a part that is small; the reader sets the EXIF turn
    to 1 in either case, and keeps what it was.
    """
    head = data[: data.find(b"mdat") % (len(data) + 1)]
    turn = image.info.get("original_orientation")
    if b"irot" in head or b"imir" in head or turn is None:
        return 1
    return int(turn) if turn in _TURNED else 1


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
    wide = image.mode in WIDE
    low, high = 0.0, 1.0
    if wide:
        low, high = range_of(lambda: (b for _, b in _bands(image)), image.width * image.height)
    ground = ground_of(b for _, b in _bands(image)) if is_see_through(image) else WHITE
    whole = Image.new("RGB", image.size)
    for top, band in _bands(image):
        whole.paste(to_eight_bits(band, low, high) if wide else laid_on(ground, band), (0, top))
    return whole


def _bands(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield bands of rows, each with the row that it begins at."""
    # A crop is held to the host's limit of pixels, so a band stays below one that is lower.
    rows = max(1, min(_BAND_PIXELS, Image.MAX_IMAGE_PIXELS or _BAND_PIXELS) // image.width)
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))
