"""Embeddings kept across runs: by content, by encoder, and never wrong."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imgfit import EmbeddingCache
from imgfit.cache import text_digest

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def rows(count: int, dim: int = 4) -> dict[str, NDArray[np.float32]]:
    return {f"{n:064x}": np.full(dim, n, np.float32) for n in range(count)}


def test_kept_across_reopening(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "deep/cache.sqlite") as cache:
        cache.put("f", rows(2500))
    with EmbeddingCache(tmp_path / "deep/cache.sqlite") as cache:
        assert len(cache) == 2500
        found = cache.get("f", [*rows(2500), "absent"], 4)
        assert found.keys() == rows(2500).keys()
        assert (found[f"{7:064x}"] == 7).all()


def test_another_encoder_or_length_is_absent(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "c") as cache:
        cache.put("f", rows(1))
        assert cache.get("g", list(rows(1)), 4) == {}
        assert cache.get("f", list(rows(1)), 5) == {}


def test_a_row_that_is_not_finite_is_absent(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "c") as cache:
        cache.put("f", {"a": np.array([np.nan, 1], np.float32)})
        assert cache.get("f", ["a"], 2) == {}


@pytest.mark.parametrize("damage", ["garbage", "newer"])
def test_a_file_that_cannot_be_used_is_set_aside(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "cache.sqlite"
    if damage == "garbage":
        path.write_bytes(b"no database " * 100)
    else:
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA user_version=99")
        database.close()
    with pytest.warns(UserWarning, match="set aside"):
        cache = EmbeddingCache(path)
    cache.put("f", rows(1))
    assert len(cache) == 1
    cache.close()
    assert (tmp_path / "cache.sqlite.broken").exists()


def test_threads_and_two_connections(tmp_path: Path) -> None:
    one, two = EmbeddingCache(tmp_path / "c"), EmbeddingCache(tmp_path / "c")
    parts = [dict(list(rows(400).items())[n::4]) for n in range(4)]
    threads = [
        threading.Thread(target=cache.put, args=("f", part))
        for cache, part in zip((one, two, one, two), parts, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(one) == len(two) == 400
    one.close()
    two.close()


def test_equal_bytes_as_text_and_photo_differ() -> None:
    assert text_digest("abc") != hashlib.sha256(b"abc").hexdigest()
    assert text_digest("abc") != text_digest("abd")
    assert len(text_digest("\ud800")) == 64
