"""Embeddings kept across runs, by what they are embeddings of.

The key is an encoder's fingerprint and the SHA-256 of a whole photo or text, so a changed photo,
caption or model can never meet a stale row, and the file may be deleted at any time: results
stay the same, only slower.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from imgfit.errors import ArgumentError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

_SCHEMA_VERSION = 1
# SQLite binds at most 999 values a statement in its oldest builds.
_MOST_KEYS = 900


class EmbeddingCache:
    """A content-addressed store of embeddings in one SQLite file.

    Safe to use from several threads and processes. A file that is no database, is damaged, or was
    written by a newer version is set aside with a warning and a new one is begun.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open or create the cache.

        Args:
            path: The SQLite file; its folder is made if need be.

        Raises:
            ArgumentError: No file can be written there: a folder, say, or a locked database.
        """
        self.path = Path(path)
        self._lock = threading.Lock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._database = self._opened()
        except (OSError, sqlite3.OperationalError) as error:
            raise ArgumentError(
                argument="cache", value=self.path, needed=f"a file that can be written ({error})"
            ) from error
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)

    def _opened(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=30, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version not in (0, _SCHEMA_VERSION):
                raise sqlite3.DatabaseError(f"schema version {version}")
            with database:
                database.execute(
                    "CREATE TABLE IF NOT EXISTS embeddings (fingerprint TEXT, digest TEXT, "
                    "vector BLOB NOT NULL, PRIMARY KEY (fingerprint, digest)) WITHOUT ROWID"
                )
                database.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")
        except BaseException:
            database.close()
            raise
        return database

    def _begin_anew(self, error: sqlite3.DatabaseError) -> None:
        """Set the file aside, with a warning, and open a new one in its place."""
        aside = self.path.with_suffix(self.path.suffix + ".broken")
        self.path.replace(aside)
        self._database = self._opened()
        warnings.warn(
            f"the embedding cache {self.path} cannot be used ({error}); it was set aside as "
            f"{aside.name} and a new one begun",
            stacklevel=3,
        )

    @contextmanager
    def _guarded(self) -> Iterator[sqlite3.Connection]:
        """Lend the database to one thread; if it turns out damaged, the work counts as undone."""
        with self._lock:
            try:
                yield self._database
            except sqlite3.DatabaseError as error:
                # Damage is the class itself; a lock, a full disk, a closed file are subclasses.
                if type(error) is not sqlite3.DatabaseError:
                    raise
                self._database.close()
                self._begin_anew(error)

    def get(
        self, fingerprint: str, digests: Sequence[str], dim: int
    ) -> dict[str, NDArray[np.float32]]:
        """Look embeddings up.

        Args:
            fingerprint: The encoder's identity.
            digests: Digests of photos or texts.
            dim: Length of an embedding; a row of another length counts as absent.

        Returns:
            The rows found, by digest, each of shape ``(dim,)``.
        """
        found: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(digests), _MOST_KEYS):
            keys = list(digests[start : start + _MOST_KEYS])
            marks = ",".join("?" * len(keys))
            query = (
                f"SELECT digest, vector FROM embeddings WHERE fingerprint = ? "  # noqa: S608 - marks only
                f"AND digest IN ({marks})"
            )
            rows: list[tuple[str, bytes]] = []
            with self._guarded() as database:
                rows = database.execute(query, (fingerprint, *keys)).fetchall()
            for digest, blob in rows:
                vector = np.frombuffer(blob, "<f4") if len(blob) == 4 * dim else None
                if vector is not None and np.isfinite(vector).all():
                    found[digest] = vector
        return found

    def put(self, fingerprint: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Write embeddings in one transaction.

        Args:
            fingerprint: The encoder's identity.
            vectors: Rows of shape ``(dim,)`` by digest.
        """
        rows: Iterable[tuple[str, str, bytes]] = (
            (fingerprint, digest, np.asarray(vector, "<f4").tobytes())
            for digest, vector in vectors.items()
        )
        with self._guarded() as database, database:
            database.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)", rows)

    def __len__(self) -> int:
        count = 0
        with self._guarded() as database:
            (count,) = database.execute("SELECT count(*) FROM embeddings").fetchone()
        return int(count)

    def close(self) -> None:
        """Close the file; the cache cannot be used afterwards."""
        with self._lock:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def text_digest(text: str) -> str:
    """SHA-256 of a text, in hex, apart from any photo's digest by its prefix.

    Args:
        text: Any text.

    Returns:
        64 hex digits.
    """
    return hashlib.sha256(b"text\0" + text.encode("utf-8", "surrogatepass")).hexdigest()
