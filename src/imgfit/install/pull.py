"""From a hub to a bundle: plan the files of a model, fetch them, and put them together.

Received files wait in a hidden folder beside the models, named by their digests, until all are
there and the golden pair is made; only then does the bundle get its name. A pull that breaks off
leaves nothing that could be mistaken for a model, and the next one resumes it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from imgfit.encoders import load_encoder
from imgfit.errors import (
    ArgumentError,
    HubBrokenError,
    HubPickledError,
    HubUnsafeError,
    ImgfitError,
    ModelBrokenError,
    ModelBusyError,
    PickleUsedError,
    PickleWarning,
)
from imgfit.files import read_text, require_clip, write_whole
from imgfit.install.archives import require_space
from imgfit.install.bundles import bundle_name, install, read_sources, write_access
from imgfit.install.golden import write_golden
from imgfit.install.hub import Hub
from imgfit.install.lock import LockFile, Pin
from imgfit.install.pickled import convert_pickle, require_safe_torch
from imgfit.install.sums import check_files, locked_files, write_sums
from imgfit.language import Phrase
from imgfit.models import (
    KNOWN,
    ModelFolder,
    ModelName,
    complete_preprocessing,
    is_repository,
    languages_of,
    not_found,
    registered,
)
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from imgfit.install.hub import HubFile, HubRepository, Progress

_CONFIG = "open_clip_config.json"
_WEIGHTS = "open_clip_model.safetensors"
_PICKLE = "open_clip_pytorch_model.bin"
_TOKENIZER = re.compile(
    r"tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|added_tokens\.json"
    r"|vocab\.(json|txt)|merges\.txt|[A-Za-z0-9_][A-Za-z0-9_.-]*\.model"
)
_LICENCE = re.compile(r"LICEN[CS]E(\.(txt|md))?", re.IGNORECASE)
_CALIBRATION = ("calibration.json", "cohort.safetensors", "windows.safetensors")
# Larger than any of these files of the models that open_clip knows.
_MAX_CONFIG = 1_000_000
_MAX_BESIDE = 150_000_000
_NEEDED = ("mean", "std")


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that is on this machine now.

    Attributes:
        folder: Its bundle.
        name: Its name in one way of writing.
        revision: Commit of the weights' repository.
        fresh: False where it was there already, whole and at that commit.
    """

    folder: ModelFolder
    name: str
    revision: str
    fresh: bool


@dataclass(slots=True)
class _Plan:
    """The parts of one bundle.

    Attributes:
        name: The model.
        sources: Commit by repository, the weights' first.
        items: Files to fetch: path in the bundle, repository, file there.
        config: open_clip's configuration, complete.
        licence: Of the weights, as far as known.
        languages: That the model learned, as far as known.
        pickled: Whether the weights are a pickle.
    """

    name: ModelName
    sources: dict[str, str] = field(default_factory=dict)
    items: list[tuple[str, HubRepository, HubFile]] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    licence: str | None = None
    languages: frozenset[str] | None = None
    pickled: bool = False

    def add(self, path: str, repository: HubRepository, name: str) -> None:
        self.items.append((path, repository, repository.files[name]))


def pull_model(
    name: str,
    *,
    revision: str | None = None,
    allow_pickle: bool = False,
    lock: Path | None = None,
    endpoint: str | None = None,
    progress: Progress | None = None,
) -> Pulled:
    """Download a model into one folder, with all that is needed to use and to prove it offline.

    Args:
        name: A preset, ``name/tag`` of open_clip's registry or ``hf-hub:org/name``.
        revision: Commit, branch or tag of the weights' repository; its main branch if not given.
        allow_pickle: Whether to read weights that are there only as a pickle; a `PickleWarning`
            says why not to.
        lock: The lock file, read and completed; the one beside the models if not given.
        endpoint: The hub's address; ``HF_ENDPOINT`` or Hugging Face's own if not given.
        progress: Called with a file's name, the bytes received and all its bytes.

    Returns:
        Where it is.

    Raises:
        ModelUnknownError: No such model can be pulled.
        PackageMissingError: The extra ``clip`` is not installed.
        HubError: The hub does not give it; received parts are kept for the next pull.
        ModelChangedError: It differs from the lock file's record.
        HubPickledError: Its weights are a pickle, and that was not allowed.
        PickleUnsafeError: It was allowed, but the torch installed must not read one.
        ModelSpaceError: The disk has too little room.
        ModelBusyError: Another command is writing models.
        ArgumentError: The name is a folder's or the built-in model's, or the lock file is not one.
    """
    wanted = ModelName.parse(name)
    require_clip("imgfit models pull")
    if wanted.kind in ("built-in", "folder"):
        needed = Phrase(
            id="harus preset, nama/tag atau hf-hub:org/nama; yang ini sudah ada di komputer ini",
            en="must be a preset, name/tag or hf-hub:org/name; this one is on this machine already",
        )
        raise ArgumentError(argument="model", value=name, needed=needed)
    if not wanted.slug:
        raise not_found(wanted)
    try:
        with write_access() as place:
            return _pulled(
                _Source(Hub(wanted, endpoint=endpoint), place, progress),
                wanted,
                revision,
                LockFile.open(lock),
                allow_pickle=allow_pickle,
            )
    except OSError as error:
        raise ModelBusyError(place=wanted.place, cause=said_by(error)) from error


@dataclass(frozen=True, slots=True)
class _Source:
    """Where files come from, and the folder that they wait in."""

    hub: Hub
    place: Path
    progress: Progress | None

    @property
    def waiting(self) -> Path:
        return self.place / f".pull-{self.hub.model.slug}"

    def fetch(self, repository: HubRepository, path: str, most: int | None = None) -> Path:
        """Receive a file, of at most so many bytes."""
        size = repository.files[path].size
        if most is not None and size > most:
            raise self.broken(path, _over(size, most))
        blobs = self.waiting / "received"
        blobs.mkdir(parents=True, exist_ok=True)
        return self.hub.fetch(repository, path, blobs, progress=self.progress)

    def require_small(self, files: Iterable[HubFile]) -> None:
        """Refuse files beside the weights that are larger than any known model's."""
        for file in files:
            if file.size > _MAX_BESIDE:
                raise self.broken(file.path, _over(file.size, _MAX_BESIDE))

    def broken(self, what: str, cause: str | Phrase) -> HubBrokenError:
        return HubBrokenError(what=what, endpoint=self.hub.endpoint, cause=cause)


def _pulled(
    source: _Source,
    wanted: ModelName,
    revision: str | None,
    lock: LockFile,
    *,
    allow_pickle: bool,
) -> Pulled:
    plan = _planned(source, wanted, revision, allow_pickle=allow_pickle)
    lock.require_sources(wanted.name, plan.sources)
    commit = next(iter(plan.sources.values()))
    installed = ModelFolder(wanted.place)
    if _is_whole(installed, plan, lock):
        shutil.rmtree(source.waiting, ignore_errors=True)
        return Pulled(installed, wanted.name, commit, fresh=False)
    missing = [f for _, _, f in plan.items if not (source.waiting / "received" / f.digest).exists()]
    needed = sum(file.size for file in missing)
    weights = next(file for path, _, file in plan.items if path in (_WEIGHTS, _PICKLE))
    require_space(source.place, needed + (weights.size if plan.pickled else 0))
    received = {path: source.fetch(repository, file.path) for path, repository, file in plan.items}
    staged = source.waiting / "bundle"
    shutil.rmtree(staged, ignore_errors=True)
    _assemble(source, plan, received, staged)
    folder = ModelFolder(staged)
    sums = write_sums(staged)
    lock.require_files(wanted.name, locked_files(sums))
    try:
        write_golden(load_encoder(folder, device="cpu"))
    except ModelBrokenError as error:
        cause = error.facts.get("cause", error)
        cause = cause if isinstance(cause, Phrase) else Phrase(id=error.say("id"), en=str(error))
        raise source.broken(wanted.name, cause) from error
    write_sums(staged, sums)
    lock.record(wanted.name, Pin(plan.sources, locked_files(sums)))
    install(staged, installed.path)
    shutil.rmtree(source.waiting, ignore_errors=True)
    return Pulled(installed, wanted.name, commit, fresh=True)


def _planned(
    source: _Source, wanted: ModelName, revision: str | None, *, allow_pickle: bool
) -> _Plan:
    """Plan a bundle's parts; only small files are fetched for that."""
    plan = _Plan(wanted)
    filename = ""
    if wanted.kind == "tag":
        found = registered(*wanted.parts)
        if found is None:
            raise not_found(wanted)
        plan.config, filename = found.config, found.filename
        plan.languages = languages_of(found.name, found.tag)
        repository = source.hub.open(found.repository, revision)
    else:
        repository = source.hub.open(wanted.repository, revision)
        if _CONFIG not in repository.files:
            cause = Phrase(
                id=f"tidak ada {_CONFIG}: bukan bentuk open_clip",
                en=f"no {_CONFIG}: it is not in open_clip's form",
            )
            raise source.broken(repository.name, cause)
        stored = _read_json(source, repository, _CONFIG)
        plan.config = _completed(source, repository, stored)
        if plan.config == stored:
            # Its bytes are part of the fingerprint that a publisher's calibration names.
            plan.add(_CONFIG, repository, _CONFIG)
    plan.sources[repository.name] = repository.revision
    known = KNOWN.get(wanted.name)
    plan.licence = (known.licence if known else None) or repository.licence
    _plan_weights(plan, repository, filename, allow_pickle=allow_pickle)
    text = plan.config["model_cfg"]["text_cfg"]
    if wanted.kind == "hub":
        _plan_own(source, plan, repository)
    _plan_tokenizer(source, plan, repository, text.get("hf_tokenizer_name"))
    _plan_tower(source, plan, repository, text.get("hf_model_name"))
    licence = next((name for name in sorted(repository.files) if _LICENCE.fullmatch(name)), None)
    if licence is not None:
        plan.add("LICENSE", repository, licence)
    source.require_small(file for path, _, file in plan.items if path not in (_WEIGHTS, _PICKLE))
    return plan


def _plan_weights(
    plan: _Plan, repository: HubRepository, filename: str, *, allow_pickle: bool
) -> None:
    """Choose the weights: safetensors, or a pickle if there is nothing else and it is allowed."""
    # Only files that open_clip itself would take: others are towers of other libraries.
    safe = [_WEIGHTS, *([filename.rpartition(".")[0] + ".safetensors"] if filename else [])]
    for name in safe:
        if name in repository.files:
            plan.add(_WEIGHTS, repository, name)
            return
    pickles = [n for n in (filename, _PICKLE) if n in repository.files]
    others = sorted(n for n in repository.files if n.endswith((".bin", ".pt", ".pth")))
    files = ", ".join(pickles or others) or "–"
    if not pickles or not allow_pickle:
        raise HubPickledError(repository=repository.name, files=files, wanted=" / ".join(safe))
    require_safe_torch()
    error = PickleUsedError(repository=repository.name, files=files)
    warnings.warn(PickleWarning(error), stacklevel=2)
    plan.pickled = True
    plan.add(_PICKLE, repository, pickles[0])


def _plan_tokenizer(source: _Source, plan: _Plan, repository: HubRepository, name: object) -> None:
    """Add the tokenizer's files; open_clip's own vocabulary comes with open_clip."""
    if not name:
        return
    tokenizer = _open_other(source, plan, repository, name)
    names = [n for n in sorted(tokenizer.files) if _TOKENIZER.fullmatch(n)]
    if not names:
        raise source.broken(tokenizer.name, _lacks("tokenizer"))
    for path in names:
        plan.add(path, tokenizer, path)
    # Where this does not name its class, transformers takes that from the model's configuration.
    stored: Any = {}
    if "tokenizer_config.json" in names:
        stored = _read_json(source, tokenizer, "tokenizer_config.json")
    if "tokenizer_class" not in stored and "config.json" in tokenizer.files:
        plan.add("config.json", tokenizer, "config.json")


def _plan_tower(source: _Source, plan: _Plan, repository: HubRepository, name: object) -> None:
    """Add the configuration of a text tower that transformers builds."""
    if not name:
        return
    tower = _open_other(source, plan, repository, name)
    if "config.json" not in tower.files:
        raise source.broken(tower.name, _lacks("config.json"))
    plan.add("text_tower/config.json", tower, "config.json")


def _over(size: int, most: int) -> Phrase:
    return Phrase(id=f"{size} bita, paling banyak {most}", en=f"{size} bytes, {most} are the most")


def _lacks(part: str) -> Phrase:
    return Phrase(id=f"tidak berisi {part}", en=f"it holds no {part}")


def _plan_own(source: _Source, plan: _Plan, repository: HubRepository) -> None:
    """Add imgfit's own files beside a model, if its publisher put them there."""
    if all(name in repository.files for name in _CALIBRATION):
        for name in _CALIBRATION:
            plan.add(name, repository, name)
    if "imgfit.json" in repository.files:
        languages = _read_json(source, repository, "imgfit.json").get("languages")
        if isinstance(languages, list) and all(isinstance(code, str) for code in languages):
            plan.languages = frozenset(languages)


def _open_other(
    source: _Source, plan: _Plan, repository: HubRepository, name: object
) -> HubRepository:
    """Look at a repository that a configuration names, which may be the weights' own."""
    if not isinstance(name, str) or not is_repository(name):
        raise HubUnsafeError(what=f"{repository.name}/{_CONFIG}", name=repr(name)[:80])
    if name == repository.name:
        return repository
    other = source.hub.open(name)
    plan.sources[name] = other.revision
    return other


def _completed(
    source: _Source, repository: HubRepository, config: dict[str, Any]
) -> dict[str, Any]:
    """Complete the preprocessing in open_clip's configuration of a repository.

    open_clip would take OpenAI's mean and deviation for granted if none are written; the
    weights of another family would then be fed the wrong numbers without a word.
    """
    try:
        model, preprocess = config["model_cfg"], config.get("preprocess_cfg") or {}
        text, vision = model["text_cfg"], model["vision_cfg"]
        if not all(isinstance(part, dict) for part in (text, vision, preprocess)):
            raise TypeError(Phrase(id="bagiannya bukan objek JSON", en="its parts are not objects"))
        missing = [key for key in _NEEDED if preprocess.get(key) is None]
        if missing:
            names = ", ".join(missing)
            raise KeyError(
                Phrase(id=f"preprocess_cfg tanpa {names}", en=f"preprocess_cfg lacks {names}")
            )
        size = vision.get("image_size", 224)
    except (KeyError, TypeError, AttributeError) as error:
        raise source.broken(f"{repository.name}/{_CONFIG}", said_by(error)) from error
    complete = complete_preprocessing({"size": size, **preprocess})
    return config | {"preprocess_cfg": complete}


def _read_json(source: _Source, repository: HubRepository, path: str) -> dict[str, Any]:
    try:
        stored = json.loads(read_text(source.fetch(repository, path, _MAX_CONFIG), _MAX_CONFIG))
        if not isinstance(stored, dict):
            raise TypeError(Phrase(id="bukan objek JSON", en="not a JSON object"))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise source.broken(f"{repository.name}/{path}", said_by(error)) from error
    return stored


def _assemble(source: _Source, plan: _Plan, received: dict[str, Path], staged: Path) -> None:
    """Put a bundle's files together; the weights are not copied where the disk knows links."""
    staged.mkdir()
    for path, blob in received.items():
        if path == _PICKLE:
            try:
                convert_pickle(blob, staged / _WEIGHTS)
            except ValueError as error:
                raise source.broken(path, said_by(error)) from error
            continue
        (staged / path).parent.mkdir(exist_ok=True)
        try:
            os.link(blob, staged / path)
        except OSError:
            shutil.copyfile(blob, staged / path)
    if _CONFIG not in received:
        write_whole(json.dumps(plan.config, indent=1) + "\n", staged / _CONFIG)
    name = next(iter(plan.sources))
    notes = {
        **({"languages": sorted(plan.languages)} if plan.languages is not None else {}),
        "licence": plan.licence,
        "name": plan.name.name,
        "revision": plan.sources[name],
        "source": f"hf-hub:{name}",
        "sources": plan.sources,
    }
    write_whole(json.dumps(notes, indent=1) + "\n", staged / "imgfit.json")


def _is_whole(folder: ModelFolder, plan: _Plan, lock: LockFile) -> bool:
    """Tell whether a model is there already, as it would be pulled now."""
    if not folder.config.is_file():
        return False
    try:
        sums = check_files(folder)
        same = read_sources(folder.read_notes()) == plan.sources
        named = bundle_name(folder).name == plan.name.name
    except (ImgfitError, OSError):
        return False  # whatever is wrong with it, the one that is pulled now takes its place
    if same and named:
        lock.require_files(plan.name.name, locked_files(sums))
        lock.record(plan.name.name, Pin(plan.sources, locked_files(sums)))
    return same and named
