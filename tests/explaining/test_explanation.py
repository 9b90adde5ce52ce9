"""Which region supports which window: the sums, the geometry, and the picture."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from imgfit import Checker
from imgfit.errors import ArgumentError, CaptionWordlessError, PhotoMissingError
from imgfit.explaining.heatmap import _drawable, _has_letter, _placed, _wrapped
from imgfit.explaining.regions import find_regions, occlude, seen_box
from imgfit.metrics import unit
from tests.conftest import COLOURS, FakeEncoder, fake_calibration, fake_cohort

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def halves(left: str, right: str, size: tuple[int, int] = (80, 40)) -> bytes:
    """A photo of two colours side by side."""
    photo = Image.new("RGB", size, COLOURS[left])
    photo.paste(COLOURS[right], (size[0] // 2, 0, *size))
    file = io.BytesIO()
    photo.save(file, "PNG")
    return file.getvalue()


class PartedEncoder(FakeEncoder):
    """Its embedding is linear in the pixels but for the length, so it can be taken apart."""

    def encode_photos(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        self.photos_encoded += len(pixels)
        return unit(self._rows(pixels).mean(axis=(1, 2)))

    def encode_regions(self, pixels: NDArray[np.float32]) -> NDArray[np.float32] | None:
        rows = self._rows(pixels)
        lengths = np.linalg.norm(rows.mean(axis=(1, 2)), axis=-1)[:, None, None, None]
        parts: NDArray[np.float32] = rows / (lengths * rows.shape[1] * rows.shape[2])
        return parts

    def _rows(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = np.zeros((len(pixels), *pixels.shape[2:], self.dim), np.float32)
        colours = pixels.transpose(0, 2, 3, 1)
        rows[..., :3] = colours - colours.mean(axis=-1, keepdims=True)
        rows[..., 3] = 0.05
        return rows


class WrongEncoder(PartedEncoder):
    """Claims parts that do not add up to its embedding."""

    def encode_regions(self, pixels: NDArray[np.float32]) -> NDArray[np.float32] | None:
        return self._rows(pixels)


class WholeEncoder(PartedEncoder):
    """Knows of regions, but its tower has none."""

    def encode_regions(self, pixels: NDArray[np.float32]) -> NDArray[np.float32] | None:
        return None


def checker_of(encoder: FakeEncoder) -> Checker:
    cohort = fake_cohort(encoder)
    return Checker(encoder, fake_calibration(encoder, cohort), cohort)


@pytest.mark.parametrize("kind", [PartedEncoder, FakeEncoder])
@pytest.mark.parametrize(("caption", "side"), [("Mobil merah", 0), ("Laut biru", 1)])
def test_heat_lies_on_the_half_that_the_caption_names(
    kind: type[FakeEncoder], caption: str, side: int
) -> None:
    explained = checker_of(kind()).explain(halves("merah", "biru"), caption)
    assert explained.method == ("exact" if kind is PartedEncoder else "occlusion")
    width = explained.heat.shape[1] // 2
    sums = explained.heat[:, :width].sum(), explained.heat[:, -width:].sum()
    assert sums[side] > sums[1 - side]
    assert sums[side] > 0


def test_exact_contributions_sum_to_the_cosines() -> None:
    caption = "Mobil merah parkir di halaman kantor. Laut biru terlihat dari jendela kantor itu."
    explained = checker_of(PartedEncoder()).explain(halves("merah", "biru"), caption)
    assert explained.contributions.sum() == pytest.approx(explained.score.cosine, abs=1e-5)
    assert len(explained.score.windows) == len(explained.window_heat) == 2
    for window, heat in zip(explained.score.windows, explained.window_heat, strict=True):
        assert (heat + explained.baseline).sum() == pytest.approx(window.cosine, abs=1e-5)
    assert (explained.patch, explained.stride) == (None, None)


@pytest.mark.parametrize("kind", [FakeEncoder, WrongEncoder, WholeEncoder])
def test_what_cannot_be_taken_apart_is_covered_piece_by_piece(kind: type[FakeEncoder]) -> None:
    checker = checker_of(kind())
    explained = checker.explain(halves("merah", "biru"), "Mobil merah")
    assert explained.method == "occlusion"
    assert (explained.patch, explained.stride) == (2, 1)
    with pytest.raises(ArgumentError, match="method is exact: use 'occlusion'"):
        checker.explain(halves("merah", "biru"), "Mobil merah", method="exact")


def test_occlusion_can_be_asked_for() -> None:
    explained = checker_of(PartedEncoder()).explain(
        halves("merah", "biru"), "Mobil merah", method="occlusion"
    )
    assert explained.method == "occlusion"


def test_covering_takes_away_what_is_covered_and_nothing_else() -> None:
    encoder = FakeEncoder()
    pixels = np.full((3, 8, 8), 0.5, np.float32)
    assert np.abs(occlude(encoder, pixels, batch_size=7).vectors).max() < 1e-6
    pixels[0, 0:2, 0:2] = 1  # a red corner on grey
    before = pixels.copy()
    encoder.batches.clear()
    regions = occlude(encoder, pixels, batch_size=7)
    assert (pixels == before).all()
    assert regions.vectors.shape == (8, 8, 16)
    assert max(encoder.batches) <= 7
    assert sum(encoder.batches) == 7 * 7 + 1
    strength = np.linalg.norm(regions.vectors, axis=-1)
    assert np.unravel_index(strength.argmax(), strength.shape) == (0, 0)
    assert strength[4:, 4:].max() < strength[0, 0] / 10


class FittedEncoder(FakeEncoder):
    """Fits photos to its square the ways that models do."""

    photo_size = 64

    def __init__(self, mode: str) -> None:
        super().__init__()
        self.mode = mode

    def prepare(self, image: Image.Image) -> NDArray[np.float32]:
        side = (self.photo_size, self.photo_size)
        if self.mode == "squash":
            image = image.resize(side, Image.Resampling.BICUBIC)
        elif self.mode == "crop":
            image = ImageOps.fit(image, side, Image.Resampling.BICUBIC)
        elif self.mode == "pad":
            image = ImageOps.pad(image, side, Image.Resampling.BICUBIC, color=(9, 200, 7))
        else:
            image = image.resize(side).rotate(30)
        pixels = np.asarray(image, np.float32).transpose(2, 0, 1) / np.float32(255)
        spread = np.array([0.27, 0.26, 0.28], np.float32)[:, None, None]
        return (pixels - np.float32(0.45)) / spread


@pytest.mark.parametrize(
    ("mode", "size", "box"),
    [
        ("squash", (200, 100), (0, 0, 1, 1)),
        ("squash", (90, 333), (0, 0, 1, 1)),
        ("crop", (200, 100), (0.25, 0, 0.75, 1)),
        ("crop", (100, 400), (0, 0.375, 1, 0.625)),
        ("crop", (1000, 100), (0.45, 0, 0.55, 1)),
        ("pad", (200, 100), (0, -0.5, 1, 1.5)),
        ("pad", (100, 400), (-1.5, 0, 2.5, 1)),
        ("crop", (64, 64), (0, 0, 1, 1)),
        ("squash", (20, 16), (0, 0, 1, 1)),
    ],
)
def test_where_the_tower_looks(
    mode: str, size: tuple[int, int], box: tuple[float, float, float, float]
) -> None:
    assert seen_box(FittedEncoder(mode), size) == pytest.approx(box, abs=0.04)


def test_a_photo_that_is_turned_on_the_way_is_refused() -> None:
    with pytest.raises(ArgumentError, match="encoder is fake"):
        seen_box(FittedEncoder("turn"), (200, 100))


def test_heat_is_laid_where_it_was_seen() -> None:
    heat = np.array([[1, 0], [0, 0]], np.float32)
    whole, seen = _placed(heat, (0, 0, 1, 1), (100, 60))
    assert seen.all()
    assert np.unravel_index(whole.argmax(), whole.shape)[0] < 30
    assert whole.max() <= 1
    crop, seen = _placed(heat, (0.25, 0, 0.75, 1), (100, 60))
    assert seen[:, 25:75].all()
    assert not seen[:, :25].any()
    assert not seen[:, 75:].any()
    assert (crop[~seen] == 0).all()
    assert crop[5, 30] > 0.9
    padded, seen = _placed(heat, (0, -0.5, 1, 1.5), (100, 50))
    assert seen.all()
    assert padded[0, 10] == pytest.approx(1, abs=0.25)


def test_the_picture_is_orange_where_there_is_heat_and_grey_elsewhere(tmp_path: Path) -> None:
    explained = checker_of(PartedEncoder()).explain(halves("merah", "biru"), "Mobil merah")
    path = tmp_path / "why.png"
    explained.save(path, "id")
    with Image.open(path) as picture:
        assert (picture.format, picture.mode) == ("PNG", "RGB")
        pixels = np.asarray(picture, int)
    assert not [p for p in tmp_path.iterdir() if p != path]
    # The first picture is the photo itself; the second one has heat on its left half only.
    panel = pixels[24 : 24 + 190, 24 + 404 : 24 + 404 + 380]
    warmth = panel[..., 0] - panel[..., 2]
    assert np.median(warmth[:, :150]) > 50
    assert np.median(warmth[:, -150:]) == 0
    with pytest.raises(ArgumentError, match="ending in .png"):
        explained.save(tmp_path / "why.jpg")
    with pytest.raises(ArgumentError, match="^path is"):
        explained.save(tmp_path / "none" / "why.png")


def test_words_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    draw = ImageDraw.ImageDraw.text

    def note(
        self: ImageDraw.ImageDraw, xy: object, text: str, *rest: object, **more: object
    ) -> None:
        said.append(text)
        draw(self, xy, text, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", note)
    exact = checker_of(PartedEncoder()).explain(halves("merah", "biru"), "Mobil merah")
    covered = checker_of(FakeEncoder()).explain(halves("merah", "merah"), "Laut biru sekali")
    exact.image("en")
    assert any(line.startswith("Method: exact.") for line in said)
    assert "Mobil merah" in said
    assert any(line.startswith("Fit ") for line in said)
    said.clear()
    covered.image("id")
    assert any(line.startswith("Cara: oklusi. Kotak 2 piksel") for line in said)
    assert "Tidak ada bagian foto yang jelas mendukung teks ini." in said
    assert any("Model fake@fake-1" in line for line in said)


def test_many_windows_make_no_endless_picture() -> None:
    caption = " ".join(f"Mobil merah nomor {n} parkir di halaman kantor kami." for n in range(20))
    explained = checker_of(PartedEncoder()).explain(halves("merah", "biru"), caption)
    assert len(explained.window_heat) > 12
    assert max(explained.image().size) < 2500


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Rapat kerja, 17/8", "Rapat kerja, 17/8"),
        ("Senin – “tepat” • é", "Senin - “tepat” * e"),
        ("½ kg, Phở", "1 kg, Pho"),
    ],
)
def test_text_as_the_font_can_draw_it(text: str, drawn: str) -> None:
    assert _drawable(text) == drawn
    assert all(_has_letter(c) for c in drawn if c != " ")


def test_a_foreign_letter_is_shown_as_missing() -> None:
    assert not _has_letter("漢")
    assert _drawable("漢字") == "\N{REPLACEMENT CHARACTER}" * 2


def test_long_words_and_long_texts_are_broken_to_fit() -> None:
    lines = _wrapped("a" * 500 + " " + "kata " * 200, 300, "text")
    assert len(lines) == 5
    assert lines[-1].endswith("…")
    assert _wrapped("", 300, "text") == []


def test_what_cannot_be_explained_says_why(tmp_path: Path) -> None:
    checker = checker_of(FakeEncoder())
    with pytest.raises(PhotoMissingError):
        checker.explain(tmp_path / "missing.jpg", "Mobil merah")
    with pytest.raises(CaptionWordlessError):
        checker.explain(halves("merah", "biru"), "#a #b")


def test_regions_of_any_encoder_are_linear_in_the_text(encoder: FakeEncoder) -> None:
    pixels = encoder.prepare(Image.open(io.BytesIO(halves("merah", "biru"))).convert("RGB"))
    regions = find_regions(encoder, pixels, batch_size=32)
    a, b = encoder.encode_texts(["merah", "biru"])
    both = regions.vectors @ (a + b)
    assert both == pytest.approx(regions.vectors @ a + regions.vectors @ b, abs=1e-6)
