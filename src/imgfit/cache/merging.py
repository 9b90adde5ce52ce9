"""Putting the caches of many workers into one, whole or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imgfit.cache.embeddings import EmbeddingCache
from imgfit.cache.store import APPLICATION, SCHEMA_VERSION, checksum, identity, transaction
from imgfit.errors import ArgumentError, CacheError
from imgfit.printable import said_by

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence

_ROWS = 500

_FIND = "SELECT value FROM entries WHERE key = ? AND space = ?"
_ADD = (
    "INSERT INTO entries (space, key, value, used) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (space, key) DO UPDATE SET used = max(used, excluded.used)"
)


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging caches came to, in rows.

    Attributes:
        added: Rows that were not there yet.
        equal: Rows that were there already, the same to the byte.
        differing: Rows that were there already with other bytes: the first one is kept. Towers
            round a photo's embedding otherwise in another batch, so there may be many.
        damaged: Rows whose checksum is off; left out.
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
        out: The cache to add to, made if need be. Whoever uses it meanwhile sees the old rows or
            all of the new ones.
        sources: The caches to read; they are not changed.
        max_bytes: As in `EmbeddingCache`, for a new one. Nothing is evicted here.
        on_network: As in `EmbeddingCache`.

    Returns:
        Counts over all sources.

    Raises:
        CacheError: A file is missing, is no cache of this version, is damaged, or cannot be
            written; ``out`` is as it was.
        ArgumentError: There is no source, or ``out`` is one of them.
    """
    target, paths = Path(out), [Path(source) for source in sources]
    if not paths:
        raise ArgumentError(argument="sources", value="none", needed="at least one cache")
    if target.resolve() in {path.resolve() for path in paths}:
        raise ArgumentError(argument="sources", value=target, needed="other caches than the output")
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
                    # SQLite holds anything in any column; what is no bytes fails its checksum.
                    yield str(space), str(key), stored if isinstance(stored, bytes) else b"", used
    except sqlite3.Error as error:
        raise CacheError(path=path, cause=said_by(error)) from error


def _opened(path: Path) -> sqlite3.Connection:
    """Open a cache for reading, refusing what is none."""
    try:
        if not path.is_file():
            raise CacheError(path=path, cause="there is no such file")
        # With no journal beside it nobody writes, and nothing need be made beside it to read.
        alone = not Path(f"{path}-wal").exists()
        options = "immutable=1" if alone else "mode=ro"
        database = sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True)
    except (OSError, sqlite3.Error) as error:
        raise CacheError(path=path, cause=said_by(error)) from error
    try:
        owner, version, _ = identity(database)
        if owner != APPLICATION:
            raise CacheError(path=path, cause="it is no cache")
        if version != SCHEMA_VERSION:
            raise CacheError(path=path, cause=f"schema version {version}, not {SCHEMA_VERSION}")
    except sqlite3.Error as error:
        database.close()
        raise CacheError(path=path, cause=said_by(error)) from error
    except CacheError:
        database.close()
        raise
    return database
