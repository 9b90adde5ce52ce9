"""Photos made in code, to compare runtimes and models on, because no real photo need be at hand."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

_SIZES = ((640, 480), (480, 640), (600, 600), (800, 450))
_MOST_SHAPES = 12


def sample_photos(count: int) -> list[Image.Image]:
    """Draw pictures that differ: fields of colour, edges, shapes and grain.

    Args:
        count: How many.

    Returns:
        RGB images, the same ones each time.
    """
    return [_sample(np.random.default_rng(number), number) for number in range(count)]


def _sample(generator: np.random.Generator, number: int) -> Image.Image:
    width, height = _SIZES[number % len(_SIZES)]
    cells = tuple(int(n) for n in generator.integers(2, 16, 2))
    colours = generator.integers(0, 256, (*cells, 3), np.uint8)
    image = Image.fromarray(colours).resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(int(generator.integers(0, _MOST_SHAPES))):
        colour = tuple(int(c) for c in generator.integers(0, 256, 3))
        x, y = (int(generator.integers(0, side)) for side in (width, height))
        w, h = (int(generator.integers(8, side // 2)) for side in (width, height))
        box = (x, y, x + w, y + h)
        kind = generator.integers(3)
        if kind == 0:
            draw.ellipse(box, fill=colour)
        elif kind == 1:
            draw.rectangle(box, fill=colour)
        else:
            draw.line(box, fill=colour, width=int(generator.integers(1, 12)))
    grain = generator.normal(0, float(generator.uniform(0, 25)), (height, width, 1))
    pixels = np.asarray(image, np.float64) * generator.uniform(0.4, 1.0) + grain
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def golden_photo() -> Image.Image:
    """Draw the photo of the golden pair (`imgfit.install.golden`).

    It is whole-number arithmetic, so that it is the same picture on every machine; a generator of
    random numbers may change its stream between versions of numpy.

    Returns:
        RGB, 400 by 300: a sky that darkens, a hill, two boats and a pattern with fine lines.
    """
    y, x = np.mgrid[0:300, 0:400]
    pixels = np.stack([90 + y // 4, 140 + y // 6, 230 - y // 3], axis=-1)
    pixels[300 * y > 45_000 + 2 * (x - 120) ** 2] = (60, 140, 50)
    pixels[220:] = (200, 180, 130)
    for left in (60, 240):
        pixels[180:210, left : left + 80] = (200, 40, 40)
    pixels[:80, 320:][(x * y)[:80, 320:] % 7 == 0] = (20, 20, 20)
    return Image.fromarray(pixels.astype(np.uint8))
