"""Output: rows as JSON lines, and files written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgfit.errors import ArgumentError
from imgfit.printable import json_text, said_by, said_by_system

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What is not yet whole has a name that begins so, beside its place. A folder of a day is nobody's:
# what takes longest, an export, takes minutes.
UNFINISHED = ".imgfit-"
_STALE_SECONDS = 86_400


def json_lines(rows: Iterable[dict[str, Any]]) -> str:
    """Return rows as JSON, one object a line; read again, every text is exactly what it was.

    Args:
        rows: Plain values by name.

    Returns:
        Text that is UTF-8 and commands no terminal.
    """
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
    return json_text("".join(f"{line}\n" for line in lines))


@contextmanager
def staged_folder(parent: Path) -> Iterator[Path]:
    """Give a new folder beside where a result goes, to be renamed there once it is whole.

    What is left of it in the end goes away, and so do those that killed processes left there.

    Args:
        parent: An existing folder.

    Yields:
        The new folder, empty.

    Raises:
        OSError: It cannot be made.
    """
    remove_stale(parent)
    made = Path(tempfile.mkdtemp(dir=parent, prefix=UNFINISHED))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def remove_stale(parent: Path) -> None:
    """Remove folders that killed processes left unfinished.

    A folder changed within the last day may be in use. A date in the future means a wrong clock,
    and counts by its distance from today.

    Args:
        parent: Where they would be.
    """
    for left in parent.glob(f"{UNFINISHED}*"):
        try:
            age = time.time() - left.stat().st_mtime
        except OSError:  # another process was first
            continue
        if abs(age) > _STALE_SECONDS and left.is_dir():
            shutil.rmtree(left, ignore_errors=True)


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
            "wb", dir=path.parent, prefix=UNFINISHED, delete=False
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
        # The system names the unfinished file, which nobody asked for.
        needed = said_by_system(error.errno) if error.errno else said_by(error)
        raise ArgumentError(argument="path", value=path, needed=needed) from error
