"""Caches of many workers put into one, and caches on network drives refused."""

from __future__ import annotations

import sqlite3
import warnings
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from imgfit.cache import embeddings as cache_module, store
from imgfit.cache.embeddings import EmbeddingCache
from imgfit.cache.merging import Merged, merge_caches
from imgfit.cache.network_drives import network_filesystem
from imgfit.checker import Checker
from imgfit.errors import ArgumentError, CacheError, CacheNetworkError
from tests.conftest import FakeEncoder, fake_calibration, fake_cohort, own_drafts

if TYPE_CHECKING:
    from pathlib import Path


def filled(path: Path, rows: dict[str, float], space: str = "fake-1") -> Path:
    with EmbeddingCache(path) as cache:
        cache.put(space, {key: np.full(4, value, np.float32) for key, value in rows.items()})
    return path


def test_rows_of_all_are_there_and_counted(tmp_path: Path) -> None:
    out = filled(tmp_path / "out.sqlite", {"a": 1})
    one = filled(tmp_path / "1.sqlite", {"a": 1, "b": 2})
    two = filled(tmp_path / "2.sqlite", {"b": 3, "c": 4})
    filled(two, {"a": 9}, space="other")
    before = [path.read_bytes() for path in (one, two)]
    assert merge_caches(out, [one, two]) == Merged(added=3, equal=1, differing=1)
    assert [path.read_bytes() for path in (one, two)] == before
    with EmbeddingCache(out) as cache:
        found = cache.get("fake-1", ["a", "b", "c"], 4)
        assert {key: float(row[0]) for key, row in found.items()} == {"a": 1, "b": 2, "c": 4}
        assert cache.info().rows == {"fake-1": 3, "other": 1}
    assert merge_caches(out, [one, two]) == Merged(added=0, equal=4, differing=1)


def test_a_merged_cache_serves_both_halves_of_a_run(tmp_path: Path) -> None:
    drafts = own_drafts(tmp_path, 8)
    for part in range(2):
        encoder = FakeEncoder()
        cohort = fake_cohort(encoder)
        with EmbeddingCache(tmp_path / f"worker-{part}.sqlite") as cache:
            worker = Checker(encoder, fake_calibration(encoder, cohort), cohort, cache=cache)
            worker.check_drafts(drafts[part::2], alone=True)
    merge_caches(tmp_path / "all.sqlite", tmp_path.glob("worker-*.sqlite"))
    encoder = FakeEncoder()
    cohort = fake_cohort(encoder)
    encoder.photos_encoded = 0
    encoder.texts_encoded.clear()
    with EmbeddingCache(tmp_path / "all.sqlite") as cache:
        checker = Checker(encoder, fake_calibration(encoder, cohort), cohort, cache=cache)
        known = checker.check_drafts(drafts, alone=True)
    assert (encoder.photos_encoded, encoder.texts_encoded) == (0, [])
    fresh = Checker(encoder, fake_calibration(encoder, cohort), cohort).check_drafts(
        drafts, alone=True
    )
    assert [score.row() for score in known] == [score.row() for score in fresh]


def test_what_a_killed_worker_left_in_its_journal_is_read(tmp_path: Path) -> None:
    path = tmp_path / "1.sqlite"
    cache = EmbeddingCache(path)
    cache.put("fake-1", {"a": np.ones(4, np.float32)})
    assert (tmp_path / "1.sqlite-wal").stat().st_size > 0
    assert merge_caches(tmp_path / "out.sqlite", [path]).added == 1
    cache.close()


def test_a_damaged_row_is_left_out(tmp_path: Path) -> None:
    path = filled(tmp_path / "1.sqlite", {"a": 1, "b": 2, "c": 3})
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE entries SET value = x'00' WHERE key = 'a'")
        database.execute("UPDATE entries SET value = 'text' WHERE key = 'b'")
        database.commit()
    assert merge_caches(tmp_path / "out.sqlite", [path]) == Merged(added=1, damaged=2)


@pytest.mark.parametrize("kind", ["missing", "no cache", "other program", "other version", "cut"])
def test_what_is_no_cache_is_refused_and_nothing_is_written(tmp_path: Path, kind: str) -> None:
    good = filled(tmp_path / "good.sqlite", {"a": 1})
    bad = tmp_path / "bad.sqlite"
    if kind == "no cache":
        bad.write_bytes(b"no database at all" * 100)
    elif kind == "cut":
        filled(bad, {str(n): n for n in range(500)})
        bad.write_bytes(bad.read_bytes()[:40_000])
    elif kind != "missing":
        with closing(sqlite3.connect(bad)) as database:
            database.execute("CREATE TABLE entries (x)")
            if kind == "other version":
                database.execute(f"PRAGMA application_id={store.APPLICATION}")
                database.execute(f"PRAGMA user_version={store.SCHEMA_VERSION + 1}")
            database.commit()
    out = filled(tmp_path / "out.sqlite", {"z": 1})
    with pytest.raises(CacheError, match=r"bad\.sqlite"):
        merge_caches(out, [good, bad])
    with EmbeddingCache(out) as cache:
        assert cache.info().rows == {"fake-1": 1}


def test_arguments_that_make_no_sense(tmp_path: Path) -> None:
    path = filled(tmp_path / "1.sqlite", {"a": 1})
    with pytest.raises(ArgumentError, match="other caches"):
        merge_caches(path, [tmp_path / "x" / ".." / "1.sqlite"])
    with pytest.raises(ArgumentError, match="at least one"):
        merge_caches(path, [])
    wrong: list[tuple[Any, Any, str]] = [
        (3, [path], "out is of type int"), (path, str(path), "sources is of type str"),
        (path, [b"c"], "sources is of type bytes"), (path, None, "sources is of type NoneType"),
    ]  # fmt: skip
    for out, sources, says in wrong:
        with pytest.raises(ArgumentError, match=says):
            merge_caches(out, sources)


# --- network drives --------------------------------------------------------------------------

MOUNTS = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:5 / /proc rw - proc proc rw
40 22 0:50 / /mnt/kantor rw,relatime shared:9 - nfs4 server:/ekspor rw,vers=4.2
41 40 0:51 / /mnt/kantor/lokal rw - xfs /dev/sdb1 rw
42 22 0:52 / /mnt/dua\040kata rw - fuse.sshfs user@host:/ rw
43 22 0:53 / /mnt/wadah rw - overlay overlay rw
44 22 0:54 / /mnt/kotak rw - 9p none rw
45 22 0:55 / /mnt/usb rw - fuseblk /dev/sdc1 rw
46 22 0:56 / /mnt/kantorku rw - ext4 /dev/sdd1 rw
47 22 0:57 / /mnt/lapis rw - ext4 /dev/sde1 rw
48 47 0:58 / /mnt/lapis rw - cifs //server/share rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/mnt/kantor/cache.sqlite", "nfs4"),
        ("/mnt/kantor/a/b/../c.sqlite", "nfs4"),
        ("/mnt/kantor/lokal/c.sqlite", None),
        ("/mnt/kantorku/c.sqlite", None),
        ("/mnt/dua kata/c.sqlite", "fuse.sshfs"),
        ("/mnt/wadah/c.sqlite", None),
        ("/mnt/kotak/c.sqlite", None),
        ("/mnt/usb/c.sqlite", None),
        ("/mnt/lapis/c.sqlite", "cifs"),
        ("/home/a/c.sqlite", None),
    ],
)
def test_network_drives_are_known(tmp_path: Path, path: str, kind: str | None) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS)
    assert network_filesystem(type(tmp_path)(path), tmp_path / "mountinfo") == kind


def test_where_the_system_says_nothing_nothing_is_refused(tmp_path: Path) -> None:
    assert network_filesystem(tmp_path, tmp_path / "no such list") is None
    assert network_filesystem(tmp_path) is None  # the disk that tests run on


def test_a_link_to_a_network_drive_is_one(tmp_path: Path) -> None:
    (tmp_path / "jauh").mkdir()
    (tmp_path / "dekat").symlink_to(tmp_path / "jauh")
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 8:1 / / rw - ext4 a rw\n2 1 0:9 / {tmp_path}/jauh rw - nfs s:/ rw\n")
    assert network_filesystem(tmp_path / "dekat" / "c.sqlite", mounts) == "nfs"


def test_a_cache_there_is_refused_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "network_filesystem", lambda _: "nfs4")
    path = tmp_path / "c.sqlite"
    with pytest.raises(CacheNetworkError, match=r"network drive \(nfs4\)"):
        EmbeddingCache(path)
    assert not path.exists()
    with warnings.catch_warnings(), EmbeddingCache(path, on_network=True) as cache:
        cache.put("fake-1", {"a": np.ones(4, np.float32)})
        assert len(cache) == 1
