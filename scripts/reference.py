"""Writes the pages of docs/ that are made from the code, so that they cannot go stale.

Run as ``python -m scripts.reference``; a test runs it with ``--check`` and fails if a page differs.
Made are ``docs/reference/`` (errors and warnings, reasons, hints, row fields, the public names, the
commands' help) and the two drawings in ``docs/architecture.md`` (the layers, and what lives in each
wing).
"""

from __future__ import annotations

import ast
import inspect
import os
import sys
import tomllib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.testing import CliRunner

import imgfit
from imgfit import errors, metrics
from imgfit.cli.app import app
from imgfit.remarks import HINTS, REASONS
from imgfit.scoring.results import ROW_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imgfit.language import Language

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "src" / "imgfit"
_MADE = "<!-- Made by python -m scripts.reference; do not edit by hand. -->"


def main() -> None:
    """Write the pages, or with ``--check`` name those that differ and exit with 1."""
    checking = sys.argv[1:] == ["--check"]
    stale = [path for path, text in pages().items() if not _same(path, text)]
    for path in stale:
        if checking:
            print(f"{path.relative_to(ROOT)} differs: run python -m scripts.reference")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(pages()[path], "utf-8")
            print(path.relative_to(ROOT))
    if checking and stale:
        sys.exit(1)


def pages() -> dict[Path, str]:
    """Return every page made from the code, by its path."""
    reference = DOCS / "reference"
    return {
        reference / "api.md": api(),
        reference / "errors.md": errors_page(),
        reference / "remarks.md": remarks_page(),
        reference / "commands.md": commands_page(),
        reference / "rows.md": rows_page(),
        DOCS / "architecture.md": architecture(),
    }


def api() -> str:
    """Return the page of public names; the site fills in their docstrings."""
    lines = [
        "# Python API",
        "",
        _MADE,
        "",
        "Import from `imgfit`, `imgfit.errors` and `imgfit.metrics`. Anything else may move.",
        "",
    ]
    kinds: dict[str, list[str]] = {"Functions": [], "Classes": [], "Types": []}
    for name in imgfit.__all__:
        found = getattr(imgfit, name)
        if inspect.ismodule(found):
            continue
        kind = (
            "Classes"
            if inspect.isclass(found)
            else "Functions"
            if callable(found) and inspect.isfunction(found)
            else "Types"
        )
        kinds[kind].append(name)
    for kind, names in kinds.items():
        if names:
            lines += [f"## {kind}", ""]
        for name in names:
            found = getattr(imgfit, name)
            place = f"{found.__module__}.{name}" if hasattr(found, "__module__") else name
            lines += [f"### `imgfit.{name}`", "", _summary(found), "", f"::: {place}", ""]
    lines += ["## `imgfit.metrics`", ""]
    for name in metrics.__all__:
        lines += [f"### `metrics.{name}`", "", _summary(getattr(metrics, name)), ""]
        lines += [f"::: imgfit.metrics.{name}", ""]
    return "\n".join(lines)


def errors_page() -> str:
    """Return the tree of errors and warnings, each with its sentence in both languages."""
    lines = [
        "# Errors and warnings",
        "",
        _MADE,
        "",
        (
            "Every error of imgfit is an `imgfit.ImgfitError`. `error.code` is the class name, "
            "stable for scripts; `error.facts` holds the values that the sentence names; "
            '`error.say("id")` or `error.say("en")` is the sentence. Catch the family you can mend '
            "(`PhotoError`, `CaptionError`, `DraftError`, `ModelError`, `CacheError`) rather than "
            "a leaf."
        ),
        "",
        "| error | when | sentence |",
        "|---|---|---|",
    ]
    for kind, depth in _tree(errors.ImgfitError):
        said = "" if _abstract(kind) else _both(kind.text)
        lines.append(f"| {'&nbsp;&nbsp;' * depth}`{kind.__name__}` | {_summary(kind)} | {said} |")
    lines += ["", "## Warnings", "", "| warning | when |", "|---|---|"]
    lines += [
        f"| {'&nbsp;&nbsp;' * depth}`{kind.__name__}` | {_summary(kind)} |"
        for kind, depth in _tree(errors.ImgfitWarning)
    ]
    return "\n".join([*lines, ""])


def remarks_page() -> str:
    """Return the tables of reasons and hints."""
    lines = [
        "# Reasons and hints",
        "",
        _MADE,
        "",
        (
            "A reason says why a verdict is what it is; a hint says what to look at again in the "
            "photo and never changes a verdict. Codes are stable; sentences may be reworded. When "
            "each reason stands is defined in [scores.md](../scores.md), section 6."
        ),
    ]
    for title, table in (("Reasons", REASONS), ("Hints", HINTS)):
        lines += ["", f"## {title}", "", "| code | sentence |", "|---|---|"]
        lines += [f"| `{code}` | {_both(texts)} |" for code, texts in table.items()]
    return "\n".join([*lines, ""])


def commands_page() -> str:
    """Return every command's help, as it is printed, in both languages."""
    lines = [
        "# Command line",
        "",
        _MADE,
        "",
        (
            "What `--help` prints, by command. Every command speaks Indonesian or English: by "
            "`--lang`, else by the variable `IMGFIT_LANG`, else by the system's language."
        ),
    ]
    for path in _commands(typer.main.get_command(app)):
        title = " ".join(("imgfit", *path))
        lines += ["", f"## `{title}`", "", "```text", _help(path, "en"), "```", ""]
        # The empty lines make Markdown leave what is between the tags alone, here and on a forge.
        twin = f'<pre lang="id">{escape(_help(path, "id"), quote=False)}</pre>'
        lines += ["<details><summary>Bahasa Indonesia</summary>", "", twin, "", "</details>"]
    return "\n".join([*lines, ""])


def rows_page() -> str:
    """Return the table of a row's fields."""
    lines = [
        "# Rows",
        "",
        _MADE,
        "",
        (
            "A row is what imgfit says about one draft: `imgfit check --json` prints rows, "
            "`--output` writes them as JSON lines, CSV or Parquet, and in Python they are "
            "`score.row()`, `batch.save(path)`, `batch.to_pandas()` and `batch.to_arrow()`. Fields "
            "are only added, never renamed or taken away. A field without a value is null. In CSV "
            "the lists are JSON in one cell. Reasons and hints are listed in "
            "[their own page](remarks.md), errors in [theirs](errors.md)."
        ),
        "",
        "| field | what it holds |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {sentence} |" for name, sentence in ROW_FIELDS.items()]
    return "\n".join([*lines, ""])


def architecture() -> str:
    """Return docs/architecture.md with its drawings made anew."""
    path = DOCS / "architecture.md"
    text = path.read_text("utf-8")
    for mark, made in (("layers", _layers()), ("wings", _wings())):
        start, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = before + start + made + end + after
    return text


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words that lead to each command, groups before their commands."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, (*path, name))


def _help(path: tuple[str, ...], language: Language) -> str:
    # What stands in this process's environment is no part of the page.
    nothing = {name: None for name in os.environ if name.startswith("IMGFIT_")}
    ended = CliRunner().invoke(
        app,
        [*path, "--help", "--lang", language],
        prog_name="imgfit",
        env={**nothing, "COLUMNS": "96"},
    )
    return "\n".join(line.rstrip() for line in ended.stdout.strip("\n").splitlines())


def _layers() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contract = next(
        c for c in project["tool"]["importlinter"]["contracts"] if c["type"] == "layers"
    )
    rows = [row.replace("|", " ").replace(":", " ").split() for row in contract["layers"]]
    width = max(len("   ".join(row)) for row in rows)
    lines = ["```text", "┌" + "─" * (width + 2) + "┐"]
    for number, row in enumerate(rows):
        if number:
            lines.append("├" + "─" * (width + 2) + "┤")
        lines.append(f"│ {'   '.join(row).center(width)} │")
    return "\n".join([*lines, "└" + "─" * (width + 2) + "┘", "```", ""])


def _wings() -> str:
    lines = ["| where | what lives there, and what it promises | files |", "|---|---|---|"]
    for path in sorted(PACKAGE.iterdir()):
        if path.name == "__init__.py" or path.name.startswith("_"):
            continue
        if path.is_dir() and (path / "__init__.py").is_file():
            count = len(list(path.glob("*.py"))) - 1
            lines.append(f"| `{path.name}/` | {_module_doc(path / '__init__.py')} | {count} |")
        elif path.suffix == ".py":
            lines.append(f"| `{path.name}` | {_module_doc(path)} | |")
    return "\n".join([*lines, ""])


def _module_doc(path: Path) -> str:
    return " ".join((ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split())


def _tree(root: type[Any], depth: int = 0) -> Iterator[tuple[type[Any], int]]:
    yield root, depth
    for kind in root.__subclasses__():
        if kind.__module__.startswith("imgfit."):
            yield from _tree(kind, depth + 1)


def _abstract(kind: type[Any]) -> bool:
    """Whether an error is a family, which is caught but never raised itself."""
    return "text" not in vars(kind) or kind is errors.ImgfitError


def _summary(thing: object) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n", 1)[0].replace("\n", " ").replace("|", "\\|")


def _both(texts: Mapping[Language, str]) -> str:
    cells = (texts["en"], texts["id"])
    return "<br>".join(f"“{text.replace('|', chr(92) + '|')}”" for text in cells)


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == text


if __name__ == "__main__":
    main()
