"""A calibration from one's own drafts: what goes into it, and what it says of itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from imgfit import Draft
from imgfit.calibration.fitting import CalibrationRun, FittingInput, fit_calibration
from imgfit.errors import DraftsFewError, LabelsFewError
from imgfit.language import percent
from imgfit.metrics import unit
from imgfit.scoring.scorer import Scorer
from tests.conftest import FakeEncoder, fake_calibration, fake_cohort

DIM = FakeEncoder.dim


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    encoder = FakeEncoder()
    cohort = fake_cohort(encoder)
    return Scorer(fake_calibration(encoder, cohort), cohort)


def fitted(scorer: Scorer, given: FittingInput, *, far: float) -> CalibrationRun:
    return fit_calibration(scorer.cohort, scorer.calibration, given, far=far)


def material(count: int, *, seed: int = 0, alike: float = 2.0, **changes: Any) -> FittingInput:
    """Drafts whose captions lie near their photos, each about something else."""
    generator = np.random.default_rng(seed)
    photos = unit(generator.normal(size=(count, DIM)))
    captions = unit(alike * photos + unit(generator.normal(size=(count, DIM))))
    values: dict[str, Any] = {
        "drafts": [Draft(f"{n}.jpg", "") for n in range(count)],
        "digests": [f"digest {n}" for n in range(count)],
        "texts": [f"kegiatan {n} ke {n * n} pada hari {n + 1000}" for n in range(count)],
        "photos": photos,
        "captions": captions,
    }
    return FittingInput(**{**values, **changes})


def test_the_far_asked_is_reached_on_other_drafts(scorer: Scorer) -> None:
    run = fitted(scorer, material(200), far=0.05)
    fresh = material(400, seed=1)
    one, other = np.arange(0, 400, 2), np.arange(1, 400, 2)
    scores = scorer.cohort.mismatched(fresh.photos, fresh.captions, [(one, other), (other, one)])
    reached = (run.calibration.fit(scores) >= 0.95).mean()
    assert reached == pytest.approx(0.05, abs=0.03)
    # The calibration before is of colours, not of these drafts.
    assert run.before != pytest.approx(0.05, abs=0.005)
    assert 0 <= run.before <= 1


def test_the_null_is_every_mismatched_pair(scorer: Scorer) -> None:
    drafts = material(40)
    run = fitted(scorer, drafts, far=0.05)
    assert run.calibration.negatives == 40 * 39
    assert (run.calibration.drafts, run.calibration.far) == (40, 0.05)
    assert run.calibration.labels is None
    assert run.calibration.fingerprint == "fake-1"
    assert run.calibration.cohort == scorer.cohort.digest
    raw = drafts.photos @ drafts.captions.T
    everything = scorer.normalise(raw, drafts.photos, drafts.captions)
    negatives = np.sort(everything[~np.eye(40, dtype=bool)])
    assert run.calibration.quantiles[0] == pytest.approx(negatives[0], abs=1e-5)
    assert run.calibration.quantiles[-1] == pytest.approx(negatives[-1], abs=1e-5)
    assert run.calibration.fit(negatives[780]) == pytest.approx(0.5, abs=0.01)


def test_copies_are_never_mismatched(scorer: Scorer) -> None:
    plain = material(80)
    digests = [f"digest {n // 2}" for n in range(80)]
    run = fitted(scorer, material(80, digests=digests), far=0.05)
    assert run.drafts == 80
    assert run.calibration.drafts == 40
    assert run.calibration.negatives == 80 * 78
    # A copy's caption fits the photo as its own does, and would have spoilt the null.
    copied = FittingInput(
        plain.drafts, digests, plain.texts,
        np.repeat(plain.photos[::2], 2, axis=0), np.repeat(plain.captions[::2], 2, axis=0),
    )  # fmt: skip
    kept = fitted(scorer, copied, far=0.05).calibration
    spoilt = fitted(
        scorer, FittingInput(plain.drafts, plain.digests, plain.texts, copied.photos, copied.captions),
        far=0.05,
    )  # fmt: skip
    # One pair in eighty is then a copy's: the threshold at 1 % moves up among them.
    assert spoilt.calibration.score_at(0.01) > kept.score_at(0.01) + 0.5


@pytest.mark.parametrize(("count", "far", "needed"), [(37, 0.05, 38), (11, 0.5, 12), (0, 0.05, 38)])
def test_too_few_drafts_say_how_many(scorer: Scorer, count: int, far: float, needed: int) -> None:
    with pytest.raises(DraftsFewError, match=f"{count} drafts .* {far:.0%}: {needed} are needed"):
        fitted(scorer, material(count), far=far)
    fitted(scorer, material(needed), far=far)


def test_copies_do_not_count_as_drafts(scorer: Scorer) -> None:
    with pytest.raises(DraftsFewError, match="20 drafts"):
        fitted(scorer, material(60, digests=[str(n % 20) for n in range(60)]), far=0.05)


def labelled(scorer: Scorer, far: float = 0.05) -> CalibrationRun:
    """A hundred drafts that fit, a hundred that do not, ten without a label."""
    drafts = material(210)
    captions = drafts.captions.copy()
    captions[100:200] = np.roll(captions[100:200], 1, axis=0)
    labels = [True] * 100 + [False] * 100 + [None] * 10
    named = [
        Draft(d.photo, d.caption, label=label)
        for d, label in zip(drafts.drafts, labels, strict=True)
    ]
    changed = FittingInput(named, drafts.digests, drafts.texts, drafts.photos, captions)
    return fitted(scorer, changed, far=far)


def test_labels_add_a_probability_and_a_bound(scorer: Scorer) -> None:
    run = labelled(scorer)
    labels = run.calibration.labels
    assert labels is not None
    assert (labels.positives, labels.negatives, labels.independent) == (100, 100, 100)
    assert labels.accepted == 1
    assert labels.bound <= 0.05
    assert run.calibration.far is not None
    assert run.calibration.far <= 0.05
    assert labels.auc > 0.9
    assert labels.eer < 0.15
    assert 0 <= labels.calibration_error < 0.15
    assert sum(b.count for b in labels.bins) == 200
    low, high = labels.probability(np.array([-1.0, 4.0]))
    assert low < 0.5 < high


def test_labels_of_which_there_are_few_are_an_error(scorer: Scorer) -> None:
    drafts = material(60)
    named = [Draft(d.photo, d.caption, label=n < 30) for n, d in enumerate(drafts.drafts)]
    some = FittingInput(named, drafts.digests, drafts.texts, drafts.photos, drafts.captions)
    with pytest.raises(LabelsFewError, match="30 different drafts labelled 0 .* 59 are needed"):
        fitted(scorer, some, far=0.05)


def test_the_histogram_holds_every_score(scorer: Scorer) -> None:
    plain = fitted(scorer, material(40), far=0.05).histogram
    assert {name: sum(counts) for name, counts in plain.series.items()} == {
        "mismatched": 40 * 39, "own": 40,
    }  # fmt: skip
    assert list(plain.edges) == sorted(plain.edges)
    assert all(len(counts) + 1 == len(plain.edges) for counts in plain.series.values())
    run = labelled(scorer)
    assert {n: sum(c) for n, c in run.histogram.series.items() if n != "mismatched"} == {
        "positives": 100, "negatives": 100,
    }  # fmt: skip
    fit = run.calibration.fit(run.histogram.threshold)
    assert fit == pytest.approx(1 - (run.calibration.far or 0))


def test_the_report_says_what_it_rests_on(scorer: Scorer) -> None:
    plain = "\n".join(fitted(scorer, material(40), far=0.05).lines("en"))
    for words in ("1560 pairs", "from 40 drafts; 40 of them differ", "at least 20 independent",
                  "No upper bound", "80% of their words", "from a fit of 95%."):  # fmt: skip
        assert words in plain
    assert "Clopper" not in plain
    run = labelled(scorer)
    labels = run.calibration.labels
    assert labels is not None
    text = "\n".join(run.lines("en"))
    bound = percent(labels.bound, "en")
    for words in (f"{bound} at 95% confidence (Clopper and Pearson 1934; 1 of 100 ",
                  "as fitting 100, as not fitting 100; without a label 10",
                  f"EER {percent(labels.eer, 'en')}", f"AUC {labels.auc:.3f}",
                  f"calibration error {labels.calibration_error:.3f}", "(50%)"):  # fmt: skip
        assert words in text
    indonesian = "\n".join(run.lines("id"))
    assert "1 dari 100 draf yang saling bebas" in indonesian
    assert f"EER {percent(labels.eer, 'id')}" in indonesian
    assert len(run.lines("id")) == len(run.lines("en"))
