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
from imgfit.embedding import photos as embedding
from imgfit.embedding.photos import embed_captions, embed_photos, embed_texts
from imgfit.errors import (
    EncoderFailedError,
    PhotoFailedError,
    PhotoMissingError,
    PhotoUnreadableError,
)
from imgfit.photos.ahead import ByteBudget, map_ahead
from tests.conftest import FakeEncoder, photos_of, save_photo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit.photos.sources import PhotoSource


@pytest.mark.parametrize("batch_size", [1, 3, 8, 64])
@pytest.mark.parametrize("workers", [1, 4])
def test_rows_do_not_depend_on_batch_or_workers(
    tmp_path: Path, batch_size: int, workers: int
) -> None:
    paths = photos_of(tmp_path, 11)
    alone = np.concatenate([embed_photos(FakeEncoder(), [path]).vectors for path in paths])
    together = embed_photos(FakeEncoder(), paths, batch_size=batch_size, workers=workers)
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

    embed_photos(Watching(), paths, batch_size=4, workers=4)
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

    embed_photos(Watching(), photos_of(tmp_path, 60), batch_size=2, workers=2)
    assert max(most) <= 2 + 2 * 2


def test_an_error_that_is_kept_keeps_nothing_alive(tmp_path: Path) -> None:
    class Failing(FakeEncoder):
        def prepare(self, image: Image.Image) -> NDArray[np.float32]:
            raise RuntimeError("no such luck")

    good = photos_of(tmp_path, 1)[0]
    sources: list[PhotoSource] = [tmp_path / "missing.jpg", good.read_bytes()[:60], good]

    def loops() -> int:
        return sum(type(found) is embedding._PhotoLoop for found in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = loops()
        errors = embed_photos(Failing(), sources, workers=1).errors
        # Each error's calls held the loop, the loop its batch and the errors.
        assert loops() == before
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


def test_texts_keep_their_order_and_are_encoded_once(tmp_path: Path) -> None:
    texts = ["mobil merah di jalan", "biru", "mobil merah di jalan", "hijau sekali"]
    encoder = FakeEncoder()
    with EmbeddingCache(tmp_path / "cache.sqlite") as cache:
        rows = embed_texts(encoder, texts, cache=cache, batch_size=2)
        assert sorted(encoder.texts_encoded) == sorted(set(texts))
        assert rows == pytest.approx(FakeEncoder().encode_texts(texts))
        warm = FakeEncoder()
        assert (embed_texts(warm, [*texts, "baru"], cache=cache)[:-1] == rows).all()
        assert warm.texts_encoded == ["baru"]


def test_captions_are_pooled_from_their_own_windows() -> None:
    encoder = FakeEncoder()
    captions = [["merah"], ["biru", "hijau", "merah sekali"], ["hijau"]]
    result = embed_captions(encoder, captions)
    assert result.owner.tolist() == [0, 1, 1, 1, 2]
    assert result.texts == ("merah", "biru", "hijau", "merah sekali", "hijau")
    rows = (encoder.encode_texts(captions[1]) * np.array([[1], [0.45], [0.2025]])).sum(axis=0)
    assert result.pooled[1] == pytest.approx(rows / np.linalg.norm(rows), abs=1e-6)
    assert result.pooled[[0, 2]] == pytest.approx(result.windows[[0, 4]], abs=1e-6)


def test_nothing_in_nothing_out() -> None:
    assert embed_photos(FakeEncoder(), []).vectors.shape == (0, 16)
    assert embed_texts(FakeEncoder(), []).shape == (0, 16)
    assert embed_captions(FakeEncoder(), []).pooled.shape == (0, 16)


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


def test_what_a_thread_raises_surfaces_at_its_place_and_ends_the_threads() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise TimeoutError("its own")
        return number

    done: list[int] = []
    stopped = threading.Event()
    with pytest.raises(TimeoutError, match="its own"):
        done.extend(map_ahead(work, range(9), workers=2, ahead=4, stopped=stopped))
    assert stopped.is_set()
    assert not [t for t in threading.enumerate() if t.name.startswith("imgfit-photo")]


def test_a_slow_item_is_waited_for_and_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imgfit.photos.ahead._WAIT_SECONDS", 0.01)

    def work(number: int) -> int:
        time.sleep(0.05 if number == 1 else 0)
        return number

    results = map_ahead(work, range(5), workers=3, ahead=4, stopped=threading.Event())
    assert list(results) == [0, 1, 2, 3, 4]


def test_room_bounds_what_is_held_and_lets_the_largest_through_alone() -> None:
    room = ByteBudget(10)
    held: list[int] = []
    most: list[int] = []
    lock = threading.Lock()

    def hold(size: int) -> None:
        with room.take(size):
            with lock:
                held.append(size)
                most.append(sum(min(size, 10) for size in held))
            time.sleep(0.005)
            with lock:
                held.remove(size)

    threads = [threading.Thread(target=hold, args=(size,)) for size in [4, 6, 25, 3, 3, 3, 10, 1]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert len(most) == 8
    assert max(most) <= 10


def test_big_towers_look_less_far_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    usual = map_ahead

    def watching(*arguments: object, ahead: int, **more: object) -> object:
        seen.append(ahead)
        return usual(*arguments, ahead=ahead, **more)  # type: ignore[arg-type]

    class Big(FakeEncoder):
        photo_size = 1000

    monkeypatch.setattr(embedding, "map_ahead", watching)
    paths = photos_of(tmp_path, 1)
    embed_photos(FakeEncoder(), paths, batch_size=32, workers=2)
    embed_photos(Big(), paths, batch_size=32, workers=2)
    embed_photos(Big(), paths, batch_size=32, workers=16)
    assert seen == [64, 5, 16]


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


def test_photos_are_read_and_decoded_within_their_rooms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each takes a room whole, on eight threads, in both orders of waiting: none waits for ever.
    monkeypatch.setattr("imgfit.embedding.photos.READING_BYTES", 1)
    monkeypatch.setattr("imgfit.embedding.photos.DECODING_BYTES", 1)
    errors = embed_photos(FakeEncoder(), photos_of(tmp_path, 30), workers=8).errors
    assert errors == (None,) * 30
