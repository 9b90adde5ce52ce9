"""Files from strangers, read so that nothing waits for a pipe and nothing grows without end."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

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


class OversizeError(ValueError):
    """A file is over the limit of bytes.

    Attributes:
        size: How many it has.
    """

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"over {limit / 1e6:g} MB")
        self.size = size


def read_regular(path: Path, limit: int) -> bytes:
    """Read a regular file whole; what else may stand at its name is not even opened.

    Args:
        path: The file; a link is followed.
        limit: Most bytes it may have.

    Returns:
        Its bytes.

    Raises:
        OSError: It cannot be read.
        OversizeError: Over the limit.
        ValueError: It is no regular file, or its size changed while it was read. A file of
            ``/proc`` says that it is empty and may never end, so it counts among those.
    """
    _require_regular(path.stat())
    with open(os.open(path, _FLAGS), "rb") as file:  # noqa: PTH123 - a descriptor
        status = os.fstat(file.fileno())
        _require_regular(status)
        if status.st_size > limit:
            raise OversizeError(status.st_size, limit)
        data = file.read(status.st_size + 1)
    if len(data) != status.st_size:
        raise ValueError("its size changed while it was read")
    return data


def _require_regular(status: os.stat_result) -> None:
    """Refuse folders, pipes, sockets and devices: opening a device may act on it."""
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("not a file")
