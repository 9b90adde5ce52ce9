"""The names that users may rely on: all there, all documented, and nothing else used or loaded."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import imgfit

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PUBLIC = {"imgfit", "imgfit.errors", "imgfit.metrics"}
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)

NAMES = {
    "Assignment", "Batch", "Calibration", "CalibrationRun", "Checker", "Draft", "DraftScorer",
    "EmbeddingCache", "Encoder", "Explanation", "Hint", "ImgfitError", "Move", "Ranked", "Ranking",
    "Reason", "Score", "Signature", "Swap", "Thresholds", "Window", "check", "combine", "errors",
    "explain", "find_photos", "groups_needed", "histogram_svg", "merge_caches", "metrics",
    "read_drafts", "render_html", "score_dataset",
}  # fmt: skip


def test_the_names_are_these() -> None:
    assert set(imgfit.__all__) == NAMES
    assert imgfit.__all__ == sorted(imgfit.__all__)
    assert set(dir(imgfit)) >= NAMES


@pytest.mark.parametrize("name", [*sorted(NAMES), "__version__"])
def test_each_is_there_and_documented(name: str) -> None:
    value = getattr(imgfit, name)
    assert value is getattr(imgfit, name)
    if name != "__version__":
        assert inspect.getdoc(value)


def test_others_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Scorer'"):
        imgfit.Scorer  # type: ignore[attr-defined]  # noqa: B018 - it is what is tried


def test_types_see_the_names_that_programs_see() -> None:
    # Type checkers read the imports, programs the table: neither may know a name alone.
    tree = ast.parse((ROOT / "src" / "imgfit" / "__init__.py").read_text("utf-8"))
    (branch,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.name: alias.name if node.module == "imgfit" else str(node.module)[len("imgfit.") :]
        for node in branch.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    (table,) = [node for node in ast.walk(branch) if isinstance(node, ast.Dict)]
    modules: dict[str, tuple[str, ...]] = ast.literal_eval(table)
    places = {name: module for module, names in modules.items() for name in names}
    places |= {"errors": "errors", "metrics": "metrics"}  # the modules themselves
    assert seen == places
    assert set(places) == NAMES | {"__version__"}


def test_importing_imgfit_loads_nothing_heavy_and_changes_nothing() -> None:
    code = (
        "import os, sys; environment = dict(os.environ); import imgfit; dir(imgfit);"
        "heavy = {'numpy', 'PIL', 'safetensors', 'jinja2', 'typer', 'rich', 'torch', 'ray',"
        " 'pyarrow', 'fsspec', 'sqlite3', 'onnxruntime'} & set(sys.modules);"
        "assert not heavy, heavy; assert dict(os.environ) == environment"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_metrics_load_no_model_and_errors_no_numbers() -> None:
    code = "import sys, imgfit.{}; assert not {{'PIL', 'onnxruntime', {}}} & set(sys.modules)"
    for module, other in (("metrics", "'safetensors'"), ("errors", "'numpy'")):
        subprocess.run([sys.executable, "-c", code.format(module, other)], check=True, timeout=60)


def shown() -> Iterator[tuple[str, str]]:
    """Yield all code that users are shown, with where it stands."""
    for document in [*ROOT.glob("README*.md"), *sorted((ROOT / "docs").rglob("*.md"))]:
        for number, code in enumerate(CODE.findall(document.read_text("utf-8"))):
            yield f"{document.name}-{number}", code
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield f"{notebook.name}-{cell['id']}", "".join(cell["source"])
    for script in sorted((ROOT / "examples").glob("*.py")):
        yield script.name, script.read_text("utf-8")


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in shown()])
def test_what_users_are_shown_takes_public_names_only(code: str) -> None:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module]
        else:
            continue
        for module in modules:
            assert module.split(".")[0] != "imgfit" or module in PUBLIC, module
        if isinstance(node, ast.ImportFrom) and node.module == "imgfit":
            assert {alias.name for alias in node.names} <= NAMES
        if isinstance(node, ast.ImportFrom) and node.module in PUBLIC:
            assert not [alias.name for alias in node.names if alias.name.startswith("_")]


def test_there_is_such_code() -> None:
    places = [name for name, _ in shown()]
    for start in ("README.md", "scores.md", "01-", "ray_job.py"):
        assert any(place.startswith(start) for place in places), start
