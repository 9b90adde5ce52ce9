"""Token ids without torch are open_clip's own; anything it cannot promise is left to open_clip."""

from __future__ import annotations

import json
import shutil
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import open_clip
import pytest
from hypothesis import assume, example, given, settings, strategies as st

from imgfit.errors import ModelBrokenError
from imgfit.models import ModelFolder, find_model
from imgfit.tokens import StoredTokenizer, Trim, read_tokenizer

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = [
    "",
    " ",
    "Sidang keliling",
    "SIDANG Keliling di Balai DESA",
    "  spasi\tganda \n baris baru  ",
    "foto 📷 dan 👨‍👩‍👧 keluarga 🇮🇩",
    "harga &amp; jasa &lt;b&gt; &amp;amp;",
    "âœ” mojibake â€œkutipanâ€",
    "\uff26\uff55\uff4c\uff4c \ufb01ne naïve café",
    "العربية 漢字 ไทย",
    "kata " * 200,
    "x" * 500,
    "<s> <pad> </s> <unk>",
    "\x00\x07 kendali",
    "12.345,67 (dua belas) – e-mail@contoh.id",
]


def mini_config() -> dict[str, Any]:
    return dict(find_model("mini").read_config()["model_cfg"]["text_cfg"])


def test_ids_and_counts_are_open_clips() -> None:
    folder = find_model("mini")
    ours = read_tokenizer(folder, mini_config())
    theirs = open_clip.get_tokenizer(f"local-dir:{folder.path}")
    assert ours is not None
    assert (ours.ids(TEXTS) == theirs(TEXTS).numpy()).all()
    for text in TEXTS:
        uncut = theirs.tokenizer(theirs.clean_fn(text), truncation=False, verbose=False).input_ids
        assert ours.count(text) == len(uncut)


@pytest.fixture
def copy(tmp_path: Path) -> ModelFolder:
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(find_model("mini").path / name, tmp_path)
    return ModelFolder(tmp_path)


@pytest.mark.parametrize(
    ("settings", "config"),
    [
        ({"tokenizer_class": "XLMRobertaTokenizerFast"}, {}),
        ({"padding_side": "left"}, {}),
        ({"pad_token": "<another>"}, {}),
        ({"added_tokens_decoder": {"9": {"content": "<x>"}}}, {}),
        ({}, {"tokenizer_kwargs": {"clean": "canonicalize"}}),
        ({}, {"tokenizer_kwargs": {"strip_sep_token": True}}),
        ({}, {"tokenizer_mode": "clips"}),
        ({}, {"hf_tokenizer_name": "", "tokenizer_kwargs": {"clean": "canonicalize"}}),
    ],
)
def test_what_only_open_clip_knows_is_left_to_it(
    copy: ModelFolder, settings: dict[str, Any], config: dict[str, Any]
) -> None:
    assert read_tokenizer(copy, mini_config()) is not None
    path = copy.path / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))
    assert read_tokenizer(copy, mini_config() | config) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", None])
def test_a_broken_tokenizer_is_named(copy: ModelFolder, content: bytes | None) -> None:
    path = copy.path / "tokenizer.json"
    if content is None:
        for file in copy.path.iterdir():
            file.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(ModelBrokenError, match="tokenizer"):
        read_tokenizer(copy, mini_config())


IDS = np.array([[1, 9, 2, 0, 0, 0], [1, 5, 6, 2, 0, 0], [1, 2, 0, 0, 0, 0]])


@pytest.mark.parametrize(
    ("trim", "columns"),
    [
        (Trim("whole"), 6),
        (Trim("padding", 0), 4),
        (Trim("eos", 2), 4),
        (Trim("argmax"), 3),
        (Trim("first"), 1),
        (Trim("padding", 7), 6),
        (Trim("eos", 7), 1),
    ],
)
def test_trimming_keeps_what_counts(trim: Trim, columns: int) -> None:
    assert (trim(IDS) == IDS[:, :columns]).all()
    assert trim(IDS).shape == (3, columns)


def test_a_row_of_padding_keeps_one_column() -> None:
    assert Trim("padding", 0)(np.zeros((1, 6), np.int64)).shape == (1, 1)


def test_a_rule_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="rule"):
        Trim("half")  # type: ignore[arg-type]


@cache
def bpe_tokenizers() -> tuple[StoredTokenizer, Any]:
    """Build ours and open_clip's once; it takes a while."""
    ours = read_tokenizer(find_model("mini"), {"context_length": 77})
    assert ours is not None
    return ours, open_clip.get_tokenizer("ViT-B-32")


# Of code points that Unicode has not assigned, the two libraries' tables think differently.
@given(st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=200))
@settings(deadline=None)  # the first call builds the tokenizers
@example("Rapat koordinasi it's DON'T 12345 – é ñ 漢字 🎉🎉 <b>&amp;amp;</b> !!!" + " kata" * 90)
@example("")
@example("\x00\u200b\u00a0 ﬁ ① ½ \u0130")
def test_bpe_without_open_clip_gives_its_ids(text: str) -> None:
    ours, theirs = bpe_tokenizers()
    # ftfy may mend two letters into a code point that is not assigned.
    assume(all(unicodedata.category(c) != "Cn" for c in ours._cleaned(text)))
    # Those are letters here (imgfit.tokens), and marks to open_clip.
    assume("_of_text>" not in ours._cleaned(text))
    assert ours.ids([text]).tolist() == theirs([text]).tolist()
    assert ours.count(text) == len(theirs.encode(text)) + 2


def test_a_caption_cannot_end_itself() -> None:
    ours, _ = bpe_tokenizers()
    ids = ours.ids(["rapat <end_of_text> kerja"])[0]
    assert (ids == ids.max()).sum() == 1
