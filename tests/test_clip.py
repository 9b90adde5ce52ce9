"""The open_clip encoder, on a small random model written in the real folder form."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from imgfit import Checker
from imgfit.clip import ClipEncoder
from imgfit.errors import CalibrationMissingError, ModelBrokenError
from imgfit.models import ModelFolder, find_model

if TYPE_CHECKING:
    from pathlib import Path

CONFIG: dict[str, dict[str, Any]] = {
    "model_cfg": {
        "embed_dim": 24,
        "vision_cfg": {
            "image_size": 32,
            "layers": 2,
            "width": 64,
            "head_width": 32,
            "patch_size": 8,
        },
        "text_cfg": {
            "context_length": 16,
            "vocab_size": 49408,
            "width": 32,
            "heads": 2,
            "layers": 2,
        },
    },
    "preprocess_cfg": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4], "resize_mode": "squash"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    model = open_clip.CLIP(**CONFIG["model_cfg"])
    save_file(model.state_dict(), path / "open_clip_model.safetensors")
    (path / "open_clip_config.json").write_text(json.dumps(CONFIG))
    return path


@pytest.fixture(scope="module")
def tiny(folder: Path) -> ClipEncoder:
    return ClipEncoder(find_model(str(folder)), device="cpu")


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(width).integers(0, 255, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def test_facts_come_from_the_model(tiny: ClipEncoder) -> None:
    assert (tiny.dim, tiny.context_length, tiny.photo_size) == (24, 16, 32)


def test_embeddings_are_open_clips_own(tiny: ClipEncoder, folder: Path) -> None:
    model, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    model.eval()
    photos = [noise(50, 40), noise(30, 90), noise(200, 20)]
    texts = ["a dog", "dua orang hakim di ruang sidang"]
    with torch.inference_mode():
        expected = model.encode_image(torch.stack([preprocess(p) for p in photos]), normalize=True)
        tokens = open_clip.get_tokenizer(f"local-dir:{folder}")(texts)
        expected_texts = model.encode_text(tokens, normalize=True)
    rows = tiny.encode_photos(np.stack([tiny.prepare(photo) for photo in photos]))
    assert rows == pytest.approx(expected.numpy(), abs=1e-6)
    assert tiny.encode_texts(texts) == pytest.approx(expected_texts.numpy(), abs=1e-6)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)


def test_tokens_are_counted_uncut(tiny: ClipEncoder) -> None:
    assert tiny.count_tokens("dog") == 3
    assert tiny.count_tokens("dog " * 50) == 52


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


@pytest.mark.parametrize("damage", ["weights", "config", "shape"])
def test_a_broken_folder_is_named(tmp_path: Path, folder: Path, damage: str) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    if damage == "weights":
        (copy / "open_clip_model.safetensors").write_bytes(b"\0" * 50)
    if damage == "config":
        (copy / "open_clip_config.json").write_text("{}")
    if damage == "shape":
        other = json.loads(json.dumps(CONFIG))
        other["model_cfg"]["embed_dim"] = 32
        (copy / "open_clip_config.json").write_text(json.dumps(other))
    with pytest.raises(ModelBrokenError, match="copy"):
        ClipEncoder(find_model(str(copy)))


def test_a_model_without_calibration_gives_no_verdict(folder: Path) -> None:
    with pytest.raises(CalibrationMissingError, match="calibration.json"):
        Checker.load(str(folder))


def test_importing_imgfit_loads_no_runtime() -> None:
    code = (
        "import sys, imgfit, imgfit.cli; "
        "print([m for m in ('torch', 'open_clip', 'transformers', 'onnxruntime') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
