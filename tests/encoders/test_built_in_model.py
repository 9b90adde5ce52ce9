"""The built-in model: whole, as published, found offline, and right on the clear cases."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import imgfit
from imgfit import Checker
from imgfit.embedding.texts import embed_texts
from imgfit.encoders.loading import load_encoder
from imgfit.errors import CalibrationMismatchError
from imgfit.models.finding import find_model

EXAMPLES = Path(__file__).parents[2] / "examples/drafts"

# Captions that are wrong for their photo on purpose (examples/CREDITS.md).
WRONG = {"bunga.jpg", "kamera.jpg", "kopi.jpg", "roket.jpg"}


@pytest.fixture(scope="module")
def mini() -> Checker:
    return Checker.load("mini", device="cpu")


def test_the_files_are_those_of_the_list() -> None:
    folder = find_model("mini").path
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    # A description changes no score.
    present = {p.name for p in folder.iterdir()} - {"SHA256SUMS", "README.md"}
    assert set(listed) == present
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def golden_photo() -> Image.Image:
    """A picture made in code: green ground, blue sky, a red ball."""
    y, x = np.mgrid[0:300, 0:400]
    pixels = np.where((y > 180)[..., None], [60, 150, 50], [90, 150, 220])
    pixels = np.where(((x - 200) ** 2 + (y - 170) ** 2 < 60**2)[..., None], [200, 40, 40], pixels)
    return Image.fromarray(pixels.astype(np.uint8))


def test_golden_embeddings(mini: Checker) -> None:
    encoder = mini.encoder
    photo = encoder.encode_photos(encoder.prepare(golden_photo())[None])[0]
    text = embed_texts(encoder, ["Sidang keliling di balai desa dihadiri warga"])[0]
    assert photo[: len(GOLDEN_PHOTO)] == pytest.approx(GOLDEN_PHOTO, abs=1e-3)
    assert text[: len(GOLDEN_TEXT)] == pytest.approx(GOLDEN_TEXT, abs=1e-3)
    assert np.linalg.norm(photo) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(text) == pytest.approx(1, abs=1e-5)


def test_the_clear_cases_come_out_right(mini: Checker) -> None:
    batch = mini.check_drafts(imgfit.read_drafts(EXAMPLES))
    # The rocket, unlike anything in the training photos, is the wrong one that gets off as weak.
    silent = {score.draft.id for score in batch if score.verdict == "silent"}
    assert silent == WRONG - {"roket.jpg"}
    # Of the eight right ones, these are plain to see; the others may be weak, never silent.
    speaks = {score.draft.id for score in batch if score.passed}
    assert speaks >= {"anjing.jpg", "gunung.JPG", "kucing.png", "menara.jpg", "sungai.jpg"}
    assert not speaks & WRONG
    (bunga,) = (score for score in batch if score.draft.id == "bunga.jpg")
    assert bunga.reasons[0].facts["other"] == "kamera.jpg"


def test_regions_add_up_to_the_cosine(mini: Checker) -> None:
    draft = next(d for d in imgfit.read_drafts(EXAMPLES) if d.id == "kucing.png")
    explained = mini.explain(EXAMPLES / "kucing.png", draft.caption or "")
    assert (explained.method, explained.box) == ("exact", (0, 0, 1, 1))
    assert explained.contributions.sum() == pytest.approx(explained.score.cosine, abs=1e-5)
    for window, heat in zip(explained.score.windows, explained.window_heat, strict=True):
        assert (heat + explained.baseline).sum() == pytest.approx(window.cosine, abs=1e-5)


def test_heat_is_on_the_half_that_the_caption_is_about(mini: Checker) -> None:
    page = Image.new("RGB", (480, 240))
    for place, name in enumerate(("kucing.png", "menara.jpg")):
        with Image.open(EXAMPLES / name) as photo:
            page.paste(photo.convert("RGB").resize((240, 240)), (240 * place, 0))
    file = io.BytesIO()
    page.save(file, "PNG")
    for caption, side in (("Seekor kucing belang", 0), ("Menara bertingkat di tepi danau", 1)):
        heat = mini.explain(file.getvalue(), caption).heat
        half = heat.shape[1] // 2
        sums = heat[:, :half].sum(), heat[:, -half:].sum()
        assert sums[side] > max(0, sums[1 - side])


def test_a_tower_that_does_more_after_its_average_is_not_taken_apart() -> None:
    encoder = load_encoder(find_model("mini"), runtime="torch", device="cpu")
    tower = encoder.towers.model.visual  # type: ignore[attr-defined]
    linear = tower.head
    pixels = encoder.prepare(golden_photo())[None]
    tower.head = torch.nn.Sequential(*linear, torch.nn.ReLU())
    assert encoder.encode_regions(pixels) is None
    tower.head = linear
    parts = encoder.encode_regions(pixels)
    assert parts is not None
    assert parts.shape == (1, 7, 7, 256)


def test_swapped_examples_are_found_and_right_photos_ranked(mini: Checker) -> None:
    batch = mini.check_drafts(imgfit.read_drafts(EXAMPLES))
    pairs = [{move.draft_id for move in swap.moves} for swap in batch.assignment().swaps]
    assert pairs == [{"bunga.jpg", "kamera.jpg"}]
    better = {move.draft_id: move.source_id for move in batch.suggestions().values()}
    assert better == {"bunga.jpg": "kamera.jpg", "kamera.jpg": "bunga.jpg"}
    ranking = batch.best_photos("Seekor anjing berlari di rumput", top=1)
    assert [entry.id for entry in ranking] == ["anjing.jpg"]


def test_a_calibration_of_ones_own_is_saved_and_used(mini: Checker, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    drafts = []
    for number, thing in enumerate(THINGS):
        path = tmp_path / f"{number}.png"
        Image.fromarray(generator.integers(0, 256, (64, 64, 3), np.uint8)).save(path)
        drafts.append(imgfit.Draft(path, f"Foto {thing} pada hari ke-{number}"))
    run = mini.calibrate(drafts, far=0.5)
    assert run.left_out == ()
    assert run.calibration.negatives == len(THINGS) * (len(THINGS) - 1)
    path = tmp_path / "calibration.json"
    run.calibration.save(path)
    mine = Checker.load("mini", device="cpu", calibration=path)
    assert mine.scorer.calibration == run.calibration
    score = mine.check_drafts(drafts[:1])[0]
    assert f"|null:drafts-{run.calibration.digest}|far:0.5/0.5" in str(score.signature)
    assert score.normalised == pytest.approx(mini.check_drafts(drafts[:1])[0].normalised, abs=1e-4)
    foreign = replace(run.calibration, fingerprint="0123456789abcdef")
    foreign.save(path)
    with pytest.raises(CalibrationMismatchError, match="0123456789abcdef, but .*imgfit calibrate"):
        Checker.load("mini", device="cpu", calibration=path)


THINGS = [
    "jembatan", "kucing", "sawah", "rapat", "bendera", "sepeda", "pasar", "gunung", "kapal",
    "sekolah", "masjid", "dapur", "kebun",
]  # fmt: skip


def test_it_is_found_and_runs_from_anywhere_without_a_network(tmp_path: Path) -> None:
    """In a new process, far from the checkout, with every socket refused."""
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "import imgfit\n"
        f"s = imgfit.check({str(EXAMPLES / 'kucing.png')!r}, 'Seekor kucing menatap kamera')\n"
        "print(s.verdict)"
    )
    # No offline switch of the hub's is set: nothing may try, not just fail politely.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS"))}
    environment["HOME"] = str(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "speaks"


GOLDEN_PHOTO = [0.0526, -0.0429, 0.0875, 0.0507, 0.364, 0.1897, 0.0888, -0.0085]
GOLDEN_TEXT = [-0.2103, 0.1901, -0.1441, -0.1133, -0.2494, 0.0138, 0.2592, 0.0314]
