"""Photos that ask for far more than they show are refused before a decoder sees them."""

from __future__ import annotations

import io
import random
import re
import struct

import pytest
from PIL import Image

from imgfit.errors import PhotoUnreadableError
from imgfit.photos.decoding import decode_photo
from imgfit.photos.format_limits import require_modest, require_modest_tags
from imgfit.photos.reading import read_photo
from tests.support import hostile_files as made

GENERATOR = random.Random(0)  # noqa: S311 - no secret
JPEG = made.photo("jpg", GENERATOR)
PNG_HEAD = 33  # the signature and the header's chunk
SMALL = made._grey(96, 64)


def tiff(*tags: tuple[int, int, int, int], pad: int = 0) -> bytes:
    return made._directory(list(tags), bytes(pad))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (made.with_segments(JPEG, made.segment(0xFE, b"x") * 5_001), "over 5000 segments"),
        (made.with_segments(JPEG, bytes(70_000)), "stray bytes"),
        (made.with_segments(JPEG, b"\xff" * 70_000), "stray bytes"),
        (made.exif_in_crumbs(JPEG, 256), "over 256 segments of EXIF"),
        (made.with_exif(JPEG, made.overlapping_tags(1_000)), "tags of 11.8 MB in 0.0 MB"),
        (made.with_exif(JPEG, b"Exif\0\0" * 2 + made.overlapping_tags(1_000)), "tags of"),
        (made.jpeg_of_scans(400, 300, 17_000), "over 16666 scans of 0.1 MP"),
        (made.png_with(made.chunk(b"ruSt", b"") * 2_001), "over 2000 chunks"),
        (made.png_with(made.chunk(b"IDAT", b"") * 100_001), "over 100000 chunks"),
        (made.png_with(made.chunk(b"eXIf", made.overlapping_tags(1_000))), "tags of"),
        (made.gif_of_comments(1_000_001), "over 1000000 blocks"),
        (made.gif_of_frames(1)[:-1] + bytes(1_000_002), "over 1000000 blocks"),
        (made.tiff_of_one_tile(100, 3_000), "tiles of 3000x3000 in a picture of 100x100"),
        (made.tiff_of_strips(300_000), "300000 numbers in one tag"),
        (made.overlapping_tags(2_001), "over 2000 tags"),
        (made.overlapping_tags(1_900), "tags of"),
        (tiff(*SMALL, (256, 4, 1, 97)), "two sizes of one picture"),
    ],
)
def test_what_asks_for_too_much_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(ValueError, match=re.escape(what)):
        require_modest(data)
    with pytest.raises(PhotoUnreadableError, match=re.escape(what)):
        read_photo(data)


@pytest.mark.parametrize(
    "data",
    [
        *(made.photo(suffix, GENERATOR) for suffix in made.FORMATS),
        *(made.encoded(kind, mode) for _, kind, mode in made.MODES),
        made.mpo(GENERATOR),
        made.with_exif(JPEG, made.large_exif(10_000_000)),
        made.with_segments(JPEG, made.long_segments(0xE1, 10_000_000)),
        made.with_segments(JPEG, made.segment(0xFE, b"x") * 4_900),
        made.jpeg_of_scans(400, 300, 100),
        made.gif_of_frames(10_000),
        made.apng_of_frames(10_000),
        made.cyclic_tiff(GENERATOR),
        made.tiff_of_pages(10_000),
        made.png_with(made.chunk(b"ruSt", b"") * 1_900),
    ],
    ids=lambda data: f"{len(data)} bytes of {data[:4]!r}",
)
def test_real_photos_and_their_edges_pass(data: bytes) -> None:
    require_modest(data)
    assert decode_photo(read_photo(data), short_side=16).mode == "RGB"


def test_scans_are_counted_in_the_picture_alone() -> None:
    # A preview in EXIF, and a film behind a phone's photo, hold marks of scans by chance.
    marks = b"\xff\xda" * 30_000
    beside = made.with_segments(JPEG, made.segment(0xE2, marks[:60_000])) + marks * 20
    large = made.lying_jpeg(beside, 4_000, 3_000)
    require_modest(large)


def test_scans_of_one_colour_each_are_counted_too() -> None:
    # Not progressive, but its header's first scan holds one colour of three: more may follow.
    kind, count = JPEG.index(b"\xff\xc0"), JPEG.index(b"\xff\xda") + 4
    apart = JPEG[:count] + b"\1" + JPEG[count + 1 :]
    large = apart[: kind + 5] + struct.pack(">HH", 3_000, 4_000) + apart[kind + 9 :]
    scan = large[count - 4 : -2]
    require_modest(large[:-2] + scan * 100 + large[-2:])
    with pytest.raises(ValueError, match=r"over 166 scans of 12\.0 MP"):
        require_modest(large[:-2] + scan * 200 + large[-2:])


def test_marks_of_a_run_of_ff_are_found_at_its_end() -> None:
    padded = JPEG[:2] + b"\xff" * 30 + made.overlapping_exif_segment() + JPEG[2:]
    with pytest.raises(ValueError, match="tags of"):
        require_modest(padded)


@pytest.mark.parametrize(
    ("order", "version", "swapped"),
    [("<", 42, False), (">", 42, False), ("<", 42, True), (">", 42, True), ("<", 43, False),
     (">", 43, False)],
)  # fmt: skip
def test_tags_are_read_in_every_form_that_readers_take(
    order: str, version: int, *, swapped: bool
) -> None:
    mark = b"II" if order == "<" else b"MM"
    number = struct.pack("<H" if (order == "<") != swapped else ">H", version)
    if version == 42:
        head = mark + number + struct.pack(f"{order}L", 8)
        rows = b"".join(struct.pack(f"{order}HHLL", n, 7, 50_000, 8) for n in range(9))
        block = head + struct.pack(f"{order}H", 9) + rows
    else:
        head = mark + number + struct.pack(f"{order}HHQ", 8, 0, 16)
        rows = b"".join(struct.pack(f"{order}HHQQ", n, 7, 50_000, 8) for n in range(9))
        block = head + struct.pack(f"{order}Q", 9) + rows
    with pytest.raises(ValueError, match=r"tags of 0\.5 MB"):
        require_modest_tags(block)
    with pytest.raises(ValueError, match=r"tags of 0\.5 MB"):
        require_modest_tags(b"Exif\0\0" + block)


@pytest.mark.parametrize("kind", ["jpg", "png", "gif", "tiff"])
def test_every_cut_is_looked_at_without_an_error_of_its_own(kind: str) -> None:
    data = made.photo(kind, GENERATOR)
    if kind == "jpg":
        data = made.with_exif(data, made.recursive_ifd())
    for end in range(0, len(data), 1 if len(data) < 5_000 else 97):
        require_modest(data[:end])


def test_a_tiff_of_64_bit_places_is_read() -> None:
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "TIFF", big_tiff=True)
    assert out.getvalue().startswith(b"II+\0")
    assert decode_photo(read_photo(out.getvalue())).size == (256, 256)
