"""``imgfit doctor``: all that a bug report needs, nothing about the user, and what is broken."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from imgfit.cli import app as cli, diagnosis
from imgfit.cli.doctor import without_home
from imgfit.cli.session import user_cache
from imgfit.cli.words import DOCTOR
from imgfit.install import bundles
from imgfit.models import ModelFolder

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

BUILT_IN = ModelFolder.built_in().path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user a home of their own, with their name in it."""
    place = tmp_path / "budi-santoso"
    place.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(place))
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(place / name))
    monkeypatch.setenv("COLUMNS", "120")
    return place


@pytest.fixture
def damaged(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a copy of the built-in model in its place, with one byte of it changed."""
    folder = home / "mini"
    shutil.copytree(BUILT_IN, folder)
    tokenizer = folder / "tokenizer.json"
    tokenizer.write_bytes(tokenizer.read_bytes() + b"\n")
    monkeypatch.setattr("imgfit.models.folder._built_in_folder", lambda: folder)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["doctor", *arguments])


def test_all_is_well_here() -> None:
    result = run("--json")
    facts = json.loads(result.stdout)
    assert facts["broken"] == []
    assert result.exit_code == 0
    assert facts["imgfit"]["distribution"] == "imgfit-clip"
    assert facts["model"]["whole"] is True
    assert facts["calibration"]["fingerprint"] == facts["model"]["fingerprint"]
    assert facts["languages"]["model"] == ["en", "id"]
    assert facts["packages"]["numpy"]
    assert facts["packages"]["onnxruntime"]
    assert facts["runtimes"] == ["onnx", "torch"]
    assert {"clip", "onnx", "parquet", "remote", "ray"} <= set(facts["extras"])
    assert not diagnosis.MAKERS & set(facts["extras"])
    assert facts["cache"]["megabytes"] is None


@pytest.mark.parametrize(("lang", "well"), [("id", "Semua baik."), ("en", "All is well.")])
def test_people_read_it_in_their_language(lang: str, well: str) -> None:
    lines = run("--lang", lang).stdout.splitlines()
    assert lines[-1] == well
    words = DOCTOR["id" if lang == "id" else "en"]
    for part in ("python", "system", "packages", "model", "cache", "calibration", "languages"):
        (line,) = [line for line in lines if line.startswith(f"{words[part]} ")]
        assert len(line.split()) > 1


def test_it_names_nobody(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGFIT_MODELS", str(home / "rahasia"))
    for arguments in ((), ("--json",)):
        out = run(*arguments).stdout
        assert "budi" not in out
        assert "rahasia" not in out
        assert "~" in out
        assert "IMGFIT_MODELS" in out


def test_home_is_taken_out_of_every_text(home: Path) -> None:
    found = {"a": [f"{home}/x", 3, None], "b": {"c": f"in {home} and {home}"}}
    assert without_home(found) == {"a": ["~/x", 3, None], "b": {"c": "in ~ and ~"}}


def test_a_damaged_model_is_broken(damaged: Path) -> None:
    result = run("--lang", "en")
    assert result.exit_code == 1
    assert "tokenizer.json" in result.stdout
    assert "Broken: " in result.stdout
    assert "budi" not in result.stdout
    facts = json.loads(run("--json").stdout)
    assert facts["model"]["whole"] is False


def test_a_runtime_that_does_not_start_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(*_: Any, **__: Any) -> None:
        raise ImportError("DLL load failed while importing onnxruntime_pybind11_state")

    monkeypatch.setattr(bundles, "load_encoder", no_library)
    result = run("--lang", "en")
    assert result.exit_code == 1
    assert "DLL load failed" in result.stdout


def test_a_cache_that_is_none_is_broken(home: Path) -> None:
    place = user_cache()
    assert place.is_relative_to(home)
    place.parent.mkdir(parents=True)
    place.write_text("catatan", "utf-8")
    result = run("--lang", "id")
    assert result.exit_code == 1
    assert "bukan berkas cache imgfit" in result.stdout
    assert place.read_text("utf-8") == "catatan"


def test_a_calibration_of_another_model_is_broken(
    damaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(BUILT_IN / "tokenizer.json", damaged)
    text = (damaged / "calibration.json").read_text("utf-8")
    fingerprint = json.loads(text)["fingerprint"]
    other = text.replace(fingerprint, "0" * len(fingerprint))
    (damaged / "calibration.json").write_text(other, "utf-8")
    facts = json.loads(run("--json", "--lang", "en").stdout)
    assert any("calibration is for 0000" in line for line in facts["broken"])


def test_another_package_of_our_name_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "shadowing", lambda: "0.3.2")
    result = run("--lang", "en")
    assert result.exit_code == 1
    assert "another package named imgfit (0.3.2)" in result.stdout
    assert "pip uninstall imgfit" in result.stdout


def test_what_is_missing_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    here = diagnosis._installed
    gone = {"torch", "transformers", "numpy"}
    monkeypatch.setattr(diagnosis, "_installed", lambda name: None if name in gone else here(name))
    result = run("--json", "--lang", "en")
    facts = json.loads(result.stdout)
    assert result.exit_code == 1  # numpy belongs to the light installation
    assert facts["broken"] == ["numpy is not installed: install imgfit again"]
    assert {"torch", "transformers"} <= set(facts["extras"]["clip"]["missing"])
    assert '".[clip]"' in facts["extras"]["clip"]["command"]
    assert "torch" in facts["extras"]["onnx"]["missing"]  # which includes clip
    assert facts["extras"]["parquet"] == {"missing": [], "command": None}


def test_an_extra_that_is_missing_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    here = diagnosis._installed
    monkeypatch.setattr(diagnosis, "_installed", lambda name: None if name == "ray" else here(name))
    result = run("--lang", "id")
    assert result.exit_code == 0
    assert "ray: belum ada ray" in result.stdout


def test_requirements_are_read_from_the_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "numpy>=1.26",
        "torch>=2.4; extra == 'clip'",
        'open_clip_torch<5,>=3.3 ; extra == "clip"',
        "imgfit-clip[clip]; extra == 'onnx'",
        "onnx>=1.20; extra == 'onnx'",
        "colorama; sys_platform == 'win32'",
    ]
    monkeypatch.setattr(diagnosis, "requires", lambda _: lines)
    needs = diagnosis.requirements()
    assert needs[""] == ["numpy"]
    assert needs["clip"] == ["torch", "open_clip_torch"]
    assert needs["onnx"] == ["onnx", "torch", "open_clip_torch"]
    assert needs["ray"] == []
