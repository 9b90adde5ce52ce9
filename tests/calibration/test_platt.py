"""Platt scaling against answers worked by hand, and what its probabilities are worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from imgfit.calibration.platt import cross_fitted, platt, probabilities, reliability
from imgfit.errors import ArgumentError


def yes(*values: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array(values, bool)


def test_platt_by_hand() -> None:
    # Three a side, apart: the targets are 4/5 and 1/5, met exactly by log 4 and -log 4.
    slope, intercept = platt([1, 1, 1, -1, -1, -1], yes(1, 1, 1, 0, 0, 0))
    assert (slope, intercept) == pytest.approx((np.log(4), 0.0), abs=1e-6)
    # Three of four right on each side: targets 5/6 and 1/6, so 2/3 and 1/3 on the mean.
    slope, intercept = platt([1] * 4 + [-1] * 4, yes(1, 1, 1, 0, 1, 0, 0, 0))
    assert (slope, intercept) == pytest.approx((np.log(2), 0.0), abs=1e-6)


def test_scores_on_another_scale_give_the_same_probabilities() -> None:
    generator = np.random.default_rng(3)
    positive = generator.random(80) < 0.4
    scores = generator.normal(size=80) + positive
    plain = probabilities(scores, *platt(scores, positive))
    for scale, shift in ((1e-6, 0.0), (1e6, 3e7), (2.0, -1e3)):
        moved = scores * scale + shift
        assert probabilities(moved, *platt(moved, positive)) == pytest.approx(plain, abs=1e-6)


@given(st.lists(st.tuples(st.floats(-40, 40), st.booleans()), min_size=1, max_size=40))
@example([(0.18, False), (0.18, False), (0.18, True)])  # a mean that rounding takes off the scores
def test_the_sigmoid_is_the_minimum(trials: list[tuple[float, bool]]) -> None:
    scores = np.array([score for score, _ in trials])
    positive = np.array([label for _, label in trials])
    slope, intercept = platt(scores, positive)
    chances = probabilities(scores, slope, intercept)
    above, below = positive.sum(), (~positive).sum()
    targets = np.where(positive, (above + 1) / (above + 2), 1 / (below + 2))
    # Where the loss is least, its derivatives by intercept and by slope are zero.
    assert (chances - targets).sum() == pytest.approx(0, abs=1e-4)
    assert ((chances - targets) * scores).sum() == pytest.approx(0, abs=1e-2)


@given(st.floats(-1e300, 1e300), st.floats(-1e6, 1e6))
def test_probabilities_stay_in_range(score: float, slope: float) -> None:
    assert 0 <= probabilities([score / 1e10], slope, 0.5)[0] <= 1


@pytest.mark.parametrize("bad", [[], [np.nan], [np.inf]])
def test_no_sigmoid_of_nothing(bad: list[float]) -> None:
    with pytest.raises(ArgumentError, match="finite"):
        platt(bad, np.ones(len(bad), bool))


def test_a_draft_is_judged_by_a_sigmoid_that_never_saw_its_group() -> None:
    generator = np.random.default_rng(5)
    scores = generator.normal(size=60)
    positive = scores + generator.normal(size=60) > 0
    groups = np.arange(60) // 2
    before = cross_fitted(scores, positive, groups)
    turned = positive.copy()
    turned[:2] = ~turned[:2]
    after = cross_fitted(scores, turned, groups)
    # The labels of group 0 move every sigmoid but the one that judges group 0.
    assert after[:2].tolist() == before[:2].tolist()
    assert (after != before).any()
    assert ((before > 0) & (before < 1)).all()


def test_reliability_by_hand() -> None:
    chances = np.array([0.05, 0.05, 0.15, 0.95, 1.0])
    bins, error = reliability(chances, yes(0, 1, 0, 1, 1))
    assert [b.count for b in bins] == [2, 1, 2]
    assert [b.probability for b in bins] == pytest.approx([0.05, 0.15, 0.975])
    assert [b.share for b in bins] == [0.5, 0.0, 1.0]
    assert error == pytest.approx((2 * 0.45 + 1 * 0.15 + 2 * 0.025) / 5)
