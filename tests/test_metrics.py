"""Maths against answers worked by hand, and properties that must hold for any scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from imgfit import metrics
from imgfit.errors import ArgumentError

scores = st.lists(st.integers(-50, 50).map(lambda n: n / 10), min_size=1, max_size=60)


def test_unit_and_pool() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert metrics.unit(rows)[0] == pytest.approx([0.6, 0.8])
    assert metrics.unit(rows)[1] == pytest.approx([0.0, 0.0])
    pooled = metrics.pool(metrics.unit(rows)[[0, 2, 3]], np.array([0, 1]))
    assert pooled == pytest.approx(np.array([[0.6, 0.8], [2 / 5**0.5, 1 / 5**0.5]]))
    assert metrics.pool(np.empty((0, 5), np.float32), np.empty(0, np.intp)).shape == (0, 5)


@pytest.mark.parametrize(("cosine", "expected"), [(0.3, 0.75), (-0.2, 0.0), (1.0, 2.5)])
def test_clip_score_is_that_of_the_paper(cosine: float, expected: float) -> None:
    assert metrics.clip_score(cosine) == pytest.approx(expected)


def test_norms_by_hand() -> None:
    # Cohort scores 1, 3: mean 2, deviation 1. Cohort scores 0, 4: mean 2, deviation 2.
    captions = np.array([[1.0, 3.0], [0.0, 4.0]])
    photos = np.array([[0.0, 2.0], [5.0, 9.0]])
    raw = [4.0, 3.0]
    assert metrics.t_norm(raw, captions) == pytest.approx([2.0, 0.5])
    assert metrics.z_norm(raw, photos) == pytest.approx([3.0, -2.0])
    assert metrics.s_norm(raw, captions, photos) == pytest.approx([2.5, -0.75])


def test_matrix_norm_has_the_trials_on_its_diagonal() -> None:
    generator = np.random.default_rng(1)
    raw, captions, photos = (generator.normal(size=(4, k)) for k in (4, 9, 7))
    matrix = metrics.s_norm(raw, captions, photos)
    assert matrix.shape == (4, 4)
    assert np.diag(matrix) == pytest.approx(metrics.s_norm(np.diag(raw), captions, photos))


def test_a_flat_cohort_does_not_divide_by_zero() -> None:
    assert np.isfinite(metrics.t_norm([1.0], np.full((1, 5), 0.25))).all()


@pytest.mark.parametrize(
    ("score", "share"), [(0.0, 0.0), (1.0, 0.0), (1.5, 0.25), (2.0, 0.25), (9.0, 1.0)]
)
def test_fit_share_counts_strictly_lower(score: float, share: float) -> None:
    assert metrics.fit_share([score], negatives=[1, 2, 2, 3])[0] == share


@given(scores, st.floats(-6, 6))
def test_fit_and_far_are_complements(negatives: list[float], threshold: float) -> None:
    fit = metrics.fit_share([threshold], negatives=negatives)[0]
    assert fit == pytest.approx(1 - metrics.far(threshold, negatives=negatives))


@given(scores, st.floats(0, 1))
def test_threshold_keeps_its_promise(negatives: list[float], rate: float) -> None:
    threshold = metrics.threshold_at_far(rate, negatives=negatives)
    assert metrics.far(threshold, negatives=negatives) <= rate + 1e-9


@pytest.mark.parametrize(
    ("rate", "reached"), [(0.0, 0.0), (0.25, 0.25), (0.3, 0.25), (0.5, 0.25), (0.8, 0.75), (1, 1)]
)
def test_threshold_is_the_lowest(rate: float, reached: float) -> None:
    # The tie at 2 is accepted whole or not at all.
    threshold = metrics.threshold_at_far(rate, negatives=[1, 2, 2, 3])
    assert metrics.far(threshold, negatives=[1, 2, 2, 3]) == reached


def test_rates_by_hand() -> None:
    negatives, positives = [0.0, 1.0, 2.0, 3.0], [2.0, 3.0, 4.0, 5.0]
    assert metrics.far(2.0, negatives=negatives) == 0.5
    assert metrics.frr(3.0, positives=positives) == 0.25
    # 16 pairs: 13 in order, 2 ties at half each.
    assert metrics.auc(negatives=negatives, positives=positives) == 14 / 16
    assert metrics.eer(negatives=negatives, positives=positives) == 0.25


@given(scores, scores)
def test_auc_is_symmetric(one: list[float], other: list[float]) -> None:
    forward = metrics.auc(negatives=one, positives=other)
    assert forward == pytest.approx(1 - metrics.auc(negatives=other, positives=one))


def test_recall_gives_ties_no_credit() -> None:
    similarity = np.array([[0.9, 0.1, 0.2], [0.5, 0.5, 0.5], [0.1, 0.8, 0.7]])
    right = np.array([0, 1, 2])
    assert metrics.recall_at_k(similarity, right, 1) == pytest.approx(1 / 3)
    assert metrics.recall_at_k(similarity, right, 2) == pytest.approx(2 / 3)
    assert metrics.recall_at_k(similarity, right, 3) == 1.0


@pytest.mark.parametrize("bad", [[], [float("nan")], [1.0, float("inf")]])
def test_nothing_or_not_finite_is_refused(bad: list[float]) -> None:
    with pytest.raises(ArgumentError, match="negatives"):
        metrics.fit_share([0.0], negatives=bad)
    with pytest.raises(ArgumentError, match="positives"):
        metrics.auc(negatives=[1.0], positives=bad)


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_a_rate_is_a_share(rate: float) -> None:
    with pytest.raises(ArgumentError, match="0 to 1"):
        metrics.threshold_at_far(rate, negatives=[1.0])
