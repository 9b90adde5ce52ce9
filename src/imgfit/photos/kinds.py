"""What a file is, told by its first bytes: the photos that are read, and what is no photo here.

A name says little: a failed download, a pointer of Git LFS or a film ends in ``.jpg`` as easily as
a photo does. Whoever finds such a file wants to hear what it is and how to get the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imgfit.language import Phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

# Bytes that are enough for every mark below.
HEAD_BYTES = 4_096
_FTYP = slice(4, 8)
_BRAND = slice(8, 12)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is that is not a photo, or is one of a format that is not read.

    Attributes:
        name: In both languages, to stand after "is".
        mend: What to do about it, in both languages.
        picture: Whether it shows a picture in a viewer: drawings, films and unread photos do.
    """

    name: Phrase
    mend: Phrase
    picture: bool = False


_EXPORT = Phrase(
    id="buka dengan program pembuatnya dan ekspor sebagai JPEG atau PNG",
    en="open it in the program that made it and export it as JPEG or PNG",
)
_CONVERT = Phrase(
    id="buka di penampil gambar dan simpan sebagai JPEG atau PNG",
    en="open it in a viewer and save it as JPEG or PNG",
)
_DOWNLOAD = Phrase(
    id="unduh lagi fotonya; alamatnya mungkin meminta login atau sudah pindah",
    en="download the photo again; its address may ask for a login or have moved",
)
_UNPACK = Phrase(id="ekstrak dulu isinya", en="unpack it first")


def _kind(id: str, en: str, mend: Phrase, *, picture: bool = False) -> Kind:  # noqa: A002 - the language's name
    return Kind(Phrase(id=id, en=en), mend, picture)


_HTML = _kind("halaman web (HTML), bukan foto", "a web page (HTML), not a photo", _DOWNLOAD)
_XML = _kind("berkas XML, bukan foto", "an XML file, not a photo", _DOWNLOAD)
_JSON = _kind("teks JSON, bukan foto", "JSON text, not a photo", _DOWNLOAD)
_SVG = _kind("gambar vektor (SVG)", "a vector drawing (SVG)", _EXPORT, picture=True)
_PDF = _kind(
    "dokumen PDF, bukan foto",
    "a PDF document, not a photo",
    Phrase(
        id="simpan foto di dalamnya sebagai JPEG atau PNG",
        en="save the photo in it as JPEG or PNG",
    ),
    picture=True,
)
_LFS = _kind(
    "penunjuk Git LFS, bukan fotonya",
    "a Git LFS pointer, not the photo",
    Phrase(
        id="jalankan `git lfs pull` di repositori itu",
        en="run `git lfs pull` in that repository",
    ),
)
_VIDEO = _kind(
    "video, bukan foto",
    "a video, not a photo",
    Phrase(id="simpan satu bingkainya sebagai JPEG", en="save one frame of it as JPEG"),
    picture=True,
)
_SOUND = _kind("rekaman suara, bukan foto", "a sound recording, not a photo", _DOWNLOAD)
_ZIP = _kind(
    "arsip ZIP atau dokumen Office, bukan foto",
    "a ZIP archive or an Office document, not a photo",
    _UNPACK,
)
_ARCHIVE = _kind("arsip terkompresi, bukan foto", "a compressed archive, not a photo", _UNPACK)
_OFFICE = _kind(
    "dokumen Office lama, bukan foto",
    "an old Office document, not a photo",
    Phrase(
        id="simpan foto di dalamnya sebagai JPEG atau PNG",
        en="save the photo in it as JPEG or PNG",
    ),
)
_PROGRAM = _kind("program, bukan foto", "a program, not a photo", _DOWNLOAD)
_LINK = _kind(
    "pintasan Windows, bukan fotonya",
    "a Windows shortcut, not the photo",
    Phrase(id="salin foto yang ditujunya", en="copy the photo that it points to"),
)
_APPLE = _kind(
    "berkas bayangan macOS (AppleDouble), bukan fotonya",
    "a shadow file of macOS (AppleDouble), not the photo",
    Phrase(
        id="pakai berkas bernama sama tanpa `._` di depan",
        en="take the file of the same name without `._` before it",
    ),
)
_BASE64 = _kind(
    "gambar yang ditulis sebagai teks (base64), bukan berkas foto",
    "a picture written as text (base64), not a photo's file",
    Phrase(id="ubah teksnya menjadi berkas gambar", en="decode the text to a picture's file"),
)
_PSD = _kind("dokumen Photoshop (PSD)", "a Photoshop document (PSD)", _EXPORT, picture=True)
_XCF = _kind("dokumen GIMP (XCF)", "a GIMP document (XCF)", _EXPORT, picture=True)
_JXL = _kind(
    "JPEG XL, yang tidak dibaca di sini", "JPEG XL, which is not read here", _CONVERT, picture=True
)
_JP2 = _kind(
    "JPEG 2000, yang tidak dibaca di sini",
    "JPEG 2000, which is not read here",
    _CONVERT,
    picture=True,
)
_RAW = _kind(
    "foto mentah kamera (RAW), yang tidak dibaca di sini",
    "a camera's raw photo, which is not read here",
    _EXPORT,
    picture=True,
)
_ICON = _kind("ikon (ICO)", "an icon (ICO)", _CONVERT, picture=True)
_EPS = _kind("gambar PostScript (EPS)", "a PostScript drawing (EPS)", _EXPORT, picture=True)
_WMF = _kind("gambar WMF/EMF", "a WMF or EMF drawing", _EXPORT, picture=True)
_HDR = _kind(
    "gambar HDR/EXR, yang tidak dibaca di sini",
    "an HDR or EXR picture, which is not read here",
    _CONVERT,
    picture=True,
)
_PLAIN = _kind(
    "gambar PNM atau QOI, yang tidak dibaca di sini",
    "a PNM or QOI picture, which is not read here",
    _CONVERT,
    picture=True,
)
_ZEROS = _kind(
    "berkas berisi nol saja: salinan yang terputus",
    "a file of zeros: a copy that broke off",
    Phrase(id="salin atau unduh lagi berkas aslinya", en="copy or download the original again"),
)
_WORDS = _kind(
    "teks, bukan foto",
    "text, not a photo",
    Phrase(
        id="periksa nama berkasnya, atau ambil lagi fotonya",
        en="check the file's name, or get the photo again",
    ),
)

_MARKS: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF-", _PDF),
    (b"version https://git-lfs.github.com/spec/", _LFS),
    (b"8BPS", _PSD),
    (b"gimp xcf ", _XCF),
    (b"\xff\x0a", _JXL),
    (b"\0\0\0\x0cJXL \r\n\x87\n", _JXL),
    (b"\0\0\0\x0cjP  \r\n\x87\n", _JP2),
    (b"\xff\x4f\xff\x51", _JP2),
    (b"FUJIFILMCCD-RAW", _RAW),
    (b"IIRO", _RAW),
    (b"IIRS", _RAW),
    (b"MMOR", _RAW),
    (b"IIU\0", _RAW),
    (b"FOVb", _RAW),
    (b"\0MRM", _RAW),
    (b"\0\0\1\0", _ICON),
    (b"%!PS", _EPS),
    (b"\xc5\xd0\xd3\xc6", _EPS),
    (b"\xd7\xcd\xc6\x9a", _WMF),
    (b"#?RADIANCE", _HDR),
    (b"#?RGBE", _HDR),
    (b"\x76\x2f\x31\x01", _HDR),
    (b"qoif", _PLAIN),
    (b"\x1a\x45\xdf\xa3", _VIDEO),
    (b"FLV\1", _VIDEO),
    (b"\0\0\1\xba", _VIDEO),
    (b"\0\0\1\xb3", _VIDEO),
    (b"0&\xb2u\x8ef\xcf\x11", _VIDEO),
    (b"ID3", _SOUND),
    (b"OggS", _SOUND),
    (b"fLaC", _SOUND),
    (b"PK\3\4", _ZIP),
    (b"PK\5\6", _ZIP),
    (b"Rar!\x1a\7", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ\0", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", _ARCHIVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OFFICE),
    (b"MZ", _PROGRAM),
    (b"\x7fELF", _PROGRAM),
    (b"L\0\0\0\1\x14\2\0", _LINK),
    (b"\0\5\x16\7", _APPLE),
)
_RIFF = {b"AVI ": _VIDEO, b"WAVE": _SOUND}
# Films of phones and cameras, by the brand that they begin with; a photo's brands are no part.
_BRANDS = {
    **dict.fromkeys(
        (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"qt  ", b"avc1", b"M4V ",
         b"MSNV", b"dash", b"mmp4", b"f4v ", b"3gp4", b"3gp5", b"3gp6", b"3g2a", b"XAVC", b"hvc1"),
        _VIDEO,
    ),
    b"M4A ": _SOUND,
    b"crx ": _RAW,
    b"jp2 ": _JP2,
    b"jxl ": _JXL,
}  # fmt: skip
_BOXES = (b"moov", b"mdat", b"wide", b"free")
_MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!-- ", b"<script", b"<title")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x0b\x1b")
_LEAST_ZEROS = 64
_LEAST_TEXT = 16


def kind_of(head: bytes) -> Kind | None:
    """Tell by a file's first bytes what it is, if it is no photo that is read here.

    Args:
        head: The first `HEAD_BYTES` of the file, or all of it.

    Returns:
        What it is; None for a photo of a format that is read, and for bytes that say nothing.
    """
    return next(_kinds(head[:HEAD_BYTES]), None)


def _kinds(head: bytes) -> Iterator[Kind]:
    for mark, kind in _MARKS:
        if head.startswith(mark):
            yield kind
    if head.startswith(b"RIFF") and head[_BRAND] in _RIFF:
        yield _RIFF[head[_BRAND]]
    if head[_FTYP] == b"ftyp" and head[_BRAND] in _BRANDS:
        yield _BRANDS[head[_BRAND]]
    if head.startswith(b"II*\0") and head[8:10] == b"CR":
        yield _RAW
    if head[_FTYP] in _BOXES:
        yield _VIDEO
    if head[:1] == b"P" and head[1:2] in b"1234567" and head[2:3].isspace():
        yield _PLAIN
    if len(head) >= _LEAST_ZEROS and not head.strip(b"\0"):
        yield _ZEROS
    yield from _kinds_of_text(head)


def _kinds_of_text(head: bytes) -> Iterator[Kind]:
    for mark, code in _BOMS:
        if head.startswith(mark):
            head = head[len(mark) :].decode(code, "ignore").encode()
    text = head.lstrip().lower()
    if text.startswith((b"<?xml", b"<svg", b"<!doctype svg")):
        if b"<svg" in text:
            yield _SVG
        yield _HTML if b"<html" in text else _XML
    if text.startswith(_MARKUP):
        yield _HTML
    if text.startswith(b"data:image/"):
        yield _BASE64
    if text[:1] in (b"{", b"[") and text[1:].lstrip()[:1] in (b'"', b"{", b"}", b"]"):
        yield _JSON
    if len(text) >= _LEAST_TEXT and _is_text(head):
        yield _WORDS


def _is_text(head: bytes) -> bool:
    """Tell whether bytes are words; a letter may be cut at the end."""
    if any(byte < 32 and byte not in _TEXT_CONTROLS for byte in head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and error.reason == "unexpected end of data"
    return True
