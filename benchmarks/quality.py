"""How often each quality hint is right, and how often it is raised over nothing.

Run: ``python -m benchmarks.quality --data ../shared/data [--model mini] [--most 500]``

False alarms: photos as they are. Damage: the same photos blurred, darkened, over-exposed or
enlarged from a few pixels; counted is how often the hint meant is among those raised. Posters: real
posts labelled `template`. Copies: photos saved again, cut, framed and so on, among all others.
The sets' photos have short sides of 224 to 240 pixels, so `low_resolution` is left out: it is a
platform's rule, not a measure.
"""

from __future__ import annotations

import argparse
import csv
import io
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from imgfit import Checker
from imgfit.embedding.photos import embed_photos
from imgfit.photos.copies import NEAR_BITS, NEAR_COSINE, SURE_BITS, PhotoPrints, near_cosine
from imgfit.photos.quality import SIDE, Quality, QualityMeasure
from imgfit.remarks import HINTS
from imgfit.scoring.hints import design_lift, photo_hints

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Change: TypeAlias = Callable[[Image.Image], Image.Image]

SEED = 0
SETS = (("train", "posts"), ("train", "events"), ("dev", "flickr8k"), ("dev", "posts"))
PIXEL_HINTS = ("blurred", "dark", "overexposed", "extreme_aspect", "poster")
measure = QualityMeasure()


def gaussian(sigma: float) -> Change:
    """Blur by sigma pixels of a photo whose short side is 224."""
    return lambda image: image.filter(ImageFilter.GaussianBlur(sigma * min(image.size) / SIDE))


def motion(pixels: int) -> Change:
    """Smear along the rows by this many pixels of a photo whose short side is 224."""

    def change(image: Image.Image) -> Image.Image:
        length = max(2, round(pixels * min(image.size) / SIDE))
        values = np.asarray(image, np.float32)
        rows = [np.roll(values, shift, axis=1) for shift in range(length)]
        return Image.fromarray(np.mean(rows, axis=0).round().astype(np.uint8))

    return change


def exposed(stops: float) -> Change:
    """Give more or less light, clipped as a sensor would."""
    table = [min(255, round(255 * ((v / 255) ** 2.2 * 2**stops) ** (1 / 2.2))) for v in range(256)]
    return lambda image: image.point(table * 3)


def enlarged(side: int) -> Change:
    """Shrink the short side to so many pixels and enlarge it again."""

    def change(image: Image.Image) -> Image.Image:
        scale = side / min(image.size)
        small = image.resize((round(image.width * scale), round(image.height * scale)))
        return small.resize(image.size, Image.Resampling.BICUBIC)

    return change


def cut(share: float) -> Change:
    """Cut a share of the width and height off each side."""

    def change(image: Image.Image) -> Image.Image:
        x, y = round(image.width * share), round(image.height * share)
        return image.crop((x, y, image.width - x, image.height - y))

    return change


def headline(image: Image.Image) -> Image.Image:
    """Lay a bar with words over the lowest 15 %."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, round(image.height * 0.85), *image.size), fill=(20, 60, 120))
    draw.text((5, round(image.height * 0.88)), "KEGIATAN HARI INI", fill="white")
    return image


DAMAGE: tuple[tuple[str, str, Change], ...] = (
    ("blurred", "Gaussian, 1 px at 224", gaussian(1)),
    ("blurred", "Gaussian, 1.5 px at 224", gaussian(1.5)),
    ("blurred", "Gaussian, 2 px at 224", gaussian(2)),
    ("blurred", "motion, 4 px at 224", motion(4)),
    ("blurred", "motion, 6 px at 224", motion(6)),
    ("blurred", "enlarged from 80 px", enlarged(80)),
    ("dark", "-1 stop", exposed(-1)),
    ("dark", "-2 stops", exposed(-2)),
    ("dark", "-3 stops", exposed(-3)),
    ("overexposed", "+1 stop", exposed(1)),
    ("overexposed", "+2 stops", exposed(2)),
    ("overexposed", "+3 stops", exposed(3)),
)
COPIES: tuple[tuple[str, Change], ...] = (
    ("saved again, JPEG 75", lambda image: image),
    ("half the size", lambda image: image.resize((image.width // 2, image.height // 2))),
    ("a stop brighter", exposed(1)),
    ("a stop darker", exposed(-1)),
    ("3 % cut off each side", cut(0.03)),
    ("6 % cut off each side", cut(0.06)),
    ("10 % cut off each side", cut(0.10)),
    ("white frame of 8 px", lambda image: ImageOps.expand(image, 8, "white")),
    ("headline over it", headline),
    ("mirrored", ImageOps.mirror),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--most", type=int, default=500, help="photos of a set")
    options = parser.parse_args()
    checker = Checker.load(options.model)
    print(f"model {checker.encoder.name}@{checker.encoder.fingerprint}, {measure.key}")
    photos = {
        f"{kind}/{name}": read_photos(options.data / kind / f"{name}.tar", options.most)
        for kind, name in SETS
    }
    false_alarms(checker, photos)
    caught([data for part in photos.values() for data in part.values()])
    posters(checker, options.data / "dev" / "posts.tsv", photos["dev/posts"])
    copies(checker, list(photos["train/events"].values()))
    cost(next(iter(photos["dev/flickr8k"].values())))


def read_photos(path: Path, most: int) -> dict[str, bytes]:
    """Return the files of a set by name, at most so many, drawn once."""
    with tarfile.open(path) as tar:
        members = [member for member in tar if member.isfile()]
        if len(members) > most:
            drawn = np.random.default_rng(SEED).choice(len(members), most, replace=False)
            members = [members[i] for i in sorted(drawn)]
        files = {m.name.removeprefix("./"): tar.extractfile(m) for m in members}
        return {name: file.read() for name, file in files.items() if file is not None}


def decoded(data: bytes) -> Image.Image:
    """Return a photo's pixels."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def codes(image: Image.Image, lift: float | None = None) -> set[str]:
    """Return the hints that a photo raises."""
    hints = photo_hints(Quality.from_row(measure(image)), *image.size, lift=lift)
    return {hint.code for hint in hints}


def lifts(checker: Checker, photos: list[bytes]) -> list[float]:
    """Return how far photos lean towards poster-like scenes."""
    vectors = embed_photos(checker.encoder, photos).vectors
    return [float(lift) for lift in design_lift(vectors, checker.scorer.cohort.scenes)]


def false_alarms(checker: Checker, photos: dict[str, dict[str, bytes]]) -> None:
    """Print the share of untouched photos that raise each hint."""
    print("\n| photos as they are | n | " + " | ".join(PIXEL_HINTS) + " | poster, pixels alone |")
    print("|---" * (len(PIXEL_HINTS) + 3) + "|")
    for name, part in photos.items():
        images = [decoded(data) for data in part.values()]
        alone = [codes(image) for image in images]
        heard = [
            codes(image, lift)
            for image, lift in zip(images, lifts(checker, list(part.values())), strict=True)
        ]
        rates = [np.mean([code in found for found in heard]) for code in PIXEL_HINTS]
        rates.append(np.mean(["poster" in found for found in alone]))
        print(f"| {name} | {len(part)} | " + " | ".join(f"{r:.1%}" for r in rates) + " |")


def caught(photos: list[bytes]) -> None:
    """Print the share of damaged photos that raise the hint meant."""
    images = [decoded(data) for data in photos]
    print(f"\n| damage to {len(images)} photos | hint | caught |\n|---|---|---|")
    for code, name, change in DAMAGE:
        rate = np.mean([code in codes(change(image)) for image in images])
        print(f"| {name} | {code} | {rate:.1%} |")


def posters(checker: Checker, labels: Path, photos: dict[str, bytes]) -> None:
    """Print how many real designs are found; one publisher's frame is counted apart."""
    with labels.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    of = {row["image"]: (row["label"] == "template", row["publisher"]) for row in rows}
    found = zip(photos.items(), lifts(checker, list(photos.values())), strict=True)
    results = [
        (*of[name], "poster" in codes(decoded(data)), "poster" in codes(decoded(data), lift))
        for (name, data), lift in found
    ]
    largest = max(
        {p for t, p, *_ in results if t}, key=lambda p: sum(r[:2] == (True, p) for r in results)
    )
    print("\n| dev/posts | n | poster, pixels alone | with the embedding |\n|---|---|---|---|")
    for title, chosen in (
        ("template, the publisher with most", [r for r in results if r[0] and r[1] == largest]),
        ("template, the others", [r for r in results if r[0] and r[1] != largest]),
        ("every other label", [r for r in results if not r[0]]),
    ):
        alone, heard = (np.mean([r[k] for r in chosen]) for k in (2, 3))
        print(f"| {title} | {len(chosen)} | {alone:.1%} | {heard:.1%} |")


def copies(checker: Checker, photos: list[bytes]) -> None:
    """Print how often a changed photo is told to be a copy of the very photo it was made of."""
    images = [decoded(data) for data in photos]
    vectors = embed_photos(checker.encoder, photos).vectors
    hashes = [Quality.from_row(measure(image)).hash for image in images]
    names = [f"{n}" for n in range(len(images))]
    near = near_cosine(checker.scorer.cohort.photos)
    own = PhotoPrints(names, hashes, vectors, near).find_copies()
    print(f"\n{len(images)} photos as they are: {sum(c is not None for c in own)} have a near-copy")
    print(
        f"(at most {SURE_BITS} bits, or at most {NEAR_BITS} and a cosine of {NEAR_COSINE}, or "
        f"{near:.2f} alone)"
    )
    print(f"\n| 100 photos changed, among {len(images)} | copy of its own found |\n|---|---|")
    chosen = np.random.default_rng(SEED).choice(len(images), 100, replace=False)
    for title, change in COPIES:
        changed = [saved(change(images[i])) for i in chosen]
        rows = embed_photos(checker.encoder, changed).vectors
        marks = [Quality.from_row(measure(decoded(data))).hash for data in changed]
        pairs = PhotoPrints(
            [*names, *(f"c{i}" for i in chosen)],
            [*hashes, *marks],
            np.concatenate([vectors, rows]),
            near,
        ).find_copies()[len(images) :]
        right = np.mean(
            [c is not None and c.other == i for c, i in zip(pairs, chosen, strict=True)]
        )
        print(f"| {title} | {right:.0%} |")


def saved(image: Image.Image) -> bytes:
    """Return a photo as a JPEG file."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=75)
    return out.getvalue()


def cost(data: bytes) -> None:
    """Print what measuring costs beside decoding, in one run."""
    original = decoded(data).resize((500, 375))
    stored = saved(original)
    measured, decoding = (
        least(lambda: measure(original)),
        least(lambda: decoded(stored).load()),
    )
    print(f"\n500x375: measuring {measured:.2f} ms, {measured / decoding:.1f} times its decoding")
    generator = np.random.default_rng(SEED)
    hashes = [int(h) for h in generator.integers(0, 2**63, 5000)]
    vectors = generator.normal(size=(5000, 256)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    start = time.perf_counter()
    PhotoPrints([f"{n}" for n in range(5000)], hashes, vectors, near=0.9).find_copies()
    print(f"copies among 5,000 photos: {time.perf_counter() - start:.1f} s")


def least(work: Callable[[], object]) -> float:
    """Return the least of 50 times, in milliseconds."""
    times = []
    for _ in range(50):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


if __name__ == "__main__":
    if missing := set(PIXEL_HINTS) - set(HINTS):
        raise SystemExit(f"no such hints: {missing}")
    main()
