"""What was weighed when a caption's windows and the normalisation were settled.

Run: ``python -m benchmarks.choices --data ../shared/data [--model mini]``

Two tables: aggregates over the windows of real posts, by AUC; and normalisations, by AUC and by
the FAR reached at 0.05 and at 0.25. Nulls come from the training sets, trials from the development
sets, as in ``training/calibrate.py`` and ``benchmarks/accuracy.py``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from training.calibrate import caption_windows, embed_archive
from training.data import read_posts, read_rows

from imgfit import Checker, metrics
from imgfit.embedding.texts import CaptionEmbeddings, embed_captions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from imgfit import Encoder
    from imgfit.metrics import Floats, Vectors

FARS = (0.05, 0.25)
SEED = 20
COHORTS = {
    "200 posts, 200 Flickr8k": {"posts": 200, "flickr8k": 200},
    "160 posts, 160 events, 80 Flickr8k": {"posts": 160, "events": 160, "flickr8k": 80},
}
# The first photos of a set may serve as cohort, those after them as null.
HELD, NULL = 200, {"posts": 600, "events": 400, "flickr8k": 400}


@dataclass(frozen=True, slots=True)
class Pairs:
    """Photos, captions, and which pairs count on either side."""

    photos: Vectors
    captions: CaptionEmbeddings
    positive: NDArray[np.bool_]
    negative: NDArray[np.bool_]

    def auc(self, scores: Floats) -> float:
        """Area under the curve of these scores, shape ``(photos, captions)``."""
        return metrics.auc(negatives=scores[self.negative], positives=scores[self.positive])


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="mini")
    options = parser.parse_args()
    checker = Checker.load(options.model)
    encoder = checker.encoder
    print(f"model {encoder.name}@{encoder.fingerprint}")
    sets = read_dev(encoder, options.data / "dev")
    train = {name: read_train(encoder, options.data / "train", name) for name in NULL}
    cohorts = {
        name: np.concatenate([train[part].photos[:count] for part, count in mix.items()])
        for name, mix in COHORTS.items()
    }
    captions = checker.scorer.cohort.captions
    print_aggregates(sets["posts, title and body"], captions, next(iter(cohorts.values())))
    print_normalisations(sets, train, captions, cohorts)


def print_aggregates(pairs: Pairs, captions: Vectors, photos: Vectors) -> None:
    """Aggregates over windows, each under adaptive s-norm by 50."""
    normalise = adaptive(captions, photos, 50)
    windows = pairs.captions.windows
    groups = np.split(np.arange(len(windows)), np.flatnonzero(np.diff(pairs.captions.owner)) + 1)
    scores = normalise(pairs.photos, windows)

    def pooled(weights: Callable[[int], NDArray[np.floating]]) -> Floats:
        rows = [np.average(windows[g], 0, weights=weights(len(g))) for g in groups]
        return normalise(pairs.photos, metrics.unit(np.stack(rows).astype(np.float32)))

    def over(aggregate: Callable[[Floats], Floats]) -> Floats:
        return np.stack([aggregate(scores[:, g]) for g in groups], axis=1)

    def softmax(values: Floats) -> Floats:
        weights = np.exp(values - values.max(axis=1, keepdims=True))
        found: Floats = (values * weights).sum(axis=1) / weights.sum(axis=1)
        return found

    def title_then_body(title: float) -> Callable[[int], NDArray[np.floating]]:
        return lambda k: np.array([title] + [(1 - title) / max(1, k - 1)] * (k - 1))

    found = {
        "mean of embeddings": pooled(np.ones),
        "lead-weighted embeddings, as in use": pooled(lambda k: metrics.LEAD ** np.arange(k)),
        "lead-weighted embeddings, 1 / (1 + place)": pooled(lambda k: 1 / (1 + np.arange(k))),
        "lead-weighted embeddings, 1 / sqrt(1 + place)": pooled(
            lambda k: 1 / np.sqrt(1 + np.arange(k))
        ),
        "first window, then the others, half each": pooled(title_then_body(0.5)),
        "first window only": pooled(lambda k: (np.arange(k) < 1).astype(float)),
        "best window": over(lambda s: s.max(axis=1)),
        "mean of the best two windows": over(lambda s: np.sort(s, axis=1)[:, -2:].mean(axis=1)),
        "mean of the windows' scores": over(lambda s: s.mean(axis=1)),
        "softmax-weighted windows' scores": over(softmax),
    }
    print("\n| aggregate | posts, title and body: AUC |\n|---|---|")
    for name, values in found.items():
        print(f"| {name} | {pairs.auc(values):.3f} |")


def print_normalisations(
    sets: dict[str, Pairs],
    train: dict[str, Pairs],
    captions: Vectors,
    cohorts: dict[str, Vectors],
) -> None:
    """Normalisations, each with its own null."""
    first = next(iter(cohorts.values()))
    every = len(captions)
    photo_mean, caption_mean = first.mean(axis=0), captions.mean(axis=0)

    def centred(photos: Vectors, texts: Vectors) -> Floats:
        cut = [metrics.unit(photos - photo_mean), metrics.unit(texts - caption_mean)]
        by = [metrics.unit(captions - caption_mean), metrics.unit(first - photo_mean)]
        return metrics.s_norm(cosines(*cut), cut[0] @ by[0].T, cut[1] @ by[1].T)

    ways: dict[str, Callable[[Vectors, Vectors], Floats]] = {
        "none": cosines,
        "t-norm": lambda p, c: metrics.t_norm(cosines(p, c), p @ captions.T),
        "z-norm": lambda p, c: metrics.z_norm(cosines(p, c), c @ first.T),
        "s-norm, centred embeddings": centred,
    }
    for name, photos in cohorts.items():
        for top in (every, 100, 50, 30):
            label = "s-norm" if top == every else f"adaptive s-norm, {top} fittest"
            ways[f"{label} ({name})"] = adaptive(captions, photos, top)
    print("\n| normalisation |", " | ".join(sets), "|\n|---" + "|---" * len(sets) + "|")
    for name, way in ways.items():
        generator = np.random.default_rng(SEED)
        null = np.concatenate([
            generator.choice(way(p.photos, p.captions.pooled)[p.negative], 60_000, replace=False)
            for p in (rest(train[part], count) for part, count in NULL.items())
        ])  # fmt: skip
        cells = []
        for pairs in sets.values():
            scores = way(pairs.photos, pairs.captions.pooled)
            reached = [
                metrics.far(float(np.quantile(null, 1 - far)), negatives=scores[pairs.negative])
                for far in FARS
            ]
            cells.append(f"{pairs.auc(scores):.3f} {reached[0]:.3f} {reached[1]:.3f}")
        print(f"| {name} |", " | ".join(cells), "|")


def cosines(photos: Vectors, texts: Vectors) -> Floats:
    """Every photo against every text."""
    return (photos @ texts.T).astype(np.float64)


def adaptive(captions: Vectors, photos: Vectors, top: int) -> Callable[[Vectors, Vectors], Floats]:
    """Adaptive s-norm against these cohorts; all of both where ``top`` is as large."""

    def way(p: Vectors, c: Vectors) -> Floats:
        sides = p @ captions.T, c @ photos.T
        if top >= min(len(captions), len(photos)):
            return metrics.s_norm(cosines(p, c), *sides)
        return metrics.adaptive_s_norm(cosines(p, c), *sides, top=top)

    return way


def read_dev(encoder: Encoder, folder: Path) -> dict[str, Pairs]:
    """The four development sets, as `benchmarks.accuracy` pairs them."""
    rows = read_rows(folder / "flickr8k.tsv")
    names = sorted({row["image"] for row in rows})
    photos = embed_archive(encoder, folder / "flickr8k.tar", names)
    found = {}
    for lang in ("en", "id"):
        chosen = [row for row in rows if row["lang"] == lang]
        owner = np.array([names.index(row["image"]) for row in chosen])
        own = owner[None, :] == np.arange(len(names))[:, None]
        captions = embed(encoder, [row["caption"] for row in chosen])
        found[f"Flickr8k {lang}"] = Pairs(photos, captions, own, ~own)
    items = [post for post in read_posts(folder / "posts.tsv") if post.title or post.body]
    photos = embed_archive(encoder, folder / "posts.tar", [post.photo for post in items])
    publisher = np.array([post.publisher for post in items])
    shows = np.array([post.label in ("shows", "template") for post in items])
    negative = (publisher[:, None] != publisher[None]) & shows[:, None] & shows[None]
    positive = np.eye(len(items), dtype=bool) & shows[:, None]
    for name, texts in (
        ("posts, title", [post.title or post.body for post in items]),
        ("posts, title and body", [f"{post.title}\n{post.body}".strip() for post in items]),
    ):
        found[name] = Pairs(photos, embed(encoder, texts), positive, negative)
    return found


def read_train(encoder: Encoder, folder: Path, name: str) -> Pairs:
    """Photos of a training set with a caption each, in a drawn order."""
    photos, captions, groups = read_drafts_of(folder, name)
    order = np.random.default_rng(SEED).permutation(len(photos))[: HELD + NULL[name]]
    kinds = np.array([groups[i] for i in order])
    return Pairs(
        embed_archive(encoder, folder / f"{name}.tar", [photos[i] for i in order]),
        embed(encoder, [captions[i] for i in order]),
        np.eye(len(order), dtype=bool),
        kinds[:, None] != kinds[None],
    )


def read_drafts_of(folder: Path, name: str) -> tuple[list[str], list[str], list[str]]:
    """Photos, one caption each, and the group that holds each photo's own kind."""
    if name == "posts":
        items = [post for post in read_posts(folder / "posts.tsv") if post.title or post.body]
        captions = [
            # Half are scored by their title alone, half with the body, as drafts will be.
            post.title or post.body if i % 2 else f"{post.title}\n{post.body}".strip()
            for i, post in enumerate(items)
        ]
        return [p.photo for p in items], captions, [p.publisher for p in items]
    first: dict[str, str] = {}
    for row in read_rows(folder / f"{name}.tsv"):
        if row["caption"].strip() and row["lang"] == "en":
            first.setdefault(row["image"], row["caption"].strip())
    return list(first), list(first.values()), list(first)


def rest(pairs: Pairs, count: int) -> Pairs:
    """What comes after the photos that may serve as cohort."""
    part = slice(HELD, HELD + count)
    chosen = pairs.captions.pooled[part]
    captions = CaptionEmbeddings(chosen, chosen, np.arange(len(chosen)), (), np.ones(len(chosen)))
    return Pairs(
        pairs.photos[part], captions, pairs.positive[part, part], pairs.negative[part, part]
    )


def embed(encoder: Encoder, captions: Sequence[str]) -> CaptionEmbeddings:
    """Captions as the checker embeds them."""
    return embed_captions(encoder, caption_windows(encoder, captions))


if __name__ == "__main__":
    main()
