"""Captions in a photo's own metadata."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, strategies as st
from PIL import Image, TiffImagePlugin

from imgfit.photos.description import read_description

CAPTION = "Sidang keliling di balai désa"


def iptc(*fields: tuple[int, int, bytes]) -> bytes:
    """An IPTC-IIM block: marker, record, dataset, length, value."""
    return b"".join(
        bytes([0x1C, record, dataset]) + len(value).to_bytes(2, "big") + value
        for record, dataset, value in fields
    )


def photoshop(block: bytes) -> bytes:
    """The JPEG segment that holds an IPTC block as Photoshop's resource 0x0404."""
    padded = block + b"\0" * (len(block) % 2)
    body = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(block).to_bytes(4, "big") + padded
    return b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body


def xmp(*items: tuple[str, str], before: str = "") -> bytes:
    """An XMP packet with a description in languages."""
    alternatives = "".join(f'<rdf:li xml:lang="{lang}">{text}</rdf:li>' for lang, text in items)
    return (
        f"{before}<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
        "xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:description><rdf:Alt>"
        f"{alternatives}</rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def photo(kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(out, kind, **options)
    return out.getvalue()


def jpeg(*segments: bytes) -> bytes:
    whole = photo()
    return whole[:2] + b"".join(segments) + whole[2:]


def exif(**tags: object) -> Image.Exif:
    block = Image.Exif()
    for name, value in tags.items():
        block[{"description": 0x010E, "comment": 0x9C9C}[name]] = value
    return block


def told(data: bytes) -> tuple[str, str] | None:
    found = read_description(data)
    return (found.text, found.standard) if found else None


def tiff(tag: int, kind: int, value: Any) -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags.tagtype[tag] = kind
    tags[tag] = value
    return photo("TIFF", tiffinfo=tags)


UTF8 = (1, 90, b"\x1b%G")
utf8, latin = CAPTION.encode(), CAPTION.encode("latin-1")


@pytest.mark.parametrize(
    ("data", "standard"),
    [
        pytest.param(jpeg(photoshop(iptc(UTF8, (2, 120, utf8)))), "IPTC", id="iptc marked utf-8"),
        pytest.param(jpeg(photoshop(iptc((2, 120, utf8)))), "IPTC", id="iptc unmarked utf-8"),
        pytest.param(jpeg(photoshop(iptc((2, 120, latin)))), "IPTC", id="iptc latin-1"),
        pytest.param(
            jpeg(photoshop(iptc((2, 120, utf8), (2, 120, b"a second one")))),
            "IPTC",
            id="iptc twice",
        ),
        pytest.param(tiff(33723, 7, iptc((2, 120, utf8))), "IPTC", id="iptc in tiff"),
        pytest.param(photo(xmp=xmp(("x-default", CAPTION))), "XMP", id="xmp in jpeg"),
        pytest.param(photo("WEBP", xmp=xmp(("x-default", CAPTION))), "XMP", id="xmp in webp"),
        pytest.param(tiff(700, 1, xmp(("x-default", CAPTION))), "XMP", id="xmp in tiff"),
        pytest.param(photo("AVIF", xmp=xmp(("x-default", CAPTION))), "XMP", id="xmp in avif"),
        pytest.param(photo(exif=exif(description=utf8)), "EXIF", id="exif in jpeg"),
        pytest.param(photo("PNG", exif=exif(description=utf8)), "EXIF", id="exif in png"),
        pytest.param(photo("WEBP", exif=exif(description=utf8)), "EXIF", id="exif in webp"),
        pytest.param(photo(exif=exif(description=latin)), "EXIF", id="exif latin-1"),
        pytest.param(
            photo(exif=exif(comment=(CAPTION + "\0").encode("utf-16-le"))), "EXIF", id="xpcomment"
        ),
        pytest.param(
            photo(exif=exif(description="SAMSUNG", comment=CAPTION.encode("utf-16-le"))),
            "EXIF",
            id="xpcomment beside junk",
        ),
    ],
)
def test_a_caption_is_read_where_it_stands(data: bytes, standard: str) -> None:
    assert told(data) == (CAPTION, standard)


def test_xmp_in_png() -> None:
    from PIL import PngImagePlugin  # noqa: PLC0415

    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt("XML:com.adobe.xmp", xmp(("x-default", CAPTION)).decode())
    assert told(photo("PNG", pnginfo=chunks)) == (CAPTION, "XMP")


def test_iptc_comes_before_xmp_before_exif() -> None:
    segment = photoshop(iptc((2, 120, b"Kata dari IPTC")))
    whole = photo(xmp=xmp(("en", "Words of XMP")), exif=exif(description="Words of EXIF"))
    assert told(whole) == ("Words of XMP", "XMP")
    assert told(whole[:2] + segment + whole[2:]) == ("Kata dari IPTC", "IPTC")


@pytest.mark.parametrize(
    ("items", "chosen"),
    [
        (
            [("en", "in English"), ("id", "bahasa Indonesia"), ("x-default", "the default")],
            "the default",
        ),
        ([("en", "in English"), ("id-ID", "bahasa Indonesia")], "bahasa Indonesia"),
        ([("fr", "en français"), ("en-GB", "in English")], "in English"),
        ([("fr", "en français"), ("de", "auf Deutsch")], "en français"),
        ([("x-default", " "), ("id", "bahasa Indonesia")], "bahasa Indonesia"),
    ],
)
def test_the_language_of_xmp(items: list[tuple[str, str]], chosen: str) -> None:
    found = read_description(photo(xmp=xmp(*items)))
    assert found is not None
    assert found.text == chosen


@pytest.mark.parametrize(
    "junk",
    [
        "OLYMPUS DIGITAL CAMERA", "SONY DSC", "SAMSUNG", "Screenshot", "DCIM\\100MEDIA", "", " ",
        "IMG_2041.JPG", "dav_vivid", "Created with GIMP", "<Digimax S500 / Kenox S500>"[:8],
        "2026-11-24 10:00:00", "\0\0\0\0", "Exif_JPEG_PICTURE", "Screenshot_20261124-101010",
    ],
)  # fmt: skip
def test_what_machines_write_is_no_caption(junk: str) -> None:
    assert told(photo(exif=exif(description=junk))) is None
    assert told(jpeg(photoshop(iptc((2, 120, junk.encode()))))) is None


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "bomb bomb "><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE b SYSTEM "http://example.org/x.dtd">',
)


@pytest.mark.parametrize("before", BOMB)
def test_xml_may_not_define_or_fetch_anything(before: str) -> None:
    assert told(photo(xmp=xmp(("x-default", "kata &a; lain"), before=before))) is None
    assert told(photo(xmp=xmp(("x-default", "kata yang lain"), before=before))) is None


def test_a_huge_block_is_left_alone() -> None:
    large = xmp(("x-default", "kata lain " * 110_000))
    assert told(tiff(700, 1, large)) is None
    many = iptc((2, 120, utf8)) + iptc((2, 25, b"kata")) * 120_000
    assert told(tiff(33723, 7, many)) is None
    assert told(tiff(33723, 7, many[:9000])) == (CAPTION, "IPTC")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no photo at all",
        photo(xmp=b"<x:xmpmeta"),
        tiff(700, 1, b"<a>" * 100_000 + b"</a>" * 100_000),
        photo(xmp=b"\xff\xfe\x00"),
        jpeg(photoshop(b"\x1c\x02\x78\x00\x10short")),
        jpeg(photoshop(iptc(UTF8, (2, 120, b"\xff\xfe not utf-8")))),
        jpeg(photoshop(b"\x1c" * 400)),
        photo(exif=b"Exif\0\0II*\0\xff\xff\xff\xff"),
    ],
)
def test_damaged_metadata_is_no_caption_and_no_error(data: bytes) -> None:
    assert told(data) is None


@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_survived(block: bytes) -> None:
    read_description(jpeg(photoshop(block)))
    read_description(photo(xmp=block))
    read_description(jpeg(b"\xff\xe1" + (len(block) + 8).to_bytes(2, "big") + b"Exif\0\0" + block))
