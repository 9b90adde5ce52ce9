"""Names of models, and the name of each bundle's folder.

A name becomes the name of one folder and never a path, unless it is a path.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from imgfit.files import models_folder
from imgfit.models.known import PRESETS, RENAMED

BUILT_IN = "mini"
_LOCAL = "local-dir:"
_HUB = "hf-hub:"
# The hub forbids two hyphens in a row, so they tell a name's parts apart in a folder's name.
_JOINT = "--"
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._+-]*[A-Za-z0-9_+])?"
_TAGGED = re.compile(rf"{_PART}(?:/{_PART})?/{_PART}")
_REPOSITORY = re.compile(rf"(?:{_PART}/)?{_PART}")
_MAX_NAME = 200
_NEAR = 5


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model's name, parsed.

    Attributes:
        kind: ``"built-in"``, ``"folder"`` (by its path), ``"hub"`` (a repository), ``"tag"``
            (of open_clip's registry) or ``"unknown"``.
        asked: The name as it was given.
        name: In one way of writing: a preset's is its model's.
        slug: Name of its bundle's folder; empty for a folder or unknown name.
    """

    kind: Literal["built-in", "folder", "hub", "tag", "unknown"]
    asked: str
    name: str
    slug: str = ""

    @property
    def place(self) -> Path:
        """The folder of its bundle, which need not exist."""
        return models_folder() / self.slug

    @property
    def path(self) -> Path:
        """The folder that the name would be as a path."""
        return Path(self.asked.removeprefix(_LOCAL))

    @property
    def repository(self) -> str:
        """The hub's repository of a ``"hub"`` name."""
        return self.name.removeprefix(_HUB)

    @property
    def parts(self) -> tuple[str, str]:
        """Architecture and tag of a ``"tag"`` name."""
        name, _, tag = self.name.rpartition("/")
        return name, tag

    @classmethod
    def parse(cls, name: str) -> ModelName:
        """Read a name.

        ``"mini"`` and presets come first, then prefixes, then a folder that exists, then
        ``name/tag``.

        Args:
            name: Any text from a user.

        Returns:
            The name, parsed. Of this machine only folders of that name are looked at.
        """
        if name == BUILT_IN:
            return cls("built-in", name, name)
        if name in PRESETS:
            return cls._tagged(name, PRESETS[name].name)
        if name.startswith(_LOCAL) or _is_folder(name):
            return cls("folder", name, name)
        repository = name.removeprefix(_HUB)
        if name != repository and "/" in repository and is_repository(repository):
            return cls("hub", name, name, _JOINT.join(["hf-hub", *repository.split("/")]))
        if _is_plain(name) and _TAGGED.fullmatch(name):
            return cls._tagged(name, name)
        return cls("unknown", name, name)

    @classmethod
    def _tagged(cls, asked: str, written: str) -> ModelName:
        """Write a name and tag as open_clip's registry does."""
        name, _, tag = written.rpartition("/")
        written = f"{name.replace('/', '-')}/{tag.lower().replace('-', '_')}"
        written = RENAMED.get(written, written)
        return cls("tag", asked, written, written.replace("/", _JOINT))


def is_repository(name: str) -> bool:
    """Tell whether a name may be a repository's on the hub, and can be nothing else.

    Args:
        name: Such as ``"org/name"``.

    Returns:
        Whether it is; never for paths, addresses and names that lead elsewhere.
    """
    return _is_plain(name) and _REPOSITORY.fullmatch(name) is not None


def near_names(name: str, names: tuple[str, ...]) -> list[str]:
    """Find names that could have been meant.

    Args:
        name: As it was given.
        names: Those of open_clip's registry.

    Returns:
        The nearest first, few or none.
    """
    words = {word.lower(): word for word in (BUILT_IN, *PRESETS, *names)}
    asked = name.lower()
    found = difflib.get_close_matches(asked, words, _NEAR, 0.6)
    # A name without its tag, or with a wrong one.
    same = [word for word in words if word.startswith(f"{asked.split('/')[0]}/")]
    return [words[word] for word in dict.fromkeys([*found, *same])][:_NEAR]


def _is_folder(name: str) -> bool:
    try:
        return name != "" and Path(name).is_dir()
    except (OSError, ValueError):  # too long, or not a path at all
        return False


def _is_plain(name: str) -> bool:
    return len(name) <= _MAX_NAME and ".." not in name and _JOINT not in name
