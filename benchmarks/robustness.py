r"""Do verdicts outlast the way agencies write? Aggregates of windows, with openings and endings.

Run: ``python -m benchmarks.robustness --data DATA [--openings FILE] [--model mini]``

``DATA`` holds ``train`` and ``dev``. Every aggregate gets a null of its own from the same held-out
pairs as `training.calibrate`; nothing of ``dev`` is learned from. The first table tells, for each
aggregate, how many of the Indonesian Flickr8k pairs that speak still speak with an opening or
ending (mean and least over all), AUC, and the FAR reached at 0.05 and 0.25; the second tells the
share kept by opening.

``FILE`` is tab-separated with the columns ``name``, ``place`` (``before`` or ``after``) and
``text``, in which ``\n``, ``\t`` and ``\\`` stand for a line break, a tab and a backslash. It
may be given more than once; without it, ``benchmarks/data/openings.tsv`` and
``openings_unseen.tsv``, which nobody tuned on, are measured.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from training.calibrate import (
    NULL,
    PAIRS,
    SEED,
    caption_windows,
    embed_archive,
    make_cohort,
)
from training.data import read_posts, read_rows

from imgfit import Checker, metrics
from imgfit.cache.embeddings import EmbeddingCache
from imgfit.embedding.texts import embed_captions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit.calibration.cohort import Cohort
    from imgfit.metrics import Floats, Vectors

FOLDER = Path(__file__).parent / "data"
RATES = (0.05, 0.25)
# Photos of the cohort whose nearness to a window says whether it can be pictured.
TOP = 20
_ESCAPES = {"\\": "\\", "n": "\n", "t": "\t"}

# From windows, the cohort and the index of each caption's first window to log-weights.
Aggregate: TypeAlias = Callable[["Vectors", "Cohort", "NDArray[np.intp]"], "Floats"]


@dataclass(frozen=True, slots=True)
class Opening:
    """What stands before or after a caption."""

    name: str
    place: str
    text: str

    def dress(self, caption: str) -> str:
        """Put it to a caption."""
        return self.text + caption if self.place == "before" else caption + self.text


@dataclass(frozen=True, slots=True)
class Captions:
    """Captions embedded window by window."""

    windows: Vectors
    starts: NDArray[np.intp]

    def pooled(self, aggregate: Aggregate, cohort: Cohort) -> Vectors:
        """Pool by an aggregate."""
        weights = aggregate(self.windows, cohort, self.starts)
        return metrics.pool(self.windows, self.starts, weights)


@dataclass(frozen=True, slots=True)
class Trials:
    """Photos with captions: which pairs are right, and which count as wrong."""

    name: str
    photos: Vectors
    captions: Captions
    right: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    share: float = 0.0


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--openings", type=Path, action="append")
    parser.add_argument("--model", default="mini")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cache = EmbeddingCache(options.cache) if options.cache else None
    bench = Bench(Checker.load(options.model, runtime="torch", device="cpu"), options.data, cache)
    files = options.openings or [FOLDER / "openings.tsv", FOLDER / "openings_unseen.tsv"]
    found = bench.run({path.stem: read_openings(path) for path in files})
    print("\n".join(tables(found)))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def read_openings(path: Path) -> list[Opening]:
    """Read openings and endings, or say which line is none."""
    found = []
    for number, row in enumerate(read_rows(path), start=2):
        if not row.get("name") or row.get("place") not in {"before", "after"}:
            raise ValueError(f"{path}, line {number}: needs a name, and before or after as place")
        found.append(Opening(row["name"], row["place"], unescaped(row.get("text", ""))))
    if not found:
        raise ValueError(f"{path} holds no openings")
    return found


def unescaped(text: str) -> str:
    r"""Turn ``\n``, ``\t`` and ``\`` into what they stand for."""
    head, *rest = text.split("\\")
    out = [head]
    pieces = iter(rest)
    for piece in pieces:
        if piece:
            out.append(_ESCAPES.get(piece[0], f"\\{piece[0]}") + piece[1:])
        else:  # two backslashes in a row: one, and what follows as it is
            out.append("\\" + next(pieces, ""))
    return "".join(out)


def aggregates(checker: Checker, ridge: Floats) -> dict[str, Aggregate]:
    """Return the aggregates that are compared, by name."""

    def by_place(fall: float) -> Aggregate:
        def weigh(windows: Vectors, _: Cohort, starts: NDArray[np.intp]) -> Floats:
            lengths = np.diff(np.append(starts, len(windows)))
            places = np.arange(len(windows)) - np.repeat(starts, lengths)
            result: Floats = places * np.log(fall)
            return result

        return weigh

    def by_top(power: float) -> Aggregate:
        def weigh(windows: Vectors, cohort: Cohort, _: NDArray[np.intp]) -> Floats:
            result: Floats = power * np.log(np.maximum(statistics(windows, cohort)[:, 0], 1e-3))
            return result

        return weigh

    def by_ridge(windows: Vectors, cohort: Cohort, _: NDArray[np.intp]) -> Floats:
        found = statistics(windows, cohort)
        result: Floats = np.column_stack([found, np.ones(len(found))]) @ ridge
        return result

    def mean(windows: Vectors, _: Cohort, __: NDArray[np.intp]) -> Floats:
        return np.zeros(len(windows))

    found: dict[str, Aggregate] = {
        "by place, 0.45 a place": by_place(0.45),
        "by place, 0.8 a place": by_place(0.8),
        "mean": mean,
        "top 20 of the cohort, to the power 2": by_top(2),
        "top 20 of the cohort, to the power 4": by_top(4),
        "top 20 of the cohort, to the power 8": by_top(8),
        "ridge on six statistics": by_ridge,
    }
    weights = checker.window_weights
    if weights is not None:
        found["learned from the embedding"] = lambda windows, _, __: weights.log_weights(windows)
    return found


def statistics(windows: Vectors, cohort: Cohort) -> Floats:
    """Return six statistics of each window's scores over the photo cohort, shape ``(m, 6)``."""
    scores = (windows @ cohort.photos.T).astype(np.float64)
    best = -np.sort(-scores, axis=1)
    mean = scores.mean(axis=1)
    columns = [best[:, :n].mean(axis=1) - mean for n in (TOP, 5, 50)]
    return np.column_stack([*columns, scores.std(axis=1), mean, best[:, 0] - mean])


class Bench:
    """Material embedded once, measured under each aggregate."""

    def __init__(self, checker: Checker, data: Path, cache: EmbeddingCache | None) -> None:
        self.checker, self.data, self.cache = checker, data, cache
        self.cohort, self.rest = make_cohort(checker.encoder, data / "train", cache)

    def run(self, files: dict[str, list[Opening]]) -> list[dict[str, object]]:
        """Measure every aggregate."""
        null = [self._null(*row) for row in NULL]
        plain, captions = self._everyday()
        posts = self._posts()
        dressed = {
            f"{stem}: {opening.name}": self._embed([opening.dress(text) for text in captions])
            for stem, openings in files.items()
            for opening in openings
        }
        found = []
        for name, aggregate in aggregates(self.checker, self._ridge(null)).items():
            thresholds = self._thresholds(null, aggregate)
            row: dict[str, object] = {"aggregate": name}
            for trials in (plain, *posts):
                row |= self._figures(trials, aggregate, thresholds)
            speaks = self._own(plain.photos, plain.captions, aggregate) >= thresholds[0]
            row["kept"] = {
                opening: float(
                    (self._own(plain.photos, texts, aggregate)[speaks] >= thresholds[0]).mean()
                )
                for opening, texts in dressed.items()
            }
            found.append(row)
            print(f"{name}: done", flush=True)
        return found

    def _embed(self, captions: Sequence[str]) -> Captions:
        windows = caption_windows(self.checker.encoder, captions)
        found = embed_captions(self.checker.encoder, windows, cache=self.cache)
        return Captions(found.windows, np.searchsorted(found.owner, np.arange(len(captions))))

    def _photos(self, part: str, name: str, names: Sequence[str]) -> Vectors:
        archive = self.data / part / f"{name}.tar"
        return embed_archive(self.checker.encoder, archive, names, cache=self.cache)

    def _null(self, name: str, kind: str, size: int, share: float) -> Trials:
        """Pairs that the null is made of, as in `training.calibrate`."""
        pairs = [pair for pair in self.rest[name][:size] if pair.captions.get(kind)]
        groups = np.array([pair.group for pair in pairs])
        return Trials(
            f"{name} {kind}",
            self._photos("train", name, [pair.photo for pair in pairs]),
            self._embed([pair.captions[kind] for pair in pairs]),
            np.eye(len(pairs), dtype=bool),
            groups[:, None] != groups,
            share,
        )

    def _everyday(self) -> tuple[Trials, list[str]]:
        """Flickr8k photos with their first human Indonesian caption."""
        first: dict[str, str] = {}
        for row in read_rows(self.data / "dev" / "flickr8k.tsv"):
            if row["lang"] == "id" and row["caption"].strip():
                first.setdefault(row["image"], row["caption"].strip())
        own = np.eye(len(first), dtype=bool)
        photos = self._photos("dev", "flickr8k", list(first))
        captions = list(first.values())
        return Trials("Flickr8k id", photos, self._embed(captions), own, ~own), captions

    def _posts(self) -> list[Trials]:
        """Real posts, by title and with body; negatives come from other publishers."""
        items = [
            post
            for post in read_posts(self.data / "dev" / "posts.tsv")
            if (post.title or post.body) and post.label in {"shows", "template"}
        ]
        photos = self._photos("dev", "posts", [post.photo for post in items])
        publishers = np.array([post.publisher for post in items])
        own, wrong = np.eye(len(items), dtype=bool), publishers[:, None] != publishers
        texts = {
            "posts, title": [post.title or post.body for post in items],
            "posts, body": [f"{post.title}\n{post.body}".strip() for post in items],
        }
        return [
            Trials(name, photos, self._embed(captions), own, wrong)
            for name, captions in texts.items()
        ]

    def _ridge(self, null: Sequence[Trials]) -> Floats:
        """Fit each window's normalised score with its own photo by six statistics."""
        inputs, targets = [], []
        for trials in null:
            lengths = np.diff(np.append(trials.captions.starts, len(trials.captions.windows)))
            photos = trials.photos[np.repeat(np.arange(len(lengths)), lengths)]
            windows = trials.captions.windows
            raw = np.einsum("md,md->m", photos, windows, dtype=np.float64)
            targets.append(self.cohort.normalise(raw, photos, windows))
            inputs.append(statistics(windows, self.cohort))
        found = np.concatenate(inputs)
        rows = np.column_stack([found, np.ones(len(found))])
        gram = rows.T @ rows + 1e-3 * np.eye(rows.shape[1])
        result: Floats = np.linalg.solve(gram, rows.T @ np.concatenate(targets))
        return result

    def _scores(self, photos: Vectors, captions: Captions, aggregate: Aggregate) -> Floats:
        pooled = captions.pooled(aggregate, self.cohort)
        return self.cohort.normalise(photos @ pooled.T, photos, pooled)

    def _own(self, photos: Vectors, captions: Captions, aggregate: Aggregate) -> Floats:
        return np.diag(self._scores(photos, captions, aggregate))

    def _thresholds(self, null: Sequence[Trials], aggregate: Aggregate) -> list[float]:
        generator = np.random.default_rng(SEED)
        values = [
            generator.choice(
                self._scores(trials.photos, trials.captions, aggregate)[trials.wrong],
                int(PAIRS * trials.share),
            )
            for trials in null
        ]
        return [float(np.quantile(np.concatenate(values), 1 - far)) for far in RATES]

    def _figures(
        self, trials: Trials, aggregate: Aggregate, thresholds: Sequence[float]
    ) -> dict[str, object]:
        scores = self._scores(trials.photos, trials.captions, aggregate)
        right, wrong = scores[trials.right], scores[trials.wrong]
        found: dict[str, object] = {
            f"{trials.name}: AUC": metrics.auc(negatives=wrong, positives=right)
        }
        for far, threshold in zip(RATES, thresholds, strict=True):
            found[f"{trials.name}: FAR {far}"] = float((wrong >= threshold).mean())
            found[f"{trials.name}: FRR {far}"] = float((right < threshold).mean())
        return found


def tables(found: Sequence[dict[str, object]]) -> list[str]:
    """Lay out both tables as Markdown."""
    sets = [str(key).removesuffix(": AUC") for key in found[0] if str(key).endswith(": AUC")]
    stems = sorted({str(name).partition(": ")[0] for name in kept(found[0])})
    heads = ["aggregate", *(f"{stem}: kept, least" for stem in stems)]
    heads += [f"{name}: AUC; FAR; FRR" for name in sets]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for row in found:
        cells = [str(row["aggregate"])]
        for stem in stems:
            found_shares = [v for name, v in kept(row).items() if name.startswith(f"{stem}: ")]
            cells.append(f"{np.mean(found_shares):.3f}, {min(found_shares):.3f}")
        for name in sets:
            fars = ", ".join(f"{row[f'{name}: FAR {far}']:.3f}" for far in RATES)
            frrs = ", ".join(f"{row[f'{name}: FRR {far}']:.3f}" for far in RATES)
            cells.append(f"{row[f'{name}: AUC']:.4f}; {fars}; {frrs}")
        lines.append("| " + " | ".join(cells) + " |")
    names = [str(row["aggregate"]) for row in found]
    lines += ["", "| opening or ending | " + " | ".join(names) + " |"]
    lines.append("|---" * (len(names) + 1) + "|")
    for opening in kept(found[0]):
        shares = [f"{100 * kept(row)[opening]:.0f} %" for row in found]
        lines.append(f"| {opening} | " + " | ".join(shares) + " |")
    return lines


def kept(row: dict[str, object]) -> dict[str, float]:
    """Return the share kept by opening."""
    found = row["kept"]
    if not isinstance(found, dict):
        raise TypeError("kept is no object")
    return found


if __name__ == "__main__":
    main()
