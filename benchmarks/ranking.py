"""What the choices behind rankings, near-copies, swaps and better photos rest on.

Run: ``python -m benchmarks.ranking --data ../shared/data/dev [--model mini]``
"""

from __future__ import annotations

import argparse
import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageEnhance, ImageOps
from training.calibrate import embed_archive, embed_texts_as_captions
from training.data import read_posts, read_rows

from imgfit import Checker, Draft, metrics
from imgfit.choosing.comparing import BatchChooser
from imgfit.choosing.results import CLOSE_MARGIN
from imgfit.embedding.photos import embed_photos
from imgfit.embedding.texts import CaptionEmbeddings
from imgfit.photos.copies import PhotoPrints, near_cosine
from imgfit.scoring.results import Batch, Score
from imgfit.scoring.scorer import DraftFacts
from imgfit.scoring.signature import Signature
from imgfit.scoring.thresholds import Thresholds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from imgfit.metrics import Floats, Vectors

SEED = 8
STEPS = np.arange(0, 3.01, 0.25)


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="mini")
    options = parser.parse_args()
    checker = Checker.load(options.model)
    print(f"model {checker.encoder.name}@{checker.encoder.fingerprint}")
    rows = read_rows(options.data / "flickr8k.tsv")
    names = sorted({row["image"] for row in rows})
    photos = embed_archive(checker.encoder, options.data / "flickr8k.tar", names)
    sets = {}
    for lang in ("en", "id"):
        first: dict[str, str] = {}
        for row in rows:
            if row["lang"] == lang:
                first.setdefault(row["image"], row["caption"])
        owner = np.array([names.index(name) for name in first])
        written = list(first.values())
        pooled = embed_texts_as_captions(checker.encoder, written, checker.window_weights)
        sets[lang] = (owner, pooled)
    posts = [
        post
        for post in read_posts(options.data / "posts.tsv")
        if (post.title or post.body) and post.label in ("shows", "template")
    ]
    post_photos = embed_archive(checker.encoder, options.data / "posts.tar",
                                [post.photo for post in posts])  # fmt: skip
    texts = [f"{post.title}\n{post.body}".strip() for post in posts]
    post_captions = embed_texts_as_captions(checker.encoder, texts, checker.window_weights)
    for lang, (owner, captions) in sets.items():
        hubness(checker, lang, photos, captions, owner)
    for lang, (owner, captions) in sets.items():
        margins(checker, lang, photos, captions, owner)
    copies(checker, options.data / "flickr8k.tar", photos)
    owner, captions = sets["id"]
    for size in (12, 30):
        swaps(checker, "Flickr8k id", photos[owner], captions, size)
    swaps(checker, "posts", post_photos, post_captions, 30)


def hubness(
    checker: Checker, lang: str, photos: Vectors, captions: Vectors, owner: NDArray[np.intp]
) -> None:
    """Print R@1 of caption to photo and of photo to caption, by correction."""
    cohort = checker.scorer.cohort
    raw = (captions @ photos.T).astype(np.float64)
    rivals = (cohort.captions @ photos.T).astype(np.float64)
    ways: dict[str, Floats] = {
        "cosine": raw,
        "adaptive s-norm": checker.scorer.normalise(raw.T, photos, captions).T,
        "CSLS by 10 of the cohort": 2 * raw - np.sort(rivals, axis=0)[-10:].mean(axis=0),
        "CSLS by 50 of the cohort": 2 * raw - np.sort(rivals, axis=0)[-50:].mean(axis=0),
        "inverted softmax over the cohort": raw / 0.05 - _log_sum(rivals / 0.05),
        "inverted softmax over the other captions": raw / 0.05 - _log_sum(raw / 0.05),
    }
    print(f"\nFlickr8k {lang}: R@1, caption -> one of {len(photos)} photos, n = {len(captions)}")
    for name, scores in ways.items():
        print(f"  {name}: {metrics.recall_at_k(scores, owner, 1):.3f}")


def margins(
    checker: Checker, lang: str, photos: Vectors, captions: Vectors, owner: NDArray[np.intp]
) -> None:
    """Print how often the order of the best two is wrong, by their margin."""
    scores = checker.scorer.normalise((photos @ captions.T), photos, captions).T
    generator = np.random.default_rng(SEED)
    print(f"\nFlickr8k {lang}: order of the best two wrong, where the right photo is one of them")
    for size in (5, 20, 100):
        found = []
        for _ in range(10):
            for row, own in zip(scores, owner, strict=True):
                others = generator.choice(len(photos), size, replace=False)
                drawn = row[others[others != own][: size - 1]]
                best = drawn.max()
                if (drawn > row[own]).sum() <= 1:
                    rest = max(row[own], best) - (np.partition(np.append(drawn, row[own]), -2)[-2])
                    found.append((rest, best > row[own]))
        margin, wrong = np.array(found).T
        cells = [
            f"{low:g}: {wrong[inside].mean():.2f}"
            for low in STEPS
            if (inside := (margin >= low) & (margin < low + 0.25)).sum() > 50
        ]
        close = margin < CLOSE_MARGIN
        print(f"  of {size}, from margin: {', '.join(cells)}")
        print(
            f"    under {CLOSE_MARGIN}: {close.mean():.2f} of cases, {wrong[close].mean():.2f} "
            f"wrong; above: {wrong[~close].mean():.3f} wrong"
        )


def copies(checker: Checker, archive: Path, photos: Vectors) -> None:
    """Print which share of altered photos, and of different ones, count as near-copies."""
    near = near_cosine(checker.scorer.cohort.photos)
    pairs = (photos @ photos.T)[np.triu_indices(len(photos), 1)]
    print(f"\nnear-copies from a cosine of {near:.3f}")
    print(f"  different photos: {(pairs >= near).sum()} of {len(pairs)} pairs; "
          f"highest {pairs.max():.3f}")  # fmt: skip
    changes: dict[str, Callable[[Image.Image], Image.Image]] = {
        "as it is": lambda photo: photo,
        "quarter brighter": lambda photo: ImageEnhance.Brightness(photo).enhance(1.25),
        "quarter darker": lambda photo: ImageEnhance.Brightness(photo).enhance(0.75),
        "mirrored": ImageOps.mirror,
        "5 % cropped each side": lambda photo: _cropped(photo, 0.05),
        "10 % cropped each side": lambda photo: _cropped(photo, 0.10),
        "saved at quality 30": lambda photo: photo,
        "half the size": lambda photo: photo.resize((photo.width // 2, photo.height // 2)),
        "grey": lambda photo: photo.convert("L").convert("RGB"),
    }
    originals = []
    with tarfile.open(archive) as tar:
        members = [member for member in tar if member.isfile()]
        for number in np.random.default_rng(SEED).permutation(len(members))[:80]:
            stream = tar.extractfile(members[number])
            if stream is not None:
                originals.append(Image.open(io.BytesIO(stream.read())).convert("RGB"))
    rows = {}
    for name, change in changes.items():
        quality = 30 if "quality" in name else 90
        files = []
        for photo in originals:
            file = io.BytesIO()
            change(photo).save(file, "JPEG", quality=quality)
            files.append(file.getvalue())
        rows[name] = embed_photos(checker.encoder, files).vectors
    for name, changed in rows.items():
        cosine = np.einsum("nd,nd->n", rows["as it is"], changed)
        print(f"  {name}: {(cosine >= near).mean():.2f}")


def swaps(checker: Checker, name: str, photos: Vectors, captions: Vectors, size: int) -> None:
    """Print what is found of swapped pairs, and what is proposed for drafts as they are."""
    generator = np.random.default_rng(SEED)
    folders = 100
    counts = dict.fromkeys(("found", "wrong", "right photo", "wrong photo"), 0)
    clean = dict.fromkeys(("swap", "photo", "folders"), 0)
    for _ in range(folders):
        chosen = generator.choice(len(photos), size, replace=False)
        batch = _batch(checker, photos[chosen], captions[chosen])
        moved = [m.draft for s in batch.assignment().swaps for m in s.moves]
        clean["swap"] += len(moved)
        clean["folders"] += bool(moved)
        clean["photo"] += len(batch.suggestions())
        order = np.arange(size)
        a, b = generator.choice(size, 2, replace=False).tolist()
        order[[a, b]] = [b, a]
        batch = _batch(checker, photos[chosen][order], captions[chosen])
        rings = [{move.draft for move in swap.moves} for swap in batch.assignment().swaps]
        counts["found"] += {a, b} in rings
        counts["wrong"] += sum(len(ring) for ring in rings if ring != {a, b})
        for place, partner in ((a, b), (b, a)):
            move = batch.suggestions().get(place)
            counts["right photo"] += move is not None and move.source == partner
            counts["wrong photo"] += move is not None and move.source != partner
    drafts = folders * size
    print(f"\n{name}: {folders} folders of {size} drafts, one pair swapped in each")
    print(f"  swapped pairs found {counts['found'] / folders:.2f}; "
          f"other drafts in swaps {counts['wrong'] / drafts:.4f}")  # fmt: skip
    right, wrong = (counts[f"{kind} photo"] / 2 / folders for kind in ("right", "wrong"))
    print(f"  better photo for a swapped draft: the right one {right:.2f}, another {wrong:.2f}")
    print(f"  nothing swapped: drafts in swaps {clean['swap'] / drafts:.4f}, folders with any "
          f"{clean['folders'] / folders:.2f}")  # fmt: skip
    print(f"  nothing swapped: drafts with a better photo {clean['photo'] / drafts:.3f}")


def _batch(checker: Checker, photos: Vectors, captions: Vectors) -> Batch:
    """Make a batch of embeddings, as `Checker.check_drafts` does of drafts."""
    count = np.arange(len(photos), dtype=np.intp)
    names = tuple(str(n) for n in count)
    trials, batch = checker.scorer.score(
        photos,
        CaptionEmbeddings(captions, captions, count, names, np.ones(len(captions))),
        [DraftFacts(name, name, name, name) for name in names],
    )
    scores = tuple(
        Score(Draft(b"", "", name), normalised=trial.normalised, fit=trial.fit)
        for name, trial in zip(names, trials, strict=True)
    )
    prints = PhotoPrints(names, [0] * len(names), photos, near=2.0)
    chooser = BatchChooser(checker.scorer, batch, prints, captions, count)
    return Batch(scores, Thresholds(), Signature(), _chooser=chooser)


def _cropped(photo: Image.Image, share: float) -> Image.Image:
    x, y = round(photo.width * share), round(photo.height * share)
    return photo.crop((x, y, photo.width - x, photo.height - y))


def _log_sum(values: Floats) -> Floats:
    highest = values.max(axis=0)
    total: Floats = highest + np.log(np.exp(values - highest).sum(axis=0))
    return total


if __name__ == "__main__":
    main()
