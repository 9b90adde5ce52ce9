"""Token ids without torch are open_clip's own; anything it cannot promise is left to open_clip."""

from __future__ import annotations

import json
import shutil
import unicodedata
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import open_clip
import pytest
from hypothesis import assume, example, given, settings, strategies as st
from open_clip.tokenizer import HFTokenizer

from imgfit.errors import ModelBrokenError
from imgfit.models.finding import find_model
from imgfit.models.folder import ModelFolder
from imgfit.models.tokenizer import StoredTokenizer, Trim, read_tokenizer
from tests.support.tiny_tokenizers import write_gemma, write_mt5, write_t5, write_xlm_roberta

if TYPE_CHECKING:
    from collections.abc import Callable

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
        ({"add_bos_token": True}, {}),
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
    # Those are letters here (imgfit.models.tokenizer), and marks to open_clip.
    assume("_of_text>" not in ours._cleaned(text))
    assert ours.ids([text]).tolist() == theirs([text]).tolist()
    assert ours.count(text) == len(theirs.encode(text)) + 2


WRITERS = {
    "gemma": (write_gemma, ["<eos>", "<pad>", "<mask>", "<0x41>"]),
    "t5": (write_t5, ["</s>", "<unk>", "<extra_id_0>"]),
    "mt5": (write_mt5, ["<pad>", "</s>"]),
    "xlm-r": (write_xlm_roberta, ["<s>", " <mask> ", "</s>"]),
}


@cache
def class_tokenizers(kind: str, clean: str) -> tuple[StoredTokenizer, Any]:
    """A folder of a class that has rules of its own, by us and by open_clip."""
    with TemporaryDirectory() as place:
        WRITERS[kind][0](Path(place))
        text = {
            "hf_tokenizer_name": kind,
            "context_length": 20,
            "tokenizer_kwargs": {"clean": clean},
        }
        ours = read_tokenizer(ModelFolder(Path(place)), text)
        theirs = HFTokenizer(place, context_length=20, clean=clean, local_files_only=True)
    assert ours is not None
    return ours, theirs


@pytest.mark.parametrize("clean", ["canonicalize", "whitespace"])
@pytest.mark.parametrize("kind", WRITERS)
@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_classes_rules_give_open_clips_ids(kind: str, clean: str, data: st.DataObject) -> None:
    ours, theirs = class_tokenizers(kind, clean)
    special = WRITERS[kind][1]
    part = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(special)
    text = "".join(data.draw(st.lists(part, max_size=6)))
    texts = [text, data.draw(st.sampled_from(TEXTS))]
    assert ours.ids(texts).tolist() == theirs(texts).tolist()
    cleaned = theirs.clean_fn(text)
    uncut = theirs.tokenizer(cleaned, truncation=False, verbose=False).input_ids
    assert ours.count(text) == len(uncut)
    assert (ours.pad, ours.pieces) == (theirs.tokenizer.pad_token_id, theirs.tokenizer.vocab_size)


def edited(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    value = json.loads(path.read_text("utf-8"))
    edit(value)
    path.write_text(json.dumps(value), "utf-8")


@pytest.mark.parametrize(
    ("kind", "name", "edit"),
    [
        ("gemma", "tokenizer.json", lambda file: file.update(normalizer={"type": "Lowercase"})),
        ("gemma", "tokenizer.json", lambda file: file["model"].update(byte_fallback=False)),
        ("gemma", "tokenizer.json", lambda file: file.update(post_processor=None)),
        ("gemma", "tokenizer_config.json", lambda file: file.update(add_bos_token=True)),
        ("gemma", "tokenizer_config.json", lambda file: file.pop("add_eos_token")),
        ("gemma", "tokenizer_config.json", lambda file: file["added_tokens_decoder"].pop("4")),
        ("gemma", "tokenizer_config.json", lambda file: file.pop("added_tokens_decoder")),
        ("t5", "tokenizer.json", lambda file: file.update(normalizer={"type": "NFKC"})),
        ("t5", "tokenizer.json", lambda file: file["model"].update(unk_id=1)),
        ("t5", "tokenizer_config.json", lambda file: file.update(extra_ids=100)),
        ("t5", "tokenizer_config.json", lambda file: file.pop("extra_ids")),
        ("xlm-r", "tokenizer.json", lambda file: file.update(pre_tokenizer=None)),
        (
            "xlm-r",
            "tokenizer_config.json",
            lambda file: file["added_tokens_decoder"]["503"].update(lstrip=False),
        ),
    ],
)
def test_rules_that_are_not_the_classs_are_left_to_open_clip(
    tmp_path: Path, kind: str, name: str, edit: Callable[[dict[str, Any]], object]
) -> None:
    WRITERS[kind][0](tmp_path)
    folder, text = ModelFolder(tmp_path), {"hf_tokenizer_name": kind, "context_length": 20}
    assert read_tokenizer(folder, text) is not None
    edited(tmp_path / name, edit)
    assert read_tokenizer(folder, text) is None


def test_rules_in_an_older_spelling_are_the_same_rules(tmp_path: Path) -> None:
    # As tokenizers wrote them before 0.19, and XLM-R's first release has them.
    write_xlm_roberta(tmp_path)
    older = {"type": "Metaspace", "replacement": "▁", "str_rep": "▁", "add_prefix_space": True}
    parts = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, older]}
    folder, text = ModelFolder(tmp_path), {"hf_tokenizer_name": "xlm-r", "context_length": 20}
    expected = read_tokenizer(folder, text)
    edited(tmp_path / "tokenizer.json", lambda file: file.update(pre_tokenizer=parts))
    edited(tmp_path / "tokenizer.json", lambda file: file["model"].pop("byte_fallback"))
    ours = read_tokenizer(folder, text)
    assert ours is not None
    assert expected is not None
    theirs = HFTokenizer(str(tmp_path), context_length=20, local_files_only=True)
    assert ours.ids(TEXTS).tolist() == expected.ids(TEXTS).tolist() == theirs(TEXTS).tolist()


def test_two_files_that_name_different_tokens_are_left_to_open_clip(tmp_path: Path) -> None:
    write_gemma(tmp_path)
    folder, text = ModelFolder(tmp_path), {"hf_tokenizer_name": "gemma", "context_length": 20}
    special = tmp_path / "special_tokens_map.json"
    special.write_text(json.dumps({"pad_token": {"content": "<pad>"}, "eos_token": "<eos>"}))
    assert read_tokenizer(folder, text) is not None
    special.write_text(json.dumps({"pad_token": "<unk>"}))
    assert read_tokenizer(folder, text) is None


def test_a_caption_cannot_end_itself() -> None:
    ours, _ = bpe_tokenizers()
    ids = ours.ids(["rapat <end_of_text> kerja"])[0]
    assert (ids == ids.max()).sum() == 1
