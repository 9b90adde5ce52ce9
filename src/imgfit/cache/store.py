"""Bytes kept in one SQLite file, under a space (the kind of value) and a key (a digest).

In WAL mode readers never wait, and a process that is killed loses at most the transaction it was
in. Every row carries a checksum, so that damage which SQLite cannot see is found too.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import warnings
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from imgfit.errors import (
    ArgumentError,
    CacheDamagedError,
    CacheError,
    CacheLostError,
    CacheWarning,
)
from imgfit.language import Phrase
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SCHEMA_VERSION = 2
# Tells our files from other programs' databases, which are left alone: "imgf" in ASCII.
APPLICATION = 0x696D6766
# SQLite binds at most 999 values a statement in its oldest builds.
_MOST_KEYS = 900
# Transactions take milliseconds; a process that holds a lock for longer than this is stuck.
PATIENCE_SECONDS = 10.0
# Bytes that follow each value: its CRC-32.
_CHECK = 4
_DAY_SECONDS = 86_400
# Rows read but not yet marked as used today are marked in one transaction of about this many.
_MOST_MARKS = 500
# How full eviction leaves the file, so that it does not run again at the next row.
_LEFT_BY_EVICTION = 0.8
LEAST_BYTES = 1_000_000

# SQLite's codes for a damaged file, a file that is not a database, and a cut-off file.
_DAMAGE = frozenset(
    [sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR_SHORT_READ]
)

_AT_LEAST = Phrase(id=f"paling kecil {LEAST_BYTES}", en=f"at least {LEAST_BYTES}")
_OTHER_PROGRAM = Phrase(id="basis data milik program lain", en="a database of another program")
_READ_ONLY = Phrase(id="berkas hanya dapat dibaca", en="the file is read-only")
_NAMES_DAMAGED = Phrase(id="nama di dalamnya rusak", en="names in it are damaged")
_NOT_BYTES = Phrase(id="ada nilai yang bukan bita", en="a value is not bytes")
_CHECKSUM_OFF = Phrase(id="jumlah periksa tidak cocok", en="a checksum is wrong")


class _UnusableError(OSError):
    """The file is whole but must not be used; its argument says why in both languages."""


class Store:
    """Values of bytes in one SQLite file, each under a space and a key.

    Safe to use from several threads and processes. A file that is not a database, is damaged, or
    was written by another version is set aside with a warning and a new one is begun; a database of
    another program is refused. If the file fails while in use (locked for too long, disk full, gone
    read-only), the store warns once and from then on holds nothing: work goes on without it.
    """

    def __init__(
        self, path: Path, max_bytes: int, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Open or create the store.

        Args:
            path: The SQLite file; its folder is made if need be.
            max_bytes: Size of the file beyond which the rows longest unused are evicted.
            patience_seconds: How long to wait for a lock that another process holds.

        Raises:
            CacheError: No file can be written there: a folder, a read-only place, a locked file.
            ArgumentError: ``max_bytes`` is under a megabyte.
        """
        if max_bytes < LEAST_BYTES:
            raise ArgumentError(argument="max_bytes", value=max_bytes, needed=_AT_LEAST)
        self.path = path
        self.max_bytes = max_bytes
        self._patience = patience_seconds
        self._lock = threading.Lock()
        self._used: list[int] = []
        self._broken = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database, self._inode = self._opened()
        except OSError as error:
            raise CacheError(path=path, cause=said_by(error)) from error
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise CacheError(path=path, cause=said_by(error)) from error
            self._begin_anew(error)
            if self._broken:
                raise CacheError(path=path, cause=said_by(error)) from error

    def get(self, space: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Look values of one space up.

        Args:
            space: The kind of value.
            keys: Any number of keys.

        Returns:
            The values found, by key.
        """
        found: dict[str, bytes] = {}
        for start in range(0, len(keys), _MOST_KEYS):
            part = keys[start : start + _MOST_KEYS]
            marks = ",".join("?" * len(part))
            with self._guarded() as database:
                if database is None:
                    break
                rows = database.execute(
                    "SELECT space, key, value, used, rowid FROM entries "  # noqa: S608 - marks only
                    f"WHERE space = ? AND key IN ({marks})",
                    (space, *part),
                ).fetchall()
                found.update({key: value for _, key, value in self._checked(rows)})
                self._mark(database)
        return found

    def get_across(self, spaces: Sequence[str], key: str) -> dict[str, bytes]:
        """Look one key up in several spaces, in one query.

        Args:
            spaces: A few spaces.
            key: The key.

        Returns:
            The values found, by space.
        """
        found: dict[str, bytes] = {}
        marks = ",".join("?" * len(spaces))
        with self._guarded() as database:
            if database is None:
                return found
            rows = database.execute(
                "SELECT space, key, value, used, rowid FROM entries "  # noqa: S608 - marks only
                f"WHERE key = ? AND space IN ({marks})",
                (key, *spaces),
            ).fetchall()
            found = {space: value for space, _, value in self._checked(rows)}
            if len(self._used) > _MOST_MARKS:
                self._mark(database)
        return found

    def put(self, values: Mapping[str, Mapping[str, bytes]]) -> None:
        """Write values in one transaction, then evict if the file has grown over its bound.

        Args:
            values: By space, then by key.
        """
        today = _today()
        rows = [
            (space, key, value + checksum(space, key, value), today)
            for space, entries in values.items()
            for key, value in entries.items()
        ]
        if not rows:
            return
        with self._guarded() as database:
            if database is None:
                return
            with transaction(database):
                database.executemany(
                    "INSERT INTO entries (space, key, value, used) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (space, key) DO UPDATE SET value = excluded.value, "
                    "used = excluded.used",
                    rows,
                )
            self._mark(database)
            self._evict(database)

    def count(self) -> dict[str, int]:
        """Return how many values each space holds.

        Returns:
            Counts by space, empty spaces left out.
        """
        rows: list[tuple[str, int]] = []
        with self._guarded() as database:
            if database is None:
                return {}
            rows = database.execute(
                "SELECT space, count(*) FROM entries GROUP BY space ORDER BY space"
            ).fetchall()
        return dict(rows)

    def clear(self) -> None:
        """Remove every value and give the space back to the disk."""
        with self._guarded() as database:
            if database is None:
                return
            self._used.clear()
            with transaction(database):
                database.execute("DELETE FROM entries")
            _shrink(database)
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        try:
            with self._guarded() as database:
                if database is not None:
                    self._mark(database)
        except sqlite3.ProgrammingError:  # closed before
            return
        with self._lock:
            self._database.close()

    def __del__(self) -> None:
        # A store that nobody closed has lost nothing, since every write was committed; but Python
        # 3.13 complains of a connection that nobody closed.
        database = getattr(self, "_database", None)
        if database is not None:
            with suppress(sqlite3.Error):
                database.close()

    # --- the file ------------------------------------------------------------------------------

    def _opened(self) -> tuple[sqlite3.Connection, int]:
        database = sqlite3.connect(
            self.path, timeout=self._patience, check_same_thread=False, isolation_level=None
        )
        try:
            database.execute("PRAGMA synchronous=NORMAL")
            owner, version, tables = identity(database)
            if owner == APPLICATION and version != SCHEMA_VERSION:
                raise sqlite3.DatabaseError(wrong_version(version))
            if owner != APPLICATION and tables:
                raise _UnusableError(_OTHER_PROGRAM)
            if owner != APPLICATION:
                _create(database, self._patience)
            database.execute("SELECT 1 FROM entries LIMIT 1").fetchall()
            # A file that can only be read is refused now, not after the slow work.
            if not os.access(self.path, os.W_OK):
                raise _UnusableError(_READ_ONLY)
            return database, self.path.stat().st_ino
        except UnicodeDecodeError as error:  # SQLite quoted what a damaged file calls its table
            database.close()
            raise sqlite3.DatabaseError(_NAMES_DAMAGED) from error
        except BaseException:
            database.close()
            raise

    def _begin_anew(self, error: sqlite3.DatabaseError) -> None:
        """Set the file aside, with a warning, and open a new one in its place."""
        aside = Path(f"{self.path}.broken")
        try:
            # Another process may have done so already; its new file is whole.
            if self.path.stat().st_ino == getattr(self, "_inode", self.path.stat().st_ino):
                self.path.replace(aside)
                # A journal left behind would be replayed into the new file.
                for suffix in ("-wal", "-shm"):
                    Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            self._used.clear()
            self._database, self._inode = self._opened()
        except (OSError, sqlite3.Error) as failure:
            self._go_without(failure)
            return
        warnings.warn(
            CacheWarning(CacheDamagedError(path=self.path, cause=said_by(error), aside=aside.name)),
            stacklevel=4,
        )

    def _go_without(self, error: Exception) -> None:
        self._broken = True
        self._used.clear()
        warnings.warn(
            CacheWarning(CacheLostError(path=self.path, cause=said_by(error))), stacklevel=4
        )

    @contextmanager
    def _guarded(self) -> Iterator[sqlite3.Connection | None]:
        """Lend the database to one thread, None once it is lost; a failure undoes the work."""
        with self._lock:
            if self._broken:
                yield None
                return
            try:
                yield self._database
            except sqlite3.ProgrammingError:
                raise
            except UnicodeDecodeError:
                self._database.close()
                self._begin_anew(sqlite3.DatabaseError(_NAMES_DAMAGED))
            except sqlite3.DatabaseError as error:
                self._database.close()
                if _is_damage(error):
                    self._begin_anew(error)
                else:
                    self._go_without(error)

    def _checked(
        self, rows: Iterable[tuple[str, str, bytes, int, int]]
    ) -> list[tuple[str, str, bytes]]:
        """Return space, key and value of rows; a wrong checksum means a damaged file."""
        today = _today()
        checked = []
        for space, key, stored, used, rowid in rows:
            if not isinstance(stored, bytes):
                raise sqlite3.DatabaseError(_NOT_BYTES)
            value = stored[:-_CHECK]
            if checksum(space, key, value) != stored[-_CHECK:]:
                raise sqlite3.DatabaseError(_CHECKSUM_OFF)
            if used != today:
                self._used.append(rowid)
            checked.append((space, key, value))
        return checked

    def _mark(self, database: sqlite3.Connection) -> None:
        """Note that rows were used today; a day is fine enough to evict by, and writes little."""
        if self._used:
            rows = [(_today(), rowid) for rowid in self._used]
            self._used.clear()
            with transaction(database):
                database.executemany("UPDATE entries SET used = ? WHERE rowid = ?", rows)

    def _evict(self, database: sqlite3.Connection) -> None:
        """Remove the rows longest unused if the file is over its bound.

        Days in the future, which a wrong clock has written, count as today: their rows would
        otherwise stay for ever, and every new one would go at once.
        """
        size = _size(database)
        if size <= self.max_bytes:
            return
        with transaction(database):
            (rows,) = database.execute("SELECT count(*) FROM entries").fetchone()
            many = int(rows * (1 - _LEFT_BY_EVICTION * self.max_bytes / size)) + 1
            database.execute(
                "DELETE FROM entries WHERE rowid IN "
                "(SELECT rowid FROM entries ORDER BY min(used, ?), rowid LIMIT ?)",
                (_today(), many),
            )
        _shrink(database)


def wrong_version(version: int) -> Phrase:
    """Say that a file is of another version of imgfit.

    Args:
        version: The file's schema version.

    Returns:
        The cause, for an error.
    """
    return Phrase(
        id=f"skema versi {version}, bukan {SCHEMA_VERSION}",
        en=f"schema version {version}, not {SCHEMA_VERSION}",
    )


def identity(database: sqlite3.Connection) -> tuple[int, int, int]:
    """Tell which program and version a database belongs to.

    Args:
        database: Open.

    Returns:
        The application's number, the schema's version and how many tables there are.
    """
    database.execute("BEGIN")  # one view of the file, whatever another process does meanwhile
    try:
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (owner,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")
    return owner, version, tables


def _create(database: sqlite3.Connection, patience_seconds: float) -> None:
    """Make a new file's table."""
    database.execute("PRAGMA page_size=8192")
    database.execute("PRAGMA auto_vacuum=INCREMENTAL")
    _begin_wal(database, patience_seconds)
    with transaction(database):
        # A table with row numbers: one ordered by its keys would put vectors on overflow pages.
        database.execute(
            "CREATE TABLE IF NOT EXISTS entries (rowid INTEGER PRIMARY KEY, key TEXT NOT NULL, "
            "space TEXT NOT NULL, used INTEGER NOT NULL, value BLOB NOT NULL, UNIQUE (key, space))"
        )
        database.execute(f"PRAGMA application_id={APPLICATION}")
        database.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def _begin_wal(database: sqlite3.Connection, patience_seconds: float) -> None:
    """Switch to WAL. SQLite itself does not wait here for another process that does the same."""
    give_up = time.monotonic() + patience_seconds
    while True:
        try:
            database.execute("PRAGMA journal_mode=WAL").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Do all of a block's writing, or none of it.

    Args:
        database: Open for writing, in autocommit mode.
    """
    try:
        # Immediate: a transaction that turned into a writing one later could fail without waiting.
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("COMMIT")
    except BaseException:  # an interrupt too, which may come right after the first statement
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _size(database: sqlite3.Connection) -> int:
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    (free,) = database.execute("PRAGMA freelist_count").fetchone()
    (page,) = database.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * page)


def _shrink(database: sqlite3.Connection) -> None:
    # As a script: a statement without rows is stepped only once, which frees one page.
    database.executescript("PRAGMA incremental_vacuum")


def checksum(space: str, key: str, value: bytes) -> bytes:
    """Return the checksum that follows a value in its row.

    Args:
        space: The value's.
        key: Its key.
        value: The value.

    Returns:
        Four bytes: the CRC-32 of all three.
    """
    return zlib.crc32(value, zlib.crc32(f"{space}\0{key}\0".encode())).to_bytes(_CHECK, "little")


def _today() -> int:
    return int(time.time() // _DAY_SECONDS)


def _is_damage(error: sqlite3.Error) -> bool:
    """Tell a damaged file from a locked, full or missing one."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # raised here: a checksum, a version
        return type(error) is sqlite3.DatabaseError
    return code in _DAMAGE or code & 0xFF in _DAMAGE
