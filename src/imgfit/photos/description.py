"""The caption that a photo carries in itself: IPTC, XMP or EXIF.

Press photographers and picture desks write it there, and it travels with the file. Metadata comes
from strangers: blocks are bounded, XML is read without entities. A block with a wrong byte in it is
read as far as it goes; one that cannot be read is said to be damaged where no caption was found.

The order: captions (IPTC 2:120, XMP dc:description, EXIF ImageDescription, UserComment and
XPComment, a PNG's Description and Comment), then alt texts (XMP AltTextAccessibility and
ExtDescrAccessibility), headlines (IPTC 2:105, XMP photoshop:Headline), and titles (IPTC 2:05, XMP
dc:title, EXIF XPTitle and XPSubject, a PNG's Title). The first that a person may have written
counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from imgfit.errors import CaptionDamagedError, CaptionMissingError, ImgfitError
from imgfit.photos.decoding import Pixels, open_image
from imgfit.photos.format_limits import Directory, directories
from imgfit.photos.machine_words import is_by_machine
from imgfit.photos.reading import read_bytes, read_header
from imgfit.photos.sources import name_of
from imgfit.photos.xmp import Packet, decode_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from PIL import Image

    from imgfit.photos.sources import KeptSource

Standard = Literal["IPTC", "XMP", "EXIF", "PNG"]

_Kind: TypeAlias = 'Literal["caption", "alt", "headline", "title"]'
_KINDS: tuple[_Kind, ...] = ("caption", "alt", "headline", "title")

# IPTC-IIM 4.2: record 2 holds the texts. What 1:90 says of the coding is not relied on: programs
# mark old bytes as UTF-8, and cut letters where a field ends.
_IPTC_TEXTS: dict[_Kind, tuple[int, ...]] = {"caption": (120,), "headline": (105,), "title": (5,)}
_IPTC_TAG = 33723
_RESOURCE = 0x0404
_APPLICATION = 2
_MOST_FIELDS = 5_000
_XMP_TEXTS: dict[_Kind, tuple[str, ...]] = {
    "caption": ("dc:description",),
    "alt": ("Iptc4xmpCore:AltTextAccessibility", "Iptc4xmpCore:ExtDescrAccessibility"),
    "headline": ("photoshop:Headline",),
    "title": ("dc:title",),
}
# EXIF 2.3; Windows' own tags are UTF-16.
_IMAGE_DESCRIPTION, _USER_COMMENT, _EXIF_PART = 0x010E, 0x9286, 0x8769
_XP_TITLE, _XP_COMMENT, _XP_SUBJECT = 0x9C9B, 0x9C9C, 0x9C9F
_CODE_BYTES = 8
_PNG_TEXTS: dict[_Kind, tuple[str, ...]] = {
    "caption": ("Description", "Comment"),
    "title": ("Title",),
}

# A JPEG's segments hold 64 kB; a TIFF or PNG could bring anything.
_MAX_BLOCK_BYTES = 1_000_000
_EDGES = "\0\ufeff \t\r\n"


@dataclass(frozen=True, slots=True)
class Description:
    """A caption found in a photo.

    Attributes:
        text: The caption, stripped.
        standard: Where it stood.
    """

    text: str
    standard: Standard


@dataclass
class _Texts:
    """What the blocks of one photo hold: texts by kind, and the blocks that are damaged."""

    found: dict[_Kind, list[Description]] = field(default_factory=dict)
    damaged: list[Standard] = field(default_factory=list)

    def add(self, kind: _Kind, text: str, standard: Standard) -> None:
        # What stands behind a zero is the rest of an older text.
        text = text.strip(_EDGES).split("\0")[0].strip(_EDGES)
        if not is_by_machine(text):
            self.found.setdefault(kind, []).append(Description(text, standard))

    def best(self) -> Description | None:
        return next((text for kind in _KINDS for text in self.found.get(kind, [])), None)


def read_description(source: KeptSource, data: bytes | None = None) -> Description | None:
    """Read the caption that a photo carries in itself, without decoding its pixels.

    Args:
        source: A path, or the bytes of a file.
        data: The whole file, if it was read already.

    Returns:
        The first text, in the order that the module names, that a person may have written; of
        languages the default, else Indonesian, else English, else the first. None if there is
        none. None as well if the photo cannot be read: the error comes when it is scored.
    """
    try:
        return _texts_of(source, data).best()
    except ImgfitError:
        return None


def caption_missing(source: KeptSource, expected: str) -> ImgfitError:
    """Make the error of a photo for which no caption was found.

    Args:
        source: A path, or the bytes of a file, of which `read_description` returned None.
        expected: The file that its caption would be looked for in.

    Returns:
        That there is none; that its metadata is damaged or too large; or, if the photo itself
        cannot be read, why.
    """
    try:
        damaged = _texts_of(source, None).damaged
    except ImgfitError as error:
        return error.bare()
    if damaged:
        standard = ", ".join(damaged)
        return CaptionDamagedError(photo=name_of(source), expected=expected, standard=standard)
    return CaptionMissingError(photo=name_of(source), expected=expected)


def _texts_of(source: KeptSource, data: bytes | None) -> _Texts:
    data = read_bytes(source, again=True) if data is None else data
    texts = _Texts()
    if isinstance(data, Pixels):
        return texts
    read_header(name_of(source), data, "")  # refuses what no reader may see
    readers: Mapping[Standard, Callable[[Image.Image, bytes, _Texts], None]] = {
        "IPTC": _read_iptc,
        "XMP": _read_xmp,
        "EXIF": _read_exif,
        "PNG": _read_png,
    }
    with open_image(name_of(source), data) as image:
        for standard, reader in readers.items():
            try:
                reader(image, data, texts)
            except Exception:  # noqa: BLE001 - a parser on broken bytes raises anything at all
                texts.damaged.append(standard)
    return texts


# --- IPTC ----------------------------------------------------------------------------------------


def _read_iptc(image: Image.Image, data: bytes, texts: _Texts) -> None:
    block = _iptc_block(image, data)
    if not block.strip(b"\0"):
        return
    if len(block) > _MAX_BLOCK_BYTES:
        texts.damaged.append("IPTC")
        return
    fields = list(_iptc_fields(block))
    for kind, numbers in _IPTC_TEXTS.items():
        for number, value in fields:
            if number in numbers:
                texts.add(kind, decode_text(value), "IPTC")
    if not fields:
        texts.damaged.append("IPTC")


def _iptc_block(image: Image.Image, data: bytes) -> bytes:
    if image.format == "TIFF":
        return next((page.raw(_IPTC_TAG, _MAX_BLOCK_BYTES + 1) for page in directories(data)), b"")
    resources = image.info.get("photoshop")
    block = resources.get(_RESOURCE) if isinstance(resources, dict) else None
    return block if isinstance(block, bytes) else b""


def _iptc_fields(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the texts' numbers and bytes, past any byte that is out of place."""
    at = 0
    for _ in range(_MOST_FIELDS):
        at = block.find(b"\x1c", at)
        if at < 0 or at + 5 > len(block):
            return
        record, number = block[at + 1], block[at + 2]
        length = int.from_bytes(block[at + 3 : at + 5], "big")
        if not 1 <= record <= 9 or length & 0x8000:
            at += 1
            continue
        value = block[at + 5 : at + 5 + length]
        following = block[at + 5 + length : at + 6 + length]
        if following not in (b"", b"\x1c", b"\0"):
            # The length is wrong: the text ends where the next field begins.
            end = block.find(b"\x1c\x02", at + 5)
            value = block[at + 5 : end if end >= 0 else len(block)]
        if record == _APPLICATION:
            yield number, value
        at += 5 + len(value)


# --- XMP -----------------------------------------------------------------------------------------


def _read_xmp(image: Image.Image, data: bytes, texts: _Texts) -> None:  # noqa: ARG001 - as the others
    packet = image.info.get("xmp")
    packet = packet.encode() if isinstance(packet, str) else packet
    if not isinstance(packet, bytes) or not packet.strip(b"\0 \r\n"):
        return
    if len(packet) > _MAX_BLOCK_BYTES:
        texts.damaged.append("XMP")
        return
    read = Packet(packet)
    some = False
    for kind, names in _XMP_TEXTS.items():
        for name in names:
            text = read.text_of(name)
            if text is not None:
                texts.add(kind, text, "XMP")
                some = True
    if read.damaged and not some:
        texts.damaged.append("XMP")


# --- EXIF ----------------------------------------------------------------------------------------


def _read_exif(image: Image.Image, data: bytes, texts: _Texts) -> None:
    block = data
    if image.format != "TIFF":
        block = image.info.get("exif") or b""
        if not block and "Raw profile type exif" in image.info:
            block = image.getexif().tobytes()
        while block.startswith(b"Exif\0\0"):
            block = block.removeprefix(b"Exif\0\0")
    if not block:
        return
    main = next(directories(block), None)
    if main is None or not main.fields:
        texts.damaged.append("EXIF")
        return
    for kind, text in _exif_texts(main):
        texts.add(kind, text, "EXIF")


def _exif_texts(main: Directory) -> Iterator[tuple[_Kind, str]]:
    yield "caption", _plain(main.raw(_IMAGE_DESCRIPTION, _MAX_BLOCK_BYTES))
    comment = main.inner(_EXIF_PART).raw(_USER_COMMENT, _MAX_BLOCK_BYTES)
    comment = comment or main.raw(_USER_COMMENT, _MAX_BLOCK_BYTES)
    code, text = comment[:_CODE_BYTES].rstrip(b"\0 "), comment[_CODE_BYTES:]
    if code.upper() == b"UNICODE":
        yield "caption", _of_two_bytes(text)
    elif code in (b"", b"ASCII", b"JIS"):
        yield "caption", text.decode("euc-jp", "ignore") if code == b"JIS" else _plain(text)
    else:  # a program that does not know of the code
        yield "caption", _plain(comment)
    for kind, tag in (("caption", _XP_COMMENT), ("title", _XP_TITLE), ("title", _XP_SUBJECT)):
        yield kind, _of_two_bytes(main.raw(tag, _MAX_BLOCK_BYTES))  # type: ignore[misc]


def _plain(data: bytes) -> str:
    """Decode a text of single bytes, or what a program put there instead."""
    # UTF-16 where single bytes belong: every other byte is a zero.
    if data.rstrip(b"\0").count(0) > len(data) // 3:
        return _of_two_bytes(data)
    return decode_text(data.lstrip(b"\0").split(b"\0")[0])


def _of_two_bytes(data: bytes) -> str:
    """Decode UTF-16 of either order: letters of Latin have their zero second, or first."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "ignore")
    zeros_first, zeros_second = data[::2].count(0), data[1::2].count(0)
    if not zeros_first and not zeros_second and data:
        return decode_text(data)
    return data.decode("utf-16-be" if zeros_first > zeros_second else "utf-16-le", "ignore")


# --- PNG -----------------------------------------------------------------------------------------


def _read_png(image: Image.Image, data: bytes, texts: _Texts) -> None:  # noqa: ARG001 - as the others
    if image.format != "PNG":
        return
    for kind, names in _PNG_TEXTS.items():
        for name in names:
            text = image.info.get(name)
            if isinstance(text, str) and len(text) <= _MAX_BLOCK_BYTES:
                # Chunks of the old kind are Latin-1 by name, and UTF-8 in practice.
                old = all(letter <= "\xff" for letter in text)
                texts.add(kind, decode_text(text.encode("latin-1")) if old else text, "PNG")
