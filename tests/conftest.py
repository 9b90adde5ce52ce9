"""What tests share: photos made in code, an encoder without a model, and no network."""

from __future__ import annotations

import functools
import hashlib
import re
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from imgfit.calibration.norms import normalise
from imgfit.calibration.null import Calibration
from imgfit.checker import Checker
from imgfit.drafts.draft import Draft
from imgfit.metrics import unit
from imgfit.scoring.scorer import embed_cohort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from imgfit.calibration.cohort import Cohort

# What fails once fails again: every run has the same examples. ``python -m fuzzing`` seeks new ones.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

# A shell's job in the background is born deaf to Ctrl-C, and so would be what tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

TESTS = Path(__file__).parent
# Folders, files and tests that start processes, export models or run for seconds.
SLOW = (
    "cache/test_embeddings.py::test_a_run_that_is_killed",
    "cli/test_app.py::test_ctrl_c",
    "cli/test_models.py::test_pull_",
    "cli/test_models.py::test_verify_",
    "distributed/",
    "embedding/test_photos.py::test_an_interrupt",
    "encoders/test_built_in_graphs.py",
    "encoders/test_built_in_model.py",
    "encoders/test_families.py",
    "encoders/test_onnx_towers.py",
    "encoders/test_open_clip_model.py",
    "encoders/test_torch_towers.py",
    "faults/",
    "hostile/test_folder.py",
    "install/test_bundles.py",
    "install/test_hub.py",
    "project/test_fuzzing.py",
    "project/test_hook.py",
    "project/test_light.py",
    "project/test_traces.py",
    "project/test_wheel.py",
    "reports/test_page.py::test_a_thousand_drafts",
    "scoring/test_uncalibrated.py",
    "test_manners.py",
)
# Files that need the extra clip and do not import it themselves.
TORCH = (
    "encoders/test_built_in_graphs.py",
    "encoders/test_built_in_model.py",
    "models/test_folder.py",
    "test_manners.py",
)
_IMPORTS_TORCH = re.compile(
    r"^\s*(?:from|import) (?:torch|open_clip|transformers|tests\.support\.(?:tiny|carried))\b",
    re.MULTILINE,
)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files that need torch unread if it was asked to: a light installation has no torch."""
    unwanted = "not torch" in config.option.markexpr and _needs_torch(collection_path)
    return True if unwanted else None


@pytest.hookimpl(tryfirst=True)  # before pytest selects by the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow and what needs torch by the file it stands in.

    So ``-m "not slow"`` is the quick loop, and ``-m "not torch"`` what a light installation can do.
    """
    for item in items:
        place = f"{item.path.relative_to(TESTS).as_posix()}::{item.name}"
        if place.startswith(SLOW) or item.get_closest_marker("browser") is not None:
            item.add_marker("slow")
        if _needs_torch(item.path):
            item.add_marker("torch")


@functools.cache
def _needs_torch(path: Path) -> bool:
    if path.suffix != ".py":
        return False
    named = path.relative_to(TESTS).as_posix() in TORCH
    return named or _IMPORTS_TORCH.search(path.read_text("utf-8")) is not None


COLOURS = {"merah": (220, 30, 30), "hijau": (30, 200, 40), "biru": (30, 40, 220)}


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to reach a network fails the test that made it.

    A test marked ``browser`` talks to its browser and one marked ``loopback`` to its own server,
    which are on this machine, and to nothing else.
    """
    local = any(request.node.get_closest_marker(mark) for mark in ("browser", "loopback"))
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def own(host: object) -> bool:
        return local and host in ("localhost", "127.0.0.1", "::1")

    def only_own(self: socket.socket, address: Any) -> None:
        if not (isinstance(address, tuple) and own(address[0])):
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)

    def only_own_name(host: object, *rest: Any, **more: Any) -> Any:
        if not own(host):
            raise AssertionError(f"a test reached for the network: {host!r}")
        return getaddrinfo(host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", only_own)
    monkeypatch.setattr(socket, "getaddrinfo", only_own_name)


class FakeEncoder:
    """Embeds photos by their mean colour and texts by the colour words in them.

    A little noise from a digest sets different texts of one colour apart. Calls are counted, so
    that tests can say what was embedded and what was not.
    """

    name = "fake"
    fingerprint = "fake-1"
    dim = 16
    context_length = 12
    photo_size = 8

    def __init__(self) -> None:
        self.photos_encoded = 0
        self.texts_encoded: list[str] = []
        self.batches: list[int] = []

    def count_tokens(self, text: str) -> int:
        return len(text.split()) + 2

    def prepare(self, image: Image.Image) -> NDArray[np.float32]:
        small = image.resize((self.photo_size, self.photo_size), Image.Resampling.BOX)
        return np.asarray(small, np.float32).transpose(2, 0, 1) / np.float32(255)

    def encode_photos(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        self.photos_encoded += len(pixels)
        self.batches.append(len(pixels))
        colours = pixels.mean(axis=(2, 3))
        rows = np.zeros((len(pixels), self.dim), np.float32)
        rows[:, :3] = colours - colours.mean(axis=1, keepdims=True)
        rows[:, 3] = 0.05
        return unit(rows)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts_encoded.extend(texts)
        rows = np.zeros((len(texts), self.dim), np.float32)
        for number, (row, text) in enumerate(zip(rows, texts, strict=True)):
            for colour, word in enumerate(COLOURS):
                row[colour] = text.lower().split().count(word)
            row[:3] -= row[:3].mean()
            noise = np.frombuffer(hashlib.sha256(text.encode()).digest(), np.uint8)[: self.dim]
            rows[number] += (noise.astype(np.float32) / 255 - 0.5) * 0.2
        return unit(rows)


class Another(FakeEncoder):
    """Sees colours as the other one does, and takes green for blue in texts."""

    name = "another"
    fingerprint = "another-1"

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return super().encode_texts([text.replace("hijau", "biru") for text in texts])


def fake_cohort(encoder: FakeEncoder) -> Cohort:
    generator = np.random.default_rng(0)
    photos = generator.random((60, 3, 8, 8), np.float32).mean(axis=(2, 3), keepdims=True)
    colours = (photos - photos.mean()) * 4 + generator.random((60, 3, 1, 1), np.float32)
    return embed_cohort(encoder, encoder.encode_photos(np.repeat(colours, 8, axis=2)))


def fake_calibration(encoder: FakeEncoder, cohort: Cohort) -> Calibration:
    scores = normalise(
        cohort.photos @ cohort.captions.T,
        cohort.photos @ cohort.captions.T,
        cohort.captions @ cohort.photos.T,
    )
    return Calibration.from_negatives(
        scores,
        fingerprint=encoder.fingerprint,
        cohort=cohort.digest,
        source="colours",
    )


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def checker(encoder: FakeEncoder) -> Checker:
    cohort = fake_cohort(encoder)
    checker = Checker(encoder, fake_calibration(encoder, cohort), cohort)
    encoder.photos_encoded = 0
    encoder.texts_encoded.clear()
    encoder.batches.clear()
    return checker


def save_photo(path: Path, colour: str = "merah", size: tuple[int, int] = (40, 30)) -> Path:
    """Write a photo of one colour; the suffix names the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, COLOURS[colour]).save(path)
    return path


def photos_of(folder: Path, count: int) -> list[Path]:
    """Write photos no two of which are alike."""
    colours = list(COLOURS)
    return [save_photo(folder / f"{n:03}.png", colours[n % 3], (20 + n, 30)) for n in range(count)]


COLOURS_BY_NUMBER = list(COLOURS)
WORDS = ["rapat", "upacara", "sidang", "kunjungan", "pelatihan", "lomba", "pameran", "panen"]


def own_drafts(folder: Path, count: int, *, labels: bool = False) -> list[Draft]:
    """Photos of one colour each, no two alike, with captions that name the colour or another."""
    drafts = []
    for number in range(count):
        wrong = labels and number % 2 == 1
        name = COLOURS_BY_NUMBER[number % 3]
        colour = tuple(max(0, c - number // 3) for c in COLOURS[name])
        path = folder / f"{number}.png"
        Image.new("RGB", (20, 20), colour).save(path)
        said = COLOURS_BY_NUMBER[(number + wrong) % 3]
        caption = f"{said} {WORDS[number % 8]} {WORDS[number // 8 % 8]} hari {number} {number**2}"
        drafts.append(Draft(path, caption, label=(not wrong) if labels else None))
    return drafts
