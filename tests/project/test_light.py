"""Without the extra `clip` the built-in model does everything, and all else is one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples/drafts"
# A process in which none of what the extra brings can be found.
WITHOUT = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "torchvision", "open_clip", "transformers", "timm",
                                      "huggingface_hub", "pandas", "onnx"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
import importlib.util
real = importlib.util.find_spec
def find_spec(name, package=None):
    try:
        return real(name, package)
    except ModuleNotFoundError:
        return None
importlib.util.find_spec = find_spec
from imgfit.cli import main
sys.argv[0] = "imgfit"
main()
"""


def imgfit(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_", "HF_", "IMGFIT"))
    }
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments],
        env=environment | {"HOME": str(home), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", str(EXAMPLES), "--runtime", "torch"),
        ("check", str(EXAMPLES), "--runtime", "onnx-int8"),
        ("check", str(EXAMPLES), "--model", "base"),
        ("check", str(EXAMPLES), "--model", "ViT-B-32/laion2b_s34b_b79k"),
        ("check", str(EXAMPLES), "--model", "hf-hub:org/name"),
        ("models", "pull", "base"),
        ("models", "pull", "ViT-B-32/openai", "--allow-pickle"),
        ("models", "pull", "hf-hub:org/name"),
    ],
    ids=lambda arguments: " ".join(arguments[-3:]),
)
def test_what_needs_clip_is_one_line_with_the_command_that_mends_it(
    tmp_path: Path, arguments: tuple[str, ...], language: str
) -> None:
    done = imgfit(tmp_path, *arguments, "--lang", language)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert 'pip install ".[clip]"' in line
    assert ("which is not installed" in line) == (language == "en")
    assert done.stdout == ""


def test_a_name_that_nobody_knows_is_not_blamed_on_the_extra(tmp_path: Path) -> None:
    done = imgfit(tmp_path, "check", str(EXAMPLES), "--model", "minni", "--lang", "en")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "minni" in line
    assert "[clip]" not in line


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", str(EXAMPLES), "--report", "page.html"),
        ("swap", str(EXAMPLES)),
        ("rank", str(EXAMPLES), "--caption", "Seekor kucing di rumput"),
        ("models", "list"),
        (
            "explain",
            str(EXAMPLES / "kucing.png"),
            "-c",
            "Seekor kucing",
            "-o",
            "a.png",
            "--method",
            "exact",
        ),
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_built_in_model_needs_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = imgfit(tmp_path, *arguments)
    assert done.returncode in (0, 1), done.stderr
    assert "[clip]" not in done.stderr
    assert done.stdout or (tmp_path / "a.png").is_file()
