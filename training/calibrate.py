"""Fit the embedded model's cohort and null, on photos and captions of the training sets.

Run: ``python -m training.calibrate --data ../shared/data/train --model models/mini``

The null must describe photos and captions as users bring them: everyday photos with everyday
captions, and posts with posts. Every negative pairs a photo with a caption of another photo, for
posts of another publisher.
"""

from __future__ import annotations

import argparse
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imgfit import Calibration
from imgfit.calibration.norms import normalise
from imgfit.captions.cleaning import clean
from imgfit.captions.windows import split_windows
from imgfit.embedding.photos import embed_photos
from imgfit.embedding.texts import embed_captions
from imgfit.encoders.loading import load_encoder
from imgfit.install.golden import write_golden
from imgfit.install.sums import write_sums
from imgfit.models.finding import find_model
from imgfit.scoring.scorer import embed_cohort
from training.data import read_posts, read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit import Encoder
    from imgfit.cache.embeddings import EmbeddingCache

SEED = 20
# The weights of windows, in the model's folder.
WEIGHTS = "windows.safetensors"
# Photos kept with the model as its cohort, by set: the domain, and everyday life beside it.
COHORT = {"posts": 200, "events": 0, "flickr8k": 200}
# Photos a set for the negatives; every one meets every caption of the others.
NULL = {"posts": 600, "events": 400, "flickr8k": 400}


def main() -> None:
    """Write ``cohort.safetensors`` and ``calibration.json`` into the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    options = parser.parse_args()
    calibrate(options.data, options.model)


def calibrate(data: Path, model: Path) -> None:
    """Fit and write the cohort, the null and the list of digests.

    Args:
        data: The training sets' folder.
        model: The model's folder.
    """
    folder = find_model(str(model))
    encoder = load_encoder(folder, runtime="torch", device="cpu")
    generator = np.random.default_rng(SEED)

    cohort_photos, negatives = [], []
    for name in COHORT:
        photos, captions, groups = read_pairs(data, name)
        order = generator.permutation(len(photos))
        chosen = order[: COHORT[name] + NULL[name]]
        vectors = embed_archive(encoder, data / f"{name}.tar", [photos[i] for i in chosen])
        cohort_photos.append(vectors[: COHORT[name]])
        rest = chosen[COHORT[name] :]
        negatives.append(
            (
                vectors[COHORT[name] :],
                embed_texts_as_captions(encoder, [captions[i] for i in rest]),
                np.array([groups[i] for i in rest]),
            )
        )
    cohort = embed_cohort(encoder, np.concatenate(cohort_photos))
    scores = []
    for vectors, captions_of, groups_of in negatives:
        normalised = normalise(
            vectors @ captions_of.T, vectors @ cohort.captions.T, captions_of @ cohort.photos.T
        )
        values = normalised[groups_of[:, None] != groups_of[None, :]]
        # Each set weighs the same in the null, however many pairs it makes.
        scores.append(generator.choice(values, 60_000, replace=False))
    calibration = Calibration.from_negatives(
        np.concatenate(scores),
        fingerprint=encoder.fingerprint,
        cohort=cohort.digest,
        source="mismatched pairs within train posts (other publishers), events and flickr8k",
    )
    cohort.save(folder.cohort)
    calibration.save(folder.calibration)
    folder.cohort.chmod(0o644)  # safetensors writes for its owner only
    write_golden(encoder)
    write_sums(folder.path)
    for name, values in zip(COHORT, scores, strict=True):
        reached = [float((calibration.fit(values) >= 1 - far).mean()) for far in (0.05, 0.25)]
        print(f"{name}: FAR {reached[0]:.3f} at 0.05, {reached[1]:.3f} at 0.25")


def read_pairs(folder: Path, name: str) -> tuple[list[str], list[str], list[str]]:
    """Return photos, one caption each, and the group that holds each photo's own kind."""
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


def embed_texts_as_captions(encoder: Encoder, captions: Sequence[str]) -> NDArray[np.float32]:
    """Embed captions as the checker does: cleaned, cut into windows, pooled."""
    return embed_captions(encoder, caption_windows(encoder, captions)).pooled


if __name__ == "__main__":
    main()
