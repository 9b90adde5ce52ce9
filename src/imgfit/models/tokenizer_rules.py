"""Which ``tokenizer.json`` files give transformers' ids when the small library reads them alone."""

from __future__ import annotations

import json
from typing import Any

from tokenizers import Tokenizer

# transformers takes these classes' tokenizer.json as it is.
_AS_STORED = ("PreTrainedTokenizer", "TokenizersBackend")
# Other classes build their own rules around its vocabulary since transformers 5, and took the
# file's before. Where the file's rules are the class's, every version gives the same ids; a
# folder whose rules differ is left to open_clip.
_METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
_WORDWISE = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, _METASPACE]}
_RULES: dict[str, dict[str, Any]] = {
    "GemmaTokenizer": {
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "byte_fallback": True,
                  "fuse_unk": True, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "ignore_merges": False},
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "pre_tokenizer": {"type": "Split", "pattern": {"String": " "},
                          "behavior": "MergedWithPrevious", "invert": False},
    },
    "T5Tokenizer": {
        "model": {"type": "Unigram", "unk_id": 2, "byte_fallback": False},
        "normalizer": None,
        "pre_tokenizer": _WORDWISE,
    },
    "XLMRobertaTokenizer": {
        "model": {"type": "Unigram", "unk_id": 3, "byte_fallback": False},
        "normalizer": None,
        "pre_tokenizer": _WORDWISE,
    },
}  # fmt: skip

# These classes keep a file's table of characters (SentencePiece's normalisation), alone or none.
_CHARACTERS = ("T5Tokenizer", "XLMRobertaTokenizer")


def reads_as_stored(kind: str, text: str, settings: dict[str, Any]) -> bool:
    """Tell whether transformers takes a ``tokenizer.json`` as it is, or builds the same.

    Args:
        kind: The class that the settings name, without the ending of the fast ones.
        text: The file's text.
        settings: Parsed ``tokenizer_config.json``.

    Returns:
        Whether the file's rules and special tokens are those that transformers uses.
    """
    if kind in _RULES:
        # Parsing a large file a second time costs up to a second, torch more.
        stored = json.loads(text)
        return _follows(kind, stored) and _adds_nothing(settings, stored)
    adding = {"added_tokens_decoder", "add_bos_token", "add_eos_token"}
    return kind in _AS_STORED and not settings.keys() & adding


def frames_texts(kind: str, tokenizer: Tokenizer, settings: dict[str, Any]) -> bool:
    """Tell whether a tokenizer begins and ends a text as its class does.

    Args:
        kind: The class, without the ending of the fast ones.
        tokenizer: The file's; neither cuts nor pads.
        settings: Parsed ``tokenizer_config.json``.

    Returns:
        True too for a class that leaves that to the file.
    """
    if kind in _AS_STORED:
        return True
    if kind == "GemmaTokenizer":
        begins, ends = settings.get("add_bos_token"), settings.get("add_eos_token")
        if not (isinstance(begins, bool) and isinstance(ends, bool)):
            return False
        first, last = ["<bos>"] * begins, ["<eos>"] * ends
    elif kind == "T5Tokenizer":
        first, last = [], ["</s>"]
        if settings.get("extra_ids") != 0:
            return False  # sentinels that are not in the file would be added
    else:
        first, last = ["<s>"], ["</s>"]
    before, after = ([tokenizer.token_to_id(word) for word in part] for part in (first, last))
    return all(
        tokenizer.encode(text).ids
        == [*before, *tokenizer.encode(text, add_special_tokens=False).ids, *after]
        for text in ("", "a", "a b")
    )


def _follows(kind: str, stored: dict[str, Any]) -> bool:
    """Tell whether a ``tokenizer.json`` has the rules that its class builds by itself."""
    model = dict(stored["model"])
    # A few pieces stand for all, and the library rewrites what older versions spelt otherwise.
    few = model["vocab"][: (model.get("unk_id") or 0) + 1] if model["type"] == "Unigram" else {}
    sketch = stored | {"model": model | {"vocab": few, "merges": []}, "added_tokens": []}
    found = json.loads(Tokenizer.from_str(json.dumps(sketch)).to_str())
    rules = {key: found[key] for key in ("normalizer", "pre_tokenizer")}
    rules["model"] = {k: v for k, v in found["model"].items() if k not in ("vocab", "merges")}
    if kind in _CHARACTERS and (rules["normalizer"] or {}).get("type") == "Precompiled":
        rules["normalizer"] = None
    return rules == _RULES[kind]


def _adds_nothing(settings: dict[str, Any], stored: dict[str, Any]) -> bool:
    """Tell whether the settings' special tokens are those of ``tokenizer.json``, flag by flag."""
    known = {str(one["id"]): {k: v for k, v in one.items() if k != "id"}
             for one in stored["added_tokens"]}  # fmt: skip
    return bool(settings.get("added_tokens_decoder") == known)
