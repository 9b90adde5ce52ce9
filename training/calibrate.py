"""Fit the embedded model's cohort and null, on photos and captions of the training sets.

Run: ``python -m training.calibrate --data ../shared/data/train --model models/mini --coco40k DIR``

The null must describe photos and captions as users bring them: everyday photos with everyday
captions, and posts with posts. Every negative pairs a photo with a caption of another photo, for
posts of another publisher.
"""

from __future__ import annotations

import argparse
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imgfit import Calibration
from imgfit.cache.embeddings import EmbeddingCache
from imgfit.calibration.positives import PositiveKind, Positives
from imgfit.calibration.window_weights import WindowWeights, pooling_of
from imgfit.captions.cleaning import clean
from imgfit.captions.windows import split_windows
from imgfit.embedding.photos import embed_photos
from imgfit.embedding.texts import embed_captions
from imgfit.encoders.loading import load_encoder
from imgfit.install.golden import write_golden
from imgfit.install.sums import write_sums
from imgfit.models.finding import find_model
from imgfit.scoring.scorer import embed_cohort
from training.data import held_out, kept_back, read_posts, read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from imgfit import Encoder
    from imgfit.calibration.cohort import Cohort
    from imgfit.encoders.model import ModelEncoder

SEED = 20
# Photos kept with the model as its cohort, by set: the domain, and everyday life beside it. Of
# posts only photos that nothing was learned from: a photo that the towers know is no stranger.
COHORT = {"posts3": 200, "flickr8k": 200}
# Photos a set for the negatives; every one meets every caption of the others. The share is that of
# the null's pairs: (set, captions, photos, share).
NULL: tuple[tuple[str, PositiveKind, int, float], ...] = (
    ("posts3", "posts", 600, 2.0),
    ("posts3", "titles", 600, 0.5),
    ("flickr8k", "everyday", 400, 2.0),
)
PAIRS = 60_000
# Photos of coco40k for the everyday positives.
EVERYDAY = 600


def main() -> None:
    """Write ``cohort.safetensors`` and ``calibration.json`` into the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--coco40k", type=Path, required=True, help="folder that holds coco40k")
    parser.add_argument("--cache", type=Path, help="keeps embeddings for the next run")
    options = parser.parse_args()
    cache = EmbeddingCache(options.cache) if options.cache else None
    calibrate(options.data, options.model, options.coco40k, cache)


def calibrate(data: Path, model: Path, coco: Path, cache: EmbeddingCache | None = None) -> None:
    """Fit and write the cohort, the null, the positives and the list of digests.

    Args:
        data: The training sets' folder.
        model: The model's folder.
        coco: Folder of ``coco40k``, photos that nothing was learned from.
        cache: Where embeddings are looked up and kept.
    """
    folder = find_model(str(model))
    encoder = load_encoder(folder, runtime="torch", device="cpu")
    weights = None
    if folder.window_weights.is_file():
        weights = WindowWeights.load(
            folder.window_weights, fingerprint=encoder.fingerprint, dim=encoder.dim
        )
    generator = np.random.default_rng(SEED)
    embedder = _Embedder(encoder, weights, cache)
    cohort, rest = make_cohort(encoder, data, cache)
    scores: dict[str, NDArray[np.float64]] = {}
    positives = []
    for name, kind, size, _ in NULL:
        own, others = embedder.scores(cohort, data / f"{name}.tar", rest[name][:size], kind)
        scores[f"{name} {kind}"] = others
        if name == "posts3":
            source = f"{len(own)} posts of held-out publishers of posts3, by their {kind}"
            positives.append(Positives.of(kind, own, others, source=source))
    everyday = read_pairs(coco, "coco40k")
    chosen = [everyday[i] for i in generator.permutation(len(everyday))[:EVERYDAY]]
    own, others = embedder.scores(cohort, coco / "coco40k.tar", chosen, "everyday")
    source = f"{len(own)} captioned photos of coco40k"
    positives.insert(0, Positives.of("everyday", own, others, source=source))

    null = [
        # With replacement: the share of a set does not depend on how many pairs it makes.
        generator.choice(scores[f"{name} {kind}"], int(PAIRS * share))
        for name, kind, _, share in NULL
    ]
    calibration = Calibration.from_negatives(
        np.concatenate(null),
        fingerprint=encoder.fingerprint,
        cohort=cohort.digest,
        source="mismatched pairs of held-out posts (other publishers) and flickr8k",
        pooling=pooling_of(weights),
    )
    calibration = replace(calibration, positives=tuple(positives))
    cohort.save(folder.cohort)
    calibration.save(folder.calibration)
    folder.cohort.chmod(0o644)  # safetensors writes for its owner only
    write_golden(encoder)
    write_sums(folder.path)
    for name, values in scores.items():
        reached = [float((calibration.fit(values) >= 1 - far).mean()) for far in (0.05, 0.25)]
        print(f"{name}: FAR {reached[0]:.3f} at 0.05, {reached[1]:.3f} at 0.25")
    for found in positives:
        rates = [calibration.pass_rate(found.kind, far) for far in (0.01, 0.05, 0.25)]
        print(f"{found.kind}: {found.pairs} pairs, pass {rates} at 0.01, 0.05, 0.25")


def make_cohort(
    encoder: Encoder,
    data: Path,
    cache: EmbeddingCache | None = None,
    sizes: Mapping[str, int] = COHORT,
) -> tuple[Cohort, dict[str, list[Pair]]]:
    """Embed the cohort; return it with the pairs of its sets whose photos are not in it."""
    generator = np.random.default_rng(SEED)
    rest: dict[str, list[Pair]] = {}
    photos = []
    for name, size in sizes.items():
        pairs = read_pairs(data, name)
        pairs = [pairs[i] for i in generator.permutation(len(pairs))]
        names = [pair.photo for pair in pairs[:size]]
        photos.append(embed_archive(encoder, data / f"{name}.tar", names, cache=cache))
        rest[name] = pairs[size:]
    return embed_cohort(encoder, np.concatenate(photos)), rest


@dataclass(frozen=True, slots=True)
class Pair:
    """A photo with its captions by kind, and the group that holds its own kind."""

    photo: str
    captions: dict[str, str]
    group: str


@dataclass(frozen=True, slots=True)
class _Embedder:
    """Embeds pairs by imgfit's own path."""

    encoder: ModelEncoder
    weights: WindowWeights | None
    cache: EmbeddingCache | None

    def photos(self, archive: Path, pairs: Sequence[Pair]) -> NDArray[np.float32]:
        """Embed the pairs' photos."""
        names = [pair.photo for pair in pairs]
        return embed_archive(self.encoder, archive, names, cache=self.cache)

    def scores(
        self, cohort: Cohort, archive: Path, pairs: Sequence[Pair], kind: PositiveKind
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return normalised scores of the right pairs, and of the pairs across groups."""
        pairs = [pair for pair in pairs if pair.captions.get(kind)]
        photos = self.photos(archive, pairs)
        windows = caption_windows(self.encoder, [pair.captions[kind] for pair in pairs])
        embedded = embed_captions(self.encoder, windows, weights=self.weights, cache=self.cache)
        captions = embedded.pooled
        scores = cohort.normalise(photos @ captions.T, photos, captions)
        groups = np.array([pair.group for pair in pairs])
        return np.diag(scores), scores[groups[:, None] != groups[None, :]]


def read_pairs(folder: Path, name: str) -> list[Pair]:
    """Return each photo once; of posts2, posts3 and coco40k only what nothing is learned from."""
    if name.startswith("posts"):
        found: dict[str, Pair] = {}
        for post in read_posts(folder / f"{name}.tsv"):
            if (post.title or post.body) and (name == "posts" or held_out(post.publisher)):
                captions = {"titles": post.title, "posts": f"{post.title}\n{post.body}".strip()}
                found.setdefault(post.photo, Pair(post.photo, captions, post.publisher))
        return list(found.values())
    first: dict[str, Pair] = {}
    for row in read_rows(folder / f"{name}.tsv"):
        caption = row["caption"].strip()
        learned = name == "coco40k" and not kept_back(name, row["image"])
        if caption and row.get("lang", "en") == "en" and not learned:
            pair = Pair(row["image"], {"everyday": caption}, row["image"])
            first.setdefault(row["image"], pair)
    return list(first.values())


def embed_archive(
    encoder: Encoder, archive: Path, names: Sequence[str], *, cache: EmbeddingCache | None = None
) -> NDArray[np.float32]:
    """Embed photos of a tar, in the order of the names; a broken photo is an error."""
    with tarfile.open(archive) as tar:
        files = {m.name.removeprefix("./"): m for m in tar if m.isfile()}
        sources = []
        for name in names:
            stream = tar.extractfile(files[name])
            if stream is None:
                raise FileNotFoundError(name)
            sources.append(stream.read())
    result = embed_photos(encoder, sources, cache=cache)
    for error in result.errors:
        if error is not None:
            raise error
    return result.vectors


def caption_windows(encoder: Encoder, captions: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the windows that the checker would score, for each caption."""
    return [
        split_windows(clean(caption).text or caption, encoder.count_tokens, encoder.context_length)
        for caption in captions
    ]


def embed_texts_as_captions(
    encoder: Encoder, captions: Sequence[str], weights: WindowWeights | None = None
) -> NDArray[np.float32]:
    """Embed captions as the checker does: cleaned, cut into windows, pooled."""
    return embed_captions(encoder, caption_windows(encoder, captions), weights=weights).pooled


if __name__ == "__main__":
    main()
