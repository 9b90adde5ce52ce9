"""Addresses: manifests and photos behind fsspec, and what a stranger's manifest may not reach."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import fsspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from imgfit.drafts.reading import read_drafts
from imgfit.errors import (
    ArgumentError,
    DraftsMissingError,
    ManifestUnreadableError,
    PackageMissingError,
)
from imgfit.files.bounded import OversizeError
from imgfit.files.remote import RemoteFile, place_of
from imgfit.photos import size_limits
from imgfit.photos.reading import bytes_to_read
from tests.conftest import save_photo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgfit.checker import Checker


@pytest.fixture
def store(tmp_path: Path) -> Iterator[fsspec.AbstractFileSystem]:
    """Lend fsspec's memory with a photo and manifests in it; empty again at the end."""
    memory = fsspec.filesystem("memory")
    red = save_photo(tmp_path / "a.png").read_bytes()
    memory.pipe("/arsip/foto/a.png", red)
    memory.pipe("/rahasia/b.png", red)
    memory.pipe("/arsip/m.csv", b"foto;keterangan\nfoto/a.png;Mobil merah\n")
    memory.pipe("/arsip/m.jsonl", b'{"photo": "foto/a.png", "caption": "Mobil merah"}\n')
    with memory.open("/arsip/m.parquet", "wb") as file:
        table = pa.table({"photo": ["foto/a.png"], "caption": ["Mobil merah"]})
        parquet.write_table(table, file)
    yield memory
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_manifest_behind_an_address_scores_as_one_on_disk(
    store: fsspec.AbstractFileSystem, checker: Checker, tmp_path: Path, suffix: str
) -> None:
    for name in store.find("/arsip"):
        path = tmp_path / "lokal" / name.removeprefix("/arsip/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.cat_file(name))
    (there,) = checker.check_drafts(read_drafts(f"memory://arsip/m.{suffix}"))
    (here,) = checker.check_drafts(read_drafts(tmp_path / "lokal" / f"m.{suffix}"))
    assert there.error is None
    assert there.row() == {**here.row(), "photo": "memory://arsip/foto/a.png"}


def test_the_root_may_be_elsewhere(
    store: fsspec.AbstractFileSystem, checker: Checker, tmp_path: Path
) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text("photo,caption\nb.png,Mobil merah\nmemory://rahasia/b.png,Mobil merah\n")
    batch = checker.check_drafts(read_drafts(manifest, root="memory://rahasia/"))
    assert [score.error for score in batch] == [None, None]
    (score,) = checker.check_drafts(read_drafts("memory://arsip/m.csv", root=tmp_path))
    assert score.error is not None
    assert score.error.code == "PhotoMissingError"


def test_one_photo_with_its_caption(store: fsspec.AbstractFileSystem, checker: Checker) -> None:
    (draft,) = read_drafts("memory://arsip/foto/a.png", caption="Mobil merah")
    assert checker.check_drafts([draft])[0].verdict == "speaks"


@pytest.mark.parametrize(
    "name",
    [
        "../rahasia/b.png",
        "foto/../../rahasia/b.png",
        "..\\rahasia\\b.png",
        "/rahasia/b.png",
        "memory://rahasia/b.png",
        "memory://arsip/../rahasia/b.png",
        "memory://arsipan/b.png",
        "MEMORY://rahasia/b.png",
        "file:///etc/passwd",
        "http://169.254.169.254/latest",
        "simplecache::memory://rahasia/b.png",
        "..",
        ".",
    ],
)
def test_a_manifest_reaches_nothing_but_its_folder(
    store: fsspec.AbstractFileSystem, checker: Checker, name: str
) -> None:
    store.pipe("/arsip/x.jsonl", b'{"photo": %s, "caption": "x"}' % pa_json(name))
    (score,) = checker.check_drafts(read_drafts("memory://arsip/x.jsonl"))
    assert score.error is not None
    assert score.error.code in ("PhotoOutsideError", "PhotoMissingError")
    assert score.fit is None


def pa_json(text: str) -> bytes:
    return f'"{text}"'.replace("\\", "\\\\").encode()


@pytest.mark.parametrize(
    "name", ["memory://rahasia/b.png", "s3://bucket/x.png", "file:///etc/passwd"]
)
def test_a_manifest_on_disk_reaches_no_address(tmp_path: Path, name: str) -> None:
    (tmp_path / "m.csv").write_text(f"photo,caption\n{name},x\n")
    (draft,) = read_drafts(tmp_path / "m.csv")
    # A name like any other, of a file in the manifest's folder.
    assert str(draft.photo).startswith(str(tmp_path))


@pytest.mark.parametrize(
    "address",
    ["http://host/m.csv", "https://host/m.csv", "ftp://h/m.csv", "zip://m.csv::memory://a.zip",
     "memory://../m.csv", "memory://"],
)  # fmt: skip
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(ArgumentError, match="s3, s3a, gs"):
        read_drafts(address)


@pytest.mark.parametrize("address", ["file://host/m.csv", "file://m.csv", "local://", "file://"])
def test_an_address_of_this_machine_is_a_whole_path(address: str) -> None:
    with pytest.raises(ArgumentError, match="file:/// and a whole path"):
        read_drafts(address)


@pytest.mark.parametrize("scheme", ["file", "local", "FILE"])
def test_fsspecs_addresses_of_this_machine_are_its_paths(
    checker: Checker, tmp_path: Path, scheme: str
) -> None:
    save_photo(tmp_path / "foto" / "a.png")
    (tmp_path / "m.csv").write_text("photo,caption\na.png,Mobil merah\n")
    files = fsspec.filesystem("file")
    manifest, root = (
        files.unstrip_protocol(str(tmp_path / name)).replace("file://", f"{scheme}://")
        for name in ("m.csv", "foto")
    )
    (there,) = checker.check_drafts(read_drafts(manifest, root=root))
    (here,) = checker.check_drafts(read_drafts(tmp_path / "m.csv", root=tmp_path / "foto"))
    assert there.error is None
    assert there.row() == here.row()
    # What a stranger's manifest names stays a name in its folder.
    (tmp_path / "m.csv").write_text(f"photo,caption\n{root}/a.png,Mobil merah\n")
    (refused,) = checker.check_drafts(read_drafts(manifest))
    assert refused.error is not None
    assert refused.error.code == "PhotoMissingError"


def test_what_is_not_there_or_no_manifest(store: fsspec.AbstractFileSystem) -> None:
    with pytest.raises(DraftsMissingError, match="memory://arsip/n.csv"):
        read_drafts("memory://arsip/n.csv")
    with pytest.raises(DraftsMissingError, match="memory://arsip/n.parquet"):
        read_drafts("memory://arsip/n.parquet")
    with pytest.raises(ArgumentError, match="a manifest"):
        read_drafts("memory://arsip/foto")
    store.pipe("/arsip/x.csv", b"\xff\xff\0")
    with pytest.raises(ManifestUnreadableError, match="memory://arsip/x.csv"):
        read_drafts("memory://arsip/x.csv")


def test_sizes_are_bounded_while_reading(
    store: fsspec.AbstractFileSystem, checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    memory = type(store)
    usual = memory.cat_file

    def noted(self: object, path: str, start: int | None, end: int | None) -> bytes:
        asked.append(end)
        data: bytes = usual(self, path, start=start, end=end)
        return data

    monkeypatch.setattr(memory, "cat_file", noted)
    monkeypatch.setattr(size_limits, "MAX_BYTES", 50)
    (score,) = checker.check_drafts(read_drafts("memory://arsip/m.csv"))
    assert score.error is not None
    assert score.error.code == "PhotoTooLargeError"
    assert asked[-1] == 51


def test_a_manifest_over_the_limit_is_refused(
    store: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imgfit.drafts.manifest._MAX_MANIFEST_BYTES", 30)
    with pytest.raises(ManifestUnreadableError, match=r"over 3e-05 MB"):
        read_drafts("memory://arsip/m.csv")


def test_a_store_is_asked_how_much_memory_a_photo_will_take(
    store: fsspec.AbstractFileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = RemoteFile.at("memory://arsip/foto/a.png")
    assert bytes_to_read(file) == (tmp_path / "a.png").stat().st_size
    assert bytes_to_read(RemoteFile.at("memory://arsip/foto/b.png")) == 0
    # At most so much is read, whatever there is; what is not told counts as much.
    for size in (10**12, None):
        monkeypatch.setattr(type(store), "info", lambda *_, size=size, **__: {"size": size})
        assert bytes_to_read(file) == size_limits.MAX_BYTES


def test_a_photo_that_two_manifests_name_is_one_draft(store: fsspec.AbstractFileSystem) -> None:
    drafts = read_drafts("memory://arsip/m.csv", "memory://arsip/m.jsonl")
    assert [str(draft.photo) for draft in drafts] == ["memory://arsip/foto/a.png"]


def test_a_store_that_fails_costs_the_row(
    store: fsspec.AbstractFileSystem, checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = read_drafts("memory://arsip/m.csv")

    def refused(*_: object, **__: object) -> bytes:
        raise RuntimeError("403 Forbidden")  # stores raise errors of their own

    monkeypatch.setattr(type(store), "cat_file", refused)
    (score,) = checker.check_drafts(drafts)
    assert score.error is not None
    assert "403 Forbidden" in str(score.error)


def test_files_travel_to_other_processes(store: fsspec.AbstractFileSystem) -> None:
    file = RemoteFile.at("memory://arsip//./foto/a.png")
    again = pickle.loads(pickle.dumps(file))  # noqa: S301 - our own bytes
    assert again == file
    assert str(again) == "memory://arsip/foto/a.png"
    assert again.read_bytes(1_000_000).startswith(b"\x89PNG")
    assert (file.name, file.suffix, str(file.parent)) == ("a.png", ".png", "memory://arsip/foto")


@pytest.mark.parametrize("path", ["a.csv", "C:/a.csv", "C:\\a", "a/b:/c"])
def test_a_path_is_no_address(path: str) -> None:
    assert place_of(path) == Path(path)


def test_what_is_over_the_limit_is_refused_where_it_is_read(
    store: fsspec.AbstractFileSystem,
) -> None:
    file = RemoteFile.at("memory://arsip/foto/a.png")
    size = file.size()
    assert size is not None
    assert len(file.read_bytes(size)) == size
    with pytest.raises(OversizeError, match="over"):
        file.read_bytes(size - 1)


@pytest.mark.parametrize("missing", ["fsspec", "s3fs"])
def test_without_the_extra_it_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(PackageMissingError, match=r's3:// needs .*"\.\[remote\]"'):
        read_drafts("s3://bucket/m.csv")
