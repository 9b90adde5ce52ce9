"""Bundles: proved whole, damaged in every way, carried, and installed on another machine."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file

from imgfit import Checker
from imgfit.encoders.loading import load_encoder
from imgfit.errors import (
    ModelArchiveError,
    ModelBrokenError,
    ModelBusyError,
    ModelChangedError,
    ModelDamagedError,
    ModelMissingError,
    ModelSpaceError,
)
from imgfit.install.bundles import (
    add_bundle,
    bundle_name,
    installed_bundles,
    pack_bundle,
    verify_bundle,
)
from imgfit.install.lock import LockFile
from imgfit.install.sums import write_sums
from imgfit.models.finding import find_model
from imgfit.models.folder import ModelFolder
from imgfit.photos.drawn import golden_photo
from tests.support.carried import NAME, SLUG, write_bundle
from tests.support.tiny import calibrate_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WEIGHTS = "open_clip_model.safetensors"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    return write_bundle(tmp_path_factory.mktemp("original") / SLUG)


@pytest.fixture
def folder(original: ModelFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelFolder:
    """A bundle of one's own; the machine has no models."""
    monkeypatch.setenv("IMGFIT_MODELS", str(tmp_path / "models"))
    return ModelFolder(shutil.copytree(original.path, tmp_path / "carried" / SLUG))


def test_the_golden_photo_is_the_same_everywhere() -> None:
    pixels = np.asarray(golden_photo())
    assert pixels.shape == (300, 400, 3)
    # Whole numbers: these are the picture's own, not rounded ones.
    assert [int(pixels[..., c].sum(dtype=np.int64)) for c in range(3)] == SUMS


SUMS = [16306107, 18570705, 19441004]


def test_the_built_in_model_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGFIT_MODELS", str(tmp_path))
    proved = verify_bundle(find_model("mini"))
    assert proved.distance < 1e-4
    assert not proved.locked


def test_a_whole_bundle_is_proved(folder: ModelFolder) -> None:
    proved = verify_bundle(folder)
    assert proved.folder == folder
    assert proved.files == len(list(folder.path.iterdir())) - 1
    assert proved.bytes == sum(
        p.stat().st_size for p in folder.path.iterdir() if p.name != "SHA256SUMS"
    )
    assert 0 <= proved.distance < 1e-4
    # Neither what a file manager leaves nor a calibration of one's own makes it another model.
    for name in (".DS_Store", "Thumbs.db", "README.md", "calibration.json", "cohort.safetensors"):
        (folder.path / name).write_bytes(b"x")
    assert verify_bundle(folder).files == proved.files


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


def link(path: Path) -> None:
    path.rename(path.parent.with_name("elsewhere"))
    path.symlink_to(path.parent.with_name("elsewhere"))


def swap(path: Path) -> None:
    rows = load_file(path)
    save_file({"photo": rows["caption"], "caption": rows["photo"]}, path)
    write_sums(path.parent)


def shorten(path: Path) -> None:
    save_file({"photo": load_file(path)["photo"]}, path)
    write_sums(path.parent)


def forget(path: Path) -> None:
    path.unlink()
    write_sums(path.parent)


def spoil(path: Path) -> None:
    rows = load_file(path)
    save_file(rows | {"photo": rows["photo"] * np.nan}, path)
    write_sums(path.parent)


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        (WEIGHTS, flip, f"changed: {WEIGHTS};"),
        ("tokenizer.json", flip, r"changed: tokenizer\.json;"),
        ("tokenizer_config.json", lambda p: p.unlink(), r"missing: tokenizer_config\.json;"),
        ("SHA256SUMS", lambda p: p.unlink(), "missing: SHA256SUMS;"),
        ("model.safetensors", lambda p: p.touch(), r"not listed: model\.safetensors;"),
        ("tokenization.py", lambda p: p.touch(), r"not listed: tokenization\.py;"),
        (
            "text_tower",
            lambda p: (p.mkdir(), (p / "config.json").touch()),
            "not listed: text_tower",
        ),
        ("tokenizer.json", link, r"no files: tokenizer\.json;"),
        ("golden.safetensors", swap, r"golden pair: .*e[+-]\d\d > 0\.0001"),
        ("golden.safetensors", shorten, "golden pair: inf"),
        ("golden.safetensors", spoil, "golden pair: inf"),
        ("golden.safetensors", forget, r"missing: golden\.safetensors"),
    ],
)
def test_whatever_was_done_to_a_bundle_is_found(
    folder: ModelFolder, name: str, damage: Callable[[Path], Any], said: str
) -> None:
    damage(folder.path / name)
    with pytest.raises(ModelDamagedError, match=said) as raised:
        verify_bundle(folder)
    assert str(folder.path) in raised.value.say("id")


def test_a_swapped_embedding_in_the_weights_shows_in_the_golden_pair(folder: ModelFolder) -> None:
    # Digests made again hide the change from themselves; the embeddings do not hide it.
    rows = load_file(folder.weights)
    save_file(rows | {"visual.proj": rows["visual.proj"] * -1}, folder.weights)
    write_sums(folder.path)
    with pytest.raises(ModelDamagedError, match="golden pair"):
        verify_bundle(folder)


@pytest.mark.parametrize(
    "line",
    [
        "x",
        "0" * 64 + "  ../../etc/passwd",
        "0" * 64 + "  /etc/passwd",
        "0" * 64 + "  a/b/c",
        "again",
    ],
)
def test_a_list_that_leads_outside_is_refused(folder: ModelFolder, line: str) -> None:
    sums = folder.path / "SHA256SUMS"
    listed = sums.read_text()
    sums.write_text(listed + (listed.splitlines()[0] if line == "again" else line) + "\n")
    with pytest.raises(ModelBrokenError, match="SHA256SUMS"):
        verify_bundle(folder)


@pytest.mark.parametrize("name", [None, 3, "", "../x", "local-dir:/etc", "base", "a/b/c/d"])
def test_a_bundle_that_names_no_model_is_refused(folder: ModelFolder, name: Any) -> None:
    (folder.path / "imgfit.json").write_text(json.dumps({"name": name}))
    write_sums(folder.path)
    with pytest.raises(ModelBrokenError, match="names no model"):
        bundle_name(folder)
    with pytest.raises(ModelBrokenError, match="names no model"):
        add_bundle(folder.path)
    assert installed_bundles() == []


def test_a_carried_model_works_on_a_machine_without_network(
    folder: ModelFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calibrate_folder(folder)
    carried = pack_bundle(folder, tmp_path / "model.tar")
    expected = load_encoder(folder, device="cpu").encode_texts(["dua perahu"])
    shutil.rmtree(folder.path)

    monkeypatch.setenv("IMGFIT_MODELS", str(tmp_path / "another machine"))
    with pytest.raises(ModelMissingError):
        find_model(NAME)
    proved = add_bundle(carried)
    assert proved.folder.path == tmp_path / "another machine" / SLUG
    assert verify_bundle(find_model(NAME)).locked
    checker = Checker.load(NAME, device="cpu")
    assert checker.encoder.encode_texts(["dua perahu"]) == pytest.approx(expected, abs=1e-6)
    Image.new("RGB", (60, 60), "red").save(tmp_path / "a.png")
    score = checker.check(tmp_path / "a.png", "Dua perahu merah ditarik ke pantai oleh nelayan")
    assert score.error is None
    assert score.fit is not None


def test_a_carried_folder_works_too(
    folder: ModelFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = pack_bundle(folder, tmp_path / "usb")
    installed = add_bundle(carried).folder
    assert installed == find_model(NAME)
    assert add_bundle(carried).folder == installed  # once more is no mistake
    # So does one that was merely copied into its place.
    monkeypatch.setenv("IMGFIT_MODELS", str(tmp_path / "another machine"))
    shutil.copytree(carried, tmp_path / "another machine" / SLUG)
    texts = ["dua perahu"]
    again = load_encoder(find_model(NAME), device="cpu").encode_texts(texts)
    assert again == pytest.approx(load_encoder(folder, device="cpu").encode_texts(texts), abs=1e-6)


def test_archives_of_one_bundle_are_equal(folder: ModelFolder, tmp_path: Path) -> None:
    one, other = pack_bundle(folder, tmp_path / "a.tar"), pack_bundle(folder, tmp_path / "b.tar")
    assert one.read_bytes() == other.read_bytes()
    with tarfile.open(one) as tar:
        assert {member.name.split("/")[0] for member in tar} == {SLUG}
        assert {(member.uid, member.uname, member.mtime) for member in tar} == {(0, "", 0)}
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".imgfit")] == []


def test_packing_refuses_what_is_damaged_or_in_the_way(folder: ModelFolder, tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(b"mine")
    with pytest.raises(ModelBusyError, match="it exists"):
        pack_bundle(folder, tmp_path / "a.tar")
    assert (tmp_path / "a.tar").read_bytes() == b"mine"
    assert pack_bundle(folder, tmp_path) == tmp_path / SLUG
    with pytest.raises(ModelBusyError, match="it exists"):
        pack_bundle(folder, tmp_path)
    with pytest.raises(ModelBusyError, match="No such file"):
        pack_bundle(folder, tmp_path / "tiada" / "a.tar")
    flip(folder.weights)
    with pytest.raises(ModelDamagedError):
        pack_bundle(folder, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()


def archive(path: Path, folder: ModelFolder, *more: tarfile.TarInfo, top: str = SLUG) -> Path:
    with tarfile.open(path, "w") as tar:
        for file in sorted(folder.path.iterdir()):
            tar.add(file, f"{top}/{file.name}")
        for info in more:
            tar.addfile(info, io.BytesIO(b"x" * info.size))
    return path


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    info.size = 1 if kind == tarfile.REGTYPE else 0
    return info


@pytest.mark.parametrize(
    "info",
    [
        entry(f"{SLUG}/x.json", tarfile.SYMTYPE, "/etc/passwd"),
        entry(f"{SLUG}/x.json", tarfile.LNKTYPE, "/etc/passwd"),
        entry(f"{SLUG}/x.json", tarfile.CHRTYPE),
        entry(f"{SLUG}/x.json", tarfile.FIFOTYPE),
        entry(f"{SLUG}/../../x.json"),
        entry(f"{SLUG}/.ssh"),
        entry(f"{SLUG}/a/b/c.json"),
        entry("../x.json"),
        entry("/etc/x.json"),
        entry("other/x.json"),
        entry("x.json"),
        entry(f"{SLUG}/tokenizer.json"),
        entry(f"{SLUG}//etc/x.json"),
    ],
    ids=lambda info: f"{info.name} {info.type!r}",
)
def test_an_archive_that_leads_outside_is_refused(
    folder: ModelFolder, tmp_path: Path, info: tarfile.TarInfo
) -> None:
    path = archive(tmp_path / "a.tar", folder, info)
    before = {p for p in tmp_path.rglob("*") if "models" not in p.parts}
    with pytest.raises(ModelArchiveError, match=r"a\.tar"):
        add_bundle(path)
    assert installed_bundles() == []
    assert {p for p in tmp_path.rglob("*") if "models" not in p.parts} == before
    assert [p.name for p in (tmp_path / "models").iterdir()] in ([], [".writing"])


@pytest.mark.parametrize("content", [b"", b"no tar", b"\x1f\x8b" + bytes(600), None])
def test_what_is_no_archive_is_refused(
    folder: ModelFolder, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "a.tar"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelArchiveError, match=r"a\.tar"):
        add_bundle(path)


def test_too_many_entries_or_bytes_are_refused(
    folder: ModelFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [entry(f"{SLUG}/{number}.json") for number in range(200)]
    with pytest.raises(ModelArchiveError, match="over 200 entries"):
        add_bundle(archive(tmp_path / "a.tar", folder, *many))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 100_500_000}))
    with pytest.raises(ModelSpaceError):
        add_bundle(archive(tmp_path / "b.tar", folder))
    with pytest.raises(ModelSpaceError):
        pack_bundle(folder, tmp_path / "c.tar")


@pytest.mark.parametrize("damage", [flip, lambda path: path.unlink()])
def test_a_damaged_archive_installs_nothing(
    folder: ModelFolder, tmp_path: Path, damage: Callable[[Path], Any]
) -> None:
    damage(folder.path / "tokenizer.json")
    path = archive(tmp_path / "a.tar", folder)
    with pytest.raises(ModelDamagedError, match=r"a\.tar"):
        add_bundle(path)
    assert installed_bundles() == []


def test_the_built_in_models_name_is_taken(folder: ModelFolder) -> None:
    (folder.path / "imgfit.json").write_text(json.dumps({"name": "mini"}))
    write_sums(folder.path)
    with pytest.raises(ModelArchiveError, match="mini comes with imgfit"):
        add_bundle(folder.path)


def test_another_model_of_the_same_name_does_not_replace_it(
    folder: ModelFolder, tmp_path: Path
) -> None:
    installed = add_bundle(folder.path).folder
    (folder.path / "LICENSE").write_text("another")
    write_sums(folder.path)
    with pytest.raises(ModelChangedError, match=r"LICENSE.*imgfit-models\.lock"):
        add_bundle(folder.path)
    (tmp_path / "models" / "imgfit-models.lock").unlink()
    with pytest.raises(ModelBusyError, match="another one is there"):
        add_bundle(folder.path)
    assert not (installed.path / "LICENSE").exists()
    assert verify_bundle(installed).files


def test_a_lock_file_of_the_office_binds_what_is_carried(
    folder: ModelFolder, tmp_path: Path
) -> None:
    lock = tmp_path / "kantor.lock"
    add_bundle(folder.path, lock=lock)
    assert set(LockFile.open(lock).pins) == {NAME}
    shutil.rmtree(tmp_path / "models")
    (folder.path / "LICENSE").write_text("another")
    write_sums(folder.path)
    with pytest.raises(ModelChangedError, match=r"kantor\.lock"):
        add_bundle(folder.path, lock=lock)
    assert installed_bundles() == []


def test_links_in_a_carried_folder_are_refused(folder: ModelFolder) -> None:
    link(folder.path / "tokenizer.json")
    with pytest.raises(ModelArchiveError, match="link"):
        add_bundle(folder.path)
