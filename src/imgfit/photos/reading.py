"""Photos' files: read within limits, digested, and their headers understood; nothing is decoded.

Reading and decoding are apart, so a photo whose embedding is already known is never decoded. Photos
come from strangers: bytes, pixels and shape are bounded before a decoder allocates anything.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from blake3 import blake3

from imgfit.errors import PhotoMissingError, PhotoUnreadableError
from imgfit.files import OversizeError, RemoteFile, read_regular
from imgfit.photos import size_limits
from imgfit.photos.decoding import PIXELS, Pixels, is_special, open_image
from imgfit.photos.format_limits import require_modest, scans_of
from imgfit.photos.size_limits import over_bytes, require_bytes, require_size
from imgfit.photos.sources import name_of, take_photo
from imgfit.photos.tiff import find_pages
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

    from imgfit.photos.sources import PhotoSource

# What photos' files may hold at once while they are read, however many threads do it.
READING_BYTES: int = size_limits.MAX_BYTES
# What a run keeps of the files that it reads again: 16 photos of 4 MB.
KEEPING_BYTES = 64_000_000
# Pixels are digested apart from files, so that no file can pass for a picture in memory.
_PIXELS_CONTEXT = "imgfit 2026 pixels RGB {width}x{height}"


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A photo's bytes with its header's facts.

    Attributes:
        name: What messages call it, as `sources.name_of`.
        data: The whole file, or `Pixels`.
        digest: The `digest_of` the data.
        format: Pillow's name of the format, such as ``"JPEG"``, or ``"pixels"``.
        width: Stored width in pixels, before any EXIF turn.
        height: Stored height in pixels.
        animated: Whether it holds more than one frame or page; only the first is looked at.
        special: Whether its pixels follow rules of their own (`decoding.is_special`), so that
            embeddings of them are kept apart.
    """

    name: str
    data: bytes = field(repr=False)
    digest: str
    format: str
    width: int
    height: int
    animated: bool
    special: bool = False


def read_photo(source: PhotoSource) -> PhotoFile:
    """Read a photo's file and header, within limits, without decoding it.

    Args:
        source: As `sources.take_photo` takes it.

    Returns:
        The bytes, their digest and the header's facts.

    Raises:
        ArgumentError: The source is of a type that no photo can be given as.
        PhotoMissingError: There is no such file.
        PhotoUnreadableError: It is not a regular file, or not a photo of a known format.
        PhotoTooLargeError: Over the limit of bytes or pixels.
        PhotoShapeError: A side is too short, or too long for the other.
    """
    source = take_photo(source)
    data = read_bytes(source)
    return read_header(name_of(source), data, digest_of(data))


def read_bytes(source: PhotoSource, *, again: bool = False) -> bytes:
    """Read a photo's whole file, within the limit of bytes.

    Args:
        source: As `sources.take_photo` takes it.
        again: Whether this run is going to read it once more; `keep_files` keeps it then.

    Returns:
        The bytes; `Pixels` for a picture in memory.

    Raises:
        ArgumentError: The source is of a type that no photo can be given as.
        PhotoMissingError: There is no such file.
        PhotoUnreadableError: It is not a regular file.
        PhotoTooLargeError: Over the limit of bytes.
    """
    source = take_photo(source)
    if isinstance(source, Pixels):
        return source
    if isinstance(source, bytes):
        require_bytes(name_of(source), len(source))
        return source
    kept = _Run.kept
    return _read_file(source) if kept is None else kept.read(source, again=again)


def digest_of(data: bytes) -> str:
    """Return the identity of a photo's bytes.

    BLAKE3, because a run over unchanged photos does little else: over 500 photos of 12 MP it took a
    quarter of the time of SHA-256, and on processors without instructions for SHA less still.

    Args:
        data: The whole file, or `Pixels`, whose digest is that of no file.

    Returns:
        64 hexadecimal digits.
    """
    if isinstance(data, Pixels):
        context = _PIXELS_CONTEXT.format(width=data.width, height=data.height)
        return blake3(data, derive_key_context=context).hexdigest()
    return blake3(data).hexdigest()


def read_header(name: str, data: bytes, digest: str) -> PhotoFile:
    """Read the header of a photo's bytes.

    Args:
        name: What messages call the photo.
        data: The whole file, or `Pixels`.
        digest: Its `digest_of`.

    Returns:
        The bytes with the header's facts.

    Raises:
        PhotoUnreadableError: The bytes are not a photo of a known format.
        PhotoTooLargeError: Over the limit of pixels.
        PhotoShapeError: A side is too short, or too long for the other.
    """
    if isinstance(data, Pixels):
        require_size(name, PIXELS, data.width, data.height)
        return PhotoFile(name, data, digest, PIXELS, data.width, data.height, animated=False)
    try:
        require_modest(data)
    except ValueError as error:
        raise PhotoUnreadableError(photo=name, cause=said_by(error)) from error
    with open_image(name, data) as image:
        width, height = image.size
        kind = str(image.format)
        _require_size(name, data, kind, width, height)
        special = is_special(image)
        # An MPO's further frames are a phone's depth map or preview, not an animation.
        animated = kind in ("GIF", "PNG", "WEBP", "AVIF") and _is_animated(image)
        animated = animated or (kind == "TIFF" and find_pages(data).several)
    return PhotoFile(name, data, digest, kind, width, height, animated, special)


def _require_size(name: str, data: bytes, kind: str, width: int, height: int) -> None:
    """Refuse a size; the few large JPEGs are looked at for how they can be decoded."""
    large = width * height > size_limits.MAX_PIXELS_JPEG
    scalable = large and kind in ("JPEG", "MPO") and scans_of(data).one_pass
    require_size(name, kind, width, height, scalable=scalable)


def _is_animated(image: Image.Image) -> bool:
    """Tell whether there is a second frame; one that is cut off does not count."""
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # noqa: BLE001 - a GIF looks for the frame only now, in broken bytes too
        return False


def header_facts(photo: PhotoFile) -> bytes:
    """Return a header's facts, to be kept under the photo's digest.

    Args:
        photo: As `read_header` returns it.

    Returns:
        One line of ASCII.
    """
    flags = f"{photo.animated:d} {photo.special:d}"
    return f"{photo.format} {photo.width} {photo.height} {flags}".encode("ascii")


def recall_header(name: str, data: bytes, digest: str, facts: bytes) -> PhotoFile | None:
    """Put a photo together from facts kept under its digest, without a look at its header.

    Args:
        name: What messages call the photo.
        data: The whole file, or `Pixels`.
        digest: Its `digest_of`.
        facts: As `header_facts` returned them.

    Returns:
        The photo as `read_header` returns it; None if the facts cannot be understood.

    Raises:
        PhotoTooLargeError: Over the limit of pixels.
        PhotoShapeError: A side is too short, or too long for the other.
    """
    try:
        kind, width, height, *flags = facts.decode("ascii").split()
        animated, special = (flag == "1" for flag in flags)
        photo = PhotoFile(name, data, digest, kind, int(width), int(height), animated, special)
    except ValueError:
        return None
    _require_size(name, data, kind, photo.width, photo.height)
    return photo


def bytes_to_read(source: PhotoSource) -> int:
    """Return how much memory a photo's file takes once it is read.

    Args:
        source: As `sources.take_photo` takes it.

    Returns:
        Bytes; 0 for a photo that is in memory already, is over the limit, or cannot be read. A
        store is asked for the size, as one more request; if it does not tell, the limit.
    """
    if not isinstance(source, (str, os.PathLike)):
        return 0
    try:
        if isinstance(source, RemoteFile):
            size = source.size()
            return size_limits.MAX_BYTES if size is None else min(size, size_limits.MAX_BYTES)
        size = Path(source).stat().st_size
    except (OSError, ValueError):
        return 0
    return size if size <= size_limits.MAX_BYTES else 0


def _read_file(source: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a file, here or behind an address, within the limit."""
    try:
        if isinstance(source, RemoteFile):
            return source.read_bytes(size_limits.MAX_BYTES)
        return read_regular(Path(source), size_limits.MAX_BYTES)
    except FileNotFoundError:
        raise PhotoMissingError(photo=source) from None
    except OversizeError as error:
        raise over_bytes(str(source), error.size) from error
    except (OSError, ValueError) as error:
        raise PhotoUnreadableError(photo=source, cause=said_by(error)) from error


# --- files that a run reads more than once -----------------------------------------------------


class _KeptFiles:
    """Files as they were first read, as many as fit; the first ones stay.

    A run goes through its photos in one order, again and again: dropping the oldest would lose each
    file just before it is asked for.
    """

    def __init__(self, size: int, *, until_end: bool) -> None:
        self._free = size
        self._until_end = until_end
        self._files: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def read(self, source: str | os.PathLike[str], *, again: bool) -> bytes:
        """Return a file's bytes, as they were if it is kept, and keep it if it is read again."""
        key = str(source) if isinstance(source, RemoteFile) else str(Path(source).absolute())
        again = again or self._until_end
        with self._lock:
            known = self._files.get(key)
            if known is not None:
                if not again:
                    self._free += len(self._files.pop(key))
                return known
        data = _read_file(source)
        with self._lock:
            if again and key not in self._files and len(data) <= self._free:
                self._files[key] = data
                self._free -= len(data)
        return data


class _Run:
    """What belongs to the run under way; threads of its own must see it, so it is no context."""

    kept: _KeptFiles | None = None


@contextmanager
def keep_files(*, until_end: bool, size: int = KEEPING_BYTES) -> Iterator[None]:
    """Read the same photo's file once in the block, if memory allows.

    For a program whose run this is: while the block runs, every thread of the process reads a kept
    file as it was first read.

    Args:
        until_end: Whether photos are read once more after they were embedded, as a page does for
            its thumbnails; if not, a file goes as soon as it was embedded.
        size: Bytes that kept files may take together.

    Yields:
        Once, for the run.
    """
    before, _Run.kept = _Run.kept, _KeptFiles(size, until_end=until_end)
    try:
        yield
    finally:
        _Run.kept = before
