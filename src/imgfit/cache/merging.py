"""Putting the caches of many workers into one, whole or not at all."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imgfit import arguments
from imgfit.cache.embeddings import EmbeddingCache
from imgfit.cache.store import (
    APPLICATION,
    SCHEMA_VERSION,
    checksum,
    identity,
    transaction,
    wrong_version,
)
from imgfit.errors import ArgumentError, CacheError
from imgfit.language import Phrase
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ROWS = 500

_FIND = "SELECT value FROM entries WHERE key = ? AND space = ?"
_ADD = (
    "INSERT INTO entries (space, key, value, used) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (space, key) DO UPDATE SET used = max(used, excluded.used)"
)

_CACHES_NEEDED = Phrase(id="harus berupa daftar path", en="must be a list of paths")
_ONE_NEEDED = Phrase(id="paling sedikit satu cache", en="at least one cache is needed")
_OTHERS_NEEDED = Phrase(
    id="harus cache selain yang ditulis", en="must be other caches than the output"
)
_NO_FILE = Phrase(id="berkasnya tidak ada", en="there is no such file")
_NOT_A_CACHE = Phrase(id="bukan berkas cache imgfit", en="not an imgfit cache file")


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of merging caches, in rows.

    Attributes:
        added: Rows that were not there yet.
        equal: Rows that were there already, the same to the byte.
        differing: Rows that were there already with other bytes: the first one is kept. Towers
            round a photo's embedding differently in another batch, so there may be many.
        damaged: Rows with a wrong checksum; left out.
    """

    added: int = 0
    equal: int = 0
    differing: int = 0
    damaged: int = 0


def merge_caches(
    out: str | os.PathLike[str],
    sources: Iterable[str | os.PathLike[str]],
    *,
    max_bytes: int | None = None,
    on_network: bool = False,
) -> Merged:
    """Add the rows of caches to another one, in a single transaction.

    Rows are kept by an encoder's fingerprint and a digest, so caches of different models do not
    mix; a cache of another version of imgfit is refused.

    Args:
        out: The cache to add to, made if need be. A process that uses it meanwhile sees the old
            rows or all of the new ones.
        sources: The caches to read; they are not changed.
        max_bytes: Bound of a new cache, as in `EmbeddingCache`. Nothing is evicted here.
        on_network: Whether ``out`` may be on a network drive, as in `EmbeddingCache`.

    Returns:
        Counts over all sources.

    Raises:
        CacheError: A file is missing, is not a cache of this version, is damaged, or cannot be
            written; ``out`` is as it was.
        ArgumentError: There is no source, ``out`` is one of them, or one is not a path.
    """
    given = arguments.require_several("sources", sources, _CACHES_NEEDED)
    for argument, path in [("out", out), *(("sources", source) for source in given)]:
        arguments.require_a(argument, path, (str, os.PathLike), arguments.PATH)
    target, paths = Path(out), [Path(source) for source in given]
    if not paths:
        raise ArgumentError(argument="sources", value="()", needed=_ONE_NEEDED)
    if target.resolve() in {path.resolve() for path in paths}:
        raise ArgumentError(argument="sources", value=target, needed=_OTHERS_NEEDED)
    for path in paths:
        with closing(_opened(path)):  # refuse one that cannot be read before any is written
            pass
    limits = {} if max_bytes is None else {"max_bytes": max_bytes}
    EmbeddingCache(target, **limits, on_network=on_network).close()
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as database:
            return _merge(database, paths)
    except sqlite3.Error as error:
        raise CacheError(path=target, cause=said_by(error)) from error


def _merge(database: sqlite3.Connection, paths: Sequence[Path]) -> Merged:
    added = equal = differing = damaged = 0
    with transaction(database):
        for path in paths:
            for space, key, stored, used in _rows(path):
                if stored[-4:] != checksum(space, key, stored[:-4]):
                    damaged += 1
                    continue
                there = database.execute(_FIND, (key, space)).fetchone()
                added += there is None
                equal += there is not None and there[0] == stored
                differing += there is not None and there[0] != stored
                database.execute(_ADD, (space, key, stored, used))
    return Merged(added, equal, differing, damaged)


def _rows(path: Path) -> Iterator[tuple[str, str, bytes, int]]:
    """Yield a cache's rows: space, key, value with its checksum, day of use."""
    try:
        with closing(_opened(path)) as database:
            cursor = database.execute("SELECT space, key, value, used FROM entries ORDER BY rowid")
            while rows := cursor.fetchmany(_ROWS):
                for space, key, stored, used in rows:
                    # SQLite holds anything in any column; other values than bytes fail the check.
                    yield str(space), str(key), stored if isinstance(stored, bytes) else b"", used
    except sqlite3.Error as error:
        raise CacheError(path=path, cause=said_by(error)) from error


def _opened(path: Path) -> sqlite3.Connection:
    """Open a cache for reading; refuse a file that is not one."""
    try:
        if not path.is_file():
            raise CacheError(path=path, cause=_NO_FILE)
        # Without a journal nobody writes, and reading needs no file beside it.
        alone = not Path(f"{path}-wal").exists()
        options = "immutable=1" if alone else "mode=ro"
        database = sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True)
    except (OSError, sqlite3.Error) as error:
        raise CacheError(path=path, cause=said_by(error)) from error
    try:
        owner, version, _ = identity(database)
        if owner != APPLICATION:
            raise CacheError(path=path, cause=_NOT_A_CACHE)
        if version != SCHEMA_VERSION:
            raise CacheError(path=path, cause=wrong_version(version))
    except sqlite3.Error as error:
        database.close()
        raise CacheError(path=path, cause=said_by(error)) from error
    except CacheError:
        database.close()
        raise
    return database
