"""``imgfit check --open``: where the page goes, what it never replaces, and how it is shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest
from typer.testing import CliRunner

from imgfit import Checker
from imgfit.cli import app as cli
from imgfit.cli.pages import page_beside
from imgfit.errors import ArgumentError
from tests.conftest import save_photo

if TYPE_CHECKING:
    from typer.testing import Result

ROOT = Path(__file__).parents[2]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Take the browser's place: what would be opened is listed."""
    addresses: list[str] = []

    def open_nothing(address: str) -> bool:
        addresses.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", open_nothing)
    return addresses


@pytest.fixture
def run(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Checker, "load", lambda *_, **__: checker)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(cli.app, ["check", *map(str, arguments), "--no-cache"])

    return run


@pytest.fixture
def drafts(tmp_path: Path) -> Path:
    folder = tmp_path / "Draf Senin #1"
    save_photo(folder / "mobil.png", "merah")
    (folder / "mobil.txt").write_text("Mobil merah di jalan", "utf-8")
    return folder


def test_the_page_stands_beside_the_folder_and_opens(
    run: Any, drafts: Path, opened: list[str]
) -> None:
    before = sorted(drafts.iterdir())
    result = run(drafts, "--open", "--lang", "id")
    page = drafts.parent / "Draf Senin #1-laporan.html"
    assert result.exit_code == 0, result.output
    assert '<html lang="id">' in page.read_text("utf-8")
    (address,) = opened
    assert url2pathname(urlparse(address).path) == str(page)
    assert urlparse(address).fragment == ""
    assert sorted(drafts.iterdir()) == before


def test_a_page_of_ours_is_replaced(run: Any, drafts: Path, opened: list[str]) -> None:
    assert run(drafts, "--open", "--lang", "en").exit_code == 0
    page = drafts.parent / "Draf Senin #1-report.html"
    first = page.read_text("utf-8")
    (drafts / "mobil.txt").write_text("Langit biru", "utf-8")
    assert run(drafts, "--open", "--lang", "en").exit_code == 1
    assert page.read_text("utf-8") != first
    assert len(opened) == 2


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_what_is_not_ours_is_never_replaced(
    run: Any, drafts: Path, opened: list[str], kind: str
) -> None:
    page = drafts.parent / "Draf Senin #1-report.html"
    if kind == "file":
        page.write_text("<html>catatan rapat</html>", "utf-8")
    elif kind == "folder":
        page.mkdir()
    else:
        page.symlink_to(drafts.parent / "nowhere")
    result = run(drafts, "--open", "--lang", "en")
    assert result.exit_code == 2
    assert "--report NAME.html" in result.stderr
    assert result.stdout == ""
    assert not opened
    if kind == "file":
        assert page.read_text("utf-8") == "<html>catatan rapat</html>"


def test_a_report_that_was_named_is_the_one_opened(
    run: Any, drafts: Path, opened: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "rapat.html"
    assert run(drafts, "--open", "--report", page).exit_code == 0
    assert opened == [page.as_uri()]
    assert [path.name for path in tmp_path.glob("*.html")] == ["rapat.html"]


@pytest.mark.parametrize("failure", ["no browser", "error"])
def test_without_a_browser_it_says_where_the_page_is(
    run: Any, drafts: Path, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    def fail(address: str) -> bool:
        if failure == "error":
            raise webbrowser.Error("no display")
        return False

    monkeypatch.setattr(webbrowser, "open", fail)
    result = run(drafts, "--open", "--lang", "en")
    page = drafts.parent / "Draf Senin #1-report.html"
    assert result.exit_code == 0
    assert f"no browser could be opened from here: open {page} yourself" in result.stderr
    assert page.is_file()


def test_places_of_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    photo = tmp_path / "foto.jpg"
    photo.touch()

    def page(*paths: object) -> Path:
        return page_beside([str(path) for path in paths], "en").relative_to(tmp_path)

    monkeypatch.chdir(inner)
    assert page(tmp_path / "a") == page(f"{tmp_path / 'a'}{os.sep}") == Path("a-report.html")
    assert page(".") == Path("a/b-report.html")
    assert page("..") == Path("a-report.html")
    assert page(photo) == Path("foto-report.html")
    assert page(inner, photo) == Path("a/b-report.html")
    assert page(inner, tmp_path / "a") == Path(
        "a-report.html"
    )  # beside the first lies in the second


def test_a_whole_disk_and_an_address_have_no_place_beside(tmp_path: Path) -> None:
    for paths in (["/"], ["memory://bucket/drafts"], []):
        with pytest.raises(ArgumentError) as caught:
            page_beside(paths, "en")
        assert "--report NAME.html" in caught.value.say("en")


def office(folder: Path, *, venv: Path | None) -> Path:
    """Lay out an office's folder: the script, and an environment whose imgfit is this one."""
    script = folder / "periksa.sh"
    folder.mkdir()
    script.write_bytes((ROOT / "office" / "periksa.sh").read_bytes())
    if venv is not None:
        command = venv / "bin" / "imgfit"
        command.parent.mkdir(parents=True)
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m imgfit "$@"\n', "utf-8")
        command.chmod(0o755)
    return script


def run_script(script: Path, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["kantor/.venv", ".venv"])
def test_the_office_script_checks_a_folder_and_opens_its_page(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "Draf -- Senin"
    folder.mkdir()
    for name in ("kucing.png", "kucing.txt"):
        (folder / name).write_bytes((ROOT / "examples" / "drafts" / name).read_bytes())
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" >"{seen}.part"\nmv "{seen}.part" "{seen}"\n')
    browser.chmod(0o755)
    script = office(tmp_path / "kantor", venv=tmp_path / place)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HOME": str(tmp_path / "home"),
        "BROWSER": f"{browser} %s",
    }
    ended = run_script(script, folder.name, cwd=tmp_path, env=environment)
    assert ended.returncode == 0, ended.stderr
    assert "1 draf: 1 berbicara" in ended.stdout
    page = tmp_path / "Draf -- Senin-laporan.html"
    assert page.is_file()
    for _ in range(100):
        if seen.is_file():
            break
        time.sleep(0.05)
    assert seen.read_text("utf-8") == page.as_uri()


def test_the_office_script_says_how_to_install(tmp_path: Path) -> None:
    script = office(tmp_path / "kantor", venv=None)
    ended = run_script(script, "x")
    assert ended.returncode == 2
    assert ".venv/bin/python -m pip install .\n" in ended.stderr


def test_the_office_script_wants_one_folder(tmp_path: Path) -> None:
    script = office(tmp_path / "kantor", venv=tmp_path / ".venv")
    ended = run_script(script, "a", "b")
    assert ended.returncode == 2
    assert "sh periksa.sh FOLDER" in ended.stderr


def test_the_windows_script_has_windows_line_ends_and_calls_the_same_command() -> None:
    text = (ROOT / "office" / "periksa.bat").read_bytes().decode("ascii")
    assert text.count("\n") == text.count("\r\n")
    shell = (ROOT / "office" / "periksa.sh").read_text("utf-8")
    for script in (text, shell):
        assert "check --lang id --open --" in script
    labels = set(re.findall(r"^:(\w+)\r$", text, re.MULTILINE))
    assert labels == set(re.findall(r"goto (\w+)", text))
