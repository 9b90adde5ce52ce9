"""Files from strangers, read so that nothing waits for a pipe and nothing grows without end."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, BinaryIO

from imgfit.language import megabytes
from imgfit.printable import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

# A pipe that took a file's place since it was looked at would make an opener wait for its writer.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class OversizeError(RefusedError):
    """A file is over the limit of bytes.

    Attributes:
        size: How many it has; None if nobody asked.
    """

    def __init__(self, size: int | None, limit: int) -> None:
        said = megabytes(limit)
        super().__init__(id=f"lebih dari {said.id}", en=f"over {said.en}")
        self.size = size


def read_regular(path: Path, limit: int) -> bytes:
    """Read a regular file whole; a pipe, device or folder at its name is not even opened.

    Args:
        path: The file; a link is followed.
        limit: Most bytes it may have.

    Returns:
        Its bytes.

    Raises:
        OSError: It cannot be read.
        OversizeError: Over the limit.
        ValueError: It is not a regular file, or its size changed while it was read. Files of
            ``/proc`` say that they are empty and may never end, so they are refused too.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise OversizeError(size, limit)
        data = file.read(size + 1)
    if len(data) != size:
        raise RefusedError(
            id="ukurannya berubah saat dibaca", en="its size changed while it was read"
        )
    return data


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading at any place in it.

    Args:
        path: The file; a link is followed.

    Returns:
        The open file.

    Raises:
        OSError: It cannot be opened.
        ValueError: It is not a regular file.
    """
    _require_regular(path.stat())
    file = open(os.open(path, _FLAGS), "rb")  # noqa: PTH123, SIM115 - a descriptor, returned
    try:
        _require_regular(os.fstat(file.fileno()))
    except ValueError:
        file.close()
        raise
    return file


def _require_regular(status: os.stat_result) -> None:
    """Refuse folders, pipes, sockets and devices: opening a device may act on it."""
    if not stat.S_ISREG(status.st_mode):
        raise RefusedError(id="bukan berkas biasa", en="not a file")
