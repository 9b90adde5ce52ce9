"""Photos given as bytes, open files, PIL images and arrays: the same photo, or an error by name."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import imgfit
from imgfit import Checker, Draft
from imgfit.errors import ArgumentError, PhotoShapeError, PhotoTooLargeError, PhotoUnreadableError
from imgfit.photos import size_limits
from imgfit.photos.decoding import Pixels, decode_photo
from imgfit.photos.reading import read_bytes, read_photo
from imgfit.photos.sources import name_of, require_photo, take_photo
from imgfit.photos.thumbnails import make_thumbnails
from tests.conftest import FakeEncoder, save_photo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CAPTION = "mobil merah di jalan raya"


def picture(width: int = 64, height: int = 48) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Noise on red, so that every pixel counts."""
    noise = np.random.default_rng(3).integers(0, 60, (height, width, 3), np.uint8)
    return noise + np.array([180, 0, 0], np.uint8)


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def pixels_of(source: Any) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(decode_photo(read_photo(source)))


# --- the same photo ------------------------------------------------------------------------------


class Slow(io.RawIOBase):
    """A file that gives less than is asked, as a pipe or a socket does."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def read(self, size: int = -1) -> bytes:
        piece, self.rest = self.rest[: min(size, 7)], self.rest[min(size, 7) :]
        return piece


FORMS: dict[str, Callable[[bytes], Any]] = {
    "bytes": lambda data: data,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "strided view": lambda data: memoryview(bytearray(b for byte in data for b in (byte, 0)))[::2],
    "file": io.BytesIO,
    "slow file": Slow,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_file_is_the_same_photo(form: str, tmp_path: Path) -> None:
    data = save_photo(tmp_path / "a.jpg").read_bytes()
    read = read_photo(FORMS[form](data))
    assert (
        read.digest
        == read_photo(tmp_path / "a.jpg").digest
        == read_photo(str(tmp_path / "a.jpg")).digest
    )
    assert read.data == data


def test_an_open_file_is_read_from_where_it_stands(tmp_path: Path) -> None:
    data = save_photo(tmp_path / "a.jpg").read_bytes()
    (tmp_path / "b").write_bytes(b"head" + data)
    with (tmp_path / "b").open("rb") as file:
        file.seek(4)
        draft = Draft(file, CAPTION)
    assert draft.photo == data
    assert draft.id == f"<{type(file).__name__}>"


@pytest.mark.parametrize("size", [(64, 48), (48, 64), (333, 17)])
def test_the_same_pixels_saved_as_png_embed_and_score_the_same(
    checker: Checker, encoder: FakeEncoder, size: tuple[int, int]
) -> None:
    array = picture(*size)
    image = Image.fromarray(array)
    rows = [
        checker.check(source, CAPTION)
        for source in (saved(image), array, image, np.asfortranarray(array), array[::-1][::-1])
    ]
    assert len({(row.cosine, row.fit, row.verdict) for row in rows}) == 1
    assert rows[0].cosine is not None
    assert encoder.photos_encoded == 5  # nothing came from a cache


def test_the_built_in_model_scores_the_same_pixels_the_same() -> None:
    array = picture(321, 240)
    array[60:180, 80:240] = (240, 240, 230)
    image = Image.fromarray(array)
    rows = [imgfit.check(source, CAPTION) for source in (saved(image), array, image)]
    assert len({(row.cosine, row.normalised, row.fit) for row in rows}) == 1
    assert rows[0].cosine is not None


@pytest.mark.parametrize("mode", ["RGBA", "L", "LA", "P", "CMYK", "1", "I;16", "F", "YCbCr"])
def test_an_image_of_any_mode_is_what_its_file_is(mode: str) -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (48, 1))
    if mode == "I;16":
        image = Image.fromarray(ramp)
    elif mode == "F":
        image = Image.fromarray(ramp.astype(np.float32) / 65535)
    else:
        image = Image.fromarray(picture()).convert(mode)
    if mode in ("RGBA", "LA"):
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    kind = "TIFF" if mode in ("CMYK", "F", "YCbCr") else "PNG"
    assert np.array_equal(pixels_of(image), pixels_of(saved(image, kind)))


@pytest.mark.parametrize("turn", range(1, 9))
def test_an_image_is_turned_by_its_exif_and_stays_as_it_was(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    data = saved(Image.fromarray(picture()), "PNG", exif=exif)
    image = Image.open(io.BytesIO(data))
    assert np.array_equal(pixels_of(image), pixels_of(data))
    # The host's image is as it was: size, mode, orientation and pixels.
    assert (image.size, image.mode, image.getexif()[0x0112]) == ((64, 48), "RGB", turn)
    assert np.array_equal(np.asarray(image), picture())


def test_a_picture_is_copied_when_the_draft_is_made() -> None:
    array = picture()
    image = Image.fromarray(array)
    drafts = [Draft(array, CAPTION), Draft(image, CAPTION)]
    before = pixels_of(array)
    array[:] = 0
    image.paste((0, 0, 0), (0, 0, 64, 48))
    assert all(np.array_equal(pixels_of(draft.photo), before) for draft in drafts)


# --- digests -------------------------------------------------------------------------------------


def test_a_digest_of_pixels_is_over_pixels_and_size_and_of_no_file() -> None:
    array = picture()
    digest = read_photo(array).digest
    assert digest == read_photo(Image.fromarray(array)).digest
    assert digest == read_photo(Image.fromarray(array).convert("RGBA")).digest
    assert digest != read_photo(saved(Image.fromarray(array))).digest
    assert digest != read_photo(picture(48, 64)).digest
    same_rows = array.reshape(64, 48, 3)
    assert same_rows.tobytes() == array.tobytes()
    assert digest != read_photo(same_rows).digest
    with pytest.raises(PhotoUnreadableError):  # bytes are a file, whatever they hold
        read_photo(array.tobytes())


def test_pixels_travel_to_other_processes() -> None:
    taken = take_photo(picture())
    again = pickle.loads(pickle.dumps(taken))  # noqa: S301 - our own bytes
    assert isinstance(again, Pixels)
    assert (again, again.width, again.height) == (taken, 64, 48)
    assert read_photo(again).digest == read_photo(picture()).digest
    with pytest.raises(ValueError, match="bytes for"):
        Pixels(b"abc", 2, 2)


def test_pixels_are_cached_under_their_own_digest(tmp_path: Path, encoder: FakeEncoder) -> None:
    from imgfit.cache.embeddings import EmbeddingCache  # noqa: PLC0415
    from imgfit.embedding.photos import embed_photos  # noqa: PLC0415

    with EmbeddingCache(tmp_path / "cache.sqlite") as cache:
        first = embed_photos(encoder, [picture()], cache=cache)
        again = embed_photos(encoder, [picture(), Image.fromarray(picture())], cache=cache)
    assert encoder.photos_encoded == 1
    assert (again.vectors == first.vectors).all()
    assert again.files[0] is not None
    assert (again.files[0].format, again.files[0].name) == ("pixels", "<64x48 pixels>")


def test_thumbnails_are_made_of_pictures_too() -> None:
    shown = make_thumbnails(
        [picture(), Image.fromarray(picture()), saved(Image.fromarray(picture()))]
    )
    assert not isinstance(shown[0], str)
    assert shown[0] == shown[1] == shown[2]


# --- what is refused -----------------------------------------------------------------------------

WRITTEN = "rahasia-4711"
WRONG: list[tuple[Any, str]] = [
    (3, "photo is of type int:"),
    (None, "photo is of type NoneType:"),
    ([WRITTEN], "photo is of type list:"),
    ({"a": WRITTEN}, "photo is of type dict:"),
    (3.5, "photo is of type float:"),
    (np.float64(1.5), "photo is of type float64:"),
    (object(), "photo is of type object:"),
    (io.StringIO(WRITTEN), "photo is a file opened as text:"),
    (np.zeros((48, 64), np.uint8), r"photo is an array of shape \(48, 64\) and dtype uint8:"),
    (np.zeros((48, 64, 4), np.uint8), r"shape \(48, 64, 4\) and dtype uint8:"),
    (np.zeros((3, 48, 64), np.uint8), r"shape \(3, 48, 64\)"),
    (np.zeros((1, 48, 64, 3), np.uint8), r"shape \(1, 48, 64, 3\)"),
    (np.zeros((48, 64, 3), np.float32), "dtype float32:"),
    (np.zeros((48, 64, 3), np.int64), "dtype int64:"),
    (np.array(["a"]), "dtype <U1"),
]


@pytest.mark.parametrize(("photo", "said"), WRONG)
def test_a_wrong_type_is_an_argument_error_that_shows_no_contents(
    checker: Checker, photo: Any, said: str
) -> None:
    for call in (
        lambda: checker.check(photo, CAPTION),
        lambda: checker.explain(photo, CAPTION),
        lambda: checker.rank_captions(photo, [CAPTION]),
        lambda: require_photo(photo),
        lambda: read_bytes(photo),
    ):
        with pytest.raises(ArgumentError, match=said) as caught:
            call()
        for language in ("id", "en"):
            assert WRITTEN not in caught.value.say(language)
            assert "numpy" in caught.value.say(language)
    assert caught.value.say("id") != caught.value.say("en")


@pytest.mark.parametrize(("photo", "said"), [case for case in WRONG if case[0] is not None])
def test_in_a_batch_a_wrong_type_is_a_failed_row(
    checker: Checker, tmp_path: Path, photo: Any, said: str
) -> None:
    good = save_photo(tmp_path / "a.png")
    batch = checker.check_drafts([Draft(photo, CAPTION), Draft(good, CAPTION)])
    assert isinstance(batch[0].error, ArgumentError)
    assert batch[0].row()["photo"] is None
    assert batch[1].error is None
    ranking = checker.rank_photos(CAPTION, [photo, good])
    assert [entry.error is None for entry in ranking.entries] == [True, False]


def test_a_file_that_turns_out_to_be_text_is_refused() -> None:
    class Odd:
        def read(self, size: int) -> str:
            return WRITTEN

    with pytest.raises(ArgumentError, match="opened as text"):
        take_photo(Odd())  # type: ignore[arg-type]


def test_a_file_that_cannot_be_read_is_a_failed_photo(checker: Checker, tmp_path: Path) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError(104, "reset by peer")

    closed = io.BytesIO(b"x")
    closed.close()
    for file, said in ((Broken(), "reset by peer"), (closed, "closed file")):
        score = checker.check(file, CAPTION)
        assert isinstance(score.error, PhotoUnreadableError)
        assert said in str(score.error)


def test_a_broken_image_is_a_failed_photo(checker: Checker) -> None:
    image = Image.open(io.BytesIO(saved(Image.fromarray(picture()))[:2000]))  # not loaded yet
    score = checker.check(image, CAPTION)
    assert isinstance(score.error, PhotoUnreadableError)


@pytest.mark.parametrize("form", [Image.fromarray, lambda array: array])
def test_pictures_are_held_to_the_limits(
    checker: Checker, monkeypatch: pytest.MonkeyPatch, form: Callable[[Any], Any]
) -> None:
    assert isinstance(checker.check(form(picture(15, 64)), CAPTION).error, PhotoShapeError)
    assert isinstance(checker.check(form(picture(16, 321)), CAPTION).error, PhotoShapeError)
    monkeypatch.setattr(size_limits, "MAX_PIXELS", 64 * 48 - 1)
    assert isinstance(checker.check(form(picture()), CAPTION).error, PhotoTooLargeError)


@pytest.mark.parametrize("form", [bytearray, memoryview, io.BytesIO, Slow])
def test_bytes_are_held_to_the_limit(
    monkeypatch: pytest.MonkeyPatch, form: Callable[[bytes], Any]
) -> None:
    monkeypatch.setattr(size_limits, "MAX_BYTES", 50)
    assert take_photo(form(b"x" * 50)) == b"x" * 50
    with pytest.raises(PhotoTooLargeError, match="limit"):
        take_photo(form(b"x" * 51))


def test_an_endless_file_is_read_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            Endless.given += min(size, 10)
            return b"x" * min(size, 10)

    monkeypatch.setattr(size_limits, "MAX_BYTES", 55)
    with pytest.raises(PhotoTooLargeError):
        take_photo(Endless())
    assert Endless.given == 56


def test_each_kind_has_a_name(tmp_path: Path) -> None:
    array = picture()
    named = [tmp_path / "a", "b.jpg", b"abc", bytearray(4), memoryview(b"12345"), array,
             Image.fromarray(array), take_photo(array), None, 3]  # fmt: skip
    assert [name_of(photo) for photo in named] == [
        str(tmp_path / "a"), "b.jpg", "<3 bytes>", "<4 bytes>", "<5 bytes>", "<64x48 pixels>",
        "<64x48 pixels>", "<64x48 pixels>", "-", "<int>",
    ]  # fmt: skip
