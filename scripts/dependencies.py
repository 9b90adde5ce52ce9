"""What imgfit's dependencies are, in this environment: their versions and their licences.

Run: ``python -m scripts.dependencies constraints > constraints.txt``, or ``licences >
docs/licences.md``. Both walk from pyproject.toml over what is installed; packages that only one
kind of machine gets (CUDA's) are left out of the constraints.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]
# Those that people install to use imgfit; tools of development are their own affair. Not the extra
# remote: the clients of two companies' stores, of which only the opening is tested, ask for older
# releases of what others need newer.
EXTRAS = ("clip", "onnx", "notebook", "parquet", "ray")
_OF_ONE_MACHINE = re.compile(r"^(nvidia|cuda|triton)")
# What asks for more than a notice, or forbids some uses.
_BINDING = re.compile(
    r"\b(A?GPL|LGPL|MPL|EPL|CDDL|EUPL|CC-BY-(NC|ND|SA)|GNU|Mozilla|Non-?Commercial|Proprietary)",
    re.IGNORECASE,
)
# Wheels may hold more than their metadata says; this was read in the wheels' own licence files.
BUNDLED = {
    "pillow-heif": "wheels hold libheif and libde265 (LGPL-3.0) and the encoder x265 (GPL-2.0), "
    "so the wheel as a whole is under GPL-2.0; imgfit only decodes. Its twin without x265, "
    "pi-heif, ended with a libheif that has known holes",
    "numpy": "wheels hold OpenBLAS (BSD-3-Clause) and libgfortran (GPL-3.0 with the runtime "
    "exception)",
    "scipy": "wheels hold OpenBLAS (BSD-3-Clause) and libgfortran (GPL-3.0 with the runtime "
    "exception)",
}


_INTRODUCTION = (
    "imgfit is under Apache-2.0 ([LICENSE](../LICENSE)); its built-in model has its own card. "
    "This is what each package's own metadata says, in an environment with the extras "
    f"{', '.join(EXTRAS[:-1])} and {EXTRAS[-1]}; "
    "`python -m scripts.dependencies licences` wrote it. Which packages come along with the direct "
    "ones depends on the system and the day."
)


def main() -> None:
    """Print what was asked for."""
    printers = {"constraints": constraints, "licences": licences}
    if len(sys.argv) != 2 or sys.argv[1] not in printers:
        sys.exit(f"usage: python -m scripts.dependencies {'|'.join(printers)}")
    print(printers[sys.argv[1]](), end="")


def direct(extras: Sequence[str] = EXTRAS) -> list[Requirement]:
    """Return what pyproject.toml asks for.

    Args:
        extras: Those whose packages count too.

    Returns:
        The requirements; one that an extra raises stands twice.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for extra in extras for text in optional[extra])]
    found = []
    for asked in map(Requirement, texts):
        # An extra that includes another names it by our own name.
        within = asked.extras if asked.name == project["name"] else ()
        found += [Requirement(text) for extra in sorted(within) for text in optional[extra]]
        found += [] if within else [asked]
    return found


def installed() -> dict[str, Distribution]:
    """Return all that is installed for imgfit's sake, by name, the direct ones and theirs."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [
        (requirement.name, extra) for requirement in direct() for extra in ("", *requirement.extras)
    ]
    while waiting:
        name, extra = waiting.pop()
        key = canonicalize_name(name)
        if (key, extra) in seen:
            continue
        seen.add((key, extra))
        try:
            found[key] = distribution(name)
        except PackageNotFoundError:  # of another system, or an extra that is not installed
            continue
        for text in found[key].requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting.extend((needed.name, more) for more in ("", *needed.extras))
    return dict(sorted(found.items()))


def licence(package: Distribution) -> str:
    """Return what a package's metadata says of its licence, on one line."""
    facts = package.metadata
    given = [*(facts.get_all("License-Expression") or []), *(facts.get_all("License") or [])]
    stated = given[0] if given else ""
    if not stated or "\n" in stated or len(stated) > 120:
        classes = facts.get_all("Classifier") or []
        stated = ", ".join(c.rpartition(" :: ")[2] for c in classes if c.startswith("License ::"))
    return stated or "not stated"


def binding(package: Distribution) -> str:
    """Return what of a package's licence asks for more than a notice; empty if nothing does."""
    name = canonicalize_name(package.name)
    found = _BINDING.search(licence(package))
    return "; ".join(filter(None, [BUNDLED.get(name, ""), found.group(0) if found else ""]))


def constraints() -> str:
    """Return the installed versions as a constraints file."""
    lines = [
        "# The versions that the tests last passed with, all together; CUDA's packages left out.",
        "# pip install -c constraints.txt .",
    ]
    lines += [
        f"{name}=={package.version.partition('+')[0]}"
        for name, package in installed().items()
        if not _OF_ONE_MACHINE.match(name)
    ]
    return "\n".join(lines) + "\n"


def licences() -> str:
    """Return the licences as a page."""
    names = {canonicalize_name(requirement.name) for requirement in direct()}
    lines = [
        "# Licences of what imgfit installs",
        "",
        _INTRODUCTION,
        "",
        "| package | asked for by | licence | to note |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {'imgfit' if name in names else 'a dependency'} | {licence(package)} | "
        f"{binding(package)} |"
        for name, package in installed().items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
