"""Drawing heat over a photo, with Pillow alone: small multiples, a scale and a line on the method.

The photo is shown in grey and heat as orange of growing strength: one hue that differs from grey
in lightness and on the blue-yellow axis, which the common kinds of colour-blindness leave intact.
A line runs where heat is half of full, so that nothing hangs on colour alone.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from imgfit.explaining.words import EXPLANATION
from imgfit.language import fill, fit_percent
from imgfit.printable import REPLACEMENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imgfit.language import Language

METHODS: dict[Language, dict[str, str]] = {
    language: {name: words[f"method_{name}"] for name in ("exact", "occlusion")}
    for language, words in EXPLANATION.items()
}

_PANEL = 380  # width of a panel; a photo taller than _TALLEST is made narrower
_TALLEST = 420
_COLUMNS = 3
_GAP = 24
_MOST_PANELS = 8
_MOST_LINES = 5
_SIZES = {"text": 17, "small": 14}
_LEADING = 1.3

_PAPER, _INK, _FAINT = (255, 255, 255), (20, 20, 20), (90, 90, 90)
_HOT = np.array([255, 130, 0], np.float32)
_STRONGEST = 0.85  # of the colour over the grey photo
_UNSEEN = 0.35  # brightness of what the tower never sees
_CONTOUR = 0.5

_KIN = {"–": "-", "—": "-", "•": "*"}
_MISSING = REPLACEMENT  # drawn as the font's box for what is missing


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One picture of the row: a text and its heat.

    Attributes:
        text: The window, or the caption.
        fit: Its fit, in [0, 1].
        heat: Shape ``(h, w)``; 1 is full colour, 0 and less is none.
        whole: Whether it stands for a caption of several windows.
    """

    text: str
    fit: float | None
    heat: NDArray[np.float32]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """What stands under the pictures.

    Attributes:
        method: How heat was found, a sentence.
        box: Where it lies on the photo, in shares: left, top, right, bottom.
        model: Name and fingerprint of the model.
    """

    method: str
    box: tuple[float, float, float, float]
    model: str


@dataclass(frozen=True, slots=True, eq=False)
class _Cell:
    """A picture with the lines under it: a head, its text, and notes in small letters."""

    picture: Image.Image
    lines: list[str]
    notes: list[str]


def draw(photo: Image.Image, panels: list[Panel], key: Key, language: Language) -> Image.Image:
    """Draw the photo as it is, then a panel each.

    Args:
        photo: Upright, RGB.
        panels: The caption first; at most eight are drawn, and the rest counted.
        key: The lines under them.
        language: Of the words.

    Returns:
        An RGB picture.
    """
    words = EXPLANATION[language]
    scale = min(_PANEL / photo.width, _TALLEST / photo.height)
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    small = photo.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    shown = panels[:_MOST_PANELS]
    cells = [_Cell(small, [words["photo"]], [])]
    for number, panel in enumerate(shown):
        lines = [_head(panel, number, words), *_wrapped(panel.text, _PANEL, "text")]
        cells.append(_Cell(_overlaid(small, panel.heat, key.box), lines, _notes(panel, language)))
    foot = [words["reading"], key.method, words["model"].format(model=key.model)]
    if min(key.box[:2]) > 0 or max(key.box[2:]) < 1:
        foot.insert(1, words["unseen"])
    if len(panels) > len(shown):
        foot.insert(0, fill(words["more"], language, {"count": len(panels) - len(shown)}))
    return _laid_out(cells, foot, words)


def _head(panel: Panel, number: int, words: dict[str, str]) -> str:
    if panel.whole:
        return words["whole"]
    return words["part"].format(number=number) if number else words["caption"]


def _notes(panel: Panel, language: Language) -> list[str]:
    """Give the text's fit, and say if no part of the photo supports it."""
    words = EXPLANATION[language]
    fit = None if panel.fit is None else fit_percent(panel.fit, language)
    notes = [] if fit is None else [words["fit"].format(fit=fit)]
    return [*notes, words["nowhere"]] if panel.heat.max() < _CONTOUR else notes


def _overlaid(
    photo: Image.Image, heat: NDArray[np.float32], box: tuple[float, float, float, float]
) -> Image.Image:
    """Lay heat over a photo where the tower saw it, and darken what it did not see."""
    strength, seen = _placed(heat, box, photo.size)
    grey = np.asarray(photo.convert("L"), np.float32)[..., None].repeat(3, axis=2)
    # Towards light grey: orange and the line stand out from it.
    ground = 70 + 0.66 * grey
    amount = (np.clip(strength, 0, 1) * _STRONGEST)[..., None]
    mixed = ground * (1 - amount) + _HOT * (0.35 + 0.65 * grey / 255) * amount
    mixed[_edge(strength >= _CONTOUR)] = (255, 255, 255)
    mixed[~seen] = grey[~seen] * _UNSEEN
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))


def _placed(
    heat: NDArray[np.float32], box: tuple[float, float, float, float], size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Stretch heat over its box on a photo of a size; tell which pixels lie in the box."""
    width, height = size
    left, top, right, bottom = (
        round(share * side) for share, side in zip(box, (width, height) * 2, strict=True)
    )
    spread = Image.fromarray(np.asarray(heat, np.float32)).resize(
        (max(1, right - left), max(1, bottom - top)), Image.Resampling.BICUBIC
    )
    # Bicubic curves overshoot; nothing may look stronger than its field is.
    spread = Image.fromarray(np.minimum(np.asarray(spread), heat.max()))
    whole = spread.crop((-left, -top, width - left, height - top))
    seen = np.zeros((height, width), bool)
    seen[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
    return np.asarray(whole, np.float32), seen


def _edge(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels of a mask that touch its outside, two thick."""
    core = inside.copy()
    for axis in (0, 1):
        for shift in (-2, -1, 1, 2):
            moved = np.roll(inside, shift, axis)
            rim = [slice(None), slice(None)]
            rim[axis] = slice(0, shift) if shift > 0 else slice(shift, None)
            moved[tuple(rim)] = True  # the photo's own border is no edge of heat
            core &= moved
    edge: NDArray[np.bool_] = inside & ~core
    return edge


def _laid_out(cells: list[_Cell], foot: list[str], words: dict[str, str]) -> Image.Image:
    """Put pictures in rows with their lines under them, then the scale and the foot."""
    columns = min(_COLUMNS, len(cells))
    rows = [cells[n : n + columns] for n in range(0, len(cells), columns)]
    height = max(cell.picture.height for cell in cells)
    line = {name: round(size * _LEADING) for name, size in _SIZES.items()}
    blocks = [
        height
        + _GAP
        + max(8 + len(c.lines) * line["text"] + len(c.notes) * line["small"] for c in row)
        for row in rows
    ]
    width = columns * (_PANEL + _GAP) + _GAP
    wrapped = [part for text in foot for part in _wrapped(text, width - 2 * _GAP, "small")]
    bottom = 62 + len(wrapped) * line["small"] + _GAP
    page = Image.new("RGB", (width, _GAP + sum(blocks) + bottom), _PAPER)
    pen = ImageDraw.Draw(page)
    y = _GAP
    for row, block in zip(rows, blocks, strict=True):
        for column, cell in enumerate(row):
            x = _GAP + column * (_PANEL + _GAP)
            page.paste(cell.picture, (x, y))
            at = y + height + 8
            for n, text in enumerate(cell.lines):
                pen.text((x, at), text, _FAINT if n == 0 else _INK, _font("text"))
                at += line["text"]
            for text in cell.notes:
                pen.text((x, at), text, _FAINT, _font("small"))
                at += line["small"]
        y += block
    _draw_scale(page, (_GAP, y), words)
    y += 62
    for text in wrapped:
        pen.text((_GAP, y), text, _FAINT, _font("small"))
        y += line["small"]
    return page


def _draw_scale(page: Image.Image, place: tuple[int, int], words: dict[str, str]) -> None:
    """Draw the ramp of colour as it looks over mid-grey, with its two ends and its half."""
    x, y = place
    wide, high = 260, 18
    ramp = np.linspace(0, 1, wide, dtype=np.float32)[None, :].repeat(high, axis=0)
    bar = _overlaid(Image.new("RGB", (wide, high), (128,) * 3), ramp, (0, 0, 1, 1))
    page.paste(bar, place)
    pen = ImageDraw.Draw(page)
    pen.text((x, y + high + 4), words["least"], _FAINT, _font("small"))
    pen.text((x + wide, y + high + 4), words["most"], _FAINT, _font("small"), anchor="ra")
    pen.text((x + wide + 14, y), words["line"], _FAINT, _font("small"))


def _wrapped(text: str, width: int, size: str) -> list[str]:
    """Break a text into lines that fit; the last of too many ends in an ellipsis."""
    font, lines, line = _font(size), [], ""
    for word in _drawable(text).split():
        longer = f"{line} {word}".strip()
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while font.getlength(line) > width:
            cut = next(n for n in range(len(line), 0, -1) if font.getlength(line[:n]) <= width)
            lines.append(line[:cut])
            line = line[cut:]
    lines = [*lines, line] if line else lines
    if len(lines) > _MOST_LINES:
        last = lines[_MOST_LINES - 1]
        while last and font.getlength(f"{last}…") > width:
            last = last[:-1]
        lines = [*lines[: _MOST_LINES - 1], f"{last.rstrip()}…"]
    return lines


def _drawable(text: str) -> str:
    """Show what the font has no letter for as its plain form, or else as a box: never leave it out.

    Pillow's own font has Latin letters, and few signs beyond them.
    """
    return "".join(c if c.isspace() or _has_letter(c) else _kin(c) for c in text)


def _kin(character: str) -> str:
    plain = _KIN.get(character) or unicodedata.normalize("NFKD", character)[0]
    return plain if plain != character and _has_letter(plain) else _MISSING


@lru_cache(maxsize=4096)
def _has_letter(character: str) -> bool:
    font = _font("text")
    # U+FFFF is no character: what is drawn for it is drawn for everything that is missing.
    return bytes(font.getmask(character)) != bytes(font.getmask("\uffff"))


@lru_cache(maxsize=8)
def _font(size: str) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(_SIZES[size])
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType and cannot draw text")
    return font
