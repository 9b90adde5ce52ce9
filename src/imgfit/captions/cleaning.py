"""From a caption as agencies post it to the text that is scored.

`clean` takes off the parts that no photo can show (links, mentions, hashtag blocks, emoji,
sign-offs) and lists them. Every rule takes time in proportion to the caption: captions come from
strangers.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

from imgfit.captions.lexicon import is_known, split_tag
from imgfit.captions.markup import HONORIFICS, plain_text
from imgfit.captions.sentences import sentence_spans
from imgfit.captions.sign_offs import (
    GAP,
    HOLE,
    LABELLED,
    SALAAM,
    bracketed_credits,
    is_address_line,
    is_call,
    is_closing,
    is_credit,
    sign_off_start,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# A name without https:// counts when it ends as Indonesian sites do, or when a path follows it, as
# in bit.ly/daftar and s.id/daftar. It starts where no part of a name stands before it. A full stop
# or bracket at the end is the sentence's.
_TAIL = rf"[^\s{HOLE}{GAP}]*[^\s{HOLE}{GAP}.,;:!?)\]}}\"'”\u2019»>…*_]"
_LINK = regex.compile(
    rf"(?i:https?://|www\.){_TAIL}|(?<![\w-])(?<![\w-]\.)[\w-]++(?:"
    rf"(?:\.[\w-]++){{0,5}}\.(?:go|co|ac|or|sch|web|desa|my|biz|mil|ponpes)\.id\b(?:[/?#:]{_TAIL}|/)?"
    rf"|(?:\.[\w-]++){{0,5}}\.(?:com|net|org|info|id|ly|me|ee|be|gle|gl|app|link|site|page|tv|io)/(?:{_TAIL})?"
    r"|(?:\.[\w-]++){0,5}\.(?:com|net|org)(?![\w-]|\.\w))"
)
_MAIL = regex.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")
# "@Rp5.000" and "@ 5.000" are prices of one piece.
_MENTION = regex.compile(
    r"(?<![\w@])@(?!(?i:rp|idr|usd)\.?\s?\d|\d[\d.,]*+\s?(?i:rb|ribu|k|jt|juta)?(?!\w))\w++(?:\.\w++){0,6}+"
)
# Indonesian numbers as posts write them: 0812-3456-7890, +62 812 3456 7890, (021) 1234567.
# Without its plus, 62 must begin a mobile number: it begins amounts and postal codes as well. The
# noughts of Rp1.000.000.000 begin none.
_PHONE = regex.compile(
    r"(?<!\w)(?<!\d[.,])(?:\+62|62(?=[\s-]?8)|\(?0\d{2,3}\)?)[\d\s().-]{6,16}\d(?!\w)"
)
# From nine to five, and dates: what begins with a nought is no number to call then.
_HOURS = regex.compile(
    r"\(?[0-2]\d[0-5]\d\)?\s*+-\s*+\(?[0-2]\d[0-5]\d(?!\d).*"
    r"|.*(?<!\d)\d{1,2}[-. ]\d{1,2}[-. ](?:19|20)\d\d(?!\d).*"
    r"|.*(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d).*"
    r"|0\d{2,3}\s[-\s]*[0-2]?\d\.[0-5]\d\s*+-\s*+[0-2]?\d\.[0-5]\d",
    regex.DOTALL,
)
_HASHTAG = regex.compile(r"#[\p{L}\p{N}_]++")
# Four tags in a row are a block wherever they stand; fewer may be words of a sentence.
_TAG_RUN = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}_])#[\p{{L}}\p{{N}}_]++(?:[\s.,;|/{GAP}]*+#[\p{{L}}\p{{N}}_]++){{3,}}+"
)
_TAG_LINE = regex.compile(
    rf"^[ \t]*+#[\p{{L}}\p{{N}}_]++(?:[ \t.,;|/{GAP}]*+#[\p{{L}}\p{{N}}_]++)++[ \t.,;|/{GAP}]*+$",
    regex.MULTILINE,
)
_TAG_GLUE = f" \t\n.,;|/{HOLE}{GAP}"

_EMOJI = regex.compile(
    r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\uFE0F\u200D\u20E3"
    r"\U000E0020-\U000E007F]+"
)
_KEEP_EMOJI = frozenset("0123456789#*©®™‼⁉")
# Ornaments other than emoji: stars, pointers. Degrees, © and ® are read.
_ORNAMENT = regex.compile(r"(?:(?![°©®])[\p{So}➔⟶⇒])+")
_BOXES = regex.compile(r"[\u2500-\u25ff]+")
_LAYOUT = regex.compile(r"[-_=~*•·‣—–]{3,}|(?<!\S)[•·‣∙]+(?=[\s\p{L}])")
# Letters that Unicode does not decompose: small capitals, and white on black.
_LOOKALIKES = {
    **dict(zip(map(ord, "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢ"), "abcdefghijklmnopqrstuvwyz", strict=True)),
    **{base + i: chr(ord("A") + i) for base in (0x1F150, 0x1F170) for i in range(26)},
}
_PRIVATE = regex.compile(r"[\p{Co}\p{Cs}]")
_INVISIBLE = regex.compile(r"[\p{Cf}\p{Cn}]|(?![\n\t])\p{Cc}")
# Strokes and dots piled on Latin letters that belong to no alphabet.
_PILED_MARKS = regex.compile(r"(?<=\p{Latin})\p{M}++")
_STRESS = regex.compile(r"(?<![\w*_~])[*_~]++(?=\w)|(?<=[\w.,!?)])[*_~]++(?=[\s.,;:!?]|$)")
_LETTERS = regex.compile(r"(?<![\p{L}\p{N}])\p{L}++(?![\p{N}])")
_DRAWN_OUT = regex.compile(r"(\p{L})\1{2,}", regex.IGNORECASE)
_ROMAN = regex.compile(r"[IVXLCDM]+", regex.IGNORECASE)
_LEAST_DRAWN_OUT_CAPITALS = 6
_LOUD = regex.compile(r"([!?])\1+")
_DOTS = regex.compile(r"\s?\.{2,}")
_SPACE = regex.compile(r"[^\S\n]+")
_LINES = regex.compile(r"\s*\n\s*")
_WORD = regex.compile(r"\p{L}{2,}")

_MARK = f"[{HOLE}{GAP}]"
_MARKED = regex.compile(rf"\s*+{_MARK}[\s{HOLE}{GAP}]*+")
_GAP_BEFORE_CAPITAL = regex.compile(rf"(?<![\s{GAP}])\s*+{GAP}[\s{GAP}]*+(?=\p{{Lu}})")
# Several addresses in a row, with what joins them.
_HOLES = regex.compile(rf"{_MARK}(?:\s*+(?:[,;|/&]|dan\b|atau\b|and\b|or\b)?+\s*+{_MARK})++")
_EMPTY_BRACKETS = regex.compile(rf"[(\[]\s*+{_MARK}[\s{HOLE}{GAP}]*+[)\]]")
_BEFORE_STOP = regex.compile(rf"[:,|/]?+\s*+{_MARK}++\s*+(?=[.,;:!?)\]])")
# Signs that joined an address to its sentence, and that no longer end it.
_JOINTS = f" |/,;:{HOLE}{GAP}"
_STOPPED = regex.compile(r"[.!?…:;,–—-][\"'”\u2019)\]]*$")
_NAMEABLE = regex.compile(r"[\w\p{S}\uFE0F\u20E3]")
_SAYS = regex.compile(r"[\p{L}\p{N}]")


@dataclass(frozen=True, slots=True)
class CleanCaption:
    """A caption's scored text and the pieces taken off it.

    Attributes:
        text: The text that is scored; empty if nothing in the caption is words.
        dropped: The pieces taken off, in the order of the rules that took them. Layout (rulers,
            bullets, spaces, letters drawn out) is put right without being listed.
    """

    text: str
    dropped: tuple[str, ...]


class _Dropped:
    """Collects the pieces taken off a caption."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def add(self, piece: str) -> None:
        """List a piece, without the marks of pieces listed before it."""
        piece = _MARKED.sub(" ", _BEFORE_STOP.sub("", piece)).strip(" \n\t|,;")
        if _NAMEABLE.search(piece):
            self.pieces.append(piece)

    def take(self, pattern: regex.Pattern[str], mark: str, text: str) -> str:
        """Take each match off a text and leave a mark in its place."""

        def taken(match: regex.Match[str]) -> str:
            self.add(match.group())
            return mark

        return pattern.sub(taken, text)


def clean(caption: str) -> CleanCaption:
    """Take off links, addresses, mentions, numbers to call, hashtag blocks, emoji and sign-offs.

    A hashtag inside a sentence is split into words instead (``#IndonesiaMaju`` and
    ``#indonesiamaju`` become "Indonesia Maju" and "indonesia maju"): there it carries meaning.
    Unicode is normalised to NFKC, which also turns decorative letters into plain ones; letters
    drawn out ("mantaaap") are written once.

    Args:
        caption: Text as written, at most `MAX_CHARACTERS` characters.

    Returns:
        The text to score and the dropped pieces.
    """
    dropped = _Dropped()
    text = _plain_letters(caption, dropped)
    for pattern in (_MAIL, _LINK, _MENTION):
        text = dropped.take(pattern, HOLE, text)
    text = _without_numbers(text, dropped)
    text = _tidy(_STRESS.sub("", _LOUD.sub(r"\1", _LAYOUT.sub(" ", text))))
    text = _tidy(_DOTS.sub(_full_stop, text))
    for pattern in (_TAG_LINE, _TAG_RUN):
        text = dropped.take(pattern, GAP, text)
    text = dropped.take(LABELLED, "", text)
    text = dropped.take(SALAAM, GAP, text)
    text = _without_sign_offs(text, dropped)
    text = _HASHTAG.sub(lambda match: split_tag(match.group()[1:]), text)
    text = _tidy(_LETTERS.sub(_shortened, text))
    if not _WORD.search(text):
        dropped.add(text)
        text = ""
    return CleanCaption(text, tuple(dropped.pieces))


def _without_numbers(text: str, dropped: _Dropped) -> str:
    """Take off numbers to call, not hours and dates."""

    def taken(match: regex.Match[str]) -> str:
        piece = match.group()
        if _HOURS.fullmatch(piece):
            return piece
        dropped.add(piece)
        return HOLE

    return _PHONE.sub(taken, text)


def _tidy(text: str) -> str:
    return _LINES.sub("\n", _SPACE.sub(" ", text)).strip()


def _plain_letters(caption: str, dropped: _Dropped) -> str:
    """Take off emoji and ornaments, and write letters as letters."""

    def drop_emoji(match: regex.Match[str]) -> str:
        piece = match.group()
        if set(piece) <= _KEEP_EMOJI:
            return piece
        dropped.add(piece)
        return GAP

    text = plain_text(caption, dropped.add)
    text = dropped.take(HONORIFICS, " ", text)
    text = _PRIVATE.sub("", text).translate(_LOOKALIKES)
    text = _EMOJI.sub(drop_emoji, text)
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    # Without what stood between them, a letter and a mark may compose.
    text = unicodedata.normalize("NFKC", _PILED_MARKS.sub("", text))
    return dropped.take(_ORNAMENT, GAP, _BOXES.sub(" ", text))


def _full_stop(match: regex.Match[str]) -> str:
    """Read dots in a row as a full stop where a sentence begins after them, else as a pause."""
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 2].lstrip(" ")
    return ". " if before.isalnum() and after[:1].isupper() else "\n" if after[:1] == "\n" else " "


def _shortened(match: regex.Match[str]) -> str:
    """Write drawn-out letters once, or twice where the word has them twice ("maaaf")."""
    word = match.group()
    if not _DRAWN_OUT.search(word) or _ROMAN.fullmatch(word) or len(set(word.lower())) == 1:
        return word
    if word.isupper() and len(word) < _LEAST_DRAWN_OUT_CAPITALS:  # AAAI, SSSI
        return word
    twice = _DRAWN_OUT.sub(r"\1\1", word)
    return twice if is_known(twice) else _DRAWN_OUT.sub(r"\1", word)


def _without_sign_offs(text: str, dropped: _Dropped) -> str:
    """Take off sign-offs, credits and the hashtag block at the end, and close the marks."""
    for start, end in reversed(bracketed_credits(text)):
        dropped.add(text[start:end])
        text = f"{text[:start]}{GAP}{text[end:]}"
    text = "\n".join(_kept_lines(text, dropped))
    spans = _without_calls(text, list(_spans(text)), dropped)
    spans = _without_ending(text, spans, dropped)
    pieces: list[str] = []
    before = 0
    for start, end in spans:
        closed = _closed(text[start:end])
        if not _SAYS.search(closed):
            continue
        if pieces:
            pieces.append(_between(text, before, start, pieces[-1]))
        pieces.append(closed)
        before = end
    return "".join(pieces)


def _between(text: str, before: int, start: int, sentence: str) -> str:
    """Return what parts two sentences: emoji end one that has no full stop, as a break does."""
    if not _MARKED.search(text, before - 1, start + 1):
        between = text[before:start]
        return "\n" if "\n" in between else " " if between else ""
    between = text[before - 1 : start + 1]
    return "\n" if "\n" in between or (GAP in between and not _STOPPED.search(sentence)) else " "


def _kept_lines(text: str, dropped: _Dropped) -> Iterator[str]:
    """Yield the lines that are not all credit or address."""
    for line in text.split("\n"):
        if is_address_line(line) or is_credit(line):
            dropped.add(line)
        else:
            yield line


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield sentences; emoji before a capital end one too, since people put them for full stops."""
    offset = 0
    for line in text.split("\n"):
        for start, end in sentence_spans(line):
            begin = start + len(line[start:end]) - len(line[start:end].lstrip(f" {GAP}"))
            for mark in _GAP_BEFORE_CAPITAL.finditer(line, start + 1, end):
                yield offset + begin, offset + mark.start()
                begin = mark.end()
            if begin < end:
                yield offset + begin, offset + end
        offset += len(line) + 1


def _without_calls(
    text: str, spans: list[tuple[int, int]], dropped: _Dropped
) -> list[tuple[int, int]]:
    """Take off sentences that are sign-offs wherever they stand.

    One that only points to an address stays if nothing else has words: better than nothing.
    """
    calls = {span for span in spans if is_call(text[slice(*span)])}
    alone = not any(_WORD.search(text, *span) for span in spans if span not in calls)
    kept = []
    for start, end in spans:
        sentence = text[start:end]
        cut = 0 if (start, end) in calls and not alone else sign_off_start(sentence)
        if cut is not None:
            dropped.add(sentence[cut:])
        if cut != 0:
            kept.append((start, end if cut is None else start + cut))
    return kept


def _without_ending(
    text: str, spans: list[tuple[int, int]], dropped: _Dropped
) -> list[tuple[int, int]]:
    """Take closings, credits and tags off the end, until a sentence says something."""
    spans, block = list(spans), ""
    while spans:
        start, end = spans.pop()
        cut, tags = _trailing_tags(text, start, end)
        if tags > 1 or (tags == 1 and (cut == start or block)):
            block = f"{text[cut:end]}{_gap(text, end)}{block}"
            if cut > start:
                spans.append((start, cut))
            continue
        dropped.add(block)
        block = ""
        if _SAYS.search(text, start, end) and not is_closing(text[start:end]):
            spans.append((start, end))
            break
        dropped.add(text[start:end])
    dropped.add(block)
    return spans


def _gap(text: str, end: int) -> str:
    """Return the line break or space that follows a sentence."""
    return "\n" if text[end : end + 1] == "\n" else " "


def _trailing_tags(text: str, start: int, end: int) -> tuple[int, int]:
    """Find the hashtags that a sentence ends with: where they begin and how many they are.

    Goes backwards letter by letter, so that no tag is looked at twice.
    """
    cut, tags, at = end, 0, end
    while True:
        while at > start and text[at - 1] in _TAG_GLUE:
            at -= 1
        name = at
        while name > start and (text[name - 1].isalnum() or text[name - 1] == "_"):
            name -= 1
        if name in {at, start} or text[name - 1] != "#":
            return cut, tags
        cut, tags, at = name - 1, tags + 1, name - 1


def _closed(sentence: str) -> str:
    """Close the gaps that addresses and emoji left, and the signs that stood only for them."""
    sentence = _HOLES.sub(HOLE, sentence)
    sentence = _EMPTY_BRACKETS.sub("", sentence)
    sentence = _BEFORE_STOP.sub("", sentence)
    inner = sentence.lstrip(_JOINTS)
    if _MARKED.search(sentence[: len(sentence) - len(inner)]):
        sentence = inner
    inner = sentence.rstrip(_JOINTS)
    if _MARKED.search(sentence[len(inner) :]):
        sentence = inner
    return _MARKED.sub(" ", sentence).strip()
