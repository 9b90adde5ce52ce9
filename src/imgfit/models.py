"""Where models are and what they are: folders, files and fingerprints. Loads no model."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgfit.errors import ModelBrokenError, ModelUnknownError

EMBEDDED = "mini"
_LOCAL = "local-dir:"
_CONFIG = "open_clip_config.json"
_CODE = 2  # letters of an ISO 639-1 code
_WEIGHTS = "open_clip_model.safetensors"


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

    def read_languages(self) -> frozenset[str] | None:
        """Return the languages that the model learned, if the folder says.

        Returns:
            ISO 639-1 codes out of ``imgfit.json``; None where there is no such file.

        Raises:
            ModelBrokenError: The file is damaged.
        """
        path = self.path / "imgfit.json"
        if not path.is_file():
            return None
        try:
            languages = json.loads(path.read_text("utf-8"))["languages"]
            if not isinstance(languages, list) or not all(_is_code(code) for code in languages):
                raise TypeError("languages is no list of two-letter codes")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelBrokenError(folder=self.path, cause=f"imgfit.json: {error}") from error
        return frozenset(languages)

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
        return digest.hexdigest()[:16]


def find_model(name: str) -> ModelFolder:
    """Find a model's folder by its name.

    Args:
        name: ``"mini"`` for the embedded model, or a folder's path, with or without open_clip's
            ``local-dir:`` before it.

    Returns:
        The folder, which holds a configuration and weights.

    Raises:
        ModelUnknownError: Neither the embedded model nor a model folder.
        ModelBrokenError: The folder lacks its weights.
    """
    path = _embedded_folder() if name == EMBEDDED else Path(name.removeprefix(_LOCAL))
    folder = ModelFolder(path)
    if not folder.config.is_file():
        raise ModelUnknownError(model=name)
    if not folder.weights.is_file():
        raise ModelBrokenError(folder=path, cause=f"{_WEIGHTS} is missing")
    return folder


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and len(value) == _CODE and value.isascii() and value.islower()


def _embedded_folder() -> Path:
    """Return the embedded model's folder: inside the wheel, or in the checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "_models" / EMBEDDED
    return installed if installed.is_dir() else package.parents[1] / "models" / EMBEDDED
