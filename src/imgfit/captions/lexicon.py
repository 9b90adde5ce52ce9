"""A small list of Indonesian words, and hashtags cut into its words.

The list was written for this project: words of agencies' posts, place names, English words that
stand in tags, and the Indonesian side of the training lexicon. It ships with the package rather
than being a dependency because the text that is scored, and so every score, depends on it.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import regex

# Longer tags are not words of anyone; this bounds the work that a tag can cause.
_LONGEST_TAG = 80
# Shorter words fit in anywhere: alone, they make sense of any abbreviation.
_LEAST_WORD = 4
# Costs of a split. The fewest words win; short ones cost more, since they fit in anywhere; letters
# outside the list cost so much that they stay together and remain few.
_WORD_COST = {2: 17, 3: 13}
_LONG_WORD_COST = 10
_PARTICLES = frozenset({"dan", "di", "ke", "ri"})
_STRANGE_COST = 15
_STRANGE_LETTER_COST = 8
_LEAST_STRANGE, _MOST_STRANGE = 4, 16

# Where digits part from letters: #hutri80, #17agustus1945; not in O2SN, G20 or FLS2N.
_DIGITS = regex.compile(
    r"(?<=\p{L}{2})(?=\p{N}{2}|\p{N}$)|(?<=\p{N}{2})(?=\p{L}{2})|(?<=^\p{N})(?=\p{L}{3})"
    r"|(?<=\p{L}{3})(?=\p{N}\p{L}{3})|(?<=\p{L}{3}\p{N})(?=\p{L}{3})|_+"
)
_CAMEL = regex.compile(
    r"(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=\p{L}{2})(?=\p{N})|_+"
)
_CAMEL_CASE = regex.compile(r"\p{Ll}\p{Lu}|\p{Lu}{2}\p{Ll}")


@cache
def _entries() -> dict[str, tuple[int, ...]]:
    """Return the words of the list, each with the lengths it is cut into."""
    text = resources.files("imgfit.captions").joinpath("data/words.txt").read_text("utf-8")
    return {line.replace(" ", ""): tuple(map(len, line.split())) for line in text.splitlines()}


@cache
def _longest() -> int:
    return max(map(len, _entries()))


def is_known(word: str) -> bool:
    """Tell whether a word is in the list.

    Args:
        word: One word, in any case.

    Returns:
        Whether it is; inflected forms count only if they are listed themselves.
    """
    return _entries().get(word.lower(), ()) == (len(word),)


def split_tag(tag: str) -> str:
    """Cut a hashtag into its words.

    A tag in camel case is cut where its author put capitals. Any other is cut by the list, the
    way of fewest words (a shortest path, after the unigram segmentation of Norvig, "Natural
    Language Corpus Data", in: Beautiful Data, 2009, with ranks of length in place of counts). One
    stretch outside the list, such as a village's name, may remain if the words around it are twice
    as long; otherwise the tag stays whole.

    Args:
        tag: The tag without its ``#``.

    Returns:
        Its words in the tag's own case, spaces between.
    """
    if _CAMEL_CASE.search(tag):
        return _spaced(_CAMEL.sub(" ", tag))
    return _spaced(" ".join(_split_run(run) for run in _DIGITS.sub(" ", tag).split()))


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _split_run(run: str) -> str:
    """Cut letters by the list, or leave them whole if that is no better."""
    lowered = run.lower()
    if len(lowered) != len(run) or not run.isalpha() or not _LEAST_WORD <= len(run) <= _LONGEST_TAG:
        return run
    pieces = _cheapest(lowered)
    strange = sum(size for size, known in pieces if not known)
    count = sum(not known for _, known in pieces)
    sizes = [size for size, _ in pieces]
    if count > 1 or (count and 2 * strange > len(run) - strange):
        return run
    if max(sizes) < _LEAST_WORD and lowered not in _entries():
        return run
    words, start = [], 0
    for size, known in pieces:
        parts = _entries()[lowered[start : start + size]] if known else (size,)
        for part in parts:
            words.append(run[start : start + part])
            start += part
    return " ".join(words)


def _cheapest(run: str) -> list[tuple[int, bool]]:
    """Return the cheapest way through a run: lengths, and whether each is in the list."""
    entries, longest = _entries(), _longest()
    best: list[tuple[int, int, bool]] = [(0, 0, True)]
    for end in range(1, len(run) + 1):
        ways = []
        for size in range(1, min(end, longest) + 1):
            word, before = run[end - size : end], best[end - size][0]
            if word in entries:
                ways.append((before + _cost(word), size, True))
            if _LEAST_STRANGE <= size <= _MOST_STRANGE or size == len(run):
                ways.append((before + _STRANGE_COST + _STRANGE_LETTER_COST * size, size, False))
        # Out of reach: no way leads here. Ties go to the longer last word.
        best.append(min(ways, key=lambda way: (way[0], -way[1]), default=(10**6, end, False)))
    pieces, end = [], len(run)
    while end:
        _, size, known = best[end]
        pieces.append((size, known))
        end -= size
    return pieces[::-1]


def _cost(word: str) -> int:
    if word in _PARTICLES:
        return _LONG_WORD_COST
    return _WORD_COST.get(len(word), _LONG_WORD_COST)
