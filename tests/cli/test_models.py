"""``imgfit models``: what it prints, in both languages, and how it exits."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from imgfit.cli import app as cli
from imgfit.cli.words import MODELS, SOURCES
from imgfit.models.known import KNOWN, PRESETS
from tests.conftest import save_photo
from tests.support.carried import NAME, SLUG, write_bundle
from tests.support.hubserver import serving

if TYPE_CHECKING:
    from typer.testing import Result

    from imgfit.models.folder import ModelFolder

BOTH = pytest.mark.parametrize("lang", ["id", "en"])


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    return write_bundle(
        tmp_path_factory.mktemp("original") / SLUG, licence="CC-BY-NC-4.0", revision="1234abcd"
    )


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMGFIT_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "models"


@pytest.fixture
def installed(models: Path, original: ModelFolder) -> Path:
    return Path(shutil.copytree(original.path, models / SLUG))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["models", *map(str, arguments)])


def test_both_languages_have_all_words() -> None:
    assert MODELS["id"].keys() == MODELS["en"].keys()


@BOTH
def test_the_list_names_presets_and_what_is_installed(installed: Path, lang: str) -> None:
    result = run("list", "--lang", lang)
    assert result.exit_code == 0, result.stderr
    for name in ("mini", *PRESETS, NAME):
        assert name in result.stdout
    words = MODELS["id" if lang == "id" else "en"]
    for shown in ("CC-BY-NC-4.0", "Apache-2.0", words["built_in"], words["no"], words["id_mean"]):
        assert shown in result.stdout
    assert str(installed.parent) in result.stdout
    assert "nllb-clip-base/v1" not in result.stdout
    assert "nllb-clip-base/v1" in run("list", "--all", "--lang", lang).stdout


def test_the_list_as_json(installed: Path) -> None:
    rows = json.loads(run("list", "--json", "--all").stdout)
    assert [row["preset"] for row in rows[:4]] == [None, *PRESETS]
    by_name = {row["name"]: row for row in rows}
    assert len(by_name) == len(rows) == len(KNOWN) + 1
    assert by_name[NAME] == {
        "preset": None,
        "name": NAME,
        "here": True,
        "licence": "CC-BY-NC-4.0",
        "languages": ["en", "id"],
        "megabytes": round(sum(p.stat().st_size for p in installed.iterdir()) / 1e6),
        "figures": [],
        "folder": str(installed),
        "source": None,
        "revision": "1234abcd",
    }
    fast = by_name["ViT-B-32-SigLIP2-256/webli"]
    assert (fast["here"], fast["megabytes"], fast["folder"]) == (False, 1508, None)
    assert fast["figures"][0]["source"] == "Immich's table of models"


def test_sources_of_figures_are_in_the_language() -> None:
    sources = {figure.source for known in KNOWN.values() for figure in known.figures}
    assert {source for source in sources if "table" in source} == SOURCES.keys()
    for row in ("accurate", "base"):
        assert "tabel model Immich" in run("info", row, "--lang", "id").stdout
        assert "Immich's table of models" in run("info", row, "--lang", "en").stdout


@BOTH
def test_info_of_what_is_here_and_of_what_is_not(installed: Path, lang: str) -> None:
    here = run("info", NAME, "--lang", lang)
    assert here.exit_code == 0, here.stderr
    words = MODELS["id" if lang == "id" else "en"]
    for shown in (
        NAME,
        "CC-BY-NC-4.0",
        str(installed),
        "1234abcd",
        words["tokens"].format(count=24),
    ):
        assert shown in here.stdout
    away = run("info", "base", "--lang", lang)
    assert away.exit_code == 0, away.stderr
    assert "ViT-B-16-SigLIP2-256/webli" in away.stdout
    assert words["of"].format(model="ViT-B-16-SigLIP2/webli") in away.stdout
    row = json.loads(run("info", "mini", "--json").stdout)
    assert (row["here"], row["calibrated"], row["languages"]) == (True, True, ["en", "id"])
    unknown = run("info", "basee", "--lang", lang)
    assert unknown.exit_code == 2
    assert "base;" in unknown.stderr
    assert unknown.stdout == ""


@BOTH
def test_verify_says_what_was_proved_and_fails_loudly(installed: Path, lang: str) -> None:
    proved = run("verify", NAME, "--lang", lang)
    assert proved.exit_code == 0, proved.stderr
    assert {"id": "sesuai SHA256SUMS", "en": "as SHA256SUMS lists them"}[lang] in proved.stdout
    assert run("verify", installed, "--lang", lang).stdout == proved.stdout
    (installed / "tokenizer.json").write_bytes(b"{}")
    failed = run("verify", NAME, "--lang", lang)
    assert failed.exit_code == 2
    assert {"id": "berubah: tokenizer.json", "en": "changed: tokenizer.json"}[lang] in failed.stderr
    assert failed.stdout == ""


@BOTH
def test_a_model_is_carried(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    archive = tmp_path / "model.tar"
    packed = run("bundle", NAME, archive, "--lang", lang)
    assert packed.exit_code == 0, packed.stderr
    assert f"imgfit models add {archive}" in packed.stdout
    monkeypatch.setenv("IMGFIT_MODELS", str(tmp_path / "another"))
    added = run("add", archive, "--lang", lang)
    assert added.exit_code == 0, added.stderr
    assert str(tmp_path / "another" / SLUG) in added.stdout
    again = run("bundle", NAME, archive, "--lang", lang)
    assert again.exit_code == 2
    assert {"id": "tidak dapat ditulis", "en": "cannot write"}[lang] in again.stderr


@BOTH
def test_a_non_commercial_licence_is_said_when_the_model_is_used(
    installed: Path, tmp_path: Path, lang: str
) -> None:
    photo = save_photo(tmp_path / "a.png")
    result = CliRunner().invoke(
        cli.app,
        ["check", str(photo), "-c", "x", "--model", NAME, "--no-cache", "--lang", lang],
    )
    said = {"id": "tidak untuk keperluan komersial", "en": "not for commercial use"}[lang]
    assert result.stderr.count(said) == 1
    assert (
        f"imgfit: {MODELS['id' if lang == 'id' else 'en']['licence'].lower()}" not in result.stdout
    )


@BOTH
def test_what_is_not_here_is_told_with_what_to_do(models: Path, tmp_path: Path, lang: str) -> None:
    photo = save_photo(tmp_path / "a.png")
    result = CliRunner().invoke(
        cli.app,
        ["check", str(photo), "-c", "x", "--model", "base", "--no-cache", "--lang", lang],
    )
    assert result.exit_code == 2
    assert "imgfit models pull base" in result.stderr
    assert str(models / "ViT-B-16-SigLIP2-256--webli") in result.stderr


@pytest.mark.loopback
@BOTH
def test_pull_prints_where_and_which(
    models: Path, original: ModelFolder, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        hub.put(
            "toko/foto", {p.name: p.read_bytes() for p in original.path.iterdir()}, "license:mit"
        )
        hub.repositories["toko/kata"] = hub.repositories["toko/foto"]
        hub.tags["toko/kata"] = []
        failed = run("pull", NAME, "--revision", "dulu", "--lang", lang)
        assert failed.exit_code == 2
        assert "toko/foto" in failed.stderr
        pulled = run("pull", NAME, "--lang", lang)
        assert pulled.exit_code == 0, pulled.stderr
        commit = hub.commit("toko/foto")
        for shown in (NAME, str(models / SLUG), commit, "mit", "en, id"):
            assert shown in pulled.stdout
        again = run("pull", NAME, "--lang", lang)
        assert {"id": "sudah ada", "en": "already"}[lang] in again.stdout
        hub.put("toko/foto", dict(hub.repositories["toko/foto"][0]), "license:mit")
        hub.asked.clear()
        moved = run("pull", NAME, "--lang", lang)
        assert moved.exit_code == 2
        assert f"--revision {commit}" in moved.stderr
    offline = run("pull", "hf-hub:toko/lain", "--lang", lang)
    assert offline.exit_code == 2
    assert str(models / "hf-hub--toko--lain") in offline.stderr


@BOTH
def test_an_interrupted_pull_says_how_to_go_on(
    models: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    def interrupt(*_: object, **__: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("imgfit.install.pull_model", interrupt)
    result = run("pull", "base", "--lang", lang)
    assert result.exit_code == 130
    assert MODELS["id" if lang == "id" else "en"]["interrupted"] in result.stderr


def test_what_strangers_wrote_cannot_command_the_terminal(installed: Path) -> None:
    notes = json.loads((installed / "imgfit.json").read_text())
    notes |= {"licence": "\x1b[31mMIT [bold]x[/bold]", "revision": "a\x07b"}
    (installed / "imgfit.json").write_text(json.dumps(notes))
    for result in (run("list", "--lang", "en"), run("info", installed, "--lang", "en")):
        assert result.exit_code == 0, result.stderr
        assert "\x1b" not in result.stdout
        assert "\x07" not in result.stdout
        assert "[bold]" in result.stdout


def test_a_damaged_folder_does_not_hide_the_others(installed: Path) -> None:
    shutil.copytree(installed, installed.with_name("a"))
    (installed.with_name("a") / "imgfit.json").write_text("{")
    result = run("list", "--lang", "en")
    assert result.exit_code == 0, result.stderr
    assert str(installed.with_name("a")) in result.stderr
    assert NAME in result.stdout


def test_calibrated_models_say_so(installed: Path, original: ModelFolder) -> None:
    assert not json.loads(run("info", NAME, "--json").stdout)["calibrated"]
    for name in ("calibration.json", "cohort.safetensors"):
        (installed / name).write_bytes(b"{}")
    assert json.loads(run("info", NAME, "--json").stdout)["calibrated"]
