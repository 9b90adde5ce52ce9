"""What a rate costs: scores of right pairs beside the null."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imgfit import Calibration
from imgfit.calibration.positives import Positives
from imgfit.errors import CalibrationBrokenError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def drawn(mean: float, count: int, seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(mean, 1, count)


def measured(shift: float = 2.0) -> Calibration:
    null = drawn(0, 20_000, 1)
    calibration = Calibration.from_negatives(null, fingerprint="f", cohort="c", source="normal")
    positives = Positives.of("posts", drawn(shift, 20_000, 2), null, source="normal, shifted")
    return replace(calibration, positives=(positives,))


def test_pass_rate_is_the_share_of_right_pairs_above_the_threshold() -> None:
    calibration = measured()
    # The normal distribution's shares above 1.645 and 0.674, two deviations on.
    assert calibration.pass_rate("posts", 0.05) == pytest.approx(0.639, abs=0.015)
    assert calibration.pass_rate("posts", 0.25) == pytest.approx(0.908, abs=0.015)
    assert calibration.pass_rate("titles", 0.05) is None


def test_the_likelihood_ratio_of_two_normals() -> None:
    # Of normals 2 apart with deviation 1, the logarithm is 2 x - 2.
    scores = np.array([0.0, 1.0, 2.0])
    found = measured().evidence_ratio(scores)
    assert found is not None
    assert np.log(found) == pytest.approx([-2, 0, 2], abs=0.15)
    assert measured().evidence_ratio(scores, "everyday") is None


def test_the_ratio_rises_and_is_held_where_nothing_was_seen() -> None:
    found = measured().evidence_ratio(np.array([-99.0, -1.0, 3.0, 99.0, 999.0]))
    assert found is not None
    assert (np.diff(found) >= 0).all()
    assert np.isfinite(found).all()
    assert found[3] == found[4]


def test_positives_need_pairs_that_score_higher() -> None:
    with pytest.raises(ValueError, match="99 pairs"):
        Positives.of("posts", drawn(1, 99, 1), drawn(0, 99, 2), source="few")
    with pytest.raises(ValueError, match="do not score higher"):
        Positives.of("posts", drawn(-1, 500, 1), drawn(0, 500, 2), source="worse")


def test_positives_are_kept_in_the_file(tmp_path: Path) -> None:
    calibration = measured()
    calibration.save(tmp_path / "c.json")
    assert Calibration.load(tmp_path / "c.json") == calibration


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "others"},
        {"slope": -1},
        {"intercept": 1e9},
        {"quantiles": [0.0]},
        {"quantiles": [1.0] + [0.0] * 100},
        {"pairs": 0},
        {"more": 1},
    ],
)
def test_a_strangers_positives_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "c.json"
    measured().save(path)
    stored = json.loads(path.read_text("utf-8"))
    stored["positives"][0] |= change
    path.write_text(json.dumps(stored))
    with pytest.raises(CalibrationBrokenError):
        Calibration.load(path)


def test_a_kind_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    calibration = measured()
    replace(calibration, positives=calibration.positives * 2).save(path)
    with pytest.raises(CalibrationBrokenError):
        Calibration.load(path)
