"""What windows weigh: the ensemble, its file, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from safetensors.numpy import save_file

from imgfit import metrics
from imgfit.calibration.window_weights import (
    CAP,
    LEAD_POOLING,
    WindowWeights,
    pooling_of,
)
from imgfit.errors import CalibrationBrokenError, CalibrationMismatchError

if TYPE_CHECKING:
    from pathlib import Path

DIM = 4


def weights_of(direction: list[float]) -> WindowWeights:
    """Weights that follow one direction of the embedding, without a hidden layer's say."""
    return WindowWeights(
        hidden=np.zeros((1, 2, DIM), np.float32),
        hidden_bias=np.zeros((1, 2), np.float32),
        output=np.zeros((1, 2), np.float32),
        direct=np.array([direction], np.float32),
        bias=np.zeros(1, np.float32),
        fingerprint="f",
    )


def test_log_weights_by_hand() -> None:
    weights = WindowWeights(
        hidden=np.array([[[0.5, 0, 0, 0]], [[0, 0, 0, 0]]], np.float32),
        hidden_bias=np.array([[0.25], [0]], np.float32),
        output=np.array([[2], [0]], np.float32),
        direct=np.array([[0, 0.125, 0, 0], [0, 0, 0, 0]], np.float32),
        bias=np.array([1, -1], np.float32),
        fingerprint="f",
    )
    row = np.array([[0.6, 0.8, 0, 0]], np.float32)
    raw = 2 * np.tanh(0.5 * 9.6 + 0.25) + 0.125 * 12.8 + 1
    expected = (CAP * np.tanh(raw / CAP) + CAP * np.tanh(-1 / CAP)) / 2
    assert weights.log_weights(row)[0] == pytest.approx(expected, abs=1e-5)
    assert weights.log_weights(np.empty((0, DIM), np.float32)).shape == (0,)


def test_a_heavy_window_leads_wherever_it_stands() -> None:
    weights = weights_of([1, 0, 0, 0])
    rows = np.eye(DIM, dtype=np.float32)[[1, 2, 0]]
    pooled = metrics.pool(rows, np.array([0]), weights.log_weights(rows))
    shares = metrics.window_shares(np.array([0]), 3, weights.log_weights(rows))
    assert pooled[0, 0] > 0.999
    assert shares[2] == 1
    assert shares[:2] == pytest.approx(np.exp(-CAP * np.tanh(16 / CAP)), rel=1e-6)


def test_without_weights_place_decides() -> None:
    assert pooling_of(None) == LEAD_POOLING == "lead045"
    shares = metrics.window_shares(np.array([0, 2]), 5)
    assert shares.tolist() == [1, 0.45, 1, 0.45, 0.45**2]


def test_saved_weights_are_the_same(tmp_path: Path) -> None:
    weights = weights_of([0.5, -0.25, 0, 1])
    weights.save(tmp_path / "w.safetensors")
    again = WindowWeights.load(tmp_path / "w.safetensors", fingerprint="f", dim=DIM)
    assert again.digest == weights.digest
    assert pooling_of(again) == f"learned-{weights.digest}"
    assert weights_of([0.5, -0.25, 0, 2]).digest != weights.digest


def test_another_encoders_weights_are_refused(tmp_path: Path) -> None:
    weights_of([1, 0, 0, 0]).save(tmp_path / "w.safetensors")
    with pytest.raises(CalibrationMismatchError):
        WindowWeights.load(tmp_path / "w.safetensors", fingerprint="g", dim=DIM)
    with pytest.raises(CalibrationBrokenError, match="shape"):
        WindowWeights.load(tmp_path / "w.safetensors", fingerprint="f", dim=DIM + 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bias", np.zeros(2, np.float16)),
        ("direct", np.full((1, DIM), np.nan, np.float16)),
        ("output", np.zeros((1, 2), np.int32)),
        ("hidden", np.zeros((2, DIM), np.float16)),
        ("hidden", np.zeros((0, 2, DIM), np.float16)),
    ],
)
def test_a_strangers_file_is_refused(tmp_path: Path, name: str, value: np.ndarray) -> None:
    weights = weights_of([1, 0, 0, 0])
    tensors = {
        key: getattr(weights, key).astype(np.float16)
        for key in ("hidden", "hidden_bias", "output", "direct", "bias")
    } | {name: value}
    save_file(tensors, tmp_path / "w.safetensors", metadata={"fingerprint": "f"})
    with pytest.raises(CalibrationBrokenError):
        WindowWeights.load(tmp_path / "w.safetensors", fingerprint="f", dim=DIM)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(b"no tensors")
    for path in (tmp_path / "w.safetensors", tmp_path / "absent.safetensors"):
        with pytest.raises(CalibrationBrokenError):
            WindowWeights.load(path, fingerprint="f", dim=DIM)
