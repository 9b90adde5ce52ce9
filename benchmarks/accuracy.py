"""How well a model tells a caption's own photo from others, on the development sets.

Run: ``python -m benchmarks.accuracy --data ../shared/data/dev [--model mini] [--json out.json]``

Everything goes through imgfit's own path: its decoding, cleaning, windows, pooling, s-norm and
null. The sets are described in ``benchmarks/README.md``; none of them is trained on. The first
table scores each pair alone; the second, the same captions as batches whose drafts join the
cohort: whole sets, and batches of a few dozen drafts of which every second one carries the caption
of a photo outside the batch.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from training.calibrate import embed_archive, embed_texts_as_captions
from training.data import read_posts, read_rows

from benchmarks.pairs import all_pairs
from imgfit import Checker, metrics
from imgfit.calibration.mismatching import group_copies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from imgfit.metrics import Floats, Vectors

FARS = (0.05, 0.25)
SEED = 1
# Batches drawn by their size; half of each is mismatched.
BATCHES = {12: 300, 40: 100, 80: 50}


@dataclass(frozen=True, slots=True)
class Trials:
    """All photos against all captions of a set.

    Attributes:
        raw: Cosines, shape ``(photos, captions)``.
        normalised: Their s-norm, same shape.
        positive: Which pairs belong together and count.
        negative: Which pairs do not belong together and count.
    """

    raw: Floats
    normalised: Floats
    positive: NDArray[np.bool_]
    negative: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Drafts:
    """A development set as drafts that belong together.

    Attributes:
        alone: Figures of the set, each pair scored alone.
        name: Of the set.
        photos: Unit rows, shape ``(n, dim)``.
        captions: Unit rows, shape ``(n, dim)``.
        groups: Copies of each other, shape ``(n,)``.
        negative: Which photo and caption do not belong together and count, shape ``(n, n)``.
    """

    alone: dict[str, object]
    name: str
    photos: Vectors
    captions: Vectors
    groups: NDArray[np.intp]
    negative: NDArray[np.bool_]


def main() -> None:
    """Print the table of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    checker = Checker.load(options.model)
    sets = [*flickr8k(checker, options.data), *posts(checker, options.data)]
    rows = [found.alone for found in sets]
    batches = [row for found in sets for row in in_batches(checker, found)]
    print(f"model {checker.encoder.name}@{checker.encoder.fingerprint}\n")
    print(table(rows))
    print()
    print(table(batches))
    print()
    print("\n".join(bars(rows, batches)))
    if options.json:
        options.json.write_text(json.dumps({"alone": rows, "batches": batches}, indent=1) + "\n")


def flickr8k(checker: Checker, folder: Path) -> list[Drafts]:
    """Measure everyday photos: English captions, and Indonesian ones written by people."""
    rows = read_rows(folder / "flickr8k.tsv")
    photos = sorted({row["image"] for row in rows})
    vectors = embed_archive(checker.encoder, folder / "flickr8k.tar", photos)
    found = []
    for lang, name in (("en", "Flickr8k, English"), ("id", "Flickr8k, human Indonesian")):
        chosen = [row for row in rows if row["lang"] == lang]
        owner = np.array([photos.index(row["image"]) for row in chosen])
        own = owner[None, :] == np.arange(len(photos))[:, None]
        texts = [row["caption"] for row in chosen]
        pooled = embed_texts_as_captions(checker.encoder, texts, checker.window_weights)
        trials = _trials(checker, vectors, pooled, own, ~own)
        recall = {f"R@{k}": metrics.recall_at_k(trials.raw.T, owner, k) for k in (1, 5, 10)}
        figures = {"set": name, "n": len(chosen), **recall, **_figures(checker, trials)}
        # A batch has one draft a photo: its first caption.
        first = np.unique(owner, return_index=True)[1]
        found.append(
            Drafts(
                figures,
                name,
                vectors[owner[first]],
                pooled[first],
                np.arange(len(first)),
                ~np.eye(len(first), dtype=bool),
            )
        )
    return found


def posts(checker: Checker, folder: Path) -> list[Drafts]:
    """Measure real Indonesian posts; negatives come from other publishers."""
    items = [post for post in read_posts(folder / "posts.tsv") if post.title or post.body]
    vectors = embed_archive(checker.encoder, folder / "posts.tar", [post.photo for post in items])
    publisher = np.array([post.publisher for post in items])
    shows = np.array([post.label in ("shows", "template") for post in items])
    negative = publisher[:, None] != publisher[None, :]
    # The photos and captions of posts that do not show their text are no negatives either way.
    negative &= shows[:, None] & shows[None, :]
    positive = np.eye(len(items), dtype=bool) & shows[:, None]
    found = []
    for name, captions in (
        ("posts, title", [post.title or post.body for post in items]),
        ("posts, title and body", [f"{post.title}\n{post.body}".strip() for post in items]),
    ):
        pooled = embed_texts_as_captions(checker.encoder, captions, checker.window_weights)
        trials = _trials(checker, vectors, pooled, positive, negative)
        figures = {"set": name, "n": int(shows.sum()), **_figures(checker, trials)}
        digests = [hashlib.sha256(vector.tobytes()).hexdigest() for vector in vectors]
        groups = group_copies(digests, captions)
        found.append(
            Drafts(
                figures,
                name,
                vectors[shows],
                pooled[shows],
                groups[shows],
                negative[shows][:, shows],
            )
        )
    return found


def in_batches(checker: Checker, drafts: Drafts) -> list[dict[str, object]]:
    """Score a set as one batch, and as many small ones with every second draft mismatched."""
    generator = np.random.default_rng(SEED)
    n = len(drafts.photos)
    own = np.eye(n, dtype=bool)
    rows = [
        _batch_row(checker, drafts, [(np.arange(n), np.arange(n), own, drafts.negative)], "all")
    ]
    for size, rounds in BATCHES.items():
        trials = []
        for _ in range(rounds):
            order = generator.permutation(n)
            photos = order[:size]
            captions = np.where(np.arange(size) % 2, order[size : 2 * size], photos)
            right = np.diag(photos == captions)
            wrong = np.diag(drafts.negative[photos, captions])
            trials.append((photos, captions, right, wrong))
        rows.append(_batch_row(checker, drafts, trials, str(size)))
    return rows


def _batch_row(
    checker: Checker,
    drafts: Drafts,
    batches: Sequence[
        tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_], NDArray[np.bool_]]
    ],
    size: str,
) -> dict[str, object]:
    """Figures over batches, each given as rows of photos and captions and the pairs that count."""
    sides: dict[str, list[Floats]] = {}
    for photos, captions, right, wrong in batches:
        p, c = drafts.photos[photos], drafts.captions[captions]
        raw = (p @ c.T).astype(np.float64)
        joined = all_pairs(checker.scorer, p, c, drafts.groups[captions])
        alone = checker.scorer.normalise(raw, p, c)
        for name, scores in (("cosine", raw), ("alone", alone), ("batch", joined)):
            sides.setdefault(f"{name} +", []).append(scores[right])
            sides.setdefault(f"{name} -", []).append(scores[wrong])
    found = {name: np.concatenate(values) for name, values in sides.items()}
    row: dict[str, object] = {"set": drafts.name, "drafts a batch": size}
    for name in ("cosine", "alone", "batch"):
        row[f"AUC {name}"] = metrics.auc(negatives=found[f"{name} -"], positives=found[f"{name} +"])
    fit = checker.scorer.calibration.fit
    for far in FARS:
        row[f"FAR at {far}"] = metrics.far(1 - far, negatives=fit(found["batch -"]))
    for far in FARS:
        row[f"FRR at {far}"] = metrics.frr(1 - far, positives=fit(found["batch +"]))
    return row


def bars(rows: Sequence[dict[str, object]], batches: Sequence[dict[str, object]]) -> Iterator[str]:
    """Say which of the project's bars hold."""
    for row in batches:
        if row["drafts a batch"] == "all" and row["set"] != "Flickr8k, English":
            cosine, joined = float(str(row["AUC cosine"])), float(str(row["AUC batch"]))
            held = "held" if joined > cosine else f"missed by {cosine - joined:.3f}"
            against = f"{joined:.3f} against {cosine:.3f}"
            yield f"s-norm beats the cosine, {row['set']}: {against}: {held}"
    worst = dict.fromkeys(FARS, 0.0)
    for row in (*rows, *batches):
        for far in FARS:
            worst[far] = max(worst[far], abs(float(str(row[f"FAR at {far}"])) / far - 1))
    for far, off in worst.items():
        held = "held" if off <= 1 / 3 else f"missed by {off - 1 / 3:.2f}"
        yield f"FAR within a third of {far} asked, at worst {off:.0%} off: {held}"


def table(rows: Sequence[dict[str, object]]) -> str:
    """Return the figures as a Markdown table."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for row in rows:
        cells = (row.get(column, "") for column in columns)
        texts = (f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells)
        lines.append("| " + " | ".join(texts) + " |")
    return "\n".join(lines)


def _trials(
    checker: Checker,
    photos: Vectors,
    pooled: Vectors,
    positive: NDArray[np.bool_],
    negative: NDArray[np.bool_],
) -> Trials:
    raw = (photos @ pooled.T).astype(np.float64)
    return Trials(raw, checker.scorer.normalise(raw, photos, pooled), positive, negative)


def _figures(checker: Checker, trials: Trials) -> dict[str, object]:
    fits = checker.scorer.calibration.fit(trials.normalised)
    sides = {"negatives": trials.normalised[trials.negative],
             "positives": trials.normalised[trials.positive]}  # fmt: skip
    figures: dict[str, object] = {
        "AUC cosine": metrics.auc(
            negatives=trials.raw[trials.negative], positives=trials.raw[trials.positive]
        ),
        "AUC s-norm": metrics.auc(**sides),
        "EER": metrics.eer(**sides),
    }
    for far in FARS:
        figures[f"FAR at {far}"] = metrics.far(1 - far, negatives=fits[trials.negative])
    for far in FARS:
        figures[f"FRR at {far}"] = metrics.frr(1 - far, positives=fits[trials.positive])
    return figures


if __name__ == "__main__":
    main()
