"""Bundles carried as a ``.tar`` file or a folder: written for anyone, read as a stranger's.

All names are checked, and the room on the disk, before anything is written.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from imgfit.errors import ModelArchiveError, ModelSpaceError
from imgfit.install.sums import files_of, is_inside, matters
from imgfit.language import Phrase

if TYPE_CHECKING:
    from pathlib import Path

_MAX_FILES = 200
_CHUNK = 1 << 20
# Room that is left over when a model has been written, in bytes.
_MARGIN = 100_000_000


_TOO_MANY = Phrase(id=f"lebih dari {_MAX_FILES} berkas", en=f"over {_MAX_FILES} entries")


def write_archive(folder: Path, slug: str, target: Path) -> None:
    """Write a folder's files as a ``.tar`` that does not tell who made it, or when.

    Args:
        folder: The files.
        slug: Name of the folder in the archive.
        target: The file to write, on the folder's disk.

    Raises:
        OSError: It cannot be written.
    """
    archive = folder.parent / "archive"
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        for name in files_of(folder):
            tar.add(folder / name, f"{slug}/{name}", filter=_anonymous)
    archive.replace(target)


def copy_bundle(source: Path, target: Path) -> None:
    """Copy a carried bundle's files into a folder.

    Args:
        source: A ``.tar`` file or a folder.
        target: An empty folder.

    Raises:
        ModelArchiveError: A name leads outside, or something is not a plain file.
        ModelSpaceError: The disk has too little room.
        OSError: A file cannot be read or written.
        tarfile.TarError: The archive is damaged.
    """
    if source.is_dir():
        _copy_folder(source, target)
    else:
        _extract(source, target)


def require_space(folder: Path, needed: int) -> None:
    """Refuse work that the disk has no room for.

    Args:
        folder: On that disk; it exists.
        needed: Bytes.

    Raises:
        ModelSpaceError: Fewer are free, with a margin.
    """
    free = shutil.disk_usage(folder).free
    if needed + _MARGIN > free:
        raise ModelSpaceError(
            folder=folder, needed=round((needed + _MARGIN) / 1e6), free=round(free / 1e6)
        )


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out of an archive who made it and when."""
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    info.mode = 0o644
    return info


def _copy_folder(source: Path, staged: Path) -> None:
    names = [name for name in files_of(source) if matters(name)]
    _require_names(source, names)
    for name in names:
        if (source / name).is_symlink() or not (source / name).is_file():
            raise ModelArchiveError(path=source, cause=_not_file(name))
    require_space(staged, sum((source / name).stat().st_size for name in names))
    for name in names:
        (staged / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(source / name, staged / name)


def _extract(source: Path, staged: Path) -> None:
    """Copy an archive's files out one by one, after all their names were looked at."""
    with tarfile.open(source, "r:") as tar:
        members = []
        for member in tar:
            members.append(member)
            if len(members) > _MAX_FILES:
                raise ModelArchiveError(path=source, cause=_TOO_MANY)
            if not (member.isreg() or member.isdir()) or member.issparse():
                raise ModelArchiveError(path=source, cause=_not_file(repr(member.name[:80])))
        tops = {PurePosixPath(member.name).parts[:1] for member in members}
        if len(tops) != 1:
            raise ModelArchiveError(
                path=source, cause=Phrase(id="bukan satu folder", en="not one folder")
            )
        files = {m.name.partition("/")[2]: m for m in members if m.isreg()}
        if len(files) != sum(member.isreg() for member in members):
            raise ModelArchiveError(
                path=source,
                cause=Phrase(id="ada nama yang muncul dua kali", en="a name comes twice"),
            )
        _require_names(source, list(files))
        require_space(staged, sum(member.size for member in files.values()))
        for name, member in files.items():
            (staged / name).parent.mkdir(exist_ok=True)
            stream = tar.extractfile(member)
            if stream is None:
                raise ModelArchiveError(
                    path=source,
                    cause=Phrase(id=f"{name} tidak terbaca", en=f"{name} cannot be read"),
                )
            with stream, (staged / name).open("xb") as out:
                shutil.copyfileobj(stream, out, _CHUNK)


def _require_names(source: Path, names: list[str]) -> None:
    for name in names:
        if not is_inside(name):
            raise ModelArchiveError(
                path=source,
                cause=Phrase(id=f"nama tidak aman {name[:80]!r}", en=f"unsafe name {name[:80]!r}"),
            )
    if len(names) > _MAX_FILES:
        raise ModelArchiveError(path=source, cause=_TOO_MANY)


def _not_file(name: str) -> Phrase:
    return Phrase(
        id=f"{name} adalah tautan atau bukan berkas biasa", en=f"{name} is a link or not a file"
    )
