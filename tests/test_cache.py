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
from imgfit.errors import CacheError

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
        cache.put("f", {"a": np.array([np.inf, 1], np.float32)})
        assert cache.get("f", ["a"], 2) == {}
        cache.put("f", {"a": np.array([0, 1], np.float32)})
        assert cache.get("f", ["a"], 2)["a"].tolist() == [0, 1]


@pytest.mark.parametrize("damage", ["garbage", "header", "newer"])
def test_a_file_that_cannot_be_used_is_set_aside(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "cache.sqlite"
    if damage == "garbage":
        path.write_bytes(b"no database " * 100)
    elif damage == "header":
        with EmbeddingCache(path) as whole:
            whole.put("f", rows(1))
        path.write_bytes(b"?" + path.read_bytes()[1:])
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


def test_a_file_damaged_in_its_middle_is_set_aside_when_met(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    with EmbeddingCache(path) as cache:
        cache.put("f", rows(2500))
    data = bytearray(path.read_bytes())
    data[65536:] = b"\xa5" * (len(data) - 65536)
    path.write_bytes(data)
    with EmbeddingCache(path) as cache:  # its first pages are whole
        with pytest.warns(UserWarning, match="set aside"):
            assert cache.get("f", list(rows(2500)), 4) == {}
        cache.put("f", rows(3))
        assert cache.get("f", list(rows(3)), 4).keys() == rows(3).keys()
        assert len(cache) == 3
    assert (tmp_path / "cache.sqlite.broken").read_bytes()[65536:] == data[65536:]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_file_costs_rows_only(tmp_path: Path, share: float) -> None:
    path = tmp_path / "cache.sqlite"
    with EmbeddingCache(path) as cache:
        cache.put("f", rows(2500))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.warns(UserWarning, match="set aside"):
        cache = EmbeddingCache(path)
    assert cache.get("f", list(rows(2500)), 4) == {}
    cache.put("f", rows(2500))
    assert len(cache.get("f", list(rows(2500)), 4)) == 2500
    cache.close()


def test_a_second_broken_file_takes_the_place_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "c"
    for junk in (b"one" * 500, b"two" * 500):
        path.write_bytes(junk)
        with pytest.warns(UserWarning, match="set aside"):
            EmbeddingCache(path).close()
        assert (tmp_path / "c.broken").read_bytes() == junk


def test_a_folder_is_no_cache_and_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/a.jpg").touch()
    with pytest.raises(CacheError, match="cache"):
        EmbeddingCache(tmp_path / "photos")
    with pytest.raises(CacheError, match="cache"):
        EmbeddingCache(tmp_path / "photos/a.jpg/c")
    assert [p.name for p in tmp_path.iterdir()] == ["photos"]
    assert (tmp_path / "photos/a.jpg").is_file()


def test_a_closed_cache_is_no_broken_one(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "c")
    cache.put("f", rows(1))
    cache.close()
    with pytest.raises(sqlite3.ProgrammingError):
        cache.get("f", list(rows(1)), 4)
    assert [p.name for p in tmp_path.iterdir()] == ["c"]


def test_a_row_is_replaced_and_others_stay(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "c") as cache:
        cache.put("f", rows(2))
        cache.put("f", {f"{0:064x}": np.full(4, 9, np.float64)})
        cache.put("g", rows(1))
        found = cache.get("f", [f"{0:064x}", f"{0:064x}", f"{1:064x}"], 4)
        assert {key: row.tolist() for key, row in found.items()} == {
            f"{0:064x}": [9.0] * 4, f"{1:064x}": [1.0] * 4,
        }  # fmt: skip
        assert cache.get("g", [f"{0:064x}"], 4)[f"{0:064x}"].tolist() == [0.0] * 4
        assert found[f"{0:064x}"].dtype == np.float32
        assert len(cache) == 3


def test_nothing_asked_and_nothing_given(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "c") as cache:
        cache.put("f", {})
        assert cache.get("f", [], 4) == {}
        assert len(cache) == 0


def test_one_connection_sees_what_the_other_wrote(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "c") as one, EmbeddingCache(tmp_path / "c") as two:
        one.put("f", rows(3))
        assert two.get("f", list(rows(3)), 4).keys() == rows(3).keys()


def test_reading_while_writing(tmp_path: Path) -> None:
    wrong: list[str] = []

    def read(cache: EmbeddingCache) -> None:
        for _ in range(30):
            found = cache.get("f", list(rows(200)), 4)
            wrong.extend(d for d, row in found.items() if (row != rows(200)[d]).any())

    with EmbeddingCache(tmp_path / "c") as one, EmbeddingCache(tmp_path / "c") as two:
        threads = [threading.Thread(target=read, args=(cache,)) for cache in (one, two)]
        for thread in threads:
            thread.start()
        for digest, row in rows(200).items():
            one.put("f", {digest: row})
        for thread in threads:
            thread.join()
        assert wrong == []
        assert len(two.get("f", list(rows(200)), 4)) == 200


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
    assert text_digest("abc") == hashlib.sha256(b"text\0abc").hexdigest()
    assert text_digest("abc") != hashlib.sha256(b"abc").hexdigest()
    assert text_digest("abc") != text_digest("abd")
    assert len(text_digest("\ud800")) == 64
