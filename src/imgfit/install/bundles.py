"""Bundles: models in open_clip's folder form that can prove they are whole, and be carried."""

from __future__ import annotations

import shutil
import tarfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from imgfit.encoders import load_encoder
from imgfit.errors import (
    ImgfitError,
    ModelArchiveError,
    ModelBrokenError,
    ModelBusyError,
    ModelDamagedError,
)
from imgfit.files import models_folder, staged_folder
from imgfit.install.archives import copy_bundle, require_space, write_archive
from imgfit.install.golden import GOLDEN_NAME, TOLERANCE, golden_distance
from imgfit.install.lock import LockFile, Pin
from imgfit.install.sums import (
    OWN_FILES,
    SUMS_NAME,
    check_files,
    damaged,
    locked_files,
    read_sums,
    write_sums,
)
from imgfit.language import Phrase
from imgfit.models import BUILT_IN, ModelFolder, ModelName
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from imgfit.install.hub import Progress


_ANOTHER = Phrase(id="model lain dengan nama ini sudah ada", en="another one is there")


@dataclass(frozen=True, slots=True)
class Verification:
    """The figures of a bundle that was proved whole.

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
    """Return the name of a bundle's model, from its notes.

    Args:
        folder: The bundle.

    Returns:
        A name that could have been pulled; ``mini`` for the built-in model.

    Raises:
        ModelBrokenError: The notes give no name, or one that no bundle may have.
    """
    written = folder.read_notes().get("name")
    if isinstance(written, str):
        name = ModelName.parse(written)
        if name.name == written and (name.slug or written == BUILT_IN):
            return name
    said = repr(str(written)[:80])
    cause = Phrase(
        id=f"imgfit.json tidak menyebut model yang dapat diunduh: {said}",
        en=f"imgfit.json names no model that can be pulled: {said}",
    )
    raise ModelBrokenError(folder=folder.path, cause=cause)


def installed_bundles() -> list[ModelFolder]:
    """List the models that were pulled or added.

    Returns:
        Their folders, by name; a model that is half pulled is left out.
    """
    place = models_folder()
    folders = [] if not place.is_dir() else sorted(place.iterdir())
    return [
        ModelFolder(path)
        for path in folders
        if not path.name.startswith(".") and (path / "open_clip_config.json").is_file()
    ]


def verify_bundle(
    folder: ModelFolder, *, lock: Path | None = None, progress: Progress | None = None
) -> Verification:
    """Prove that a bundle is unchanged, by its digests, the lock file and the golden pair.

    Args:
        folder: The bundle.
        lock: The lock file; the one beside the models if not given.
        progress: Called with each file's name, 0 or 1, and 1.

    Returns:
        Figures of what was compared.

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
        raise damaged(folder, missing=[GOLDEN_NAME])
    distance = golden_distance(load_encoder(folder, device="cpu"))
    if not distance <= TOLERANCE:
        raise damaged(folder, golden=f"{distance:.1e} > {TOLERANCE:g}")
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
        raise ModelBusyError(place=target, cause=Phrase(id="sudah ada", en="it exists"))
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
            write_archive(staged, slug, target)
    except OSError as error:
        raise ModelBusyError(place=target, cause=said_by(error)) from error
    return target


def add_bundle(source: Path, *, lock: Path | None = None) -> Verification:
    """Install a carried bundle: checked whole before it is put in its place.

    Args:
        source: A ``.tar`` file or a folder, as `pack_bundle` writes them.
        lock: The lock file; the one beside the models if not given. The model is recorded there
            if it is not yet.

    Returns:
        Its figures, for the folder it is in now.

    Raises:
        ModelArchiveError: It is not a bundle, or leads outside.
        ModelBusyError: The model is there already, and differs.
        ModelError: It cannot be proved whole.
    """
    try:
        with write_access() as place:
            return _added(source, place, lock)
    except (OSError, tarfile.TarError) as error:
        raise ModelArchiveError(path=source, cause=said_by(error)) from error


def _added(source: Path, place: Path, lock: Path | None) -> Verification:
    with _staged(place, "bundle") as staged:
        copy_bundle(source, staged)
        folder = ModelFolder(staged)
        if not (staged / SUMS_NAME).is_file() or not folder.weights.is_file():
            cause = Phrase(
                id=f"tidak berisi {SUMS_NAME} atau bobot", en=f"no {SUMS_NAME} or weights in it"
            )
            raise ModelArchiveError(path=source, cause=cause)
        try:
            name = bundle_name(folder)
            if not name.slug:
                cause = Phrase(
                    id=f"{name.name} sudah menyertai imgfit", en=f"{name.name} comes with imgfit"
                )
                raise ModelArchiveError(path=source, cause=cause)
            proved = verify_bundle(folder, lock=lock)
        except (ModelBrokenError, ModelDamagedError) as error:
            # The folder that these name is gone in a moment.
            raise type(error)(**{**error.facts, "folder": source}) from error
        sums = locked_files(read_sums(folder))
        installed = ModelFolder(name.place)
        if installed.path.exists():
            if _same(installed, folder):
                return _moved(proved, installed)
            raise ModelBusyError(place=installed.path, cause=_ANOTHER)
        notes = folder.read_notes()
        LockFile.open(lock).record(name.name, Pin(read_sources(notes), sums))
        staged.rename(installed.path)
        return _moved(proved, installed)


def read_sources(notes: Mapping[str, object]) -> dict[str, str]:
    """Return the commits that a bundle says it was pulled at.

    Args:
        notes: Parsed ``imgfit.json``.

    Returns:
        Commit by repository, the weights' first; empty if it does not say.
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
        cause = Phrase(
            id="perintah lain sedang menulis model", en="another command is writing models"
        )
        raise ModelBusyError(place=place, cause=cause) from error
    except OSError as error:
        raise ModelBusyError(place=place, cause=said_by(error)) from error
    try:
        yield place
    finally:
        lock.release()


@contextmanager
def _staged(parent: Path, name: str) -> Iterator[Path]:
    """Give a new folder of this name in one beside where the result goes."""
    with staged_folder(parent) as above:
        (above / name).mkdir()
        yield above / name


def _same(one: ModelFolder, other: ModelFolder) -> bool:
    try:
        return locked_files(check_files(one)) == locked_files(read_sums(other))
    except ImgfitError:
        return False


def _moved(proved: Verification, folder: ModelFolder) -> Verification:
    return Verification(folder, proved.files, proved.bytes, proved.distance, proved.locked)
