"""A short run of every fuzzing target; ``python -m fuzzing --minutes 20`` is the long one."""

from __future__ import annotations

import json

import pytest
from fuzzing.inputs import changed
from fuzzing.targets import TARGETS
from hypothesis import HealthCheck, given, settings

# Examples, the most that keep the file within its share of the run (photos are decoded, caches
# opened and captions of 20,000 characters cleaned for each).
EXAMPLES = {
    "manifest": 300,
    "parquet": 300,
    "caption": 150,
    "long-caption": 6,
    "photo": 400,
    "metadata": 300,
    "calibration": 200,
    "cohort": 100,
    "cache": 60,
    "model": 100,
    "shown": 300,
}


def test_each_target_has_its_share() -> None:
    assert EXAMPLES.keys() == TARGETS.keys()


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_whole(name: str) -> None:
    for seed in TARGETS[name].seeds():
        TARGETS[name].check(seed)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.filterwarnings("ignore")  # decoders warn of damage; what they raise is the matter
def test_promises_hold_near_what_is_well_formed(name: str) -> None:
    @settings(
        max_examples=EXAMPLES[name],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(changed(TARGETS[name].seeds()))
    def holds(data: bytes) -> None:
        TARGETS[name].check(data)

    holds()


def damaged_name() -> bytes:
    (seed,) = TARGETS["cache"].seeds()
    assert b"TABLE entries" in seed
    return seed.replace(b"TABLE entries", b"T\xb7BLE entries")


def contradicting_footer() -> bytes:
    seed = TARGETS["parquet"].seeds()[0]
    at = len(seed) - 8 - int.from_bytes(seed[-8:-4], "little") + 17
    return seed[:at] + bytes([seed[at] ^ 1]) + seed[at + 1 :]


def misread_settings() -> bytes:
    settings = json.loads(TARGETS["model"].seeds()[2][1:])
    settings |= {"tokenizer_class": "PreTrainedTokenizerFas", "model_max_length": "right"}
    return b"\2" + json.dumps(settings).encode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        # A TIFF of 64-bit places that points beyond what memory has addresses for.
        ("photo", b"II+\0\x08\0\0\0" + b"\xff" * 8),
        ("metadata", b"\0II+\0\x08\0\0\0" + b"\xff" * 8),
        # SQLite's message about a damaged name is itself no UTF-8.
        ("cache", damaged_name()),
        # pyarrow's accessor of a column's facts ends the process where they contradict each other.
        ("parquet", contradicting_footer()),
        # A tokenizer that loads, and fails at its first text.
        ("model", misread_settings()),
        # White space that a spreadsheet passes over before a formula.
        ("shown", b" \x0b+"),
    ],
)
def test_what_was_found_stays_mended(name: str, data: bytes) -> None:
    TARGETS[name].check(data)
