"""Embeddings kept across runs: by content, by encoder, and never wrong."""

from __future__ import annotations

import gc
import hashlib
import random
import sqlite3
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from imgfit import EmbeddingCache
from imgfit.cache import store
from imgfit.cache.embeddings import as_vector, open_cache, text_digest
from imgfit.embedding.photos import embed_photos
from imgfit.errors import ArgumentError, CacheError, CacheWarning
from tests.conftest import FakeEncoder, photos_of

if TYPE_CHECKING:
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
            database.execute(f"PRAGMA application_id={store.APPLICATION}")
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
    expected = rows(200)

    def read(cache: EmbeddingCache) -> None:
        for _ in range(30):
            found = cache.get("f", list(rows(200)), 4)
            wrong.extend(d for d, row in found.items() if (row != expected[d]).any())

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


# --- damage that SQLite does not see -------------------------------------------------------------


def test_a_vector_changed_on_disk_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with EmbeddingCache(path) as cache:
        cache.put("f", rows(3, 64))
    data = bytearray(path.read_bytes())
    at = data.index(np.full(64, 2, "<f4").tobytes())
    data[at] ^= 1  # still a finite number
    path.write_bytes(data)
    with EmbeddingCache(path) as cache:
        with pytest.warns(CacheWarning, match="checksum is wrong.*set aside"):
            assert cache.get("f", list(rows(3)), 64) == {}
        cache.put("f", rows(3, 64))
        assert len(cache.get("f", list(rows(3)), 64)) == 3


@pytest.mark.parametrize("seed", range(6))
def test_results_do_not_depend_on_a_damaged_file(tmp_path: Path, seed: int) -> None:
    """Whatever page is overwritten, rows are right or absent."""
    generator = random.Random(seed)  # noqa: S311 - a seed of a test
    path = tmp_path / "c.sqlite"
    paths = photos_of(tmp_path, 40)
    plain = embed_photos(FakeEncoder(), paths)
    with EmbeddingCache(path) as cache:
        embed_photos(FakeEncoder(), paths, cache=cache)
    data = bytearray(path.read_bytes())
    for _ in range(3):
        at = generator.randrange(len(data))
        data[at : at + 400] = generator.randbytes(len(data[at : at + 400]))
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CacheWarning)
        for _ in range(2):
            with EmbeddingCache(path) as cache:
                result = embed_photos(FakeEncoder(), paths, cache=cache)
            assert (result.vectors == plain.vectors).all()
            assert result.files == plain.files
            assert result.errors == plain.errors


def test_a_journal_left_behind_is_not_replayed_into_the_new_file(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "old")
    old.execute("PRAGMA journal_mode=WAL")
    with old:
        old.execute("CREATE TABLE t (x)")
        old.execute(f"PRAGMA application_id={store.APPLICATION}")
        old.execute("PRAGMA user_version=99")
    path = tmp_path / "c"
    for suffix in ("", "-wal"):
        Path(f"{path}{suffix}").write_bytes(Path(f"{tmp_path / 'old'}{suffix}").read_bytes())
    old.close()
    with pytest.warns(CacheWarning, match="schema version 99.*set aside"):
        cache = EmbeddingCache(path)
    cache.put("f", rows(3))
    cache.close()
    with EmbeddingCache(path) as cache:
        assert len(cache.get("f", list(rows(3)), 4)) == 3


def test_a_cache_that_nobody_closed_is_closed_with_its_last_user(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "c")
    cache.put("f", rows(2))
    journal = tmp_path / "c-wal"
    assert journal.exists()
    circle = [cache]  # as a notebook may hold it
    circle.append(circle)  # type: ignore[arg-type]
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        del cache, circle
        gc.collect()
    assert complaints == []
    assert not journal.exists()  # SQLite removes it with the last connection
    with EmbeddingCache(tmp_path / "c") as again:
        assert len(again.get("f", list(rows(2)), 4)) == 2


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "c"
    database = sqlite3.connect(path)
    with database:
        database.execute("CREATE TABLE embeddings (x)")
    database.close()
    before = path.read_bytes()
    with pytest.raises(CacheError, match="another program"):
        EmbeddingCache(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["c"]


def test_another_process_set_the_file_aside_first(tmp_path: Path) -> None:
    """Two that meet the damage do not set each other's new file aside."""
    path = tmp_path / "c"
    with EmbeddingCache(path) as cache:
        cache.put("f", rows(3, 64))
    data = bytearray(path.read_bytes())
    data[data.index(np.full(64, 2, "<f4").tobytes())] ^= 1
    path.write_bytes(data)
    one, two = EmbeddingCache(path), EmbeddingCache(path)
    with pytest.warns(CacheWarning, match="set aside"):
        one.get("f", list(rows(3)), 64)
    one.put("f", rows(5, 64))
    with pytest.warns(CacheWarning, match="set aside"):
        two.get("f", list(rows(3)), 64)
    assert len(two.get("f", list(rows(5)), 64)) == 5
    one.close()
    two.close()


# --- files that fail in use ----------------------------------------------------------------------


def test_a_file_locked_for_too_long_is_done_without(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with EmbeddingCache(path, patience_seconds=0.1) as cache:
        cache.put("f", rows(2))
        stuck = sqlite3.connect(path, isolation_level=None)
        stuck.execute("BEGIN IMMEDIATE")
        assert len(cache.get("f", list(rows(2)), 4)) == 2  # readers never wait
        with pytest.warns(CacheWarning, match="locked.*going on without it"):
            cache.put("f", rows(3))
        cache.put("f", rows(3))
        assert cache.get("f", list(rows(3)), 4) == {}
        assert len(cache) == 0
        cache.clear()
        stuck.close()
    with EmbeddingCache(path) as cache:
        assert len(cache) == 2


class Interrupted(sqlite3.Connection):
    """Is interrupted right after a transaction has begun, or right before it ends."""

    moment = ""

    def execute(self, statement: str, *rest: Any) -> sqlite3.Cursor:
        if self.moment == statement == "COMMIT":
            raise KeyboardInterrupt
        done = super().execute(statement, *rest)
        if self.moment == statement:
            raise KeyboardInterrupt
        return done


@pytest.mark.parametrize("moment", ["BEGIN IMMEDIATE", "COMMIT"])
def test_an_interrupt_leaves_no_transaction_open(tmp_path: Path, moment: str) -> None:
    database = sqlite3.connect(tmp_path / "d", factory=Interrupted, isolation_level=None)
    database.execute("CREATE TABLE t (x)")
    database.moment = moment
    with pytest.raises(KeyboardInterrupt), store.transaction(database):
        database.execute("INSERT INTO t VALUES (1)")
    assert not database.in_transaction
    assert database.execute("SELECT count(*) FROM t").fetchone() == (0,)
    database.close()


def test_a_file_that_cannot_be_created_is_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CacheError, match="--no-cache") as caught:
        EmbeddingCache(tmp_path / "file" / "c")
    assert "tidak dapat dipakai" in caught.value.say("id")


def test_causes_are_said_in_both_languages(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "c")
    with database:
        database.execute("CREATE TABLE embeddings (x)")
    database.close()
    with pytest.raises(CacheError) as caught:
        EmbeddingCache(tmp_path / "c")
    assert "(a database of another program)" in caught.value.say("en")
    assert "(basis data milik program lain)" in caught.value.say("id")


def test_a_read_only_file_is_a_named_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c"
    EmbeddingCache(path).close()
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write whatever its mode says
    with pytest.raises(CacheError, match="read-only"):
        EmbeddingCache(path)
    assert path.exists()
    assert not Path(f"{path}.broken").exists()


# --- what ``cache=`` may be ------------------------------------------------------------------------


def test_a_cache_is_opened_by_its_path_and_passed_on_when_open(tmp_path: Path) -> None:
    assert open_cache(None) is None
    with EmbeddingCache(tmp_path / "c") as cache:
        assert open_cache(cache) is cache
    for value in (tmp_path / "d", str(tmp_path / "e")):
        opened = open_cache(value)
        assert opened is not None
        assert opened.path == Path(value)
        opened.close()


def test_the_users_own_cache_is_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / name)
    cache = open_cache("user")
    assert cache is not None
    assert cache.path == tmp_path / "imgfit" / "embeddings.sqlite"
    cache.close()


@pytest.mark.parametrize("value", [3, True, b"c", ["c"]])
def test_a_cache_of_another_type_is_refused(value: Any) -> None:
    with pytest.raises(ArgumentError, match=f"cache is of type {type(value).__name__}"):
        open_cache(value)


# --- bounded -------------------------------------------------------------------------------------


def test_the_rows_longest_unused_are_evicted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = iter(range(1000))
    today = 0
    monkeypatch.setattr("time.time", lambda: today * 86_400.0)
    path = tmp_path / "c"
    keys = [f"{n:064x}" for n in range(1200)]
    with EmbeddingCache(path, max_bytes=1_000_000) as cache:
        for start in range(0, 1200, 100):
            today = next(days)
            cache.put("f", {key: np.ones(256, np.float32) for key in keys[start : start + 100]})
            assert cache.get("f", keys[:1], 256)  # used every day
        size = cache.info().size
        kept = cache.get("f", keys, 256)
    assert path.stat().st_size <= 1_000_000 < 1200 * 1024
    assert size <= 1_000_000 + 4_200_000  # with a journal of at most a thousand pages
    assert keys[0] in kept
    assert keys[1] not in kept
    assert set(keys[-400:]) <= kept.keys()
    assert len(kept) > 500


def test_a_bound_under_a_megabyte_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="max_bytes"):
        EmbeddingCache(tmp_path / "c", max_bytes=10)
    for path, size in [(3, 10**6), (b"c", 10**6), (tmp_path / "c", "1 GB"), (tmp_path / "c", 1e6)]:
        with pytest.raises(ArgumentError, match="of type"):
            EmbeddingCache(path, max_bytes=size)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_info_and_clear(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with EmbeddingCache(path) as cache:
        cache.put("f", rows(800, 256))
        cache.put_bytes({"g": {"k": b"value"}})
        info = cache.info()
        assert (info.path, info.rows) == (path, {"f": 800, "g": 1})
        assert info.size > 800 * 1024
        cache.clear()
        assert cache.info().rows == {}
        assert cache.info().size < 100_000
        cache.put("f", rows(2))
        assert len(cache) == 2


def test_several_kinds_are_kept_under_one_digest(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "c") as cache:
        cache.put_bytes({"a": {"k": b"1", "other": b"2"}, "b": {"k": b""}})
        assert cache.get_across(["a", "b", "c"], "k") == {"a": b"1", "b": b""}
        assert cache.get_bytes("a", ["k", "other", "absent"]) == {"k": b"1", "other": b"2"}
    assert as_vector(b"123", 1) is None


# --- processes -----------------------------------------------------------------------------------

_WRITER = """
import sys
import numpy as np
from imgfit import EmbeddingCache
path, start, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
keys = [f"{n:064x}" for n in range(start, start + count)]
print("ready", flush=True)
sys.stdin.readline()
with EmbeddingCache(path) as cache:
    for key in keys:
        cache.put("f", {key: np.full(8, int(key, 16), np.float32)})
        found = cache.get("f", keys, 8)
        assert key in found
        assert all((row == int(k, 16)).all() for k, row in found.items())
"""


def started(code: str, *arguments: object) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()
    return process


def test_two_processes_read_and_write_one_file(tmp_path: Path) -> None:
    """They create the file at once, and write rows that partly are the same."""
    path = tmp_path / "c"
    processes = [started(_WRITER, path, start, 150) for start in (0, 75)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint
    with EmbeddingCache(path) as cache:
        found = cache.get("f", [f"{n:064x}" for n in range(225)], 8)
        assert all((row == int(key, 16)).all() for key, row in found.items())
        assert len(found) == len(cache) == 225


_RUN = """
import sys, time
from pathlib import Path
from imgfit import EmbeddingCache
from imgfit.embedding.photos import embed_photos
from tests.conftest import FakeEncoder

class Slow(FakeEncoder):
    def encode_photos(self, pixels):
        time.sleep(0.01)
        return super().encode_photos(pixels)

paths = sorted(Path(sys.argv[2]).glob("*.png"))
print("ready", flush=True)
with EmbeddingCache(sys.argv[1]) as cache:
    embed_photos(Slow(), paths, cache=cache, batch_size=2)
"""


def test_a_run_that_is_killed_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "c"
    paths = photos_of(tmp_path / "photos", 120)
    plain = embed_photos(FakeEncoder(), paths)
    generator = random.Random(0)  # noqa: S311 - a seed of a test
    kept: list[int] = []
    for _ in range(4):
        process = started(_RUN, path, tmp_path / "photos")
        time.sleep(generator.uniform(0.05, 0.3))
        process.kill()
        process.communicate()
        with EmbeddingCache(path) as cache:
            kept.append(cache.info().rows.get("fake-1", 0))
    assert kept == sorted(kept)
    assert kept[-1] > 0
    encoder = FakeEncoder()
    with EmbeddingCache(path) as cache:
        result = embed_photos(encoder, paths, cache=cache)
    assert encoder.photos_encoded == 120 - kept[-1]
    assert (result.vectors == plain.vectors).all()
