"""From a model's name to its folder. Loads no model, and nothing reaches for the network."""

from __future__ import annotations

import warnings
from importlib.metadata import version

from imgfit.errors import (
    LicenceError,
    LicenceWarning,
    ModelError,
    ModelMissingError,
    ModelNewerError,
    ModelUnknownError,
)
from imgfit.files import has_clip, require_clip
from imgfit.language import Phrase
from imgfit.models.folder import ModelFolder
from imgfit.models.known import AFTER_RELEASE, KNOWN, PRESETS, is_non_commercial
from imgfit.models.names import ModelName, near_names
from imgfit.models.registry import registered_names


def find_model(name: str) -> ModelFolder:
    """Find a model's folder by its name.

    Warns with `LicenceWarning` if the licence forbids commercial use.

    Args:
        name: ``"mini"`` for the built-in model; a preset (``"fast"``, ``"base"``,
            ``"accurate"``); ``name/tag`` of open_clip's registry; ``hf-hub:org/name``; or a
            folder's path, with or without open_clip's ``local-dir:`` before it. If a name could
            also be a path, a folder that exists wins, except over ``mini`` and presets.

    Returns:
        The folder, which holds a configuration and weights.

    Raises:
        ModelUnknownError: No model has this name.
        ModelMissingError: The model is known, but was not pulled or added.
        ModelNewerError: The model needs a newer open_clip.
        ModelBrokenError: The folder lacks its weights.
    """
    wanted = ModelName.parse(name)
    folder = _located(wanted)
    known = KNOWN.get(wanted.name)
    licence = folder.read_licence() or (known.licence if known else None)
    if is_non_commercial(licence):
        error = LicenceError(model=name, licence=licence, presets=", ".join(PRESETS))
        warnings.warn(LicenceWarning(error), stacklevel=2)
    return folder


def locate_model(name: str) -> ModelFolder:
    """Find a model's folder like `find_model`, but without the licence warning."""
    return _located(ModelName.parse(name))


def _located(wanted: ModelName) -> ModelFolder:
    if wanted.kind == "built-in":
        folder = ModelFolder.built_in()
    elif wanted.slug:
        folder = ModelFolder(wanted.place)
    else:
        folder = ModelFolder(wanted.path)
    try:
        there = wanted.kind != "unknown" and folder.config.is_file()
    except (OSError, ValueError):  # too long, or not a path at all
        there = False
    if not there:
        raise not_found(wanted)
    folder.require_weights()
    return folder


def not_found(wanted: ModelName) -> ModelError:
    """Say where a name was looked for, and how to get the model.

    Args:
        wanted: The name, parsed.

    Returns:
        `ModelMissingError` if the model can be pulled, `ModelNewerError` if it could be with a
        newer open_clip, else `ModelUnknownError`.
    """
    name = wanted.asked
    tried = [] if wanted.kind == "hub" or name in PRESETS else [wanted.path.absolute()]
    tried += [wanted.place] if wanted.slug else []
    places = ", ".join(map(str, tried))
    known = wanted.kind == "hub" or wanted.name in KNOWN
    names: tuple[str, ...] = ()
    # Anything but a name that could only be a folder's needs the extra `clip`, once it is here.
    if known or wanted.kind == "tag":
        require_clip(Phrase(id=f"model '{name}'", en=f"the model '{name}'"))
    if not known and has_clip():
        names = registered_names()
        known = wanted.kind == "tag" and wanted.name in names
    if wanted.name in AFTER_RELEASE and not known:
        return ModelNewerError(
            model=name,
            release=AFTER_RELEASE[wanted.name],
            installed=version("open_clip_torch"),
            presets=", ".join(PRESETS),
        )
    if known:
        return ModelMissingError(model=name, places=places, place=wanted.place)
    return ModelUnknownError(
        model=name,
        presets=", ".join(PRESETS),
        places=places,
        registry=len(names),
        near=", ".join(near_names(name, names)) or "–",
    )
