"""Output files: written whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from imgfit.errors import ArgumentError


def write_whole(content: str | bytes, path: str | os.PathLike[str]) -> None:
    """Write a file whole or not at all: beside its place first, then put there in one step.

    A process that is killed meanwhile may leave a file that begins with ``.imgfit-`` there.

    Args:
        content: What the file will hold; text is written as UTF-8, line ends as they are.
        path: The file; an existing one is replaced.

    Raises:
        ArgumentError: The file cannot be written; what stood at ``path`` still does.
    """
    path = Path(path)
    try:
        with tempfile.NamedTemporaryFile(
            "wb", dir=path.parent, prefix=".imgfit-", delete=False
        ) as file:
            try:
                file.write(content.encode("utf-8") if isinstance(content, str) else content)
                file.flush()
                # Or a loss of power could leave the new name with nothing under it.
                os.fsync(file.fileno())
                file.close()
                Path(file.name).chmod(0o644)
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise ArgumentError(argument="output", value=path, needed=str(error)) from error
