"""The hot loop: order, survivors, what is embedded and what is not."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imgfit.cache import EmbeddingCache
from imgfit.embedding import embed_captions, embed_photos, embed_texts
from imgfit.errors import EncoderFailedError, PhotoMissingError, PhotoUnreadableError
from tests.conftest import FakeEncoder, photos_of, save_photo

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


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
