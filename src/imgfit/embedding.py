"""The Encoder protocol and the hot loop that turns photos and texts into embeddings.

Photos flow through two generators: threads read, digest and decode a bounded number of files
ahead, in order; the caller's thread fills batches and encodes them. Nothing is embedded twice:
equal photos and equal texts count once a run, and a cache holds them across runs.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from imgfit.cache import EmbeddingCache, text_digest
from imgfit.errors import ImgfitError
from imgfit.metrics import pool
from imgfit.photos import PhotoFile, decode_photo, read_photo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray
    from PIL import Image

    from imgfit.metrics import Vectors
    from imgfit.photos import PhotoSource

    # Called with how many items are done and how many there are.
    Progress: TypeAlias = Callable[[int, int], None]

Item = TypeVar("Item")
Result = TypeVar("Result")

DEFAULT_BATCH = 32


class Encoder(Protocol):
    """Anything that turns photos and texts into unit embeddings of one space."""

    @property
    def name(self) -> str:
        """Short name for signatures."""
        ...

    @property
    def fingerprint(self) -> str:
        """Identity: a digest of everything an embedding depends on."""
        ...

    @property
    def dim(self) -> int:
        """Length of an embedding."""
        ...

    @property
    def context_length(self) -> int:
        """Most tokens of a text, special tokens included."""
        ...

    @property
    def photo_size(self) -> int:
        """Side in pixels of what the photo tower sees."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return the tokens of a text, special tokens included."""
        ...

    def prepare(self, image: Image.Image) -> NDArray[np.float32]:
        """Turn an upright RGB image into the tower's input, ``(3, h, w)``; called on threads."""
        ...

    def encode_photos(self, pixels: NDArray[np.float32]) -> Vectors:
        """Return unit rows ``(n, dim)`` of inputs ``(n, 3, h, w)``."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows ``(n, dim)`` of n texts."""
        ...


@dataclass(frozen=True, slots=True)
class PhotoEmbeddings:
    """Embeddings of photos, row by row as given.

    Attributes:
        vectors: Unit rows, shape ``(n, dim)``; a failed photo's row is zero.
        files: What each header said, without the bytes; None where reading failed.
        errors: Why a photo failed; None where it did not.
    """

    vectors: Vectors
    files: tuple[PhotoFile | None, ...]
    errors: tuple[ImgfitError | None, ...]


@dataclass(frozen=True, slots=True)
class CaptionEmbeddings:
    """Embeddings of n captions and of their m windows.

    Attributes:
        pooled: Unit rows of the captions, shape ``(n, dim)``.
        windows: Unit rows of the windows, shape ``(m, dim)``, in caption order.
        owner: Index of each window's caption, shape ``(m,)``, never falling.
        texts: The windows.
    """

    pooled: Vectors
    windows: Vectors
    owner: NDArray[np.intp]
    texts: tuple[str, ...]


def embed_photos(
    encoder: Encoder,
    sources: Sequence[PhotoSource],
    *,
    cache: EmbeddingCache | None = None,
    batch_size: int = DEFAULT_BATCH,
    workers: int | None = None,
    progress: Progress | None = None,
) -> PhotoEmbeddings:
    """Embed photos; a photo that fails costs its own row only.

    Args:
        encoder: Who embeds.
        sources: Paths or bytes, n of them.
        cache: Where embeddings are looked up and kept.
        batch_size: Photos a forward pass.
        workers: Decoding threads; the number of cores if not given.
        progress: Called with photos done and n.

    Returns:
        n rows, in order.
    """
    loop = _PhotoLoop(encoder, cache, len(sources))
    workers = workers or os.cpu_count() or 1
    # Two batches ahead keep the tower fed through a slow file; memory stays bounded.
    prepared = _in_order(loop.prepare, sources, workers, ahead=2 * batch_size)
    batch: list[tuple[str, NDArray[np.float32]]] = []
    for done, item in enumerate(prepared, 1):
        loop.note(done - 1, item)
        if item.pixels is not None and item.file is not None:
            batch.append((item.file.digest, item.pixels))
        if len(batch) == batch_size:
            loop.encode(batch)
            batch = []
        if progress:
            progress(done, len(sources))
    loop.encode(batch)
    return loop.result()


def embed_texts(
    encoder: Encoder,
    texts: Sequence[str],
    *,
    cache: EmbeddingCache | None = None,
    batch_size: int = DEFAULT_BATCH,
    progress: Progress | None = None,
) -> Vectors:
    """Embed texts, equal ones once, in batches of like length.

    Args:
        encoder: Who embeds.
        texts: n texts, each within the tower's context.
        cache: Where embeddings are looked up and kept.
        batch_size: Texts a forward pass.
        progress: Called with texts done and n.

    Returns:
        Unit rows, shape ``(n, dim)``, in order.
    """
    digests = [text_digest(text) for text in texts]
    by_digest = dict(zip(digests, texts, strict=True))
    known = (
        cache.get(encoder.fingerprint, list(by_digest), encoder.dim) if cache is not None else {}
    )
    missing = sorted((d for d in by_digest if d not in known), key=lambda d: len(by_digest[d]))
    for start in range(0, len(missing), batch_size):
        keys = missing[start : start + batch_size]
        rows = encoder.encode_texts([by_digest[key] for key in keys])
        fresh = dict(zip(keys, rows, strict=True))
        known.update(fresh)
        if cache is not None:
            cache.put(encoder.fingerprint, fresh)
        if progress:
            progress(len(known), len(by_digest))
    if not digests:
        return np.empty((0, encoder.dim), np.float32)
    return np.stack([known[digest] for digest in digests])


def embed_captions(
    encoder: Encoder,
    captions: Sequence[Sequence[str]],
    *,
    cache: EmbeddingCache | None = None,
    batch_size: int = DEFAULT_BATCH,
    progress: Progress | None = None,
) -> CaptionEmbeddings:
    """Embed captions given as windows, all in one stream.

    Args:
        encoder: Who embeds.
        captions: n captions, each of at least one window.
        cache: Where embeddings are looked up and kept.
        batch_size: Windows a forward pass.
        progress: Called with windows done and their number.

    Returns:
        The captions' and windows' embeddings.
    """
    texts = tuple(window for windows in captions for window in windows)
    lengths = np.array([len(windows) for windows in captions], np.intp)
    rows = embed_texts(encoder, texts, cache=cache, batch_size=batch_size, progress=progress)
    starts = np.cumsum(lengths) - lengths
    owner = np.repeat(np.arange(len(captions)), lengths)
    return CaptionEmbeddings(pool(rows, starts), rows, owner, texts)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One photo as it comes from a thread: read, and known, decoded or failed."""

    file: PhotoFile | None = None
    pixels: NDArray[np.float32] | None = None
    error: ImgfitError | None = None


class _PhotoLoop:
    """What the threads and the encoding loop share for one call of `embed_photos`."""

    def __init__(self, encoder: Encoder, cache: EmbeddingCache | None, count: int) -> None:
        self._encoder = encoder
        self._cache = cache
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._claimed: dict[str, PhotoFile] = {}
        self._files: list[PhotoFile | None] = [None] * count
        self._errors: list[ImgfitError | None] = [None] * count
        self._failed: dict[str, ImgfitError] = {}

    def prepare(self, source: PhotoSource) -> _Prepared:
        """Read a photo and, unless its embedding is known or under way, decode it."""
        try:
            file = read_photo(source)
        except ImgfitError as error:
            return _Prepared(error=error)
        bare = replace(file, data=b"")
        # One step, which no other thread can come between: equal photos are decoded once.
        if self._claimed.setdefault(file.digest, bare) is not bare:
            return _Prepared(bare)
        if self._cache is not None:
            known = self._cache.get(self._encoder.fingerprint, [file.digest], self._encoder.dim)
            if known:
                self._vectors.update(known)
                return _Prepared(bare)
        try:
            image = decode_photo(file, short_side=self._encoder.photo_size)
            return _Prepared(bare, self._encoder.prepare(image))
        except ImgfitError as error:
            self._failed[file.digest] = error
            return _Prepared(bare, error=error)

    def note(self, index: int, item: _Prepared) -> None:
        """Keep what is known of one photo beside its embedding."""
        self._files[index] = item.file
        self._errors[index] = item.error

    def encode(self, batch: Sequence[tuple[str, NDArray[np.float32]]]) -> None:
        """Encode one batch and keep its rows."""
        if not batch:
            return
        digests = [digest for digest, _ in batch]
        rows = self._encoder.encode_photos(np.stack([pixels for _, pixels in batch]))
        fresh = dict(zip(digests, rows, strict=True))
        self._vectors.update(fresh)
        if self._cache is not None:
            self._cache.put(self._encoder.fingerprint, fresh)

    def result(self) -> PhotoEmbeddings:
        """Lay the rows out as the photos were given."""
        vectors = np.zeros((len(self._files), self._encoder.dim), np.float32)
        for index, file in enumerate(self._files):
            if file is None:
                continue
            if file.digest in self._failed:
                # A copy of a photo that failed fails with it.
                self._errors[index] = self._failed[file.digest]
            else:
                vectors[index] = self._vectors[file.digest]
        return PhotoEmbeddings(vectors, tuple(self._files), tuple(self._errors))


def _in_order(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int, ahead: int
) -> Iterator[Result]:
    """Run a function on threads, a bounded number of items ahead, and yield in order."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix="imgfit-photo")
    waiting: deque[Future[Result]] = deque()
    source = iter(items)
    try:
        waiting.extend(pool.submit(function, item) for item in islice(source, ahead))
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(function, item) for item in islice(source, 1))
            yield result
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
