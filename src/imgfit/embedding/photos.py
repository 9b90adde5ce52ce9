"""From photos to embeddings: read and decoded on threads, encoded in the caller's.

Threads read, digest, look up and decode a bounded number of photos ahead, in order; only the
tower's inputs wait. The caller's thread fills batches and encodes them meanwhile. Nothing is
embedded twice: equal photos are embedded once a run, and a cache keeps them across runs.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from imgfit.cache import EmbeddingCache, as_bytes, as_vector
from imgfit.embedding.encoding import DEFAULT_BATCH, PHOTOS, encode_checked
from imgfit.errors import ImgfitError, PhotoFailedError
from imgfit.language import Phrase
from imgfit.photos import (
    DECODING_BYTES,
    OUT_OF_MEMORY,
    PREPROCESSING_VERSION,
    READING_BYTES,
    SPECIAL_VERSION,
    ByteBudget,
    PhotoFile,
    bytes_to_read,
    decode_photo,
    decoding_bytes,
    digest_of,
    header_facts,
    map_ahead,
    name_of,
    read_bytes,
    read_header,
    recall_header,
)
from imgfit.printable import RefusedError, said_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from PIL import Image

    from imgfit.embedding.encoding import Progress
    from imgfit.encoders import Encoder, Measure
    from imgfit.metrics import Vectors
    from imgfit.photos import PhotoSource

# Rows that are not embeddings are written to the cache this many at a time.
_WRITE_EVERY = 256
# The second number changes with what a header must pass (imgfit.photos.format_limits).
_HEADERS = f"header-{PREPROCESSING_VERSION}.2"
# After a space's name: embeddings and measures of photos whose pixels follow rules of their own.
_SPECIAL = f"~special-{SPECIAL_VERSION}"

_NOT_FINITE = Phrase(
    id="embedding-nya berisi angka yang tidak terhingga", en="its embedding is not finite"
)


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """How much memory photos may take while they are embedded, in bytes.

    Attributes:
        reading: Of files that are read and not yet decoded.
        decoding: Of pictures that are being decoded.
        ahead: Of the tower's inputs that wait for it: 64 photos of 224 pixels take 39 MB, and
            bigger towers wait for fewer.
    """

    reading: int = READING_BYTES
    decoding: int = DECODING_BYTES
    ahead: int = 64_000_000


LIMITS = PhotoLimits()


@dataclass(frozen=True, slots=True)
class PhotoEmbeddings:
    """Embeddings of photos, row by row as given.

    Attributes:
        vectors: Unit rows, shape ``(n, dim)``; a failed photo's row is zero.
        files: What each header said, without the bytes; None if reading failed.
        errors: Why a photo failed; None if it did not.
        measures: What was measured, shape ``(n, size)``, NaN in a failed photo's row; of size 0
            if nothing was to be measured.
    """

    vectors: Vectors
    files: tuple[PhotoFile | None, ...]
    errors: tuple[ImgfitError | None, ...]
    measures: NDArray[np.float32]


def embed_photos(
    encoder: Encoder,
    sources: Sequence[PhotoSource],
    *,
    cache: EmbeddingCache | None = None,
    batch_size: int = DEFAULT_BATCH,
    decode_threads: int | None = None,
    measure: Measure | None = None,
    progress: Progress | None = None,
    limits: PhotoLimits = LIMITS,
) -> PhotoEmbeddings:
    """Embed photos; a photo that fails, for any reason, costs its own row only.

    Args:
        encoder: Embeds the photos.
        sources: Paths or bytes, n of them.
        cache: Where embeddings are looked up and kept.
        batch_size: Photos a forward pass.
        decode_threads: Decoding threads; the number of cores if not given.
        measure: What else to take of each decoded photo.
        progress: Called with photos done and n.
        limits: How much memory photos may take.

    Returns:
        n rows, in order.

    Raises:
        EncoderFailedError: The encoder raised. What was embedded before is in the cache, as it is
            after an interrupt.
    """
    loop = _PhotoLoop(encoder, cache, measure, len(sources), batch_size=batch_size, limits=limits)
    waiting_bytes = 3 * 4 * encoder.photo_size**2
    decode_threads = decode_threads or os.cpu_count() or 1
    # Two batches ahead keep the tower fed through a slow file.
    ahead = max(decode_threads, min(2 * batch_size, limits.ahead // waiting_bytes))
    prepared = map_ahead(
        loop.prepare, sources, workers=decode_threads, ahead=ahead, stopped=loop.stopped
    )
    try:
        for done, item in enumerate(prepared, 1):
            loop.take(done - 1, item)
            if progress:
                progress(done, len(sources))
        loop.encode()
    finally:
        # After an interrupt too: threads end, and what was done is kept.
        prepared.close()
        loop.write()
    return loop.result()


def embed_images(encoder: Encoder, images: Sequence[Image.Image]) -> Vectors:
    """Embed images that are in memory already; one that fails fails them all.

    Args:
        encoder: Embeds the images.
        images: Upright, RGB, n of them.

    Returns:
        Unit rows, shape ``(n, dim)``.

    Raises:
        EncoderFailedError: The encoder raised.
    """
    rows = np.empty((len(images), encoder.dim), np.float32)
    for start in range(0, len(images), DEFAULT_BATCH):
        batch = images[start : start + DEFAULT_BATCH]
        pixels = np.stack([encoder.prepare(image) for image in batch])
        rows[start : start + len(batch)] = encode_checked(
            encoder, PHOTOS, encoder.encode_photos, pixels
        )
    return rows


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One photo as it comes from a thread: known, decoded, equal to an earlier one, or failed.

    Attributes:
        name: What messages call it.
        digest: Of the whole file; empty if reading failed.
        file: What its header said, without the bytes; None for an equal photo that came later.
        pixels: For the tower, if the embedding is not known.
        known: The embedding from the cache.
        measures: Taken, or from the cache.
        fresh: Values that the cache does not have yet, by space.
        error: Why it failed.
    """

    name: str
    digest: str = ""
    file: PhotoFile | None = None
    pixels: NDArray[np.float32] | None = None
    known: NDArray[np.float32] | None = None
    measures: NDArray[np.float32] | None = None
    fresh: Mapping[str, bytes] = field(default_factory=dict)
    error: ImgfitError | None = None


class _PhotoLoop:
    """State that the threads and the encoding loop share for one call of `embed_photos`."""

    def __init__(
        self,
        encoder: Encoder,
        cache: EmbeddingCache | None,
        measure: Measure | None,
        count: int,
        *,
        batch_size: int,
        limits: PhotoLimits,
    ) -> None:
        self._encoder = encoder
        self._cache = cache
        self._measure = measure
        self._batch_size = batch_size
        plain = [encoder.fingerprint, *([measure.key] if measure else [])]
        self._spaces = [*plain, *(space + _SPECIAL for space in plain), _HEADERS]
        # Taken in this order only, so that no two threads wait for each other.
        self._reading, self._decoding = ByteBudget(limits.reading), ByteBudget(limits.decoding)
        self.stopped = threading.Event()
        self._claimed: dict[str, object] = {}
        self._pixels: NDArray[np.float32] | None = None
        self._batch: list[str] = []
        self._fresh: dict[str, dict[str, bytes]] = {space: {} for space in self._spaces}
        self._items: list[_Prepared] = [_Prepared("")] * count
        self._first: dict[str, _Prepared] = {}
        self._vectors: dict[str, NDArray[np.float32]] = {}

    # --- on threads ------------------------------------------------------------------------------

    def prepare(self, source: PhotoSource) -> _Prepared:
        """Read a photo and, unless all of it is known or under way, decode it; never raises."""
        name = name_of(source)
        digest = ""
        try:
            with self._reading.take(bytes_to_read(source)):
                data = read_bytes(source)
                digest = digest_of(data)
                # One step, which no other thread can come between: equal photos are decoded once.
                mark = object()
                if self._claimed.setdefault(digest, mark) is not mark:
                    return _Prepared(name, digest)
                return self._prepared(name, data, digest)
        except ImgfitError as error:
            return _Prepared(name, digest, error=error.bare())
        except Exception as error:  # noqa: BLE001 - a photo must not stop the run, whatever it met
            cause = OUT_OF_MEMORY if isinstance(error, MemoryError) else said_by(error)
            return _Prepared(name, digest, error=PhotoFailedError(photo=name, cause=cause))

    def _prepared(self, name: str, data: bytes, digest: str) -> _Prepared:
        kept = self._cache.get_across(self._spaces, digest) if self._cache is not None else {}
        facts = kept.get(_HEADERS)
        file = recall_header(name, data, digest, facts) if facts is not None else None
        fresh: dict[str, bytes] = {}
        if file is None:
            file = read_header(name, data, digest)
            fresh[_HEADERS] = header_facts(file)
        apart = _SPECIAL if file.special else ""
        known = _kept(kept, self._encoder.fingerprint + apart, self._encoder.dim)
        measure = self._measure
        measures = _kept(kept, measure.key + apart, measure.size) if measure is not None else None
        pixels = None
        if (
            known is None or (measure is not None and measures is None)
        ) and not self.stopped.is_set():
            with self._decoding.take(decoding_bytes(file)):
                image = decode_photo(file, short_side=self._encoder.photo_size)
                if known is None:
                    pixels = self._encoder.prepare(image)
                if measure is not None and measures is None:
                    measures = _measured(measure, image)
                    fresh[measure.key + apart] = as_bytes(measures)
        bare = replace(file, data=b"")
        return _Prepared(name, digest, bare, pixels, known, measures, fresh)

    # --- in the caller's thread ------------------------------------------------------------------

    def take(self, index: int, item: _Prepared) -> None:
        """Keep one photo's results, and encode a batch once it is full."""
        if item.known is not None:
            self._vectors[item.digest] = item.known
        for space, value in item.fresh.items():
            self._fresh[space][item.digest] = value
        if item.pixels is not None:
            self._fill(item.pixels, item.digest)
        # Each photo's entry must stay small: neither its pixels nor a second embedding.
        item = replace(item, pixels=None, known=None, fresh={})
        if item.digest and (item.file is not None or item.error is not None):
            self._first.setdefault(item.digest, item)
        self._items[index] = item
        if len(self._batch) == self._batch_size:
            self.encode()
        elif any(len(rows) >= _WRITE_EVERY for rows in self._fresh.values()):
            self.write()

    def _fill(self, pixels: NDArray[np.float32], digest: str) -> None:
        """Copy a photo into its place in the batch, so that nothing else holds its pixels."""
        if self._pixels is None:
            self._pixels = np.empty((self._batch_size, *pixels.shape), np.float32)
        self._pixels[len(self._batch)] = pixels
        self._batch.append(digest)

    def encode(self) -> None:
        """Encode the batch, keep its rows, and begin the next one."""
        if not self._batch or self._pixels is None:
            return
        digests, pixels = self._batch, self._pixels[: len(self._batch)]
        self._batch = []
        rows = encode_checked(self._encoder, PHOTOS, self._encoder.encode_photos, pixels)
        for digest, row in zip(digests, rows, strict=True):
            if np.isfinite(row).all():
                self._vectors[digest] = row
                file = self._first[digest].file
                apart = _SPECIAL if file is not None and file.special else ""
                self._fresh[self._encoder.fingerprint + apart][digest] = as_bytes(row)
            else:
                first = self._first[digest]
                error = PhotoFailedError(photo=first.name, cause=_NOT_FINITE)
                self._first[digest] = replace(first, error=error)
        self.write()

    def write(self) -> None:
        """Write new values into the cache."""
        if self._cache is not None:
            self._cache.put_bytes(self._fresh)
        for rows in self._fresh.values():
            rows.clear()

    def result(self) -> PhotoEmbeddings:
        """Lay the rows out as the photos were given."""
        count = len(self._items)
        vectors = np.zeros((count, self._encoder.dim), np.float32)
        size = self._measure.size if self._measure is not None else 0
        measures = np.full((count, size), np.nan, np.float32)
        files: list[PhotoFile | None] = []
        errors: list[ImgfitError | None] = []
        for index, item in enumerate(self._items):
            first = self._first.get(item.digest, item)
            files.append(first.file and replace(first.file, name=item.name))
            errors.append(first.error and _renamed(first.error, item.name))
            if first.error is None:
                vectors[index] = self._vectors[item.digest]
                if first.measures is not None:
                    measures[index] = first.measures
        return PhotoEmbeddings(vectors, tuple(files), tuple(errors), measures)


def _kept(kept: Mapping[str, bytes], space: str, length: int) -> NDArray[np.float32] | None:
    value = kept.get(space)
    return None if value is None else as_vector(value, length)


def _measured(measure: Measure, image: Image.Image) -> NDArray[np.float32]:
    measures = np.asarray(measure(image), np.float32)
    if measures.shape != (measure.size,) or not np.isfinite(measures).all():
        raise RefusedError(
            id=f"{measure.key} tidak menghasilkan {measure.size} bilangan berhingga",
            en=f"{measure.key} gave no {measure.size} finite numbers",
        )
    return measures


def _renamed(error: ImgfitError, name: str) -> ImgfitError:
    """Return the error of the first of equal photos with this one's name."""
    if error.facts.get("photo") in (None, name):
        return error
    return type(error)(**{**error.facts, "photo": name})
