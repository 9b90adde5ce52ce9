"""Our distribution's own name: asked for in one place, written nowhere as another project's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from imgfit.version import DISTRIBUTION

ROOT = Path(__file__).parents[2]
# What would install another project's package, or ours before it is published.
_WRONG = re.compile(
    r"""pip\ install\ (?:-\S+\ [^-\s]\S*\ |--\S+\ )*['"]?  # with options, or a quote
        imgfit(?:-clip)?(?:\[[^]]*\])?                   # the bare name
        (?![-\w@/\[]|\ @)                                # neither a file's nor an address's
      | (?<![-\w])imgfit\[(?:clip|dev|parquet|remote|ray|notebook|onnx|docs)""",
    re.VERBOSE,
)


def readable() -> list[Path]:
    folders = (
        "src",
        "docs",
        "scripts",
        "notebooks",
        "office",
        "examples",
        "benchmarks",
        "training",
    )
    found = [p for folder in folders for p in (ROOT / folder).rglob("*") if p.is_file()]
    kinds = {".py", ".md", ".txt", ".yaml", ".yml", ".bat", ".sh", ".ipynb", ".toml", ""}
    top = [*ROOT.glob("*.md"), *ROOT.glob("*.txt"), *ROOT.glob("*.yml"), ROOT / "pyproject.toml"]
    return [p for p in [*found, *top] if p.suffix in kinds and p.name != "CHANGELOG.md"]


def test_nothing_says_to_install_another_projects_package() -> None:
    pages = readable()
    assert len(pages) > 100
    wrong = [
        f"{page.relative_to(ROOT)}: {found.group(0)}"
        for page in pages
        for found in _WRONG.finditer(page.read_text("utf-8", "replace"))
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("pip install imgfit", True),
        ("pip install 'imgfit[onnx]'", True),
        ("pip install -c constraints.txt imgfit", True),
        ("pip install imgfit-clip", True),
        ("with imgfit[onnx]", True),
        ('pip install ".[onnx]"', False),
        ('pip install "imgfit-clip[onnx] @ ADDRESS"', False),
        ("pip install imgfit-0.1.0.whl", False),
    ],
)
def test_what_is_looked_for(text: str, *, wrong: bool) -> None:
    assert bool(_WRONG.search(text)) is wrong


def test_the_name_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["name"] == DISTRIBUTION
    asking = [
        path
        for path in (ROOT / "src").rglob("*.py")
        if re.search(r'(?:version|distribution)\("imgfit', path.read_text("utf-8"))
    ]
    assert not asking


@pytest.fixture
def decoy(tmp_path: Path) -> dict[str, str]:
    """Make an environment in which another project's imgfit 0.3.2 is installed too."""
    facts = tmp_path / "imgfit-0.3.2.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: imgfit\nVersion: 0.3.2\nSummary: Change your images\n"
    )
    paths = [str(tmp_path), str(ROOT / "src"), *filter(None, sys.path)]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


def test_a_strangers_package_does_not_give_its_version_for_ours(decoy: dict[str, str]) -> None:
    code = "import imgfit; print(imgfit.__version__)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=decoy, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == version(DISTRIBUTION) != "0.3.2"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "another package named imgfit (0.3.2)"), ("id", "paket lain bernama imgfit (0.3.2)")],
)
def test_the_command_says_that_another_package_shadows_it(
    decoy: dict[str, str], language: str, said: str
) -> None:
    command = [sys.executable, "-m", "imgfit", "models", "list", "--lang", language]
    done = subprocess.run(command, env=decoy, capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    assert said in line
    assert "pip uninstall imgfit" in line


def test_the_command_says_nothing_without_one() -> None:
    command = [sys.executable, "-m", "imgfit", "models", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
