"""What a file is that is no photo."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, strategies as st
from PIL import Image

from imgfit.errors import PhotoKindError
from imgfit.photos.kinds import HEAD_BYTES, kind_of
from imgfit.photos.reading import read_photo

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE html><html>403", "a web page (HTML)"),
        (b"\xef\xbb\xbf\r\n <HTML><body>login", "a web page (HTML)"),
        ("<html>login".encode("utf-16"), "a web page (HTML)"),
        (b"<?xml version='1.0'?><!DOCTYPE html><html>", "a web page (HTML)"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code>", "an XML file"),
        (b'{"error": "not found"}', "JSON text"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1", "a Git LFS pointer"),
        (b"%PDF-1.7\n%\xe2", "a PDF document"),
        (SVG, "a vector drawing (SVG)"),
        (b"<?xml version='1.0'?>\n<!-- made by hand -->" + SVG, "a vector drawing (SVG)"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isom", "a video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", "a video"),
        (b"\0\0\0\x08wide\0\0\0\x10mdat", "a video"),
        (b"\x1a\x45\xdf\xa3\x01webm", "a video"),
        (b"RIFF\x10\0\0\0AVI LIST", "a video"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "a sound recording"),
        (b"\0\0\0\x18ftypcrx \0", "a camera's raw photo"),
        (b"FUJIFILMCCD-RAW 0201", "a camera's raw photo"),
        (b"8BPS\0\1", "a Photoshop document"),
        (b"\xff\x0a" + b"\0" * 50, "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"PK\3\4\x14\0", "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
        (b"\0\5\x16\7\0\2\0\0Mac OS X", "a shadow file of macOS"),
        (b"data:image/png;base64,iVBORw0KGgo", "a picture written as text"),
        (b"\0" * 500, "a file of zeros"),
        (b"P6 4 4 255\n", "a PNM or QOI picture"),
        ("Rapat koordinasi di aula désa".encode(), "text"),
    ],
)
def test_what_a_file_is(data: bytes, said: str) -> None:
    kind = kind_of(data)
    assert kind is not None
    assert kind.name.en.startswith(said)
    with pytest.raises(PhotoKindError) as caught:
        read_photo(data)
    for language in ("id", "en"):
        message = caught.value.say(language)
        assert "open it in a viewer and save it again" not in message
        assert getattr(kind.mend, language) in message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "MPO"])
def test_a_photo_is_no_other_kind(kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(out, kind)
    assert kind_of(out.getvalue()) is None


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_are_looked_at_without_an_error(data: bytes) -> None:
    kind = kind_of(data)
    assert kind is None or (kind.name.id and kind.mend.en)
