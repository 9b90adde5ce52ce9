"""What a photo's file asks of its decoder, told from its structure before any decoder sees it.

A few bytes can ask for hours or gigabytes without declaring a large picture: thousands of scans
over one JPEG, a TIFF tile larger than the picture, metadata whose parts overlap. Real files are
far below every limit here; each limit bounds work that decoders do without being asked.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imgfit.printable import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# JPEG. A segment holds up to 64 kB, so these let 10 MB of EXIF pass; decoders join EXIF's parts
# with a copy of all before for each.
_MOST_SEGMENTS = 5_000
_MOST_EXIF_SEGMENTS = 256
_MOST_STRAY_BYTES = 65_536
# A pass over 12 million pixels takes 7 ms here, so this is 1.2 s: 166 scans of 12 megapixels. Every
# progressive file of libjpeg's own has 10 scans, and mozjpeg's have about as many.
_MOST_SCANNED = 2_000_000_000
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_BARE = frozenset([0x01, *range(0xD0, 0xD9)])
_PROGRESSIVE = frozenset([0xC2, 0xC6, 0xCA, 0xCE])
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

# PNG. Pixels come in chunks of 8 kB or more, an animation of 10,000 frames in 20,000 chunks.
_MOST_CHUNKS = 100_000
_MOST_SIDE_CHUNKS = 2_000
_PNG = b"\x89PNG\r\n\x1a\n"

# GIF. 255 bytes a block, so a frame of 50 megapixels has at most 200,000.
_MOST_BLOCKS = 1_000_000
_GIF_EXTENSION, _GIF_FRAME, _GIF_END = b"!,;"

# TIFF, and EXIF, which has the same form. Strips of one line each, in a picture as high as wide
# and within the limit of pixels, are 7,000; tiles of 16 by 16 pixels are 200,000.
_MOST_TAGS = 2_000
# Pages that are looked at for the photo: a scanner's preview and the pages of a letter.
_MOST_PAGES = 32
_MOST_NUMBERS = 250_000
# Values of one file must not add up to more than it holds; cameras align them, hence the slack.
_SLACK_BYTES = 65_536
# Pillow takes the version in either order of bytes, and 43 stands for 64-bit places.
TIFF_MARKS = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")
_TILE_OF_ANY_SIZE = 4_194_304
_SIDES = (256, 257, 322, 323)  # width and height of the picture, then of its tiles
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_BYTES = (1, 2, 6, 7)
_EXIF = b"Exif\0\0"


def require_modest(data: bytes) -> None:
    """Refuse a photo whose structure asks for far more work or memory than its picture.

    Args:
        data: The whole file, of any kind; every other format than JPEG, PNG, GIF and TIFF passes,
            because those decoders do all this in bounded code of their own.

    Raises:
        ValueError: It asks for too much; the message says of what.
    """
    if data.startswith(b"\xff\xd8"):
        _require_modest_jpeg(data)
    elif data.startswith(_PNG):
        _require_modest_png(data)
    elif data.startswith((b"GIF87a", b"GIF89a")):
        _require_modest_gif(data)
    elif data.startswith(TIFF_MARKS):
        require_modest_tags(data)


def require_modest_tags(block: bytes) -> None:
    """Refuse tags of a TIFF or an EXIF block that unpack to more than they were packed from.

    Args:
        block: A TIFF file, or EXIF with or without its mark.

    Raises:
        ValueError: They ask for too much. A damaged block passes, and so does any other: its
            reader refuses it.
    """
    while block.startswith(_EXIF):
        block = block.removeprefix(_EXIF)
    if not block.startswith(TIFF_MARKS):
        return
    if b"+" in block[2:4]:
        _require_modest_directory(block, big=True)
    # Pillow knows 64-bit places by this byte, and takes those of the other order for 32-bit ones.
    if block[2:3] != b"+":
        _require_modest_directory(block, big=False)


def _require_modest_directory(block: bytes, *, big: bool) -> None:
    """Refuse what any of the pages asks for; their values count together."""
    total = 0
    for at in _places(block, big=big):
        total += _require_modest_page(block, at, big=big)
        if total > len(block) + _SLACK_BYTES:
            tags, whole = f"{total / 1e6:.1f} MB", f"{len(block) / 1e6:.1f} MB"
            raise _TooMuchError(
                id=f"tag sebesar {tags} dalam {whole}".replace(".", ","),
                en=f"tags of {tags} in {whole}",
            )


def _require_modest_page(block: bytes, at: int, *, big: bool) -> int:
    """Refuse what one page asks for, and return the bytes of its values."""
    total = 0
    sides: dict[int, int] = {}
    try:
        for count, (tag, kind, many, value, _) in enumerate(_tags(block, at, big=big), 1):
            if count > _MOST_TAGS:
                raise _TooMuchError(id=f"lebih dari {_MOST_TAGS} tag", en=f"over {_MOST_TAGS} tags")
            if kind not in _BYTES and many > _MOST_NUMBERS:
                raise _TooMuchError(
                    id=f"{many} angka dalam satu tag", en=f"{many} numbers in one tag"
                )
            total += _SIZES.get(kind, 0) * many
            if tag in _SIDES and sides.setdefault(tag, value) != value:
                raise _TooMuchError(
                    id="dua ukuran untuk satu gambar", en="two sizes of one picture"
                )
    except (struct.error, OverflowError):  # it ends too early, or points nowhere
        pass
    width, height, *tile = (sides.get(tag, 0) for tag in _SIDES)
    if tile[0] * tile[1] > max(4 * width * height, _TILE_OF_ANY_SIZE):
        part, whole = f"{tile[0]}x{tile[1]}", f"{width}x{height}"
        raise _TooMuchError(
            id=f"ubin {part} dalam gambar {whole}", en=f"tiles of {part} in a picture of {whole}"
        )
    return total


class _TooMuchError(RefusedError):
    """Says that a file asks for too much."""

    def __init__(self, *, id: str, en: str) -> None:  # noqa: A002 - the language's name
        super().__init__(
            id=f"meminta terlalu banyak pekerjaan: {id}", en=f"it asks for too much work: {en}"
        )


def _order(block: bytes) -> Literal["<", ">"]:
    return "<" if block.startswith(b"II") else ">"


def _places(block: bytes, *, big: bool) -> Iterator[int]:
    """Yield where the directories begin, each once, and not more than are looked at."""
    order, width = _order(block), "Q" if big else "L"
    seen: set[int] = set()
    link = 8 if big else 4
    try:
        while len(seen) < _MOST_PAGES:
            (at,) = struct.unpack_from(f"{order}{width}", block, link)
            if at == 0 or at in seen:
                return
            seen.add(at)
            yield at
            (count,) = struct.unpack_from(f"{order}{'Q' if big else 'H'}", block, at)
            link = at + (8 + 20 * count if big else 2 + 12 * count)
    except (struct.error, OverflowError):  # it ends too early, or points nowhere
        return


def _tags(block: bytes, at: int, *, big: bool) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield a directory's tags: number, type, how many values, first value or place, field."""
    order = _order(block)
    (count,) = struct.unpack_from(f"{order}{'Q' if big else 'H'}", block, at)
    at += 8 if big else 2
    for _ in range(count):
        tag, kind, many = struct.unpack_from(f"{order}HH{'Q' if big else 'L'}", block, at)
        # A single short stands at the start of its field, whatever the order of bytes.
        form = {3: "H"}.get(kind, "Q" if big and kind == 16 else "L")
        field = at + (12 if big else 8)
        (value,) = struct.unpack_from(f"{order}{form}", block, field)
        yield tag, kind, many, value, field
        at += 20 if big else 12


@dataclass(frozen=True, slots=True)
class Directory:
    """The tags of one page of a TIFF: the type, the number of values and the field of each."""

    block: bytes
    big: bool
    fields: Mapping[int, tuple[int, int, int]]

    def values(self, tag: int, most: int = _MOST_NUMBERS) -> tuple[int, ...]:
        """Return a tag's whole numbers.

        Args:
            tag: Its number.
            most: Values to return at most.

        Returns:
            None of them if the tag is not there, is of another type or points nowhere.
        """
        kind, many, field = self.fields.get(tag, (0, 0, 0))
        form = {1: "B", 3: "H", 4: "L", 13: "L", 16: "Q"}.get(kind)
        if form is None or many > _MOST_NUMBERS:
            return ()
        order, within = _order(self.block), 8 if self.big else 4
        try:
            if many * _SIZES[kind] > within:
                place = f"{order}{'Q' if self.big else 'L'}"
                (field,) = struct.unpack_from(place, self.block, field)
            return struct.unpack_from(f"{order}{min(many, most)}{form}", self.block, field)
        except (struct.error, OverflowError):
            return ()

    def raw(self, tag: int, most: int) -> bytes:
        """Return a tag's bytes, whatever its type.

        Args:
            tag: Its number.
            most: Bytes to return at most.

        Returns:
            Nothing if the tag is not there; what there is, if it points past the end.
        """
        kind, many, field = self.fields.get(tag, (0, 0, 0))
        size = _SIZES.get(kind, 0) * many
        try:
            if size > (8 if self.big else 4):
                place = f"{_order(self.block)}{'Q' if self.big else 'L'}"
                (field,) = struct.unpack_from(place, self.block, field)
        except (struct.error, OverflowError):
            return b""
        return self.block[field : field + min(size, most)]

    def inner(self, tag: int) -> Directory:
        """Return the directory that a tag points to.

        Args:
            tag: Its number.
        """
        at = self.first(tag)
        return (
            _directory(self.block, at, big=self.big) if at else Directory(self.block, self.big, {})
        )

    def first(self, tag: int, default: int = 0) -> int:
        """Return a tag's first whole number.

        Args:
            tag: Its number.
            default: For a tag that says none.
        """
        return next(iter(self.values(tag, 1)), default)


def directories(block: bytes) -> Iterator[Directory]:
    """Yield the pages of a TIFF, as many as are looked at.

    Args:
        block: The whole file, which has passed `require_modest`.

    Yields:
        Each page's tags, in the order of the file; a damaged one has those before its damage.
    """
    big = block[2:3] == b"+"
    for at in _places(block, big=big):
        yield _directory(block, at, big=big)


def _directory(block: bytes, at: int, *, big: bool) -> Directory:
    fields: dict[int, tuple[int, int, int]] = {}
    try:
        for tag, kind, many, _, field in _tags(block, at, big=big):
            fields[tag] = (kind, many, field)
            if len(fields) > _MOST_TAGS:
                break
    except (struct.error, OverflowError):
        pass
    return Directory(block, big, fields)


def _require_modest_jpeg(data: bytes) -> None:
    """Walk the segments before the first scan, and count the scans where they may be many."""
    exif = segments = stray = frame = 0
    joined = bytearray()
    at = 2
    while (match := _MARKER.search(data, at)) is not None:
        stray += match.start() - at
        kind, at = match[1][0], match.end()
        segments += 1
        if segments > _MOST_SEGMENTS:
            raise _TooMuchError(
                id=f"lebih dari {_MOST_SEGMENTS} segmen", en=f"over {_MOST_SEGMENTS} segments"
            )
        if stray > _MOST_STRAY_BYTES:
            raise _TooMuchError(id="byte liar di antara segmen", en="stray bytes between segments")
        if kind in _BARE:
            continue
        if kind in (0xD9, 0xDA):
            break
        length = int.from_bytes(data[at : at + 2], "big")
        if kind == 0xE1 and data.startswith(_EXIF, at + 2):
            exif += 1
            if exif > _MOST_EXIF_SEGMENTS:
                raise _TooMuchError(
                    id=f"lebih dari {_MOST_EXIF_SEGMENTS} segmen EXIF",
                    en=f"over {_MOST_EXIF_SEGMENTS} segments of EXIF",
                )
            joined += data[at + 8 : at + length]
        elif kind in _FRAMES:
            frame = frame or at
        at += max(length, 2)
    require_modest_tags(bytes(joined))
    _require_modest_scans(data, frame, at)


def _require_modest_scans(data: bytes, frame: int, at: int) -> None:
    """Refuse more scans than a file needs; the frame's and the first scan's header are given."""
    head = data[frame - 1 : frame + 8].ljust(9, b"\0")
    kind, height, width, colours = struct.unpack(">B3xHHB", head)
    if kind not in _PROGRESSIVE and data[at + 2 : at + 3] >= bytes([colours]):
        return  # its decoder is done after the first scan, which holds every colour
    pixels = height * width
    scans = _MOST_SCANNED // max(pixels, 1)
    # What is quick to count bounds the scans; most files need no second look.
    if data.count(b"\xff\xda", at) > scans and _scans(data, at) > scans:
        size = f"{pixels / 1e6:.1f} MP"
        raise _TooMuchError(
            id=f"lebih dari {scans} pindaian {size.replace('.', ',')}",
            en=f"over {scans} scans of {size}",
        )


def _scans(data: bytes, at: int) -> int:
    """Count the scans up to the end of the picture, from the first one's header on."""
    scans = 1
    at += int.from_bytes(data[at : at + 2], "big")
    while (match := _MARKER.search(data, at)) is not None:
        kind, at = match[1][0], match.end()
        if kind in (0xD8, 0xD9):
            break
        if kind in _BARE:
            continue
        scans += kind == 0xDA
        at += int.from_bytes(data[at : at + 2], "big")
    return scans


@dataclass(frozen=True, slots=True)
class JpegScans:
    """How a JPEG's picture is laid out.

    Attributes:
        one_pass: Whether its decoder needs no more than a few rows at a time: one scan holds every
            colour, whole.
        complete: Whether it is in several scans, and the last that it needs has at least begun.
    """

    one_pass: bool
    complete: bool


def scans_of(data: bytes) -> JpegScans:
    """Tell how a JPEG's picture is laid out.

    Args:
        data: The whole file, which has passed `require_modest`.

    Returns:
        The layout; neither of it for bytes that are no JPEG.
    """
    kind = colours = 0
    missing: dict[tuple[int, int], int] = {}
    at = 2
    while (match := _MARKER.search(data, at)) is not None:
        mark, at = match[1][0], match.end()
        if mark in _BARE:
            continue
        if mark == 0xD9:
            break
        if mark in _FRAMES and not kind:
            kind, colours = mark, data[at + 7] if at + 7 < len(data) else 0
            names = data[at + 8 : at + 8 + 3 * colours : 3]
            missing = {(name, place): 1 for name in names for place in range(64)}
        if mark == 0xDA and kind:
            if kind not in _PROGRESSIVE:
                return JpegScans(data[at + 2 : at + 3] == bytes([colours]), complete=False)
            _take_scan(data[at : at + 64], missing)
        at += int.from_bytes(data[at : at + 2], "big")
    return JpegScans(one_pass=False, complete=bool(missing) and not any(missing.values()))


def _take_scan(header: bytes, missing: dict[tuple[int, int], int]) -> None:
    """Mark what a scan brings to its last bit."""
    count = header[2] if len(header) > 2 else 0
    tail = header[3 + 2 * count : 6 + 2 * count]
    if len(tail) < 3 or tail[2] & 15:
        return
    for name in header[3 : 3 + 2 * count : 2]:
        for place in range(tail[0], min(tail[1], 63) + 1):
            if (name, place) in missing:
                missing[name, place] = 0


def _require_modest_png(data: bytes) -> None:
    at, chunks, beside = len(_PNG), 0, 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">L4s", data, at)
        chunks += 1
        beside += kind not in (b"IDAT", b"fdAT", b"fcTL")
        if chunks > _MOST_CHUNKS:
            raise _TooMuchError(
                id=f"lebih dari {_MOST_CHUNKS} potongan", en=f"over {_MOST_CHUNKS} chunks"
            )
        if beside > _MOST_SIDE_CHUNKS:
            raise _TooMuchError(
                id=f"lebih dari {_MOST_SIDE_CHUNKS} potongan di samping piksel",
                en=f"over {_MOST_SIDE_CHUNKS} chunks beside the pixels",
            )
        if kind == b"eXIf":
            require_modest_tags(data[at + 8 : at + 8 + length])
        at += length + 12


def _require_modest_gif(data: bytes) -> None:
    """Walk the blocks of the first two frames, which are all that is looked at."""
    flags = data[10] if len(data) > 10 else 0
    at, blocks, frames = 13 + (3 << (flags & 7) + 1 if flags & 128 else 0), 0, 0
    while at < len(data) and frames < 2 and data[at] != _GIF_END:
        kind = data[at]
        if kind == _GIF_EXTENSION:
            at += 2
        elif kind == _GIF_FRAME:
            frames += 1
            flags = data[at + 9] if at + 9 < len(data) else 0
            at += 11 + (3 << (flags & 7) + 1 if flags & 128 else 0)
        while at < len(data) and data[at] and kind in (_GIF_EXTENSION, _GIF_FRAME):
            at += data[at] + 1
            blocks += 1
            if blocks > _MOST_BLOCKS:
                raise _TooMuchError(
                    id=f"lebih dari {_MOST_BLOCKS} blok", en=f"over {_MOST_BLOCKS} blocks"
                )
        at += 1  # the empty block that ends them, or a stray byte
        blocks += 1
        if blocks > _MOST_BLOCKS:
            raise _TooMuchError(
                id=f"lebih dari {_MOST_BLOCKS} blok", en=f"over {_MOST_BLOCKS} blocks"
            )
