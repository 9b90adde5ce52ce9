"""How well a model tells a caption's own photo from others, on the development sets.

Run: ``python -m benchmarks.accuracy --data ../shared/data/dev [--model mini] [--json out.json]``

Everything goes through imgfit's own path: its decoding, cleaning, windows, pooling, s-norm and
null. The sets are described in ``benchmarks/README.md``; none of them is trained on.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from training.calibrate import embed_archive, embed_texts_as_captions
from training.data import read_posts, read_rows

from imgfit import Checker, metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit.metrics import Floats

FARS = (0.05, 0.25)


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


def main() -> None:
    """Print the table of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="mini")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    checker = Checker.load(options.model)
    rows = [*flickr8k(checker, options.data), *posts(checker, options.data)]
    print(f"model {checker.encoder.name}@{checker.encoder.fingerprint}\n")
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


def flickr8k(checker: Checker, folder: Path) -> list[dict[str, object]]:
    """Measure everyday photos: English captions, and Indonesian ones written by people."""
    rows = read_rows(folder / "flickr8k.tsv")
    photos = sorted({row["image"] for row in rows})
    vectors = embed_archive(checker.encoder, folder / "flickr8k.tar", photos)
    found = []
    for lang, name in (("en", "Flickr8k, English"), ("id", "Flickr8k, human Indonesian")):
        chosen = [row for row in rows if row["lang"] == lang]
        owner = np.array([photos.index(row["image"]) for row in chosen])
        own = owner[None, :] == np.arange(len(photos))[:, None]
        trials = _trials(checker, vectors, [row["caption"] for row in chosen], own, ~own)
        recall = {f"R@{k}": metrics.recall_at_k(trials.raw.T, owner, k) for k in (1, 5, 10)}
        found.append({"set": name, "n": len(chosen), **recall, **_figures(checker, trials)})
    return found


def posts(checker: Checker, folder: Path) -> list[dict[str, object]]:
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
        trials = _trials(checker, vectors, captions, positive, negative)
        found.append({"set": name, "n": int(shows.sum()), **_figures(checker, trials)})
    return found


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
    photos: NDArray[np.float32],
    captions: Sequence[str],
    positive: NDArray[np.bool_],
    negative: NDArray[np.bool_],
) -> Trials:
    pooled = embed_texts_as_captions(checker.encoder, captions)
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
