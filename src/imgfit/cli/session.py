"""One run of a command: its language, its console, its cache, its progress and how it ends."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from imgfit.cache import MAX_BYTES, EmbeddingCache
from imgfit.checker import Checker
from imgfit.cli.help import spoken
from imgfit.cli.options import Caching, Running
from imgfit.cli.process import complain, memory_lack, outcomes
from imgfit.cli.words import CACHE, MODELS, PLACES, TABLE, said
from imgfit.encoders import ModelEncoder, TracedEncoder
from imgfit.errors import ArgumentError, CacheError, ImgfitError
from imgfit.files import embeddings_file
from imgfit.language import Phrase
from imgfit.printable import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imgfit.cli.options import Bounding, Keeping, Speaking
    from imgfit.language import Language
    from imgfit.remarks import Remark

# A bar is news only if there is something to wait for.
_BAR_FROM = 8


class Session:
    """What a command needs besides its own arguments."""

    def __init__(self, asked: Speaking, language: Language, cache: EmbeddingCache | None) -> None:
        """Put the parts together; `session` is the way to one.

        Args:
            asked: The options given.
            language: Of everything that is printed.
            cache: An open cache, or None.
        """
        self.language = language
        self.cache = cache
        self.failed: list[ImgfitError] = []
        self._asked = asked
        self._screen = Console(stderr=True)

    def load(self, model: str | None = None) -> Checker:
        """Load a model as the options say, and tell how far an 8-bit runtime drifts.

        Args:
            model: A second model, which brings its own calibration; the chosen one if None.

        Returns:
            The checker.

        Raises:
            ModelError: The model or its calibration cannot be used.
            ArgumentError: An option is out of range.
        """
        asked = self._asked
        if not isinstance(asked, Running):
            raise TypeError("this command takes no model")
        with self._screen.status(TABLE[self.language]["loading"]):  # silent without a terminal
            checker = Checker.load(
                asked.model if model is None else model,
                runtime=asked.runtime,
                cache=self.cache,
                calibration=asked.calibration if model is None else None,
                any_language=asked.any_language,
            )
        encoder = checker.encoder
        if isinstance(encoder, ModelEncoder):
            encoder.spare_memory()
        drift = encoder.fit_drift if isinstance(encoder, TracedEncoder) else None
        if drift is not None:
            self.tell(said(TABLE, "drift", self.language, drift=drift))
        return checker

    def tell(self, line: str) -> None:
        """Print a line on stderr.

        Args:
            line: Of any origin; control characters are taken out.
        """
        print(plain(line), file=sys.stderr)

    def complain(self, error: Remark) -> None:
        """Print an error on stderr.

        Args:
            error: What went wrong.
        """
        complain(error, self.language)

    @contextmanager
    def keeping_results(self) -> Iterator[None]:
        """Keep a file that cannot be written from costing the results: they are still printed."""
        try:
            yield
        except ArgumentError as error:
            self.failed.append(error)
        except MemoryError as error:
            self.failed.append(memory_lack(error))

    @contextmanager
    def progress(self) -> Iterator[Callable[[str, int, int], None]]:
        """Show a bar on stderr for each stage that has much to do; nothing without a terminal."""
        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with self._bars(*columns) as update:

            def report(stage: str, done: int, total: int) -> None:
                if total >= _BAR_FROM:
                    update(TABLE[self.language][stage], done, total)

            yield report

    @contextmanager
    def transfers(self, word: str) -> Iterator[Callable[[str, int, int], None]]:
        """Show a bar on stderr for each file; nothing without a terminal.

        Args:
            word: ``"receiving"`` or ``"checking"``.
        """
        speed = (DownloadColumn(), TransferSpeedColumn()) if word == "receiving" else ()
        with self._bars(BarColumn(), *speed) as update:

            def report(name: str, done: int, total: int) -> None:
                update(said(MODELS, word, self.language, name=plain(name)), done, total)

            yield report

    @contextmanager
    def _bars(self, *columns: Any) -> Iterator[Callable[[str, int, int], None]]:
        # No markup: labels name files of strangers.
        label = TextColumn("{task.description}", markup=False)
        screen = self._screen
        bars = Progress(
            label, *columns, console=screen, transient=True, disable=not screen.is_terminal
        )
        tasks: dict[str, Any] = {}

        def update(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label, total=total)
            bars.update(tasks[label], completed=done, total=total)

        with bars:
            yield update


@contextmanager
def session(asked: Speaking, *, interrupted: str | None = None) -> Iterator[Session]:
    """Run the body of a command: in its language, with its cache, to its exit code.

    Args:
        asked: The options given.
        interrupted: Which sentence of `MODELS` to say when the user stops the command; that of
            the cache if None.

    Yields:
        The session.

    Raises:
        typer.Exit: An error or an interruption ended the body; it was told.
    """
    language = spoken()
    stopped = (
        CACHE[language]["interrupted"] if interrupted is None else MODELS[language][interrupted]
    )
    with outcomes(language, stopped), _cache(asked, language) as cache:
        yield Session(asked, language, cache)


@contextmanager
def kept_cache(asked: Keeping, language: Language) -> Iterator[EmbeddingCache]:
    """Open a cache that exists; if there is none, say so and end the command.

    Args:
        asked: The options given.
        language: Of the line.

    Raises:
        CacheError: The file is not a cache, or cannot be used.
        typer.Exit: There is no file.
    """
    place = asked.cache or user_cache()
    if not place.is_file():
        print(plain(said(CACHE, "none", language, path=place)))
        raise typer.Exit
    require_database(place)
    with open_cache(place, asked) as cache:
        yield cache


def open_cache(path: Path, asked: Bounding) -> EmbeddingCache:
    """Open a cache within the bounds of the options.

    Args:
        path: Its file.
        asked: The options given.

    Returns:
        The open cache.

    Raises:
        CacheError: The file cannot be used.
    """
    return EmbeddingCache(path, max_bytes=max_bytes(asked), on_network=asked.cache_on_network)


def max_bytes(asked: Bounding) -> int:
    """Return the most bytes that a cache may take.

    Args:
        asked: The options given, in megabytes.

    Returns:
        At least a million.
    """
    return MAX_BYTES if asked.cache_mb is None else asked.cache_mb * 1_000_000


def user_cache() -> Path:
    """Return the file of the user's own cache."""
    return embeddings_file()


@contextmanager
def _cache(asked: Speaking, language: Language) -> Iterator[EmbeddingCache | None]:
    """Open the cache that was asked for, or the user's own; without that one, work goes on."""
    if not isinstance(asked, Caching) or asked.no_cache:
        yield None
        return
    try:
        cache = open_cache(asked.cache or user_cache(), asked)
    except CacheError as error:
        if asked.cache is not None:
            raise
        complain(error, language)
        yield None
        return
    with cache:
        yield cache


def require_database(path: Path) -> None:
    """Refuse a file that was never a cache: looking at it must not set it aside.

    Args:
        path: A file.

    Raises:
        CacheError: It is not an SQLite database.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            raise CacheError(path=path, cause=PLACES["no_cache"])


def require_places(*places: tuple[Path | None, *tuple[str, ...]]) -> None:
    """Refuse files that cannot be written before the slow work, not after it.

    Args:
        *places: A file, or None, and the endings that its name may have.

    Raises:
        ArgumentError: A name ends otherwise, or its folder is missing or may not be written to.
    """
    for path, *endings in places:
        if path is not None:
            needed = _lacking(path, endings)
            if needed is not None:
                raise ArgumentError(argument="output", value=path, needed=needed)


def _lacking(path: Path, endings: list[str]) -> Phrase | None:
    if path.suffix.lower() not in endings:
        return Phrase(
            en=f"a name ending in {' or '.join(endings)}",
            id=f"nama yang berakhir dengan {' atau '.join(endings)}",
        )
    folder = path.absolute().parent
    if path.is_dir() or not folder.is_dir():
        return PLACES["folder_exists"]
    return None if os.access(folder, os.W_OK) else PLACES["folder_writable"]
