"""Names and captions of strangers command no terminal, no log, no signature, whatever prints them."""

from __future__ import annotations

import json
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from imgfit import Checker, errors
from imgfit.cli import app as cli
from imgfit.errors import ImgfitError, PhotoMissingError
from imgfit.scoring.thresholds import Thresholds
from tests.conftest import (
    COLOURS,
    FakeEncoder,
    fake_calibration,
    fake_cohort,
    own_drafts,
    save_photo,
)
from tests.support.hostile import MARKUP

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.language import Language

# What a name may hold: a file's cannot hold a slash.
COMMANDS = [
    "\x1b[31mmerah\x1b[0m",
    "\x1b]8;;https:x\x07tautan\x1b]8;;\x07",
    "\x1b]0;judul\x07",
    "\x9b31mmerah",
    "\x90q\x9c",
    "\u202egpj.exe",
    "\u2066x\u2069",
    "dua\nbaris",
    "\rawal",
    "\x08\x08hapus",
    "[bold red]x[link=file:x]y",
    "\udcff\udcfe",
]
# No text of ours holds any of these, on whatever stream.
FORBIDDEN = "\x1b\x07\x08\x0b\x0c\x7f\u202e\u2066\u2069" + "".join(map(chr, range(0x80, 0xA0)))


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run the command line over a fake encoder, without colours of its own."""
    encoder = FakeEncoder()
    cohort = fake_cohort(encoder)

    def load(*_: Any, cache: Any = None, calibration: Any = None, **__: Any) -> Checker:
        return Checker(encoder, fake_calibration(encoder, cohort), cohort, cache=cache)

    monkeypatch.setattr(Checker, "load", load)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")

    def run(*arguments: object) -> Any:
        return CliRunner().invoke(cli.app, [*map(str, arguments), "--no-cache"])

    return run


def obeyed(text: str) -> set[str]:
    return set(text) & set(FORBIDDEN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Drafts whose names and captions are commands, swapped so that they are told of each other."""
    place = tmp_path / "draf\x1b[31m\x9b"
    colours = list(COLOURS)
    for number, name in enumerate(COMMANDS):
        colour = colours[number % 3]
        path = place / f"{number}{name}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (40, 30 + number), COLOURS[colour]).save(path)
        said = colours[(number + number // 3) % 3]
        path.with_suffix(".txt").write_text(
            f"{said} {name} mobil di jalan raya", "utf-8", "replace"
        )
    (place / f"rusak{COMMANDS[0]}.jpg").write_text("x")
    (place / f"rusak{COMMANDS[0]}.txt").write_text("y")
    return place


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", ["check", "swap", "rank", "json", "swap-json", "rank-json"])
def test_no_command_passes_what_a_terminal_obeys(
    command: Any, folder: Path, name: str, language: str
) -> None:
    arguments = {
        "check": ["check", folder],
        "swap": ["swap", folder],
        "rank": ["rank", folder, "-c", f"mobil merah {COMMANDS[0]}"],
        "json": ["check", folder, "--json"],
        "swap-json": ["swap", folder, "--json"],
        "rank-json": ["rank", folder, "-c", "mobil merah", "--json"],
    }[name]
    result = command(*arguments, "--lang", language)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code in (0, 1)
    assert obeyed(result.stdout) == set()
    assert obeyed(result.stderr) == set()
    # Nothing was read as markup or left out: the names are all there.
    shown = result.stdout + result.stderr
    if name in ("check", "rank"):
        assert "[bold red]x[link=file:x]y" in shown
    if name == "json":
        assert {json.loads(line)["id"] for line in result.stdout.split("\n") if line} == {
            path.name for path in folder.iterdir() if path.suffix in (".png", ".jpg")
        }


def test_places_to_write_to_are_named_without_commands(
    command: Any, folder: Path, tmp_path: Path
) -> None:
    place = tmp_path / "keluar\x1b[31m\udcff"
    place.mkdir()
    result = command(
        "check", folder, "-o", place / "x.jsonl", "--report", place / "x.html", "--lang", "en"
    )
    assert result.exit_code == 1
    assert "written to" in result.stderr
    assert obeyed(result.stdout + result.stderr) == set()
    assert obeyed((place / "x.html").read_text("utf-8")) == set()


def test_calibrate_and_explain_name_files_without_commands(command: Any, tmp_path: Path) -> None:
    place = tmp_path / "kalibrasi\x1b[31m\udcff"
    place.mkdir()
    own_drafts(place, 20)
    for path in place.glob("*.png"):
        path.with_suffix(".txt").write_text(f"merah rapat hari {path.stem}")
    (place / "x\x9b.jpg").write_text("x")
    (place / "x\x9b.txt").write_text("y")
    result = command("calibrate", place, "-o", place / "k.json", "--far", "0.3", "--lang", "en")
    assert result.exit_code == 0, result.stderr
    assert obeyed(result.stdout + result.stderr) == set()
    result = command("explain", place / "0.png", "-o", place / "k.png", "--lang", "en")
    assert obeyed(result.stdout + result.stderr) == set()


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    "arguments",
    [["check", "{}"], ["check", "--{}"], ["check", "a.jpg", "--far", "{}"], ["{}"],
     ["rank", "{}", "-c", "x"], ["explain", "{}", "-o", "x.png"],
     ["check", "a.jpg", "-c", "x", "-o", "{}"], ["check", "a.jpg", "-c", "x", "--model", "{}"]],
)  # fmt: skip
def test_errors_name_what_is_wrong_without_commands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    save_photo(tmp_path / "a.jpg")
    result = CliRunner().invoke(cli.app, [part.format(name) for part in arguments])
    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert obeyed(result.stdout + result.stderr) == set()


@pytest.mark.parametrize("text", [*COMMANDS, *MARKUP])
@pytest.mark.parametrize("language", ["id", "en"])
def test_no_error_carries_a_command(text: str, language: Language) -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, ImgfitError)]
    assert len(kinds) > 30
    for kind in kinds:
        said = kind(**dict.fromkeys(FACTS, text)).say(language)
        assert said.isprintable()
        said.encode("utf-8")


# Whatever any error's sentence may name.
FACTS = sorted(
    {
        field
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, ImgfitError)
        for sentence in kind.text.values()
        for _, field, _, _ in Formatter().parse(sentence)
        if field
    }
)


def test_a_fact_is_no_template() -> None:
    assert "{photo}{0.__class__}" in PhotoMissingError(photo="{photo}{0.__class__}").say()


@pytest.mark.parametrize("name", ["x|far:0.5/0.9", "dua\nbaris", "\x1b[31m", "\udcff", "\u202ex"])
def test_a_model_s_name_cannot_forge_a_signature(checker: Checker, name: str) -> None:
    assert isinstance(checker.encoder, FakeEncoder)
    checker.encoder.name = name
    signature = str(checker.signature(Thresholds()))
    assert signature.isprintable()
    fields = signature.split("|")
    assert [field.split(":")[0] for field in fields] == [
        "imgfit", "model", "text", "languages", "norm", "cohort", "null", "far",
    ]  # fmt: skip
    assert fields[-1] == "far:0.05/0.25"
