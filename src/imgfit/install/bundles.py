"""Bundles: models in open_clip's folder form that can prove they are whole, and be carried.

A bundle's ``SHA256SUMS`` names every file that counts. What is carried to another machine comes
from a stranger as far as that machine knows: names are checked before anything is written.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tarfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from imgfit.encoders.loading import load_encoder
from imgfit.errors import (
    ImgfitError,
    ModelArchiveError,
    ModelBrokenError,
    ModelBusyError,
    ModelDamagedError,
    ModelSpaceError,
)
from imgfit.files.places import models_folder
from imgfit.files.texts import read_text
from imgfit.files.writing import staged_folder, write_whole
from imgfit.install.golden import GOLDEN_NAME, TOLERANCE, golden_distance
from imgfit.install.lock import LockFile, Pin
from imgfit.models.folder import ModelFolder
from imgfit.models.names import EMBEDDED, ModelName
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imgfit.install.hub import Progress

SUMS_NAME = "SHA256SUMS"
# What a user adds to a bundle: fitted on this machine, and refused by its fingerprint elsewhere.
OWN_FILES = frozenset({"calibration.json", "cohort.safetensors"})
# Made by imgfit at pull, by arithmetic and words that may differ between machines and versions:
# the lock records what was received.
_UNLOCKED = OWN_FILES | {SUMS_NAME, GOLDEN_NAME, "imgfit.json"}
_NO_MATTER = re.compile(r"\..*|.*\.md|Thumbs\.db|desktop\.ini", re.IGNORECASE)
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_MAX_SUMS = 1_000_000
_MAX_FILES = 200
_MAX_DEPTH = 2
_CHUNK = 1 << 20
# Room that is left over when a model has been written.
_MARGIN = 100_000_000


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found in order.

    Attributes:
        folder: The bundle.
        files: How many files were compared.
        bytes: Their size.
        distance: Largest difference of the golden pair's embeddings.
        locked: Whether a lock file records the model; if so, it agrees.
    """

    folder: ModelFolder
    files: int
    bytes: int
    distance: float
    locked: bool


def bundle_name(folder: ModelFolder) -> ModelName:
    """Return what model a bundle says it is.

    Args:
        folder: The bundle.

    Returns:
        A name that could have been pulled; ``mini`` for the embedded model.

    Raises:
        ModelBrokenError: It does not say, or says what no bundle may be called.
    """
    written = folder.read_notes().get("name")
    if isinstance(written, str):
        name = ModelName.parse(written)
        if name.name == written and (name.slug or written == EMBEDDED):
            return name
    cause = f"imgfit.json names no model that can be pulled: {str(written)[:80]!r}"
    raise ModelBrokenError(folder=folder.path, cause=cause)


def installed_bundles() -> list[ModelFolder]:
    """List the models that were pulled or added.

    Returns:
        Their folders, by name; what is half pulled or no model is left out.
    """
    place = models_folder()
    folders = [] if not place.is_dir() else sorted(place.iterdir())
    return [
        ModelFolder(path)
        for path in folders
        if not path.name.startswith(".") and (path / "open_clip_config.json").is_file()
    ]


def write_sums(folder: Path, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """List the SHA-256 of every file of a bundle in its ``SHA256SUMS``.

    Args:
        folder: The bundle.
        known: Digests by path that need not be computed.

    Returns:
        Digests by path.
    """
    known = known or {}
    names = [name for name in _names(folder) if _matters(name) and name != SUMS_NAME]
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
    listed = _read_sums(folder)
    present = _names(folder.path)
    odd = [n for n in present if (p := folder.path / n).is_symlink() or not p.is_file()]
    odd += [n for n in listed if (folder.path / n).parent.is_symlink()]
    missing = sorted(set(listed) - set(present))
    extra = sorted(set(filter(_matters, present)) - set(listed) - OWN_FILES - {SUMS_NAME})
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
        raise _damaged(folder, changed=changed, missing=missing, extra=extra, odd=odd)
    return found


def verify_bundle(
    folder: ModelFolder, *, lock: Path | None = None, progress: Progress | None = None
) -> Verification:
    """Prove that a bundle is what was installed: its digests, the lock, and the golden pair.

    Args:
        folder: The bundle.
        lock: The lock file; the one beside the models if not given.
        progress: As in `check_files`.

    Returns:
        What was compared.

    Raises:
        ModelDamagedError: Something differs.
        ModelChangedError: The lock file records something else.
        ModelBrokenError: The model cannot be loaded.
        ArgumentError: The lock file cannot be read.
    """
    pins = LockFile.open(lock)
    sums = check_files(folder, progress=progress)
    name = bundle_name(folder).name
    locked = pins.require_files(name, locked_files(sums))
    if GOLDEN_NAME not in sums:
        raise _damaged(folder, missing=[GOLDEN_NAME])
    distance = golden_distance(load_encoder(folder, device="cpu"))
    if not distance <= TOLERANCE:
        raise _damaged(folder, golden=f"{distance:.1e} > {TOLERANCE:g}")
    size = sum((folder.path / path).stat().st_size for path in sums)
    return Verification(folder, len(sums), size, distance, locked)


def pack_bundle(folder: ModelFolder, target: Path) -> Path:
    """Write a bundle to carry, its calibration included.

    Args:
        folder: The bundle.
        target: A ``.tar`` file, or a folder; in a folder that exists it is put under its own name.

    Returns:
        The file or folder written.

    Raises:
        ModelDamagedError: The bundle is not as it was installed.
        ModelBusyError: Something is there already, or nothing can be written there.
        ModelSpaceError: The disk has too little room.
    """
    sums = check_files(folder)
    slug = bundle_name(folder).slug or folder.name
    if target.suffix.lower() != ".tar" and target.is_dir():
        target /= slug
    if target.exists():
        raise ModelBusyError(place=target, cause="it exists")
    try:
        names = [*sums, *(name for name in sorted(OWN_FILES) if (folder.path / name).is_file())]
        names = list(dict.fromkeys(names))
        require_space(
            target.absolute().parent, sum((folder.path / n).stat().st_size for n in names)
        )
        with _staged(target.absolute().parent, slug) as staged:
            for name in names:
                (staged / name).parent.mkdir(exist_ok=True)
                shutil.copyfile(folder.path / name, staged / name)
            write_sums(staged)
            if target.suffix.lower() != ".tar":
                staged.rename(target)
                return target
            archive = staged.parent / "archive"
            with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
                for name in _names(staged):
                    tar.add(staged / name, f"{slug}/{name}", filter=_anonymous)
            archive.replace(target)
    except OSError as error:
        raise ModelBusyError(place=target, cause=said_by(error)) from error
    return target


def add_bundle(source: Path, *, lock: Path | None = None) -> Verification:
    """Install a carried bundle: checked whole before it is put in its place.

    Args:
        source: A ``.tar`` file or a folder, as `pack_bundle` writes them.
        lock: As in `verify_bundle`; the model is recorded there if it is not yet.

    Returns:
        As `verify_bundle`, for the folder it is in now.

    Raises:
        ModelArchiveError: It is no bundle, or leads outside.
        ModelBusyError: The model is there already, and differs.
        ModelError: As in `verify_bundle`.
    """
    try:
        with write_access() as place:
            return _added(source, place, lock)
    except (OSError, tarfile.TarError) as error:
        raise ModelArchiveError(path=source, cause=said_by(error)) from error


def _added(source: Path, place: Path, lock: Path | None) -> Verification:
    with _staged(place, "bundle") as staged:
        if source.is_dir():
            _copy_folder(source, staged)
        else:
            _extract(source, staged)
        folder = ModelFolder(staged)
        if not (staged / SUMS_NAME).is_file() or not folder.weights.is_file():
            raise ModelArchiveError(path=source, cause=f"no {SUMS_NAME} or weights in it")
        try:
            name = bundle_name(folder)
            if not name.slug:
                raise ModelArchiveError(path=source, cause=f"{name.name} comes with imgfit")
            proved = verify_bundle(folder, lock=lock)
        except (ModelBrokenError, ModelDamagedError) as error:
            # The folder that these name is gone in a moment.
            raise type(error)(**{**error.facts, "folder": source}) from error
        sums = locked_files(_read_sums(folder))
        installed = ModelFolder(name.place)
        if installed.path.exists():
            if _same(installed, folder):
                return _moved(proved, installed)
            raise ModelBusyError(place=installed.path, cause="another one is there")
        notes = folder.read_notes()
        LockFile.open(lock).record(name.name, Pin(read_sources(notes), sums))
        staged.rename(installed.path)
        return _moved(proved, installed)


def read_sources(notes: Mapping[str, object]) -> dict[str, str]:
    """Return the commits that a bundle says it was pulled at.

    Args:
        notes: As `ModelFolder.read_notes` gives them.

    Returns:
        Commit by repository, the weights' first; empty where it does not say.
    """
    stored = notes.get("sources")
    if not isinstance(stored, dict):
        return {}
    return {str(name): str(commit) for name, commit in stored.items()}


def install(staged: Path, place: Path) -> None:
    """Put a finished bundle in its place, in one step; an older one there makes way.

    Args:
        staged: The bundle, on the same disk.
        place: Where it goes.
    """
    if not place.exists():
        staged.rename(place)
        return
    with _staged(place.parent, "old") as old:
        place.rename(old.parent / "was")
        staged.rename(place)


@contextmanager
def write_access() -> Iterator[Path]:
    """Keep other commands from writing models meanwhile.

    Yields:
        The folder that models are kept in; it exists.

    Raises:
        ModelBusyError: Another command writes there, or nobody can.
    """
    place = models_folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place / ".writing")
        lock.acquire(timeout=0)
    except Timeout as error:
        raise ModelBusyError(place=place, cause="another command is writing models") from error
    except OSError as error:
        raise ModelBusyError(place=place, cause=said_by(error)) from error
    try:
        yield place
    finally:
        lock.release()


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


def file_sum(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _names(folder: Path) -> list[str]:
    """List a folder's files, links and special files too, as paths in it."""
    found = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return [path.relative_to(folder).as_posix() for path in found]


def _matters(name: str) -> bool:
    """Tell whether a file could change what a model does: all but a few could."""
    return not any(_NO_MATTER.fullmatch(part) for part in name.split("/"))


def _read_sums(folder: ModelFolder) -> dict[str, str]:
    path = folder.path / SUMS_NAME
    if path.is_symlink() or not path.is_file():
        raise _damaged(folder, missing=[SUMS_NAME])
    try:
        lines = read_text(path, _MAX_SUMS).splitlines()
    except (OSError, ValueError) as error:
        raise ModelBrokenError(folder=folder.path, cause=said_by(error, SUMS_NAME)) from error
    listed = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or not _is_inside(match[2]) or match[2] in listed:
            raise ModelBrokenError(folder=folder.path, cause=f"{SUMS_NAME}: {line[:80]!r}")
        listed[match[2]] = match[1]
    return listed


def _is_inside(name: str) -> bool:
    parts = name.split("/")
    return len(parts) <= _MAX_DEPTH and all(_SAFE.fullmatch(part) for part in parts)


def _damaged(folder: ModelFolder, **findings: list[str] | str) -> ModelDamagedError:
    said = {
        kind: ", ".join(found) if isinstance(found, list) else found
        for kind, found in findings.items()
        if found
    }
    kinds = ("changed", "missing", "extra", "odd", "golden")
    return ModelDamagedError(folder=folder.path, **dict.fromkeys(kinds, "–") | said)


@contextmanager
def _staged(parent: Path, name: str) -> Iterator[Path]:
    """Give a new folder of this name in one beside where the result goes."""
    with staged_folder(parent) as above:
        (above / name).mkdir()
        yield above / name


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out of an archive who made it and when."""
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    info.mode = 0o644
    return info


def _copy_folder(source: Path, staged: Path) -> None:
    names = [name for name in _names(source) if _matters(name)]
    _require_names(source, names)
    for name in names:
        if (source / name).is_symlink() or not (source / name).is_file():
            raise ModelArchiveError(path=source, cause=f"{name} is a link or no file")
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
                raise ModelArchiveError(path=source, cause=f"over {_MAX_FILES} entries")
            if not (member.isreg() or member.isdir()) or member.issparse():
                cause = f"{member.name[:80]!r} is a link or no file"
                raise ModelArchiveError(path=source, cause=cause)
        tops = {PurePosixPath(member.name).parts[:1] for member in members}
        if len(tops) != 1:
            raise ModelArchiveError(path=source, cause="not one folder")
        files = {m.name.partition("/")[2]: m for m in members if m.isreg()}
        if len(files) != sum(member.isreg() for member in members):
            raise ModelArchiveError(path=source, cause="a name comes twice")
        _require_names(source, list(files))
        require_space(staged, sum(member.size for member in files.values()))
        for name, member in files.items():
            (staged / name).parent.mkdir(exist_ok=True)
            stream = tar.extractfile(member)
            if stream is None:
                raise ModelArchiveError(path=source, cause=f"{name} cannot be read")
            with stream, (staged / name).open("xb") as out:
                shutil.copyfileobj(stream, out, _CHUNK)


def _require_names(source: Path, names: list[str]) -> None:
    for name in names:
        if not _is_inside(name):
            raise ModelArchiveError(path=source, cause=f"unsafe name {name[:80]!r}")
    if len(names) > _MAX_FILES:
        raise ModelArchiveError(path=source, cause=f"over {_MAX_FILES} files")


def _same(one: ModelFolder, other: ModelFolder) -> bool:
    try:
        return locked_files(check_files(one)) == locked_files(_read_sums(other))
    except ImgfitError:
        return False


def _moved(proved: Verification, folder: ModelFolder) -> Verification:
    return Verification(folder, proved.files, proved.bytes, proved.distance, proved.locked)
