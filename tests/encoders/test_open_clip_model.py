"""What goes wrong without a word when a CLIP model is loaded, each with the guard against it.

Every one of these gives numbers that look like scores in open_clip 3.3 (see the remark at each).
"""

from __future__ import annotations

import json
import pickle
import shutil
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import open_clip
import pytest
import torch
from safetensors.torch import load_file, save_file

from imgfit.encoders.loading import load_encoder
from imgfit.encoders.open_clip_model import OpenClipTokenizer
from imgfit.errors import (
    ModelBrokenError,
    ModelFileMissingError,
    ModelPickledError,
    ModelPreprocessingError,
    ModelTokenizerError,
    ModelWeightsError,
)
from imgfit.models.vetting import vet_folder
from imgfit.photos.drawn import sample_photos
from tests.encoders.test_families import FAMILIES
from tests.support.tiny import TEXT, VIT, configuration, write_folder
from tests.support.tiny_tokenizers import write_bert, write_t5, write_xlm_roberta

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgfit.models.folder import ModelFolder


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One folder of each kind that the traps are laid in, written once."""
    root = tmp_path_factory.mktemp("written")
    small = configuration(VIT, TEXT | {"vocab_size": 49408})
    folders = {"plain": write_folder(root / "plain", small).path}
    for name in ("SigLIP 2", "NLLB", "XLM-R"):
        family = FAMILIES[name]
        folders[name] = write_folder(
            root / name.replace(" ", "-"),
            family.config(),
            tokenizer=family.tokenizer,
            text_tower=family.text_tower,
        ).path
    return folders


@pytest.fixture
def copy(written: dict[str, Path], tmp_path: Path) -> Callable[[str], ModelFolder]:
    from imgfit.models.folder import ModelFolder  # noqa: PLC0415 - a name of the type above

    def take(name: str) -> ModelFolder:
        shutil.copytree(written[name], tmp_path / "copy")
        return ModelFolder(tmp_path / "copy")

    return take


def change(folder: ModelFolder, edit: Callable[[dict[str, Any]], object], name: str = "") -> None:
    path = folder.path / name if name else folder.config
    value = json.loads(path.read_text())
    edit(value)
    path.write_text(json.dumps(value))


def encode(folder: ModelFolder) -> np.ndarray[Any, Any]:
    return load_encoder(folder, device="cpu").encode_texts(["rapat kerja"])


# --- random weights: create_model warns and goes on -----------------------------------------


def test_a_folder_without_weights_is_refused(copy: Any) -> None:
    folder = copy("plain")
    folder.weights.unlink()
    with pytest.raises(ModelFileMissingError, match=r"open_clip_model\.safetensors"):
        load_encoder(folder)


@pytest.mark.parametrize("damage", ["missing", "left over", "shape"])
def test_weights_must_hold_every_tensor_and_no_other(copy: Any, damage: str) -> None:
    folder = copy("plain")
    tensors = load_file(folder.weights)
    name = "transformer.resblocks.1.mlp.c_fc.weight"
    if damage == "missing":
        del tensors[name]
    elif damage == "left over":
        tensors["transformer.resblocks.2.mlp.c_fc.weight"] = tensors[name].clone()
    else:
        tensors[name] = tensors[name][:, :-1].contiguous()
    save_file(tensors, folder.weights)
    with pytest.raises(ModelWeightsError, match=damage if damage != "shape" else r"\[128, 31\]"):
        encode(folder)


def test_a_bias_that_is_missing_is_not_filled_in(copy: Any) -> None:
    # open_clip takes 0 for it, so that a pair of cosine 0 would match with probability 0.5.
    folder = copy("SigLIP 2")
    tensors = load_file(folder.weights)
    del tensors["logit_bias"]
    save_file(tensors, folder.weights)
    open_clip.create_model_from_pretrained(f"local-dir:{folder.path}")
    with pytest.raises(ModelWeightsError, match="logit_bias"):
        load_encoder(folder)


def test_scale_and_bias_are_those_of_the_weights(copy: Any) -> None:
    folder = copy("SigLIP 2")
    for kind in (torch.float32, torch.float16, torch.bfloat16):
        tensors = load_file(folder.weights)
        tensors |= {
            "logit_scale": torch.tensor(4.5).to(kind),
            "logit_bias": torch.tensor([-16.5]).to(kind),
        }
        save_file(tensors, folder.weights)
        encoder = load_encoder(folder)
        assert (encoder.logit_scale, encoder.logit_bias) == (
            4.5,
            -16.5,
        )  # the configuration's is -10
        assert encoder.encode_texts(["rapat"]).shape == (1, 64)


# --- context: open_clip stretches positions that do not fit, and takes 77 where nothing is said


@pytest.mark.parametrize("length", [None, 32])
def test_a_context_that_is_not_the_weights_is_refused(copy: Any, length: int | None) -> None:
    folder = copy("SigLIP 2")

    def edit(config: dict[str, Any]) -> None:
        config["model_cfg"]["text_cfg"].pop("context_length")
        if length:
            config["model_cfg"]["text_cfg"]["context_length"] = length

    change(folder, edit)
    open_clip.create_model_from_pretrained(f"local-dir:{folder.path}")
    with pytest.raises(ModelWeightsError, match="does not match context_length (77|32)"):
        load_encoder(folder)


# --- preprocessing: OpenAI's mean, deviation and crop where a folder says nothing -----------


@pytest.mark.parametrize(
    "left_out", ["preprocess_cfg", "mean", "std", "resize_mode", "interpolation"]
)
def test_preprocessing_that_is_not_told_is_not_guessed(copy: Any, left_out: str) -> None:
    folder = copy("SigLIP 2")
    whole = folder.read_config()["preprocess_cfg"]

    def edit(config: dict[str, Any]) -> None:
        (config if left_out == "preprocess_cfg" else config["preprocess_cfg"]).pop(left_out)

    change(folder, edit)
    with pytest.raises(ModelPreprocessingError, match='"resize_mode": "squash"') as caught:
        load_encoder(folder)
    assert "SigLIP" in caught.value.say("id")
    # The lines that the error gives are the published ones, and mend the folder.
    lines = json.loads("{" + str(caught.value.facts["lines"]) + "}")
    change(folder, lambda config: config.update(lines))
    assert folder.read_config()["preprocess_cfg"] == {
        k: list(v) if isinstance(v, tuple) else v for k, v in whole.items()
    }
    load_encoder(folder)


def test_an_openai_model_needs_its_mean_too(copy: Any) -> None:
    folder = copy("plain")
    change(folder, lambda config: config["preprocess_cfg"].pop("std"))
    with pytest.raises(ModelPreprocessingError, match="0.48145466"):
        load_encoder(folder)


# --- tokenizer: the English one stands in for whatever is not found -------------------------


def test_siglip_without_its_tokenizers_name_is_refused(copy: Any) -> None:
    folder = copy("SigLIP 2")
    change(folder, lambda config: config["model_cfg"]["text_cfg"].pop("hf_tokenizer_name"))
    with pytest.raises(ModelTokenizerError, match="tokenizer 49408, tower 761"):
        encode(folder)


def test_a_tokenizer_that_is_named_must_be_there(copy: Any) -> None:
    folder = copy("SigLIP 2")
    (folder.path / "tokenizer.json").unlink()
    with pytest.raises(ModelFileMissingError, match=r"tokenizer\.json.*timm/ViT-B-32-SigLIP2-256"):
        encode(folder)


@pytest.mark.parametrize("writer", [write_t5, write_bert, write_xlm_roberta])
def test_a_tokenizer_of_another_size_is_refused(copy: Any, writer: Any) -> None:
    folder = copy("SigLIP 2")
    for path in folder.path.glob("*token*"):
        path.unlink()
    writer(folder.path)
    with pytest.raises(ModelTokenizerError, match="vocab_size"):
        encode(folder)


def test_an_id_beyond_the_table_is_refused(copy: Any) -> None:
    folder = copy("SigLIP 2")
    entry = {
        "content": "hakim",
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": False,
    }
    change(folder, lambda file: file["added_tokens"].append({"id": 761} | entry), "tokenizer.json")
    change(
        folder,
        lambda file: file["added_tokens_decoder"].update({"761": entry}),
        "tokenizer_config.json",
    )
    encoder = load_encoder(folder, device="cpu")
    encoder.encode_texts(["rapat"])
    with pytest.raises(ModelTokenizerError, match="tokenizer 761, tower < 761"):
        encoder.encode_texts(["hakim"])


def test_a_tower_must_mask_its_tokenizers_padding(copy: Any) -> None:
    folder = copy("XLM-R")
    change(folder, lambda tower: tower.update(pad_token_id=0), "text_tower/config.json")
    with pytest.raises(ModelTokenizerError, match="pad_token_id: tokenizer 1, tower 0"):
        encode(folder)


def test_a_tower_that_pools_at_the_end_must_find_it(tmp_path: Path) -> None:
    family = FAMILIES["MetaCLIP worldwide"]
    config = family.config()
    config["model_cfg"]["text_cfg"]["eos_id"] = 7
    folder = write_folder(tmp_path / "model", config, tokenizer=write_xlm_roberta)
    with pytest.raises(ModelTokenizerError, match="eos_id"):
        encode(folder)


# --- quick-GELU: nothing in weights tells which activation they learned with ----------------


@pytest.mark.parametrize(("noted", "configured"), [(True, False), (False, True)])
def test_the_activation_noted_must_be_the_one_configured(
    copy: Any, *, noted: bool, configured: bool
) -> None:
    folder = copy("plain")
    (folder.path / "imgfit.json").write_text(json.dumps({"quick_gelu": noted}))
    change(folder, lambda config: config["model_cfg"].update(quick_gelu=configured))
    with pytest.raises(ModelWeightsError, match="quick_gelu"):
        load_encoder(folder)
    change(folder, lambda config: config["model_cfg"].update(quick_gelu=noted))
    assert encode(folder).shape == (1, 24)


def test_the_activation_changes_embeddings_and_fingerprint(copy: Any) -> None:
    # What the guard is for: the same weights load either way, and give other numbers.
    folder = copy("plain")
    plain, before = encode(folder), folder.fingerprint(1)
    change(folder, lambda config: config["model_cfg"].update(quick_gelu=True))
    assert float(np.abs(encode(folder) - plain).max()) > 1e-3
    assert folder.fingerprint(1) != before


# --- pickled checkpoints: reading one runs what it says -------------------------------------


class Bomb:
    """Unpickled, it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("suffix", [".bin", ".pt", ".pth"])
@pytest.mark.parametrize("alone", [True, False])
def test_a_pickle_is_never_read(copy: Any, tmp_path: Path, suffix: str, *, alone: bool) -> None:
    folder, mark = copy("plain"), tmp_path / "went off"
    name = "open_clip_pytorch_model" + suffix
    (folder.path / name).write_bytes(pickle.dumps(Bomb(mark)))
    if alone:
        folder.weights.unlink()
        with pytest.raises(ModelPickledError, match=f"{name}.*save_file") as caught:
            load_encoder(folder)
        assert "save_file" in caught.value.say("id")
    else:
        assert encode(folder).shape == (1, 24)
    assert not mark.exists()


def test_weights_called_safetensors_that_are_a_pickle_are_refused(
    copy: Any, tmp_path: Path
) -> None:
    folder, mark = copy("plain"), tmp_path / "went off"
    folder.weights.write_bytes(pickle.dumps(Bomb(mark)))
    with pytest.raises(ModelWeightsError):
        load_encoder(folder)
    torch.save({"a": torch.zeros(2)}, folder.weights)
    with pytest.raises(ModelWeightsError):
        load_encoder(folder)
    assert not mark.exists()


# --- NLLB: open_clip's set_language is undone by the tokenizer's next call ------------------


def announced(folder: ModelFolder) -> str:
    tokenizer = OpenClipTokenizer(vet_folder(folder))
    return str(tokenizer._inner.convert_ids_to_tokens(int(tokenizer.ids(["rapat"])[0, 0])))


def speak(folder: ModelFolder, language: str) -> None:
    change(
        folder,
        lambda config: config["model_cfg"]["text_cfg"].update(
            tokenizer_kwargs={"language": language}
        ),
    )


def test_the_language_takes_effect(copy: Any) -> None:
    folder = copy("NLLB")
    assert announced(folder) == "ind_Latn"
    indonesian, before = encode(folder), folder.fingerprint(1)
    assert announced(folder) == "ind_Latn"
    speak(folder, "eng_Latn")
    assert announced(folder) == "eng_Latn"
    assert float(np.abs(encode(folder) - indonesian).max()) > 1e-3
    assert folder.fingerprint(1) != before
    speak(folder, "jav_Latn")
    assert announced(folder) == "jav_Latn"


def test_a_language_that_the_tokenizer_lacks_is_refused(copy: Any) -> None:
    folder = copy("NLLB")
    speak(folder, "xyz_Latn")
    with pytest.raises(ModelTokenizerError, match="language: tokenizer -, tower xyz_Latn"):
        encode(folder)


def test_a_language_for_a_tokenizer_that_announces_none_is_refused(copy: Any) -> None:
    folder = copy("XLM-R")
    speak(folder, "ind_Latn")
    with pytest.raises(ModelTokenizerError, match="language"):
        encode(folder)


# --- the network: AutoConfig and AutoTokenizer ask the hub, and hide it where it fails ------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every attempt to reach a host, whoever catches the error."""
    import huggingface_hub.constants as hub  # noqa: PLC0415 - heavy, and only here

    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", False)
    attempts: list[Any] = []

    def note(host: object, *rest: Any, **more: Any) -> Any:
        attempts.append(host)
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", note)
    return attempts


@pytest.mark.parametrize("name", ["NLLB", "XLM-R", "SigLIP 2"])
def test_nothing_asks_the_hub(copy: Any, asked: list[Any], name: str) -> None:
    folder = copy(name)
    encoder = load_encoder(folder, device="cpu")
    encoder.encode_photos(encoder.prepare(sample_photos(1)[0])[None])
    encoder.encode_texts(["rapat"])
    OpenClipTokenizer(vet_folder(folder))
    assert asked == []


def test_a_large_vocabulary_does_not_ask_the_hub(tmp_path: Path, asked: list[Any]) -> None:
    # Over 100,000 pieces, transformers 5 asks the hub whether a tokenizer is Mistral's.
    config = configuration(
        VIT, TEXT | {"hf_tokenizer_name": "facebook/xlm-v-base", "pool_type": "eos"}
    )
    folder = write_folder(
        tmp_path / "model", config, tokenizer=lambda path: write_xlm_roberta(path, pieces=100_000)
    )
    assert OpenClipTokenizer(vet_folder(folder)).pieces > 100_000
    assert asked == []


def test_open_clip_itself_asks_the_hub_for_a_text_tower(
    copy: Any, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The trap itself, and the proof that an attempt would be seen.
    folder = copy("XLM-R")
    monkeypatch.setattr(time, "sleep", lambda _: None)  # it tries five times, 23 s in all
    with pytest.raises(OSError, match="huggingface.co"):
        open_clip.create_model_from_pretrained(f"local-dir:{folder.path}")
    assert asked


def test_a_text_tower_that_is_not_there_is_named_at_once(copy: Any, asked: list[Any]) -> None:
    folder = copy("XLM-R")
    folder.text_tower.unlink()
    with pytest.raises(ModelFileMissingError, match="text_tower/config.json.*xlm-roberta-base"):
        load_encoder(folder)
    assert asked == []


def test_a_photo_tower_of_timm_never_fetches_its_own_weights(copy: Any, asked: list[Any]) -> None:
    folder = copy("SigLIP 2")
    change(
        folder, lambda config: config["model_cfg"]["vision_cfg"].update(timm_model_pretrained=True)
    )
    encode(folder)
    assert asked == []


def test_a_tokenizer_without_a_class_takes_the_text_towers(copy: Any, asked: list[Any]) -> None:
    # As XLM-R's first release has it.
    folder = copy("XLM-R")
    expected = encode(folder)
    change(folder, lambda settings: settings.pop("tokenizer_class"), "tokenizer_config.json")
    assert encode(folder) == pytest.approx(expected, abs=2e-6)
    assert type(OpenClipTokenizer(vet_folder(folder))._inner).__name__.startswith(
        "XLMRobertaTokenizer"
    )
    assert asked == []
    folder.text_tower.rename(folder.path / "elsewhere.json")
    with pytest.raises(ModelFileMissingError):
        OpenClipTokenizer(vet_folder(folder))


def test_a_tokenizer_without_a_class_or_a_text_tower_is_named(copy: Any) -> None:
    folder = copy("SigLIP 2")
    change(folder, lambda settings: settings.pop("tokenizer_class"), "tokenizer_config.json")
    with pytest.raises(ModelBrokenError, match="names no tokenizer_class"):
        encode(folder)


# --- the rest -------------------------------------------------------------------------------


def test_dropout_is_off(tmp_path: Path) -> None:
    # open_clip returns models in training mode; half of the patches would be dropped by chance.
    folder = write_folder(tmp_path / "model", configuration(VIT | {"patch_dropout": 0.5}))
    encoder = load_encoder(folder, device="cpu")
    pixels = encoder.prepare(sample_photos(1)[0])[None]
    assert (encoder.encode_photos(pixels) == encoder.encode_photos(pixels)).all()


def test_a_tower_configured_in_half_precision_computes_in_single(copy: Any) -> None:
    folder = copy("XLM-R")
    expected = encode(folder)
    half = {"torch_dtype": "float16", "dtype": "float16"}  # its older name, and its newer
    change(folder, lambda tower: tower.update(half), "text_tower/config.json")
    assert encode(folder) == pytest.approx(expected, abs=2e-6)


def test_the_fingerprint_covers_the_text_towers_configuration(copy: Any) -> None:
    folder = copy("XLM-R")
    before = folder.fingerprint(1)
    change(folder, lambda tower: tower.update(layer_norm_eps=1e-3), "text_tower/config.json")
    assert folder.fingerprint(1) != before


def test_weights_of_older_names_load(tmp_path: Path, copy: Any) -> None:
    # A text tower without a prefix, a scale in a list, XLM-R's counter of positions.
    config = configuration(VIT, TEXT, custom=True)
    folder = write_folder(tmp_path / "model", config)
    expected = encode(folder)
    tensors = {
        name.removeprefix("text."): tensor for name, tensor in load_file(folder.weights).items()
    }
    tensors["logit_scale"] = tensors["logit_scale"].reshape(1)
    save_file(tensors, folder.weights)
    assert (encode(folder) == expected).all()
    folder = copy("XLM-R")
    expected = encode(folder)
    tensors = load_file(folder.weights)
    tensors["text.transformer.embeddings.position_ids"] = torch.arange(90)[None]
    save_file(tensors, folder.weights)
    assert (encode(folder) == expected).all()
