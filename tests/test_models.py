"""Where models are found, what is refused, and what a fingerprint covers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imgfit.errors import ModelBrokenError, ModelUnknownError
from imgfit.models import ModelFolder, find_model
from imgfit.naming import EMBEDDED

FILES = {
    "open_clip_config.json": b'{"model_cfg": {"embed_dim": 8}, "preprocess_cfg": {}}',
    "open_clip_model.safetensors": b"weights",
    "tokenizer.json": b"{}",
    "tokenizer_config.json": b"{}",
    "special_tokens_map.json": b"{}",
    "calibration.json": b"{}",
    "README.md": b"a model",
}


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    path = tmp_path / "toy"
    path.mkdir()
    for name, content in FILES.items():
        (path / name).write_bytes(content)
    return ModelFolder(path)


def test_the_embedded_model_is_found_and_whole() -> None:
    model = find_model(EMBEDDED)
    assert model.name == "mini"
    assert model.calibration.is_file()
    assert model.cohort.is_file()
    assert model.read_config()["model_cfg"]["embed_dim"] > 0


@pytest.mark.parametrize("prefix", ["", "local-dir:"])
def test_a_folder_is_found_by_its_path(folder: ModelFolder, prefix: str) -> None:
    assert find_model(f"{prefix}{folder.path}") == folder
    assert folder.name == "toy"
    assert {folder.config.name, folder.weights.name} <= set(FILES)
    assert folder.cohort.parent == folder.calibration.parent == folder.path


def test_a_folder_named_as_the_embedded_model_needs_its_path(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.path.rename(folder.path.with_name("mini"))
    monkeypatch.chdir(folder.path.parent)
    assert find_model("mini").path.is_absolute()
    assert find_model("local-dir:mini").path == Path("mini")


@pytest.mark.parametrize("name", ["ViT-B-32", "", "local-dir:", "Mini", "a\0b", "empty", "file"])
def test_other_names_are_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(ModelUnknownError, match="no model"):
        find_model(name)


def test_missing_weights_are_named(folder: ModelFolder) -> None:
    folder.weights.unlink()
    with pytest.raises(ModelBrokenError, match=r"open_clip_model\.safetensors is missing"):
        find_model(str(folder.path))
    folder.weights.mkdir()
    with pytest.raises(ModelBrokenError, match=r"open_clip_model\.safetensors is missing"):
        find_model(str(folder.path))


def test_a_config_is_read(folder: ModelFolder) -> None:
    assert folder.read_config() == json.loads(FILES["open_clip_config.json"])


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"3", b"{}", b'{"model_cfg": []}', b"\xff\xfe", None]
)
def test_a_broken_config_is_named(folder: ModelFolder, content: bytes | None) -> None:
    if content is None:
        folder.config.unlink()
    else:
        folder.config.write_bytes(content)
    with pytest.raises(ModelBrokenError, match=r"toy.*open_clip_config\.json"):
        folder.read_config()


@pytest.mark.parametrize("name", FILES)
def test_a_fingerprint_covers_what_an_embedding_depends_on(folder: ModelFolder, name: str) -> None:
    before = folder.fingerprint(1)
    (folder.path / name).write_bytes(FILES[name] + b" ")
    covered = name not in ("calibration.json", "README.md")
    assert (folder.fingerprint(1) != before) == covered


def test_a_fingerprint_is_that_of_contents_and_not_of_places(
    folder: ModelFolder, tmp_path: Path
) -> None:
    other = ModelFolder(tmp_path / "copy")
    other.path.mkdir()
    for name in reversed(FILES):
        (other.path / name).write_bytes(FILES[name])
    assert other.fingerprint(1) == folder.fingerprint(1)
    assert other.fingerprint(2) != folder.fingerprint(1)
    (other.path / "tokenizer.json").rename(other.path / "tokenizer2.json")
    assert other.fingerprint(1) != folder.fingerprint(1)


def test_a_fingerprint_is_short_and_passes_over_folders(folder: ModelFolder) -> None:
    before = folder.fingerprint(1)
    assert len(before) == 16
    assert set(before) <= set("0123456789abcdef")
    (folder.path / "tokenizer_cache").mkdir()
    assert folder.fingerprint(1) == before
