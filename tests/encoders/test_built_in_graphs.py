"""The built-in model's own graphs: torch's embeddings without torch, and run for no other model."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from imgfit import Checker
from imgfit.encoders import onnx_towers, torch_towers as clip
from imgfit.encoders.loading import load_encoder, usual_runtime
from imgfit.encoders.onnx_export import MOST_DISTANCE
from imgfit.encoders.onnx_towers import RECORD, REGIONS, TOWERS, Export, file_digest
from imgfit.errors import ModelGraphsError
from imgfit.models import folder as models
from imgfit.models.finding import find_model
from imgfit.models.weights import Tensor
from imgfit.photos.drawn import sample_photos
from tests.encoders.test_onnx_towers import TEXTS, run_cli

if TYPE_CHECKING:
    from imgfit.encoders.model import ModelEncoder
    from imgfit.metrics import Vectors
    from imgfit.models.folder import ModelFolder

MINI = Path(__file__).parents[2] / "models/mini"
FINGERPRINT = "afba42b3e3407f03"


@pytest.fixture(scope="module")
def in_torch() -> ModelEncoder:
    return load_encoder(find_model("mini"), runtime="torch", device="cpu")


@pytest.fixture
def built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelFolder:
    """A copy that takes the built-in model's place."""
    path = Path(shutil.copytree(find_model("mini").path, tmp_path / "mini"))
    monkeypatch.setattr(models, "_built_in_folder", lambda: path)
    return find_model("mini")


def embed_photos(encoder: ModelEncoder, count: int) -> Vectors:
    return encoder.encode_photos(
        np.stack([encoder.prepare(photo) for photo in sample_photos(count)])
    )


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_they_embed_as_torch_does(in_torch: ModelEncoder) -> None:
    encoder = load_encoder(find_model("mini"))
    assert (encoder.runtime, in_torch.runtime) == ("onnx", "")
    assert {encoder.fingerprint, encoder.origin, in_torch.fingerprint} == {FINGERPRINT}
    expected = embed_photos(in_torch, 5)
    assert embed_photos(encoder, 5) == pytest.approx(expected, abs=1e-5)
    assert embed_photos(encoder, 1) == pytest.approx(expected[:1], abs=1e-5)
    texts = [*TEXTS, "Sidang keliling di balai desa"]
    expected = in_torch.encode_texts(texts)
    assert encoder.encode_texts(texts) == pytest.approx(expected, abs=1e-5)
    for text, row in zip(texts, expected, strict=True):
        assert encoder.encode_texts([text])[0] == pytest.approx(row, abs=1e-5)


def test_their_record_says_how_close_they_are() -> None:
    graphs = Export.read(MINI)
    assert graphs.drift.distance <= MOST_DISTANCE
    assert graphs.drift.fit_most is not None
    assert graphs.drift.fit_most < 1e-4
    assert (graphs.int8, graphs.singly, graphs.trim.rule) == (False, (), "eos")


def test_scores_are_torch_s_and_say_what_made_them(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    sample_photos(1)[0].save(photo)
    usual, torch = (Checker.load("mini", runtime=name) for name in (None, "torch"))
    score, same = (checker.check(photo, "rapat di balai desa") for checker in (usual, torch))
    assert score.fit == pytest.approx(same.fit, abs=1e-4)
    assert str(score.signature).replace("|runtime:onnx|", "|") == str(same.signature)
    assert "|runtime:onnx|" in str(score.signature)


def test_a_check_loads_no_torch_and_exports_nothing(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    sample_photos(1)[0].save(photo)
    cache = tmp_path / "cache"
    for runtime in ([], ["--runtime", "onnx"]):
        assert run_cli(cache, photo, ["--json", "--no-cache", *runtime]) == "onnxruntime"
    assert not cache.exists()
    assert "torch" in run_cli(cache, photo, ["--json", "--no-cache", "--runtime", "torch"]).split()


@pytest.mark.parametrize(
    ("name", "device", "runtime"),
    [
        ("mini", None, "onnx"),
        ("mini", "cpu", "onnx"),
        ("mini", "cuda", "torch"),
        (str(MINI), None, "onnx"),
        (str(MINI / "../mini"), None, "onnx"),
    ],
)
def test_what_the_built_in_model_runs_in(name: str, device: str | None, runtime: str) -> None:
    assert usual_runtime(find_model(name), device) == runtime


@pytest.mark.parametrize("name", TOWERS)
def test_a_file_that_differs_by_a_bit_is_refused(built_in: ModelFolder, name: str) -> None:
    flip(built_in.path / name)
    encoder = load_encoder(built_in)
    with pytest.raises(ModelGraphsError, match=f"{name} is not the file"):
        embed_photos(encoder, 1)
    with pytest.raises(ModelGraphsError, match=f"{name} is not the file") as caught:
        encoder.encode_texts(["rapat"])
    assert "pasang ulang imgfit" in caught.value.say("id")


def test_weights_that_differ_by_a_bit_are_another_model_s(built_in: ModelFolder) -> None:
    flip(built_in.weights)
    with pytest.raises(ModelGraphsError, match=f"for model {FINGERPRINT}, not "):
        load_encoder(built_in).encode_texts(["rapat"])


def test_the_weights_are_digested_once(monkeypatch: pytest.MonkeyPatch) -> None:
    digested = []

    def note(path: Path) -> str:
        digested.append(path.name)
        return file_digest(path)

    monkeypatch.setattr(onnx_towers, "file_digest", note)
    load_encoder(find_model("mini")).encode_texts(["rapat"])
    assert digested == [*TOWERS, REGIONS]


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_text("{}"),
        lambda path: path.write_text("[" * 90_000),
        lambda path: path.write_text(path.read_text().replace(FINGERPRINT, "0" * 16)),
    ],
    ids=["missing", "empty", "nested", "another model"],
)
def test_a_damaged_record_is_no_reason_to_run_something_else(
    built_in: ModelFolder, damage: Any
) -> None:
    damage(built_in.path / RECORD)
    with pytest.raises(ModelGraphsError):
        load_encoder(built_in).encode_texts(["rapat"])


def test_torch_goes_on_without_them(built_in: ModelFolder, in_torch: ModelEncoder) -> None:
    for name in (*TOWERS, RECORD):
        (built_in.path / name).unlink()
    rows = load_encoder(built_in, runtime="torch", device="cpu").encode_texts(TEXTS)
    assert rows == pytest.approx(in_torch.encode_texts(TEXTS), abs=1e-6)


def test_graphs_in_another_folder_are_not_run(tmp_path: Path, in_torch: ModelEncoder) -> None:
    path = Path(shutil.copytree(MINI, tmp_path / "mini"))
    for name in TOWERS:
        (path / name).write_bytes(b"a stranger's")
    encoder = load_encoder(find_model(str(path)), device="cpu")
    assert (encoder.runtime, encoder.fingerprint) == ("", FINGERPRINT)
    assert encoder.encode_texts(TEXTS) == pytest.approx(in_torch.encode_texts(TEXTS), abs=1e-6)


def test_the_tower_that_is_looked_inside_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []

    class Counted(clip.TorchTowers):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            loaded.append(arguments)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(clip, "TorchTowers", Counted)
    encoder = load_encoder(find_model("mini"))
    towers: Any = encoder.towers
    towers.has_regions = False  # as any other model's
    pixels = np.stack([encoder.prepare(photo) for photo in sample_photos(2)])
    parts = [encoder.encode_regions(pixels) for _ in range(2)]
    assert len(loaded) == 1
    assert parts[0] is not None
    assert parts[0].sum((1, 2)) == pytest.approx(encoder.encode_photos(pixels), abs=1e-5)


def test_they_hold_no_weights_and_nothing_of_where_they_were_made() -> None:
    onnx = pytest.importorskip("onnx")
    assert sum((MINI / name).stat().st_size for name in TOWERS) < 250_000
    for name in TOWERS:
        data = (MINI / name).read_bytes()
        assert not any(word in data for word in (b"site-packages", b".py", b"/tmp", b"/home"))
        graph = onnx.load_from_string(data).graph
        outside = [one for one in graph.initializer if one.external_data]
        assert len(outside) > 50
        places = [{entry.key: entry.value for entry in one.external_data} for one in outside]
        assert {place["location"] for place in places} == {find_model("mini").weights.name}
        assert all(one.data_type == onnx.TensorProto.FLOAT16 for one in outside)


def test_what_is_large_and_in_no_weights_is_refused() -> None:
    onnx, graphs = pytest.importorskip("onnx"), pytest.importorskip("training.graphs")
    values = np.arange(graphs.MOST_INLINE, dtype=np.float32)
    row = onnx.helper.make_tensor_value_info("row", onnx.TensorProto.FLOAT, values.shape)
    rows = onnx.helper.make_tensor_value_info("rows", onnx.TensorProto.FLOAT, values.shape)
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Add", ["row", "model.bias"], ["rows"], doc_string="/srv/a.py")],
        "g", [row], [rows], [onnx.numpy_helper.from_array(values, "model.bias")],
    )  # fmt: skip
    model = onnx.helper.make_model(graph)
    stored = {"bias": values.astype(np.float16)}
    header = {"bias": Tensor("F16", values.shape, 8)}
    with pytest.raises(ValueError, match=r"model.bias is not in w.safetensors: 80000 bytes"):
        graphs.without_weights(model, "w.safetensors", header, stored)
    stored["bias"] = values = np.round(values / 16)
    graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(values, "model.bias"))
    model = onnx.helper.make_model(graph)
    stored = {"bias": values.astype(np.float16)}
    made = graphs.without_weights(model, "w.safetensors", header, stored)
    (tensor,) = made.graph.initializer
    entries = {entry.key: entry.value for entry in tensor.external_data}
    assert entries == {"location": "w.safetensors", "offset": "8", "length": "40000"}
    assert [node.op_type for node in made.graph.node] == ["Cast", "Add"]
    assert made.ByteSize() < 500
    assert b"/srv" not in made.SerializeToString()


def test_photos_are_taken_apart_as_torch_does(in_torch: ModelEncoder) -> None:
    encoder = load_encoder(find_model("mini"))
    pixels = np.stack([encoder.prepare(photo) for photo in sample_photos(3)])
    parts, expected = encoder.encode_regions(pixels), in_torch.encode_regions(pixels)
    assert parts is not None
    assert expected is not None
    assert parts.shape == expected.shape == (3, 7, 7, 256)
    assert np.abs(parts - expected).max() <= 1e-5
    assert parts.sum(axis=(1, 2)) == pytest.approx(encoder.encode_photos(pixels), abs=1e-5)


def test_the_heat_loads_no_torch(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    sample_photos(1)[0].save(photo)
    code = (
        "import sys, imgfit\n"
        f"heat = imgfit.Checker.load('mini').explain({str(photo)!r}, 'rapat di balai desa')\n"
        "print(heat.method, 'torch' in sys.modules, 'huggingface_hub' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["exact", "False", "False"]


def test_a_process_that_spares_memory_holds_one_tower_and_embeds_the_same() -> None:
    usual, sparing = (load_encoder(find_model("mini")) for _ in range(2))
    sparing.spare_memory()
    for _ in range(2):
        assert np.array_equal(embed_photos(sparing, 5), embed_photos(usual, 5))
        assert np.array_equal(sparing.encode_texts(TEXTS), usual.encode_texts(TEXTS))
    held: Any = sparing.towers
    assert list(held._opened) == ["text.onnx"]


def test_photos_one_by_one_are_those_that_go_together() -> None:
    encoder = load_encoder(find_model("mini"))
    towers: Any = encoder.towers
    assert towers.at_once == 1
    alone = embed_photos(encoder, 6)
    towers.at_once = 4
    assert np.array_equal(embed_photos(encoder, 6), alone)
