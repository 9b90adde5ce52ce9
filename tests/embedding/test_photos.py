"""The hot loop: order, survivors, what is embedded and what is not."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from imgfit.cache.embeddings import EmbeddingCache
from imgfit.embedding.photos import PhotoLimits, embed_photos
from imgfit.embedding.texts import embed_texts
from imgfit.errors import (
    EncoderFailedError,
    PhotoFailedError,
    PhotoMissingError,
    PhotoUnreadableError,
)
from imgfit.photos.reading import digest_of
from tests.conftest import FakeEncoder, photos_of, save_photo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit.photos.sources import PhotoSource


@pytest.mark.parametrize("batch_size", [1, 3, 8, 64])
@pytest.mark.parametrize("decode_threads", [1, 4])
def test_rows_do_not_depend_on_batch_or_workers(
    tmp_path: Path, batch_size: int, decode_threads: int
) -> None:
    paths = photos_of(tmp_path, 11)
    alone = np.concatenate([embed_photos(FakeEncoder(), [path]).vectors for path in paths])
    together = embed_photos(
        FakeEncoder(), paths, batch_size=batch_size, decode_threads=decode_threads
    )
    assert together.vectors == pytest.approx(alone, abs=1e-6)


def test_bad_photos_cost_their_own_row_only(tmp_path: Path) -> None:
    good = photos_of(tmp_path, 4)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(good[0].read_bytes()[:60])
    sources = [good[0], broken, good[1], tmp_path / "missing.jpg", good[2], broken, good[3]]
    result = embed_photos(FakeEncoder(), sources, batch_size=2)
    kinds = [type(error) for error in result.errors]
    none = type(None)
    assert kinds == [
        none, PhotoUnreadableError, none, PhotoMissingError, none, PhotoUnreadableError, none,
    ]  # fmt: skip
    alive = [0, 2, 4, 6]
    assert result.vectors[alive] == pytest.approx(embed_photos(FakeEncoder(), good).vectors)
    assert not result.vectors[[1, 3, 5]].any()


def test_equal_photos_are_encoded_once(tmp_path: Path) -> None:
    one, other = photos_of(tmp_path, 2)
    copy = tmp_path / "copy.png"
    copy.write_bytes(one.read_bytes())
    encoder = FakeEncoder()
    result = embed_photos(encoder, [one, copy, other, one], batch_size=2)
    assert encoder.photos_encoded == 2
    assert (result.vectors[0] == result.vectors[[1, 3]]).all()


def test_the_cache_saves_the_encoder_its_work(tmp_path: Path) -> None:
    paths = photos_of(tmp_path, 5)
    with EmbeddingCache(tmp_path / "cache.sqlite") as cache:
        cold = embed_photos(FakeEncoder(), paths, cache=cache)
        again = FakeEncoder()
        warm = embed_photos(again, paths, cache=cache)
        assert again.photos_encoded == 0
        assert (warm.vectors == cold.vectors).all()
        save_photo(paths[2], "biru", (99, 30))
        embed_photos(again, paths, cache=cache)
        assert again.photos_encoded == 1


def test_look_ahead_is_bounded(tmp_path: Path) -> None:
    """Threads never run further ahead of the encoder than two batches."""
    paths = photos_of(tmp_path, 40)
    gap: list[int] = []
    prepared = 0
    lock = threading.Lock()

    class Watching(FakeEncoder):
        def prepare(self, image: object) -> NDArray[np.float32]:
            nonlocal prepared
            with lock:
                prepared += 1
            return np.zeros((3, 8, 8), np.float32)

        def encode_photos(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
            gap.append(prepared - self.photos_encoded)
            return super().encode_photos(pixels)

    embed_photos(Watching(), paths, batch_size=4, decode_threads=4)
    assert max(gap) <= 4 + 2 * 4


def test_pixels_do_not_outlive_their_batch(tmp_path: Path) -> None:
    alive: list[weakref.ref[NDArray[np.float32]]] = []
    most: list[int] = []

    class Watching(FakeEncoder):
        def prepare(self, image: Image.Image) -> NDArray[np.float32]:
            pixels = super().prepare(image).copy()
            alive.append(weakref.ref(pixels))
            return pixels

        def encode_photos(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
            most.append(sum(reference() is not None for reference in alive))
            return super().encode_photos(pixels)

    embed_photos(Watching(), photos_of(tmp_path, 60), batch_size=2, decode_threads=2)
    assert max(most) <= 2 + 2 * 2


def test_an_error_that_is_kept_keeps_nothing_alive(tmp_path: Path) -> None:
    class Failing(FakeEncoder):
        def prepare(self, image: Image.Image) -> NDArray[np.float32]:
            raise RuntimeError("no such luck")

    good = photos_of(tmp_path, 1)[0]
    sources: list[PhotoSource] = [tmp_path / "missing.jpg", good.read_bytes()[:60], good]

    encoder = Failing()
    alive = weakref.ref(encoder)
    gc.disable()
    try:
        errors = embed_photos(encoder, sources, decode_threads=1).errors
        # The calls that an error was raised through held the encoder and a batch.
        del encoder
        assert alive() is None
    finally:
        gc.enable()
    names = [type(error).__name__ for error in errors]
    assert names == ["PhotoMissingError", "PhotoUnreadableError", "PhotoFailedError"]
    assert [(e.__traceback__, e.__context__, e.__cause__) for e in errors if e] == [(None,) * 3] * 3


def test_an_encoder_that_raises_does_not_hang(tmp_path: Path) -> None:
    class Failing(FakeEncoder):
        def encode_photos(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
            raise RuntimeError("out of memory")

    with pytest.raises(EncoderFailedError, match="2 photos .*out of memory"):
        embed_photos(Failing(), photos_of(tmp_path, 30), batch_size=2)
    assert not [t for t in threading.enumerate() if t.name.startswith("imgfit-photo")]


def test_no_photos_make_no_rows() -> None:
    assert embed_photos(FakeEncoder(), []).vectors.shape == (0, 16)


def test_progress_reaches_the_total(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    embed_photos(
        FakeEncoder(),
        photos_of(tmp_path, 5),
        progress=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(n, 5) for n in range(1, 6)]


# --- what breaks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "says"),
    [(MemoryError(), "out of memory"), (RuntimeError("odd\nthing"), "RuntimeError: odd"),
     (KeyError("x"), "KeyError: 'x'")],
)  # fmt: skip
def test_an_unforeseen_failure_on_a_thread_costs_its_row_only(
    tmp_path: Path, error: Exception, says: str
) -> None:
    class Failing(FakeEncoder):
        def prepare(self, image: Image.Image) -> NDArray[np.float32]:
            if image.size[0] == 22:
                raise error
            return super().prepare(image)

    paths = photos_of(tmp_path, 6)
    result = embed_photos(Failing(), paths, batch_size=2)
    assert [e is None for e in result.errors] == [True, True, False, True, True, True]
    assert isinstance(result.errors[2], PhotoFailedError)
    assert says in str(result.errors[2])
    assert str(paths[2]) in result.errors[2].say("id")
    assert result.vectors[[0, 1, 3, 4, 5]].any(axis=1).all()
    assert not result.vectors[2].any()


def test_running_out_of_memory_while_decoding_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object) -> None:
        raise MemoryError

    paths = photos_of(tmp_path, 2)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", no_memory)
    errors = embed_photos(FakeEncoder(), paths).errors
    assert [type(error) for error in errors] == [PhotoFailedError] * 2
    assert "out of memory" in str(errors[0])


def test_an_embedding_that_is_not_finite_costs_its_row_and_is_not_kept(tmp_path: Path) -> None:
    class Overflowing(FakeEncoder):
        def encode_photos(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
            rows = super().encode_photos(pixels)
            rows[pixels[:, 0].mean(axis=(1, 2)) > 0.5] = np.nan  # the red ones
            return rows

    paths = photos_of(tmp_path, 6)
    with EmbeddingCache(tmp_path / "c") as cache:
        result = embed_photos(Overflowing(), [*paths, paths[0]], cache=cache)
        again = FakeEncoder()
        whole = embed_photos(again, paths, cache=cache)
    assert [e is not None for e in result.errors] == [True, False, False, True, False, False, True]
    assert "not finite" in str(result.errors[3])
    assert not result.vectors[[0, 3, 6]].any()
    assert again.photos_encoded == 2
    assert whole.vectors[[1, 2, 4, 5]] == pytest.approx(result.vectors[[1, 2, 4, 5]])


@pytest.mark.parametrize("shape", [(1, 16), (2, 15), (2,)])
def test_an_encoder_that_returns_another_shape_is_refused(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    class Odd(FakeEncoder):
        def encode_photos(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
            return np.zeros(shape, np.float32)

        def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return np.zeros(shape, np.float32)

    with pytest.raises(EncoderFailedError, match="2 photos"):
        embed_photos(Odd(), photos_of(tmp_path, 2))
    with pytest.raises(EncoderFailedError, match="2 texts"):
        embed_texts(Odd(), ["a", "b"])


def test_what_an_encoder_did_before_it_failed_is_kept(tmp_path: Path) -> None:
    class Tiring(FakeEncoder):
        def encode_photos(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
            if self.photos_encoded >= 4:
                raise RuntimeError("tired")
            return super().encode_photos(pixels)

        def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if self.texts_encoded:
                raise RuntimeError("tired")
            return super().encode_texts(texts)

    paths = photos_of(tmp_path, 9)
    again = FakeEncoder()
    with EmbeddingCache(tmp_path / "c") as cache:
        with pytest.raises(EncoderFailedError, match="tired"):
            embed_photos(Tiring(), paths, cache=cache, batch_size=2)
        with pytest.raises(EncoderFailedError, match="tired"):
            embed_texts(Tiring(), ["a", "b", "c"], cache=cache, batch_size=2)
        embed_photos(again, paths, cache=cache)
        embed_texts(again, ["a", "b", "c"], cache=cache)
    assert again.photos_encoded == 9 - 4
    assert again.texts_encoded == ["c"]


def test_copies_of_a_broken_photo_are_named_each(tmp_path: Path) -> None:
    whole = photos_of(tmp_path, 1)[0].read_bytes()
    copies = [tmp_path / "one.png", tmp_path / "two.png"]
    for copy in copies:
        copy.write_bytes(whole[: len(whole) - 30])
    result = embed_photos(FakeEncoder(), copies)
    for copy, error in zip(copies, result.errors, strict=True):
        assert isinstance(error, PhotoUnreadableError)
        assert str(copy) in str(error)


# --- measures ------------------------------------------------------------------------------------


class Brightness:
    """Mean of each channel, and the width."""

    key = "brightness-1"
    size = 4

    def __init__(self) -> None:
        self.taken = 0
        self._lock = threading.Lock()

    def __call__(self, image: Image.Image) -> NDArray[np.float32]:
        with self._lock:
            self.taken += 1
        means = np.asarray(image, np.float32).mean(axis=(0, 1))
        return np.array([*means, image.size[0]], np.float32)


def test_measures_are_taken_with_the_embedding_and_cached(tmp_path: Path) -> None:
    paths = photos_of(tmp_path, 5)
    broken = tmp_path / "broken.png"
    broken.write_bytes(paths[0].read_bytes()[:60])
    sources = [*paths, broken, paths[1]]
    measure, again = Brightness(), Brightness()
    with EmbeddingCache(tmp_path / "c") as cache:
        cold = embed_photos(FakeEncoder(), sources, cache=cache, measure=measure, batch_size=2)
        encoder = FakeEncoder()
        warm = embed_photos(encoder, sources, cache=cache, measure=again)
    assert measure.taken == 5
    assert (again.taken, encoder.photos_encoded) == (0, 0)
    assert cold.measures[:5, 3].tolist() == [20, 21, 22, 23, 24]
    assert (cold.measures[6] == cold.measures[1]).all()
    assert np.isnan(cold.measures[5]).all()
    np.testing.assert_array_equal(warm.measures, cold.measures)
    assert (warm.vectors == cold.vectors).all()
    assert warm.files == cold.files


def test_a_known_embedding_is_decoded_for_its_measures_only(tmp_path: Path) -> None:
    paths = photos_of(tmp_path, 5)
    encoder, measure = FakeEncoder(), Brightness()
    with EmbeddingCache(tmp_path / "c") as cache:
        before = embed_photos(encoder, paths, cache=cache)
        result = embed_photos(encoder, paths, cache=cache, measure=measure)
        embed_photos(encoder, paths, cache=cache, measure=measure)
    assert (encoder.photos_encoded, measure.taken) == (5, 5)
    assert before.measures.shape == (5, 0)
    assert result.measures.shape == (5, 4)
    assert (result.vectors == before.vectors).all()


@pytest.mark.parametrize("answer", [[1.0], [1.0, 2.0, np.nan, 3.0]])
def test_a_measure_that_gives_no_numbers_is_the_rows_error(
    tmp_path: Path, answer: list[float]
) -> None:
    class Odd(Brightness):
        def __call__(self, image: Image.Image) -> NDArray[np.float32]:
            return np.array(answer, np.float32)

    result = embed_photos(FakeEncoder(), photos_of(tmp_path, 1), measure=Odd())
    assert "brightness-1 gave no 4 finite numbers" in str(result.errors[0])
    assert np.isnan(result.measures).all()


# --- what is known is not read again -------------------------------------------------------------


def test_a_warm_run_opens_no_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [np.full((20, 20, 3), n, np.uint8) for n in (0, 200)]
    paths = photos_of(tmp_path, 3)
    moving = tmp_path / "a.gif"
    first, second = (Image.fromarray(frame) for frame in frames)
    first.save(moving, save_all=True, append_images=[second])
    with EmbeddingCache(tmp_path / "c") as cache:
        cold = embed_photos(FakeEncoder(), [*paths, moving], cache=cache)

        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("opened")

        monkeypatch.setattr("PIL.Image.open", refuse)
        warm = embed_photos(FakeEncoder(), [*paths, moving], cache=cache)
    assert warm.errors == (None,) * 4
    assert warm.files == cold.files
    assert [file is not None and file.animated for file in warm.files] == [False] * 3 + [True]


def test_a_photo_with_rules_of_its_own_is_embedded_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    Image.new("RGB", (48, 32), "red").save(path)
    encoder = FakeEncoder()
    digest = digest_of(path.read_bytes())
    with EmbeddingCache(tmp_path / "cache.sqlite") as cache:
        stale = np.eye(1, encoder.dim, dtype=np.float32)[0]
        cache.put(encoder.fingerprint, {digest: stale})
        first = embed_photos(encoder, [path], cache=cache).vectors
        again = embed_photos(encoder, [path], cache=cache).vectors
    assert not np.array_equal(first[0], stale)
    assert np.array_equal(first, again)
    assert np.array_equal(first, embed_photos(encoder, [path]).vectors)


def test_limits_hold_for_headers_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = photos_of(tmp_path, 1)
    with EmbeddingCache(tmp_path / "c") as cache:
        embed_photos(FakeEncoder(), paths, cache=cache)
        monkeypatch.setattr("imgfit.photos.size_limits.MAX_PIXELS", 100)
        (error,) = embed_photos(FakeEncoder(), paths, cache=cache).errors
    assert error is not None
    assert error.code == "PhotoTooLargeError"


# --- threads -------------------------------------------------------------------------------------


class Ahead(FakeEncoder):
    """Counts the photos prepared beyond its first batch while it encodes that batch."""

    def __init__(self, photo_size: int, expected: int) -> None:
        super().__init__()
        self.photo_size = photo_size
        self.ahead: int | None = None
        self._expected = expected
        self._prepared = 0
        self._lock = threading.Lock()

    def prepare(self, image: Image.Image) -> NDArray[np.float32]:
        with self._lock:
            self._prepared += 1
        return np.zeros((3, 8, 8), np.float32)

    def encode_photos(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.ahead is None:
            give_up = time.monotonic() + 10
            while self._prepared < len(pixels) + self._expected and time.monotonic() < give_up:
                time.sleep(0.01)
            time.sleep(0.1)  # into which more would come
            self.ahead = self._prepared - len(pixels)
        return super().encode_photos(pixels)


@pytest.mark.parametrize(
    ("photo_size", "decode_threads", "ahead"), [(8, 2, 64), (1000, 2, 5), (1000, 16, 16)]
)
def test_big_towers_look_less_far_ahead(
    tmp_path: Path, photo_size: int, decode_threads: int, ahead: int
) -> None:
    encoder = Ahead(photo_size, ahead)
    embed_photos(encoder, photos_of(tmp_path, 110), batch_size=32, decode_threads=decode_threads)
    assert encoder.ahead == ahead


_INTERRUPTED = """
import sys, time
from pathlib import Path
from imgfit import EmbeddingCache
from imgfit.embedding.photos import embed_photos
from tests.conftest import FakeEncoder

class Slow(FakeEncoder):
    def encode_photos(self, pixels):
        rows = super().encode_photos(pixels)
        if self.photos_encoded == 8:
            print("ready", flush=True)
        time.sleep(0.1 if self.photos_encoded <= 8 else 60)
        return rows

paths = sorted(Path(sys.argv[2]).glob("*.png"))
with EmbeddingCache(sys.argv[1]) as cache:
    embed_photos(Slow(), paths, cache=cache, batch_size=4)
"""


def test_an_interrupt_stops_soon_and_keeps_what_was_embedded(tmp_path: Path) -> None:
    paths = photos_of(tmp_path / "photos", 200)
    process = subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED, str(tmp_path / "c"), str(tmp_path / "photos")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)  # into the batch that takes a minute
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=30)
    assert time.monotonic() - started < 2
    assert "KeyboardInterrupt" in complaint
    encoder = FakeEncoder()
    with EmbeddingCache(tmp_path / "c") as cache:
        embed_photos(encoder, paths, cache=cache)
    assert encoder.photos_encoded == 200 - 8


def test_photos_are_read_and_decoded_within_their_limits(tmp_path: Path) -> None:
    # Each photo takes all there is, on eight threads, in both orders of waiting: none waits for
    # ever.
    limits = PhotoLimits(reading=1, decoding=1)
    photos = photos_of(tmp_path, 30)
    errors = embed_photos(FakeEncoder(), photos, decode_threads=8, limits=limits).errors
    assert errors == (None,) * 30
