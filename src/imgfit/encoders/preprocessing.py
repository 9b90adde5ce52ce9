"""From an upright RGB image to a photo tower's input, by a model folder's configuration.

The same numbers as open_clip's own preprocessing for inference, without torch: Pillow resizes in
both, and the arithmetic after it is float32 in both (a test compares them).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from imgfit.language import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

_KERNELS = ("bicubic", "bilinear")
_MODES = ("squash", "shortest", "longest")
_MAX_SIDE = 4096
_LEVELS = 256

# open_clip takes these if a configuration gives none: the values of OpenAI's CLIP.
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)

# How many photos go through a convolutional tower at once on a CPU. Its first layers' output
# must fit the processor's cache; the rest is fetched and written back each time. The
# built-in model on two cores, photos/s for 1, 4, 8 and 32 at once: torch 110, 197, 167, 89; ONNX
# Runtime 296, 256, 177, 146. 32 at once took 0.5 GB more in torch. ViT-B/32 does not mind in ONNX
# Runtime (35, 47, 46, 45); in torch it likes eight (15, 22, 23, 23). benchmarks/encode.py has both.
AT_ONCE = 4
AT_ONCE_TRANSFORMER = 8


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a photo becomes a tower's input.

    Attributes:
        height: Of the input, in pixels.
        width: Of the input, in pixels.
        mean: Subtracted from each channel, on a scale of 0 to 1.
        std: Each channel is divided by it afterwards.
        resize_mode: ``"squash"`` to the size, ``"shortest"`` side to it and crop, or ``"longest"``
            side to it and pad.
        bilinear: Whether to resize by bilinear interpolation; bicubic if not.
        fill: Grey level of padding, 0 to 255.
    """

    height: int
    width: int
    mean: tuple[float, float, float] = _MEAN
    std: tuple[float, float, float] = _STD
    resize_mode: str = "shortest"
    bilinear: bool = False
    fill: int = 0

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Preprocessing:
        """Read it from a model's configuration.

        Args:
            config: Parsed ``open_clip_config.json``.

        Returns:
            The preprocessing; the size is the tower's, as in open_clip.

        Raises:
            ValueError: A value is out of range.
            TypeError: A value is of another type.
        """
        stored = config.get("preprocess_cfg") or {}
        values = {key: value for key, value in stored.items() if value is not None}
        size = config["model_cfg"]["vision_cfg"].get("image_size", 224)
        height, width = (int(side) for side in (size if isinstance(size, list) else (size, size)))
        mode = values.get("resize_mode", "shortest")
        kernel, fill = values.get("interpolation", "bicubic"), int(values.get("fill_color", 0))
        if kernel not in _KERNELS or values.get("mode", "RGB") != "RGB" or not 0 <= fill < _LEVELS:
            raise ValueError(_unsupported(f"interpolation {kernel!r}, mode, fill_color"))
        if mode not in _MODES or not (0 < height <= _MAX_SIDE and 0 < width <= _MAX_SIDE):
            raise ValueError(_unsupported(f"resize_mode {mode!r}, image_size {size!r}"))
        std = _channels(values.get("std", _STD))
        if min(std) <= 0:
            raise ValueError(Phrase(id="std tidak di atas 0", en="std is not above 0"))
        return cls(
            height=height,
            width=width,
            mean=_channels(values.get("mean", _MEAN)),
            std=std,
            resize_mode=mode,
            bilinear=kernel == "bilinear",
            fill=fill,
        )

    def __call__(self, image: Image.Image) -> NDArray[np.float32]:
        """Prepare one image.

        Args:
            image: Upright, RGB.

        Returns:
            The tower's input, shape ``(3, height, width)``.
        """
        resized = self._resized(image)
        if resized.size != (self.width, self.height):
            resized = self._centred(resized)
        pixels = np.asarray(resized, np.float32).transpose(2, 0, 1) / np.float32(255)
        pixels -= np.array(self.mean, np.float32)[:, None, None]
        pixels /= np.array(self.std, np.float32)[:, None, None]
        return np.ascontiguousarray(pixels)

    def _resized(self, image: Image.Image) -> Image.Image:
        wanted = (self.width, self.height)
        kernel = Image.Resampling.BILINEAR if self.bilinear else Image.Resampling.BICUBIC
        if self.resize_mode == "shortest":
            if self.width == self.height:
                short, long = sorted(image.size)
                side = int(self.width * long / short)
                portrait = image.width <= image.height
                wanted = (self.width, side) if portrait else (side, self.width)
            else:
                kernel = Image.Resampling.BICUBIC  # open_clip's own, whatever is asked for
                wanted = self._scaled(image, min)
        elif self.resize_mode == "longest":
            wanted = self._scaled(image, max)
        return image if image.size == wanted else image.resize(wanted, kernel)

    def _scaled(self, image: Image.Image, choose: Any) -> tuple[int, int]:
        """Return the size at which one side, chosen by its ratio, is the tower's."""
        ratio = choose(image.height / self.height, image.width / self.width)
        return round(image.width / ratio), round(image.height / ratio)

    def _centred(self, image: Image.Image) -> Image.Image:
        """Cut the middle out, or lay the image on the middle of a ground where it is smaller."""
        left = _offset(image.width, self.width)
        top = _offset(image.height, self.height)
        ground = Image.new("RGB", (self.width, self.height), (self.fill,) * 3)
        ground.paste(image, (-left, -top))
        return ground


def few_at_once(pixels: NDArray[np.float32], count: int) -> Iterator[NDArray[np.float32]]:
    """Divide a batch into parts that a tower takes one after another.

    Args:
        pixels: Prepared photos, shape ``(n, 3, h, w)``.
        count: Photos a part, at least 1.

    Yields:
        The parts in order; an empty batch is one part.
    """
    for start in range(0, max(1, len(pixels)), count):
        yield pixels[start : start + count]


def _offset(side: int, wanted: int) -> int:
    """Where the middle begins; negative where the image is smaller. Rounds as open_clip does."""
    return round((side - wanted) / 2) if side >= wanted else -((wanted - side) // 2)


def _unsupported(settings: str) -> Phrase:
    return Phrase(id=f"tidak didukung: {settings}", en=f"not supported: {settings}")


def _channels(value: Any) -> tuple[float, float, float]:
    red, green, blue = (
        float(v) for v in (value if isinstance(value, list | tuple) else [value] * 3)
    )
    if not all(map(math.isfinite, (red, green, blue))):
        raise ValueError(
            Phrase(id="mean atau std bukan bilangan", en="mean or std is not a number")
        )
    return red, green, blue
