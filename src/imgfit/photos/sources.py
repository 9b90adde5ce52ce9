"""What a photo may be given as: a path, bytes, an open file, or a picture in memory."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from imgfit import arguments
from imgfit.errors import ArgumentError, PhotoError, PhotoFailedError, PhotoUnreadableError
from imgfit.language import Phrase
from imgfit.photos import size_limits
from imgfit.photos.decoding import OUT_OF_MEMORY, PIXELS, Pixels
from imgfit.photos.size_limits import over_bytes, require_bytes, require_size
from imgfit.printable import said_by

if TYPE_CHECKING:
    from typing import Any, Protocol, TypeAlias

    from numpy.typing import NDArray

    class Readable(Protocol):
        """A file opened as binary, or anything else that is read like one."""

        def read(self, size: int, /) -> bytes | None:
            """Return at most ``size`` bytes; none at the end."""

    # Kept by a draft: a path or an address, the bytes of a file, or `Pixels`, which are bytes too.
    KeptSource: TypeAlias = str | os.PathLike[str] | bytes
    PhotoSource: TypeAlias = (
        KeptSource | bytearray | memoryview | Readable | Image.Image | NDArray[np.uint8]
    )

_CHANNELS = 3
_AS_TEXT = Phrase(id="berkas yang dibuka sebagai teks", en="a file opened as text")


def require_photo(photo: object) -> None:
    """Refuse a value that no photo can be given as; nothing is read.

    Args:
        photo: Any.

    Raises:
        ArgumentError: It is of another type, or an array of another shape or dtype. Its contents
            are never in the message.
    """
    arguments.require_photo("photo", photo)
    if isinstance(photo, np.ndarray):
        if photo.ndim != _CHANNELS or photo.shape[2] != _CHANNELS or photo.dtype != np.uint8:
            raise _unfit(
                Phrase(
                    id=f"array berbentuk {photo.shape} dengan dtype {photo.dtype}",
                    en=f"an array of shape {photo.shape} and dtype {photo.dtype}",
                )
            )
    elif isinstance(photo, io.TextIOBase):
        raise _unfit(_AS_TEXT)
    elif not isinstance(
        photo, (str, os.PathLike, bytes, bytearray, memoryview, Image.Image)
    ) and not callable(getattr(photo, "read", None)):  # another library's array, or one number
        raise arguments.wrong_type("photo", photo, arguments.PHOTO)


def _unfit(value: Phrase) -> ArgumentError:
    return ArgumentError(argument="photo", value=value, needed=arguments.PHOTO)


def take_photo(photo: PhotoSource) -> KeptSource:
    """Turn a photo into one of the kinds that can be kept and read any number of times.

    An open file is read to its end; a picture in memory is copied, as upright RGB. Paths are not
    looked at.

    Args:
        photo: Any of the kinds of `PhotoSource`.

    Returns:
        A path, bytes or `Pixels`.

    Raises:
        ArgumentError: It is of another type, or an array of another shape or dtype.
        PhotoUnreadableError: An open file or an image that is not loaded yet cannot be read.
        PhotoTooLargeError: It is over the limit of bytes or pixels.
        PhotoShapeError: A picture in memory is too small or too narrow.
        PhotoFailedError: Memory ran out.
    """
    require_photo(photo)
    if isinstance(photo, (str, os.PathLike, bytes)):
        return photo
    try:
        return _taken(photo)
    except (ArgumentError, PhotoError):
        raise
    except MemoryError as error:
        raise PhotoFailedError(photo=name_of(photo), cause=OUT_OF_MEMORY) from error
    except Exception as error:  # whatever a file of another library raises, or a broken image
        raise PhotoUnreadableError(photo=name_of(photo), cause=said_by(error)) from error


def _taken(photo: Any) -> bytes:
    name = name_of(photo)
    if isinstance(photo, (bytearray, memoryview)):
        require_bytes(name, memoryview(photo).nbytes)
        return bytes(photo)
    if isinstance(photo, np.ndarray):
        height, width, _ = photo.shape
        require_size(name, PIXELS, width, height)
        return Pixels(photo.tobytes(), width, height)
    if isinstance(photo, Image.Image):
        require_size(name, PIXELS, *photo.size)
        return Pixels.of(photo)
    return _read_open(photo, name)


def _read_open(file: Readable, name: str) -> bytes:
    """Read an open file from where it stands to its end, within the limit of bytes."""
    data = bytearray()
    while len(data) <= size_limits.MAX_BYTES:
        piece: Any = file.read(size_limits.MAX_BYTES + 1 - len(data))
        if isinstance(piece, str):
            raise _unfit(_AS_TEXT)
        if not piece:
            return bytes(data)
        data += piece
    raise over_bytes(name, None)


def name_of(photo: object) -> str:
    """Return the name that messages and results give a photo.

    Args:
        photo: Any of the kinds of `PhotoSource`, or None where there is no photo.

    Returns:
        The path or address; for others the size or the type, such as ``"<1234 bytes>"`` or
        ``"<640x480 pixels>"``; ``"-"`` for None.
    """
    if photo is None:
        return "-"
    if isinstance(photo, Pixels):
        return f"<{photo.width}x{photo.height} pixels>"
    if isinstance(photo, (bytes, bytearray, memoryview)):
        return f"<{memoryview(photo).nbytes} bytes>"
    if isinstance(photo, np.ndarray) and photo.ndim == _CHANNELS:
        return f"<{photo.shape[1]}x{photo.shape[0]} pixels>"
    if isinstance(photo, Image.Image):
        return f"<{photo.width}x{photo.height} pixels>"
    return str(photo) if isinstance(photo, (str, os.PathLike)) else f"<{type(photo).__name__}>"
