"""Measures of pixels, the hints drawn from them, and copies among photos."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image, ImageDraw, ImageFilter

from imgfit.calibration.cohort import scenes
from imgfit.embedding.photos import PhotoEmbeddings
from imgfit.photos.copies import Copy, PhotoPrints
from imgfit.photos.quality import Quality, QualityMeasure, perceptual_hash, perceptual_hashes
from imgfit.photos.reading import PhotoFile
from imgfit.remarks import HINTS, Hint
from imgfit.scoring.hints import copy_hint, design_lift, hints_of_photos, photo_hints

if TYPE_CHECKING:
    from collections.abc import Callable

measure = QualityMeasure()


def scene(seed: int = 0, size: tuple[int, int] = (400, 300)) -> Image.Image:
    """A picture with the statistics of a photo: shapes of all sizes, and fine grain."""
    generator = np.random.default_rng(seed)
    image = Image.new("RGB", size, (110, 120, 100))
    draw = ImageDraw.Draw(image)
    for radius in (90, 60, 40, 25, 15, 8, 5, 3) * 12:
        x, y = generator.uniform(0, size[0]), generator.uniform(0, size[1])
        colour = tuple(int(c) for c in generator.uniform(20, 235, 3))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return image


def poster() -> Image.Image:
    image = Image.new("RGB", (400, 500), (20, 60, 130))
    image.paste(scene(3, (400, 200)), (0, 60))
    draw = ImageDraw.Draw(image)
    for line in range(8):
        draw.text((8, 275 + 26 * line), "KEGIATAN HARI INI DI DESA", fill="white", font_size=24)
    return image


def quality(image: Image.Image) -> Quality:
    return Quality.from_row(measure(image))


def codes(image: Image.Image) -> list[str]:
    return [hint.code for hint in photo_hints(quality(image), *image.size)]


def exposed(stops: float) -> Callable[[Image.Image], Image.Image]:
    table = [min(255, round(255 * ((v / 255) ** 2.2 * 2**stops) ** (1 / 2.2))) for v in range(256)]
    return lambda image: image.point(table * 3)


DAMAGE: dict[str, Callable[[Image.Image], Image.Image]] = {
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(4)),
    "dark": exposed(-3),
    "overexposed": exposed(3),
    "low_resolution": lambda image: image.resize((200, 150)),
    "extreme_aspect": lambda _: scene(size=(1000, 400)),
}


def test_a_whole_photo_gets_no_hint() -> None:
    assert codes(scene(size=(640, 480))) == []


@pytest.mark.parametrize("code", DAMAGE)
def test_damage_is_named_and_nothing_else_is(code: str) -> None:
    assert codes(DAMAGE[code](scene(size=(640, 480)))) == [code]


def test_a_poster_is_told_from_a_photo() -> None:
    assert codes(poster()) == ["poster"]
    assert quality(poster()).design > 2 * quality(scene()).design


def test_the_embedding_is_heard_about_posters() -> None:
    measured = quality(scene(size=(640, 480)))
    (hint,) = photo_hints(measured, 640, 480, lift=20.0)
    assert hint.code == "poster"
    assert photo_hints(measured, 640, 480, lift=-20.0) == ()
    assert photo_hints(quality(poster()), 640, 480, lift=-20.0) == ()


def test_a_page_is_told_to_be_white_and_to_be_a_poster() -> None:
    page = Image.new("RGB", (500, 700), "white")
    draw = ImageDraw.Draw(page)
    for line in range(24):
        draw.text((10, 10 + 28 * line), "SURAT KEPUTUSAN KETUA TENTANG", fill="black", font_size=28)
    assert codes(page) == ["overexposed", "poster"]


@pytest.mark.parametrize("seed", range(3))
def test_a_thumbnail_measures_like_its_original(seed: int) -> None:
    large = scene(seed, (1600, 1200))
    out = io.BytesIO()
    large.save(out, "JPEG", quality=90)
    draft = Image.open(out)
    draft.draft(None, (224, 224))
    assert draft.size == (400, 300)
    whole, half = quality(large), quality(draft.convert("RGB"))
    for name in ("sharpness", "brightness", "brightest", "clipped", "design"):
        assert getattr(whole, name) == pytest.approx(getattr(half, name), abs=0.08), name
    assert (whole.hash ^ half.hash).bit_count() <= 4


@pytest.mark.parametrize(
    "size", [(16, 16), (16, 320), (320, 16), (2000, 100), (224, 224), (225, 1000)]
)
def test_every_photo_that_is_let_in_can_be_measured(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), np.uint8)
    for image in (Image.fromarray(noise), Image.new("RGB", size), Image.new("RGB", size, "white")):
        row = measure(image)
        assert row.shape == (measure.size,)
        assert row.dtype == np.float32
        assert np.isfinite(row).all()


def test_a_flat_photo_is_not_blurred() -> None:
    assert quality(Image.new("RGB", (400, 400), (120, 90, 60))).sharpness == 1


def test_measures_do_not_depend_on_the_way_up() -> None:
    image = scene()
    turned = quality(image.transpose(Image.Transpose.ROTATE_90))
    assert turned.sharpness == pytest.approx(quality(image).sharpness, abs=0.01)
    assert turned.clipped == quality(image).clipped


@given(st.integers(0, 2**64 - 1))
def test_a_hash_survives_its_floats(packed: int) -> None:
    words = [packed >> place & 0xFFFF for place in range(0, 64, 16)]
    row = np.array([0.5] * 7 + words, np.float32)
    assert Quality.from_row(row).hash == packed


# --- hints -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", HINTS)
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_hint_says_what_was_measured(code: str, language: str) -> None:
    facts = {
        "value": 7,
        "limit": 3,
        "measure": "mean brightness",
        "other": "lain.jpg",
        "cosine": 0.9,
    }
    hint = Hint(code, facts)
    sentence = hint.say("id" if language == "id" else "en")
    assert "{" not in sentence
    assert ("7" in sentence) != (code == "same_file")
    assert ("lain.jpg" in sentence) == (code in ("same_file", "near_copy"))
    assert "\n" not in sentence


def test_hints_name_their_values_for_scripts() -> None:
    image = DAMAGE["dark"](scene(size=(640, 480)))
    (hint,) = photo_hints(quality(image), 640, 480)
    assert hint.row() == {
        "code": "dark",
        "value": round(quality(image).brightest, 4),
        "limit": 0.55,
        "measure": "brightness of the brightest parts",
    }


def test_a_dark_photo_is_told_by_the_limit_that_it_crosses() -> None:
    measured = replace(quality(scene()), brightness=0.1, brightest=0.4)
    (hint,) = photo_hints(measured, 640, 480)
    assert hint.say("en").startswith("the photo is dark: mean brightness 10%")
    measured = replace(measured, brightness=0.5)
    (hint,) = photo_hints(measured, 640, 480)
    assert hint.say("en").startswith("the photo is dark: brightness of the brightest parts 40%")
    assert hint.say("id").startswith("foto gelap: terang bagian yang paling terang 40%")
    assert "18%" not in hint.say("en")
    # A backlit hall is no mistake.
    assert "that is fine against the light" in hint.say("en")
    assert "wajar" in hint.say("id")


def test_design_lift_is_highest_on_a_poster_scene_and_knows_no_scale() -> None:
    rows = np.random.default_rng(0).normal(size=(len(scenes()), 32)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    place = [scene.names["en"] for scene in scenes()].index("text poster")
    lift = design_lift(rows, rows)
    assert lift.argmax() in [
        i
        for i, s in enumerate(scenes())
        if s.names["id"] in ("poster teks", "infografik", "logo", "tangkapan layar", "dokumen")
    ]
    assert lift[place] > 3
    assert design_lift(rows * np.float32(0.5), rows) == pytest.approx(lift, abs=1e-4)
    assert design_lift(np.zeros((1, 32), np.float32), rows) == 0


def test_a_batch_s_hints_stand_at_their_photos() -> None:
    images = [scene(0, (640, 480)), DAMAGE["dark"](scene(1, (640, 480))), scene(0, (640, 480))]
    measures = np.stack([measure(image) for image in (*images, images[1])])
    measures[3] = np.nan  # a photo that could not be decoded
    files = [
        PhotoFile(name, b"", name, "JPEG", 640, 480, animated=False) for name in ("a", "b", "c")
    ]
    vectors = np.eye(4, 8, dtype=np.float32)
    rows = np.random.default_rng(0).normal(size=(len(scenes()), 8)).astype(np.float32)
    names = ["satu", "dua", "tiga", "empat", "lima"]
    photos = PhotoEmbeddings(
        np.concatenate([vectors, vectors[:1] * 0]),
        (*files, files[1], None),
        (None,) * 5,
        np.concatenate([measures, measures[3:]]),
    )
    copies = copies_of(
        ["a", "b", "c", None, None], perceptual_hashes(photos.measures), photos.vectors
    )
    found = hints_of_photos(names, photos, copies, rows * np.float32(0.01))
    assert [[hint.code for hint in hints] for hints in found] == [
        ["near_copy"],
        ["dark"],
        ["near_copy"],
        [],
        [],
    ]
    assert found[0][0].facts["other"] == "tiga"
    nothing = PhotoEmbeddings(vectors[:1], (None,), (None,), measures[3:])
    assert hints_of_photos(["x"], nothing, [None], rows) == [()]


# --- copies ----------------------------------------------------------------------------------


def copies_of(
    digests: list[str | None], hashes: list[int], vectors: np.ndarray
) -> list[Copy | None]:
    """Find copies by hash, and by cosine only where the hash is near as well."""
    return PhotoPrints(digests, hashes, vectors, near=2.0).find_copies()


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "brighter": exposed(0.5),
    "smaller": lambda image: image.resize((150, 112)),
    "cut": lambda image: image.crop((10, 8, 390, 292)),
    "grey": lambda image: image.convert("L").convert("RGB"),
}


def hash_of(image: Image.Image) -> int:
    return quality(image).hash


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_found_among_others(name: str) -> None:
    images = [scene(seed) for seed in range(12)]
    images.append(COPIES[name](images[5]))
    vectors = np.eye(13, dtype=np.float32)
    vectors[12] = 0.9 * vectors[5] + np.sqrt(1 - 0.81).astype(np.float32) * vectors[12]
    found = copies_of([f"{i}" for i in range(13)], [hash_of(i) for i in images], vectors)
    assert [i for i, copy in enumerate(found) if copy] == [5, 12]
    assert found[5] is not None
    assert found[12] is not None
    assert (found[5].other, found[12].other) == (12, 5)
    assert found[12].cosine == pytest.approx(0.9, abs=1e-6)
    assert not found[12].same_file


def test_the_same_file_comes_before_any_near_copy() -> None:
    whole = hash_of(scene())
    vectors = np.tile(np.eye(4, dtype=np.float32)[0], (4, 1))
    found = copies_of(["a", "b", "c", "b"], [whole, whole, whole ^ 1, whole], vectors)
    others = [(copy.other, copy.same_file) if copy else None for copy in found]
    assert others == [(1, False), (3, True), (0, False), (1, True)]
    assert found[3] is not None
    assert copy_hint(found[3], "B") == Hint("same_file", {"value": 0, "other": "B"})


def test_likeness_of_hashes_alone_needs_more_of_it() -> None:
    whole = hash_of(scene())
    apart, together = np.eye(2, dtype=np.float32), np.ones((2, 1), np.float32)
    for bits, vectors, copied in [
        (8, apart, True),
        (9, apart, False),
        (20, together, True),
        (21, together, False),
    ]:
        found = copies_of(["a", "b"], [whole, whole ^ (1 << bits) - 1], vectors)
        assert [copy is not None for copy in found] == [copied, copied]


def test_photos_of_one_colour_are_no_copies_of_each_other() -> None:
    hashes = [hash_of(Image.new("RGB", (60, 40), c)) for c in ("red", "blue", "white", "black")]
    assert copies_of(list("abcd"), hashes, np.ones((4, 1), np.float32)) == [None] * 4


def test_blocks_leave_no_pair_out() -> None:
    whole = hash_of(scene())
    generator = np.random.default_rng(0)
    hashes = [int(h) for h in generator.integers(0, 2**63, 1100)]
    hashes[3] = hashes[1099] = whole
    vectors = np.eye(1, dtype=np.float32).repeat(1100, axis=0) * 0
    found = copies_of([str(i) for i in range(1100)], hashes, vectors)
    assert {i: copy.other for i, copy in enumerate(found) if copy} == {3: 1099, 1099: 3}


def test_no_photos_have_no_copies() -> None:
    assert copies_of([], [], np.empty((0, 4), np.float32)) == []


def test_the_hash_is_the_same_on_every_machine() -> None:
    grey = np.add.outer(np.arange(64) ** 2 % 251, np.arange(64) * 7 % 193).astype(np.float32) / 2
    assert perceptual_hash(grey.astype(np.float32)) == 6230447203570722913
