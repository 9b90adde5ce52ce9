"""The null: what a fit means, and whose it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from imgfit import Calibration, metrics
from imgfit.errors import ArgumentError, CalibrationBrokenError, CalibrationMismatchError

if TYPE_CHECKING:
    from pathlib import Path


def fitted(scores: object) -> Calibration:
    return Calibration.from_negatives(
        scores,  # type: ignore[arg-type]
        fingerprint="f",
        cohort="c",
        source="normal numbers",
    )


NORMAL = np.random.default_rng(0).normal(size=50_000)


@pytest.mark.parametrize("far", [0.01, 0.05, 0.25, 0.5])
def test_the_far_asked_is_the_far_reached_on_fresh_trials(far: float) -> None:
    fresh = np.random.default_rng(1).normal(size=50_000)
    accepted = (fitted(NORMAL).fit(fresh) >= 1 - far).mean()
    assert accepted == pytest.approx(far, rel=0.1)


def test_fit_is_the_share_below() -> None:
    scores = np.array([-3.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    share = metrics.fit_share(scores, negatives=NORMAL)
    assert fitted(NORMAL).fit(scores) == pytest.approx(share, abs=0.003)


def test_beyond_the_null_is_zero_or_one() -> None:
    assert fitted(NORMAL).fit([-99.0, 99.0]).tolist() == [0.0, 1.0]


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=20))
def test_fit_never_falls_with_the_score(scores: list[float]) -> None:
    fits = fitted(NORMAL[:500]).fit(sorted(scores))
    assert (np.diff(fits) >= 0).all()
    assert ((fits >= 0) & (fits <= 1)).all()


@pytest.mark.parametrize("scores", [np.zeros(99), np.array([np.nan] * 200)])
def test_too_little_to_fit_is_refused(scores: object) -> None:
    with pytest.raises(ArgumentError, match="at least 100"):
        fitted(scores)


def test_saved_and_read_again(tmp_path: Path) -> None:
    calibration = fitted(NORMAL)
    calibration.save(tmp_path / "calibration.json")
    again = Calibration.load(tmp_path / "calibration.json")
    assert again == calibration
    assert again.digest == calibration.digest


def broken(**changes: Any) -> str:
    values = {
        "fingerprint": "f", "cohort": "c", "texts": "1.1", "negatives": 100, "source": "s",
        "quantiles": [float(n) for n in range(371)],
    }  # fmt: skip
    return json.dumps({**values, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1, 2]",
        "null",
        broken(quantiles=[1.0, 2.0]),
        broken(quantiles=[3.0] + [1.0] * 370),
        broken(quantiles=[float("nan")] * 371),
        broken(quantiles="x"),
        broken(surprise=1),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text)
    with pytest.raises(CalibrationBrokenError, match="calibration.json"):
        Calibration.load(path)


def test_require_names_what_differs() -> None:
    calibration = fitted(NORMAL)
    calibration.require(fingerprint="f", cohort="c")
    with pytest.raises(CalibrationMismatchError, match="model f, but g"):
        calibration.require(fingerprint="g", cohort="c")
    with pytest.raises(CalibrationMismatchError, match="cohort c, but d"):
        calibration.require(fingerprint="f", cohort="d")
