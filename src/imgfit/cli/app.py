"""The ``imgfit`` command: arguments to the public API, data to stdout, the rest to stderr.

Exit codes: 0 when every draft speaks, 1 when some draft is below the threshold, cannot be judged
or cannot be read, 2 for a usage or model error, or where results could not be written or printed,
130 when interrupted (143 by SIGTERM, 129 by SIGHUP).
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from imgfit.cache.embeddings import MAX_BYTES, EmbeddingCache
from imgfit.cache.merging import merge_caches
from imgfit.calibration.words import CALIBRATION
from imgfit.checker import Checker
from imgfit.cli.models import models
from imgfit.cli.outcomes import Lang, memory_lack, outcomes as _outcomes
from imgfit.cli.process import run
from imgfit.cli.tables import (
    COLOURS,
    print_ranking,
    print_swaps,
    ranking_lines,
    swap_lines,
)
from imgfit.cli.words import CACHE, TABLE
from imgfit.drafts.parquet import require_pyarrow
from imgfit.drafts.reading import find_photos, read_drafts
from imgfit.errors import (
    ArgumentError,
    CacheError,
    CaptionError,
    ImgfitError,
    PhotoError,
    PhotoMissingError,
)
from imgfit.explaining.words import EXPLANATION
from imgfit.files.places import embeddings_file
from imgfit.files.writing import write_whole
from imgfit.language import Language, system_language
from imgfit.photos.reading import keep_files
from imgfit.printable import plain, shortened
from imgfit.remarks import HEADINGS, VERDICTS
from imgfit.reports.histogram import histogram_svg
from imgfit.reports.page import render_html
from imgfit.reports.rows import json_lines, write_rows
from imgfit.scoring.opinions import combine
from imgfit.scoring.thresholds import FAR, Thresholds
from imgfit.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgfit.scoring.results import Batch, Score

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Tells whether a photo speaks for its caption.",
)

caches = typer.Typer(
    no_args_is_help=True, help="The embedding cache: what it holds, and emptying it."
)
app.add_typer(caches, name="cache")
app.add_typer(models, name="models")

# Environment variable: how many megabytes the cache's file may take.
_BOUND = "IMGFIT_CACHE_MB"

# Environment variable: whether the cache's file may be on a network drive.
_NETWORK = "IMGFIT_CACHE_ON_NETWORK"

# A bar is news only where there is something to wait for.
_BAR_FROM = 8


class How(StrEnum):
    """Ways to find what supports a caption."""

    exact = "exact"
    occlusion = "occlusion"


def main() -> None:
    """Run the command line."""
    sys.exit(run(app))


def _version(show: bool) -> None:
    if show:
        print(f"imgfit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Tells whether a photo speaks for its caption. Works offline."""


# What every command that reads drafts takes.
RuntimeOption = Annotated[
    str | None,
    typer.Option(
        help="What the model runs in: 'torch', 'onnx' or 'onnx-int8'. If not given, mini runs in "
        "onnx and any other model in torch. ONNX for other models, and 8 bits: pip install "
        "'imgfit[onnx]'; exported once.",
        show_default=False,
    ),
]
RootOption = Annotated[
    str | None, typer.Option(help="Folder or address (s3://...) that a manifest's photos lie in.")
]
ManifestArgument = Annotated[
    str, typer.Argument(help="A manifest (.csv, .tsv, .jsonl, .parquet) or a folder.")
]
CacheOption = Annotated[Path | None, typer.Option(help="The embedding cache's file.")]
NoCacheOption = Annotated[
    bool, typer.Option("--no-cache", help="Neither read nor write an embedding cache.")
]

FarOption = Annotated[
    float | None,
    typer.Option(
        help="Share of unrelated pairs that may wrongly be told to speak; the calibration's if "
        f"not given, or else {FAR:g}."
    ),
]
CalibrationOption = Annotated[
    Path | None,
    typer.Option(help="A calibration from 'imgfit calibrate'; the model's if not given."),
]
ModelOption = Annotated[
    str, typer.Option(help="A name of 'imgfit models list', or a model folder.")
]
AnyLanguageOption = Annotated[
    bool,
    typer.Option(
        "--any-language", help="Score captions in languages that the model never learned, too."
    ),
]
LangOption = Annotated[
    Lang | None, typer.Option(help="Language of the words; the system's if not given.")
]


@app.command()
def check(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Photos, caption files, manifests (.csv, .tsv, .jsonl, .parquet; also by address: "
            "s3://..., gs://...) or folders."
        ),
    ],
    caption: Annotated[
        str | None, typer.Option("--caption", "-c", help="The caption of a single photo.")
    ] = None,
    far: Annotated[
        float | None,
        typer.Option(
            help="Share of unrelated pairs that may wrongly be told to speak; the calibration's "
            f"if not given, or else {FAR:g}."
        ),
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option(help="A calibration from 'imgfit calibrate'; the model's if not given."),
    ] = None,
    model: Annotated[
        str,
        typer.Option(help="A name of 'imgfit models list', or a model folder."),
    ] = "mini",
    second: Annotated[
        str | None,
        typer.Option(help="A second model, for a second opinion: the mean of both fits decides."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Also write rows to .jsonl, .csv or .parquet."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Also write a page to look at, with thumbnails: a .html file."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="JSON lines on stdout instead of the table.")
    ] = False,
    lang: Annotated[
        Lang | None, typer.Option(help="Language of the table; the system's if not given.")
    ] = None,
    no_clean: Annotated[
        bool,
        typer.Option(
            "--no-clean", help="Score captions as written: links, tags, sign-offs and all."
        ),
    ] = False,
    runtime: RuntimeOption = None,
    root: RootOption = None,
    cache: CacheOption = None,
    no_cache: NoCacheOption = False,
    any_language: AnyLanguageOption = False,
) -> None:
    """Check drafts: does each photo speak for its caption? Weakest first.

    Exit code 0: every draft speaks. 1: some draft is below the threshold, cannot be judged or
    cannot be read. 2: usage or model error.
    """
    language: Language = lang.value if lang else system_language()
    screen = Console(stderr=True)
    written: list[tuple[str, Path]] = []
    failed: list[ImgfitError] = []
    with (
        _outcomes(language),
        keep_files(until_end=report is not None or second is not None),
        _cache(cache, language, none=no_cache) as kept,
    ):
        if far is not None:
            Thresholds.at(far)  # refuse a bad rate before the slow work, not after it
        _require_places((output, ".jsonl", ".csv", ".parquet"), (report, ".html"))
        if output is not None and output.suffix.lower() == ".parquet":
            require_pyarrow("Parquet")
        drafts = read_drafts(*paths, caption=caption, root=root)
        with screen.status(TABLE[language]["loading"]):  # silent where stderr is no terminal
            checker = Checker.load(
                model,
                runtime=runtime,
                cache=kept,
                calibration=calibration,
                any_language=any_language,
            )
        _tell_drift(checker, language)
        other = _second_checker(
            second, language, runtime=runtime, cache=kept, any_language=any_language
        )
        with _progress(screen, language) as progress:
            batch = checker.check_drafts(drafts, far=far, clean=not no_clean, progress=progress)
            if other is not None:
                said = other.check_drafts(drafts, far=far, clean=not no_clean, progress=progress)
                batch = combine(batch, said)
            with _kept_back(failed):
                if output is not None:
                    write_rows(batch, output)
                    written.append(("written", output))
            with _kept_back(failed):
                if report is not None:
                    page = render_html(
                        batch,
                        language=language,
                        name=", ".join(paths),
                        progress=lambda done, total: progress("thumbnails", done, total),
                    )
                    write_whole(page, report)
                    written.append(("reported", report))
    if json:
        sys.stdout.write(json_lines(batch))
        for note in batch.notes:
            print(note.say(language), file=sys.stderr)
    else:
        _print_table(batch, language)
    for word, place in written:
        print(plain(TABLE[language][word].format(path=place)), file=sys.stderr)
    for error in failed:
        print(f"imgfit: {plain(error.say(language))}", file=sys.stderr)
    raise typer.Exit(2 if failed else 0 if batch.passed else 1)


def _require_places(*places: tuple[Path | None, *tuple[str, ...]]) -> None:
    for place, *suffixes in places:
        if place is not None:
            _require_place(place, *suffixes)


def _second_checker(name: str | None, language: Language, **options: Any) -> Checker | None:
    """Load the model that a second opinion is asked of, if one is."""
    if name is None:
        return None
    checker = Checker.load(name, **options)
    _tell_drift(checker, language)
    return checker


@contextmanager
def _kept_back(failed: list[ImgfitError]) -> Iterator[None]:
    """Keep a file that cannot be written from taking the results with it: they are printed."""
    try:
        yield
    except ArgumentError as error:
        failed.append(error)
    except MemoryError as error:
        failed.append(memory_lack(error))


@app.command()
def calibrate(
    path: ManifestArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The calibration to write, a .json file.")
    ],
    labels: Annotated[
        str | None,
        typer.Option(
            help="Column of the manifest that says whether a photo fits: 1 or 0, ya or "
            "tidak, yes or no, cocok or tidak cocok."
        ),
    ] = None,
    far: Annotated[
        float,
        typer.Option(
            help="Share of unrelated pairs that may wrongly be told to speak; with "
            "labels, its upper bound among drafts like those labelled as not fitting."
        ),
    ] = FAR,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw how the scores are spread, a .svg file.")
    ] = None,
    model: Annotated[
        str,
        typer.Option(help="A name of 'imgfit models list', or a model folder."),
    ] = "mini",
    lang: Annotated[
        Lang | None, typer.Option(help="Language of the report; the system's if not given.")
    ] = None,
    runtime: RuntimeOption = None,
    root: RootOption = None,
    cache: CacheOption = None,
    no_cache: NoCacheOption = False,
    any_language: AnyLanguageOption = False,
) -> None:
    """Fit thresholds to your own drafts: their photos and captions, mismatched on purpose.

    Exit code 0: the calibration is written. 2: usage or model error, or too few drafts.
    """
    language: Language = lang.value if lang else system_language()
    screen = Console(stderr=True)
    with (
        _outcomes(language),
        keep_files(until_end=False),
        _cache(cache, language, none=no_cache) as kept,
    ):
        Thresholds.at(far)
        _require_place(output, ".json")
        if picture is not None:
            _require_place(picture, ".svg")
        drafts = read_drafts(path, root=root, labels=labels)
        with screen.status(TABLE[language]["loading"]):
            checker = Checker.load(model, runtime=runtime, cache=kept, any_language=any_language)
        _tell_drift(checker, language)
        with _progress(screen, language) as progress:
            run = checker.calibrate(drafts, far=far, progress=progress)
        if picture is not None:
            write_whole(histogram_svg(run.histogram, language), picture)
        run.calibration.save(output)
    words = CALIBRATION[language]
    print(plain("\n".join(run.lines(language))))
    if run.left_out:
        print(words["left_out"].format(count=len(run.left_out)), file=sys.stderr)
    for draft, why in run.left_out:
        print(plain(f"  {draft.id}: {why.say(language)}"), file=sys.stderr)
    for word, place in (("picture", picture), ("written", output)):
        if place is not None:
            print(plain(words[word].format(path=place)), file=sys.stderr)


@app.command()
def rank(
    photos: Annotated[list[Path], typer.Argument(help="Photos, or folders of photos.")],
    caption: Annotated[
        str, typer.Option("--caption", "-c", help="The message that a photo is wanted for.")
    ],
    top: Annotated[int | None, typer.Option(help="How many photos to show; all if not given.")] = (
        None
    ),
    far: FarOption = None,
    calibration: CalibrationOption = None,
    model: ModelOption = "mini",
    json: Annotated[
        bool, typer.Option("--json", help="JSON lines on stdout instead of the table.")
    ] = False,
    lang: LangOption = None,
    runtime: RuntimeOption = None,
    cache: CacheOption = None,
    no_cache: NoCacheOption = False,
    any_language: AnyLanguageOption = False,
) -> None:
    """Choose the photo that speaks best for a message. Best first.

    Exit code 0: the best photo speaks. 1: it does not, or some photo cannot be read. 2: usage or
    model error.
    """
    language: Language = lang.value if lang else system_language()
    screen = Console(stderr=True)
    with _outcomes(language), _cache(cache, language, none=no_cache) as kept:
        if far is not None:
            Thresholds.at(far)
        found = find_photos(photos)
        with screen.status(TABLE[language]["loading"]):
            checker = Checker.load(
                model,
                runtime=runtime,
                cache=kept,
                calibration=calibration,
                any_language=any_language,
            )
        with _progress(screen, language) as progress:
            ranking = checker.rank_photos(caption, found, far=far, top=top, progress=progress)
    if json:
        sys.stdout.write(ranking_lines(ranking))
    else:
        print_ranking(ranking, language)
    speaks = ranking.best is not None and ranking.best.verdict == "speaks"
    whole = all(entry.error is None for entry in ranking)
    raise typer.Exit(0 if speaks and whole else 1)


@app.command()
def swap(
    path: ManifestArgument,
    far: FarOption = None,
    calibration: CalibrationOption = None,
    model: ModelOption = "mini",
    json: Annotated[
        bool, typer.Option("--json", help="JSON lines on stdout instead of the list.")
    ] = False,
    lang: LangOption = None,
    root: RootOption = None,
    runtime: RuntimeOption = None,
    cache: CacheOption = None,
    no_cache: NoCacheOption = False,
    any_language: AnyLanguageOption = False,
) -> None:
    """Find drafts whose photos were swapped, and drafts with a better photo at hand.

    Exit code 0: nothing is proposed. 1: something is, or some draft cannot be read. 2: usage or
    model error.
    """
    language: Language = lang.value if lang else system_language()
    screen = Console(stderr=True)
    with (
        _outcomes(language),
        keep_files(until_end=False),
        _cache(cache, language, none=no_cache) as kept,
    ):
        if far is not None:
            Thresholds.at(far)
        drafts = read_drafts(path, root=root)
        with screen.status(TABLE[language]["loading"]):
            checker = Checker.load(
                model,
                runtime=runtime,
                cache=kept,
                calibration=calibration,
                any_language=any_language,
            )
        with _progress(screen, language) as progress:
            batch = checker.check_drafts(drafts, far=far, progress=progress)
        assignment, suggestions = batch.assignment(), batch.suggestions()
    if json:
        sys.stdout.write(swap_lines(assignment, suggestions))
    else:
        print_swaps(assignment, suggestions, language)
    failed = [score for score in batch if score.error is not None]
    for score in failed:
        if score.error is not None:
            print(f"  {plain(f'{score.draft.id}: {score.error.say(language)}')}", file=sys.stderr)
    raise typer.Exit(1 if assignment.swaps or suggestions or failed else 0)


@app.command()
def explain(
    photo: Annotated[Path, typer.Argument(help="A photo.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture, a .png file.")],
    caption: Annotated[
        str | None,
        typer.Option("--caption", "-c", help="Its caption; the text beside it if not given."),
    ] = None,
    method: Annotated[
        How | None,
        typer.Option(help="How to find the regions; exact if not given and the model allows it."),
    ] = None,
    model: ModelOption = "mini",
    lang: LangOption = None,
    runtime: RuntimeOption = None,
    cache: CacheOption = None,
    no_cache: NoCacheOption = False,
    any_language: AnyLanguageOption = False,
) -> None:
    """Show on the photo what supports the caption, part by part.

    Exit code 0: the picture is written. 1: the photo or the caption cannot be used. 2: usage or
    model error.
    """
    language: Language = lang.value if lang else system_language()
    screen = Console(stderr=True)
    with (
        _outcomes(language),
        keep_files(until_end=True),
        _cache(cache, language, none=no_cache) as kept,
    ):
        _require_place(output, ".png")
        try:
            if not photo.is_file():
                raise PhotoMissingError(photo=photo)
            (draft,) = read_drafts(photo, caption=caption)
            if draft.error is not None:
                raise draft.error
            with screen.status(TABLE[language]["loading"]):
                checker = Checker.load(
                    model, runtime=runtime, cache=kept, any_language=any_language
                )
                explanation = checker.explain(
                    photo, draft.caption or "", method=method.value if method else None
                )
        except (PhotoError, CaptionError) as error:
            print(f"imgfit: {plain(error.say(language))}", file=sys.stderr)
            raise typer.Exit(1) from None
        explanation.save(output, language)
    print(plain(EXPLANATION[language]["written"].format(path=output)), file=sys.stderr)


def _require_place(path: Path, *suffixes: str) -> None:
    """Refuse a file that cannot be written before the slow work, not after it."""
    if path.suffix.lower() not in suffixes:
        needed = f"a name ending in {' or '.join(suffixes)}"
        raise ArgumentError(argument="output", value=path, needed=needed)
    folder = path.absolute().parent
    if path.is_dir() or not folder.is_dir():
        raise ArgumentError(argument="output", value=path, needed="a file in a folder that exists")
    if not os.access(folder, os.W_OK):
        raise ArgumentError(argument="output", value=path, needed="a folder that may be written to")


@caches.command()
def info(
    cache: CacheOption = None,
    lang: Annotated[
        Lang | None, typer.Option(help="Language of the report; the system's if not given.")
    ] = None,
) -> None:
    """Say where the cache is, how large it is and what it holds."""
    language: Language = lang.value if lang else system_language()
    words = CACHE[language]
    with _outcomes(language), _kept_cache(cache, language) as kept:
        held = kept.info()
    print(plain(words["path"].format(path=held.path)))
    print(words["size"].format(size=held.size / 1e6, bound=held.max_bytes / 1e6))
    for space, rows in held.rows.items():
        print(plain(words["rows"].format(space=space, rows=rows)))


@caches.command()
def clear(
    cache: CacheOption = None,
    lang: Annotated[
        Lang | None, typer.Option(help="Language of the report; the system's if not given.")
    ] = None,
) -> None:
    """Empty the cache, without asking; results stay the same, the next run is slower."""
    language: Language = lang.value if lang else system_language()
    words = CACHE[language]
    with _outcomes(language), _kept_cache(cache, language) as kept:
        before = kept.info()
        kept.clear()
        after = kept.info()
    rows = sum(before.rows.values())
    freed = max(0, before.size - after.size) / 1e6
    print(plain(words["cleared"].format(path=after.path, rows=rows, freed=freed)))


@caches.command()
def merge(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The cache to add rows to.")],
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="IN...", help="Caches of workers; they stay as they are."),
    ],
    lang: LangOption = None,
) -> None:
    """Put the caches of several workers into one, whole or not at all."""
    language: Language = lang.value if lang else system_language()
    words = CACHE[language]
    with _outcomes(language):
        merged = merge_caches(output, sources, max_bytes=_max_bytes(), on_network=_on_network())
        with _open_cache(output) as kept:
            held = kept.info()
    print(plain(words["merged"].format(path=output, **asdict(merged))))
    if held.size > held.max_bytes:
        facts = {"size": held.size / 1e6, "bound": held.max_bytes / 1e6}
        print(words["over_bound"].format(**facts), file=sys.stderr)


@contextmanager
def _cache(path: Path | None, language: Language, *, none: bool) -> Iterator[EmbeddingCache | None]:
    """Open the cache that was asked for, or the user's own; without that one, work goes on."""
    if none:
        yield None
        return
    try:
        kept = _open_cache(path or _user_cache())
    except CacheError as error:
        if path is not None:
            raise
        print(f"imgfit: {plain(error.say(language))}", file=sys.stderr)
        yield None
        return
    with kept:
        yield kept


@contextmanager
def _kept_cache(path: Path | None, language: Language) -> Iterator[EmbeddingCache]:
    """Open a cache that is there; where none is, say so and end the command."""
    place = path or _user_cache()
    if not place.is_file():
        print(plain(CACHE[language]["none"].format(path=place)))
        raise typer.Exit
    _require_database(place)
    with _open_cache(place) as kept:
        yield kept


def _require_database(path: Path) -> None:
    """Refuse a file that was never a cache: looking at it must not set it aside."""
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            raise CacheError(path=path, cause="it is no cache")


def _open_cache(path: Path) -> EmbeddingCache:
    return EmbeddingCache(path, max_bytes=_max_bytes(), on_network=_on_network())


def _on_network() -> bool:
    """Tell whether the environment allows a cache on a network drive."""
    written = os.environ.get(_NETWORK, "0")
    if written not in ("0", "1"):
        raise ArgumentError(argument=_NETWORK, value=written, needed="0 or 1")
    return written == "1"


def _max_bytes() -> int:
    """Return the cache's bound, in megabytes in the environment."""
    written = os.environ.get(_BOUND)
    if written is None:
        return MAX_BYTES
    if not written.isascii() or not written.isdigit() or int(written) == 0:
        raise ArgumentError(argument=_BOUND, value=written, needed="a whole number of megabytes")
    return int(written) * 1_000_000


def _tell_drift(checker: Checker, language: Language) -> None:
    """Say how far a runtime's fits lie from those that the calibration was fitted for."""
    drift = getattr(checker.encoder, "fit_drift", None)
    if drift is not None:
        print(TABLE[language]["drift"].format(drift=f"{drift:.3f}"), file=sys.stderr)


def _user_cache() -> Path:
    return embeddings_file()


class _progress:  # noqa: N801 - reads as a function at its one place of use
    """Bars on stderr for the stages that have much to do; nothing where stderr is no terminal."""

    def __init__(self, screen: Console, language: Language) -> None:
        self._language = language
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=screen,
            transient=True,
            disable=not screen.is_terminal,
        )
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Callable[[str, int, int], None]:
        self._bars.start()
        return self._report

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def _report(self, stage: str, done: int, total: int) -> None:
        if total < _BAR_FROM:
            return
        if stage not in self._tasks:
            label = TABLE[self._language][stage]
            self._tasks[stage] = self._bars.add_task(label, total=total)
        self._bars.update(self._tasks[stage], completed=done)


def _print_table(batch: Batch, language: Language) -> None:
    """Print the batch, weakest first, with what the numbers mean under it."""
    words = HEADINGS[language] | TABLE[language]
    console = Console()
    table = Table(title=words["title"], title_justify="left", show_lines=True)
    table.add_column(words["draft"], overflow="fold", ratio=3)
    table.add_column(words["verdict"], no_wrap=True)
    table.add_column(words["fit"], justify="right", no_wrap=True)
    table.add_column(words["reason"], overflow="fold", ratio=6)
    for score in batch.ranked():
        table.add_row(*_cells(score, language))
    console.print(table)
    console.print(Text(words["summary"].format(**batch.counts())))
    meaning = words["meaning"]
    if batch.keeps_rate:
        meaning += " " + words["rate"].format(far=f"{100 * batch.thresholds.far:g} %")
    console.print(Text(meaning))
    for note in batch.notes:
        console.print(Text(note.say(language), style="yellow"))
    console.print(Text(str(batch.signature), style="dim"), soft_wrap=True)


def _cells(score: Score, language: Language) -> tuple[Text, Text, Text, Text]:
    # Text, never markup: names and captions come from strangers.
    if score.error is not None:
        verdict = Text(HEADINGS[language]["error"], style="bold red")
        return (
            Text(plain(score.draft.id)),
            verdict,
            Text("–"),
            Text(plain(score.error.say(language))),
        )
    verdict = Text(VERDICTS[language][score.verdict], style=COLOURS[score.verdict])
    fit = Text("–" if score.fit is None else f"{score.fit:.1%}")
    if score.probability is not None:
        words = TABLE[language]["probability"]
        fit.append("\n" + words.format(probability=f"{score.probability:.0%}"))
    lines = [reason.say(language) for reason in score.reasons]
    lines += [f"{TABLE[language]['hint']}: {hint.say(language)}" for hint in score.hints]
    if not score.passed:
        lines.insert(0, f"“{shortened(score.text or score.draft.caption or '')}”")
    return Text(plain(score.draft.id)), verdict, fit, Text(plain("\n".join(lines)))
