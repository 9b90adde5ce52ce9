"""Bounds, constraints and licences say what pyproject.toml says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from scripts.dependencies import ROOT, binding, direct, installed, licence

if TYPE_CHECKING:
    from pathlib import Path

LOWEST = ROOT / "constraints-lowest.txt"
LOWEST_ONNX = ROOT / "constraints-lowest-onnx.txt"
LOWEST_SCALE = ROOT / "constraints-lowest-scale.txt"
PINNED = ROOT / "constraints.txt"
# Read and judged; any other package that binds its users is news that a person must look at.
NOTED = {"pillow-heif", "tqdm", "numpy", "scipy"}
JUDGED = NOTED | {"certifi"}  # MPL-2.0: with Ray, and older huggingface_hub


def pins(path: Path) -> dict[str, Version]:
    lines = [line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines()]
    found = [Requirement(line) for line in lines if line]
    return {canonicalize_name(r.name): Version(str(r.specifier).removeprefix("==")) for r in found}


@pytest.mark.parametrize(
    ("extras", "path"),
    [
        ((), LOWEST),
        (("clip",), LOWEST),
        (("onnx",), LOWEST_ONNX),
        (("parquet", "ray", "remote"), LOWEST_SCALE),
    ],
    ids=["base", "clip", "onnx", "scale"],
)
def test_every_lower_bound_is_the_release_that_is_tested(
    extras: tuple[str, ...], path: Path
) -> None:
    tested = pins(path)
    # What an extra builds on is tested by the row of its own.
    under: tuple[Requirement, ...] = ()
    if extras:
        under = tuple(direct(() if extras == ("clip",) else ("clip",)))
    asked = [text for text in map(str, direct(extras)) if text not in map(str, under)]
    assert asked
    for requirement in map(Requirement, asked):
        (bound,) = [s.version for s in requirement.specifier if s.operator == ">="]
        assert tested[canonicalize_name(requirement.name)] == Version(bound), requirement.name


def test_what_is_pinned_is_what_is_allowed() -> None:
    pinned = pins(PINNED)
    for requirement in direct():
        name = canonicalize_name(requirement.name)
        assert requirement.specifier.contains(pinned[name]), name


def test_the_licence_page_is_current() -> None:
    """Of the packages that imgfit asks for; theirs change from day to day."""
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    stated = dict(re.findall(r"^\| (\S+) \| imgfit \| (.+?) \|", page, re.MULTILINE))
    names = {canonicalize_name(requirement.name) for requirement in direct()}
    assert stated.keys() == names
    pinned = pins(PINNED)
    for name, package in installed().items():
        if name in names and Version(package.version).public == str(pinned[name]):
            assert stated[name] == licence(package), name


def test_no_licence_binds_users_unseen() -> None:
    bound = {name for name, package in installed().items() if binding(package)}
    assert {n for n in bound if not re.match("nvidia|cuda|triton", n)} <= JUDGED


@pytest.mark.parametrize("name", sorted(NOTED))
def test_what_was_judged_is_noted(name: str) -> None:
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    (row,) = re.findall(rf"^\| {name} \|.*\|$", page, re.MULTILINE)
    assert not row.endswith("|  |")
