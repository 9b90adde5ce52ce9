"""From files of every kind to upright RGB, and named errors for the rest."""

from __future__ import annotations

import io
import os
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from imgfit import photos
from imgfit.errors import (
    PhotoError,
    PhotoMissingError,
    PhotoShapeError,
    PhotoTooLargeError,
    PhotoUnreadableError,
)
from imgfit.photos import decode_photo, read_photo

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ["jpg", "png", "webp", "gif", "tiff", "avif", "heic"]


def corner_photo(width: int = 80, height: int = 60) -> Image.Image:
    """Blue, with the upper left quarter red."""
    image = Image.new("RGB", (width, height), (20, 30, 200))
    image.paste((210, 20, 20), (0, 0, width // 2, height // 2))
    return image


def decoded(path: Path) -> Image.Image:
    return decode_photo(read_photo(path))


def red_corner(image: Image.Image) -> tuple[int, int]:
    """Return which quarter is red, as (column, row)."""
    small = np.asarray(image.resize((2, 2), Image.Resampling.BOX), np.int64)
    row, column = np.unravel_index((small[..., 0] - small[..., 2]).argmax(), (2, 2))
    return int(column), int(row)


@pytest.mark.parametrize("suffix", [*FORMATS, "JPG", "Png"])
def test_every_format_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    corner_photo().save(path)
    image = decoded(path)
    assert (image.mode, image.size) == ("RGB", (80, 60))
    assert np.asarray(image, np.int64)[5, 5] == pytest.approx([210, 20, 20], abs=25)
    assert np.asarray(image, np.int64)[50, 70] == pytest.approx([20, 30, 200], abs=25)


@pytest.mark.parametrize(
    ("turn", "corner"),
    [(1, (0, 0)), (2, (1, 0)), (3, (1, 1)), (4, (0, 1)), (5, (0, 0)), (6, (1, 0)), (7, (1, 1)),
     (8, (0, 1))],
)  # fmt: skip
def test_exif_turns(tmp_path: Path, turn: int, corner: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    corner_photo().save(tmp_path / "a.jpg", exif=exif)
    image = decoded(tmp_path / "a.jpg")
    assert red_corner(image) == corner
    assert image.size == ((80, 60) if turn < 5 else (60, 80))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_damaged_exif_block_counts_as_none(tmp_path: Path) -> None:
    corner_photo().save(tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage")
    assert red_corner(decoded(tmp_path / "a.jpg")) == (0, 0)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_transparent_is_white(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    if mode == "P":
        image = Image.new("P", (40, 40), 0)
        image.putpalette([0, 0, 0] * 256)
        image.save(tmp_path / "a.png", transparency=0)
    else:
        image = image.convert("LA") if mode != "RGBA" else image
        image.save(tmp_path / "a.png")
    assert np.asarray(decoded(tmp_path / "a.png")).min() == 255


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "YCbCr"])
def test_other_modes_become_rgb(tmp_path: Path, mode: str) -> None:
    suffix = "tiff" if mode == "1" else "jpg"
    Image.new("RGB", (40, 30), "white").convert(mode).save(tmp_path / f"a.{suffix}")
    image = decoded(tmp_path / f"a.{suffix}")
    assert image.mode == "RGB"
    assert np.asarray(image).min() > 245


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_sixteen_bits_keep_their_range(tmp_path: Path, suffix: str) -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (32, 1))
    Image.fromarray(ramp).save(tmp_path / f"a.{suffix}")
    row = np.asarray(decoded(tmp_path / f"a.{suffix}"))[0, :, 0]
    assert row == pytest.approx(np.linspace(0, 255, 64), abs=1.5)


def test_floats_keep_their_range(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(-1, 3, 64, dtype=np.float32), (32, 1))
    Image.fromarray(ramp).save(tmp_path / "a.tiff")
    row = np.asarray(decoded(tmp_path / "a.tiff"))[0, :, 0]
    assert row == pytest.approx(np.linspace(0, 255, 64), abs=1.5)


def test_jpeg_is_scaled_while_decoding_but_never_too_far(tmp_path: Path) -> None:
    y, x = np.mgrid[0:900, 0:1200]
    smooth = np.stack([x / 5, y / 4, (x + y) / 9], axis=-1).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95)
    file = read_photo(tmp_path / "a.jpg")
    small, whole = decode_photo(file, short_side=224), decode_photo(file)
    assert whole.size == (1200, 900)
    assert small.size == (300, 225)
    reference = np.asarray(whole.resize((224, 224), Image.Resampling.BICUBIC), np.float64)
    scaled = np.asarray(small.resize((224, 224), Image.Resampling.BICUBIC), np.float64)
    assert np.abs(reference - scaled).mean() < 1


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_animated_pictures_show_their_first_frame(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    path = tmp_path / f"a.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    file = read_photo(path)
    assert file.animated
    assert np.asarray(decode_photo(file), np.int64)[5, 5] == pytest.approx([255, 0, 0], abs=12)


def test_bytes_and_path_are_the_same_photo(tmp_path: Path) -> None:
    corner_photo().save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    assert read_photo(data).digest == read_photo(str(tmp_path / "a.png")).digest
    assert read_photo(data).digest != read_photo(data + b"\0").digest


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("share", range(10))
def test_truncated_photos_end_in_a_photo_or_a_named_error(
    tmp_path: Path, suffix: str, share: int
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / f"whole.{suffix}")
    data = (tmp_path / f"whole.{suffix}").read_bytes()
    data = data[: len(data) * share // 10]
    try:
        mode = decode_photo(read_photo(data)).mode
    except PhotoError as error:
        mode = error.name
    assert mode in ("RGB", "PhotoUnreadableError")
    if share == 0:
        assert mode == "PhotoUnreadableError"


def declared_png(width: int, height: int) -> bytes:
    """Return a PNG whose header declares a size that its few bytes do not hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", PhotoUnreadableError),
        (b"this is text, whatever its name says", PhotoUnreadableError),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PhotoUnreadableError),
        (b"%PDF-1.7 ...", PhotoUnreadableError),
        (declared_png(30_000, 30_000), PhotoTooLargeError),
        (declared_png(8_000, 7_000), PhotoTooLargeError),
        (declared_png(5_000, 3), PhotoShapeError),
        (declared_png(1, 1), PhotoShapeError),
    ],
)
def test_bad_bytes_are_named_before_decoding(data: bytes, error: type[PhotoError]) -> None:
    with pytest.raises(error):
        read_photo(data)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_large_bmp_is_not_let_near_a_decoder() -> None:
    out = io.BytesIO()
    corner_photo().save(out, "BMP")
    with pytest.raises(PhotoUnreadableError, match="no known photo format"):
        read_photo(out.getvalue())


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoMissingError, match=r"missing\.jpg"):
        read_photo(tmp_path / "missing.jpg")
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(PhotoUnreadableError, match="not a file"):
        read_photo(tmp_path / "folder.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(PhotoUnreadableError, match="not a file"):
        read_photo(tmp_path / "pipe.jpg")


def test_the_limit_of_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corner_photo().save(tmp_path / "a.png")
    monkeypatch.setattr(photos, "MAX_BYTES", 50)
    for source in (tmp_path / "a.png", (tmp_path / "a.png").read_bytes()):
        with pytest.raises(PhotoTooLargeError, match="limit"):
            read_photo(source)
