"""The right pixels of photos that are stored in less usual ways."""

from __future__ import annotations

import io
import struct
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms, ImageDraw, TiffImagePlugin

from imgfit.errors import PhotoUnreadableError
from imgfit.photos.decoding import Pixels, decode_photo
from imgfit.photos.reading import header_facts, read_photo, recall_header

if TYPE_CHECKING:
    from numpy.typing import NDArray


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """A picture that no turn, no swap of colours and no cut leaves the same."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], axis=-1)
    image = Image.fromarray(pixels.astype(np.uint8))
    ImageDraw.Draw(image).rectangle((4, 4, 24, 14), fill=(250, 10, 10))
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def pixels_of(data: bytes, **options: Any) -> NDArray[np.int64]:
    return np.asarray(decode_photo(read_photo(data), **options), np.int64)


def far(one: NDArray[np.int64], other: Image.Image) -> float:
    """Mean difference of colours, in steps of 8 bits."""
    return float(np.abs(one - np.asarray(other.convert("RGB"), np.int64)).mean())


# --- turns ---------------------------------------------------------------------------------------


def heic(turn: int, *, own: bool) -> bytes:
    exif = Image.Exif()
    exif[0x112] = turn
    out = io.BytesIO()
    pillow_heif.from_pillow(scene()).save(out, quality=100, exif=exif.tobytes())
    data = out.getvalue()
    return data if own else data.replace(b"irot", b"skip").replace(b"imir", b"skip")


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(
    ("turn", "upright"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_270),
        (8, Image.Transpose.ROTATE_90),
    ],
)
def test_a_heic_is_turned_once_by_its_own_turn_or_else_by_exif(
    turn: int, upright: Image.Transpose | None, *, own: bool
) -> None:
    right = scene() if upright is None else scene().transpose(upright)
    assert far(pixels_of(heic(turn, own=own)), right) < 6


# --- TIFF ----------------------------------------------------------------------------------------


def planar(order: str = "<", *, strips: int = 1, cut: int = 0) -> bytes:
    """A 16-bit TIFF whose red, green and blue lie apart."""
    pixels = np.asarray(scene(), np.uint16) * 257
    height, width, _ = pixels.shape
    rows, at = height // strips, 400
    band = rows * width * 2
    places = tuple(at + i * band for i in range(3 * strips))
    tags = [
        (256, 3, (width,)), (257, 3, (height,)), (258, 3, (16,) * 3), (259, 3, (1,)),
        (262, 3, (2,)), (273, 4, places), (277, 3, (3,)), (278, 3, (rows,)),
        (279, 4, (band,) * len(places)), (284, 3, (2,)),
    ]  # fmt: skip
    fields = extra = b""
    base = 8 + 2 + 12 * len(tags) + 4
    for tag, kind, values in tags:
        packed = struct.pack(f"{order}{len(values)}{'H' if kind == 3 else 'I'}", *values)
        head = struct.pack(f"{order}HHI", tag, kind, len(values))
        if len(packed) > 4:
            head += struct.pack(f"{order}I", base + len(extra))
            extra += packed
        else:
            head += packed.ljust(4, b"\0")
        fields += head
    mark = b"II*\0" if order == "<" else b"MM\0*"
    start = mark + struct.pack(f"{order}IH", 8, len(tags)) + fields + b"\0" * 4 + extra
    body = pixels.transpose(2, 0, 1).astype(f"{order}u2").tobytes()
    return start.ljust(at, b"\0") + body[: len(body) - cut]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("strips", [1, 8])
def test_wide_colours_in_planes(order: str, strips: int) -> None:
    assert far(pixels_of(planar(order, strips=strips)), scene()) == 0


def test_wide_colours_in_planes_that_are_cut_off() -> None:
    with pytest.raises(PhotoUnreadableError, match="a part of the picture is missing"):
        pixels_of(planar(cut=100))


def pages(*images: tuple[Image.Image, dict[int, int]]) -> bytes:
    """A TIFF of pages with tags of their own."""
    out = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out, new=True) as writer:
        for image, tags in images:
            info = TiffImagePlugin.ImageFileDirectory_v2()
            for tag, value in tags.items():
                info[tag] = value
            image.save(writer, "TIFF", tiffinfo=info)
            writer.newFrame()
    return out.getvalue()


SMALL = scene().resize((24, 16)).convert("L").convert("RGB")
OTHER = Image.new("RGB", (64, 96), "navy")


@pytest.mark.parametrize(
    ("data", "several"),
    [
        pytest.param(pages((scene(), {})), False, id="one page"),
        pytest.param(pages((SMALL, {254: 1}), (scene(), {})), False, id="thumbnail, marked"),
        pytest.param(pages((SMALL, {255: 2}), (scene(), {255: 1})), False, id="marked as of old"),
        pytest.param(pages((SMALL, {}), (scene(), {})), False, id="thumbnail, not marked"),
        pytest.param(pages((scene(), {}), (SMALL, {254: 1})), False, id="thumbnail after it"),
        pytest.param(pages((scene(), {}), (OTHER, {})), True, id="two pages"),
        pytest.param(pages((scene(), {254: 2}), (OTHER, {254: 2})), True, id="pages, marked"),
        pytest.param(pages((OTHER, {254: 4}), (scene(), {})), False, id="a mask before it"),
        pytest.param(pages((scene(), {254: 1}), (SMALL, {254: 1})), False, id="all marked"),
    ],
)
def test_the_photo_among_the_pages_of_a_tiff(data: bytes, *, several: bool) -> None:
    file = read_photo(data)
    assert (file.width, file.height) == scene().size
    assert file.animated is several
    assert far(pixels_of(data), scene()) == 0


def test_pages_that_lead_in_a_circle_end() -> None:
    data = bytearray(pages((scene(), {}), (OTHER, {})))
    (first,) = struct.unpack_from("<L", data, 4)
    (count,) = struct.unpack_from("<H", data, first)
    (second,) = struct.unpack_from("<L", data, first + 2 + 12 * count)
    (more,) = struct.unpack_from("<H", data, second)
    struct.pack_into("<L", data, second + 2 + 12 * more, first)
    assert far(pixels_of(bytes(data)), scene()) == 0


# --- greys ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey_of_a_sensor_in_a_box_of_16_bits(bits: int, kind: str) -> None:
    top = 2**bits - 1
    ramp = np.tile(np.linspace(0, top, 64).astype(np.uint16), (32, 1))
    row = pixels_of(saved(Image.fromarray(ramp), kind))[0, :, 0]
    assert row == pytest.approx(np.linspace(0, 255, 64), abs=1.5)


@pytest.mark.parametrize(
    ("low", "high", "black", "white"),
    [
        (0.25, 0.75, 64, 191),  # of 0 to 1: not stretched
        (50.0, 200.0, 50, 200),  # of 0 to 255
        (0.0, 65535.0, 0, 255),
        (-1.0, 3.0, 0, 255),  # of no range that has a name: its own
        (-0.02, 1.03, 0, 255),  # sharpened a little beyond
    ],
)
def test_floats_by_the_range_that_they_were_written_in(
    low: float, high: float, black: int, white: int
) -> None:
    ramp = np.tile(np.linspace(low, high, 64, dtype=np.float32), (32, 1))
    row = pixels_of(saved(Image.fromarray(ramp), "TIFF"))[0, :, 0]
    assert (row[0], row[-1]) == (pytest.approx(black, abs=1), pytest.approx(white, abs=1))


def test_one_broken_pixel_does_not_darken_the_rest() -> None:
    values = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (64, 1))
    values[0, 0], values[1, 1] = 1e30, np.inf
    row = pixels_of(saved(Image.fromarray(values), "TIFF"))[5, :, 0]
    assert row == pytest.approx(np.linspace(0, 255, 64), abs=1.5)


# --- JPEG ----------------------------------------------------------------------------------------

NOISE = Image.fromarray(np.random.default_rng(3).integers(0, 255, (64, 96, 3), np.uint8))
KINDS = [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}]


@pytest.mark.parametrize("options", KINDS)
@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_without_its_end_mark_is_whole(options: dict[str, Any], missing: int) -> None:
    data = saved(NOISE, "JPEG", **options)
    assert (pixels_of(data[:-missing]) == pixels_of(data)).all()
    scaled = pixels_of(data[:-missing], short_side=16)
    assert (scaled == pixels_of(data, short_side=16)).all()


@pytest.mark.parametrize("image", [NOISE.convert("L"), NOISE.convert("CMYK")])
def test_so_is_one_of_other_colours(image: Image.Image) -> None:
    data = saved(image, "JPEG")
    assert (pixels_of(data[:-2]) == pixels_of(data)).all()


@pytest.mark.parametrize("options", KINDS[:3])
@pytest.mark.parametrize("share", [0.5, 0.75, 0.9])
def test_a_jpeg_that_lacks_a_part_is_said_to_be_cut_off(
    options: dict[str, Any], share: float
) -> None:
    data = saved(NOISE, "JPEG", **options)
    if options.get("progressive") and share > 0.7:
        # Only the finest bits of the last scan are missing: every pixel is there.
        assert pixels_of(data[: int(len(data) * 0.98)]).shape == (64, 96, 3)
        return
    with pytest.raises(PhotoUnreadableError, match="cut off: a part of the picture is missing"):
        pixels_of(data[: int(len(data) * share)])


def test_a_jpeg_of_200_megapixels_is_scaled_while_it_is_decoded() -> None:
    data = saved(Image.new("L", (16_320, 12_240), 128), "JPEG", quality=20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        file = read_photo(data)
        assert decode_photo(file, short_side=224).size == (2040, 1530)
    again = recall_header("a", data, file.digest, header_facts(file))
    assert again is not None
    assert (again.width, again.height) == (16_320, 12_240)


# --- transparent ---------------------------------------------------------------------------------


def logo(colour: str, mode: str = "RGBA") -> Image.Image:
    image = Image.new("RGBA", (96, 64), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((20, 10, 76, 54), fill=colour)
    return image.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_a_white_drawing_is_laid_on_a_ground_that_shows_it(mode: str) -> None:
    for image in (logo("white", mode), logo("#f4f4f4", mode)):
        pixels = pixels_of(saved(image, "PNG"))
        assert pixels[2, 2].max() < 100
        assert pixels[32, 48].min() > 240
        assert np.array_equal(
            np.frombuffer(Pixels.of(image), np.uint8).reshape(pixels.shape), pixels
        )


@pytest.mark.parametrize("colour", ["black", "red", "yellow", "#888888"])
def test_any_other_drawing_is_laid_on_white(colour: str) -> None:
    pixels = pixels_of(saved(logo(colour), "PNG"))
    assert pixels[2, 2].min() == 255


def test_a_bright_photo_with_round_corners_is_laid_on_white() -> None:
    image = Image.new("RGBA", (96, 64), "white")
    image.paste((0, 0, 0, 0), (0, 0, 4, 4))
    assert pixels_of(saved(image, "PNG"))[0, 0].min() == 255


# --- colours -------------------------------------------------------------------------------------

# Display P3's primaries, brought to D50.
P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7139))
CURVE = b"para\0\0\0\0\0\3\0\0" + struct.pack(
    ">5l", *(round(65536 * n) for n in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)


def profile(primaries: Any, curve: bytes = CURVE, extra: bytes = b"") -> bytes:
    """A profile of three primaries and a curve."""
    bodies = {
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3l", 63190, 65536, 54061),
        **{
            name: b"XYZ \0\0\0\0" + struct.pack(">3l", *(round(65536 * n) for n in primary))
            for name, primary in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
        },
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    at = 128 + 4 + 12 * len(bodies)
    table = block = b""
    for name, body in bodies.items():
        table += name + struct.pack(">LL", at + len(block), len(body))
        block += body + b"\0" * (-len(body) % 4)
    rest = struct.pack(">L", len(bodies)) + table + block + extra
    header = struct.pack(">L4sL", 128 + len(rest), b"lcms", 0x04300000) + b"mntrRGB XYZ "
    header = header.ljust(36, b"\0") + b"acsp"
    header = header.ljust(68, b"\0") + struct.pack(">3l", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + rest


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_wide_gamut_colours_are_brought_to_srgb(kind: str) -> None:
    # By the matrices: (200, 80, 60) of Display P3 is (216, 72, 49) of sRGB.
    options = {} if kind in ("PNG", "TIFF") else {"quality": 100}
    image = Image.new("RGB", (40, 40), (200, 80, 60))
    data = saved(image, kind, icc_profile=profile(P3), **options)
    assert pixels_of(data)[20, 20] == pytest.approx(np.array([216, 72, 49]), abs=4)
    assert read_photo(data).special


def test_the_profile_of_srgb_and_grey_stay_as_they_are() -> None:
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (own, profile(SRGB)):
        data = saved(scene(), "PNG", icc_profile=icc)
        assert far(pixels_of(data), scene()) == 0
        assert not read_photo(data).special
    grey = Image.new("RGB", (40, 40), (120, 120, 120))
    assert pixels_of(saved(grey, "PNG", icc_profile=profile(P3)))[9, 9] == pytest.approx(120, abs=1)


@pytest.mark.parametrize(
    "icc",
    [
        b"no profile at all" * 20,
        profile(P3)[:200],
        profile(P3).replace(b"gXYZ", b"xXYZ"),
        profile(P3, curve=b"curv\0\0\0\0\xff\xff\xff\xff"),
        profile(P3, curve=b"mft2" + b"\0" * 40),
        profile(P3, extra=b"\0" * 300_000),
    ],
)
def test_a_profile_that_is_damaged_or_no_simple_one_changes_nothing(icc: bytes) -> None:
    assert far(pixels_of(saved(scene(), "PNG", icc_profile=icc)), scene()) == 0


# --- what is cached ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "special"),
    [
        (saved(scene(), "JPEG"), False),
        (saved(scene(), "PNG"), False),
        (saved(scene().convert("L"), "JPEG"), False),
        (saved(scene().convert("P"), "GIF"), False),
        (saved(scene(), "WEBP"), False),
        (saved(logo("red"), "PNG"), True),
        (saved(scene(), "TIFF"), True),
        (heic(1, own=True), True),
        (saved(Image.fromarray(np.zeros((32, 32), np.uint16)), "PNG"), True),
    ],
)
def test_photos_with_rules_of_their_own_are_known_from_their_header(
    data: bytes, *, special: bool
) -> None:
    file = read_photo(data)
    assert file.special is special
    again = recall_header(file.name, data, file.digest, header_facts(file))
    assert again == file
