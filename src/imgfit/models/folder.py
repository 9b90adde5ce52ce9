"""A model's folder: the paths of its files, its small JSON files, and its fingerprint.

The names of the files that are read are fixed: nothing here follows a name that a file gives.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from imgfit.errors import (
    ModelBrokenError,
    ModelFileMissingError,
    ModelPickledError,
    ModelSizeError,
)
from imgfit.files import Fields, parse_object
from imgfit.language import Phrase, megabytes
from imgfit.models.names import BUILT_IN
from imgfit.printable import said_by

_CONFIG = "open_clip_config.json"
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
    """A model in open_clip's own folder form, with the files that imgfit keeps beside it.

    Attributes:
        path: The folder.
    """

    path: Path

    @classmethod
    def built_in(cls) -> Self:
        """Return the folder of the model that comes with imgfit."""
        return cls(_built_in_folder())

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
    def window_weights(self) -> Path:
        """What the windows of captions weigh, learned with this model; not every model has it."""
        return self.path / "windows.safetensors"

    @property
    def text_tower(self) -> Path:
        """Configuration of a text tower from transformers, if the model has one."""
        return self.path / _TEXT_TOWER

    def tokenizer_files(self) -> list[Path]:
        """List the files that token ids depend on.

        Returns:
            Files of the folder, links to files too, by name.

        Raises:
            OSError: The folder cannot be read.
        """
        return [
            path
            for path in sorted(self.path.iterdir())
            if ("token" in path.name or path.name in _VOCABULARIES) and path.is_file()
        ]

    @property
    def is_built_in(self) -> bool:
        """Whether it is the model that comes with imgfit, however its path is written."""
        return self.path.resolve() == _built_in_folder().resolve()

    @property
    def has_vocabulary(self) -> bool:
        """Whether the folder holds a vocabulary in a form older than ``tokenizer.json``."""
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
            ModelBrokenError: The file is not a JSON object, or holds NaN or infinity.
        """
        path = self.path / name
        try:
            size = path.stat().st_size
            if size > _MAX_JSON:
                limit = megabytes(_MAX_JSON)
                raise ModelSizeError(
                    folder=self.path, place=name, size=megabytes(size), limit=limit
                )
            return parse_object(path.read_bytes())
        except (OSError, ValueError) as error:
            raise ModelBrokenError(folder=self.path, cause=said_by(error, name)) from error

    def read_notes(self) -> dict[str, Any]:
        """Read the notes that imgfit keeps beside open_clip's files.

        Returns:
            Parsed ``imgfit.json``; empty if the folder has none.

        Raises:
            ModelBrokenError: The file is damaged.
        """
        return self.read_json(_NOTES) if (self.path / _NOTES).is_file() else {}

    def read_config(self) -> dict[str, Any]:
        """Return open_clip's configuration.

        Returns:
            The parsed JSON, with ``model_cfg`` and ``preprocess_cfg``.

        Raises:
            ModelBrokenError: The file is damaged, or lacks ``model_cfg``.
        """
        config = self.read_json(_CONFIG)
        if not isinstance(config.get("model_cfg"), dict):
            raise ModelBrokenError(folder=self.path, cause=not_object(f"{_CONFIG}: model_cfg"))
        return config

    def read_languages(self) -> frozenset[str] | None:
        """Return the languages that the model learned, if the folder says.

        Returns:
            ISO 639-1 codes from ``imgfit.json``; None if it names none.

        Raises:
            ModelBrokenError: The file is damaged.
        """
        notes = self.read_notes()
        if notes.get("languages") is None:
            return None
        try:
            return Fields(notes).codes("languages", 2)
        except ValueError as error:
            raise ModelBrokenError(folder=self.path, cause=said_by(error, _NOTES)) from error

    def read_licence(self) -> str | None:
        """Return the licence of the weights, if it is known.

        Returns:
            Its name, from ``imgfit.json``; None if that gives none.

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
        files = sorted({*self.tokenizer_files(), self.weights, self.config})
        for path in [*files, self.text_tower]:
            if path.is_file():
                with path.open("rb") as file:
                    content = hashlib.file_digest(file, "sha256").hexdigest()
                name = path.relative_to(self.path).as_posix()
                digest.update(f"{name} {content}\n".encode())
        return digest.hexdigest()[:16]


def not_object(part: str) -> Phrase:
    """Say that a part of a folder's settings is not a JSON object."""
    return Phrase(id=f"{part} bukan objek JSON", en=f"{part} is not a JSON object")


def _built_in_folder() -> Path:
    """Return the built-in model's folder: inside the wheel, or in the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_models" / BUILT_IN
    return installed if installed.is_dir() else package.parents[1] / "models" / BUILT_IN
