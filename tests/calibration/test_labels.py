"""What labels add: a probability, and a threshold that keeps its bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from imgfit.calibration.labels import Labels, fit_labels
from imgfit.errors import LabelsContradictError, LabelsFewError, LabelsHardError


def fitted(
    low: np.ndarray[Any, Any], high: np.ndarray[Any, Any], far: float = 0.05, **changes: Any
) -> tuple[Labels, float]:
    """Fit on scores whose fit is the share of a uniform null below them."""
    scores = np.concatenate([low, high])
    values: dict[str, Any] = {
        "positive": np.arange(len(scores)) >= len(low),
        "groups": np.arange(len(scores)),
        "names": [f"draf-{n}" for n in range(len(scores))],
        "far": far,
    }
    return fit_labels(scores, np.clip(scores, 0, 1), **{**values, **changes})


LOW = np.arange(1, 101) / 200  # 0.005 to 0.5
HIGH = np.arange(1, 41) / 200 + 0.35  # 0.355 to 0.55


def test_the_threshold_lies_above_the_first_that_must_be_rejected() -> None:
    low, high = LOW + 0.495, HIGH + 0.44  # labelled 0, yet above most mismatched pairs
    labels, far = fitted(low, high, far=0.2)
    assert (labels.positives, labels.negatives, labels.independent) == (40, 100, 100)
    assert labels.accepted == 13
    rejected = np.sort(low)[::-1][13]
    assert 0 < (1 - far) - rejected < 3e-6
    assert (low >= 1 - far).sum() == 13
    assert 0.15 < labels.bound <= 0.2
    assert labels.frr == (high < 1 - far).mean()
    assert labels.slope > 0
    chances = labels.probability(np.array([0.0, 0.5, 1.0]))
    assert (np.diff(chances) > 0).all()


def test_easy_labels_do_not_loosen_the_rate_on_mismatched_pairs() -> None:
    labels, far = fitted(LOW / 10, HIGH, far=0.05)
    assert far == 0.05
    assert labels.bound <= 0.05
    assert labels.roc[0][1:] == (1.0, 0.0)
    assert (labels.auc, labels.eer) == (1.0, 0.0)


def test_the_bound_holds_as_often_as_it_says() -> None:
    """Of 400 calibrations on fresh negatives, about 5 % may have a true FAR above the bound."""
    generator = np.random.default_rng(11)
    broken = 0
    for _ in range(400):
        # Negatives harder than the null, whose true FAR at fit t is 1 - t ** 3.
        low = generator.random(93) ** (1 / 3) * 0.999
        _, far = fitted(low, np.linspace(0.99, 0.9999, 20), far=0.05)
        broken += 1 - ((1 - far) / 0.999) ** 3 > 0.05
    assert 0 < broken <= 0.08 * 400


def test_copies_count_once_for_the_bound() -> None:
    low = np.repeat(LOW, 3)
    groups = np.concatenate([np.repeat(np.arange(100), 3), np.arange(100, 140)])
    labels, _ = fitted(low, HIGH, far=0.6, groups=groups)
    assert (labels.negatives, labels.independent) == (300, 100)
    assert labels.bound == fitted(LOW, HIGH, far=0.6)[0].bound


@pytest.mark.parametrize(
    ("low", "high", "far", "says"),
    [
        (LOW[:58], HIGH, 0.05, "58 different drafts labelled 0 .* 5%: 59 are needed"),
        (LOW[:9], HIGH, 0.9, "9 different drafts labelled 0 .* 90%: 10 are needed"),
        (LOW, HIGH[:9], 0.05, "9 different drafts labelled 1 .* 10 are needed"),
    ],
)
def test_too_few_labels_say_how_many(low: Any, high: Any, far: float, says: str) -> None:
    with pytest.raises(LabelsFewError, match=says):
        fitted(low, high, far)


def test_labels_the_wrong_way_round_are_noticed() -> None:
    with pytest.raises(LabelsContradictError, match=r"AUC 0\.11"):
        fitted(HIGH[:40].repeat(2), LOW, 0.05)


def test_a_negative_above_every_mismatched_pair_is_named() -> None:
    low = LOW.copy()
    low[17] = 1.5
    with pytest.raises(LabelsHardError, match="draf-17 is labelled 0"):
        fitted(low[:90], np.full(20, 1.4), 0.05)
