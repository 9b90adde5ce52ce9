"""Every test that a document names as the holder of a promise exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "SECURITY.md", ROOT / "docs" / "reliability.md"]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_tests_named_exist(document: Path) -> None:
    named = NAMED.findall(document.read_text("utf-8"))
    assert named
    for path, name in named:
        assert name in functions_of(ROOT / path), f"{path}::{name}"


def test_every_promise_names_its_test() -> None:
    promises = DOCUMENTS[0].read_text("utf-8").split("## Promises", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in promises.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 10
    for row in rows:
        assert NAMED.search(row), row


def test_links_of_the_security_page_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", DOCUMENTS[0].read_text("utf-8"))
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
