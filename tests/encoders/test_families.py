"""Every family of open_clip's models, small and random, in the real folder form, by the real loader.

Each configuration is one of open_clip's own with smaller numbers, so it has the keys that the
real ones have; each preprocessing is that of a published tag. What is expected is open_clip's
own: its transform, its tokenizer, its encode_image and encode_text.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import open_clip
import pytest
import torch
from open_clip.factory import get_model_config
from PIL import Image

from imgfit.encoders.loading import load_encoder
from imgfit.models.tokenizer import NLLB_LANGUAGE, StoredTokenizer
from tests.encoders.test_torch_towers import XLM_ROBERTA
from tests.support.tiny import resolved, write_folder
from tests.support.tiny_tokenizers import (
    write_bert,
    write_gemma,
    write_mt5,
    write_nllb,
    write_t5,
    write_xlm_roberta,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imgfit.encoders.model import ModelEncoder

VIT = {"image_size": 32, "layers": 2, "width": 64, "patch_size": 8}
# timm's smallest towers, made for tests; SigLIP's own are of the same class.
SIGLIP = {"timm_model_name": "test_vit", "image_size": 160}
TEXT = {"width": 32, "heads": 2, "layers": 2}
M2M_100 = {
    "model_type": "m2m_100",
    "is_encoder_decoder": True,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": 128,
    "pad_token_id": 1,
}
MT5 = {
    "model_type": "mt5",
    "is_encoder_decoder": True,
    "d_model": 32,
    "d_kv": 16,
    "d_ff": 64,
    "num_layers": 2,
    "num_decoder_layers": 1,
    "num_heads": 2,
    "pad_token_id": 0,
}


@dataclass(frozen=True)
class Family:
    """How a family is made small, and what must come out.

    Attributes:
        upstream: open_clip's configuration that it was shrunk from.
        tag: Weights whose preprocessing it takes.
        context: Most tokens of a text.
        trim: How much of the token ids counts.
        torch_free: Whether its texts become ids without torch.
    """

    upstream: str
    tag: str
    context: int
    trim: str
    vision: dict[str, Any] = field(default_factory=lambda: VIT)
    text: dict[str, Any] = field(default_factory=lambda: TEXT)
    tokenizer: Callable[[Path], int] | None = None
    text_tower: dict[str, Any] | None = None
    preprocessing_of: str = ""
    torch_free: bool = True

    @property
    def dim(self) -> int:
        """Of an embedding: SigLIP's photo tower projects nothing, so it is the tower's width."""
        return 64 if self.vision is SIGLIP else 24

    def config(self) -> dict[str, Any]:
        model = get_model_config(self.upstream)
        model["embed_dim"] = self.dim
        model["vision_cfg"] |= self.vision
        model["text_cfg"] |= self.text
        if "multimodal_cfg" in model:
            model["multimodal_cfg"] |= TEXT
        tag = open_clip.get_pretrained_cfg(self.preprocessing_of or self.upstream, self.tag)
        keys = ("mean", "std", "interpolation", "resize_mode")
        return {"model_cfg": model, "preprocess_cfg": {key: tag[key] for key in keys}}


FAMILIES = {
    "OpenAI's ViT": Family("ViT-B-32", "laion2b_s34b_b79k", 77, "argmax"),
    "quick-GELU": Family("ViT-B-32-quickgelu", "openai", 77, "argmax"),
    "ModifiedResNet": Family(
        "RN50", "openai", 77, "argmax", {"image_size": 64, "layers": [1, 1, 1, 1], "width": 16}
    ),
    "timm": Family(
        "convnext_base",
        "laion400m_s13b_b51k",
        77,
        "argmax",
        {"timm_model_name": "test_convnext", "image_size": 64},
    ),
    "SigLIP": Family("ViT-B-16-SigLIP", "webli", 64, "whole", SIGLIP, tokenizer=write_t5),
    "SigLIP 2": Family(
        "ViT-B-32-SigLIP2-256", "webli", 64, "whole", SIGLIP, tokenizer=write_gemma
    ),
    "XLM-R": Family(
        "xlm-roberta-base-ViT-B-32",
        "laion5b_s13b_b90k",
        77,
        "padding",
        text={},
        tokenizer=write_xlm_roberta,
        text_tower=XLM_ROBERTA,
    ),
    "NLLB": Family(
        "nllb-clip-base",
        "v1",
        77,
        "padding",
        torch_free=False,
        text={},
        tokenizer=write_nllb,
        text_tower=M2M_100,
    ),
    "NLLB with SigLIP's tower": Family(
        "nllb-clip-base-siglip",
        "v1",
        77,
        "padding",
        SIGLIP,
        torch_free=False,
        text={},
        tokenizer=write_nllb,
        text_tower=M2M_100,
    ),
    "mT5": Family(
        "mt5-base-ViT-B-32",
        "laion5b_s13b_b90k",
        77,
        "padding",
        text={},
        tokenizer=write_mt5,
        text_tower=MT5,
        preprocessing_of="xlm-roberta-base-ViT-B-32",  # no weights of its own are published
    ),
    "CoCa": Family("coca_ViT-B-32", "laion2b_s13b_b90k", 76, "whole"),
    "MobileCLIP": Family(
        "MobileCLIP2-S0", "dfndr2b", 77, "whole", {"image_size": 64}
    ),
    "MetaCLIP worldwide": Family(
        "ViT-H-14-worldwide-quickgelu",
        "metaclip2_worldwide",
        77,
        "eos",
        VIT | {"head_width": 32},
        tokenizer=write_xlm_roberta,
    ),
    "CLIPA": Family(
        "ViT-L-14-CLIPA", "datacomp1b", 32, "whole", torch_free=False, tokenizer=write_bert
    ),
}  # fmt: skip
SIGMOID = ("SigLIP", "SigLIP 2", "NLLB with SigLIP's tower")
TEXTS = [
    "rapat",
    "",
    "Ketua pengadilan menyerahkan piagam kepada pegawai di ruang sidang",
    "harga &amp; jasa: #IndonesiaMaju, Vaksin_Polio (12.345,67)! \U0001f4f7 \u201ckutipan\u201d",
    "dua orang hakim memeriksa perkara di ruang sidang " * 20,
]


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(width).integers(0, 255, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


PHOTOS = [noise(200, 130), noise(60, 170), noise(20, 20)]


@dataclass(frozen=True)
class Pair:
    """A family by imgfit, and by open_clip itself."""

    family: Family
    encoder: ModelEncoder
    model: Any
    transform: Any
    tokenizer: Any


@pytest.fixture(scope="module", params=FAMILIES, ids=str)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    family = FAMILIES[request.param]
    folder = write_folder(
        tmp_path_factory.mktemp("family") / "model",
        family.config(),
        tokenizer=family.tokenizer,
        text_tower=family.text_tower,
    )
    # open_clip itself finds a text tower offline only by its place.
    own = folder.path.with_name("own")
    shutil.copytree(folder.path, own)
    config = resolved(folder.path, folder.read_config())
    (own / "open_clip_config.json").write_text(json.dumps(config))
    model, transform = open_clip.create_model_from_pretrained(f"local-dir:{own}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{own}")
    if hasattr(getattr(tokenizer, "tokenizer", None), "src_lang"):
        tokenizer.tokenizer.src_lang = NLLB_LANGUAGE
    encoder = load_encoder(folder, device="cpu")
    return Pair(family, encoder, model.eval(), transform, tokenizer)


def test_facts_come_from_the_model(pair: Pair) -> None:
    encoder, family = pair.encoder, pair.family
    assert (encoder.dim, encoder.context_length) == (family.dim, family.context)
    assert encoder.context_length == pair.tokenizer.context_length
    assert encoder.photo_size == family.config()["model_cfg"]["vision_cfg"]["image_size"]
    assert encoder.logit_scale == pytest.approx(pair.model.logit_scale.item())
    if family in [FAMILIES[name] for name in SIGMOID]:
        assert encoder.logit_bias == pytest.approx(pair.model.logit_bias.item()) == -10
    else:
        assert encoder.logit_bias is None


def test_photos_are_prepared_as_open_clip_prepares_them(pair: Pair) -> None:
    for photo in PHOTOS:
        expected = pair.transform(photo).numpy()
        assert pair.encoder.prepare(photo) == pytest.approx(expected, abs=1e-6)


def test_ids_are_open_clips_own(pair: Pair) -> None:
    assert isinstance(pair.encoder.tokenizer, StoredTokenizer) == pair.family.torch_free
    ids = pair.encoder.tokenizer.ids(TEXTS)
    assert ids.shape == (len(TEXTS), pair.family.context)
    assert (ids == pair.tokenizer(TEXTS).numpy()).all()
    for text, row in zip(TEXTS[:3], ids, strict=False):
        count = pair.encoder.count_tokens(text)
        assert len(set(row[count:].tolist())) <= 1  # nothing but padding after the text
    assert pair.encoder.count_tokens(TEXTS[-1]) > pair.family.context


def test_embeddings_are_open_clips_own(pair: Pair) -> None:
    encoder = pair.encoder
    pixels = np.stack([encoder.prepare(photo) for photo in PHOTOS])
    with torch.inference_mode():
        photos = pair.model.encode_image(torch.from_numpy(pixels), normalize=True).numpy()
        texts = pair.model.encode_text(pair.tokenizer(TEXTS), normalize=True).numpy()
    rows, text_rows = encoder.encode_photos(pixels), encoder.encode_texts(TEXTS)
    assert rows == pytest.approx(photos, abs=2e-6)
    assert text_rows == pytest.approx(texts, abs=2e-6)
    for each in (rows, text_rows):
        assert each.dtype == np.float32
        assert np.linalg.norm(each, axis=1) == pytest.approx(1, abs=1e-6)
    # A text alone is trimmed further than among longer ones, and is embedded the same.
    for text, row in zip(TEXTS, text_rows, strict=True):
        assert encoder.encode_texts([text])[0] == pytest.approx(row, abs=2e-6)
    assert len({tuple(row.round(3)) for row in text_rows}) == len(TEXTS)
    assert (towers := encoder.towers).trim.rule == pair.family.trim  # type: ignore[attr-defined]
    assert not any(module.training for module in towers.model.modules())  # type: ignore[attr-defined]


def test_sigmoid_models_give_open_clips_logits(pair: Pair) -> None:
    encoder = pair.encoder
    assert encoder.logit_scale is not None
    if not hasattr(pair.model, "get_logits"):  # CoCa gives none of its own: its scale is all
        assert pair.family.upstream.startswith("coca")
        assert encoder.logit_bias is None
        return
    pixels = np.stack([encoder.prepare(photo) for photo in PHOTOS])
    with torch.inference_mode():
        expected, _ = pair.model.get_logits(torch.from_numpy(pixels), pair.tokenizer(TEXTS))
    cosines = encoder.encode_photos(pixels) @ encoder.encode_texts(TEXTS).T
    logits = np.exp(encoder.logit_scale) * cosines + (encoder.logit_bias or 0)
    assert logits == pytest.approx(expected.numpy(), abs=1e-4)


def test_a_warm_run_of_siglip_2_loads_neither_torch_nor_transformers(tmp_path: Path) -> None:
    family = FAMILIES["SigLIP 2"]
    folder = write_folder(tmp_path / "model", family.config(), tokenizer=write_gemma)
    code = (
        "import sys, imgfit; from imgfit.models.finding import find_model; "
        "from imgfit.encoders.loading import load_encoder; from PIL import Image; "
        f"encoder = load_encoder(find_model({str(folder.path)!r})); "
        "encoder.prepare(Image.new('RGB', (50, 40))); "
        "print(encoder.count_tokens('Rapat kerja'), encoder.logit_bias, "
        "[m for m in ('torch', 'open_clip', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, bias, loaded = done.stdout.split(maxsplit=2)
    assert (int(count) > 2, float(bias), loaded.strip()) == (True, -10.0, "[]")
