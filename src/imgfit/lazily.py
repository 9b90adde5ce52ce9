"""Names that load their module when first used (PEP 562), and imports that leave no trace."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping


def exported(package: str, modules: Mapping[str, Collection[str]]) -> Callable[[str], Any]:
    """Make a package's ``__getattr__``, so that importing the package loads nothing heavy.

    Args:
        package: The package's full name.
        modules: The names that each of its modules gives, by the module's name inside the package.

    Returns:
        A function that imports a name's module when the name is first asked for, and keeps it. The
        name of a module gives the module itself.
    """
    places = {name: module for module, names in modules.items() for name in names}

    def load(name: str) -> Any:
        if name in modules and name not in places:
            return import_module(f"{package}.{name}")
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{places[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return load


@contextmanager
def environment_kept() -> Iterator[None]:
    """Import libraries in the block with their traces switched off, and keep the environment.

    Libraries set variables of their own: open_clip turns the threads of tokenizers off, and
    torchvision names a folder for torch's compiler, for the whole process and for all that it
    starts. And libraries leave traces when they are imported, if no variable forbids it: ONNX
    Runtime since 1.29 writes an identity of the device and sends telemetry, torch's compiler makes
    a folder. SECURITY.md says of each what it would do. All variables are put back.

    Yields:
        Once, for the imports.
    """
    before = dict(os.environ)
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # A folder that is there already, so that none is made; nothing is written into it.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(Path(__file__).parent))
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
