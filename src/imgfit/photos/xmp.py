"""Texts of an XMP packet, also of one with a wrong byte in it.

Programs cut packets, leave the tail of an older one behind a shorter new one, write a bare ``&``,
or forget to declare a prefix; people see their caption in every viewer all the same. Nothing is
defined or fetched: a packet that declares a document type is not read at all.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# What the prefixes mean that a caption may stand under; any other one is given a name of its own.
SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": _RDF,
    "x": "adobe:ns:meta/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
}
_ALTERNATIVE = f"{{{_RDF}}}li"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LANGUAGES = ("x-default", "id", "en")
_FORBIDDEN = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)(\w{2,10};)?")
_LESS = re.compile(r"<(?![A-Za-z_/!?])")
_PREFIX = re.compile(r"(?:</?|\s)([A-Za-z_][\w.-]{0,40}):[\w.-]{1,80}(?=[\s=/>])")
_DECLARED = re.compile(r"\sxmlns:([\w.-]{1,40})\s*=")
_ROOTS = ("x:xmpmeta", "rdf:RDF")
_TAG = re.compile(r"<[^<>]{0,500}>")
_LI = re.compile(r"<rdf:li\b([^<>]{0,500})>([^<]*)")
_LI_LANG = re.compile(r"xml:lang\s*=\s*[\"']([\w-]{1,20})")


class Packet:
    """An XMP packet.

    Attributes:
        damaged: Whether it could not be read as XML even after it was mended; texts are then found
            by their tags.
    """

    def __init__(self, packet: bytes | str) -> None:
        """Read a packet.

        Args:
            packet: As it stands in the file, of bounded size.
        """
        text = packet if isinstance(packet, str) else _decoded(packet)
        self._text = "" if _FORBIDDEN.search(text) else _mended(text)
        self._root: Element | None = None
        self.damaged = False
        if not self._text.strip():
            self.damaged = bool(text.strip())
            return
        try:
            self._root = ElementTree.fromstring(self._text, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError):
            self.damaged = True

    def text_of(self, name: str) -> str | None:
        """Return the text of a property, the first of its default, Indonesian, English, any.

        Args:
            name: Such as ``"dc:description"``.

        Returns:
            None if there is none.
        """
        found: dict[str, str] = {}
        for language, text in self._texts(name):
            if text.strip():
                found.setdefault(language, text)
                # id-ID is Indonesian too.
                found.setdefault(language.split("-")[0] if language != "x-default" else "", text)
        best = next((found[n] for n in _LANGUAGES if n in found), next(iter(found.values()), None))
        # Programs write HTML's names for letters there too.
        return None if best is None else html.unescape(best)

    def _texts(self, name: str) -> Iterator[tuple[str, str]]:
        if self._root is None:
            yield from _by_tags(self._text, name)
            return
        prefix, _, local = name.partition(":")
        full = f"{{{SPACES[prefix]}}}{local}"
        for element in self._root.iter():
            if element.tag == full:
                for item in (*element.iter(_ALTERNATIVE), element):
                    yield item.get(_LANG, "").lower(), item.text or ""
            elif full in element.attrib:
                yield "", element.attrib[full]


def _decoded(packet: bytes) -> str:
    """Decode a packet: UTF-8, UTF-16 by its mark or its zeros, else Windows' letters."""
    if packet.startswith((b"\xff\xfe", b"\xfe\xff")):
        return packet.decode("utf-16", "replace")
    if packet.startswith(b"<\0"):
        return packet.decode("utf-16-le", "replace")
    if packet.startswith(b"\0<"):
        return packet.decode("utf-16-be", "replace")
    return decode_text(packet)


def decode_text(data: bytes) -> str:
    """Decode text that may not be what it says, or is cut inside a letter.

    Args:
        data: Bytes of a caption.

    Returns:
        As UTF-8, without a letter that is cut off at the end and without single broken ones, if
        there are more whole letters beyond ASCII than broken ones or nothing else is wrong; else
        as Windows-1252.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end >= len(data) and error.reason == "unexpected end of data":
            return data[: error.start].decode("utf-8")
    mended = data.decode("utf-8", "replace")
    broken = mended.count("\ufffd")
    whole = sum(letter > "\x7f" for letter in mended) - broken
    if whole > broken:
        return mended.replace("\ufffd", "")
    return data.decode("cp1252", "replace").replace("\ufffd", "")


def _mended(text: str) -> str:
    """Return the packet's own XML, with what keeps it from being read put right."""
    text = _NO_XML.sub("", text)
    for root in _ROOTS:
        start = text.find(f"<{root}")
        if start >= 0:
            end = text.find(f"</{root}>", start)
            text = text[start : end + len(root) + 3] if end >= 0 else text[start:]
            break
    text = _LESS.sub("&lt;", text)
    text = _AMPERSAND.sub(_entity, text)
    missing = set(_PREFIX.findall(text)) - set(_DECLARED.findall(text)) - {"xml", "xmlns"}
    declared = "".join(f' xmlns:{p}="{SPACES.get(p, f"urn:x:{p}")}"' for p in sorted(missing)[:50])
    if not declared or text.lstrip().startswith("<?"):
        return text
    return f"<imgfit{declared}>{text}</imgfit>"


def _entity(match: re.Match[str]) -> str:
    """Write a name of HTML as its letter, and a bare ampersand as XML writes it."""
    name = match[1]
    letter = html.unescape(match[0]) if name else match[0]
    return html.escape(letter, quote=False) if letter != match[0] else f"&amp;{name or ''}"


def _by_tags(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Find a property's texts between its tags, in XML that no reader takes."""
    start = text.find(f"<{name}")
    if start < 0:
        return
    end = text.find(f"</{name}>", start)
    inner = text[start : end if end >= 0 else len(text)]
    items = list(_LI.finditer(inner))
    for item in items:
        language = _LI_LANG.search(item[1])
        yield (language[1].lower() if language else ""), html.unescape(item[2])
    if not items and end >= 0:
        yield "", html.unescape(_TAG.sub("", inner))
