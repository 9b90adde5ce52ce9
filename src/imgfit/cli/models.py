"""``imgfit models``: what can be had, pulling, proving and carrying it."""

from __future__ import annotations

import json as json_module
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from imgfit.cli.outcomes import Lang, outcomes
from imgfit.cli.words import MODELS
from imgfit.errors import ModelError
from imgfit.files.places import models_folder
from imgfit.install.lock import LOCK_NAME
from imgfit.language import Language, system_language
from imgfit.models.folder import ModelFolder, locate_model
from imgfit.models.known import KNOWN, MINI, PRESETS
from imgfit.models.names import ModelName
from imgfit.printable import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgfit.models.known import KnownModel

models = typer.Typer(
    no_args_is_help=True, help="Models: what can be had, pulling, proving and carrying it."
)

NameArgument = Annotated[
    str, typer.Argument(help="A preset, name/tag of open_clip's registry, or hf-hub:org/name.")
]
PlaceArgument = Annotated[str, typer.Argument(help="A model's name, or its folder.")]
LockOption = Annotated[
    Path | None,
    typer.Option(help=f"The lock file; {LOCK_NAME} beside the models if not given."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
LangOption = Annotated[
    Lang | None, typer.Option(help="Language of the words; the system's if not given.")
]


@models.command("list")
def list_models(
    every: Annotated[
        bool, typer.Option("--all", help="Also the multilingual models that are no preset.")
    ] = False,
    json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """List the presets and what is installed, with licence, languages, size and figures."""
    language: Language = lang.value if lang else system_language()
    with outcomes(language):
        rows, errors = _rows(every=every)
    for error in errors:
        print(f"imgfit: {plain(error.say(language))}", file=sys.stderr)
    if json:
        print(json_module.dumps(rows, ensure_ascii=False, indent=1))
        return
    words = MODELS[language]
    table = Table(title=words["title"], title_justify="left", show_lines=True)
    table.add_column(words["name"], overflow="fold", ratio=1)
    for column in ("here", "licence", "languages", "size", "figure"):
        table.add_column(words[column], overflow="fold")
    # What was measured and by whom is long: it stands under the table, once.
    notes: dict[str, int] = {}
    for row in rows:
        cells = [*_cells(row, language)]
        marks = []
        for figure in row["figures"]:
            meaning = _meaning(figure, words)
            marks.append(f"{figure['percent']} % [{notes.setdefault(meaning, len(notes) + 1)}]")
        table.add_row(*(Text(plain(cell)) for cell in (*cells, "\n".join(marks) or "–")))
    console = Console()
    console.print(table)
    for meaning, number in notes.items():
        console.print(Text(plain(f"[{number}] {meaning}")))
    console.print(Text(words["note"]))
    console.print(Text(plain(words["place"].format(place=models_folder()))), soft_wrap=True)


@models.command()
def pull(
    name: NameArgument,
    revision: Annotated[
        str | None, typer.Option(help="Commit, branch or tag; the main branch if not given.")
    ] = None,
    allow_pickle: Annotated[
        bool,
        typer.Option("--allow-pickle", help="Read weights that are there only as a pickle."),
    ] = False,
    lock: LockOption = None,
    lang: LangOption = None,
) -> None:
    """Download a model, with all that is needed to use and to prove it offline.

    Exit code 0: it is installed. 2: it is not; what was received is kept for the next pull.
    """
    language: Language = lang.value if lang else system_language()
    words = MODELS[language]
    from imgfit.install.pull import pull_model  # noqa: PLC0415 - it brings what only this needs

    with outcomes(language, words["interrupted"]), _bars(language, "receiving") as report:
        pulled = pull_model(
            name, revision=revision, allow_pickle=allow_pickle, lock=lock, progress=report
        )
        licence, languages = pulled.folder.read_licence(), pulled.folder.read_languages()
    said = words["pulled" if pulled.fresh else "already"]
    facts = {"model": pulled.name, "folder": pulled.folder.path, "revision": pulled.revision}
    print(plain(said.format(**facts)))
    print(
        plain(
            words["restricted"].format(
                licence=licence or words["unknown"], languages=_spoken(languages, language)
            )
        )
    )


@models.command()
def verify(model: PlaceArgument = "mini", lock: LockOption = None, lang: LangOption = None) -> None:
    """Prove that a model is what was installed: every digest, the lock, and the golden pair.

    Exit code 0: it is. 2: something differs.
    """
    language: Language = lang.value if lang else system_language()
    words = MODELS[language]
    from imgfit.install.bundles import verify_bundle  # noqa: PLC0415

    with outcomes(language), _bars(language, "checking") as report:
        proved = verify_bundle(locate_model(model), lock=lock, progress=report)
    _say_proved(proved, lock, words)


@models.command()
def bundle(
    model: PlaceArgument,
    target: Annotated[Path, typer.Argument(help="A .tar file to write, or a folder.")],
    lang: LangOption = None,
) -> None:
    """Write a model as one file or folder to carry to a machine without network.

    Exit code 0: it is written. 2: it is not.
    """
    language: Language = lang.value if lang else system_language()
    from imgfit.install.bundles import pack_bundle  # noqa: PLC0415

    with outcomes(language):
        path = pack_bundle(locate_model(model), target)
    print(plain(MODELS[language]["packed"].format(path=path)))


@models.command()
def add(
    source: Annotated[Path, typer.Argument(help="What 'imgfit models bundle' wrote.")],
    lock: LockOption = None,
    lang: LangOption = None,
) -> None:
    """Install a carried model, checked whole before it is put in its place.

    Exit code 0: it is installed. 2: it is not.
    """
    language: Language = lang.value if lang else system_language()
    words = MODELS[language]
    from imgfit.install.bundles import add_bundle, bundle_name  # noqa: PLC0415

    with outcomes(language):
        proved = add_bundle(source, lock=lock)
        name = bundle_name(proved.folder).name
    print(plain(words["added"].format(model=name, folder=proved.folder.path)))
    _say_proved(proved, lock, words)


@models.command()
def info(model: PlaceArgument, json: JsonOption = False, lang: LangOption = None) -> None:
    """Say what is known about a model, installed or not.

    Exit code 0: it is said. 2: no such model.
    """
    language: Language = lang.value if lang else system_language()
    words = MODELS[language]
    with outcomes(language):
        row = _facts(model)
    if json:
        print(json_module.dumps(row, ensure_ascii=False, indent=1))
        return
    name, here, licence, languages, size = _cells(row, language)
    if row["languages"] is not None:
        languages = ", ".join(row["languages"])
    lines = [("name", name), ("here", here), ("licence", licence), ("languages", languages)]
    lines.append(("size", size))
    lines += [
        ("figure", f"{figure['percent']} %: {_meaning(figure, words)}") for figure in row["figures"]
    ]
    if row["here"]:
        lines += [
            (key, row[key] or words["unknown"])
            for key in ("folder", "source", "revision", "fingerprint")
        ]
        lines.append(("context", words["tokens"].format(count=row["context_length"])))
        lines.append(("photo", words["pixels"].format(count=row["photo_size"])))
        lines.append(("calibration", words["yes" if row["calibrated"] else "no"]))
    for key, value in lines:
        print(plain(f"{words[key]}: {value}"))


def _rows(*, every: bool) -> tuple[list[dict[str, Any]], list[ModelError]]:
    """Describe presets, then what else is installed or known; and what is damaged."""
    from imgfit.install.bundles import bundle_name, installed_bundles  # noqa: PLC0415

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
    """Say what is known about a model from the outside, and from its folder where it is there."""
    wanted = ModelName.parse(asked)
    if folder is None:
        folder = locate_model(asked) if wanted.kind == "embedded" else ModelFolder(wanted.place)
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
    """Say all that is known about one model."""
    wanted = ModelName.parse(model)
    known = KNOWN.get(wanted.name)
    if known is not None and not (wanted.slug and wanted.place.is_dir()) and wanted.slug:
        return _described(model, known)
    folder = locate_model(model)
    from imgfit.encoders.loading import load_encoder  # noqa: PLC0415

    encoder = load_encoder(folder)
    return _described(model, known, folder) | {
        "fingerprint": encoder.fingerprint,
        "context_length": encoder.context_length,
        "photo_size": encoder.photo_size,
        "calibrated": folder.calibration.is_file() and folder.cohort.is_file(),
    }


def _cells(row: dict[str, Any], language: Language) -> tuple[str, str, str, str, str]:
    words = MODELS[language]
    name = row["name"] if row["preset"] is None else f"{row['preset']}: {row['name']}"
    here = "embedded" if row["name"] == "mini" else "yes" if row["here"] else "no"
    return (
        name,
        words[here],
        row["licence"] or words["unknown"],
        _spoken(row["languages"], language),
        words["unknown"] if row["megabytes"] is None else f"{row['megabytes']} MB",
    )


def _meaning(figure: dict[str, Any], words: dict[str, str]) -> str:
    """Say what a figure measured, on which model where that is another one, and whose it is."""
    model = words["of"].format(model=figure["model"]) if figure["model"] else ""
    return f"{words[figure['what']]}{model} ({figure['source']})"


def _spoken(languages: Any, language: Language) -> str:
    """Name a few languages, or say how many."""
    words = MODELS[language]
    if languages is None:
        return words["unknown"]
    few = 4
    if len(languages) <= few:
        return ", ".join(sorted(languages))
    return words["count"].format(count=len(languages))


def _say_proved(proved: Any, lock: Path | None, words: dict[str, str]) -> None:
    from imgfit.install.golden import TOLERANCE  # noqa: PLC0415

    place = lock or models_folder() / LOCK_NAME
    locked = words["locked" if proved.locked else "unlocked"].format(lock=place)
    print(
        plain(
            words["verified"].format(
                folder=proved.folder.path,
                files=proved.files,
                size=f"{proved.bytes / 1e6:.1f}",
                distance=f"{proved.distance:.1e}",
                most=f"{TOLERANCE:g}",
                locked=locked,
            )
        )
    )


@contextmanager
def _bars(language: Language, word: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar a file on stderr; nothing where that is no terminal."""
    screen = Console(file=sys.stderr)
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *((DownloadColumn(), TransferSpeedColumn()) if word == "receiving" else ()),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )
    tasks: dict[str, Any] = {}

    def report(name: str, done: int, total: int) -> None:
        if name not in tasks:
            label = MODELS[language][word].format(name=plain(name))
            tasks[name] = bars.add_task(label, total=total)
        bars.update(tasks[name], completed=done, total=total)

    with bars:
        yield report
