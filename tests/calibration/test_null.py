"""The null: what a fit means, and whose it is."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from imgfit import Calibration, metrics
from imgfit.calibration.labels import Labels
from imgfit.calibration.platt import Bin
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


LABELS = Labels(
    positives=40, negatives=93, independent=93, accepted=1, bound=0.0499, confidence=0.95,
    frr=0.25, slope=1.5, intercept=-2.0, auc=0.9, eer=0.125, calibration_error=0.03,
    bins=(Bin(20, 0.1, 0.05), Bin(113, 0.75, 0.8)),
    roc=((0.0, 1.0, 0.0), (0.5, 0.25, 0.125), (1.0, 0.0, 1.0)),
)  # fmt: skip


def test_labels_are_saved_and_read_again(tmp_path: Path) -> None:
    plain = fitted(NORMAL)
    calibration = replace(plain, drafts=120, far=0.013, labels=LABELS)
    calibration.save(tmp_path / "calibration.json")
    again = Calibration.load(tmp_path / "calibration.json")
    assert again == calibration
    assert again.digest == calibration.digest
    assert again.digest != plain.digest
    assert again.labels is not None
    assert again.labels.probability(np.array([2.0 / 1.5])) == pytest.approx([0.5])


def test_signatures_tell_what_a_calibration_was_fitted_on() -> None:
    plain = fitted(NORMAL)
    mine = replace(plain, drafts=120, far=0.05)
    assert plain.name == plain.digest
    assert mine.name == f"drafts-{mine.digest}"
    named = replace(mine, labels=LABELS)
    assert named.name == f"labels-{named.digest}"


@pytest.mark.parametrize("far", [0.5, 0.05, 0.01])
def test_score_at_is_where_the_fit_begins(far: float) -> None:
    calibration = fitted(NORMAL)
    assert calibration.fit(calibration.score_at(far)) == pytest.approx(1 - far)


def test_a_calibration_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="nowhere"):
        fitted(NORMAL).save(tmp_path / "nowhere" / "calibration.json")
    path = tmp_path / "calibration.json"
    fitted(NORMAL).save(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        replace(fitted(NORMAL), far=float("nan")).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def broken(**changes: Any) -> str:
    values = {
        "fingerprint": "f", "cohort": "c", "texts": "1.1", "norm": "as50", "negatives": 100,
        "source": "s",
        "quantiles": [float(n) for n in range(371)],
    }  # fmt: skip
    return json.dumps({**values, **changes})


def broken_labels(**changes: Any) -> str:
    return broken(labels={**asdict(LABELS), **changes})


def test_the_damage_below_is_what_breaks_it(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    for text in (broken(), broken(drafts=9, far=0.5), broken_labels()):
        path.write_text(text)
        assert Calibration.load(path).fingerprint == "f"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1, 2]",
        "null",
        "[" * 100_000,
        "\ud800",
        broken(quantiles=[1.0, 2.0]),
        broken(quantiles=[3.0] + [1.0] * 370),
        broken(quantiles=[float("nan")] * 371),
        broken(quantiles=[0.0] * 370 + [float("inf")]),
        broken(quantiles=[0.0] * 370 + [10**400]),
        broken(quantiles=["0"] * 371),
        broken(quantiles="x"),
        broken(surprise=1),
        broken(fingerprint=5),
        broken(fingerprint="f\x1b[31m"),
        broken(fingerprint="f" * 1000),
        broken(source=None),
        broken(negatives=-1),
        broken(negatives=1.5),
        broken(negatives=True),
        broken(drafts=0),
        broken(far=0),
        broken(far=1),
        broken(far="0.05"),
        broken(labels=[]),
        broken(labels={}),
        broken_labels(slope=0),
        broken_labels(slope=float("nan")),
        broken_labels(bound=1.1),
        broken_labels(accepted=94),
        broken_labels(bins=[{"count": 1, "probability": 0.5}]),
        broken_labels(bins=[{"count": 1, "probability": 0.5, "share": 0.5, "x": 1}]),
        broken_labels(bins=[asdict(bin_) for bin_ in LABELS.bins] * 6),
        broken_labels(roc=[[0.0, 1.0]]),
        broken_labels(roc=["abc"]),
        broken_labels(surprise=1),
        broken(source="s") + " " * 8_000_000,
    ],
    ids=range(38),
)
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(CalibrationBrokenError, match="calibration.json") as caught:
        Calibration.load(path)
    assert "imgfit calibrate" in caught.value.say("id")
    assert len(str(caught.value)) < 1000


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(CalibrationBrokenError):
            Calibration.load(path)


def test_require_names_what_differs() -> None:
    calibration = fitted(NORMAL)
    calibration.require(fingerprint="f", cohort="c", norm="as50")
    with pytest.raises(CalibrationMismatchError, match="model f, but g .*imgfit calibrate"):
        calibration.require(fingerprint="g", cohort="c", norm="as50")
    with pytest.raises(CalibrationMismatchError, match="cohort c, but d"):
        calibration.require(fingerprint="f", cohort="d", norm="as50")


def test_a_cause_is_said_in_the_reader_s_language(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text("[]")
    with pytest.raises(CalibrationBrokenError, match="is not a JSON object") as caught:
        Calibration.load(path)
    assert "bukan objek JSON" in caught.value.say("id")
    assert "expected" not in caught.value.say("id")
