"""The tower's own vocabulary: lower-cased Indonesian and English words, and subwords for the rest.

Agency captions are often in capitals or title case, so case is folded: a word then has one piece,
however it is dressed. Punctuation carries nothing that a photo shows and is dropped, which also
makes `anak-anak` two times `anak`. Whole words come first: a word that is one piece can start from
the teacher's own vector of that word.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import TYPE_CHECKING

import wordfreq
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

if TYPE_CHECKING:
    from pathlib import Path

PAD, BOS, EOS, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"
SPECIAL = (PAD, BOS, EOS, UNKNOWN)
PAD_ID, BOS_ID, EOS_ID, UNKNOWN_ID = range(4)
SUBWORD_PENALTY = 12.0  # in nats, each: subwords serve only where no whole word fits


def word_list(lang: str, limit: int) -> list[str]:
    """The commonest words of a language, letters only."""
    words = wordfreq.top_n_list(lang, limit)
    return [w for w in words if re.fullmatch(r"[a-zà-ÿ]{2,}", w)]


def _normalizer() -> normalizers.Normalizer:
    return normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"[^\p{L}\p{N}]+"), " "),
            normalizers.Strip(),
        ]
    )


def _count_words(texts: list[str], lists: dict[str, list[str]]) -> Counter[str]:
    """How often a word is to be expected: in our texts, and in the languages at large."""
    normalizer = _normalizer()
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(normalizer.normalize_str(text).split())
    for lang, words in lists.items():
        for word in words:
            counts[word] += math.ceil(wordfreq.word_frequency(word, lang) * 1e6)
    return counts


def build(
    texts: list[str], size: int, context: int, *, subwords: int, id_words: int, en_words: int
) -> Tokenizer:
    """A Unigram tokenizer that pads, truncates and closes a text as the tower expects."""
    lists = {"id": word_list("id", id_words), "en": word_list("en", en_words)}
    counts = _count_words(texts, lists)

    parts = Tokenizer(models.Unigram())
    parts.pre_tokenizer = pre_tokenizers.Metaspace()
    lines = (" ".join([w] * min(20, math.ceil(math.sqrt(n)))) for w, n in counts.items())
    parts.train_from_iterator(
        lines,
        trainers.UnigramTrainer(
            vocab_size=subwords,
            special_tokens=[UNKNOWN],
            unk_token=UNKNOWN,
            max_piece_length=12,
            show_progress=False,
        ),
    )
    learned = json.loads(parts.to_str())["model"]["vocab"]
    scores = {p: s - SUBWORD_PENALTY for p, s in learned if p != UNKNOWN and s < 0}
    for character in "abcdefghijklmnopqrstuvwxyz0123456789▁":
        scores.setdefault(character, -30.0)

    total = sum(counts.values())
    numbers = [str(n) for n in range(100)] + [str(n) for n in range(1990, 2031)]
    wanted = list(dict.fromkeys([*numbers, *(w for w, _ in counts.most_common())]))
    room = size - len(SPECIAL) - len(scores)
    for word in wanted:
        if room <= 0:
            break
        piece = "▁" + word
        room -= piece not in scores
        scores[piece] = math.log(max(counts[word], 1) / total)

    table = [(s, 0.0) for s in SPECIAL] + sorted(scores.items(), key=lambda item: -item[1])
    tokenizer = Tokenizer(models.Unigram(table, unk_id=UNKNOWN_ID))
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.normalizer = _normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A {EOS}", special_tokens=[(BOS, BOS_ID), (EOS, EOS_ID)]
    )
    tokenizer.enable_truncation(context)
    tokenizer.enable_padding(length=context, pad_id=PAD_ID, pad_token=PAD)
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path, context: int) -> None:
    """The files by which `tokenizers` and `transformers` both read the vocabulary."""
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    names = {"pad_token": PAD, "bos_token": BOS, "eos_token": EOS, "unk_token": UNKNOWN}
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": context,
        "padding_side": "right",
        "truncation_side": "right",
        "clean_up_tokenization_spaces": False,
        **names,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "special_tokens_map.json").write_text(json.dumps(names, indent=2) + "\n")
