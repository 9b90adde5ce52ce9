"""The lock file: the commit and the digests that each model had when it was first pulled.

One JSON file, beside the models or shared by an office. A model that differs later is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from imgfit.errors import ArgumentError, ModelChangedError
from imgfit.files import Fields, models_folder, parse_json, read_text, write_whole
from imgfit.language import Phrase
from imgfit.printable import RefusedError, said_by

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOCK_NAME = "imgfit-models.lock"
_VERSION = 1
_MAX_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Pin:
    """One model's commit and digests.

    Attributes:
        sources: Commit by repository; the first is that of the weights.
        files: SHA-256 by path in the bundle.
    """

    sources: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def revision(self) -> str:
        """The commit of the weights' repository."""
        return next(iter(self.sources.values()), "–")


@dataclass(frozen=True, slots=True)
class LockFile:
    """A lock file's pins.

    Attributes:
        path: The file, which need not exist.
        pins: By a model's name.
    """

    path: Path
    pins: Mapping[str, Pin]

    @classmethod
    def open(cls, path: Path | None = None) -> Self:
        """Read a lock file.

        Args:
            path: The file; the one beside the models if not given.

        Returns:
            Its pins; none if there is no such file.

        Raises:
            ArgumentError: It is not a lock file.
        """
        path = path or models_folder() / LOCK_NAME
        if not path.exists():
            return cls(path, {})
        try:
            pins = _parsed(parse_json(read_text(path, _MAX_BYTES)))
        except (OSError, ValueError) as error:
            said = said_by(error)
            needed = Phrase(
                id=f"bukan berkas yang ditulis 'imgfit models pull' ({said.id})",
                en=f"not a file that 'imgfit models pull' wrote ({said.en})",
            )
            raise ArgumentError(argument="lock", value=path, needed=needed) from error
        return cls(path, pins)

    def require_sources(self, model: str, sources: Mapping[str, str]) -> None:
        """Refuse commits that differ from the recorded ones, before anything is received.

        Args:
            model: The model's name.
            sources: Commit by repository.

        Raises:
            ModelChangedError: One differs, or comes from another repository.
        """
        pin = self.pins.get(model)
        if pin is None:
            return
        for repository in sorted({*sources, *pin.sources}):
            found, recorded = sources.get(repository, "–"), pin.sources.get(repository, "–")
            if found != recorded:
                raise self._changed(model, pin, repository, found, recorded)

    def require_files(self, model: str, files: Mapping[str, str]) -> bool:
        """Refuse files that differ from the recorded ones.

        Args:
            model: The model's name.
            files: SHA-256 by path in the bundle.

        Returns:
            Whether the model is recorded at all.

        Raises:
            ModelChangedError: One differs, is missing or is new.
        """
        pin = self.pins.get(model)
        if pin is None:
            return False
        for path in sorted({*files, *pin.files}):
            found, recorded = files.get(path, "–"), pin.files.get(path, "–")
            if found != recorded:
                raise self._changed(model, pin, path, found, recorded)
        return True

    def record(self, model: str, pin: Pin) -> None:
        """Write a model's pin, if it has none yet.

        Args:
            model: The model's name.
            pin: Its commit and digests.

        Raises:
            ArgumentError: The file cannot be written.
        """
        if model in self.pins:
            return
        pins = {**self.pins, model: pin}
        stored = {
            name: {"sources": dict(pin.sources), "files": dict(sorted(pin.files.items()))}
            for name, pin in sorted(pins.items())
        }
        content = json.dumps({"version": _VERSION, "models": stored}, indent=1)
        write_whole(content + "\n", self.path)

    def _changed(
        self, model: str, pin: Pin, what: str, found: str, recorded: str
    ) -> ModelChangedError:
        return ModelChangedError(
            what=what,
            model=model,
            found=found,
            recorded=recorded,
            lock=self.path,
            revision=pin.revision,
        )


def _parsed(values: Any) -> dict[str, Pin]:
    """Read pins out of JSON, or refuse it; fields of a later version of imgfit are passed over."""
    stored = Fields(values)
    version = stored.count("version")
    if version != _VERSION:
        raise RefusedError(id=f"versinya {version}", en=f"its version is {version}")
    models = stored.inner("models")
    pins = {}
    for name in models.names():
        pin = models.inner(name)
        pins[name] = Pin(pin.texts("sources"), pin.texts("files"))
    return pins
