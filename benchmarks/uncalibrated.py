"""What a model without a calibration is worth: the embedded one, its own taken away.

Run: ``python -m benchmarks.uncalibrated --data ../shared/data/dev``

The development sets of ``benchmarks/accuracy.py``. Each pair alone: by the calibration, and by
t-norm with the package's captions as the null. In batches of which every second draft carries a
caption from outside: by the calibration, by that null, and by the batch's own drafts.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.accuracy import BATCHES, FARS, SEED, flickr8k, posts, table
from benchmarks.pairs import all_pairs
from imgfit import Checker, metrics
from imgfit.scoring.scorer import DraftFacts, Scorer
from imgfit.scoring.uncalibrated import make_fallback_null

if TYPE_CHECKING:
    from benchmarks.accuracy import Drafts
    from imgfit.metrics import Floats


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="mini")
    options = parser.parse_args()
    checker = Checker.load(options.model)
    cohort, null = make_fallback_null(checker.encoder)
    scorers = {"calibration": checker.scorer, "captions": Scorer(null, cohort)}
    sets = [*flickr8k(checker, options.data), *posts(checker, options.data)]
    print(f"model {checker.encoder.name}@{checker.encoder.fingerprint}\n")
    print(table([_alone(found, *named) for found in sets for named in scorers.items()]))
    print()
    print(table([row for found in sets for row in _in_batches(found, scorers)]))


def _alone(drafts: Drafts, name: str, scorer: Scorer) -> dict[str, object]:
    """Figures of a set, each pair scored alone."""
    raw = (drafts.photos @ drafts.captions.T).astype(np.float64)
    fits = scorer.calibration.fit(scorer.normalise(raw, drafts.photos, drafts.captions))
    own = np.eye(len(raw), dtype=bool)
    return {"set": drafts.name, "null": name, **_rates(fits[drafts.negative], fits[own])}


def _in_batches(drafts: Drafts, scorers: dict[str, Scorer]) -> list[dict[str, object]]:
    """Figures over small batches, half of each mismatched."""
    rows = []
    for size, rounds in BATCHES.items():
        for name, scorer, settles in (
            ("calibration", scorers["calibration"], False),
            ("captions", scorers["captions"], False),
            ("the batch", scorers["captions"], True),
        ):
            generator = np.random.default_rng(SEED)
            negatives, positives = [], []
            for _ in range(rounds):
                order = generator.permutation(len(drafts.photos))
                photos = order[:size]
                captions = np.where(np.arange(size) % 2, order[size : 2 * size], photos)
                fits = _fits(drafts, photos, captions, scorer, settles=settles)
                positives.append(fits[photos == captions])
                negatives.append(fits[drafts.negative[photos, captions]])
            figures = _rates(np.concatenate(negatives), np.concatenate(positives))
            rows.append({"set": drafts.name, "drafts": size, "null": name, **figures})
    return rows


def _fits(
    drafts: Drafts,
    photos: np.ndarray[tuple[int], np.dtype[np.intp]],
    captions: np.ndarray[tuple[int], np.dtype[np.intp]],
    scorer: Scorer,
    *,
    settles: bool,
) -> Floats:
    """Fits of a batch's photos with its captions, pair by pair."""
    rows, texts = drafts.photos[photos], drafts.captions[captions]
    # Words that no two share, so that only the set's own groups make copies.
    facts = [
        DraftFacts(str(n), "", f"a{drafts.groups[c]} b{drafts.groups[c]}", f"{drafts.groups[p]}")
        for n, (p, c) in enumerate(zip(photos, captions, strict=True))
    ]
    if settles:
        scorer = scorer.with_batch_null(rows, texts, facts)
    alike = np.unique([fact.text for fact in facts], return_inverse=True)[1]
    return scorer.calibration.fit(np.diag(all_pairs(scorer, rows, texts, alike)))


def _rates(negatives: Floats, positives: Floats) -> dict[str, object]:
    figures: dict[str, object] = {"AUC": metrics.auc(negatives=negatives, positives=positives)}
    for far in FARS:
        figures[f"FAR at {far}"] = metrics.far(1 - far, negatives=negatives)
    for far in FARS:
        figures[f"FRR at {far}"] = metrics.frr(1 - far, positives=positives)
    return figures


if __name__ == "__main__":
    main()
