"""Where models are and what they are: folders, files and fingerprints. Loads no model.

Nothing here follows what a model's files say: the names of the files that are read are fixed.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgfit.errors import (
    LicenceError,
    LicenceWarning,
    ModelBrokenError,
    ModelMissingError,
    ModelUnknownError,
)
from imgfit.naming import EMBEDDED, ModelName, near_names
from imgfit.presets import KNOWN, PRESETS, is_non_commercial
from imgfit.registry import registered_names
from imgfit.textfile import read_text

_CONFIG = "open_clip_config.json"
_CODE = 2  # letters of an ISO 639-1 code
_WEIGHTS = "open_clip_model.safetensors"
_MAX_NOTES = 1_000_000


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

    def read_config(self) -> dict[str, Any]:
        """Return open_clip's configuration.

        Returns:
            The parsed JSON, with ``model_cfg`` and ``preprocess_cfg``.

        Raises:
            ModelBrokenError: The file is no such JSON.
        """
        try:
            config = json.loads(self.config.read_text("utf-8"))
            if not isinstance(config["model_cfg"], dict):
                raise TypeError("model_cfg is not an object")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelBrokenError(folder=self.path, cause=f"{_CONFIG}: {error}") from error
        return dict(config)

    @property
    def tower_config(self) -> Path:
        """The configuration of a text tower that transformers builds, where there is one."""
        return self.path / "text_tower" / "config.json"

    def read_notes(self) -> dict[str, Any]:
        """Return what imgfit noted beside the model.

        Returns:
            What is in ``imgfit.json``; empty where there is no such file. Keys that are not known
            are left alone.

        Raises:
            ModelBrokenError: The file is damaged.
        """
        path = self.path / "imgfit.json"
        if not path.is_file():
            return {}
        try:
            notes = json.loads(read_text(path, _MAX_NOTES))
            if not isinstance(notes, dict):
                raise TypeError("not an object")
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise ModelBrokenError(folder=self.path, cause=f"imgfit.json: {error}") from error
        return notes

    def read_languages(self) -> frozenset[str] | None:
        """Return the languages that the model learned, if the folder says.

        Returns:
            ISO 639-1 codes out of ``imgfit.json``; None where it does not say.

        Raises:
            ModelBrokenError: The file is damaged.
        """
        languages = self.read_notes().get("languages")
        if languages is None:
            return None
        if not isinstance(languages, list) or not all(_is_code(code) for code in languages):
            cause = "imgfit.json: languages is no list of two-letter codes"
            raise ModelBrokenError(folder=self.path, cause=cause)
        return frozenset(languages)

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
        for path in sorted(self.path.iterdir()):
            known = path == self.weights or path.name == _CONFIG or "token" in path.name
            if known and path.is_file():
                with path.open("rb") as file:
                    content = hashlib.file_digest(file, "sha256").hexdigest()
                digest.update(f"{path.name} {content}\n".encode())
        if self.tower_config.is_file():
            content = hashlib.sha256(self.tower_config.read_bytes()).hexdigest()
            digest.update(f"text_tower {content}\n".encode())
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
        raise ModelBrokenError(folder=folder.path, cause=f"{_WEIGHTS} is missing")
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


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and len(value) == _CODE and value.isascii() and value.islower()


def _embedded_folder() -> Path:
    """Return the embedded model's folder: inside the wheel, or in the checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "_models" / EMBEDDED
    return installed if installed.is_dir() else package.parents[1] / "models" / EMBEDDED
