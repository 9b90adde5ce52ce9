"""Bytes of photos as a stranger may make them: cut, lying, endless, or asking for too much."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import pillow_heif
from PIL import Image

if TYPE_CHECKING:
    import random

pillow_heif.register_heif_opener()

FORMATS = ("jpg", "png", "webp", "gif", "tiff", "avif", "heic")
_KINDS = {"jpg": "JPEG", "heic": "HEIF"}
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIZE = (96, 64)

# Formats that Pillow knows and imgfit does not let near a decoder.
UNWELCOME = (
    ("a.ico.jpg", "ICO", "RGB"),
    ("a.ppm.jpg", "PPM", "RGB"),
    ("a.eps.jpg", "EPS", "RGB"),
    ("a.tga.jpg", "TGA", "RGB"),
    ("a.pcx.jpg", "PCX", "RGB"),
    ("a.sgi.jpg", "SGI", "RGB"),
)
MODES = (
    ("a.bmp.jpg", "BMP", "RGB"),
    ("cmyk.jpg", "JPEG", "CMYK"),
    ("grey.jpg", "JPEG", "L"),
    ("cmyk.tiff", "TIFF", "CMYK"),
    ("lab.tiff", "TIFF", "LAB"),
    ("ycbcr.tiff", "TIFF", "YCbCr"),
    ("grey16.tiff", "TIFF", "I;16"),
    ("grey32.tiff", "TIFF", "I"),
    ("floats.tiff", "TIFF", "F"),
    ("bits.tiff", "TIFF", "1"),
    ("grey16.png", "PNG", "I;16"),
    ("palette.png", "PNG", "P"),
    ("bits.png", "PNG", "1"),
    ("alpha.png", "PNG", "RGBA"),
    ("grey-alpha.png", "PNG", "LA"),
    ("alpha.webp", "WEBP", "RGBA"),
    ("alpha.avif", "AVIF", "RGBA"),
    ("alpha.tiff", "TIFF", "RGBA"),
    ("palette.gif", "GIF", "P"),
)
DOCUMENTS = {
    "page.svg.jpg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "page.pdf.jpg": b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript>>>>endobj\n%%EOF",
    "page.html.jpg": b"<!DOCTYPE html><script>alert(1)</script>",
    "run.eps.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n(%pipe%id) (r) file\n",
    "layers.psd.jpg": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 64, 96, 8, 3) + bytes(99),
    "book.zip.jpg": b"PK\3\4" + bytes(200),
    "run.elf.jpg": b"\x7fELF\2\1\1" + bytes(200),
    "video.mp4.jpg": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(200),
    "jp2.jpg": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(200),
    "tar.jpg": b"a.jpg" + bytes(252) + b"ustar" + bytes(250),
}
BILLION_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><x>&i;</x>"
)  # fmt: skip


def encoded(kind: str, mode: str, size: tuple[int, int] = _SIZE, **options: object) -> bytes:
    """Return one picture of a gradient in a format and mode."""
    grey = Image.linear_gradient("L").resize(size)
    image = grey.convert("RGB").convert(mode) if mode in ("CMYK", "YCbCr", "P") else None
    if image is None and mode == "LAB":
        image = Image.merge("LAB", (grey, grey, grey))
    if image is None and mode == "I;16":
        image = Image.frombytes("I;16", size, bytes(range(256)) * (size[0] * size[1] // 128))
    out = io.BytesIO()
    (image or grey.convert(mode)).save(out, kind, **options)
    return out.getvalue()


def photo(suffix: str, generator: random.Random) -> bytes:
    """Return a small photo of noise over blocks, so that no two are copies."""
    small = Image.frombytes("RGB", (6, 4), generator.randbytes(72))
    image = small.resize(_SIZE, Image.Resampling.NEAREST)
    image.paste(Image.frombytes("RGB", (16, 16), generator.randbytes(768)), (40, 24))
    out = io.BytesIO()
    image.save(out, _KINDS.get(suffix, suffix.upper()))
    return out.getvalue()


def mpo(generator: random.Random) -> bytes:
    """Return a phone's file of two pictures."""
    frames = [Image.open(io.BytesIO(photo("jpg", generator))) for _ in range(2)]
    out = io.BytesIO()
    frames[0].save(out, "MPO", save_all=True, append_images=frames[1:])
    return out.getvalue()


def zeros(count: int) -> bytes:
    """Return a zlib stream that unpacks to zeros, a thousandth of their size, quickly."""
    size = 1 << 20
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(size)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, zlib.DEFLATED, -15)
    end = rest.compress(bytes(count % size)) + rest.flush()
    # Adler-32 of zeros: the first half stays 1, the second counts them.
    check = struct.pack(">HH", count % 65521, 1)
    return b"\x78\xda" + piece * (count // size) + end + check


# --- PNG -----------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def flat_png(width: int, height: int, *, depth: int = 8, colour: int = 2) -> bytes:
    """Return a whole PNG of zeros, a thousandth of its pixels' size."""
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    body = zeros(height * (1 + width * channels * depth // 8))
    return (
        _SIGNATURE
        + _header(width, height, depth, colour)
        + chunk(b"IDAT", body)
        + chunk(b"IEND", b"")
    )


def declared_png(width: int, height: int) -> bytes:
    """Return a PNG that does not hold what it declares."""
    return _SIGNATURE + _header(width, height) + chunk(b"IDAT", zlib.compress(bytes(99)))


def png_with(chunks: bytes) -> bytes:
    """Return a small PNG with more chunks before its pixels."""
    small = flat_png(*_SIZE)
    after = len(_SIGNATURE) + 25
    return small[:after] + chunks + small[after:]


def text_chunk(kind: bytes, size: int) -> bytes:
    """Return a chunk of packed text, or of a colour profile, that unpacks to a size."""
    before = {b"iTXt": b"Comment\0\1\0\0\0"}.get(kind, b"Comment\0\0")
    return chunk(kind, before + zeros(size))


def apng_of_frames(count: int) -> bytes:
    """Return an animation of many frames of one pixel."""
    small = flat_png(*_SIZE)
    after, end = len(_SIGNATURE) + 25, len(small) - 12
    control = chunk(b"acTL", struct.pack(">II", count, 0))
    first = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, *_SIZE, 0, 0, 1, 10, 0, 0))
    frames = b"".join(
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 2 * n + 1, 1, 1, 0, 0, 1, 10, 0, 0))
        + chunk(b"fdAT", struct.pack(">I", 2 * n + 2) + zlib.compress(bytes(4)))
        for n in range(count - 1)
    )
    return small[:after] + control + first + small[after:end] + frames + small[end:]


# --- GIF, WebP, AVIF, HEIC -----------------------------------------------------------------------


def _gif(screen: tuple[int, int], before: bytes, frames: int = 1) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0"
    return head + before + frame * frames + b";"


def gif_of_frames(count: int) -> bytes:
    """Return an animation of many frames of one pixel."""
    return _gif(_SIZE, b"", count)


def gif_of_comments(count: int) -> bytes:
    """Return a GIF with one comment of many blocks of a letter each."""
    return _gif(_SIZE, b"!\xfe" + b"\1x" * count + b"\0")


def lying_gif(width: int, height: int) -> bytes:
    """Return a GIF of a huge canvas with a frame of one pixel."""
    return _gif((width, height), b"")


def flat_webp(width: int, height: int) -> bytes:
    """Return a transparent WebP of one colour."""
    out = io.BytesIO()
    image = Image.new("RGBA", (width, height), (9, 9, 9, 99))
    image.save(out, "WEBP", lossless=True, method=0, quality=0, exact=True)
    return out.getvalue()


def lying_webp(width: int, height: int) -> bytes:
    """Return a WebP whose canvas is larger than the picture in it."""
    still = encoded("WEBP", "RGB")[12:]
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas + still
    return b"RIFF" + struct.pack("<I", len(body)) + body


def lying_ispe(kind: str, width: int, height: int) -> bytes:
    """Return an AVIF or HEIC whose box of sizes says something else than its picture."""
    data = encoded(kind, "RGB")
    place = data.index(b"ispe") + 8
    return data[:place] + struct.pack(">II", width, height) + data[place + 8 :]


# --- JPEG ----------------------------------------------------------------------------------------


def segment(kind: int, body: bytes) -> bytes:
    """Return a segment."""
    return bytes([0xFF, kind]) + struct.pack(">H", len(body) + 2) + body


def with_segments(jpeg: bytes, segments: bytes) -> bytes:
    """Put segments, or anything, at the start of a JPEG."""
    return jpeg[:2] + segments + jpeg[2:]


def lying_jpeg(jpeg: bytes, width: int, height: int) -> bytes:
    """Return a JPEG that declares another size than it holds."""
    place = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:place] + struct.pack(">HH", height, width) + jpeg[place + 4 :]


def jpeg_of_scans(width: int, height: int, count: int) -> bytes:
    """Return a progressive JPEG that refines its grey pixels over and over."""
    out = io.BytesIO()
    image = Image.new("RGB", (width, height), (128, 128, 128))
    image.save(out, "JPEG", progressive=True, quality=50)
    data = out.getvalue()
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * count + data[-2:]


def long_segments(kind: int, size: int) -> bytes:
    """Return full segments: XMP (0xE1) or Photoshop's (0xED) of a size."""
    mark = {0xE1: b"http://ns.adobe.com/xap/1.0/\0", 0xED: b"Photoshop 3.0\0"}[kind]
    body = mark + b"8BIM" + bytes(65_000)
    return segment(kind, body) * (size // len(body) + 1)


def icc(body: bytes, part: int = 1, of: int = 1) -> bytes:
    """Return a segment of a colour profile."""
    return segment(0xE2, b"ICC_PROFILE\0" + bytes([part, of]) + body)


def xmp(packet: str) -> bytes:
    """Return a segment of XMP."""
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet.encode())


def with_exif(jpeg: bytes, block: bytes) -> bytes:
    """Put an EXIF block into a JPEG, in as many segments as it takes."""
    parts = [block[at : at + 65_000] for at in range(0, len(block), 65_000)]
    return with_segments(jpeg, b"".join(segment(0xE1, b"Exif\0\0" + part) for part in parts))


def exif_in_crumbs(jpeg: bytes, count: int) -> bytes:
    """Put EXIF into a JPEG in segments of one byte each."""
    first = segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\0")
    return with_segments(jpeg, first + segment(0xE1, b"Exif\0\0x") * count)


# --- TIFF and EXIF -------------------------------------------------------------------------------


def _directory(
    tags: list[tuple[int, int, int, int]], after: bytes = b"", following: int = 0
) -> bytes:
    """Return a TIFF: tags (number, type, count, value or place), then bytes."""
    rows = b"".join(
        struct.pack("<HHI", tag, kind, count) + struct.pack("<HH" if kind == 3 else "<I", *([value, 0] if kind == 3 else [value]))
        for tag, kind, count, value in sorted(tags)
    )  # fmt: skip
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + rows + struct.pack("<I", following) + after


def _after(count: int) -> int:
    """Return where the bytes behind a directory begin."""
    return 8 + 2 + 12 * count + 4


def _grey(width: int, height: int) -> list[tuple[int, int, int, int]]:
    return [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1)]


def orientation(value: int, kind: int = 3) -> bytes:
    """Return EXIF of an orientation that may not exist, or be of another type."""
    return _directory([(0x0112, kind, 1 if kind == 3 else 4, value)])


def recursive_ifd() -> bytes:
    """Return EXIF whose inner and next directories are itself."""
    return _directory([(0x0112, 3, 1, 1), (0x8769, 4, 1, 8), (0x8825, 4, 1, 8)], following=8)


def large_exif(size: int) -> bytes:
    """Return EXIF of one large value."""
    return _directory([(0x927C, 7, size, _after(2)), (0x0112, 3, 1, 1)], bytes(size))


def overlapping_tags(count: int, pad: int = 0) -> bytes:
    """Return tags that each unpack to the whole block."""
    size = _after(count) + pad - 200
    return _directory([(1_000 + n, 7, size, 8) for n in range(count)], bytes(pad))


def tiff_of_one_tile(side: int, tile: int) -> bytes:
    """Return a small TIFF that lies in one huge tile."""
    body = zeros(tile * tile)
    tags = [*_grey(side, side), (259, 3, 1, 8), (322, 4, 1, tile), (323, 4, 1, tile)]
    tags += [(324, 4, 1, _after(len(tags) + 2)), (325, 4, 1, len(body))]
    return _directory(tags, body)


def tiff_of_strips(count: int) -> bytes:
    """Return a small TIFF with millions of places of strips."""
    tags = [*_grey(*_SIZE), (259, 3, 1, 1), (278, 4, 1, 1)]
    at = _after(len(tags) + 2)
    tags += [(273, 4, count, at), (279, 4, count, at)]
    return _directory(tags, bytes(4 * count))


def flat_tiff_of_floats(width: int, height: int) -> bytes:
    """Return a packed TIFF of floats."""
    out = io.BytesIO()
    Image.new("F", (width, height)).save(out, "TIFF", compression="tiff_adobe_deflate")
    return out.getvalue()


def cyclic_tiff(generator: random.Random) -> bytes:
    """Return a TIFF whose next page is itself."""
    return _page(generator.randbytes(_SIZE[0] * _SIZE[1]), following=8)


def tiff_of_pages(count: int) -> bytes:
    """Return a TIFF of many pages that share their pixels."""
    first = _page(bytes(_SIZE[0] * _SIZE[1]), following=0)
    page = first[8 : _after(9)]
    many = b"".join(
        page[:-4] + struct.pack("<I", len(first) + len(page) * (n + 1) if n < count - 2 else 0)
        for n in range(count - 1)
    )
    return first[: _after(9) - 4] + struct.pack("<I", len(first)) + first[_after(9) :] + many


def _page(pixels: bytes, following: int) -> bytes:
    tags = [*_grey(*_SIZE), (259, 3, 1, 1), (278, 4, 1, _SIZE[1])]
    tags += [(273, 4, 1, _after(len(tags) + 2)), (279, 4, 1, len(pixels))]
    return _directory(tags, pixels, following)


def overlapping_exif_segment() -> bytes:
    """Return a segment of EXIF whose values overlap."""
    return segment(0xE1, b"Exif\0\0" + overlapping_tags(1_000))
