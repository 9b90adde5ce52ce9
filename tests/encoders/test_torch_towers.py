"""The encoder of a model folder, on small random models written in the real folder form."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import open_clip
import pytest
import timm
import torch
from PIL import Image

from imgfit.encoders.loading import load_encoder
from imgfit.encoders.torch_towers import TextTower, TorchTowers, fold_normalisations
from imgfit.errors import ArgumentError, ModelBrokenError
from imgfit.models.finding import find_model
from imgfit.models.folder import ModelFolder
from imgfit.models.vetting import vet_folder
from tests.support.tiny import (
    CONV,
    STORED_TEXT,
    TEXT,
    build,
    configuration,
    give_statistics,
    write_folder,
)

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.encoders.model import ModelEncoder

CONFIG = configuration()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("tiny"), CONFIG).path


@pytest.fixture(scope="module")
def tiny(folder: Path) -> ModelEncoder:
    return load_encoder(find_model(str(folder)), device="cpu")


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(width).integers(0, 255, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def test_facts_come_from_the_model(tiny: ModelEncoder) -> None:
    assert (tiny.dim, tiny.context_length, tiny.photo_size) == (24, 16, 32)
    assert (tiny.fingerprint, tiny.runtime) == (tiny.origin, "")


@pytest.mark.parametrize(
    "config",
    [CONFIG, configuration(CONV, STORED_TEXT, custom=True)],
    ids=["vit, plain", "convolutions, own tokenizer"],
)
def test_embeddings_are_open_clips_own(tmp_path: Path, config: dict[str, Any]) -> None:
    folder = write_folder(tmp_path / "model", config)
    encoder = load_encoder(folder, device="cpu")
    model, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{folder.path}")
    model.eval()
    photos = [noise(50, 40), noise(30, 90), noise(200, 20)]
    texts = ["a dog", "", "dua orang hakim di ruang sidang " * 20]
    with torch.inference_mode():
        expected = model.encode_image(torch.stack([preprocess(p) for p in photos]), normalize=True)
        tokens = open_clip.get_tokenizer(f"local-dir:{folder.path}")(texts)
        expected_texts = model.encode_text(tokens, normalize=True)
    pixels = np.stack([encoder.prepare(photo) for photo in photos])
    rows = encoder.encode_photos(pixels)
    assert rows == pytest.approx(expected.numpy(), abs=2e-6)
    assert encoder.encode_texts(texts) == pytest.approx(expected_texts.numpy(), abs=2e-6)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    singly = np.concatenate([encoder.encode_photos(row[None]) for row in pixels])
    assert singly == pytest.approx(rows, abs=2e-6)
    singly = np.concatenate([encoder.encode_texts([text]) for text in texts])
    assert singly == pytest.approx(encoder.encode_texts(texts), abs=2e-6)
    assert encoder.encode_texts([]).shape == (0, 24)


def test_tokens_are_counted_uncut(tiny: ModelEncoder) -> None:
    assert tiny.count_tokens("dog") == 3
    assert tiny.count_tokens("dog " * 50) == 52


@pytest.mark.parametrize(("config", "most"), [(CONFIG, 8), (configuration(CONV), 4)])
def test_few_photos_go_through_a_tower_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: dict[str, Any], most: int
) -> None:
    encoder = load_encoder(write_folder(tmp_path / "model", config), device="cpu")
    towers = encoder.towers
    assert isinstance(towers, TorchTowers)
    seen: list[int] = []
    encode = towers.model.encode_image

    def counted(batch: torch.Tensor) -> Any:
        seen.append(len(batch))
        return encode(batch)

    monkeypatch.setattr(towers.model, "encode_image", counted)
    photo = encoder.prepare(noise(50, 40))
    rows = encoder.encode_photos(np.stack([photo] * 18))
    assert max(seen) == most
    assert sum(seen) == len(rows) == 18


@pytest.mark.parametrize("name", ["tf_efficientnet_lite0", "test_efficientnet", "mnasnet_small"])
def test_folding_changes_no_output(name: str) -> None:
    torch.manual_seed(0)
    tower = timm.create_model(name, pretrained=False).eval()
    give_statistics(tower)
    photos = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        before = tower(photos)
        fold_normalisations(tower)
        after = tower(photos)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in tower.modules())
    assert float((before - after).norm() / before.norm()) < 1e-5


XLM_ROBERTA = {
    "model_type": "xlm-roberta",
    "vocab_size": 300,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 90,
    "pad_token_id": 1,
}


def xlm_roberta(path: Path, pooler: str) -> dict[str, Any]:
    (path / "config.json").write_text(json.dumps(XLM_ROBERTA))
    return {
        "hf_model_name": str(path),
        "hf_model_pretrained": False,
        "hf_pooler_type": pooler,
        "hf_proj_type": "mlp",
    }


# A tower's text configuration, the padding and end that its tokenizer writes, and what is exact.
FAMILIES: dict[str, tuple[dict[str, Any], int, int, str]] = {
    "clip": (TEXT | {"vocab_size": 300}, 0, 299, "argmax"),
    "eos": (TEXT | {"vocab_size": 300, "pool_type": "eos"}, 0, 2, "eos"),
    "first": (TEXT | {"vocab_size": 300, "pool_type": "first"}, 0, 2, "first"),
    "bias": (TEXT | {"vocab_size": 300, "proj_bias": True}, 0, 299, "argmax"),
    "siglip": (
        TEXT | {"vocab_size": 300, "no_causal_mask": True, "pool_type": "last"},
        1,
        2,
        "whole",
    ),
    "last": (TEXT | {"vocab_size": 300, "pool_type": "last"}, 0, 2, "whole"),
    "cls": (TEXT | {"vocab_size": 300, "embed_cls": True}, 0, 2, "whole"),
    "mean_pooler": ({}, 1, 2, "padding"),
    "cls_pooler": ({}, 1, 2, "padding"),
}


def token_rows(pad: int, end: int, length: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    generator = np.random.default_rng(0)
    rows = np.full((4, length), pad, np.int64)
    for row, used in zip(rows, (2, 5, 9, 3), strict=True):
        row[: used - 1] = generator.integers(5, 200, used - 1)
        row[used - 1] = end
    return rows


@pytest.mark.parametrize("family", FAMILIES)
def test_trimmed_texts_embed_as_whole_ones(family: str, tmp_path: Path) -> None:
    text, pad, end, rule = FAMILIES[family]
    if family.endswith("pooler"):
        text = xlm_roberta(tmp_path, family)
    model = build(configuration(text=text, custom=family != "clip"))
    tower = TextTower(model)
    assert tower.trim.rule == rule
    ids = token_rows(pad, end, 16)
    trimmed = tower.trim(ids)
    assert trimmed.shape[1] == {"whole": 16, "first": 1}.get(rule, 9)
    with torch.inference_mode():
        expected = model.encode_text(torch.from_numpy(ids), normalize=True).numpy()
        assert tower(torch.from_numpy(trimmed)).numpy() == pytest.approx(expected, abs=1e-5)


def test_siglips_padding_counts() -> None:
    # The guard above is worth having: without it these embeddings would be others.
    text, pad, end, _ = FAMILIES["siglip"]
    model = build(configuration(text=text, custom=True))
    ids = torch.from_numpy(token_rows(pad, end, 16))
    with torch.inference_mode():
        whole = model.encode_text(ids, normalize=True)
        cut = model.encode_text(ids[:, :9], normalize=True)
    assert float((whole - cut).abs().max()) > 1e-2


def test_the_fingerprint_knows_every_file_that_counts(tmp_path: Path, folder: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    original = ModelFolder(folder).fingerprint(1)
    assert ModelFolder(copy).fingerprint(1) == original
    assert ModelFolder(copy).fingerprint(2) != original
    (copy / "README.md").write_text("a card")
    (copy / "calibration.json").write_text("{}")
    assert ModelFolder(copy).fingerprint(1) == original
    (copy / "tokenizer.json").write_text("{}")
    assert ModelFolder(copy).fingerprint(1) != original
    (copy / "tokenizer.json").unlink()
    (copy / "open_clip_config.json").write_text(json.dumps(CONFIG) + " ")
    assert ModelFolder(copy).fingerprint(1) != original


@pytest.mark.parametrize("damage", ["weights", "config", "shape", "preprocessing", "context"])
def test_a_broken_folder_is_named_before_its_towers_are_loaded(
    tmp_path: Path, folder: Path, damage: str
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    other = json.loads(json.dumps(CONFIG))
    if damage == "weights":
        (copy / "open_clip_model.safetensors").write_bytes(b"\0" * 50)
    if damage == "config":
        other = {}
    if damage == "shape":
        other["model_cfg"]["embed_dim"] = 32
    if damage == "preprocessing":
        other["preprocess_cfg"]["mean"] = "grey"
    if damage == "context":
        other["model_cfg"]["text_cfg"] = None
    (copy / "open_clip_config.json").write_text(json.dumps(other))
    with pytest.raises(ModelBrokenError, match="copy"):
        load_encoder(find_model(str(copy)))


def test_weights_that_miss_a_tensor_are_named_when_first_needed(
    tmp_path: Path, folder: Path
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    other = json.loads(json.dumps(CONFIG))
    other["model_cfg"]["vision_cfg"]["layers"] = 3
    (copy / "open_clip_config.json").write_text(json.dumps(other))
    (copy / "open_clip_model.safetensors").write_bytes(
        (folder / "open_clip_model.safetensors").read_bytes()
    )
    encoder = load_encoder(find_model(str(copy)), device="cpu")
    with pytest.raises(ModelBrokenError, match="copy"):
        encoder.encode_texts(["a dog"])


def test_a_device_that_is_none_is_named(folder: Path) -> None:
    with pytest.raises(ArgumentError, match="abacus"):
        TorchTowers(vet_folder(find_model(str(folder))), device="abacus")


def test_a_runtime_that_is_none_is_named(folder: Path) -> None:
    with pytest.raises(ArgumentError, match="'torch', 'onnx' or 'onnx-int8'"):
        load_encoder(find_model(str(folder)), runtime="abacus")


def test_importing_imgfit_loads_no_runtime() -> None:
    code = (
        "import sys, imgfit, imgfit.cli.app; imgfit.Checker.load('mini'); "
        "print([m for m in ('torch', 'open_clip', 'transformers', 'onnxruntime', 'onnx') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_torch_computes_on_as_many_threads_as_it_is_given(folder: Path) -> None:
    before = torch.get_num_threads()
    try:
        encoder = load_encoder(find_model(str(folder)), device="cpu", threads=1)
        encoder.encode_photos(np.zeros((1, 3, encoder.photo_size, encoder.photo_size), np.float32))
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
