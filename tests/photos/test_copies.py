"""Which photos are copies of one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, strategies as st

from imgfit.metrics import unit
from imgfit.photos.copies import _BLOCK, PhotoPrints, near_cosine

if TYPE_CHECKING:
    from collections.abc import Sequence


def at_angles(*degrees: float) -> np.ndarray:
    radians = np.deg2rad(degrees)
    return unit(np.stack([np.cos(radians), np.sin(radians)], axis=1))


def groups_of(photos: np.ndarray, digests: Sequence[str | None], near: float) -> list[int]:
    prints = PhotoPrints(digests, [0] * len(photos), photos, near)
    return [int(number) for number in prints.group()]


@pytest.mark.parametrize(
    ("degrees", "digests", "groups"),
    [
        ((), (), []),
        ((0, 90, 180), (None, None, None), [0, 1, 2]),
        ((0, 90, 5), (None, None, None), [0, 1, 0]),
        ((0, 90, 5), ("a", "a", "b"), [0, 0, 0]),
        ((0, 8, 16, 90), "abcd", [0, 0, 0, 1]),  # a chain is one group
        ((90, 0, 180, 0), (None,) * 4, [0, 1, 2, 1]),
    ],
)
def test_groups_by_table(degrees: tuple[float, ...], digests: str, groups: list[int]) -> None:
    assert groups_of(at_angles(*degrees), digests, np.cos(np.deg2rad(10))) == groups


def test_a_failed_photo_stands_alone() -> None:
    photos = np.zeros((3, 4), np.float32)
    assert groups_of(photos, (None,) * 3, 0.9) == [0, 1, 2]


def test_copies_are_found_across_blocks() -> None:
    photos = unit(np.random.default_rng(0).normal(size=(_BLOCK + 5, 64)))
    photos[_BLOCK + 2] = photos[1]
    groups = groups_of(photos, (None,) * len(photos), 0.95)
    assert groups[_BLOCK + 2] == groups[1]
    assert len(set(groups)) == len(photos) - 1


@given(st.lists(st.integers(0, 359), min_size=1, max_size=12), st.integers(0, 99))
def test_order_of_photos_does_not_change_who_belongs_together(
    degrees: list[int], seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(degrees))
    near = float(np.cos(np.deg2rad(7.5)))  # no two whole degrees lie at the limit
    photos = at_angles(*map(float, degrees))
    plain = np.array(groups_of(photos, (None,) * len(photos), near))
    mixed = np.array(groups_of(photos[order], (None,) * len(photos), near))
    together = plain[order][:, None] == plain[order][None, :]
    assert ((mixed[:, None] == mixed[None, :]) == together).all()


def test_nearness_is_told_by_the_cohort() -> None:
    generator = np.random.default_rng(0)
    wide = unit(generator.normal(size=(200, 32)))
    narrow = unit(generator.normal(size=(200, 32)) + 3)
    assert near_cosine(wide) < near_cosine(narrow) < 1
    # Photos that this encoder puts close together are no copies for it.
    assert len(set(groups_of(narrow, (None,) * 200, near_cosine(narrow)))) > 190
