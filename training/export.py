"""Write the model as a folder that open_clip reads by `local-dir:`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import open_clip
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from training.features import MEAN, STD
from training.vocabulary import save as save_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from open_clip.model import CustomTextCLIP

    from training.student import Shape

# What captions the recipe trains on are written in.
NOTES = {"languages": ["en", "id"], "licence": "Apache-2.0", "name": "mini"}

PREPROCESS = {
    "mean": [MEAN] * 3,
    "std": [STD] * 3,
    "interpolation": "bicubic",
    # Squashing keeps the ends of wide photos; what it costs against a crop is in the log.
    "resize_mode": "squash",
}


def export(model: CustomTextCLIP, shape: Shape, tokenizer: Tokenizer, folder: Path) -> None:
    """Half precision on disk; open_clip copies it into a float32 model."""
    folder.mkdir(parents=True, exist_ok=True)
    preprocess = {"size": shape.photo_size, **PREPROCESS}
    config = {"model_cfg": shape.model_cfg(), "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=2) + "\n")
    state = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in model.state_dict().items()
    }
    weights = folder / "open_clip_model.safetensors"
    save_file(state, weights, metadata={"format": "pt"})
    weights.chmod(0o644)  # safetensors writes for its owner only
    save_vocabulary(tokenizer, folder, shape.context)
    (folder / "imgfit.json").write_text(json.dumps(NOTES) + "\n")


def verify(folder: Path, model: CustomTextCLIP, texts: list[str]) -> float:
    """Load the folder as a user would; the least cosine to the model in memory.

    Raises ValueError where the two readers of the vocabulary disagree.
    """
    name = f"local-dir:{folder.resolve()}"
    loaded, _preprocess = open_clip.create_model_from_pretrained(name)
    loaded.eval()
    model.eval()
    ids = open_clip.get_tokenizer(name)(texts)
    raw = Tokenizer.from_file(str(folder / "tokenizer.json"))
    if ids.tolist() != [e.ids for e in raw.encode_batch(texts)]:
        raise ValueError("transformers and tokenizers read the vocabulary differently")
    rng = np.random.default_rng(0)
    size = model.visual.image_size[0]
    photos = torch.from_numpy(rng.normal(size=(4, 3, size, size)).astype(np.float32))
    with torch.inference_mode():
        pairs = [
            (loaded.encode_text(ids, normalize=True), model.encode_text(ids, normalize=True)),
            (
                loaded.encode_image(photos, normalize=True),
                model.encode_image(photos, normalize=True),
            ),
        ]
    if next(loaded.parameters()).dtype != torch.float32:
        raise ValueError("open_clip kept half precision")
    return min(float((a * b).sum(1).min()) for a, b in pairs)
