"""What programs leave in a caption: markup, codes, breaks and templates, turned to plain text.

Captions are pasted from Word, spreadsheets, content systems and chats. Each rule looks first for a
sign that it has work to do, so that a caption without one stays as it is.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Callable


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.split("|"))


# Every break of Unicode and of old programs; the last parts fields of one line.
_BREAKS = regex.compile("\r\n?|[\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_FIELD = "\x1f"
_EXCEL = regex.compile(r"_x000([ABD9])_", regex.IGNORECASE)
_WRITTEN_BREAK = regex.compile(r"(?:\\r\\n|\\n|\\r)")
_PATH = regex.compile(r"(?<![\p{L}])[A-Za-z]:\\|\\\\")
# Bytes of UTF-8 read as Latin-1 or Windows-1252.
_GARBLED = regex.compile(
    "[\xc2-\xc5\xe2\xf0\xc3][\x80-\xbf\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_GARBLED_RUN = regex.compile(
    "[\xc2-\xf4][\x80-\xff\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]{1,40}"
)
# A space that does not break, read so and then turned to a plain one.
_LOST_SPACE = regex.compile(r"(?<=\S)Â(?=\s)")
_SHOWN = 80  # letters of what was garbled

_ENTITY = regex.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,9});")
_HIDDEN = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))
_BLOCKS = _phrases(
    """
    p | br | div | h1 | h2 | h3 | h4 | h5 | h6 | ul | ol | li | figure | figcaption |
    blockquote | table | tr | thead | tbody | section | article | hr | header | footer | main
    | nav | pre | dl | dt | dd | caption | iframe | video | audio | form | body | html | head
    | title | center
    """
)
_CELLS = frozenset(["td", "th"])
_INLINE = _phrases(
    """
    a | span | strong | b | i | em | u | img | font | small | sup | sub | code | s | strike |
    del | ins | mark | label | input | button | svg | path | noscript | picture | time | abbr
    | cite | q | source | embed | object | param | meta | link | col | colgroup | big | tt |
    o:p | wbr
    """
)
_TAG = regex.compile(r"</?([A-Za-z][A-Za-z0-9]{0,9}(?::[a-z])?)(\s[^<>]{0,2000}+)?/?>")
_AUTOLINK = regex.compile(r"<((?:https?://|mailto:)[^\s<>]{1,500}+)>")
_ADDRESS = regex.compile(
    r"\b(?:href|src)\s*=\s*[\"']?(https?://[^\s\"'<>]{1,500})", regex.IGNORECASE
)
# Of content systems: with attributes, closing, or of a name that is nothing else.
_SHORTCODE = regex.compile(
    r"\[/?[a-z][\w-]{1,40}+(?:\s+[\w-]{1,40}+=(?:\"[^\"\]]{0,500}+\"|'[^'\]]{0,500}+'|"
    r"[^\s\]\"']{1,200}+))++\s*+/?\]"
    r"|\[/[a-z][\w-]{1,40}+\]"
    r"|\[/?(?:gallery|embed|vc_\w+|et_pb_\w+|fusion_\w+|su_\w+|playlist|toc)\]"
    r"|\{\{[<%][^{}]{0,500}?[%>]\}\}|\{%[^{}]{0,500}?%\}"
)
_PLACEHOLDER = regex.compile(
    r"\{\{[^{}\n]{0,80}+\}\}|\$\{[^{}\n]{0,80}+\}|(?<![\p{L}\p{N}])%[a-z_]{3,30}+%(?![\p{L}\p{N}])"
    r"|[\[<{](?:tulis(?:kan)?|isi(?:kan)?|masukkan|ketik|sisipkan|ganti|insert|write|add|type|enter|your|"
    r"nama|tanggal|judul|lokasi|tempat|caption|teks|keterangan|deskripsi|placeholder|title|name|date)"
    r"(?:[ _/-][\p{L}_/ -]{0,50}+)?[\]>}]"
    r"|\((?:tulis(?:kan)?|isi(?:kan)?|masukkan|ketik|insert|write|add|type)\b[^()\n]{0,50}?"
    r"(?:di ?sini|here)\)",
    regex.IGNORECASE,
)
_LOREM = regex.compile(r"[^\n]{0,2000}?\blorem ipsum\b[^\n]*+", regex.IGNORECASE)
_NOTHING = _phrases(
    """
    - | -- | n/a | na | nan | null | none | nil | undefined | todo | tbd | tba | test | tes |
    testing | coba | xxx | #n/a | #ref! | #value! | #name? | caption | captions | caption here
    | your caption here | write a caption | write a caption… | write a caption... | add a
    caption | enter caption | insert caption here | tulis caption | tulis caption di sini |
    tulis caption disini | tulis keterangan | tulis keterangan di sini | tambahkan keterangan
    | tambahkan keterangan... | isi caption | isi caption di sini | isi keterangan | caption
    di sini | caption disini | keterangan di sini | keterangan foto | judul di sini | teks di
    sini | caption menyusul | caption belum ada | belum ada caption | tanpa keterangan | tanpa
    caption | no caption | no description | default description | image description | untitled
    | tanpa judul | judul
    """
)
# What apps and phones write in place of a caption, whole.
_BY_APP = regex.compile(
    r"(?i:processed|edited|created|made|generated|enhanced|designed|scanned|dibuat|diedit|disunting|"
    r"didesain|diproses) (?i:with|by|using|via|dengan|pakai|menggunakan|memakai) "
    r"(?:(?i:the|aplikasi|app) )?"
    r"(?i:vsco|snapseed|canva|google|picsart|lightroom|adobe|photoshop|capcut|inshot|midjourney|"
    r"dall|chatgpt|gemini|remini|meitu|beautyplus|faceapp|camscanner|gimp|samsung|iphone)[^\n,;.]{0,40}"
    r"|(?i:whats\s?app|telegram) (?i:image|video|photo|foto|gambar) \d[^\n]{0,60}"
    r"|(?i:gambar|foto|image|video) (?i:whats\s?app|telegram) \d[^\n]{0,60}"
    r"|(?i:screen ?shot|tangkapan layar|cuplikan layar)(?: (?i:from|dari|pada))?[ _]\d[^\n]{0,40}"
    r"|(?:[\p{L}\d]+ ){0,3}(?i:digital (?:still )?camera)"
    r"|(?i:img|dsc|pxl|vid|dscn|wa)[_-]?\d[\w.-]{0,40}"
)

_FRONT = regex.compile(r"\s*+(---|\+\+\+)[ \t]*+\n(.{0,20000}?\n)?\1[ \t]*+(?:\n|$)", regex.DOTALL)
_KEY = regex.compile(r"^([A-Za-z_]{2,30})[ \t]*+[:=][ \t]*+(.*)$", regex.MULTILINE)
_INSTEAD = ("description", "caption", "excerpt", "summary", "alt", "title")
_HEADING = regex.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(?=\S)|[ \t]+#{1,6}[ \t]*$", regex.MULTILINE)
_PICTURE = regex.compile(r"!\[[^\[\]\n]{0,300}+\]\([^()\n]{0,500}+\)")
_MARKDOWN_LINK = regex.compile(r"\[([^\[\]\n]{1,300}+)\]\(([^()\s\n]{1,500}+)[^()\n]{0,100}+\)")
_RULE_ROW = regex.compile(
    r"^[ \t]*+\|?(?:[ \t]*+:?-{2,}+:?[ \t]*+\|)+(?:[ \t]*+:?-{2,}+:?)?[ \t]*+$", regex.MULTILINE
)
_ROW = regex.compile(r"^[ \t]*+\|(.*)\|[ \t]*+$", regex.MULTILINE)
_CELL_EDGE = regex.compile(r"[ \t]*+\|[ \t]*+")
_EMPTY_CELLS = regex.compile(r"(?:^|,)(?:\s*+,)++")
_TICK_WITHIN = regex.compile(r"(?<=\p{L})`(?=\p{L})")
_TICKS = regex.compile(r"`+(?:[a-z]{1,12}(?=\n))?")

# Words of Islam that are one sign each; Unicode spells one of them out in eighteen letters.
HONORIFICS = regex.compile("[\ufd40-\ufd4f\ufdcf\ufdf0-\ufdff]+")


def plain_text(caption: str, drop: Callable[[str], None]) -> str:
    """Turn what programs left in a caption to plain text.

    Args:
        caption: As written.
        drop: Called with each piece that is taken off and says something: addresses, codes,
            placeholders.

    Returns:
        The text; empty if the caption is a placeholder or the text of an app.
    """
    text = _EXCEL.sub(
        lambda m: "" if m[1].upper() == "D" else "\n" if m[1] != "9" else " ", caption
    )
    text = _BREAKS.sub("\n", text).replace(_FIELD, " ")
    if "\\" in text and not _PATH.search(text):
        text = _WRITTEN_BREAK.sub("\n", text)
    text = _LOST_SPACE.sub("", text)
    mended = mend_garbled(text)
    if mended != text:
        drop(" ".join(dict.fromkeys(m.group() for m in _GARBLED_RUN.finditer(text)))[:_SHOWN])
        text = mended
    text = _without_front_matter(text, drop)
    text = _without_markdown(text, drop)
    for _ in range(2):  # what was written out twice
        text = _ENTITY.sub(lambda m: html.unescape(m[0]), text)
    if "<" in text:
        text = _without_tags(text, drop)
    text = _taken(_SHORTCODE, text, drop)
    text = _taken(_PLACEHOLDER, text, drop)
    if "orem" in text or "OREM" in text:
        text = _taken(_LOREM, text, drop)
    bare = " ".join(text.split()).strip("\"'“”[]()<>{}*_ ")
    if bare.casefold() in _NOTHING or _BY_APP.fullmatch(bare[:200]):
        drop(bare)
        return ""
    return text


def mend_garbled(text: str) -> str:
    """Mend text whose UTF-8 was read as Latin-1 or Windows-1252.

    Args:
        text: Any.

    Returns:
        The text as it was meant, where ftfy is sure; else as it is.
    """
    if not _GARBLED.search(text):
        return text
    from ftfy import TextFixerConfig, fix_encoding  # noqa: PLC0415 - 50 ms that few captions need

    return fix_encoding(text, TextFixerConfig(normalization=None, explain=False))


def _taken(pattern: regex.Pattern[str], text: str, drop: Callable[[str], None]) -> str:
    def taken(match: regex.Match[str]) -> str:
        drop(match.group())
        return " "

    return pattern.sub(taken, text)


def _without_front_matter(text: str, drop: Callable[[str], None]) -> str:
    """Take the head of a Hugo or Jekyll page off; its description stands in for an empty body."""
    head = _FRONT.match(text)
    if head is None:
        return text
    keys = {m[1].lower(): m[2].strip().strip("\"'") for m in _KEY.finditer(head[2] or "")}
    if not keys:
        return text
    drop(head.group().strip())
    body = text[head.end() :]
    if regex.search(r"\p{L}{2}", _SHORTCODE.sub(" ", _PICTURE.sub(" ", body))):
        return body
    return next((keys[name] for name in _INSTEAD if keys.get(name)), "")


def _without_markdown(text: str, drop: Callable[[str], None]) -> str:
    """Take off headings' signs, pictures, links' addresses, tables' lines and ticks."""
    if "](" in text:
        text = _taken(_PICTURE, text, drop)

        def linked(match: regex.Match[str]) -> str:
            drop(match[2])
            return str(match[1])

        text = _MARKDOWN_LINK.sub(linked, text)
    if "#" in text:
        text = _HEADING.sub("", text)
    if "|" in text:
        text = _RULE_ROW.sub("", text)
        text = _ROW.sub(lambda m: _row(m[1]), text)
    if "`" in text:
        text = _TICKS.sub("", _TICK_WITHIN.sub("'", text))
    return text


def _row(cells: str) -> str:
    return ", ".join(cell for cell in _CELL_EDGE.split(cells.strip()) if cell)


def _without_tags(text: str, drop: Callable[[str], None]) -> str:
    """Take off the tags of HTML, and what is never shown."""
    text = _AUTOLINK.sub(r"\1", text)
    for start, end in _HIDDEN:
        text = _without_hidden(text, start, end)

    def tag(match: regex.Match[str]) -> str:
        name = match[1].lower()
        if name not in _BLOCKS | _CELLS | _INLINE:
            return match.group()
        address = _ADDRESS.search(match[2] or "")
        if address:
            drop(address[1])
        return "\n" if name in _BLOCKS else " " if name in _CELLS else ""

    return _TAG.sub(tag, text)


def _without_hidden(text: str, start: str, end: str) -> str:
    lowered = text.lower()
    if len(lowered) != len(text) or start not in lowered:
        return text
    kept, at = [], 0
    while (begin := lowered.find(start, at)) >= 0:
        close = lowered.find(end, begin)
        if close < 0:
            break
        kept.append(text[at:begin])
        at = close + len(end)
    return " ".join([*kept, text[at:]])
