"""Embeddings kept across runs, by the content that they are embeddings of.

The key is an encoder's fingerprint and the SHA-256 of a whole photo or text, so a changed photo,
caption or model can never meet a stale row, and the file may be deleted at any time: results
stay the same, only slower.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from imgfit import arguments
from imgfit.cache.network_drives import network_filesystem
from imgfit.cache.store import PATIENCE_SECONDS, Store
from imgfit.errors import CacheNetworkError
from imgfit.files import embeddings_file
from imgfit.language import Phrase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

# A row of the built-in model takes 1.3 KB and one of 768 numbers 3.4 KB (benchmarks/scale.py), so
# this holds 150,000 to 390,000: ten drafts a day, eight windows each, for at least four years.
MAX_BYTES = 512_000_000
# The value of ``cache=`` that means the user's own cache.
USER = "user"
_CACHE_NEEDED = Phrase(
    id='harus berupa path, "user", EmbeddingCache, atau None',
    en='must be a path, "user", an EmbeddingCache or None',
)


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What a cache holds.

    Attributes:
        path: Its file.
        size: Bytes on disk, the journal included.
        max_bytes: The bound beyond which rows are evicted.
        rows: Number of rows by space: an encoder's fingerprint, or another kind of value.
    """

    path: Path
    size: int
    max_bytes: int
    rows: dict[str, int]


class EmbeddingCache:
    """A content-addressed store of embeddings, and of other values that runs would compute again.

    One SQLite file, safe to use from several threads and processes of one machine; on a drive that
    machines share it is refused. A file that is not a database, is damaged, or was written by
    another version is set aside with a warning and a new one is begun; if the file fails while in
    use, work goes on without it, with a warning.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        max_bytes: int = MAX_BYTES,
        on_network: bool = False,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Open or create the cache.

        Args:
            path: The SQLite file; its folder is made if need be.
            max_bytes: Size of the file beyond which the rows longest unused (by the day) are
                evicted.
            on_network: Whether a network drive is allowed, which is safe only as long as a single
                machine uses the file.
            patience_seconds: How long to wait for a lock that another process holds.

        Raises:
            CacheNetworkError: The file is on a network drive.
            CacheError: No file can be written there: a folder, a read-only place, a locked file,
                another program's database.
            ArgumentError: ``max_bytes`` is under a megabyte, or an argument is of the wrong type.
        """
        arguments.require_a("path", path, (str, os.PathLike), arguments.PATH)
        arguments.require_count("max_bytes", max_bytes)
        self.path = Path(path)
        kind = None if on_network else network_filesystem(self.path)
        if kind is not None:
            raise CacheNetworkError(path=self.path, kind=kind)
        self._store = Store(self.path, max_bytes, patience_seconds)

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
        found = self._store.get(fingerprint, digests)
        rows = {digest: as_vector(value, dim) for digest, value in found.items()}
        return {digest: row for digest, row in rows.items() if row is not None}

    def put(self, fingerprint: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Write embeddings in one transaction.

        Args:
            fingerprint: The encoder's identity.
            vectors: Rows of shape ``(dim,)`` by digest.
        """
        self._store.put({fingerprint: {d: as_bytes(vector) for d, vector in vectors.items()}})

    def get_bytes(self, space: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Look up values other than embeddings.

        Args:
            space: The kind of value, with the versions of the code that made it.
            keys: Digests.

        Returns:
            The values found, by key.
        """
        return self._store.get(space, keys)

    def get_across(self, spaces: Sequence[str], digest: str) -> dict[str, bytes]:
        """Look up all values of one photo, in one query.

        Args:
            spaces: Fingerprints and other kinds of values.
            digest: The photo's.

        Returns:
            The values found, by space; `as_vector` reads embeddings.
        """
        return self._store.get_across(spaces, digest)

    def put_bytes(self, values: Mapping[str, Mapping[str, bytes]]) -> None:
        """Write values of several kinds in one transaction.

        Args:
            values: By space, then by digest.
        """
        self._store.put(values)

    def info(self) -> CacheInfo:
        """Return the cache's file and size, and the rows in it.

        Returns:
            Its file, size, bound and rows.
        """
        files = (Path(f"{self.path}{suffix}") for suffix in ("", "-wal"))
        size = sum(file.stat().st_size for file in files if file.exists())
        return CacheInfo(self.path, size, self._store.max_bytes, self._store.count())

    def clear(self) -> None:
        """Remove every row."""
        self._store.clear()

    def __len__(self) -> int:
        return sum(self._store.count().values())

    def close(self) -> None:
        """Close the file; the cache cannot be used afterwards."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_cache(value: str | os.PathLike[str] | EmbeddingCache | None) -> EmbeddingCache | None:
    """Open the cache that an argument ``cache=`` names.

    Args:
        value: A cache that is open already; the path of one; ``"user"`` for the user's own, the
            file that the command ``imgfit`` uses (a file of that name is ``"./user"``); None for
            no cache.

    Returns:
        The cache, or None.

    Raises:
        CacheError: The cache's file cannot be used.
        ArgumentError: ``value`` is of another type.
    """
    if value is None or isinstance(value, EmbeddingCache):
        return value
    if value == USER:
        return EmbeddingCache(embeddings_file())
    arguments.require_a("cache", value, (str, os.PathLike), _CACHE_NEEDED)
    return EmbeddingCache(value)


def as_bytes(vector: NDArray[np.float32]) -> bytes:
    """Turn a row into the bytes that are kept.

    Args:
        vector: Shape ``(dim,)``.

    Returns:
        Little-endian float32.
    """
    return np.asarray(vector, "<f4").tobytes()


def as_vector(value: bytes, length: int) -> NDArray[np.float32] | None:
    """Turn kept bytes into a row.

    Args:
        value: What `as_bytes` returned.
        length: How many numbers it should hold.

    Returns:
        Shape ``(length,)``; None if the length differs or a number is not finite.
    """
    if len(value) != 4 * length:
        return None
    vector = np.frombuffer(value, "<f4")
    return vector if np.isfinite(vector).all() else None


def text_digest(text: str) -> str:
    """SHA-256 of a text, in hex, apart from any photo's digest by its prefix.

    Args:
        text: Any text.

    Returns:
        64 hex digits.
    """
    return hashlib.sha256(b"text\0" + text.encode("utf-8", "surrogatepass")).hexdigest()
