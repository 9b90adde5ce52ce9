"""Captions in a photo's own metadata."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, strategies as st
from PIL import Image, TiffImagePlugin

from imgfit.errors import CaptionDamagedError, CaptionMissingError, PhotoUnreadableError
from imgfit.photos.description import caption_missing, read_description

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


# --- a byte is wrong -----------------------------------------------------------------------------

DASH = "Aliran sungai – di antara batu"


@pytest.mark.parametrize(
    ("block", "text"),
    [
        pytest.param(iptc(UTF8, (2, 120, DASH.encode("cp1252"))), DASH, id="marked, old letters"),
        pytest.param(
            iptc(UTF8, (2, 120, DASH.encode()[:16])), "Aliran sungai", id="cut inside a letter"
        ),
        pytest.param(
            iptc((2, 120, DASH.encode()[:16])), "Aliran sungai", id="cut, without a mark"
        ),
        pytest.param(
            iptc(UTF8, (2, 120, DASH.encode() + b" \xff" + "é".encode())), DASH + " é",
            id="one broken byte",
        ),
        pytest.param(b"\x1c\x02\x78\x00\x60" + b"Rapat di aula", "Rapat di aula", id="too short"),
        pytest.param(
            b"\x1c\x02\x78\x00\x05" + b"Rapat di aula" + iptc((2, 105, b"Judul lain")),
            "Rapat di aula", id="a wrong length",
        ),
        pytest.param(b"\x7f\x00" + iptc((2, 120, b"Rapat di aula")), "Rapat di aula", id="bytes before"),
        pytest.param(iptc((2, 120, b"Rapat di aula\0\0baru lalu")), "Rapat di aula", id="a zero"),
    ],
)  # fmt: skip
def test_iptc_is_read_past_a_wrong_byte(block: bytes, text: str) -> None:
    assert told(jpeg(photoshop(block))) == (text, "IPTC")


def packet(inner: str) -> str:
    return (
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about=''>"
        f"{inner}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


DC = (
    "<dc:description{}><rdf:Alt><rdf:li xml:lang='x-default'>{}</rdf:li></rdf:Alt></dc:description>"
)
DECLARED = " xmlns:dc='http://purl.org/dc/elements/1.1/'"
GOOD = packet(DC.format(DECLARED, "Rapat di aula"))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(packet(DC.format(DECLARED, "Ibu & anak di aula")), "Ibu & anak di aula", id="&"),
        pytest.param(packet(DC.format(DECLARED, "Ibu&nbsp;dan&eacute; anak")), "Ibu\xa0dané anak",
                     id="names of HTML"),
        pytest.param(packet(DC.format(DECLARED, "Ibu &#38; &lt;anak&gt; itu")), "Ibu & <anak> itu",
                     id="what XML allows stays"),
        pytest.param(packet(DC.format(DECLARED, "Suhu < 30 derajat")), "Suhu < 30 derajat", id="<"),
        pytest.param(packet(DC.format(DECLARED, "<![CDATA[Ibu & anak]]>")), "Ibu & anak", id="cdata"),
        pytest.param(packet(DC.format("", "Rapat di aula")), "Rapat di aula", id="undeclared"),
        pytest.param(packet("<aux:Lens>x</aux:Lens>" + DC.format(DECLARED, "Rapat di aula")),
                     "Rapat di aula", id="another undeclared"),
        pytest.param(packet("<a b:c='1'/>" + DC.format(DECLARED, "Rapat di aula")),
                     "Rapat di aula", id="undeclared attribute"),
        pytest.param(GOOD.replace("Rapat", "Ra\0pat"), "Rapat di aula", id="a zero inside"),
        pytest.param(GOOD.replace("Rapat", "Ra\x0bpat"), "Rapat di aula", id="a control"),
        pytest.param(GOOD + "<?xpacket end='w'?>lama</rdf:RDF></x:xmpmeta>", "Rapat di aula",
                     id="the tail of an older packet"),
        pytest.param("\0\0" + GOOD + "\0\0", "Rapat di aula", id="zeros around"),
        pytest.param(GOOD[:-20], "Rapat di aula", id="cut at the end"),
        pytest.param(GOOD.replace("</rdf:Alt>", ""), "Rapat di aula", id="a tag not closed"),
        pytest.param(GOOD[: GOOD.index(" aula") + 5], "Rapat di aula", id="cut in the caption"),
        pytest.param(packet("").replace("rdf:about=''", "dc:description='Rapat di aula'"),
                     "Rapat di aula", id="as an attribute"),
    ],
)  # fmt: skip
def test_xmp_is_read_past_a_wrong_byte(body: str, text: str) -> None:
    assert told(photo(xmp=body.encode())) == (text, "XMP")


@pytest.mark.parametrize("code", ["utf-16", "cp1252"])
def test_xmp_in_other_codes(code: str) -> None:
    body = packet(DC.format(DECLARED, "Rapat di balai désa"))
    assert told(photo(xmp=body.encode(code))) == ("Rapat di balai désa", "XMP")


def test_what_is_undeclared_is_not_fetched_or_defined() -> None:
    for before in BOMB:
        assert told(photo(xmp=(before + packet(DC.format("", "kata &a; lain"))).encode())) is None


def exif_of(**tags: object) -> Image.Exif:
    numbers = {"title": 0x9C9B, "comment": 0x9C9C, "subject": 0x9C9F, "description": 0x010E}
    block = Image.Exif()
    for name, value in tags.items():
        if name == "user":
            block.get_ifd(0x8769)[0x9286] = value
        else:
            block[numbers[name]] = value
    return block


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(exif_of(user=b"ASCII\0\0\0" + utf8), id="user comment"),
        pytest.param(exif_of(user=b"\0" * 8 + latin), id="of no code"),
        pytest.param(exif_of(user=b"UNICODE\0" + CAPTION.encode("utf-16-le")), id="utf-16"),
        pytest.param(exif_of(user=b"UNICODE\0" + CAPTION.encode("utf-16-be")), id="turned"),
        pytest.param(exif_of(user=utf8), id="without a code"),
        pytest.param(exif_of(title=CAPTION.encode("utf-16-le")), id="xptitle"),
        pytest.param(exif_of(subject=CAPTION.encode("utf-16-le")), id="xpsubject"),
        pytest.param(exif_of(comment=CAPTION.encode("utf-16-le") + b"\0\0"), id="xpcomment"),
        pytest.param(exif_of(description=utf8 + b"\0the older text"), id="behind a zero"),
        pytest.param(exif_of(description=CAPTION.encode("utf-16-le")), id="utf-16 in ascii"),
        pytest.param(
            exif_of(description="Edited with Snapseed", user=b"ASCII\0\0\0" + utf8), id="machine"
        ),
    ],
)
def test_every_text_of_exif(block: Image.Exif) -> None:
    assert told(photo(exif=block)) == (CAPTION, "EXIF")


def test_the_order_of_kinds() -> None:
    alt = (
        "<Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang='x-default'>{}</rdf:li>"
        "</rdf:Alt></Iptc4xmpCore:AltTextAccessibility>".format("Teks alternatif foto")
    )
    title = "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Judul foto ini</rdf:li></rdf:Alt></dc:title>"
    head = "<photoshop:Headline>Kepala berita ini</photoshop:Headline>"
    caption = DC.format("", "Keterangan foto ini")
    for inner, said in [
        (title, "Judul foto ini"),
        (title + head, "Kepala berita ini"),
        (title + head + alt, "Teks alternatif foto"),
        (title + head + alt + caption, "Keterangan foto ini"),
    ]:
        assert told(photo(xmp=packet(inner).encode())) == (said, "XMP")
    both = photo(xmp=packet(title).encode(), exif=exif_of(description="Kata dari EXIF"))
    assert told(both) == ("Kata dari EXIF", "EXIF")
    segment = photoshop(iptc((2, 105, b"Kepala dari IPTC"), (2, 5, b"Judul dari IPTC")))
    assert told(jpeg(segment)) == ("Kepala dari IPTC", "IPTC")
    assert told(jpeg(photoshop(iptc((2, 5, b"Judul dari IPTC"))))) == ("Judul dari IPTC", "IPTC")


def test_texts_of_a_png() -> None:
    from PIL import PngImagePlugin  # noqa: PLC0415

    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt("Description", CAPTION)
    assert told(photo("PNG", pnginfo=chunks)) == (CAPTION, "PNG")


@pytest.mark.parametrize(
    ("data", "standard"),
    [
        (photo(xmp=b"<x:xmpmeta"), "XMP"),
        (jpeg(photoshop(b"no field at all")), "IPTC"),
        (photo("WEBP", exif=b"Exif\0\0no block of tags at all"), "EXIF"),
        (tiff(700, 1, xmp(("x-default", "kata lain " * 110_000))), "XMP"),
    ],
)
def test_damage_is_said_where_no_caption_was_found(data: bytes, standard: str) -> None:
    assert told(data) is None
    error = caption_missing(data, "a.txt")
    assert isinstance(error, CaptionDamagedError)
    assert standard in error.say("en")
    assert "none in its own metadata" not in error.say("en")


def test_there_is_none_only_where_that_is_true() -> None:
    error = caption_missing(photo(exif=exif_of(description="SAMSUNG")), "a.txt")
    assert type(error) is CaptionMissingError
    assert isinstance(caption_missing(b"<!DOCTYPE html>", "a.txt"), PhotoUnreadableError)


@pytest.mark.parametrize(
    "text",
    [
        "Processed with VSCO with a6 preset", "Edited with Snapseed", "SAMSUNG DIGITAL CAMERA",
        "default description", "User comments", "<Digimax i6 PMP, Samsung #1>",
        "Made with Google AI", "Dibuat dengan Canva", "WhatsApp Image 2026-11-24 at 10.02.33",
        "WhatsApp Image 2026-11-24 at 10.02.33 (1).jpeg", "Gambar WhatsApp 2026-11-24 pukul 10.02.33",
        "Screenshot from 2026-11-24 10-00-00", "Tangkapan Layar 2026-11-24 pukul 10.00.00",
        "Shot on iPhone 15 Pro", "Diambil dengan Galaxy S24 Ultra", "KODAK DIGITAL STILL CAMERA",
        "Desain tanpa judul - 1", "Disunting memakai Lightroom 8.1",
        "filter: 0; fileterIntensity: 0.0; filterMask: 0; module: photo; hw-remosaic: 0;",
        "a castle, 4k\nSteps: 20, Sampler: Euler a, CFG scale: 7", '{"source": "camera"}',
        "CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90", "Photo by Jane Doe on Unsplash",
        "File written by Adobe Photoshop 5.0", "LEAD Technologies Inc. V1.01",
    ],
)  # fmt: skip
def test_what_cameras_and_programs_write_is_no_caption(text: str) -> None:
    for data in (
        photo(exif=exif_of(description=text)),
        jpeg(photoshop(iptc((2, 120, text.encode())))),
    ):
        assert told(data) is None


@pytest.mark.parametrize(
    "text",
    [
        "Kerajinan dibuat dengan bambu oleh siswa kelas tiga", "Dibuat dengan bambu oleh siswa",
        "Taken in Bandung during the flood", "Foto bersama di depan kantor desa",
        "Made with love by the students of our school", "Sidang 2026 di aula",
        "Image of a man in a green shirt", "Hari: Senin, Tempat: Aula, Acara: Rapat",
        "Pelatihan kamera digital camera untuk warga desa dan siswa", "Foto oleh-oleh di meja, rapi",
        "Screenshot aplikasi antrean di layar ponsel", "Diambil alih oleh petugas di lapangan",
        "Dibuat oleh ibu-ibu PKK, kue ini laris", "Photo of the village hall",
    ],
)  # fmt: skip
def test_what_people_write_stays_a_caption(text: str) -> None:
    assert told(photo(exif=exif_of(description=text))) == (text, "EXIF")
