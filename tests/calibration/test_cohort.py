"""The texts that scores are normalised against, and their stored embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from imgfit.calibration.cohort import Cohort, cohort_captions, scenes
from imgfit.errors import CalibrationBrokenError, CalibrationMismatchError
from tests.conftest import FakeEncoder, fake_cohort

if TYPE_CHECKING:
    from pathlib import Path


def test_the_texts_are_there_and_differ() -> None:
    captions = cohort_captions()
    assert len(captions) >= 300
    assert len({caption.casefold() for caption in captions}) == len(captions)
    assert all(caption == caption.strip() and caption for caption in captions)
    assert len(scenes()) == 150
    for scene in scenes():
        assert scene.names["id"]
        assert scene.names["en"]
        assert len(scene.prompts) == 2


def test_stored_and_read_again(tmp_path: Path) -> None:
    cohort = fake_cohort(FakeEncoder())
    cohort.save(tmp_path / "cohort.safetensors")
    again = Cohort.load(tmp_path / "cohort.safetensors", fingerprint="fake-1", dim=16)
    assert (again.photos == cohort.photos).all()
    assert (again.captions == cohort.captions).all()
    assert (again.scenes == cohort.scenes).all()
    assert again.digest == cohort.digest


def test_another_encoders_cohort_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cohort.safetensors"
    fake_cohort(FakeEncoder()).save(path)
    with pytest.raises(CalibrationMismatchError, match="fake-1, but other"):
        Cohort.load(path, fingerprint="other", dim=16)


def test_a_cohort_of_other_texts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cohort.safetensors"
    fake_cohort(FakeEncoder()).save(path)
    save_file(load_file(path), path, metadata={"fingerprint": "fake-1", "texts": "older"})
    with pytest.raises(CalibrationMismatchError, match="older"):
        Cohort.load(path, fingerprint="fake-1", dim=16)


@pytest.mark.parametrize("damage", ["truncated", "garbage", "nan", "dim", "rows"])
def test_a_damaged_cohort_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "cohort.safetensors"
    cohort = fake_cohort(FakeEncoder())
    if damage == "nan":
        cohort.photos[3, 2] = np.nan
    if damage == "rows":
        cohort = Cohort(cohort.photos, cohort.captions[:-1], cohort.scenes, cohort.fingerprint)
    cohort.save(path)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-100])
    if damage == "garbage":
        path.write_bytes(b"garbage")
    with pytest.raises(CalibrationBrokenError, match="cohort.safetensors"):
        Cohort.load(path, fingerprint="fake-1", dim=15 if damage == "dim" else 16)
