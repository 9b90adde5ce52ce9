"""What can be measured of a photo's pixels in a thousandth of a second: blur, light, design.

Everything is measured on a grey copy whose short side is `SIDE` pixels, so that a 12-megapixel
original, its JPEG draft and its thumbnail give about the same numbers. What cannot be seen at that
size, such as a slight blur of a large photo, is not seen here either. A copy is never enlarged: a
photo smaller than that is measured as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    Grey: TypeAlias = NDArray[np.float32]
    Row: TypeAlias = NDArray[np.float32]

# Changes with anything that changes a number below; part of the key measures are cached under.
QUALITY_VERSION = 1

SIDE = 224
HASH_BITS = 64

# Re-blurring is by a mean of this many pixels. Crete et al. take 9 on whole photos; at 224 pixels,
# 5 tells a Gaussian blur of one pixel from none more often (benchmarks/quality.py).
_REBLUR = 5
# Values of 0-255: clipped from here up; a photo's brightest parts are its 95th percentile.
_CLIPPED = 250
_BRIGHTEST = 0.95
# The middle is without a fifth of each side: products are shown on white that is meant.
_MARGIN = 5

# A stroke of a letter: steps of at least 40 of 255 up and down within 4 pixels of each other.
_STROKE_STEP = 40
_STROKE_WIDTH = 4
_BLOCK = 8
_STROKES_IN_TEXT = 0.15
_STROKES_ON_FLAT = 0.08
_FLAT_STEP = 3
_FLAT_IN_TEXT = 0.2
_EDGE_STEP = 20
# How many rows of blocks, or edges, a design is known by.
_RUNS = 3
_ROWS = 2

_WORD_BITS = 16
_HASH_SIDE = 32
_HASH_WAVES = 8


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures of one photo.

    Attributes:
        sharpness: 1 minus the blur metric of Crete et al. 2007, in [0, 1]; 1 where nothing in the
            photo has an edge.
        brightness: Mean luminance as stored (Rec. 601 luma of gamma-coded values), in [0, 1].
        brightest: Luminance that 95 % of the photo stay under, in [0, 1].
        clipped: Share of the middle of the photo that is white or all but white, in [0, 1].
        text_run: Share of the width that the three longest lines of letter-like strokes span, in
            [0, 1].
        text_rows: Share of the width with such strokes on flat ground, in the two rows that have
            most of it, in [0, 1].
        edge_rows: Share of the width that the two longest level edges span, in [0, 1].
        hash: Perceptual hash of 64 bits; copies differ in few of them.
    """

    sharpness: float
    brightness: float
    brightest: float
    clipped: float
    text_run: float
    text_rows: float
    edge_rows: float
    hash: int

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read what `QualityMeasure` wrote.

        Args:
            row: Shape ``(QualityMeasure.size,)``.

        Returns:
            The measures.
        """
        words = row[_NUMBERS:].astype(np.uint64)
        packed = sum(int(word) << (_WORD_BITS * place) for place, word in enumerate(words))
        names = (field.name for field in fields(cls))
        numbers = (float(value) for value in row[:_NUMBERS])
        return cls(**dict(zip(names, numbers, strict=False)), hash=packed)

    @property
    def design(self) -> float:
        """How much the photo looks like a poster or a designed frame; higher is more.

        The sum of what designs have and photos seldom do: long lines of text, text on flat
        ground, and level edges across the picture (half weight). Weights and measures were chosen
        on 219 real posts by how many of their 25 designs are found at 2.5 % false alarms.
        """
        return self.text_run + self.text_rows + 0.5 * self.edge_rows


_NUMBERS = 7


class QualityMeasure:
    """Measures a decoded photo; for `imgfit.embedding.photos.embed_photos`, which keeps the rows.

    Attributes:
        key: What rows are kept under; another version's never meet.
        size: Length of a row.
    """

    key = f"quality-{QUALITY_VERSION}"
    size = _NUMBERS + HASH_BITS // _WORD_BITS

    def __call__(self, image: Image.Image) -> Row:
        """Measure a photo; safe to call from several threads.

        Args:
            image: Upright, mode RGB.

        Returns:
            float32 of shape ``(size,)``: the numbers of `Quality` in order, then its hash in words
            of 16 bits, lowest first, which float32 holds exactly.
        """
        grey = _grey(image)
        edges = np.diff(grey, axis=1), np.diff(grey, axis=0)
        strokes = _strokes(edges[0])
        middle = grey[
            grey.shape[0] // _MARGIN : grey.shape[0] - grey.shape[0] // _MARGIN,
            grey.shape[1] // _MARGIN : grey.shape[1] - grey.shape[1] // _MARGIN,
        ]
        numbers = (
            _sharpness(grey),
            grey.mean() / 255,
            _quantile(grey, _BRIGHTEST) / 255,
            (middle >= _CLIPPED).mean(),
            _text_run(strokes),
            _text_rows(strokes, edges),
            _edge_rows(edges[1]),
        )
        packed = perceptual_hash(grey)
        words = [packed >> place & 0xFFFF for place in range(0, HASH_BITS, _WORD_BITS)]
        return np.array([*numbers, *words], np.float32)


def perceptual_hashes(measures: NDArray[np.float32]) -> list[int]:
    """Take the hashes out of rows of measures.

    Args:
        measures: Rows of `QualityMeasure`, shape ``(n, size)``; NaN for a photo that failed.

    Returns:
        n hashes; 0 for a photo that failed.
    """
    rows = np.nan_to_num(measures[:, _NUMBERS:]).astype(np.uint64)
    shifts = np.arange(0, HASH_BITS, _WORD_BITS, dtype=np.uint64)
    return [int(row) for row in (rows << shifts).sum(axis=1, dtype=np.uint64)]


def perceptual_hash(grey: Grey) -> int:
    """Hash a grey picture so that its copies get nearly the same bits.

    pHash (Zauner 2010): a 32x32 copy's lowest 8x8 frequencies by the discrete cosine transform,
    each against their median. The ImageHash package does the same, but brings SciPy and PyWavelets
    (some 60 MB) for it, too much for the networks this is installed over.

    Args:
        grey: Values of 0-255, shape ``(h, w)``.

    Returns:
        64 bits; lowest bit: the mean, which is always above the median but for dark pictures.
    """
    picture = Image.fromarray(grey.astype(np.uint8))
    small = picture.resize((_HASH_SIDE, _HASH_SIDE), Image.Resampling.BOX)
    waves = _COSINES @ np.asarray(small, np.float64) @ _COSINES.T
    # Rounded: a picture of one colour has waves of nothing but noise, which no bit should show.
    values = waves.ravel().round(3)
    bits = values > np.median(values[1:])
    return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")


# The first rows of the DCT-II of 32 values.
_COSINES: NDArray[np.float64] = np.cos(
    np.pi * np.outer(np.arange(_HASH_WAVES), 2 * np.arange(_HASH_SIDE) + 1) / (2 * _HASH_SIDE)
)


def _grey(image: Image.Image) -> Grey:
    """Return luminance, short side at most `SIDE`, shape ``(h, w)``."""
    scale = min(1.0, SIDE / min(image.size))
    width, height = (max(2, round(side * scale)) for side in image.size)
    grey = image.convert("L").resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(grey, np.float32)


def _quantile(grey: Grey, share: float) -> float:
    """Return the value of 0-255 that a share of the photo does not exceed."""
    counts = np.bincount(grey.astype(np.uint8).ravel(), minlength=256)
    return float(np.searchsorted(np.cumsum(counts), share * grey.size))


def _sharpness(grey: Grey) -> float:
    """Return 1 minus the perceptual blur metric of Crete, Dolmiere, Ladret and Nicolas (2007).

    A sharp photo loses much of its neighbours' differences when it is blurred again, a blurred
    one little. The blurrier of both directions counts, so that motion blur does too.
    """
    return 1 - max(_blur(grey), _blur(np.ascontiguousarray(grey.T)))


def _blur(grey: Grey) -> float:
    """Return how much of the differences down the columns a second blur leaves, in [0, 1]."""
    half, count = _REBLUR // 2, len(grey)
    padded = np.concatenate([grey[:1]] * half + [grey] + [grey[-1:]] * half)
    blurred = padded[:count].copy()
    for shift in range(1, _REBLUR):
        blurred += padded[shift : shift + count]
    differences = np.abs(np.diff(grey, axis=0))
    lost = np.maximum(0, differences - np.abs(np.diff(blurred, axis=0)) / _REBLUR)
    total = float(differences.sum(dtype=np.float64))
    return 1 - float(lost.sum(dtype=np.float64)) / total if total else 0.0


def _strokes(steps: Grey) -> NDArray[np.bool_]:
    """Mark where a strong step has one of the other sign nearby along the row."""
    up, down = steps > _STROKE_STEP, steps < -_STROKE_STEP
    return (up & _near(down)) | (down & _near(up))


def _near(marks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Widen marks by `_STROKE_WIDTH` pixels along the row."""
    width = _STROKE_WIDTH
    sums = np.cumsum(np.pad(marks, ((0, 0), (width + 1, width))), axis=1, dtype=np.int32)
    return (sums[:, 2 * width + 1 :] - sums[:, : -2 * width - 1]) > 0


def _blocks(marks: NDArray[np.bool_]) -> Grey:
    """Return the share of marks in each block of 8x8 pixels; what is left over counts as none."""
    height, width = (max(1, side // _BLOCK) for side in marks.shape)
    cut = np.zeros((height * _BLOCK, width * _BLOCK), np.float32)
    part = marks[: cut.shape[0], : cut.shape[1]]
    cut[: part.shape[0], : part.shape[1]] = part
    return np.asarray(cut.reshape(height, _BLOCK, width, _BLOCK).mean(axis=(1, 3)), np.float32)


def _text_run(strokes: NDArray[np.bool_]) -> float:
    texts = _blocks(strokes) > _STROKES_IN_TEXT
    run = np.zeros(texts.shape[0], np.int64)
    longest = run
    for column in texts.T:
        run = (run + 1) * column
        longest = np.maximum(longest, run)
    return float(np.sort(longest)[-_RUNS:].mean() / texts.shape[1])


def _text_rows(strokes: NDArray[np.bool_], edges: tuple[Grey, Grey]) -> float:
    steps = np.maximum(np.abs(edges[0][1:]), np.abs(edges[1][:, 1:]))
    flat = _blocks(steps <= _FLAT_STEP)
    texts = _blocks(strokes)[: flat.shape[0], : flat.shape[1]]
    rows = ((texts > _STROKES_ON_FLAT) & (flat > _FLAT_IN_TEXT)).mean(axis=1)
    return float(np.sort(rows)[-_ROWS:].mean())


def _edge_rows(steps: Grey) -> float:
    return float(np.sort((np.abs(steps) > _EDGE_STEP).mean(axis=1))[-_ROWS:].mean())
