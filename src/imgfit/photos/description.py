"""The caption that a photo carries in itself: IPTC, XMP or EXIF.

Press photographers and picture desks write it there, and it travels with the file. Metadata comes
from strangers: blocks are bounded, XML is read without entities, and a damaged block is passed over
without an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree
from PIL import ImageFile

from imgfit.errors import ImgfitError
from imgfit.photos.decoding import Pixels, open_image
from imgfit.photos.reading import read_bytes, read_header
from imgfit.photos.sources import name_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from PIL import Image

    from imgfit.photos.sources import KeptSource

Standard = Literal["IPTC", "XMP", "EXIF"]

# IPTC-IIM 4.2: dataset 2:120 is Caption/Abstract, 1:90 the coded character set; this escape
# sequence means UTF-8.
_IPTC_CAPTION = (2, 120)
_IPTC_CHARSET = (1, 90)
_UTF8_MARK = b"\x1b%G"
# XMP: dc:description, alternatives by language.
_DESCRIPTION = "{http://purl.org/dc/elements/1.1/}description"
_ALTERNATIVE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LANGUAGES = ("x-default", "id", "en")
# EXIF 2.3: ImageDescription; Windows' XPComment is UTF-16.
_IMAGE_DESCRIPTION = 0x010E
_XP_COMMENT = 0x9C9C

# A JPEG's segments hold 64 kB; a TIFF or PNG could bring anything.
_MAX_BLOCK_BYTES = 1_000_000

# What cameras, phones and programs write by themselves, without spaces and signs. A description
# of one word (DCIM, SAMSUNG, Screenshot, dav_vivid, IMG_2041.JPG) was not written by a person.
_MACHINE_WORDS = frozenset(
    [
        "olympusdigitalcamera",
        "minoltadigitalcamera",
        "konicaminoltadigitalcamera",
        "sonydsc",
        "samsungcamerapictures",
        "kodakdigitalstillcamera",
        "digitalcamera",
        "digitalstillcamera",
        "casiocomputercoltd",
        "createdwithgimp",
        "createdwithgimponamac",
        "exifjpegpicture",
        "imagedescription",
        "screenshot",
        "screencapture",
        "tangkapanlayar",
        "processedwithvscocam",
        "nodescription",
        "untitleddesign",
    ]
)


@dataclass(frozen=True, slots=True)
class Description:
    """A caption found in a photo.

    Attributes:
        text: The caption, stripped.
        standard: Where it stood.
    """

    text: str
    standard: Standard


def read_description(source: KeptSource, data: bytes | None = None) -> Description | None:
    """Read the caption that a photo carries in itself, without decoding its pixels.

    Args:
        source: A path, or the bytes of a file.
        data: The whole file, if it was read already.

    Returns:
        The first of IPTC-IIM 2:120, XMP dc:description (its default, else Indonesian, else
        English, else the first) and EXIF ImageDescription or XPComment that a person may have
        written; None if there is none. None as well if the photo cannot be read: the error comes
        when it is scored.
    """
    try:
        data = read_bytes(source, again=True) if data is None else data
        if isinstance(data, Pixels):
            return None
        read_header(name_of(source), data, "")  # refuses what no reader may see
        image = open_image(name_of(source), data)
    except ImgfitError:
        return None
    readers: dict[Standard, Callable[[Image.Image], str | None]] = {
        "IPTC": _iptc,
        "XMP": _xmp,
        "EXIF": _exif,
    }
    with image:
        for standard, reader in readers.items():
            try:
                text = (reader(image) or "").strip("\0 \t\r\n")
            except Exception:  # noqa: BLE001, S112 - a parser on broken bytes raises anything at all
                continue
            if _is_caption(text):
                return Description(text, standard)
    return None


def _is_caption(text: str) -> bool:
    """Tell a person's words from a machine's."""
    words = [word for word in text.split() if re.search(r"[^\W\d_]{2}", word)]
    bare = "".join(re.findall(r"[^\W\d_]", text)).lower()
    return len(words) > 1 and bare not in _MACHINE_WORDS and "\0" not in text


def _iptc(image: Image.Image) -> str | None:
    # Imported here, since both register a format with Pillow.
    from PIL import IptcImagePlugin, TiffImagePlugin  # noqa: PLC0415

    if not isinstance(image, ImageFile.ImageFile):
        return None
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # As Pillow does: by type, the block would be unpacked into millions of numbers first.
        block = image.tag_v2._tagdata.get(TiffImagePlugin.IPTC_NAA_CHUNK, b"")  # noqa: SLF001
        if len(block) > _MAX_BLOCK_BYTES:
            return None
    found = IptcImagePlugin.getiptcinfo(image) or {}
    caption = found.get(_IPTC_CAPTION)
    caption = caption[0] if isinstance(caption, list) else caption
    if caption is None or len(caption) > _MAX_BLOCK_BYTES:
        return None
    if found.get(_IPTC_CHARSET) == _UTF8_MARK:
        return caption.decode("utf-8")
    return _unmarked(caption)


def _unmarked(data: bytes) -> str:
    """Decode text of unknown encoding: valid UTF-8 is never so by chance; else it is Latin-1."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _xmp(image: Image.Image) -> str | None:
    packet = image.info.get("xmp")
    if not isinstance(packet, bytes | str) or len(packet) > _MAX_BLOCK_BYTES:
        return None
    if isinstance(packet, bytes):
        packet = packet.rstrip(b"\0 ")
    try:
        root: Element = ElementTree.fromstring(packet, forbid_dtd=True)
    except (ParseError, DefusedXmlException):
        return None
    found: dict[str, str] = {}
    for description in root.iter(_DESCRIPTION):
        for item in (*description.iter(_ALTERNATIVE), description):
            language = item.get(_LANG, "").lower()
            if item.text and item.text.strip():
                found.setdefault(language, item.text)
                # id-ID is Indonesian too.
                found.setdefault(
                    language.split("-")[0] if language != "x-default" else "", item.text
                )
    return next(
        (found[name] for name in _LANGUAGES if name in found), next(iter(found.values()), None)
    )


def _exif(image: Image.Image) -> str | None:
    tags = image.getexif()
    described = tags.get(_IMAGE_DESCRIPTION)
    if isinstance(described, str) and len(described) <= _MAX_BLOCK_BYTES:
        # Pillow reads it as Latin-1; most programs write UTF-8 there.
        text = _unmarked(described.encode("latin-1", "replace")).strip("\0 \t\r\n")
        if _is_caption(text):
            return text
    comment = tags.get(_XP_COMMENT)
    if isinstance(comment, tuple):
        comment = bytes(comment)
    if isinstance(comment, bytes) and len(comment) <= _MAX_BLOCK_BYTES:
        return comment.decode("utf-16-le").rstrip("\0")
    return None
