"""From a caption as agencies post it to the text that is scored.

`clean` takes off what no picture can show (links, mentions, hashtag blocks, emoji) and says what
it took. `split_windows` cuts the rest into sentences, and long sentences into clauses, each short
enough for a text tower, so that nothing is cut off silently.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex
import sentencex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Change with anything that changes the text or the windows; both stand in every signature.
CLEANING_VERSION = 1
WINDOWS_VERSION = 1

MAX_CHARACTERS = 50_000

# Stands for the full stop of an abbreviation while sentences are split: a private-use character,
# which cleaning takes out and no splitter knows.
_DOT = "\ue000"

# A name without https:// counts when it ends as Indonesian sites do, or when a path follows it, as
# in bit.ly/daftar and s.id/daftar. It starts where no part of a name stands before it.
_LINK = regex.compile(
    r"(?:https?://|www\.)\S+|(?<![\w-])(?<!\w\.)[\w-]++(?:"
    r"(?:\.[\w-]++)*\.(?:go|co|ac|or|sch|web)\.id\b\S*"
    r"|(?:\.[\w-]++)*\.(?:com|net|org|info|id|ly|me|ee|be|gle|gl|app|link|site)/\S+)"
)
_MAIL = regex.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MENTION = regex.compile(r"(?<![\w@])@[\w.]+")
# Indonesian numbers as posts write them: 0812-3456-7890, +62 812 3456 7890, (021) 1234567.
# Without its plus, 62 must begin a mobile number: it begins amounts and postal codes as well. The
# noughts of Rp1.000.000.000 begin none.
_PHONE = regex.compile(
    r"(?<!\w)(?<!\d[.,])(?:\+62|62(?=[\s-]?8)|\(?0\d{2,3}\)?)[\d\s().-]{6,16}\d(?!\w)"
)
_HASHTAG = regex.compile(r"#[\p{L}\p{N}_]+")
_TRAILING_TAGS = regex.compile(
    r"(?<!\s)(?:\s*+#[\p{L}\p{N}_]++[\s.,;|]*+){2,}+$|(?:^|\n)\s*#[\p{L}\p{N}_]+\s*$"
)
_EMOJI = regex.compile(
    r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\uFE0F\u200D\u20E3]+"
)
_KEEP_EMOJI = frozenset("0123456789#*©®™‼⁉")
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Co}\p{Cs}\p{Cn}]|(?![\n\t])\p{Cc}")
_RULER = regex.compile(r"[-_=~*•·.]{3,}")
_CAMEL = regex.compile(r"(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=\p{L})(?=\p{N})|_")
_SPACE = regex.compile(r"[^\S\n]+")
_LINES = regex.compile(r"\s*\n\s*")
_WORD = regex.compile(r"\p{L}{2,}")

# Where a full stop does not end a sentence: Indonesian degrees, titles, places and units.
_ABBREVIATION = regex.compile(
    r"\b(?:S\.\s?H|M\.\s?H|S\.\s?H\.\s?I|M\.\s?H\.\s?I|S\.\s?Ag|M\.\s?Ag|S\.\s?Pd|M\.\s?Pd"
    r"|S\.\s?E|M\.\s?M|M\.\s?Si|S\.\s?Sos|S\.\s?Kom|M\.\s?Kom|S\.\s?T|M\.\s?T|S\.\s?IP|M\.\s?AP"
    r"|S\.\s?KM|M\.\s?Kes|A\.\s?Md|Ph\.\s?D|Lc|Drs|Dra|Dr|dr|drg|Ir|Prof|Hj|H|KH|K\.\s?H|Ny|Tn|Sdr|Bpk"
    r"|Kab|Kec|Kel|Ds|Jl|Jln|Gg|No|Nomor|Rp|Tgl|Thn|Th|Telp|Hlm|hal|Pkl|pkl|s\.d|a\.n|u\.p|d\.a"
    r"|dll|dsb|dkk|yth|Yth|St|Mr|Mrs|Ms|vs|etc|e\.g|i\.e|\p{Lu})\."
)
_CLAUSE = regex.compile(
    r"(?<=[,;:])\s+|\s+(?=[–—-]\s)|\s+(?=(?:yang|dan|serta|sedangkan|sementara|dengan|untuk|karena|"
    r"which|who|and|while|because|with)\s)",
    regex.IGNORECASE,
)
_LEAST_WORDS = 3


@dataclass(frozen=True, slots=True)
class CleanCaption:
    """A caption's scored text and what was taken off it.

    Attributes:
        text: What is scored; may be empty when nothing of the caption is words.
        dropped: The pieces taken off, in the order of the rules that took them.
    """

    text: str
    dropped: tuple[str, ...]


def clean(caption: str) -> CleanCaption:
    """Take off links, addresses, mentions, phone numbers, hashtag blocks and emoji.

    A hashtag inside a sentence is split into words instead (``#IndonesiaMaju`` becomes
    "Indonesia Maju"): there it carries meaning. Unicode is normalised to NFKC, which also turns
    decorative letters into plain ones.

    Args:
        caption: Text as written, at most `MAX_CHARACTERS` characters.

    Returns:
        The text to score and what was dropped.
    """
    dropped: list[str] = []

    def drop(match: regex.Match[str]) -> str:
        piece = match.group().strip()
        if piece:
            dropped.append(piece)
        return " "

    def drop_emoji(match: regex.Match[str]) -> str:
        piece = match.group()
        return piece if set(piece) <= _KEEP_EMOJI else drop(match)

    text = caption.replace("\r\n", "\n").replace("\r", "\n")
    text = _EMOJI.sub(drop_emoji, text)
    text = unicodedata.normalize("NFKC", text)
    text = _INVISIBLE.sub("", text)
    for pattern in (_MAIL, _LINK, _MENTION, _PHONE):
        text = pattern.sub(drop, text)
    text = _TRAILING_TAGS.sub(drop, text.rstrip())
    text = _HASHTAG.sub(lambda match: _CAMEL.sub(" ", match.group()[1:]), text)
    text = _RULER.sub(" ", text)
    text = _LINES.sub("\n", _SPACE.sub(" ", text)).strip()
    if not _WORD.search(text):
        return CleanCaption("", (*dropped, text) if text else tuple(dropped))
    return CleanCaption(text, tuple(dropped))


def split_windows(text: str, count: Callable[[str], int], limit: int) -> tuple[str, ...]:
    """Cut a text into windows that fit a text tower.

    Sentences first; a sentence over the limit is cut into clauses, packed together again as far
    as they fit; a clause over the limit into words, a word over the limit into characters. A
    sentence of fewer than three words joins its neighbour. Every character of the text ends in a
    window.

    Args:
        text: Clean text, not empty.
        count: Tokens of a text for the tower, with its special tokens.
        limit: Most tokens a window may have, the tower's context length.

    Returns:
        At least one window, in order.
    """
    windows: list[str] = []
    for sentence in _sentences(text):
        if windows and _short(windows[-1], sentence):
            joined = f"{windows[-1]} {sentence}"
            if count(joined) <= limit:
                windows[-1] = joined
                continue
        windows.extend(_packed(sentence, count, limit))
    return tuple(windows)


def _short(one: str, other: str) -> bool:
    return min(len(one.split()), len(other.split())) < _LEAST_WORDS


def _sentences(text: str) -> Iterator[str]:
    """Yield sentences; a line break ends one, the full stop of an abbreviation does not."""
    for line in text.split("\n"):
        # Chains such as "S.H., M.H." overlap in their dots, so replace until nothing changes.
        shielded, before = line, ""
        while shielded != before:
            before = shielded
            shielded = _ABBREVIATION.sub(lambda m: m.group().replace(".", _DOT), before)
        for sentence in sentencex.segment("id", shielded):
            if sentence.strip():
                yield sentence.strip().replace(_DOT, ".")


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
        if count(longer) <= limit:
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
