"""The contracts that keep the house in order cannot be escaped by a new module."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from scripts.dependencies import ROOT

PACKAGE = ROOT / "src" / "imgfit"
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
CONTRACTS: list[dict[str, Any]] = SETTINGS["contracts"]
LAYERS = next(contract for contract in CONTRACTS if contract["type"] == "layers")
LIBRARIES = [contract for contract in CONTRACTS if contract["type"] == "forbidden"]


def test_every_module_is_in_one_of_eight_layers() -> None:
    rows = [row.replace(":", "|").split("|") for row in LAYERS["layers"]]
    placed = sorted(name.strip() for row in rows for name in row)
    assert LAYERS["exhaustive"]
    assert len(rows) <= 8
    found = {path.stem for path in PACKAGE.glob("*.py")} | {wing.name for wing in wings()}
    assert placed == sorted(found - {"__init__", *LAYERS["exhaustive_ignores"]})


def test_there_are_twelve_to_twenty_wings() -> None:
    assert 12 <= len(wings()) <= 20


def test_only_results_that_show_themselves_may_look_up() -> None:
    assert LAYERS["ignore_imports"] == ["imgfit.scoring.results -> imgfit.reports"]


@pytest.mark.parametrize(
    "contract", LIBRARIES, ids=lambda contract: contract["forbidden_modules"][0]
)
def test_a_library_is_forbidden_to_all_but_the_modules_named(contract: dict[str, Any]) -> None:
    assert contract["source_modules"] == ["imgfit"]
    allowed = [line.split(" -> ") for line in contract["ignore_imports"]]
    assert {library for _, library in allowed} <= set(contract["forbidden_modules"])
    for module, _ in allowed:  # each by its own name: a pattern would let new modules in
        assert (ROOT / "src" / (module.replace(".", "/") + ".py")).is_file(), module


def test_the_heavy_libraries_and_the_extras_each_have_a_contract() -> None:
    named = {name for contract in LIBRARIES for name in contract["forbidden_modules"]}
    assert named == {
        "torch", "torchvision", "open_clip", "timm", "transformers", "onnx", "onnxruntime",
        "onnxscript", "pyarrow", "ray", "fsspec", "huggingface_hub", "python_calamine", "xlsxwriter",
    }  # fmt: skip


def wings() -> list[Any]:
    return [path.parent for path in PACKAGE.glob("*/__init__.py")]
