"""From texts to token ids, read from a model folder without torch; and how much of them counts."""

from __future__ import annotations

import gzip
import html
import string
import threading
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import numpy as np
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

from imgfit.errors import ModelBrokenError, ModelFileMissingError
from imgfit.models.tokenizer_rules import frames_texts, reads_as_stored
from imgfit.printable import said_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from imgfit.models.folder import ModelFolder

    Ids: TypeAlias = NDArray[np.int64]

# The language of NLLB's texts if tokenizer_kwargs gives none. One for all texts
# of a model: an embedding must depend on its text and the folder alone, and a detector would be
# a third thing. NLLB-CLIP was made for captions in the language that is announced.
NLLB_LANGUAGE = "ind_Latn"
_SPECIAL = ("pad_token", "bos_token", "eos_token", "unk_token")

# open_clip's own vocabulary: OpenAI's merges, as many as its tokenizer takes of them.
_VOCABULARY = "bpe_simple_vocab_16e6.txt.gz"
_MERGES = 49152 - 256 - 2
_WORD_END = "</w>"
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"

_Rule = Literal["whole", "padding", "argmax", "eos", "first"]


class TextTokenizer(Protocol):
    """Anything that turns texts into a text tower's input."""

    @property
    def pad(self) -> int | None:
        """Id of the padding token."""
        ...

    @property
    def pieces(self) -> int:
        """How many pieces it knows, those added for other uses aside."""
        ...

    def count(self, text: str) -> int:
        """Return the tokens of a text, uncut, special tokens included."""
        ...

    def ids(self, texts: Sequence[str]) -> Ids:
        """Return rows ``(n, context_length)``: cut to the context, padded to it."""
        ...


@dataclass(frozen=True, slots=True)
class Trim:
    """How many columns of token ids a text tower needs for exactly the same embeddings.

    A causal tower sees nothing after the token it pools at; one that masks padding sees none of
    it. Any other tower gets the whole context: SigLIP's attends to its padding and pools there.

    Attributes:
        rule: ``"argmax"``, ``"eos"`` or ``"first"`` is where a causal tower pools, ``"padding"``
            means that padding is masked, ``"whole"`` that nothing may be trimmed.
        token: The id of the end-of-text or padding token that the rule looks for.
    """

    rule: _Rule
    token: int = 0

    def __post_init__(self) -> None:
        if self.rule not in get_args(_Rule) or not isinstance(self.token, int):
            raise ValueError(f"no such rule of trimming: {self.rule!r}, {self.token!r}")

    def __call__(self, ids: Ids) -> Ids:
        """Trim a batch.

        Args:
            ids: Shape ``(n, context_length)``, n at least 1.

        Returns:
            As many of the first columns as any row needs, shape ``(n, k)``, k at least 1.
        """
        return ids[:, : self._columns(ids)]

    def _columns(self, ids: Ids) -> int:
        if self.rule == "argmax":
            return int(ids.argmax(axis=1).max()) + 1
        if self.rule == "eos":
            # A row without the token pools at its first column, as argmax of nothing does.
            return int((ids == self.token).argmax(axis=1).max()) + 1
        if self.rule == "first":
            return 1
        if self.rule == "padding":
            used = (ids != self.token).any(axis=0)
            return int(used.nonzero()[0].max(initial=0)) + 1
        return int(ids.shape[1])


@dataclass(frozen=True, slots=True)
class StoredTokenizer:
    """A folder's ``tokenizer.json``, giving the same ids as open_clip's tokenizer over it.

    Attributes:
        tokenizer: Neither cuts nor pads, but while `ids` holds the lock. A second one that cuts
            would take 32 MB for the built-in model's vocabulary.
        pad: Id of the padding token.
        context_length: Most tokens of a text.
        clean: open_clip's cleaning of a text before that: ``"whitespace"``, ``"lower"``,
            ``"canonicalize"`` (SigLIP's: lower case, no ASCII punctuation).
        side: Where a text that is too long is cut: ``"right"`` or ``"left"``.
    """

    tokenizer: Tokenizer
    pad: int
    context_length: int
    clean: str
    side: str = "right"
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def pieces(self) -> int:
        """How many pieces the tokenizer knows, those added for other uses aside."""
        return int(self.tokenizer.get_vocab_size(with_added_tokens=False))

    def count(self, text: str) -> int:
        """Count a text's tokens, uncut.

        Args:
            text: Any text.

        Returns:
            Tokens, with the special ones.
        """
        cleaned = self._cleaned(text)
        with self._lock:
            return len(self.tokenizer.encode(cleaned).ids)

    def ids(self, texts: Sequence[str]) -> Ids:
        """Turn texts into ids.

        Args:
            texts: n texts.

        Returns:
            Shape ``(n, context_length)``.
        """
        rows = np.full((len(texts), self.context_length), self.pad, np.int64)
        cleaned = [self._cleaned(text) for text in texts]
        with self._lock:
            self.tokenizer.enable_truncation(self.context_length, direction=self.side)
            try:
                encodings = self.tokenizer.encode_batch(cleaned)
            finally:
                self.tokenizer.no_truncation()
        for row, encoding in zip(rows, encodings, strict=True):
            row[: len(encoding.ids)] = encoding.ids
        return rows

    def _cleaned(self, text: str) -> str:
        from ftfy import fix_text  # noqa: PLC0415 - 50 ms that a run without texts need not wait

        cleaned = html.unescape(html.unescape(fix_text(text)))
        if self.clean == "canonicalize":
            cleaned = cleaned.replace("_", " ").translate(_NO_PUNCTUATION).lower()
        cleaned = " ".join(cleaned.split())
        return cleaned.lower() if self.clean == "lower" else cleaned


def read_tokenizer(folder: ModelFolder, text_config: Mapping[str, Any]) -> StoredTokenizer | None:
    """Read a folder's tokenizer without torch, where that gives the ids that open_clip gives.

    Args:
        folder: The model.
        text_config: Its ``text_cfg``.

    Returns:
        The tokenizer, or None where only open_clip knows how to read it.

    Raises:
        ModelFileMissingError: The configuration names a tokenizer and the folder has none.
        ModelBrokenError: The tokenizer is damaged.
    """
    if not text_config.get("hf_tokenizer_name"):
        return None if text_config.get("tokenizer_kwargs") else _clip_bpe(text_config)
    path = folder.path / "tokenizer.json"
    settings_path = folder.path / "tokenizer_config.json"
    options = dict(text_config.get("tokenizer_kwargs") or {})
    clean = options.pop("clean", "whitespace")
    if not path.is_file():
        if folder.has_vocabulary:
            return None
        raise ModelFileMissingError(
            folder=folder.path, file=path.name, source=str(text_config["hf_tokenizer_name"])[:100]
        )
    if options or text_config.get("tokenizer_mode"):
        return None
    settings = folder.read_json(settings_path.name) if settings_path.is_file() else {}
    special_path = folder.path / "special_tokens_map.json"
    special = folder.read_json(special_path.name) if special_path.is_file() else {}
    if any(_content(special.get(key, settings.get(key))) != settings.get(key) for key in _SPECIAL):
        return None  # which of the two counts is for transformers to say
    try:
        return _stored(path.read_text("utf-8"), settings, text_config, clean)
    except Exception as error:  # the library raises bare Exception on a file it cannot parse
        raise ModelBrokenError(folder=folder.path, cause=said_by(error, "tokenizer")) from error


def _clip_bpe(text_config: Mapping[str, Any]) -> StoredTokenizer | None:
    """Build OpenAI's byte-pair tokenizer from the vocabulary in open_clip, without loading it.

    The words ``<start_of_text>`` and ``<end_of_text>`` in a text are letters here, not tokens: a
    caption cannot end itself early. Otherwise the ids are open_clip's, for all characters that
    Unicode has assigned.
    """
    package = find_spec("open_clip")
    place = Path(package.origin).parent / _VOCABULARY if package and package.origin else None
    if place is None or not place.is_file():
        return None
    with gzip.open(place, "rt", encoding="utf-8") as lines:
        pairs = (line.split() for line in islice(lines, 1, _MERGES + 1))
        merges = [(first, second) for first, second in pairs]
    letters = [*_byte_letters()]
    words = [*letters, *(letter + _WORD_END for letter in letters), *(a + b for a, b in merges)]
    start, end = len(words), len(words) + 1
    vocabulary = {word: number for number, word in enumerate(words)}
    vocabulary |= {"<start_of_text>": start, "<end_of_text>": end}

    tokenizer = Tokenizer(models.BPE(vocabulary, merges, end_of_word_suffix=_WORD_END))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<start_of_text> $A <end_of_text>",
        special_tokens=[("<start_of_text>", start), ("<end_of_text>", end)],
    )
    return StoredTokenizer(tokenizer, 0, int(text_config.get("context_length", 77)), "lower")


def _byte_letters() -> Iterator[str]:
    """Yield the printable letters that stand for bytes in the vocabulary, in its order.

    Bytes that print are themselves; the rest are numbered from 256 on (GPT-2's byte encoder).
    """
    printing = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1),
                *range(ord("®"), ord("ÿ") + 1)]  # fmt: skip
    yield from map(chr, printing)
    yield from (chr(256 + place) for place in range(256 - len(printing)))


def _stored(
    text: str, settings: dict[str, Any], text_config: Mapping[str, Any], clean: str
) -> StoredTokenizer | None:
    kind = str(settings.get("tokenizer_class")).removesuffix("Fast")
    if settings.get("padding_side", "right") != "right":
        return None
    if not reads_as_stored(kind, text, settings):
        return None
    side = settings.get("truncation_side", "right")
    tokenizer = Tokenizer.from_str(text)
    names = {key: settings[key] for key in _SPECIAL if settings.get(key) is not None}
    known = {
        key: tokenizer.token_to_id(name) if isinstance(name, str) else None
        for key, name in names.items()
    }
    # A special token that the file lacks would be added by transformers, under an id of its own.
    pad = known.get("pad_token")
    if pad is None or None in known.values() or side not in ("left", "right"):
        return None
    length = int(text_config.get("context_length", 77))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if not frames_texts(kind, tokenizer, settings):
        return None
    return StoredTokenizer(tokenizer, pad, length, clean, side)


def _content(token: Any) -> Any:
    """Return a special token's text, which is given by itself or among its flags."""
    return token.get("content") if isinstance(token, dict) else token
