"""The other drafts of a batch as a cohort, on tables whose offsets are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imgfit.scoring.batch_cohort import BatchCohort, BatchNull, fit_batch_cohort, shrinkage

if TYPE_CHECKING:
    from numpy.typing import NDArray

N = 40


def fitted(
    scores: NDArray[np.float64], groups: NDArray[np.intp] | None = None
) -> BatchCohort | None:
    groups = np.arange(len(scores)) if groups is None else groups
    return fit_batch_cohort(
        lambda p, c: scores[np.ix_(p, c)],
        groups,
        lambda s: np.clip((s + 4) / 8, 0, 1),
        np.arange(len(scores)),
    )


def test_offsets_are_found_shrunk_and_the_deviation_is_kept() -> None:
    generator = np.random.default_rng(0)
    hubs = np.where(np.arange(N) % 2, 1.0, -1.0)
    noise = generator.normal(0, 0.5, (N, N))
    scores = noise + hubs[:, None]
    cohort = fitted(scores)
    assert cohort is not None
    assert cohort.photos == pytest.approx(hubs * shrinkage(np.array(N - 1.0)), abs=0.25)
    assert cohort.captions == pytest.approx(0, abs=0.25)
    adjusted = cohort.adjust(scores, cohort.photos[:, None], cohort.captions)
    apart = ~np.eye(N, dtype=bool)
    assert adjusted[apart].mean() == pytest.approx(scores[apart].mean(), abs=1e-9)
    assert adjusted[apart].std() == pytest.approx(scores[apart].std(), rel=0.05)


def test_a_drafts_own_pair_and_its_copies_count_on_neither_side() -> None:
    scores = np.random.default_rng(1).normal(size=(N, N))
    own = scores.copy()
    np.fill_diagonal(own, 50)
    one, other = fitted(scores), fitted(own)
    assert one is not None
    assert other is not None
    assert one.photos == pytest.approx(other.photos)
    assert fitted(scores, np.zeros(N, np.intp)) is None
    assert fitted(scores[:1, :1]) is None


def test_a_batch_of_one_event_is_hard() -> None:
    alike = BatchNull(20, tuple([0] * 80 + [5] * 20))
    unlike = BatchNull(20, (1,) * 100)
    assert alike.far(0.05) == pytest.approx(0.25)
    assert alike.is_hard(0.05)
    assert unlike.far(0.05) == pytest.approx(0.05)
    assert not unlike.is_hard(0.05)
    assert not BatchNull(11, alike.counts).is_hard(0.05)
