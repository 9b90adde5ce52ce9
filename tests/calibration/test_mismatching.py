"""Which photo may stand with which caption: never its own, nor a copy's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st

from imgfit.calibration.mismatching import NEAR_COPY, group_copies, groups_needed, mismatched_pairs


@pytest.mark.parametrize(
    ("photos", "captions", "groups"),
    [
        ("abc", ["satu", "dua", "tiga"], [0, 1, 2]),
        ("aba", ["satu", "dua", "tiga"], [0, 1, 0]),
        ("abc", ["satu", "dua", "Satu"], [0, 1, 0]),
        # Copies of copies: the first and the last share nothing, but both share with the second.
        ("aab", ["satu", "dua", "dua"], [0, 0, 0]),
        # Four of five words: a near copy. Three of five: none.
        ("ab", ["rapat kerja di aula", "Rapat kerja di aula kantor!"], [0, 0]),
        ("ab", ["rapat kerja di aula", "rapat kerja di kantor"], [0, 1]),
        ("ab", ["", ""], [0, 0]),
        ("", [], []),
    ],
)
def test_copies_make_groups(photos: str, captions: list[str], groups: list[int]) -> None:
    assert group_copies(list(photos), captions).tolist() == groups


captions_ = st.lists(
    st.lists(st.sampled_from("abcdefgh"), max_size=8).map(" ".join), min_size=1, max_size=12
)


@given(captions_)
def test_no_near_copy_is_missed(captions: list[str]) -> None:
    """Against the definition, applied to every pair."""
    joined = list(range(len(captions)))
    for one, other in itertools.combinations(range(len(captions)), 2):
        a, b = set(captions[one].split()), set(captions[other].split())
        if a == b or len(a & b) / len(a | b) >= NEAR_COPY - 1e-9:
            old, new = joined[other], joined[one]
            joined = [new if group == old else group for group in joined]
    found = group_copies([str(n) for n in range(len(captions))], captions)
    for one, other in itertools.combinations(range(len(captions)), 2):
        assert (found[one] == found[other]) == (joined[one] == joined[other])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=15))
def test_every_pair_of_two_groups_comes_once(groups: list[int]) -> None:
    numbers = np.array(groups, np.intp)
    found = [
        (photo, caption)
        for photos, captions in mismatched_pairs(numbers)
        for photo, caption in zip(photos.tolist(), captions.tolist(), strict=True)
    ]
    everyone = range(len(groups))
    wanted = {(p, c) for p in everyone for c in everyone if groups[p] != groups[c]}
    assert len(found) == len(set(found))
    assert set(found) == wanted


def test_of_many_drafts_each_is_used_alike() -> None:
    shifts = list(mismatched_pairs(np.arange(50, dtype=np.intp), most=120))
    assert len(shifts) == 3
    for side in (0, 1):
        used = np.bincount(np.concatenate([shift[side] for shift in shifts]), minlength=50)
        assert (used == 3).all()
    # Neighbours in a folder are often one event: a shift is not along the order given.
    photos, captions = shifts[0]
    assert (np.abs(photos - captions) > 1).mean() > 0.8


@pytest.mark.parametrize(
    ("far", "needed"), [(0.05, 38), (0.01, 198), (0.1, 18), (0.15, 12), (0.5, 12), (0.001, 1998)]
)
def test_drafts_needed(far: float, needed: int) -> None:
    assert groups_needed(far) == needed
