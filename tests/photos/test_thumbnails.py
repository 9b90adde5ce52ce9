"""Small copies: upright, bounded, and without what else the photo's file holds."""

from __future__ import annotations

import base64
import io
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

import imgfit.photos.thumbnails as module
from imgfit.photos.decoding import decode_photo, decoding_bytes
from imgfit.photos.thumbnails import STEPS, Shown, Thumbnail, make_thumbnails
from tests.conftest import save_photo

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.photos.reading import PhotoFile


def decoded(shown: Shown) -> Image.Image:
    assert isinstance(shown, Thumbnail)
    image = Image.open(
        io.BytesIO(base64.b64decode(shown.uri.removeprefix("data:image/webp;base64,")))
    )
    assert image.size == (shown.width, shown.height)
    return image


@pytest.mark.parametrize(
    ("size", "small"),
    [
        ((800, 600), (320, 240)),
        ((600, 800), (240, 320)),
        ((2000, 100), (320, 16)),
        ((40, 30), (40, 30)),
    ],
)
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "gif"])
def test_the_long_side_is_bounded_and_nothing_is_enlarged(
    tmp_path: Path, size: tuple[int, int], small: tuple[int, int], suffix: str
) -> None:
    (shown,) = make_thumbnails([save_photo(tmp_path / f"a.{suffix}", size=size)])
    assert decoded(shown).size == small


def test_copies_stand_upright_and_carry_no_exif(tmp_path: Path) -> None:
    image = Image.new("RGB", (400, 200), "red")
    image.paste((0, 0, 255), (0, 0, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right to stand upright: the left half is on top then
    exif[0x010F] = "pabrik"
    exif.get_ifd(0x8825)[1] = "S"
    image.save(tmp_path / "a.jpg", exif=exif)
    (shown,) = make_thumbnails([tmp_path / "a.jpg"])
    copy = decoded(shown)
    assert copy.size == (160, 320)
    red, _, blue = np.asarray(copy.convert("RGB"))[20].mean(axis=0)
    assert blue - red > 150
    assert not copy.getexif()
    assert not {"exif", "xmp", "icc_profile"} & copy.info.keys()


def test_each_kind_of_source_has_its_answer_in_order(tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    (tmp_path / "b.jpg").write_bytes(b"no photo")
    done: list[tuple[int, int]] = []
    shown = make_thumbnails(
        [photo, None, tmp_path / "none.jpg", tmp_path / "b.jpg", photo.read_bytes(), str(photo)],
        progress=lambda *args: done.append(args),
    )
    assert [s if isinstance(s, str) else "shown" for s in shown] == [
        "shown", "absent", "absent", "unreadable", "shown", "shown",
    ]  # fmt: skip
    assert shown[0] == shown[4] == shown[5]
    assert done == [(n, 6) for n in range(1, 7)]
    assert make_thumbnails([]) == []


def test_a_smaller_share_gives_a_smaller_copy_and_at_last_none(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    noise = Image.fromarray(generator.integers(0, 255, (120, 160, 3), np.uint8))
    noise.resize((1600, 1200)).save(tmp_path / "a.png")
    sizes = []
    for budget in (1_000_000, 24_000, 10_000, 6_000, 200):
        (shown,) = make_thumbnails([tmp_path / "a.png"], budget=budget)
        sizes.append(0 if isinstance(shown, str) else shown.width)
        assert isinstance(shown, str) or len(base64.b64decode(shown.uri.split(",")[1])) <= budget
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (STEPS[0][0], 0)
    assert len(set(sizes)) >= 4
    assert make_thumbnails([tmp_path / "a.png"], budget=200) == ["omitted"]


def test_the_budget_is_for_all_together(tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png", size=(320, 240))
    (alone,) = make_thumbnails([photo])
    assert isinstance(alone, Thumbnail)
    least = len(base64.b64decode(make_thumbnails([photo], side=112)[0].uri.split(",")[1]))  # type: ignore[union-attr]
    assert (
        make_thumbnails([photo] * 4, budget=4 * (least - 1), side=112)[3]
        != make_thumbnails([photo], budget=4 * (least - 1), side=112)[0]
    )


def test_few_large_photos_are_decoded_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    most = 0

    def decode(photo: PhotoFile, *, short_side: int | None = None) -> Image.Image:
        nonlocal most
        held.append(decoding_bytes(photo))
        most = max(most, sum(held))
        image = decode_photo(photo, short_side=short_side)
        time.sleep(0.01)
        held.remove(decoding_bytes(photo))
        return image

    monkeypatch.setattr(module, "DECODING_BYTES", 40_000)
    monkeypatch.setattr(module, "decode_photo", decode)
    paths = [save_photo(tmp_path / f"{n}.png", size=(40, 30 + n)) for n in range(12)]
    assert all(isinstance(shown, Thumbnail) for shown in make_thumbnails(paths, workers=8))
    assert 14_400 <= most <= 40_000
