"""Help pages and usage errors, in both languages, whole and without markup."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from imgfit.cli import words
from imgfit.cli.app import app
from imgfit.cli.help import asked_language
from tests.conftest import save_photo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typer.testing import Result

    from imgfit.language import Language

BOTH = pytest.mark.parametrize("lang", ["id", "en"])


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="imgfit")


def joined(text: str) -> str:
    return " ".join(text.split())


def commands() -> Iterator[tuple[str, Any]]:
    """Yield each command with the words that lead to it, groups among them."""

    def walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
        yield path, command
        for name, inner in getattr(command, "commands", {}).items():
            yield from walk(f"{path} {name}".strip(), inner)

    return walk("", typer.main.get_command(app))


PATHS = [path for path, _ in commands()]
LEAVES = [path for path, command in commands() if not getattr(command, "commands", {})]


def options_of(path: str) -> dict[str, Any]:
    (command,) = (command for name, command in commands() if name == path)
    return {param.name: param for param in command.params}


def test_every_command_is_there() -> None:
    assert LEAVES == [
        "check", "calibrate", "rank", "rank-captions", "swap", "explain", "doctor",
        "cache info", "cache clear", "cache merge",
        "models list", "models pull", "models verify", "models bundle", "models add",
        "models info",
    ]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("columns", ["50", "80", "200"])
@BOTH
def test_help_is_whole_and_in_one_language(
    monkeypatch: pytest.MonkeyPatch, path: str, columns: str, lang: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    result = run(*path.split(), "--help", "--lang", lang)
    assert result.exit_code == 0
    assert result.stderr == ""
    page = joined(result.stdout)
    described = [words.COMMANDS[path or "imgfit"], words.HELP["help"]]
    by_english = {phrase.en: phrase for phrase in words.HELP.values()}
    described += [by_english[param.help] for param in options_of(path).values()]
    for phrase in described:
        mine, other = (phrase.id, phrase.en) if lang == "id" else (phrase.en, phrase.id)
        assert joined(mine) in page
        assert joined(other) not in page
    for key in ("usage", "options"):
        assert words.USAGE["id" if lang == "id" else "en"][key].strip() in page


def test_brackets_in_help_are_printed() -> None:
    assert 'pip install ".[onnx]"' in joined(run("check", "--help", "--lang", "en").stdout)


def test_every_value_has_a_name_in_both_languages() -> None:
    for _, command in commands():
        for param in command.params:
            if not getattr(param, "is_flag", False):
                assert param.metavar in words.METAVARS, param.name


def fields(sentence: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(sentence)} - {None}


def test_both_languages_have_all_words_and_name_the_same_facts() -> None:
    tables = [words.TABLE, words.CALIBRATING, words.CACHE, words.CHOOSING, words.EXPLAINING,
              words.MODELS, words.USAGE]  # fmt: skip
    for table in tables:
        assert table["id"].keys() == table["en"].keys()
        for key, sentence in table["id"].items():
            assert fields(sentence) == fields(table["en"][key]), key


@pytest.mark.parametrize("path", ["check", "rank", "rank-captions", "swap"])
def test_commands_that_decide_share_all_options(path: str) -> None:
    shared = {
        "far", "no_clean", "model", "runtime", "calibration", "any_language",
        "cache", "no_cache", "cache_mb", "cache_on_network", "lang", "json",
    }  # fmt: skip
    reference, mine = options_of("check"), options_of(path)
    assert shared <= mine.keys()
    for name in shared:
        for attribute in ("help", "metavar", "opts", "envvar", "default", "required"):
            assert getattr(mine[name], attribute) == getattr(reference[name], attribute)


@pytest.mark.parametrize("path", LEAVES)
def test_an_option_means_the_same_in_every_command(path: str) -> None:
    everywhere: dict[str, set[Any]] = {}
    for leaf in LEAVES:
        for name, param in options_of(leaf).items():
            everywhere.setdefault(name, set()).add((param.help, param.metavar))
    # What these are depends on the command: whose caption, what file, which JSON.
    own = {"caption", "output", "json", "far", "path", "photo", "model", "source"}
    for name in options_of(path):
        assert len(everywhere[name]) == 1 or name in own, name


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ([], None),
        (["check", "a.jpg", "--lang", "id"], "id"),
        (["check", "--lang=en", "a.jpg"], "en"),
        (["--lang", "id", "check", "--lang", "en"], "en"),
        (["check", "--", "--lang", "id"], None),
        (["check", "--lang"], None),
        (["check", "--lang", "fr"], None),
        (["check", "--lang", "id", "--lang", "fr"], "id"),
    ],
)
def test_the_language_is_known_before_parsing(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], asked: Language | None
) -> None:
    monkeypatch.delenv("IMGFIT_LANG", raising=False)
    assert asked_language(arguments) == asked
    monkeypatch.setenv("IMGFIT_LANG", "id")
    assert asked_language(arguments) == (asked or "id")


def test_the_environment_and_the_place_of_lang_choose_the_language(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = tmp_path / "c.sqlite"
    monkeypatch.setenv("IMGFIT_LANG", "id")
    assert "belum ada cache" in run("cache", "info", "--cache", missing).stdout
    assert "there is no cache" in run("cache", "info", "--cache", missing, "--lang", "en").stdout
    assert "there is no cache" in run("--lang", "en", "cache", "info", "--cache", missing).stdout
    monkeypatch.setenv("IMGFIT_LANG", "en")
    assert "belum ada cache" in run("cache", "--lang", "id", "info", "--cache", missing).stdout


def test_the_system_decides_if_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMGFIT_LANG", raising=False)
    monkeypatch.setattr("locale.setlocale", lambda _: "id_ID.UTF-8")
    assert "Cara pakai: imgfit" in run("--help").stdout
    assert "argumen LOKASI belum diberikan" in run("check").stderr


@pytest.mark.parametrize(
    ("arguments", "indonesian", "english"),
    [
        (["check"], "argumen LOKASI belum diberikan", "argument PATH is missing"),
        (["rank", "x"], "opsi --caption belum diberikan", "option --caption is missing"),
        (["rank-captions", "x"], "beri keterangan dengan --caption", "give captions with --caption"),
        (["chek"], "perintah chek tidak ada; maksudnya check", "no command chek; did you mean check"),
        (["zzz"], "perintah zzz tidak ada", "there is no command zzz"),
        (["models", "zzz"], "perintah zzz tidak ada", "there is no command zzz"),
        (["check", "--fra", "1"], "opsi --fra tidak ada; maksudnya", "no option --fra; did you mean"),
        (["check", "--zzz"], "opsi --zzz tidak ada", "there is no option --zzz"),
        (["--zzz"], "opsi --zzz tidak ada", "there is no option --zzz"),
        (["check", "x", "--json=1"], "--json tidak menerima nilai", "--json takes no value"),
        (["check", "x", "--far", "abc"], "--far memerlukan angka", "--far needs a number"),
        (["rank", "x", "-c", "y", "--top", "0"], "--top memerlukan bilangan", "--top needs a whole"),
        (["cache", "info", "--cache-mb", "0"], "--cache-mb memerlukan", "--cache-mb needs a whole"),
        (["explain", "x", "-o", "y.png", "--method", "z"], "memerlukan exact", "needs exact"),
        (["cache", "info", "a", "b"], "argumen berlebih: a b", "too many arguments: a b"),
    ],
)  # fmt: skip
@BOTH
def test_usage_errors_say_what_how_and_where_help_is(
    arguments: list[str], indonesian: str, english: str, lang: str
) -> None:
    result = run("--lang", lang, *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    wrong, usage, help_line = result.stderr.splitlines()
    assert (indonesian if lang == "id" else english) in wrong
    assert wrong.startswith("imgfit: ")
    assert usage.startswith("Cara pakai: imgfit" if lang == "id" else "Usage: imgfit")
    assert help_line.endswith(" --help")


@BOTH
def test_an_option_without_its_value(lang: str) -> None:
    # At the end of a line, so that nothing else is taken for the value.
    result = run("--lang", lang, "check", "x", "--model")
    assert result.exit_code == 2
    assert {"id": "opsi --model memerlukan nilai", "en": "option --model needs a value"}[
        lang
    ] in result.stderr


def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGFIT_CACHE_MB", "banyak")
    stderr = run("cache", "info", "--lang", "id").stderr
    assert "--cache-mb (variabel lingkungan IMGFIT_CACHE_MB) memerlukan bilangan bulat" in stderr


def test_a_group_or_nothing_at_all_gets_help() -> None:
    for arguments in ([], ["cache"], ["models"]):
        result = run(*arguments)
        assert "Usage: imgfit" in result.output
    assert "Missing command" not in run("--lang", "id").output
    assert "perintah belum diberikan" in run("--lang", "id").stderr


def test_a_command_without_a_language_speaks_the_systems(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.png")
    assert "cache" in run("cache", "info", "--cache", tmp_path / "none").stdout
