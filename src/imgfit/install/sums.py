"""The list of digests that proves a bundle whole: its ``SHA256SUMS``.

The list names every file that could change a score. The names in a stranger's list are checked
before anything is opened by them.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from imgfit.errors import ModelBrokenError, ModelDamagedError
from imgfit.files import read_text, write_whole
from imgfit.install.golden import GOLDEN_NAME
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from imgfit.install.hub import Progress
    from imgfit.models import ModelFolder

SUMS_NAME = "SHA256SUMS"
# A user adds these to a bundle: fitted on this machine, and refused by fingerprint elsewhere.
OWN_FILES = frozenset({"calibration.json", "cohort.safetensors", "windows.safetensors"})
# Made by imgfit at pull, by arithmetic and words that may differ between machines and versions:
# the lock records only the files that were received.
_UNLOCKED = OWN_FILES | {SUMS_NAME, GOLDEN_NAME, "imgfit.json"}
_NO_MATTER = re.compile(r"\..*|.*\.md|Thumbs\.db|desktop\.ini", re.IGNORECASE)
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_MAX_SUMS = 1_000_000
_MAX_DEPTH = 2


def write_sums(folder: Path, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """List the SHA-256 of every file of a bundle in its ``SHA256SUMS``.

    Args:
        folder: The bundle.
        known: Digests by path that need not be computed.

    Returns:
        Digests by path.
    """
    known = known or {}
    names = [name for name in files_of(folder) if matters(name) and name != SUMS_NAME]
    sums = {name: known.get(name) or file_sum(folder / name) for name in names}
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    write_whole("".join(lines), folder / SUMS_NAME)
    return sums


def locked_files(sums: Mapping[str, str]) -> dict[str, str]:
    """Return those digests that a lock file records.

    Args:
        sums: Digests by path.

    Returns:
        Those of files that are the same wherever the model is pulled.
    """
    return {name: digest for name, digest in sums.items() if name not in _UNLOCKED}


def check_files(folder: ModelFolder, *, progress: Progress | None = None) -> dict[str, str]:
    """Compute every digest of a bundle again and compare.

    Args:
        folder: The bundle.
        progress: Called with each file's name, 0 or 1, and 1.

    Returns:
        Digests by path.

    Raises:
        ModelDamagedError: A file changed, is missing, is not listed, or is a link; or the list is
            missing or leads outside.
    """
    listed = read_sums(folder)
    present = files_of(folder.path)
    odd = [n for n in present if (p := folder.path / n).is_symlink() or not p.is_file()]
    odd += [n for n in listed if (folder.path / n).parent.is_symlink()]
    missing = sorted(set(listed) - set(present))
    extra = sorted(set(filter(matters, present)) - set(listed) - OWN_FILES - {SUMS_NAME})
    changed, found = [], {}
    for name in sorted(set(listed) & set(present) - set(odd)):
        if progress is not None:
            progress(name, 0, 1)
        found[name] = file_sum(folder.path / name)
        if found[name] != listed[name]:
            changed.append(name)
        if progress is not None:
            progress(name, 1, 1)
    if changed or missing or extra or odd:
        raise damaged(folder, changed=changed, missing=missing, extra=extra, odd=odd)
    return found


def file_sum(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_of(folder: Path) -> list[str]:
    """List a folder's files, links and special files too, as paths in it."""
    found = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return [path.relative_to(folder).as_posix() for path in found]


def matters(name: str) -> bool:
    """Tell whether a file could change a score: all but a few could."""
    return not any(_NO_MATTER.fullmatch(part) for part in name.split("/"))


def read_sums(folder: ModelFolder) -> dict[str, str]:
    """Read a bundle's list of digests.

    Args:
        folder: The bundle.

    Returns:
        Digests by path; every path stays inside the bundle.

    Raises:
        ModelDamagedError: The list is missing, or is a link.
        ModelBrokenError: The list is damaged, or leads outside.
    """
    path = folder.path / SUMS_NAME
    if path.is_symlink() or not path.is_file():
        raise damaged(folder, missing=[SUMS_NAME])
    try:
        lines = read_text(path, _MAX_SUMS).splitlines()
    except (OSError, ValueError) as error:
        raise ModelBrokenError(folder=folder.path, cause=said_by(error, SUMS_NAME)) from error
    listed = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or not is_inside(match[2]) or match[2] in listed:
            raise ModelBrokenError(folder=folder.path, cause=f"{SUMS_NAME}: {line[:80]!r}")
        listed[match[2]] = match[1]
    return listed


def is_inside(name: str) -> bool:
    """Tell whether a path stays inside a bundle, is not hidden and is plain to every system."""
    parts = name.split("/")
    return len(parts) <= _MAX_DEPTH and all(_SAFE.fullmatch(part) for part in parts)


def damaged(folder: ModelFolder, **findings: list[str] | str) -> ModelDamagedError:
    """Make the error that names the differences.

    Args:
        folder: The bundle.
        findings: ``changed``, ``missing``, ``extra`` and ``odd`` are names of files, ``golden``
            is how far the golden pair moved.

    Returns:
        The error.
    """
    said = {
        kind: ", ".join(found) if isinstance(found, list) else found
        for kind, found in findings.items()
        if found
    }
    kinds = ("changed", "missing", "extra", "odd", "golden")
    return ModelDamagedError(folder=folder.path, **dict.fromkeys(kinds, "–") | said)
