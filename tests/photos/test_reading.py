"""From files of every kind to upright RGB, and named errors for the rest."""

from __future__ import annotations

import io
import os
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from blake3 import blake3
from PIL import Image

from imgfit.errors import (
    PhotoError,
    PhotoMissingError,
    PhotoShapeError,
    PhotoTooLargeError,
    PhotoUnreadableError,
)
from imgfit.photos import decoding, size_limits
from imgfit.photos.decoding import decode_photo, decoding_bytes
from imgfit.photos.reading import (
    PhotoFile,
    bytes_to_read,
    read_photo,
    recall_header,
)
from tests.support.hostile_files import encoded

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


@pytest.mark.parametrize("turn", [3, 6, 8])
@pytest.mark.parametrize("suffix", ["png", "webp", "tiff", "avif"])
def test_exif_turns_every_format_that_carries_it(tmp_path: Path, suffix: str, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    corner_photo().save(tmp_path / f"a.{suffix}", exif=exif)
    corners = {3: (1, 1), 6: (1, 0), 8: (0, 1)}
    assert red_corner(decoded(tmp_path / f"a.{suffix}")) == corners[turn]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_damaged_exif_block_counts_as_none(tmp_path: Path) -> None:
    corner_photo().save(tmp_path / "a.jpg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage")
    assert red_corner(decoded(tmp_path / "a.jpg")) == (0, 0)


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("RGBA", "png"), ("RGBA", "webp"), ("RGBA", "tiff"), ("RGBA", "avif"), ("RGBA", "heic"),
     ("LA", "png"), ("LA", "tiff"), ("PA", "tiff"), ("P", "png"), ("P", "gif"), ("L", "png"),
     ("RGB", "png")],
)  # fmt: skip
def test_transparent_is_white(tmp_path: Path, mode: str, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    if mode.endswith("A"):
        image = Image.new(mode.removesuffix("A"), (40, 40))  # black
        if mode == "PA":
            image.putpalette([0, 0, 0] * 256)
        alpha = Image.new("L", (40, 40), 255)
        alpha.paste(0, (0, 0, 20, 40))
        image.putalpha(alpha)
        assert image.mode == mode
        image.save(path)
    else:  # one colour stands for nothing
        grey = Image.new("L", (40, 40), 0)
        grey.paste(200, (20, 0, 40, 40))
        image = grey.convert(mode)
        see_through = image.getpixel((0, 0))
        image.save(path, transparency=see_through)
    pixels = np.asarray(decoded(path))
    assert pixels[:, :15].min() >= 250
    assert pixels[:, 25:].max() <= 205


def test_half_transparent_is_half_white(tmp_path: Path) -> None:
    Image.new("RGBA", (40, 40), (0, 0, 0, 128)).save(tmp_path / "a.png")
    assert np.asarray(decoded(tmp_path / "a.png"), np.int64) == pytest.approx(127, abs=1)


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("CMYK", "jpg"), ("CMYK", "tiff"), ("YCbCr", "jpg"), ("L", "jpg"), ("L", "png"), ("1", "png"),
     ("1", "tiff"), ("P", "gif"), ("P", "png")],
)  # fmt: skip
def test_other_modes_become_rgb(tmp_path: Path, mode: str, suffix: str) -> None:
    image = Image.new("RGB", (40, 30), "white")
    image.paste("black", (0, 0, 20, 30))
    image.convert(mode).save(tmp_path / f"a.{suffix}")
    image = decoded(tmp_path / f"a.{suffix}")
    assert image.mode == "RGB"
    pixels = np.asarray(image)
    assert pixels[:, :15].max() < 10
    assert pixels[:, 25:].min() > 245


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_sixteen_bits_keep_their_range(tmp_path: Path, suffix: str) -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (32, 1))
    Image.fromarray(ramp).save(tmp_path / f"a.{suffix}")
    row = np.asarray(decoded(tmp_path / f"a.{suffix}"))[0, :, 0]
    assert row == pytest.approx(np.linspace(0, 255, 64), abs=1.5)


@pytest.mark.parametrize(("kind", "top"), [(">u2", 65535), ("<i4", 65535), ("<i4", 2_000_000)])
def test_wide_integers_keep_their_range(tmp_path: Path, kind: str, top: int) -> None:
    ramp = np.tile(np.linspace(0, top, 64).astype(kind), (32, 1))
    Image.fromarray(ramp).save(tmp_path / "a.tiff")
    row = np.asarray(decoded(tmp_path / "a.tiff"))[0, :, 0]
    assert row == pytest.approx(np.linspace(0, 255, 64), abs=1.5)


def test_eight_bits_in_a_wide_box_are_not_made_dark(tmp_path: Path) -> None:
    ramp = np.tile(np.arange(0, 256, 4).astype("<i4"), (32, 1))
    Image.fromarray(ramp).save(tmp_path / "a.tiff")
    assert (np.asarray(decoded(tmp_path / "a.tiff"))[0, :, 0] == ramp[0]).all()


def test_one_flat_or_broken_value_is_no_error(tmp_path: Path) -> None:
    values = np.full((32, 32), 0.5, np.float32)
    values[0, 0] = np.nan
    Image.fromarray(values).save(tmp_path / "a.tiff")
    assert np.asarray(decoded(tmp_path / "a.tiff"))[5, 5] == pytest.approx([128] * 3)
    Image.fromarray(np.full((32, 32), 7, np.float32)).save(tmp_path / "b.tiff")
    assert decoded(tmp_path / "b.tiff").size == (32, 32)


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


@pytest.mark.parametrize(
    ("size", "short_side", "expected"),
    [((640, 480), 60, (80, 60)), ((640, 480), 61, (160, 120)), ((480, 640), 100, (120, 160)),
     ((640, 480), 240, (320, 240)), ((640, 480), 241, (640, 480)), ((64, 48), 224, (64, 48)),
     ((1001, 203), 101, (501, 102))],
)  # fmt: skip
@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_both_sides_stay_as_long_as_asked(
    size: tuple[int, int], short_side: int, expected: tuple[int, int], options: dict[str, bool]
) -> None:
    out = io.BytesIO()
    corner_photo(*size).save(out, "JPEG", **options)
    image = decode_photo(read_photo(out.getvalue()), short_side=short_side)
    assert image.size == expected
    assert min(image.size) >= min(short_side, *size)


def test_only_jpeg_is_scaled_while_decoding() -> None:
    out = io.BytesIO()
    corner_photo(640, 480).save(out, "PNG")
    assert decode_photo(read_photo(out.getvalue()), short_side=60).size == (640, 480)


def test_a_turned_jpeg_is_scaled_and_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    corner_photo(640, 480).save(tmp_path / "a.jpg", exif=exif)
    file = read_photo(tmp_path / "a.jpg")
    image = decode_photo(file, short_side=100)
    assert (file.width, file.height) == (640, 480)
    assert (image.size, red_corner(image)) == ((120, 160), (1, 0))


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "avif"])
def test_animated_pictures_show_their_first_frame(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    path = tmp_path / f"a.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    file = read_photo(path)
    assert file.animated
    assert np.asarray(decode_photo(file), np.int64)[5, 5] == pytest.approx([255, 0, 0], abs=12)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_still_picture_is_not_animated(tmp_path: Path, suffix: str) -> None:
    corner_photo().save(tmp_path / f"a.{suffix}")
    assert not read_photo(tmp_path / f"a.{suffix}").animated


def test_a_second_picture_in_a_phone_photo_is_no_animation() -> None:
    out = io.BytesIO()
    preview = corner_photo(40, 30)
    corner_photo().save(out, "MPO", save_all=True, append_images=[preview])
    file = read_photo(out.getvalue())
    assert (file.format, file.animated) == ("MPO", False)
    assert decode_photo(file).size == (80, 60)
    assert red_corner(decode_photo(file)) == (0, 0)


def test_content_says_the_format_and_not_the_suffix(tmp_path: Path) -> None:
    corner_photo().save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    file = read_photo(tmp_path / "a.jpg")
    assert (file.format, file.width, file.height) == ("PNG", 80, 60)
    assert file.name == str(tmp_path / "a.jpg")


def test_the_digest_is_that_of_the_whole_file(tmp_path: Path) -> None:
    corner_photo().save(tmp_path / "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes() + b"trailing bytes count too"
    (tmp_path / "a.jpg").write_bytes(data)
    assert read_photo(tmp_path / "a.jpg").digest == blake3(data).hexdigest()
    assert read_photo(tmp_path / "a.jpg").data == data


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
        mode = error.code
    assert mode in ("RGB", "PhotoUnreadableError")
    if share == 0:
        assert mode == "PhotoUnreadableError"


def outcome(data: bytes) -> str:
    """Return the mode that bytes decode to, or the name of the error that refuses them."""
    try:
        return decode_photo(read_photo(data), short_side=16).mode
    except PhotoError as error:
        return error.code


def moving(suffix: str) -> bytes:
    generator = np.random.default_rng(1)
    frames = [Image.fromarray(generator.integers(0, 255, (48, 64, 3), np.uint8)) for _ in range(3)]
    out = io.BytesIO()
    frames[0].save(out, suffix, save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "avif"])
def test_truncated_animations_end_in_a_photo_or_a_named_error(suffix: str) -> None:
    data = moving(suffix)
    cuts = {*range(0, 900, 7), *range(900, len(data), 61)}
    outcomes = {outcome(data[:cut]) for cut in cuts}
    assert "PhotoUnreadableError" in outcomes
    assert outcomes <= {"RGB", "PhotoUnreadableError"}


def test_an_animation_cut_in_its_second_frame_is_a_still() -> None:
    whole = moving("gif")
    one = io.BytesIO()
    Image.open(io.BytesIO(whole)).save(one, "GIF")
    lengths = range(len(one.getvalue()), len(one.getvalue()) + 60)
    files = [read_photo(whole[:length]) for length in lengths]
    assert {decode_photo(file).size for file in files} == {(64, 48)}
    assert not files[0].animated


@pytest.mark.parametrize("suffix", FORMATS)
def test_damaged_photos_end_in_a_photo_or_a_named_error(tmp_path: Path, suffix: str) -> None:
    generator = np.random.default_rng(2)
    Image.fromarray(generator.integers(0, 255, (48, 64, 3), np.uint8)).save(
        tmp_path / f"a.{suffix}"
    )
    whole = (tmp_path / f"a.{suffix}").read_bytes()
    outcomes = set()
    for reach in (60, 300, len(whole)):
        for _ in range(25):
            data = bytearray(whole)
            for place in generator.integers(0, min(reach, len(whole)), 4):
                data[place] = generator.integers(0, 256)
            outcomes.add(outcome(bytes(data)))
    assert "PhotoUnreadableError" in outcomes
    assert outcomes <= {"RGB", "PhotoUnreadableError", "PhotoShapeError", "PhotoTooLargeError"}


def declared_jpeg(width: int, height: int, *, progressive: bool = False) -> bytes:
    """Return a JPEG whose header declares another size than it holds."""
    out = io.BytesIO()
    corner_photo().save(out, "JPEG", progressive=progressive)
    data = bytearray(out.getvalue())
    frame = data.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


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
        (declared_png(10_000, 10_000), PhotoTooLargeError),
        (declared_jpeg(25_001, 10_000), PhotoTooLargeError),
        (declared_jpeg(12_500, 10_000, progressive=True), PhotoTooLargeError),
        (declared_png(5_000, 3), PhotoShapeError),
        (declared_png(3, 5_000), PhotoShapeError),
        (declared_png(1, 1), PhotoShapeError),
        (declared_png(15, 100), PhotoShapeError),
        (declared_png(100, 2_001), PhotoShapeError),
    ],
)
def test_bad_bytes_are_named_before_decoding(data: bytes, error: type[PhotoError]) -> None:
    with pytest.raises(error):
        read_photo(data)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (declared_png(16, 320), (16, 320)),
        (declared_png(7_000, 7_000), (7_000, 7_000)),
        (declared_jpeg(12_000, 9_000), (12_000, 9_000)),  # a phone of 108 MP
        (declared_jpeg(16_320, 12_240), (16_320, 12_240)),  # a phone of 200 MP
    ],
)
def test_what_is_just_within_limits_is_let_in(data: bytes, size: tuple[int, int]) -> None:
    file = read_photo(data)
    assert (file.width, file.height) == size


def test_a_bmp_is_read_within_the_same_limits() -> None:
    out = io.BytesIO()
    corner_photo().save(out, "BMP")
    data = bytearray(out.getvalue())
    assert red_corner(decode_photo(read_photo(bytes(data)))) == (0, 0)
    data[18:26] = struct.pack("<ll", 30_000, 30_000)
    with pytest.raises(PhotoTooLargeError):
        read_photo(bytes(data))


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoMissingError, match=r"missing\.jpg"):
        read_photo(tmp_path / "missing.jpg")
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(PhotoUnreadableError, match="not a file"):
        read_photo(tmp_path / "folder.jpg")
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(PhotoUnreadableError, match="the file is empty"):
        read_photo(tmp_path / "empty.jpg")
    (tmp_path / "text.jpg").write_text("Rapat di aula desa\n")
    with pytest.raises(PhotoUnreadableError, match="is text, not a photo"):
        read_photo(tmp_path / "text.jpg")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    for name in ("loop.jpg", "a\0b.jpg", "x" * 300 + ".jpg"):
        with pytest.raises(PhotoUnreadableError, match="cannot read"):
            read_photo(tmp_path / name)
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(PhotoUnreadableError, match="not a file"):
        read_photo(tmp_path / "pipe.jpg")


def test_the_limit_of_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corner_photo().save(tmp_path / "a.png")
    monkeypatch.setattr(size_limits, "MAX_BYTES", 50)
    for source in (tmp_path / "a.png", (tmp_path / "a.png").read_bytes()):
        with pytest.raises(PhotoTooLargeError, match="limit"):
            read_photo(source)


# --- what decoding holds -------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "CMYK", "YCbCr", "LAB", "I;16", "I", "F", "1"])
def test_bands_are_one_picture(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    kind = "PNG" if mode in ("RGBA", "LA", "P", "1") else "TIFF"
    file = read_photo(encoded(kind, mode, (64, 48)))
    whole = np.asarray(decode_photo(file))
    monkeypatch.setattr(decoding, "_BAND_PIXELS", 100)  # a row each
    assert np.array_equal(np.asarray(decode_photo(file)), whole)


@pytest.mark.parametrize(
    ("kind", "limit"), [("WEBP", 25_000_000), ("AVIF", 36_000_000), ("TIFF", 50_000_000)]
)
def test_formats_whose_decoders_hold_more_have_lower_limits(kind: str, limit: int) -> None:
    facts = f"{kind} 5000 {limit // 5000} 0 0".encode()
    assert recall_header("a", b"", "0", facts) is not None
    with pytest.raises(PhotoTooLargeError, match=f"limit {limit / 1e6:.0f} MP"):
        recall_header("a", b"", "0", f"{kind} 5000 {limit // 5000 + 1} 0 0".encode())


@pytest.mark.parametrize("suffix", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF"])
def test_a_decoded_photo_holds_no_decoder(suffix: str) -> None:
    # WebP's keeps eight bytes a pixel for as long as its image lives.
    image = decode_photo(read_photo(encoded(suffix, "RGB")))
    assert type(image) is Image.Image
    assert not hasattr(image, "fp")


def test_what_an_avif_holds_is_not_believed_from_its_header() -> None:
    small = PhotoFile("a", b"", "0", "AVIF", 640, 480, animated=False)
    assert decoding_bytes(small) == decoding.DECODING_BYTES
    jpeg = PhotoFile("a", b"", "0", "JPEG", 640, 480, animated=False)
    assert decoding_bytes(jpeg) < 1_000_000


def test_a_file_s_bytes_are_known_before_it_is_read(tmp_path: Path) -> None:
    corner_photo().save(tmp_path / "a.png")
    size = (tmp_path / "a.png").stat().st_size
    sources = (tmp_path / "a.png", b"abc", tmp_path / "none.png", "a\0b")
    assert [bytes_to_read(source) for source in sources] == [size, 0, 0, 0]
