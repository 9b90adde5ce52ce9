"""Whether heat falls on the half of a photo that a caption is about, and how strong it gets.

Run: ``python -m benchmarks.explain --data ../shared/data/dev [--method exact|occlusion]``

Two scenes of Flickr8k stand side by side, and the caption belongs to one of them, left and right
equally often; heat is on the right half where that half holds more of it. Then single photos with
their own caption and with another's: how high the highest heat is, in the picture's scale.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from training.data import read_photos, read_rows

from imgfit import Checker

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imgfit.explaining.explanation import Explanation
    from imgfit.explaining.regions import Method

SEED = 8
CASES = 100
SINGLES = 30
SIDE = 240
# What is compared: with and without the baseline, and with what speaks against left out.
KINDS = ("heat beyond the baseline", "its positive part", "its highest place", "bare contributions")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--method", choices=("exact", "occlusion"), default="exact")
    options = parser.parse_args()
    checker = Checker.load(options.model)
    print(f"model {checker.encoder.name}@{checker.encoder.fingerprint}, {options.method}")
    captions: dict[str, str] = {}
    for row in read_rows(options.data / "flickr8k.tsv"):
        if row["lang"] == "en":
            captions.setdefault(row["image"], row["caption"])
    photos = dict(read_photos(options.data / "flickr8k.tar"))
    composed(checker, photos, captions, options.method)
    if options.method == "exact":  # the other's scale is relative to each picture
        single(checker, photos, captions)


def composed(
    checker: Checker, photos: dict[str, Image.Image], captions: dict[str, str], method: Method
) -> None:
    """Count the composed photos whose heat is on the caption's half."""
    names = sorted(captions)
    order = np.random.default_rng(SEED).permutation(len(names))[: 2 * CASES].reshape(-1, 2)
    right = dict.fromkeys(KINDS, 0)
    for case, (own, other) in enumerate(order):
        on_right = case % 2 == 1
        pair = (photos[names[own]], photos[names[other]])
        page = side_by_side(*(pair[::-1] if on_right else pair))
        explained = checker.explain(page, captions[names[own]], method=method)
        for kind, heat in zip(KINDS, kinds(explained), strict=True):
            half = heat.shape[1] // 2
            right[kind] += bool((heat[:, -half:].sum() > heat[:, :half].sum()) == on_right)
    for kind, count in right.items():
        print(f"{kind}: on the right half in {count} of {CASES}")


def single(checker: Checker, photos: dict[str, Image.Image], captions: dict[str, str]) -> None:
    """Print how high the highest heat is with the own caption and with the next photo's."""
    names = sorted(captions)
    chosen = np.random.default_rng(SEED).permutation(len(names))[:SINGLES]
    for kind, step in (("own caption", 0), ("another's", 1)):
        highest = []
        for place, number in enumerate(chosen):
            caption = captions[names[chosen[(place + step) % SINGLES]]]
            explained = checker.explain(saved(photos[names[number]]), caption, method="exact")
            highest.append(explained.heat.max() / explained.full)
        quartiles = np.quantile(highest, [0.25, 0.5, 0.75]).round(2).tolist()
        print(f"highest heat, {kind}, in the picture's scale: quartiles {quartiles}")


def kinds(explained: Explanation) -> tuple[NDArray[np.float32], ...]:
    """Return the heat maps that are compared, in the order of `KINDS`."""
    highest = np.zeros_like(explained.heat)
    highest.flat[explained.heat.argmax()] = 1
    return explained.heat, explained.heat.clip(min=0), highest, explained.contributions


def side_by_side(left: Image.Image, right: Image.Image) -> bytes:
    """Return two photos as one, each squeezed to a square."""
    page = Image.new("RGB", (2 * SIDE, SIDE))
    for place, photo in enumerate((left, right)):
        page.paste(photo.resize((SIDE, SIDE)), (place * SIDE, 0))
    return saved(page)


def saved(photo: Image.Image) -> bytes:
    """Return a photo as a PNG file."""
    file = io.BytesIO()
    photo.save(file, "PNG")
    return file.getvalue()


if __name__ == "__main__":
    main()
