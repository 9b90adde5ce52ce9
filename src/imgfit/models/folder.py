"""Where models are and what they are: folders, files and fingerprints. Loads no model.

Nothing here follows what a model's files say: the names of the files that are read are fixed.
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgfit.errors import (
    LicenceError,
    LicenceWarning,
    ModelBrokenError,
    ModelFileMissingError,
    ModelMissingError,
    ModelPickledError,
    ModelSizeError,
    ModelUnknownError,
)
from imgfit.files.json_fields import Fields, parse_object
from imgfit.models.known import KNOWN, PRESETS, is_non_commercial
from imgfit.models.names import EMBEDDED, ModelName, near_names
from imgfit.models.registry import registered_names
from imgfit.printable import said_by

_CONFIG = "open_clip_config.json"
_CODE = 2  # letters of an ISO 639-1 code
_WEIGHTS = "open_clip_model.safetensors"
_TEXT_TOWER = "text_tower/config.json"
_NOTES = "imgfit.json"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
# Files of a tokenizer whose names do not say so.
_VOCABULARIES = ("vocab.json", "vocab.txt", "merges.txt", "spiece.model", "sentencepiece.bpe.model")
# A configuration is a few kB; NLLB's tokenizer_config.json, with its 200 languages, is 20 kB. The
# largest tokenizer.json that open_clip's models have, XLM-V's of 901,629 pieces, is about 60 MB.
_MAX_JSON = 4_000_000
MAX_TOKENIZER = 100_000_000


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model in open_clip's own folder form, with what imgfit keeps beside it.

    Attributes:
        path: The folder.
    """

    path: Path

    @property
    def name(self) -> str:
        """The folder's name, for signatures."""
        return self.path.name

    @property
    def config(self) -> Path:
        """open_clip's configuration: architecture and preprocessing."""
        return self.path / _CONFIG

    @property
    def weights(self) -> Path:
        """The weights, safetensors only."""
        return self.path / _WEIGHTS

    @property
    def calibration(self) -> Path:
        """Where this model's calibration is."""
        return self.path / "calibration.json"

    @property
    def cohort(self) -> Path:
        """Embeddings of the photo and caption cohorts, made by this model."""
        return self.path / "cohort.safetensors"

    @property
    def text_tower(self) -> Path:
        """Configuration of a text tower from transformers, where the model has one."""
        return self.path / _TEXT_TOWER

    def is_tokenizers(self, path: Path) -> bool:
        """Tell whether a file of the folder belongs to its tokenizer.

        Args:
            path: The file.

        Returns:
            Whether token ids depend on it.
        """
        return "token" in path.name or path.name in _VOCABULARIES

    @property
    def is_embedded(self) -> bool:
        """Whether it is the model that comes with imgfit, however its path is written."""
        return self.path.resolve() == _embedded_folder().resolve()

    @property
    def has_vocabulary(self) -> bool:
        """Whether a tokenizer's vocabulary is there in a form older than ``tokenizer.json``."""
        return any((self.path / name).is_file() for name in (*_VOCABULARIES, "tokenizer.model"))

    def require_weights(self) -> None:
        """Make sure that the weights are there, as safetensors.

        Raises:
            ModelPickledError: They are there as a pickle only.
            ModelFileMissingError: They are not there.
        """
        if self.weights.is_file():
            return
        pickles = sorted(p.name for p in self.path.iterdir() if p.suffix.lower() in _PICKLES)
        if pickles:
            files = ", ".join(pickles[:3])
            raise ModelPickledError(folder=self.path, files=files, wanted=_WEIGHTS)
        raise ModelFileMissingError(folder=self.path, file=_WEIGHTS, source=self.name)

    def read_json(self, name: str) -> dict[str, Any]:
        """Read one of the folder's small JSON files, within bounds.

        Args:
            name: The file's name, relative to the folder.

        Returns:
            The parsed object.

        Raises:
            ModelSizeError: The file is over the limit; it was not read.
            ModelBrokenError: The file is no JSON object, or holds a number that is none.
        """
        path = self.path / name
        try:
            size = path.stat().st_size
            if size > _MAX_JSON:
                limit = f"{_MAX_JSON / 1e6:g} MB"
                raise ModelSizeError(
                    folder=self.path, place=name, size=f"{size / 1e6:g} MB", limit=limit
                )
            return parse_object(path.read_bytes())
        except (OSError, ValueError) as error:
            raise ModelBrokenError(folder=self.path, cause=said_by(error, name)) from error

    def read_notes(self) -> dict[str, Any]:
        """Return what imgfit keeps of the model beside open_clip's files.

        Returns:
            ``imgfit.json``; empty where there is none.

        Raises:
            ModelBrokenError: The file is damaged.
        """
        return self.read_json(_NOTES) if (self.path / _NOTES).is_file() else {}

    def read_config(self) -> dict[str, Any]:
        """Return open_clip's configuration.

        Returns:
            The parsed JSON, with ``model_cfg`` and ``preprocess_cfg``.

        Raises:
            ModelBrokenError: The file is no such JSON.
        """
        config = self.read_json(_CONFIG)
        if not isinstance(config.get("model_cfg"), dict):
            raise ModelBrokenError(folder=self.path, cause=f"{_CONFIG}: model_cfg is no object")
        return config

    def read_languages(self) -> frozenset[str] | None:
        """Return the languages that the model learned, if the folder says.

        Returns:
            ISO 639-1 codes out of ``imgfit.json``; None where it names none.

        Raises:
            ModelBrokenError: The file is damaged.
        """
        notes = self.read_notes()
        if notes.get("languages") is None:
            return None
        try:
            return Fields(notes).codes("languages", _CODE)
        except ValueError as error:
            raise ModelBrokenError(folder=self.path, cause=said_by(error, _NOTES)) from error

    def read_licence(self) -> str | None:
        """Return the licence of the weights, if it is known.

        Returns:
            Its name, out of ``imgfit.json``; None where that does not say.

        Raises:
            ModelBrokenError: The file is damaged.
        """
        licence = self.read_notes().get("licence")
        return licence if isinstance(licence, str) else None

    def fingerprint(self, preprocessing_version: int) -> str:
        """Digest of everything that an embedding depends on.

        Args:
            preprocessing_version: Version of the code that turns a file into pixels.

        Returns:
            16 hex digits over the weights, configuration, tokenizer files and that version.
        """
        digest = hashlib.sha256(f"preprocessing {preprocessing_version}\n".encode())
        for path in [*sorted(self.path.iterdir()), self.text_tower]:
            known = path in (self.weights, self.config, self.text_tower)
            if (known or self.is_tokenizers(path)) and path.is_file():
                with path.open("rb") as file:
                    content = hashlib.file_digest(file, "sha256").hexdigest()
                name = path.relative_to(self.path).as_posix()
                digest.update(f"{name} {content}\n".encode())
        return digest.hexdigest()[:16]


def find_model(name: str) -> ModelFolder:
    """Find a model's folder by its name; nothing reaches for the network.

    Args:
        name: ``"mini"`` for the embedded model; a preset (``"fast"``, ``"base"``,
            ``"accurate"``); ``name/tag`` out of open_clip's registry; ``hf-hub:org/name``; or a
            folder's path, with or without open_clip's ``local-dir:`` before it. Where a name could
            be a path as well, a folder that exists wins, but for ``mini`` and presets.

    Returns:
        The folder, which holds a configuration and weights. A licence that forbids commercial use
        is told in a `LicenceWarning`.

    Raises:
        ModelUnknownError: The name is none of these.
        ModelMissingError: The model is known, but was not pulled or added.
        ModelBrokenError: The folder lacks its weights.
    """
    folder = locate_model(name)
    wanted = ModelName.parse(name)
    known = KNOWN.get(wanted.name)
    licence = folder.read_licence() or (known.licence if known else None)
    if is_non_commercial(licence):
        error = LicenceError(model=name, licence=licence, presets=", ".join(PRESETS))
        warnings.warn(LicenceWarning(error), stacklevel=2)
    return folder


def locate_model(name: str) -> ModelFolder:
    """Find a model's folder as `find_model` does, without a word about its licence.

    Args:
        name: As there.

    Returns:
        The folder.

    Raises:
        ModelUnknownError: As there.
        ModelMissingError: As there.
        ModelBrokenError: As there.
    """
    wanted = ModelName.parse(name)
    if wanted.kind == "embedded":
        folder = ModelFolder(_embedded_folder())
    elif wanted.slug:
        folder = ModelFolder(wanted.place)
    else:
        folder = ModelFolder(wanted.path)
    try:
        there = wanted.kind != "unknown" and folder.config.is_file()
    except (OSError, ValueError):  # too long, or no path at all
        there = False
    if not there:
        raise not_found(wanted, name)
    if not folder.weights.is_file():
        folder.require_weights()
    return folder


def not_found(wanted: ModelName, name: str) -> ModelUnknownError | ModelMissingError:
    """Say what was tried for a name, and what to do.

    Args:
        wanted: What the name stands for.
        name: As the user gave it.

    Returns:
        `ModelMissingError` for what could be pulled, else `ModelUnknownError`.
    """
    tried = [] if wanted.kind == "hub" or name in PRESETS else [wanted.path.absolute()]
    tried += [wanted.place] if wanted.slug else []
    places = ", ".join(map(str, tried))
    known = wanted.kind == "hub" or wanted.name in KNOWN
    names: tuple[str, ...] = ()
    if not known:
        names = registered_names()
        known = wanted.kind == "tag" and wanted.name in names
    if known:
        return ModelMissingError(model=name, places=places, place=wanted.place)
    return ModelUnknownError(
        model=name,
        presets=", ".join(PRESETS),
        places=places,
        registry=len(names),
        near=", ".join(near_names(name, names)) or "–",
    )


def _embedded_folder() -> Path:
    """Return the embedded model's folder: inside the wheel, or in the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_models" / EMBEDDED
    return installed if installed.is_dir() else package.parents[1] / "models" / EMBEDDED
