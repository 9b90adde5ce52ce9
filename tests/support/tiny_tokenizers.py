"""Small tokenizers of the kinds that open_clip's models have, in the form of their folders.

Vocabularies are learned from the package's own cohort of captions. What stands around them
(normaliser, pre-tokeniser, special tokens, settings) is what the real ones have.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from imgfit.calibration.cohort import cohort_captions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PIECES = 500
# SentencePiece's table of characters with nothing in it: the length of a trie, and the trie.
_CHARACTERS = (1024).to_bytes(4, "little") + b"\0" * 1024
_META = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)


@cache
def _merges() -> tuple[list[str], list[tuple[str, str]]]:
    """Learn pieces and merges, words beginning with ▁."""
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = _META
    trainer = trainers.BpeTrainer(vocab_size=_PIECES, show_progress=False)
    learner.train_from_iterator(cohort_captions(), trainer)
    model = json.loads(learner.to_str())["model"]
    pieces = sorted(model["vocab"], key=model["vocab"].get)
    return pieces, [(first, second) for first, second in model["merges"]]


@cache
def _unigram() -> list[tuple[str, float]]:
    learner = Tokenizer(models.Unigram())
    learner.pre_tokenizer = _META
    trainer = trainers.UnigramTrainer(
        vocab_size=_PIECES, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False
    )
    learner.train_from_iterator(cohort_captions(), trainer)
    return [tuple(piece) for piece in json.loads(learner.to_str())["model"]["vocab"][1:]]


def write_gemma(path: Path) -> int:
    """SigLIP 2's: BPE with bytes to fall back on, ends with <eos>, pads with 0."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    pieces, merges = _merges()
    words = [*special, *(f"<0x{byte:02X}>" for byte in range(256)), *pieces]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(
        models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    _special(tokenizer, special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A:0 <eos>:0", pair="$A:0 <eos>:0 $B:1 <eos>:1", special_tokens=[("<eos>", 1)]
    )
    _write(
        path,
        tokenizer,
        tokenizer_class="GemmaTokenizer",
        add_bos_token=False,
        add_eos_token=True,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=64,
        padding_side="right",
    )
    return len(words)


def write_t5(path: Path, pad: str = "</s>") -> int:
    """SigLIP's: unigrams, ends with </s>, which pads as well."""
    words = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *_unigram()]
    tokenizer = Tokenizer(models.Unigram(words, unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.Precompiled(_CHARACTERS)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), _META])
    tokenizer.decoder = decoders.Metaspace()
    _special(tokenizer, ["<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    _write(
        path,
        tokenizer,
        tokenizer_class="T5Tokenizer",
        eos_token="</s>",
        pad_token=pad,
        unk_token="<unk>",
        extra_ids=0,
        additional_special_tokens=[],
        legacy=False,
        model_max_length=64,
    )
    return len(words)


def write_mt5(path: Path) -> int:
    """mT5's: the same, padded with 0."""
    return write_t5(path, "<pad>")


def write_xlm_roberta(path: Path, *, pieces: int = 0) -> int:
    """XLM-R's and XLM-V's: unigrams between <s> and </s>, padded with 1."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    more = [(f"kata{number}", -20.0) for number in range(pieces)]
    words = [*((word, 0.0) for word in special), *_unigram(), *more, ("<mask>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(words, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Precompiled(_CHARACTERS)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), _META])
    tokenizer.decoder = decoders.Metaspace()
    _special(tokenizer, special)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    _write(
        path,
        tokenizer,
        tokenizer_class="XLMRobertaTokenizer",
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=512,
    )
    return len(words)


LANGUAGES = ["eng_Latn", "ind_Latn", "jav_Latn"]


def write_nllb(path: Path) -> int:
    """NLLB's: BPE, the language before the text, </s> after it, padded with 1."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    pieces, merges = _merges()
    words = [*special, *pieces, *LANGUAGES, "<mask>"]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.pre_tokenizer = _META
    tokenizer.decoder = decoders.Metaspace()
    _special(tokenizer, [*special, *LANGUAGES])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="eng_Latn $A </s>",
        pair="eng_Latn $A $B </s>",
        special_tokens=[("eng_Latn", vocabulary["eng_Latn"]), ("</s>", 2)],
    )
    _write(
        path,
        tokenizer,
        tokenizer_class="NllbTokenizer",
        additional_special_tokens=LANGUAGES,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        src_lang="eng_Latn",
        tgt_lang=None,
        legacy_behaviour=False,
        model_max_length=1024,
    )
    return len(words)


def write_bert(path: Path) -> int:
    """CLIPA's: word pieces between [CLS] and [SEP], padded with 0, without a class as first out."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = sorted(
        {letter for text in cohort_captions() for letter in text.lower() if letter != " "}
    )
    words = [*special, *letters, *(f"##{letter}" for letter in letters), "rapat", "foto"]
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys(words))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    _special(tokenizer, special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    _write(
        path,
        tokenizer,
        tokenizer_class="BertTokenizer",
        do_lower_case=True,
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        unk_token="[UNK]",
        mask_token="[MASK]",
        model_max_length=512,
    )
    return len(vocabulary)


def _special(tokenizer: Tokenizer, words: Sequence[str]) -> None:
    tokenizer.add_special_tokens(
        [AddedToken(word, special=True, normalized=False) for word in words]
    )


def _write(path: Path, tokenizer: Tokenizer, **settings: Any) -> None:
    path.mkdir(exist_ok=True)
    text = tokenizer.to_str()
    added = json.loads(text)["added_tokens"]
    settings["added_tokens_decoder"] = {
        str(one["id"]): {key: value for key, value in one.items() if key != "id"} for one in added
    }
    (path / "tokenizer.json").write_text(text, "utf-8")
    (path / "tokenizer_config.json").write_text(json.dumps(settings), "utf-8")
