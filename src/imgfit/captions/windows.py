"""A caption cut into windows, each short enough for a text tower.

Nothing is cut off silently: every character of the text is in a window. Cutting takes time in
proportion to the caption, because captions come from strangers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

from imgfit.captions.leads import lead_end
from imgfit.captions.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CLAUSE = regex.compile(
    r"(?<=[,;:])\s+|\s+(?=[–—-]\s)|\s+(?=(?:yang|dan|serta|sedangkan|sementara|dengan|untuk|karena|"
    r"which|who|and|while|because|with)\s)",
    regex.IGNORECASE,
)
_LEAST_WORDS = 3
# How a piece stands: the first of a line or after a lead, a later one, or a short line.
_FIRST, _WITHIN, _LINE = "first", "within", "line"
# A window's characters for each token it may have. No word of this length is one token, so only
# signs that a tokenizer passes over make a window so long: it would take in every one of them, and
# be counted again for each.
_MOST_LETTERS_A_TOKEN = 32


def split_windows(text: str, count: Callable[[str], int], limit: int) -> tuple[str, ...]:
    """Cut a text into windows that fit a text tower.

    Sentences first; a sentence over the limit is cut into clauses, packed together again as far
    as they fit; a clause over the limit into words, a word over the limit into characters. A
    sentence of fewer than three words joins its neighbour on the line, a line of fewer than three
    words its neighbour of that kind. What leads a line (`leads`) is a window of its own. Every
    character of the text ends in a
    window.

    Args:
        text: Clean text, not empty.
        count: Tokens of a text for the tower, with its special tokens.
        limit: Most tokens a window may have, the tower's context length.

    Returns:
        At least one window, in order.
    """
    windows: list[str] = []
    before = ""
    for sentence, kind in _pieces(text):
        if windows and _joins(windows[-1], before, sentence, kind):
            joined = f"{windows[-1]} {sentence}"
            if _fits(joined, count, limit):
                windows[-1] = joined
                before = kind
                continue
        windows.extend(_packed(sentence, count, limit))
        before = kind
    return tuple(windows)


def _fits(text: str, count: Callable[[str], int], limit: int) -> bool:
    """Tell whether pieces that are packed together still fit a window."""
    return len(text) <= _MOST_LETTERS_A_TOKEN * limit and count(text) <= limit


def _joins(before: str, kind_before: str, piece: str, kind: str) -> bool:
    """Tell whether a piece is scored together with the one before it.

    Short sentences join their neighbours on the line, short lines only each other: a greeting on a
    line of its own must not end in one window with a title of two words.
    """
    if kind == _LINE:
        return kind_before == _LINE
    return kind == _WITHIN and _short(before, piece)


def _short(one: str, other: str) -> bool:
    return min(len(one.split()), len(other.split())) < _LEAST_WORDS


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield leads and sentences, each with how it stands to the one before it.

    A line break ends a sentence, the full stop of an abbreviation does not.
    """
    for line in text.split("\n"):
        if len(line.split(maxsplit=_LEAST_WORDS)) < _LEAST_WORDS:
            if line.strip():
                yield line.strip(), _LINE
            continue
        start = lead_end(line)
        if start:
            yield line[:start].strip(), _FIRST
        kind = _FIRST
        for left, right in sentence_spans(line[start:]):
            yield line[start + left : start + right], kind
            kind = _WITHIN


def _packed(text: str, count: Callable[[str], int], limit: int) -> Iterator[str]:
    """Yield the text whole, or in the largest packs of clauses, words or characters that fit."""
    if count(text) <= limit:
        yield text
        return
    pieces, glue = [p for p in _CLAUSE.split(text) if p], " "
    if len(pieces) == 1:
        pieces = text.split()
    if len(pieces) == 1:
        pieces, glue = list(text), ""
    if len(pieces) == 1:  # one character over the limit: no tower is that narrow
        yield text
        return
    pack = ""
    for piece in pieces:
        longer = f"{pack}{glue}{piece}" if pack else piece
        if _fits(longer, count, limit):
            pack = longer
            continue
        if pack:
            yield pack
        pack = ""
        if count(piece) <= limit:
            pack = piece
        else:
            yield from _packed(piece, count, limit)
    if pack:
        yield pack
