"""``imgfit doctor``: what a bug report needs, and what is broken or missing here."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from imgfit.cli.diagnosis import Diagnosis, diagnose
from imgfit.cli.options import Bounding, JsonObject
from imgfit.cli.session import max_bytes, session
from imgfit.cli.words import DOCTOR, said
from imgfit.printable import json_text, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgfit.language import Language


def doctor(asked: Bounding, json: JsonObject = False) -> None:
    """Show what a bug report needs."""
    with session(asked) as s:
        found = diagnose(s.language, max_bytes(asked))
    facts = without_home(found.facts | {"broken": found.broken})
    if json:
        print(json_text(json_module.dumps(facts, ensure_ascii=False, indent=1)))
    else:
        print(plain("\n".join(_lines(Diagnosis(facts, facts["broken"]), s.language))))
    raise typer.Exit(1 if found.broken else 0)


def without_home(value: Any) -> Any:
    """Write the user's home folder as ``~`` wherever it stands: its name is often a person's.

    Args:
        value: Plain values, as in JSON.

    Returns:
        The same, with other texts.
    """
    if isinstance(value, str):
        home = Path.home()
        for place in {str(home), str(home.resolve())} - {"/", "", "."}:
            value = value.replace(place, "~")
        return value
    if isinstance(value, dict):
        return {key: without_home(inner) for key, inner in value.items()}
    return [without_home(inner) for inner in value] if isinstance(value, list) else value


def _lines(found: Diagnosis, language: Language) -> Iterator[str]:
    """Yield a line for each fact, its label first, then what is broken."""
    words, facts = DOCTOR[language], found.facts
    width = max(len(words[part]) for part in facts if part in words)

    def line(part: str, text: str) -> str:
        return f"{words[part]:<{width}}  {text}"

    for part in ("imgfit", "python", "system"):
        yield line(part, said(DOCTOR, f"{part}_line", language, **facts[part]))
    yield line("packages", ", ".join(f"{n} {v or '–'}" for n, v in facts["packages"].items()))
    yield line("model", _model(facts["model"], language))
    yield line("runtimes", ", ".join(facts["runtimes"]) or words["none"])
    there = "cache_none" if facts["cache"]["megabytes"] is None else "cache_line"
    yield line("cache", said(DOCTOR, there, language, **facts["cache"]))
    fitted = "calibration_line" if facts["calibration"] else "calibration_broken"
    yield line("calibration", said(DOCTOR, fitted, language, **facts["calibration"]))
    languages = facts["languages"]
    read = ", ".join(languages["model"]) or words["none"]
    yield line("languages", said(DOCTOR, "languages_line", language, **languages | {"model": read}))
    for extra, state in facts["extras"].items():
        lacking = {"packages": ", ".join(state["missing"]), "command": state["command"]}
        key = "extra_missing" if state["missing"] else "extra_here"
        yield line("extras", said(DOCTOR, key, language, extra=extra, **lacking))
    yield line("variables", ", ".join(facts["variables"]) or words["none"])
    yield from (said(DOCTOR, "broken", language, what=what) for what in found.broken)
    if not found.broken:
        yield words["well"]


def _model(facts: dict[str, Any], language: Language) -> str:
    return said(DOCTOR, "model_line" if facts["whole"] else "model_broken", language, **facts)
