"""A photo's file is read once a run, if memory allows."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from imgfit.checker import Checker
from imgfit.cli import app as cli
from imgfit.errors import PhotoMissingError
from imgfit.photos import reading
from imgfit.photos.description import read_description
from imgfit.photos.reading import keep_files, read_bytes
from tests.conftest import Another, FakeEncoder, fake_calibration, fake_cohort, save_photo

if TYPE_CHECKING:
    from collections.abc import Iterator

_counting: list[Counter[str]] = []


def _noted(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _counting and isinstance(arguments[0], (str, Path)):
        _counting[-1][Path(arguments[0]).name] += 1


sys.addaudithook(_noted)


@contextmanager
def opened() -> Iterator[Counter[str]]:
    """Count how often each file is opened in the block, by whatever means."""
    _counting.append(Counter())
    try:
        yield _counting[-1]
    finally:
        _counting.pop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Photos that carry their captions, and some with a caption beside them."""
    place = tmp_path / "draf"
    exif = Image.Exif()
    exif[0x010E] = "mobil merah di jalan raya"
    for number in range(6):
        path = save_photo(place / f"{number}.jpg", size=(60 + number, 40))
        Image.open(path).save(path, exif=exif)
    for number in range(6, 9):
        save_photo(place / f"{number}.png", "biru", (60 + number, 40))
        (place / f"{number}.txt").write_text("langit biru di atas laut")
    return place


@pytest.fixture
def _fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(model: str = "mini", *_: Any, cache: Any = None, **__: Any) -> Checker:
        encoder = Another() if model == "other" else FakeEncoder()
        cohort = fake_cohort(encoder)
        return Checker(encoder, fake_calibration(encoder, cohort), cohort, cache=cache)

    monkeypatch.setattr(Checker, "load", load)


def photos_opened(folder: Path, *arguments: object) -> list[int]:
    with opened() as files:
        result = CliRunner().invoke(cli.app, [*map(str, arguments), "--no-cache"])
    assert result.exit_code in (0, 1), result.output
    return [files[path.name] for path in sorted(folder.glob("*.[jp]*g"))]


@pytest.mark.usefixtures("_fake_model")
def test_a_check_with_a_report_opens_each_photo_once(folder: Path, tmp_path: Path) -> None:
    report = tmp_path / "a.html"
    assert photos_opened(folder, "check", folder, "--report", report) == [1] * 9
    assert report.read_text("utf-8").count("data:image/webp") >= 9


@pytest.mark.usefixtures("_fake_model")
@pytest.mark.parametrize("command", [["check"], ["swap"], ["check", "--second", "other"]])
def test_every_command_opens_each_photo_once(folder: Path, command: list[str]) -> None:
    assert photos_opened(folder, command[0], folder, *command[1:]) == [1] * 9


@pytest.mark.usefixtures("_fake_model")
def test_without_memory_photos_are_read_again_and_the_page_is_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = []
    for size in (reading.KEEPING_BYTES, 2_000, 0):
        monkeypatch.setitem(keep_files.__wrapped__.__kwdefaults__, "size", size)  # type: ignore[attr-defined]
        counts = photos_opened(folder, "check", folder, "--report", tmp_path / "a.html")
        pages.append(((tmp_path / "a.html").read_bytes(), sum(counts)))
    assert pages[0][0] == pages[1][0] == pages[2][0]
    assert pages[0][1] == 9 < pages[1][1] < pages[2][1] == 6 * 3 + 3 * 2


def test_nothing_is_kept_outside_a_run(folder: Path) -> None:
    with opened() as files:
        read_description(folder / "0.jpg")
        read_bytes(folder / "0.jpg", again=True)
        read_bytes(folder / "0.jpg")
    assert files["0.jpg"] == 3


def test_a_kept_file_goes_when_it_is_read_for_the_last_time(folder: Path) -> None:
    path = folder / "0.jpg"
    with keep_files(until_end=False):
        assert read_description(path) is not None
        whole = path.read_bytes()
        path.unlink()
        assert read_bytes(path) == whole
        with pytest.raises(PhotoMissingError):
            read_bytes(path)


def test_a_run_sees_one_state_of_a_file(folder: Path) -> None:
    path = folder / "0.jpg"
    with keep_files(until_end=True):
        first = read_bytes(path)
        path.write_bytes(b"another")
        assert read_bytes(str(path)) == first
    assert read_bytes(path) == b"another"


def test_no_more_is_kept_than_the_budget(folder: Path) -> None:
    sizes = {path: path.stat().st_size for path in sorted(folder.glob("*.jpg"))}
    first, second, *_ = sizes
    with keep_files(until_end=True, size=sizes[first]), opened() as files:
        for path in (first, second, first, second):
            read_bytes(path)
    assert (files[first.name], files[second.name]) == (1, 2)


def test_given_bytes_are_not_read_again(folder: Path) -> None:
    data = (folder / "0.jpg").read_bytes()
    with opened() as files:
        found = read_description(folder / "0.jpg", data)
    assert found is not None
    assert found.text == "mobil merah di jalan raya"
    assert not files
