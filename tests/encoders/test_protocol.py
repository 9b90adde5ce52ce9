"""The powers that an encoder may add are found by their names, whatever its class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import imgfit
from imgfit.encoders.loading import load_encoder
from imgfit.encoders.protocol import Encoder, RegionEncoder, TracedEncoder
from imgfit.models.finding import find_model
from tests.conftest import FakeEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Traced(FakeEncoder):
    origin = "fake-0"
    runtime = "another"
    fit_drift = 0.01


class Regional(FakeEncoder):
    def encode_regions(self, pixels: NDArray[np.float32]) -> NDArray[np.float32] | None:
        return None


def test_powers_are_told_apart() -> None:
    found = [
        (isinstance(encoder, TracedEncoder), isinstance(encoder, RegionEncoder))
        for encoder in (FakeEncoder(), Traced(), Regional())
    ]
    assert found == [(False, False), (True, False), (False, True)]


def test_a_model_of_ours_has_them_all() -> None:
    encoder = load_encoder(find_model("mini"))
    assert isinstance(encoder, TracedEncoder)
    assert isinstance(encoder, RegionEncoder)
    assert encoder.origin == encoder.fingerprint


def test_the_public_name_is_the_protocol() -> None:
    assert imgfit.Encoder is Encoder
