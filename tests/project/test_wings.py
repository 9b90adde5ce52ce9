"""One wing, one face: what wings may use of each other, held by reading the code's imports."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[2] / "src" / "imgfit"
WINGS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def imports_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the module and name of each import of ours."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("imgfit"):
            yield from ((str(node.module), alias.name) for alias in node.names)


def wing_of(path: Path) -> str | None:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else None


def outside(wing: str) -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if wing_of(path) != wing:
            yield path


def face(wing: str) -> set[str]:
    """Return the names that a wing's ``__init__`` imports for type checkers."""
    path = PACKAGE / wing / "__init__.py"
    return {name for module, name in imports_of(path) if module.startswith(f"imgfit.{wing}.")}


@pytest.mark.parametrize("wing", WINGS)
def test_no_one_reaches_past_a_face(wing: str) -> None:
    for path in outside(wing):
        for module, name in imports_of(path):
            assert not module.startswith(f"imgfit.{wing}."), f"{path}: {module}.{name}"


@pytest.mark.parametrize("wing", WINGS)
def test_a_face_shows_what_others_use_and_no_more(wing: str) -> None:
    used = {
        name for path in outside(wing) for module, name in imports_of(path)
        if module == f"imgfit.{wing}"
    }  # fmt: skip
    # The command starts at `imgfit.cli.app`, which the entry point names.
    assert face(wing) == used or (wing == "cli" and face(wing) >= used)


@pytest.mark.parametrize("wing", WINGS)
def test_a_face_gives_what_it_shows(wing: str) -> None:
    module = import_module(f"imgfit.{wing}")
    typed = _only_for_type_checkers(wing)
    for name in face(wing) - typed:
        assert getattr(module, name).__class__ is not None
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = module.nothing_of_the_kind


def _only_for_type_checkers(wing: str) -> set[str]:
    """Return names of type aliases, which do not exist when the code runs."""
    found = set()
    for path in (PACKAGE / wing).glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                found |= {
                    ast.unparse(part.target)
                    for part in node.body
                    if isinstance(part, ast.AnnAssign)
                }
                found |= {part.name for part in node.body if isinstance(part, ast.ClassDef)}
    return found


@pytest.mark.parametrize("wing", WINGS)
def test_a_face_says_in_a_few_lines_what_lives_there_and_holds_no_logic(wing: str) -> None:
    tree = ast.parse((PACKAGE / wing / "__init__.py").read_text("utf-8"))
    said = ast.get_docstring(tree) or ""
    assert 1 <= len(said.splitlines()) <= 6
    assert not [
        n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.For))
    ]
