"""Preprocessing without torch gives the numbers of open_clip's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

from imgfit.encoders.preprocessing import Preprocessing, few_at_once

SIZES = {"portrait": (301, 455), "landscape": (640, 426), "wide": (900, 47), "small": (20, 17)}
SHAPES: dict[str, Any] = {"square": 224, "tall": [256, 160], "flat": [96, 192]}


def picture(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def config(size: Any, **stored: Any) -> dict[str, Any]:
    return {"model_cfg": {"vision_cfg": {"image_size": size}}, "preprocess_cfg": stored}


@pytest.mark.parametrize("mode", ["squash", "shortest", "longest"])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_pixels_are_open_clips(mode: str, interpolation: str, shape: str, size: str) -> None:
    stored = {
        "mean": (0.48, 0.45, 0.4),
        "std": (0.26, 0.27, 0.28),
        "resize_mode": mode,
        "interpolation": interpolation,
        "fill_color": 127,
    }
    side = SHAPES[shape]
    theirs = PreprocessCfg(**stored, size=tuple(side) if isinstance(side, list) else side)
    image = picture(*SIZES[size])
    expected = image_transform_v2(theirs, is_train=False)(image).numpy()
    got = Preprocessing.from_config(config(side, **stored))(image)
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= 1e-6


@pytest.mark.parametrize("mode", ["L", "RGBA", "1"])
def test_photos_of_other_modes_once_turned_to_rgb(mode: str) -> None:
    image = picture(300, 200).convert(mode).convert("RGB")
    expected = image_transform_v2(PreprocessCfg(), is_train=False)(image).numpy()
    assert np.abs(Preprocessing.from_config(config(224))(image) - expected).max() <= 1e-6


@pytest.mark.parametrize(
    "broken",
    [
        config(0),
        config(10**6),
        config("wide"),
        config([224]),
        config(224, resize_mode="stretch"),
        config(224, std=[0, 1, 1]),
        config(224, mean=[1, 2]),
        config(224, mean=[1, 2, float("inf")]),
        config(224, interpolation="random"),
        config(224, mode="L"),
        config(224, fill_color=256),
    ],
)
def test_a_configuration_that_no_tower_has_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Preprocessing.from_config(broken)


@pytest.mark.parametrize(("many", "sizes"), [(0, [0]), (1, [1]), (4, [4]), (9, [4, 4, 1])])
def test_a_batch_is_divided_in_order(many: int, sizes: list[int]) -> None:
    batch = np.arange(many * 3, dtype=np.float32).reshape(many, 3, 1, 1)
    parts = list(few_at_once(batch, 4))
    assert [len(part) for part in parts] == sizes
    assert np.array_equal(np.concatenate(parts), batch)
