"""``imgfit models``: listing models, pulling, verifying and carrying them."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from imgfit.cli.options import (
    AllModels,
    AllowPickle,
    Carried,
    JsonObject,
    Lock,
    ModelName as NameArgument,
    ModelPlace,
    Revision,
    Speaking,
    Target,
)
from imgfit.cli.session import session
from imgfit.cli.tables import languages_line, print_model, print_models
from imgfit.cli.words import MODELS, said
from imgfit.errors import ModelError
from imgfit.files import models_folder
from imgfit.install import LOCK_NAME
from imgfit.models import KNOWN, MINI, PRESETS, ModelFolder, ModelName, locate_model
from imgfit.printable import plain

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.language import Language
    from imgfit.models import KnownModel


def list_models(asked: Speaking, every: AllModels = False, json: JsonObject = False) -> None:
    """List presets and installed models."""
    with session(asked) as s:
        rows, errors = _rows(every=every)
    for error in errors:
        s.complain(error)
    if json:
        print(json_module.dumps(rows, ensure_ascii=False, indent=1))
    else:
        print_models(rows, models_folder(), s.language)


def pull(
    name: NameArgument,
    asked: Speaking,
    revision: Revision = None,
    allow_pickle: AllowPickle = False,
    lock: Lock = None,
) -> None:
    """Download a model."""
    from imgfit.install import pull_model  # noqa: PLC0415 - it brings what only this needs

    with session(asked, interrupted="interrupted") as s, s.transfers("receiving") as report:
        pulled = pull_model(
            name, revision=revision, allow_pickle=allow_pickle, lock=lock, progress=report
        )
        licence, languages = pulled.folder.read_licence(), pulled.folder.read_languages()
    facts = {"model": pulled.name, "folder": pulled.folder.path, "revision": pulled.revision}
    print(plain(said(MODELS, "pulled" if pulled.fresh else "already", s.language, **facts)))
    facts = {
        "licence": licence or MODELS[s.language]["unknown"],
        "languages": languages_line(languages, s.language),
    }
    print(plain(said(MODELS, "restricted", s.language, **facts)))


def verify(asked: Speaking, model: ModelPlace = "mini", lock: Lock = None) -> None:
    """Verify an installed model."""
    from imgfit.install import verify_bundle  # noqa: PLC0415

    with session(asked) as s, s.transfers("checking") as report:
        proved = verify_bundle(locate_model(model), lock=lock, progress=report)
    _print_proved(proved, lock, s.language)


def bundle(model: ModelPlace, target: Target, asked: Speaking) -> None:
    """Write a model as one file or folder."""
    from imgfit.install import pack_bundle  # noqa: PLC0415

    with session(asked) as s:
        path = pack_bundle(locate_model(model), target)
    print(plain(said(MODELS, "packed", s.language, path=path)))


def add(source: Carried, asked: Speaking, lock: Lock = None) -> None:
    """Install a carried model."""
    from imgfit.install import add_bundle, bundle_name  # noqa: PLC0415

    with session(asked) as s:
        proved = add_bundle(source, lock=lock)
        name = bundle_name(proved.folder).name
    print(plain(said(MODELS, "added", s.language, model=name, folder=proved.folder.path)))
    _print_proved(proved, lock, s.language)


def info(model: ModelPlace, asked: Speaking, json: JsonObject = False) -> None:
    """Show what is known about a model."""
    with session(asked) as s:
        row = _facts(model)
    if json:
        print(json_module.dumps(row, ensure_ascii=False, indent=1))
    else:
        print_model(row, s.language)


def _rows(*, every: bool) -> tuple[list[dict[str, Any]], list[ModelError]]:
    """Describe presets, then other models installed or known; and list damaged ones."""
    from imgfit.install import bundle_name, installed_bundles  # noqa: PLC0415

    found: dict[str, ModelFolder] = {}
    errors: list[ModelError] = []
    for folder in installed_bundles():
        try:
            found[bundle_name(folder).name] = folder
        except ModelError as error:
            errors.append(error)
    shown = {"mini": MINI, **PRESETS}
    shown |= {name: KNOWN[name] for name in (*found, *(KNOWN if every else ())) if name in KNOWN}
    presets = {known.name for known in PRESETS.values()}
    rows = [
        _described(asked, known, found.get(known.name))
        for asked, known in shown.items()
        if asked not in presets
    ]
    rows += [_described(name, None, folder) for name, folder in found.items() if name not in KNOWN]
    return rows, errors


def _described(
    asked: str, known: KnownModel | None, folder: ModelFolder | None = None
) -> dict[str, Any]:
    """Tell what is known about a model from the outside, and from its folder if it is installed."""
    wanted = ModelName.parse(asked)
    if folder is None:
        folder = locate_model(asked) if wanted.kind == "built-in" else ModelFolder(wanted.place)
    here = folder.config.is_file() and folder.weights.is_file()
    notes = folder.read_notes() if here else {}
    languages = folder.read_languages() if here else None
    if languages is None and known is not None:
        languages = known.languages
    licence = folder.read_licence() if here else None
    size = sum(p.stat().st_size for p in folder.path.rglob("*") if p.is_file()) if here else 0
    return {
        "preset": asked if asked in PRESETS else None,
        "name": wanted.name,
        "here": here,
        "licence": licence or (known.licence if known else None),
        "languages": sorted(languages) if languages is not None else None,
        "megabytes": round(size / 1e6) if here else (known.megabytes if known else None),
        "figures": [asdict(figure) for figure in (known.figures if known else ())],
        "folder": str(folder.path) if here else None,
        "source": notes.get("source"),
        "revision": notes.get("revision"),
    }


def _facts(model: str) -> dict[str, Any]:
    """Tell all that is known about one model."""
    wanted = ModelName.parse(model)
    known = KNOWN.get(wanted.name)
    if known is not None and not (wanted.slug and wanted.place.is_dir()) and wanted.slug:
        return _described(model, known)
    folder = locate_model(model)
    from imgfit.encoders import load_encoder  # noqa: PLC0415

    encoder = load_encoder(folder)
    return _described(model, known, folder) | {
        "fingerprint": encoder.fingerprint,
        "context_length": encoder.context_length,
        "photo_size": encoder.photo_size,
        "calibrated": folder.calibration.is_file() and folder.cohort.is_file(),
    }


def _print_proved(proved: Any, lock: Path | None, language: Language) -> None:
    from imgfit.install import TOLERANCE  # noqa: PLC0415

    place = lock or models_folder() / LOCK_NAME
    locked = said(MODELS, "locked" if proved.locked else "unlocked", language, lock=place)
    line = said(
        MODELS,
        "verified",
        language,
        folder=proved.folder.path,
        files=proved.files,
        size=proved.bytes / 1e6,
        distance=proved.distance,
        most=TOLERANCE,
        locked=locked,
    )
    print(plain(line))
