"""The commands that choose: captions for a photo, addresses, and options all of them share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from typer.testing import CliRunner

from imgfit import Checker
from imgfit.cli.app import app
from tests.conftest import own_drafts, save_photo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture
def asked(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """How the command asked for the model; it gets a checker over the fake encoder."""
    options: dict[str, Any] = {}

    def load(model: str, **more: Any) -> Checker:
        options.clear()
        options.update(more, model=model)
        return checker

    monkeypatch.setattr(Checker, "load", load)
    monkeypatch.setenv("COLUMNS", "120")
    return options


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--no-cache"])


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save_photo(tmp_path / "merah.png", "merah")


@pytest.fixture
def memory(photo: Path) -> Iterator[str]:
    """An object store that holds a photo and a file of captions."""
    store = fsspec.filesystem("memory")
    store.pipe("/foto/merah.png", photo.read_bytes())
    store.pipe("/foto/teks.txt", b"Laut biru\nMobil merah\n")
    yield "memory://foto"
    store.store.clear()


@pytest.mark.usefixtures("asked")
def test_captions_are_ranked_for_a_photo(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "teks.txt").write_text("Laut biru\n\n  Daun hijau  \n", "utf-8")
    result = run(
        "rank-captions", photo, "-c", "Mobil merah", "--captions", tmp_path / "teks.txt",
        "--lang", "id",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    rows = [line for line in result.stdout.splitlines() if "│" in line]
    assert "Mobil merah" in rows[0]
    assert "berbicara" in rows[0]
    assert sorted(line.split("│")[2].strip() for line in rows) == [
        "Daun hijau", "Laut biru", "Mobil merah",
    ]  # fmt: skip
    assert "Keterangan mana yang paling cocok?" in result.stdout
    assert "Keterangan terbaik unggul" in result.stdout


@pytest.mark.usefixtures("asked")
def test_ranked_captions_as_json(photo: Path) -> None:
    arguments = ("rank-captions", photo, "-c", "Laut biru", "-c", "Mobil merah", "--json")
    result = run(*arguments)
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["Mobil merah", "Laut biru"]
    assert [row["place"] for row in rows] == [1, 2]
    assert rows[0]["margin"] > 0
    (top,) = run(*arguments, "--top", 1).stdout.splitlines()
    assert json.loads(top)["id"] == "Mobil merah"


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("captions", "code", "says"),
    [
        (["Mobil merah", "Mobil merah!"], 0, ""),
        (["Laut biru"], 1, ""),
        (["Mobil merah", "#a #b"], 1, "no words to picture"),
    ],
)
def test_the_exit_code_tells_whether_the_best_caption_fits(
    photo: Path, captions: list[str], code: int, says: str
) -> None:
    given = [part for caption in captions for part in ("-c", caption)]
    result = run("rank-captions", photo, *given, "--lang", "en")
    assert result.exit_code == code
    assert says in " ".join(result.stdout.replace("│", "").split())


@pytest.mark.usefixtures("asked")
def test_a_photo_or_file_that_cannot_be_read_is_one_line(photo: Path, tmp_path: Path) -> None:
    gone = run("rank-captions", tmp_path / "hilang.png", "-c", "Mobil merah", "--lang", "id")
    assert (gone.exit_code, gone.stdout) == (1, "")
    assert "foto tidak ada di" in gone.stderr
    unread = run("rank-captions", photo, "--captions", tmp_path / "hilang.txt", "--lang", "id")
    assert (unread.exit_code, unread.stdout) == (2, "")
    assert "hilang.txt" in unread.stderr
    assert len(unread.stderr.splitlines()) == 1


@pytest.mark.usefixtures("asked")
def test_captions_cannot_command_the_terminal(photo: Path) -> None:
    result = run("rank-captions", photo, "-c", "Mobil \x1b[31mmerah\n[bold]x[/bold]", "-c", "Laut")
    assert "\x1b" not in result.stdout
    assert "[bold]x[/bold]" in result.stdout


@pytest.mark.usefixtures("asked")
def test_photos_and_captions_may_be_at_addresses(memory: str, tmp_path: Path) -> None:
    place = f"{memory}/merah.png"
    ranked = run("rank", place, tmp_path, "-c", "Mobil merah", "--json")
    assert ranked.exit_code == 0, ranked.stderr
    names = [json.loads(line)["id"] for line in ranked.stdout.splitlines()]
    assert names == [place, str(tmp_path / "merah.png")]
    captions = run("rank-captions", place, "--captions", f"{memory}/teks.txt", "--json")
    assert captions.exit_code == 0, captions.stderr
    assert json.loads(captions.stdout.splitlines()[0])["id"] == "Mobil merah"
    why = tmp_path / "why.png"
    explained = run("explain", place, "-c", "Mobil merah", "-o", why)
    assert explained.exit_code == 0, explained.stderr
    assert why.read_bytes().startswith(b"\x89PNG")


def every_command(photo: Path, folder: Path) -> list[list[object]]:
    own_drafts(folder, 20)
    for path in folder.glob("[0-9]*.png"):
        path.with_suffix(".txt").write_text(f"merah rapat hari {path.stem}", "utf-8")
    return [
        ["check", photo, "-c", "Mobil merah"],
        ["rank", photo, "-c", "Mobil merah"],
        ["rank-captions", photo, "-c", "Mobil merah"],
        ["swap", folder],
        ["explain", photo, "-c", "Mobil merah", "-o", folder / "x.png"],
        ["calibrate", folder, "-o", folder / "k.json", "--far", "0.3"],
    ]


def test_every_command_loads_the_model_as_asked_and_tells_its_drift(
    asked: dict[str, Any],
    checker: Checker,
    photo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = checker.encoder
    for name, value in {"origin": "fake-1", "runtime": "onnx-int8", "fit_drift": 0.0123}.items():
        monkeypatch.setattr(encoder, name, value, raising=False)
    for arguments in every_command(photo, tmp_path):
        options = ("--model", "base", "--runtime", "onnx-int8", "--any-language")
        calibration = ("--calibration", tmp_path / "c.json", "--lang", "id")
        result = run(*arguments, *options, *calibration)
        assert result.exit_code in (0, 1), result.stderr
        assert asked == {
            "model": "base",
            "runtime": "onnx-int8",
            "any_language": True,
            "calibration": tmp_path / "c.json",
            "cache": None,
        }
        assert "8 bit: kecocokan bergeser rata-rata 0,012 dari 32 bit" in result.stderr


@pytest.mark.usefixtures("asked")
def test_captions_as_written_in_every_command_that_decides(photo: Path) -> None:
    caption = "Mobil merah #a #b https://x.id"
    for command in ("check", "rank", "rank-captions"):
        cleaned, whole = (
            json.loads(run(command, photo, "-c", caption, "--json", *flag).stdout)["signature"]
            for flag in ([], ["--no-clean"])
        )
        assert "-unclean" not in cleaned
        assert "-unclean" in whole
