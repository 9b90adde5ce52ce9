"""Towers exported to ONNX: close to torch's, written whole, and run without torch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs
import pytest
from PIL import Image

from imgfit import Checker
from imgfit.encoders import onnx_export as exporting, onnx_towers as onnx
from imgfit.encoders.loading import load_encoder
from imgfit.encoders.onnx_export import measure_drift, open_export
from imgfit.encoders.onnx_towers import RECORD, Export
from imgfit.errors import ArgumentError, ExportError, ExportWarning, RuntimeMissingError
from imgfit.photos.drawn import sample_photos
from tests.encoders.test_torch_towers import XLM_ROBERTA
from tests.support.tiny import (
    CONV,
    STORED_TEXT,
    TEXT,
    VIT,
    calibrate_folder,
    configuration,
    write_folder,
)
from tests.support.tiny_tokenizers import write_xlm_roberta

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from imgfit.encoders.model import ModelEncoder

TEXTS = ["a dog", "", "dua orang hakim memeriksa perkara di ruang sidang " * 9, "rapat"]


@pytest.fixture(scope="module")
def convolutions(tmp_path_factory: pytest.TempPathFactory) -> ModelEncoder:
    """A model like the embedded one, with a calibration."""
    config = configuration(CONV, STORED_TEXT, custom=True)
    folder = write_folder(tmp_path_factory.mktemp("conv") / "tiny", config)
    calibrate_folder(folder)
    return load_encoder(folder)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, convolutions: ModelEncoder) -> Path:
    """A user's cache that holds the export, laid out as the command line's."""
    cache = tmp_path_factory.mktemp("cache")
    open_export(convolutions, root=cache / "imgfit" / "onnx")
    return cache / "imgfit" / "onnx"


def pixels(encoder: ModelEncoder, count: int) -> Any:
    return np.stack([encoder.prepare(photo) for photo in sample_photos(count)])


def assert_close(encoder: ModelEncoder, export: Export) -> None:
    """Equal to torch's, whatever the batch."""
    towers = export.load()
    photos = pixels(encoder, 5)
    expected = encoder.encode_photos(photos)
    assert towers.encode_photos(photos) == pytest.approx(expected, abs=1e-5)
    assert towers.encode_photos(photos[:1]) == pytest.approx(expected[:1], abs=1e-5)
    expected = encoder.encode_texts(TEXTS)
    assert towers.encode_ids(encoder.tokenizer.ids(TEXTS)) == pytest.approx(expected, abs=1e-5)
    for text, row in zip(TEXTS, expected, strict=True):
        got = towers.encode_ids(encoder.tokenizer.ids([text]))[0]
        assert got == pytest.approx(row, abs=1e-5)


def test_an_export_embeds_as_torch_does(convolutions: ModelEncoder, root: Path) -> None:
    export = open_export(convolutions, root=root)
    assert_close(convolutions, export)
    assert (export.int8, export.singly, export.trim.rule) == (False, (), "eos")
    assert export.drift.distance <= exporting.MOST_DISTANCE
    assert export.drift.fit_most is not None
    assert export.drift.fit_most < 1e-4


def siglip_text() -> dict[str, Any]:
    return TEXT | {"no_causal_mask": True, "pool_type": "last"}


@pytest.mark.parametrize(("kind", "rule"), [("clip", "argmax"), ("siglip", "whole")])
def test_other_towers_export_too(tmp_path: Path, kind: str, rule: str) -> None:
    text = siglip_text() if kind == "siglip" else TEXT
    folder = write_folder(tmp_path / "tiny", configuration(VIT, text, custom=kind == "siglip"))
    encoder = load_encoder(folder, device="cpu")
    export = open_export(encoder, root=tmp_path / "cache")
    assert export.trim.rule == rule
    assert export.drift.fit_mean is None  # no calibration, so no fit to drift
    assert_close(encoder, export)


def test_a_transformers_text_tower_exports_too(tmp_path: Path) -> None:
    text: dict[str, Any] = {"hf_model_name": "xlm-roberta-base", "hf_pooler_type": "mean_pooler"}
    text |= {"hf_tokenizer_name": "xlm-roberta-base", "context_length": 24}
    folder = write_folder(
        tmp_path / "tiny",
        configuration(VIT, text),
        tokenizer=write_xlm_roberta,
        text_tower=XLM_ROBERTA,
    )
    encoder = load_encoder(folder)
    export = open_export(encoder, root=tmp_path / "cache")
    assert export.trim.rule == "padding"
    assert_close(encoder, export)


def test_an_export_is_made_once(
    convolutions: ModelEncoder, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("exported again")

    monkeypatch.setattr(exporting, "_export", refuse)
    assert open_export(convolutions, root=root) == open_export(convolutions, root=root)


def test_what_killed_exports_left_is_removed_after_a_day(
    convolutions: ModelEncoder, root: Path
) -> None:
    """A younger one may be at work; a day far in the future is a clock that was wrong."""
    days = {"old": -2, "young": -0.5, "future": 30}
    for name, day in days.items():
        (root / f".imgfit-{name}").mkdir()
        (root / f".imgfit-{name}" / "photo.onnx").write_bytes(b"half")
        os.utime(root / f".imgfit-{name}", (time.time() + 86_400 * day,) * 2)
    open_export(convolutions, root=root)
    assert [path.name for path in root.glob(".imgfit-*")] == [".imgfit-young"]
    shutil.rmtree(root / ".imgfit-young")


@pytest.mark.parametrize("damage", ["photo.onnx", "record", "nested", "missing"])
def test_a_damaged_export_is_made_again(
    convolutions: ModelEncoder, root: Path, tmp_path: Path, damage: str
) -> None:
    shutil.copytree(root, tmp_path, dirs_exist_ok=True)
    (place,) = (path for path in tmp_path.iterdir() if not path.name.endswith("int8"))
    if damage == "record":
        (place / RECORD).write_text("{}")
    elif damage == "nested":
        (place / RECORD).write_text("[" * 90_000)
    elif damage == "missing":
        (place / "text.onnx").unlink()
    else:
        data = bytearray((place / damage).read_bytes())
        data[len(data) // 2] ^= 1
        (place / damage).write_bytes(data)
    with pytest.warns(ExportWarning, match="made again") as warned:
        assert_close(convolutions, open_export(convolutions, root=tmp_path))
    assert "dibuat lagi" in warned[0].message.error.say("id")  # type: ignore[union-attr]


def test_an_export_that_is_not_close_is_refused_and_leaves_nothing(
    convolutions: ModelEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_DISTANCE", 0.0)
    with pytest.raises(ExportError, match="differ from torch's"):
        open_export(convolutions, root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_of_two_that_export_at_once_the_first_counts(
    convolutions: ModelEncoder, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = exporting._export

    def overtaken(encoder: ModelEncoder, path: Path) -> Export:
        shutil.copytree(root, tmp_path, dirs_exist_ok=True)  # what another process just wrote
        return real(encoder, path)

    monkeypatch.setattr(exporting, "_export", overtaken)
    export = open_export(convolutions, root=tmp_path)
    assert export.path.parent == tmp_path
    assert_close(convolutions, export)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.fixture(scope="module")
def int8(convolutions: ModelEncoder, root: Path) -> Export:
    # A random model's photos look alike, so their fits move at a touch.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "MOST_FIT_DRIFT", 1.0)
        return open_export(convolutions, int8=True, root=root)


def test_8_bits_say_how_far_they_drift(convolutions: ModelEncoder, int8: Export) -> None:
    towers = int8.load()
    drift = measure_drift(convolutions, convolutions.towers, towers)
    assert drift.fit_mean == pytest.approx(int8.drift.fit_mean, abs=1e-4)
    assert 1e-4 < drift.distance < 1
    assert drift.photo_cosine > exporting.LEAST_COSINE
    assert int8.label == f"onnx-int8,fit~{int8.drift.fit_mean:.3f}"


def test_8_bits_do_not_depend_on_the_batch(convolutions: ModelEncoder, int8: Export) -> None:
    towers = int8.load()
    photos, ids = pixels(convolutions, 4), convolutions.tokenizer.ids(TEXTS)
    singly = np.concatenate([towers.encode_photos(photo[None]) for photo in photos])
    assert towers.encode_photos(photos) == pytest.approx(singly, abs=1e-6)
    singly = np.concatenate([towers.encode_ids(row[None]) for row in ids])
    assert towers.encode_ids(ids) == pytest.approx(singly, abs=1e-6)


def test_8_bits_that_drift_too_far_are_refused(
    convolutions: ModelEncoder, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(root, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.glob("*-int8"):
        shutil.rmtree(path)
    monkeypatch.setattr(exporting, "MOST_FIT_DRIFT", 0.0)
    with pytest.raises(ExportError, match="8 bits drift too far"):
        open_export(convolutions, int8=True, root=tmp_path)
    assert not list(tmp_path.glob("*-int8"))


def use_cache(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: root.parent)


def test_a_score_says_which_runtime_made_it(
    convolutions: ModelEncoder, root: Path, int8: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_cache(monkeypatch, root)
    photo = np.zeros((40, 40, 3), np.uint8)
    path = root / "photo.png"
    Image.fromarray(photo).save(path)
    checkers = {
        name: Checker.load(str(convolutions.folder.path), runtime=name)
        for name in ("torch", "onnx", "onnx-int8")
    }
    scores = {name: c.check(path, "rapat di balai desa") for name, c in checkers.items()}
    path.unlink()
    assert "runtime:" not in str(scores["torch"].signature)
    assert "|runtime:onnx|" in str(scores["onnx"].signature)
    assert f"|runtime:{int8.label}|" in str(scores["onnx-int8"].signature)
    assert scores["onnx"].fit == pytest.approx(scores["torch"].fit, abs=1e-4)
    fingerprints = {name: c.encoder.fingerprint for name, c in checkers.items()}
    # Rows that differ by rounding may share a cache; 8-bit ones may not.
    assert fingerprints["onnx"] == fingerprints["torch"]
    assert fingerprints["onnx-int8"] == fingerprints["torch"] + "-int8"
    drifts = {name: getattr(c.encoder, "fit_drift", "-") for name, c in checkers.items()}
    assert drifts == {"torch": None, "onnx": None, "onnx-int8": int8.drift.fit_mean}


def test_a_missing_package_is_named_with_what_to_install(
    convolutions: ModelEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(onnx, "version", missing)
    with pytest.raises(RuntimeMissingError, match=r'onnxruntime.*"\.\[onnx\]"'):
        open_export(convolutions, root=tmp_path)


def test_a_missing_exporter_is_named_with_what_to_install(
    convolutions: ModelEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise ModuleNotFoundError("no module", name="onnxscript")

    monkeypatch.setattr(exporting, "_export", missing)
    with pytest.raises(RuntimeMissingError, match="onnxscript"):
        open_export(convolutions, root=tmp_path)


def test_onnx_runs_on_the_cpu_only(convolutions: ModelEncoder) -> None:
    with pytest.raises(ArgumentError, match="'cpu' for an ONNX runtime"):
        load_encoder(convolutions.folder, runtime="onnx", device="cuda")


def run_cli(
    cache: Path, photo: Path, arguments: Sequence[str], caption: str = "rapat di balai desa"
) -> str:
    """Run one check in a new process; return the heavy modules that it imported."""
    code = (
        "import sys, pathlib, platformdirs\n"
        f"platformdirs.user_cache_path = lambda _: pathlib.Path({str(cache)!r})\n"
        "from imgfit.cli.app import app\n"
        f"app({['check', str(photo), '-c', caption, *arguments]!r}, standalone_mode=False)\n"
    )
    code = code.replace("app([", "try: app([").rstrip() + "\nexcept SystemExit: pass\n"
    code += (
        "print('LOADED', *[m for m in ('torch', 'open_clip', 'transformers', 'onnxruntime', 'onnx') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert '"error": null' in done.stdout, done.stdout + done.stderr
    return done.stdout.splitlines()[-1].removeprefix("LOADED").strip()


def test_a_check_with_onnx_needs_no_torch_and_a_warm_one_no_runtime(
    convolutions: ModelEncoder, root: Path, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.jpg"
    sample_photos(1)[0].save(photo)
    model = ["--json", "--model", str(convolutions.folder.path)]
    cached = [*model, "--cache", str(tmp_path / "cache.sqlite")]
    assert run_cli(root.parent, photo, [*model, "--no-cache", "--runtime", "onnx"]) == "onnxruntime"
    assert run_cli(root.parent, photo, [*cached, "--runtime", "onnx"]) == "onnxruntime"
    assert run_cli(root.parent, photo, [*cached, "--runtime", "onnx"]) == ""
    # The same rows serve torch, which is not loaded then either.
    assert run_cli(root.parent, photo, cached) == ""
    assert "torch" in run_cli(root.parent, photo, cached, "sidang keliling").split()


def test_towers_compute_on_as_many_threads_as_they_are_given(
    convolutions: ModelEncoder, root: Path
) -> None:
    towers = open_export(convolutions, root=root).load(1)
    tower = towers._tower("photo.onnx")
    assert tower.get_session_options().intra_op_num_threads == 1
    assert towers.encode_photos(pixels(convolutions, 2)) == pytest.approx(
        convolutions.encode_photos(pixels(convolutions, 2)), abs=1e-5
    )
    with pytest.raises(ArgumentError, match="threads is 0"):
        load_encoder(convolutions.folder, threads=0)
