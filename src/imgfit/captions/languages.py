"""Tells the language of a text by its letters: hashed n-grams of characters, one linear layer.

A table of 8-bit weights (``data/languages.npz``, made by ``training/languages.py``) knows
Indonesian, English, languages of Indonesia's regions and the more frequent ones of Latin letters
elsewhere. Other scripts are told by the script. A text is only told if one language leads clearly;
a regional or foreign name is given more reluctantly than Indonesian, because a wrong one would keep
a caption from being scored.
"""

from __future__ import annotations

import zlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import regex

if TYPE_CHECKING:
    from numpy.typing import NDArray

BUCKETS = 1 << 13
_LONGEST = 4  # letters of an n-gram
_MOST_CHARACTERS = 400
# Probability from which Indonesian or English is named.
_SURE = 0.6
# Another language is named if the two together are at most this probable, and it leads: of a
# Spanish caption it may be open whether Portuguese is meant, but not that it is neither of ours.
# benchmarks/languages.py has the shares.
_OURS_AT_MOST = 0.03
_LEADS = 0.5
_OURS = ("id", "en")
_WORD = regex.compile(r"[\p{Latin}\p{M}'\u2019`-]+")
# Scripts of one language, or of one that stands for those who share it.
_SCRIPTS = {
    "ar": regex.compile(r"\p{Arabic}"),
    "ru": regex.compile(r"\p{Cyrillic}"),
    "el": regex.compile(r"\p{Greek}"),
    "he": regex.compile(r"\p{Hebrew}"),
    "th": regex.compile(r"\p{Thai}"),
    "ko": regex.compile(r"\p{Hangul}"),
    "ja": regex.compile(r"[\p{Hiragana}\p{Katakana}]"),
    "zh": regex.compile(r"\p{Han}"),
    "hi": regex.compile(r"\p{Devanagari}"),
    "ta": regex.compile(r"\p{Tamil}"),
    "bn": regex.compile(r"\p{Bengali}"),
}


def buckets_of(text: str) -> NDArray[np.int64]:
    """Return the places of a text's n-grams, one of each occurrence.

    Args:
        text: Any text; only its Latin words count.

    Returns:
        Integers in [0, `BUCKETS`), shape ``(n,)``, at least one.
    """
    places: list[int] = []
    for word in _WORD.findall(text.lower()):
        padded = f" {word} "
        for size in range(1, _LONGEST + 1):
            places.extend(
                zlib.crc32(padded[start : start + size].encode()) % BUCKETS
                for start in range(len(padded) - size + 1)
            )
        places.append(zlib.crc32(f"<{word}>".encode()) % BUCKETS)
    return np.array(places or [0], np.int64)


def probabilities(text: str) -> dict[str, float]:
    """Return how probable each language is, most probable first.

    Args:
        text: Any text in Latin letters.

    Returns:
        ISO 639 codes with probabilities that sum to 1.
    """
    codes, weights, bias = _table()
    places = buckets_of(text[:_MOST_CHARACTERS])
    scores = weights[:, places].sum(axis=1) / np.sqrt(len(places)) + bias
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    order = np.argsort(-shares, kind="stable")
    return {codes[k]: float(shares[k]) for k in order}


def codes() -> tuple[str, ...]:
    """Return the ISO 639 codes of the languages in Latin letters that the table knows."""
    return _table()[0]


def told(text: str) -> str | None:
    """Tell the language of a text.

    Args:
        text: Any text.

    Returns:
        ISO 639 code; None if no language leads clearly.
    """
    letters = {code: len(script.findall(text)) for code, script in _SCRIPTS.items()}
    other = max(letters, key=lambda code: letters[code])
    latin = sum(len(word) for word in _WORD.findall(text))
    if letters[other] > latin:
        # Japanese is written with Chinese characters too.
        return "ja" if other == "zh" and letters["ja"] else other
    if not latin:
        return None
    shares = probabilities(text)
    code, share = next(iter(shares.items()))
    if code in _OURS:
        return code if share >= _SURE else None
    ours = sum(shares[one] for one in _OURS)
    return code if ours <= _OURS_AT_MOST and share >= _LEADS else None


@cache
def _table() -> tuple[tuple[str, ...], NDArray[np.float32], NDArray[np.float32]]:
    source = resources.files("imgfit.captions").joinpath("data", "languages.npz")
    with source.open("rb") as file, np.load(file, allow_pickle=False) as kept:
        weights = kept["weights"].astype(np.float32) * kept["scale"][:, None]
        return tuple(map(str, kept["codes"])), weights, kept["bias"]
