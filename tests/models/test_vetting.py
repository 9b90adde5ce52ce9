"""Model folders from strangers: no code, no place outside, no size without bound; each by name."""

from __future__ import annotations

import json
import os
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings, strategies as st
from safetensors.torch import load_file, save_file

from imgfit.encoders import open_clip_model as openclip
from imgfit.encoders.loading import load_encoder
from imgfit.encoders.open_clip_model import OpenClipTokenizer
from imgfit.errors import (
    ImgfitError,
    ModelBrokenError,
    ModelSizeError,
    ModelUnsafeError,
    ModelWeightsError,
)
from imgfit.models.folder import ModelFolder
from imgfit.models.vetting import vet_folder
from tests.encoders.test_open_clip_model import change
from tests.encoders.test_torch_towers import XLM_ROBERTA
from tests.support.tiny import TEXT, VIT, configuration, write_folder
from tests.support.tiny_tokenizers import write_xlm_roberta

CODE = "class Anything:\n    pass\n\nopen({mark!r}, 'w').close()\n"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with a tokenizer and a text tower of transformers."""
    text = {"hf_model_name": "xlm-roberta-base", "hf_tokenizer_name": "xlm-roberta-base"}
    return write_folder(
        tmp_path_factory.mktemp("plain") / "model",
        configuration(VIT, text | {"hf_pooler_type": "mean_pooler"}),
        tokenizer=write_xlm_roberta,
        text_tower=XLM_ROBERTA,
    ).path


@pytest.fixture
def folder(plain: Path, tmp_path: Path) -> ModelFolder:
    shutil.copytree(plain, tmp_path / "copy")
    return ModelFolder(tmp_path / "copy")


def both(folder: ModelFolder) -> None:
    """Load all that could act on the folder's files."""
    encoder = load_encoder(folder, device="cpu")
    OpenClipTokenizer(vet_folder(folder))
    encoder.encode_texts(["rapat"])


def test_the_folder_is_sound(folder: ModelFolder) -> None:
    both(folder)


# --- code -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["tokenizer_config.json", "config.json", "text_tower/config.json", "special_tokens_map.json"],
)
@pytest.mark.parametrize("key", ["AutoConfig", "AutoModel", "AutoTokenizer"])
def test_code_that_a_folder_brings_is_not_run(
    folder: ModelFolder, tmp_path: Path, name: str, key: str
) -> None:
    mark = tmp_path / "went off"
    for place in (folder.path, folder.text_tower.parent):
        (place / "code.py").write_text(CODE.format(mark=str(mark)))
    if not (folder.path / name).is_file():
        (folder.path / name).write_text("{}")
    value: Any = ["code.Anything", "code.Anything"] if key == "AutoTokenizer" else "code.Anything"
    change(folder, lambda file: file.update(auto_map={key: value}), name)
    with pytest.raises(ModelUnsafeError, match=f"{name}: auto_map") as caught:
        both(folder)
    assert "auto_map" in caught.value.say("id")
    with pytest.raises(ModelUnsafeError):
        OpenClipTokenizer(vet_folder(folder))
    assert not mark.exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("trust_remote_code", True),
        ("attn_implementation", "kernels-community/flash-attn"),
        ("_attn_implementation", "kernels-community/flash-attn"),
        ("quantization_config", {"quant_method": "bitsandbytes"}),
        ("model_type", "llama"),
        ("model_type", None),
    ],
)
def test_a_text_tower_asks_for_nothing_but_sizes(folder: ModelFolder, key: str, value: Any) -> None:
    change(folder, lambda tower: tower.update({key: value}), "text_tower/config.json")
    with pytest.raises(ModelUnsafeError, match=key):
        load_encoder(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tokenizer_class", "code.Anything"),
        ("tokenizer_class", "os.system"),
        ("tokenizer_class", "LlamaTokenizer"),
        ("tokenizer_class", ["GemmaTokenizer"]),
        ("vocab_file", "/etc/passwd"),
        ("tokenizer_file", "../../tokenizer.json"),
        ("trust_remote_code", True),
    ],
)
def test_a_tokenizer_asks_for_nothing_of_its_own(folder: ModelFolder, key: str, value: Any) -> None:
    change(folder, lambda file: file.update({key: value}), "tokenizer_config.json")
    with pytest.raises(ModelUnsafeError, match=key):
        load_encoder(folder)


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("text_cfg", "tokenizer_kwargs", {"trust_remote_code": True}),
        ("text_cfg", "tokenizer_kwargs", {"subfolder": ".."}),
        ("text_cfg", "tokenizer_kwargs", {"clean": "__import__"}),
        ("text_cfg", "tokenizer_mode", "shell"),
        ("vision_cfg", "timm_model_name", "hf-hub:someone/model"),
        ("vision_cfg", "timm_model_name", "local-dir:/tmp"),
        ("vision_cfg", "timm_model_name", "hf_hub:someone/model"),
        ("vision_cfg", "timm_model_name", "../tower"),
        ("vision_cfg", "timm_model_name", ["test_vit"]),
    ],
)
def test_open_clips_configuration_asks_for_nothing_of_its_own(
    folder: ModelFolder, part: str, key: str, value: Any
) -> None:
    change(folder, lambda config: config["model_cfg"][part].update({key: value}))
    with pytest.raises(ModelUnsafeError, match=key):
        load_encoder(folder)


def test_masks_that_fetch_a_tagger_are_refused(tmp_path: Path) -> None:
    # open_clip's reduction_mask "syntax" downloads one through nltk.
    text = TEXT | {"tokenizer_kwargs": {"reduction_mask": "syntax"}}
    folder = write_folder(tmp_path / "model", configuration(VIT, text))
    with pytest.raises(ModelUnsafeError, match="reduction_mask"):
        load_encoder(folder)


# --- places ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["/etc", "../other", "other", "someone/model"])
def test_a_text_towers_name_is_not_followed(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    expected = load_encoder(folder, device="cpu").encode_texts(["rapat"])
    monkeypatch.chdir(folder.path)
    (folder.path / "other").mkdir()
    (folder.path / "other" / "config.json").write_text(
        json.dumps(XLM_ROBERTA | {"hidden_size": 64})
    )
    change(
        folder,
        lambda config: config["model_cfg"]["text_cfg"].update(
            hf_model_name=name, hf_tokenizer_name=name
        ),
    )
    assert (load_encoder(folder, device="cpu").encode_texts(["rapat"]) == expected).all()


@pytest.mark.parametrize(
    "name",
    [
        "open_clip_config.json",
        "open_clip_model.safetensors",
        "tokenizer.json",
        "text_tower/config.json",
        "imgfit.json",
    ],
)
def test_a_link_out_of_the_folder_is_refused(
    folder: ModelFolder, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "outside"
    path = folder.path / name
    if path.is_file():
        path.rename(outside)
    else:
        outside.write_text("{}")
    path.symlink_to(outside)
    with pytest.raises(ModelUnsafeError, match="outside"):
        load_encoder(folder)


def test_a_linked_folder_of_a_text_tower_is_refused(folder: ModelFolder, tmp_path: Path) -> None:
    folder.text_tower.parent.rename(tmp_path / "outside")
    folder.text_tower.parent.symlink_to(tmp_path / "outside")
    with pytest.raises(ModelUnsafeError, match="outside"):
        load_encoder(folder)


def test_links_inside_and_those_of_the_hubs_cache_are_followed(
    folder: ModelFolder, tmp_path: Path
) -> None:
    expected = load_encoder(folder, device="cpu").encode_texts(["rapat"])
    place = tmp_path / "models--someone--model"
    (place / "blobs").mkdir(parents=True)
    snapshot = place / "snapshots" / "0123"
    shutil.copytree(folder.path, snapshot)
    for number, path in enumerate(sorted(p for p in snapshot.rglob("*") if p.is_file())):
        path.rename(place / "blobs" / str(number))
        path.symlink_to(place / "blobs" / str(number))
    (place / "linked").symlink_to(snapshot)
    for path in (snapshot, place / "linked"):
        encoder = load_encoder(ModelFolder(path), device="cpu")
        assert (encoder.encode_texts(["rapat"]) == expected).all()


@pytest.mark.parametrize(
    "name", ["open_clip_config.json", "open_clip_model.safetensors", "tokenizer_config.json"]
)
def test_a_link_to_itself_and_a_pipe_are_refused(folder: ModelFolder, name: str) -> None:
    path = folder.path / name
    path.unlink()
    path.symlink_to(path)  # to itself
    with pytest.raises(ModelBrokenError):
        both(folder)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ModelUnsafeError, match=f"{name} is a device or pipe"):
        both(folder)


# --- sizes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "open_clip_config.json",
        "tokenizer_config.json",
        "text_tower/config.json",
        "tokenizer.json",
        "imgfit.json",
    ],
)
def test_a_file_over_its_limit_is_refused_unread(
    folder: ModelFolder, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (folder.path / name).open("ab") as file:
        file.truncate(200_000_000)  # a hole, which takes no room
    read = Path.read_bytes

    def small_only(path: Path) -> bytes:
        assert path.stat().st_size < 5_000_000
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", small_only)
    with pytest.raises(ModelSizeError, match=f"{Path(name).name}.*200 MB"):
        load_encoder(folder)


def test_a_header_over_its_limit_is_refused_unread(folder: ModelFolder) -> None:
    with folder.weights.open("r+b") as file:
        file.write(struct.pack("<Q", 50_000_000))
        file.truncate(60_000_000)
    with pytest.raises(ModelSizeError, match="header is 50 MB, the limit is 10 MB"):
        load_encoder(folder)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"model_cfg":' + '{"a":' * 50_000,
        '{"model_cfg": {"a": NaN}}',
        '{"a": ' + "9" * 5000 + "}",
        '"model"',
    ],
)
@pytest.mark.parametrize(
    "name",
    ["open_clip_config.json", "tokenizer_config.json", "text_tower/config.json", "imgfit.json"],
)
def test_json_without_end_or_sense_is_named(folder: ModelFolder, name: str, text: str) -> None:
    (folder.path / name).write_text(text)
    with pytest.raises(ModelBrokenError, match="copy"):
        load_encoder(folder)


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("vision_cfg", "width", 10**9),
        ("vision_cfg", "layers", 10**6),
        ("vision_cfg", "layers", [10**6, 1, 1, 1]),
        ("vision_cfg", "image_size", 10**6),
        ("text_cfg", "vocab_size", 10**9),
        ("text_cfg", "context_length", 10**9),
        ("text_cfg", "mlp_ratio", float("1e999")),
        ("text_tower", "hidden_size", 10**9),
        ("text_tower", "num_hidden_layers", 10**6),
        ("text_tower", "vocab_size", 10**9),
    ],
)
def test_sizes_that_no_model_has_are_refused(
    folder: ModelFolder, part: str, key: str, value: Any
) -> None:
    if part == "text_tower":
        change(folder, lambda tower: tower.update({key: value}), "text_tower/config.json")
    else:
        change(folder, lambda config: config["model_cfg"][part].update({key: value}))
    with pytest.raises(ModelBrokenError, match=key if value != float("inf") else "Infinity"):
        load_encoder(folder)


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("vision_cfg", {"width": 16384, "layers": 200, "head_width": 64}),
        ("text_tower", {"hidden_size": 65536, "num_hidden_layers": 100, "vocab_size": 4_000_000}),
    ],
)
def test_sizes_that_the_weights_do_not_have_are_refused_before_memory_is_taken(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch, part: str, values: dict[str, int]
) -> None:
    # Some terabytes, by numbers that are each within their limits.
    if part == "text_tower":
        change(folder, lambda tower: tower.update(values), "text_tower/config.json")
    else:
        change(folder, lambda config: config["model_cfg"][part].update(values))
    construct, devices = openclip._construct, []

    def note(*arguments: Any) -> Any:
        devices.append(torch.empty(0).device.type)
        return construct(*arguments)

    monkeypatch.setattr(openclip, "_construct", note)
    with pytest.raises(ModelWeightsError):
        openclip.load_model(vet_folder(folder))
    assert devices == ["meta"]


def test_a_folder_of_very_many_files_is_refused(folder: ModelFolder) -> None:
    for number in range(1001):
        (folder.path / f"token{number}").touch()
    with pytest.raises(ModelSizeError, match="limit is 1000"):
        load_encoder(folder)


# --- weights --------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_no_numbers_are_named(folder: ModelFolder, value: float) -> None:
    tensors = load_file(folder.weights)
    tensors["visual.proj"][3, 2] = value
    save_file(tensors, folder.weights)
    with pytest.raises(
        ModelWeightsError, match="1 tensors hold values that are not numbers: visual.proj"
    ):
        both(folder)


@pytest.mark.parametrize("kind", [torch.int8, torch.uint8, torch.float8_e4m3fn, torch.int64])
def test_types_that_no_tower_computes_in_are_named(folder: ModelFolder, kind: torch.dtype) -> None:
    tensors = load_file(folder.weights)
    tensors["visual.proj"] = torch.zeros(tensors["visual.proj"].shape).to(kind)
    save_file(tensors, folder.weights)
    with pytest.raises(ModelWeightsError, match="visual.proj is I64|is of type"):
        both(folder)


def weights(folder: ModelFolder, header: Any, length: int) -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    folder.weights.write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * length)


def entry(shape: list[Any], start: Any, end: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}


@pytest.mark.parametrize(
    ("header", "length"),
    [
        (b"{", 0),
        (b"[" * 100_000, 0),
        (b"[]", 0),
        (b"", 0),
        ({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, 12),  # overlap
        ({"a": entry([2], 0, 8), "b": entry([2], 12, 20)}, 20),  # a gap, where anything may hide
        ({"a": entry([2], 0, 8)}, 4),  # cut short
        ({"a": entry([2], 0, 8)}, 12),  # more than is declared
        ({"a": entry([3], 0, 8)}, 8),
        ({"a": entry([-2], 0, 8)}, 8),
        ({"a": entry([2.0], 0, 8)}, 8),
        ({"a": entry([2**40, 2**40], 0, 8)}, 8),
        ({"a": entry([2], -8, 0)}, 8),
        ({"a": entry([2], "0", "8")}, 8),
        ({"a": {"dtype": "F32"}}, 0),
        ({"a": 3}, 0),
    ],
)
def test_a_header_that_does_not_fit_its_file_is_named(
    folder: ModelFolder, header: Any, length: int
) -> None:
    weights(folder, header, length)
    with pytest.raises(ModelWeightsError, match="open_clip_model.safetensors"):
        load_encoder(folder)


def test_every_cut_of_the_weights_is_named(folder: ModelFolder) -> None:
    whole = folder.weights.read_bytes()
    for tenth in range(10):
        folder.weights.write_bytes(whole[: len(whole) * tenth // 10])
        with pytest.raises(ModelWeightsError):
            load_encoder(folder)


# --- whatever else --------------------------------------------------------------------------


def what_loading_says(folder: ModelFolder) -> str:
    """Load what a folder's files say; anything but an error of ours fails the test."""
    try:
        return str(load_encoder(folder).folder.path)
    except ImgfitError as error:
        return str(error)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_folder_with_other_bytes_is_read_or_named(
    data: st.DataObject, plain: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("bytes") / "copy"
    shutil.copytree(plain, place)
    name = data.draw(
        st.sampled_from(
            [
                "open_clip_config.json",
                "tokenizer_config.json",
                "text_tower/config.json",
                "open_clip_model.safetensors",
            ]
        )
    )
    content = bytearray((place / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, min(len(content), 4000) - 1))
        content[position] = data.draw(st.integers(0, 255))
    (place / name).write_bytes(content)
    said = what_loading_says(ModelFolder(place))
    shutil.rmtree(place)
    assert str(place) in said


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_configuration_with_other_values_is_read_or_named(
    data: st.DataObject, plain: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.getbasetemp() / "values"
    if not place.exists():
        shutil.copytree(plain, place)
    folder = ModelFolder(place)
    config = json.loads((plain / "open_clip_config.json").read_text())
    tower = json.loads((plain / "text_tower" / "config.json").read_text())
    target = data.draw(
        st.sampled_from(
            [
                config,
                config["model_cfg"],
                config["model_cfg"]["text_cfg"],
                config["model_cfg"]["vision_cfg"],
                config["preprocess_cfg"],
                tower,
            ]
        )
    )
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(VALUES)
    folder.config.write_text(json.dumps(config))
    folder.text_tower.write_text(json.dumps(tower))
    assert str(place) in what_loading_says(folder)


def test_a_cause_is_said_in_the_reader_s_language(folder: ModelFolder) -> None:
    folder.weights.write_bytes(b"\xff" * 20)
    with pytest.raises(ModelWeightsError, match="not a safetensors file, or cut short") as caught:
        vet_folder(folder)
    assert "bukan berkas safetensors, atau terpotong" in caught.value.say("id")
