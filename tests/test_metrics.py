"""Maths against answers worked by hand, and properties that must hold for any scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, strategies as st

from imgfit import metrics
from imgfit.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

scores = st.lists(st.integers(-50, 50).map(lambda n: n / 10), min_size=1, max_size=60)


def test_unit_and_pool() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert metrics.unit(rows)[0] == pytest.approx([0.6, 0.8])
    assert metrics.unit(rows)[1] == pytest.approx([0.0, 0.0])
    pooled = metrics.pool(metrics.unit(rows)[[0, 2, 3]], np.array([0, 1]))
    assert pooled == pytest.approx(np.array([[0.6, 0.8], [1 / 1.2025**0.5, 0.45 / 1.2025**0.5]]))
    assert metrics.pool(np.empty((0, 5), np.float32), np.empty(0, np.intp)).shape == (0, 5)


@pytest.mark.parametrize(("cosine", "expected"), [(0.3, 0.75), (-0.2, 0.0), (1.0, 2.5)])
def test_clip_score_is_that_of_the_paper(cosine: float, expected: float) -> None:
    assert metrics.clip_score(cosine) == pytest.approx(expected)


def test_clip_score_and_that_of_torchmetrics() -> None:
    # torchmetrics 1.x: features of length 1, score = 100 * cosine, the mean, and at least 0.
    generator = np.random.default_rng(2)
    photos = generator.normal(size=(50, 16))
    captions = photos + generator.normal(size=(50, 16))
    one, other = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (photos, captions))
    cosine = (one * other).sum(axis=1)
    assert (cosine > 0).all()
    theirs = max((100 * cosine).mean(), 0)
    assert 40 * metrics.clip_score(cosine).mean() == pytest.approx(theirs)
    # They clip the mean, the paper each score.
    assert 40 * metrics.clip_score([0.5, -0.5]).mean() == pytest.approx(25)


def test_ref_clip_score_by_hand() -> None:
    photo, caption = [1.0, 0.0], [0.6, 0.8]
    # Cosine 0.6 with the photo: CLIPScore 1.5. The nearest reference is (0, 2): cosine 0.8.
    # Harmonic mean: 2 * 1.5 * 0.8 / (1.5 + 0.8) = 2.4 / 2.3.
    references = np.array([[0.0, 2.0], [1.0, 0.0], [-0.6, -0.8]])
    found = metrics.ref_clip_score(np.array([photo]), np.array([caption]), [references])
    assert found == pytest.approx([2.4 / 2.3])
    # Rows of any length; a reference that points away counts as 0, as does a photo that does.
    rows = np.array([[5.0, 0.0], [-3.0, 0.0]])
    found = metrics.ref_clip_score(rows, np.array([caption] * 2), [references[2:], references[:1]])
    assert found.tolist() == [0.0, 0.0]
    # All alike: CLIPScore 2.5 and cosine 1, the most there is.
    found = metrics.ref_clip_score(rows[:1], rows[:1], [rows[:1]])
    assert found == pytest.approx([10 / 7])


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.ref_clip_score(np.ones((2, 3)), np.ones((2, 3)), [np.ones((1, 3))]),
        lambda: metrics.ref_clip_score(np.ones((1, 3)), np.ones((2, 3)), [np.ones((1, 3))]),
        lambda: metrics.ref_clip_score(np.ones((1, 3)), np.ones((1, 3)), [np.ones((1, 4))]),
        lambda: metrics.ref_clip_score(np.ones((1, 3)), np.ones((1, 3)), [np.ones((0, 3))]),
        lambda: metrics.ref_clip_score(np.ones((1, 3)), np.full((1, 3), np.nan), [np.ones((1, 3))]),
        lambda: metrics.ref_clip_score(np.ones(3), np.ones(3), [np.ones(3)]),
    ],
)
def test_embeddings_that_do_not_belong_together_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ArgumentError) as caught:
        call()
    assert "array (n, dim)" in caught.value.say("id") or "acuan" in caught.value.say("id")


def test_the_public_names() -> None:
    assert sorted(metrics.__all__) == [
        "LEAD", "adaptive_s_norm", "auc", "clip_score", "eer", "far", "far_upper_bound",
        "fit_share", "fittest", "frr", "most_accepted", "negatives_needed", "normalise", "pool",
        "recall_at_k", "ref_clip_score", "roc", "s_norm", "t_norm", "threshold_at_far", "unit",
        "window_shares", "z_norm",
    ]  # fmt: skip
    functions = {name for name, value in vars(metrics).items() if callable(value)}
    own = {n for n in functions if getattr(metrics, n).__module__ == "imgfit.metrics"}
    assert {name for name in own if not name.startswith("_")} == {*metrics.__all__} - {"LEAD"}


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


def test_adaptive_s_norm_by_hand() -> None:
    # Of each cohort the two highest count: 3 and 1 (mean 2, deviation 1), 8 and 4 (6 and 2).
    captions = np.array([[1.0, -9.0, 3.0], [4.0, 8.0, 0.0]])
    # 2 and 0 (mean 1, deviation 1); 9 and 5 (7 and 2).
    photos = np.array([[0.0, 2.0, -5.0], [5.0, 1.0, 9.0]])
    found = metrics.adaptive_s_norm([4.0, 3.0], captions, photos, top=2)
    assert found == pytest.approx([(2.0 + 3.0) / 2, (-1.5 - 2.0) / 2])


def test_adaptive_s_norm_of_the_whole_cohort_is_s_norm() -> None:
    generator = np.random.default_rng(2)
    raw, captions, photos = (generator.normal(size=(4, k)) for k in (4, 6, 6))
    before = captions.copy()
    for scores in (raw, np.diag(raw)):
        found = metrics.adaptive_s_norm(scores, captions, photos, top=6)
        assert found == pytest.approx(metrics.s_norm(scores, captions, photos))
    narrow = metrics.adaptive_s_norm(raw, captions, photos, top=3)
    diagonal = metrics.adaptive_s_norm(np.diag(raw), captions, photos, top=3)
    assert narrow.shape == (4, 4)
    assert np.diag(narrow) == pytest.approx(diagonal)
    assert (captions == before).all()


@pytest.mark.parametrize("top", [-1, 0, 1, 6])
def test_a_cohort_has_only_so_many_rivals(top: int) -> None:
    with pytest.raises(ArgumentError, match="from 2 to 5"):
        metrics.adaptive_s_norm([1.0], np.ones((1, 9)), np.ones((1, 5)), top=top)


def chance_of_so_few(accepted: int, negatives: int, rate: float) -> float:
    return sum(
        math.comb(negatives, k) * rate**k * (1 - rate) ** (negatives - k)
        for k in range(accepted + 1)
    )


@pytest.mark.parametrize(
    ("accepted", "negatives", "confidence", "bound"),
    [
        (0, 10, 0.95, 0.25886555089305224),
        (0, 59, 0.95, 0.04950760988822694),
        (1, 93, 0.95, 0.049993978387988476),
        (1, 93, 0.99, 0.06925444020626798),
        (3, 200, 0.95, 0.0383097084985698),
        (25, 1000, 0.99, 0.03902632689978755),
        (499, 500, 0.95, 0.9998974186730492),
        (40, 10000, 0.95, 0.0052037929808315085),
    ],
)
def test_far_upper_bound_is_as_it_was(
    accepted: int, negatives: int, confidence: float, bound: float
) -> None:
    # By bisection of the binomial sum, as calibrations before this function's library were fitted.
    found = metrics.far_upper_bound(accepted, negatives, confidence=confidence)
    assert found == pytest.approx(bound, rel=1e-11)


def test_far_upper_bound_by_hand() -> None:
    # With none accepted the bound solves (1 - rate) ** n = 0.05.
    assert metrics.far_upper_bound(0, 10) == pytest.approx(1 - 0.05**0.1)
    assert metrics.far_upper_bound(7, 7) == 1.0
    # One of one half: 1 - (1 - rate) ** 2 counts both, so rate ** 2 = 0.95.
    assert metrics.far_upper_bound(1, 2) == pytest.approx(0.95**0.5)


@given(st.integers(1, 300), st.floats(0, 0.999), st.floats(0.5, 0.999))
def test_the_bound_is_where_so_few_become_unlikely(n: int, part: float, confidence: float) -> None:
    accepted = int(part * n)
    bound = metrics.far_upper_bound(accepted, n, confidence=confidence)
    assert accepted / n < bound < 1
    assert chance_of_so_few(accepted, n, bound) == pytest.approx(1 - confidence, abs=1e-9)


@pytest.mark.parametrize(
    ("negatives", "accepted"), [(1, None), (58, None), (59, 0), (92, 0), (93, 1), (124, 2)]
)
def test_how_many_a_bounded_threshold_may_accept(negatives: int, accepted: int | None) -> None:
    assert metrics.most_accepted(0.05, negatives) == accepted
    if accepted is not None:
        assert chance_of_so_few(accepted, negatives, 0.05) <= 0.05
        assert chance_of_so_few(accepted + 1, negatives, 0.05) > 0.05
    assert (accepted is None) == (negatives < metrics.negatives_needed(0.05))


@pytest.mark.parametrize(("rate", "needed"), [(0.05, 59), (0.01, 299), (0.5, 5), (0.95, 1)])
def test_negatives_needed(rate: float, needed: int) -> None:
    assert metrics.negatives_needed(rate) == needed
    assert (1 - rate) ** needed <= 0.05 + 1e-12
    assert (1 - rate) ** (needed - 1) > 0.05


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.far_upper_bound(3, 2),
        lambda: metrics.far_upper_bound(-1, 2),
        lambda: metrics.far_upper_bound(0, 0),
        lambda: metrics.far_upper_bound(0, 5, confidence=1.0),
        lambda: metrics.most_accepted(0.0, 5),
        lambda: metrics.negatives_needed(1.0),
    ],
)
def test_bounds_of_nonsense_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ArgumentError):
        call()


def test_roc_by_hand() -> None:
    thresholds, accepted, rejected = metrics.roc(negatives=[0, 1, 2, 3], positives=[2, 3, 4, 5])
    assert accepted.tolist() == [1.0, 0.5, 0.25, 0.0, 0.0]
    assert rejected.tolist() == [0.0, 0.0, 0.25, 0.5, 1.0]
    assert thresholds[:4].tolist() == [0.0, 2.0, 3.0, 4.0]
    assert thresholds[4] > 5


@given(scores, scores)
def test_roc_gives_the_rates_and_encloses_the_auc(one: list[float], other: list[float]) -> None:
    thresholds, accepted, rejected = metrics.roc(negatives=one, positives=other)
    assert (np.diff(thresholds) > 0).all()
    for threshold, far, frr in zip(thresholds, accepted, rejected, strict=True):
        assert far == pytest.approx(metrics.far(threshold, negatives=one))
        assert frr == pytest.approx(metrics.frr(threshold, positives=other))
    area = np.sum(-np.diff(accepted) * (2 - rejected[1:] - rejected[:-1]) / 2)
    assert area == pytest.approx(metrics.auc(negatives=one, positives=other))
    assert (accepted[0], rejected[-1]) == (1.0, 1.0)
