"""What ``imgfit doctor`` finds out: plain facts, and sentences about what is broken.

Nothing here may end the command: what fails while it is looked at is itself a finding.
"""

from __future__ import annotations

import locale
import os
import platform
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import imgfit
from imgfit.calibration import Calibration
from imgfit.cli.session import require_database, user_cache
from imgfit.cli.words import DOCTOR, TABLE, said
from imgfit.encoders import load_encoder
from imgfit.errors import ImgfitError
from imgfit.files import has_clip, install_command
from imgfit.install import verify_bundle
from imgfit.language import system_language
from imgfit.models import BUILT_IN, ModelFolder
from imgfit.printable import said_by
from imgfit.version import DISTRIBUTION, __version__, shadowing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgfit.language import Language, Phrase

# Extras for those who make imgfit; all others are for people who use it.
MAKERS = frozenset({"dev", "docs", "benchmarks", "training"})
_REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"""\s*extra\s*==\s*["']([^"']+)["']\s*""")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found.

    Attributes:
        facts: Plain values by part, as ``--json`` prints them.
        broken: A sentence for each thing that is broken, with how to mend it.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


def diagnose(language: Language, cache_bytes: int) -> Diagnosis:
    """Look at this installation.

    Args:
        language: Of the sentences.
        cache_bytes: Most bytes that the cache may take.

    Returns:
        The findings; nothing in them names a draft.
    """
    found = Diagnosis()
    found.facts.update(_place(found, language))
    needs = requirements()
    found.facts["packages"] = _packages(needs, found, language)
    found.facts["model"] = _model(found, language)
    runtimes = [("onnx", bool(_installed("onnxruntime"))), ("torch", has_clip())]
    found.facts["runtimes"] = [name for name, there in runtimes if there]
    found.facts["cache"] = _cache(found, language, cache_bytes)
    found.facts["calibration"] = _calibration(found, language)
    found.facts["languages"] = _languages(language)
    found.facts["extras"] = {extra: _extra(needs[extra], extra, language) for extra in extras()}
    found.facts["variables"] = sorted(name for name in os.environ if name.startswith("IMGFIT_"))
    return found


def extras() -> list[str]:
    """Return the extras for people who use imgfit, in the order of its distribution."""
    offered = metadata(DISTRIBUTION).get_all("Provides-Extra") or ()
    return [extra for extra in offered if extra not in MAKERS]


def requirements() -> dict[str, list[str]]:
    """Return the packages that imgfit needs, as its own distribution says.

    Returns:
        Names of distributions by extra; those always needed under ``""``. An extra that includes
        another of imgfit's has that one's packages too. Those of some systems only are left out.
    """
    needs: dict[str, list[str]] = {name: [] for name in ("", *extras())}
    included: dict[str, list[str]] = {}
    for line in requires(DISTRIBUTION) or ():
        wanted, _, marker = line.partition(";")
        extra, name = _EXTRA.fullmatch(marker), _REQUIREMENT.match(wanted.strip())
        if name is None or (marker.strip() and extra is None):
            continue
        key = extra.group(1) if extra else ""
        if name.group(1) == DISTRIBUTION:
            included.setdefault(key, []).extend(re.findall(r"[\w-]+", name.group(2) or ""))
        else:
            needs.setdefault(key, []).append(name.group(1))
    for key, others in included.items():
        needs.setdefault(key, []).extend(n for other in others for n in needs.get(other, ()))
    return needs


@contextmanager
def _noting(found: Diagnosis, language: Language) -> Iterator[None]:
    """Write down whatever fails in the block, instead of ending the command."""
    try:
        yield
    except ImgfitError as error:
        found.broken.append(error.say(language))
    except Exception as error:  # noqa: BLE001 - whatever it is, the report needs it
        found.broken.append(_spoken(said_by(error), language))


def _spoken(phrase: Phrase, language: Language) -> str:
    return phrase.id if language == "id" else phrase.en


def _installed(name: str) -> str | None:
    """Return a distribution's version; None if it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _place(found: Diagnosis, language: Language) -> dict[str, Any]:
    """Tell which imgfit, Python and system this is."""
    other = shadowing()
    if other is not None:
        found.broken.append(said(TABLE, "shadowed", language, version=other))
    return {
        "imgfit": {
            "version": __version__,
            "distribution": DISTRIBUTION,
            "place": str(Path(imgfit.__file__).parent),
            "shadowed_by": other,
        },
        "python": {
            "version": platform.python_version(),
            "implementation": platform.python_implementation(),
            "place": sys.prefix,
        },
        "system": {
            "platform": platform.platform(),
            "cores": os.cpu_count() or 1,
            "encoding": locale.getpreferredencoding(do_setlocale=False),
        },
    }


def _packages(
    needs: dict[str, list[str]], found: Diagnosis, language: Language
) -> dict[str, str | None]:
    """List the packages of the light installation, and those of extras that are there."""
    versions = {name: _installed(name) for name in needs[""]}
    for name, there in versions.items():
        if there is None:
            found.broken.append(said(DOCTOR, "reinstall", language, package=name))
    more = {name: _installed(name) for extra in extras() for name in needs[extra]}
    return versions | {name: there for name, there in more.items() if there}


def _model(found: Diagnosis, language: Language) -> dict[str, Any]:
    """Prove the built-in model whole, and run it once."""
    folder = ModelFolder.built_in()
    facts: dict[str, Any] = {"name": BUILT_IN, "place": str(folder.path), "whole": False}
    with _noting(found, language):
        proved = verify_bundle(folder)
        facts |= {
            "fingerprint": load_encoder(folder).fingerprint,
            "files": proved.files,
            "megabytes": round(proved.bytes / 1e6),
            "distance": proved.distance,
            "whole": True,
        }
    return facts


def _cache(found: Diagnosis, language: Language, most: int) -> dict[str, Any]:
    """Look at the user's cache without opening it: opening would set a damaged one aside."""
    place = user_cache()
    facts: dict[str, Any] = {
        "place": str(place),
        "megabytes": None,
        "most": most // 1_000_000,
    }
    with _noting(found, language):
        if place.is_file():
            facts["megabytes"] = place.stat().st_size / 1e6
            require_database(place)
    return facts


def _calibration(found: Diagnosis, language: Language) -> dict[str, Any]:
    """Read the built-in model's calibration, and hold it against the model."""
    folder = ModelFolder.built_in()
    facts: dict[str, Any] = {}
    with _noting(found, language):
        fitted = Calibration.load(folder.calibration)
        facts = {
            "fingerprint": fitted.fingerprint,
            "negatives": fitted.negatives,
            "norm": fitted.norm,
            "texts": fitted.texts,
        }
        if fitted.fingerprint != load_encoder(folder).fingerprint:
            found.broken.append(
                said(DOCTOR, "other_model", language, fingerprint=fitted.fingerprint)
            )
    return facts


def _languages(spoken: Language) -> dict[str, Any]:
    """Tell which language is spoken and why, and which the built-in model reads."""
    try:
        model = sorted(ModelFolder.built_in().read_languages() or ())
    except (ImgfitError, OSError):  # said of the model already
        model = []
    return {"spoken": spoken, "system": system_language(), "model": model}


def _extra(needed: list[str], extra: str, language: Language) -> dict[str, Any]:
    """Tell what of an extra is missing, and the command that mends it."""
    missing = [name for name in dict.fromkeys(needed) if _installed(name) is None]
    command = _spoken(install_command(extra), language) if missing else None
    return {"missing": missing, "command": command}
