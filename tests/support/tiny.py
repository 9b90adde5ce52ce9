"""Small random models in the real folder form, for tests of encoders and runtimes."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import open_clip
import torch
from safetensors.torch import save_file

from imgfit.calibration.norms import normalise
from imgfit.calibration.null import Calibration
from imgfit.encoders.loading import load_encoder
from imgfit.models.finding import find_model
from imgfit.models.folder import ModelFolder
from imgfit.photos.drawn import sample_photos
from imgfit.scoring.scorer import embed_cohort

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PREPROCESSING = {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4], "resize_mode": "squash"}
VIT = {"image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 8}
# timm's smallest EfficientNet, made for tests.
CONV = {"timm_model_name": "test_efficientnet", "timm_model_pretrained": False, "image_size": 64}
TEXT = {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}
# The embedded model's tokenizer, which is read without torch.
STORED_TEXT = TEXT | {
    "vocab_size": 32000,
    "context_length": 24,
    "hf_tokenizer_name": "tiny",
    "tokenizer_kwargs": {"clean": "whitespace"},
    "pad_id": 0,
    "eos_id": 2,
    "pool_type": "eos",
}


def configuration(
    vision: dict[str, Any] = VIT, text: dict[str, Any] = TEXT, *, custom: bool = False
) -> dict[str, Any]:
    model: dict[str, Any] = {"embed_dim": 24, "vision_cfg": vision, "text_cfg": text}
    if custom:
        model["custom_text"] = True
    return {"model_cfg": model, "preprocess_cfg": PREPROCESSING}


def build(config: dict[str, Any]) -> Any:
    """Make a model with random weights, and statistics that a trained one could have."""
    torch.manual_seed(0)
    options = dict(config["model_cfg"])
    custom = options.pop("custom_text", False) or "hf_model_name" in options["text_cfg"]
    kind = open_clip.CustomTextCLIP if custom else open_clip.CLIP
    model = (open_clip.CoCa if "multimodal_cfg" in options else kind)(**options)
    give_statistics(model)
    decoder = getattr(model, "text_decoder", None)
    if decoder is not None:  # CoCa leaves this one as memory happens to be
        torch.nn.init.normal_(decoder.text_projection, std=0.02)
    return model.eval().requires_grad_(requires_grad=False)


def give_statistics(model: torch.nn.Module) -> None:
    """Give batch normalisations what they could have learned."""
    for module in model.modules():
        if not isinstance(module, torch.nn.BatchNorm2d):
            continue
        for values, low, high in (
            (module.running_mean, -0.2, 0.2),
            (module.running_var, 0.5, 1.5),
            (module.weight, 0.5, 1.5),
            (module.bias, -0.2, 0.2),
        ):
            if values is not None:
                torch.nn.init.uniform_(values, low, high)


def write_folder(
    path: Path,
    config: dict[str, Any],
    *,
    tokenizer: Callable[[Path], int] | None = None,
    text_tower: dict[str, Any] | None = None,
) -> ModelFolder:
    """Write a model as a bundle has it.

    Args:
        path: The folder.
        config: As open_clip's own, with any name for ``hf_model_name``.
        tokenizer: Writes the tokenizer's files and returns its size; the embedded model's where
            the configuration names one and none is given.
        text_tower: Configuration of a text tower from transformers.
    """
    path.mkdir(exist_ok=True)
    config = json.loads(json.dumps(config))
    text = config["model_cfg"]["text_cfg"]
    if tokenizer is not None:
        size = tokenizer(path)
        if "vocab_size" in text:
            text["vocab_size"] = size
        if text_tower is not None:
            text_tower = text_tower | {"vocab_size": size}
    elif text.get("hf_tokenizer_name"):
        for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
            shutil.copy(find_model("mini").path / name, path)
    if text_tower is not None:
        (path / "text_tower").mkdir(exist_ok=True)
        (path / "text_tower" / "config.json").write_text(json.dumps(text_tower))
    (path / "open_clip_config.json").write_text(json.dumps(config))
    model = build(resolved(path, config))
    save_file(model.state_dict(), path / "open_clip_model.safetensors")
    return ModelFolder(path)


def resolved(path: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Name a text tower by its place, which open_clip itself needs to find it offline."""
    config = json.loads(json.dumps(config))
    if "hf_model_name" in config["model_cfg"]["text_cfg"]:
        config["model_cfg"]["text_cfg"] |= {
            "hf_model_name": str(path / "text_tower"),
            "hf_model_pretrained": False,
        }
    return config


def calibrate_folder(folder: ModelFolder) -> None:
    """Give a folder a cohort and a null; they judge nothing, but everything runs."""
    encoder = load_encoder(folder, device="cpu")
    photos = encoder.encode_photos(np.stack([encoder.prepare(p) for p in sample_photos(60)]))
    cohort = embed_cohort(encoder, photos)
    cohort.save(folder.cohort)
    raw = cohort.photos @ cohort.captions.T
    scores = normalise(raw, raw, raw.T)
    Calibration.from_negatives(
        scores, fingerprint=encoder.fingerprint, cohort=cohort.digest, source="noise"
    ).save(folder.calibration)
