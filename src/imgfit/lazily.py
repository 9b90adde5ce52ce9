"""Names that load their module when first used (PEP 562), and imports that leave no trace."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def exported(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """Make a package's ``__getattr__``, so that importing the package loads nothing heavy.

    Args:
        package: The package's full name.
        places: The module of each name, as a full name.

    Returns:
        A function that imports a name's module when the name is first asked for, and keeps it.
    """

    def load(name: str) -> Any:
        try:
            place = places[name]
        except KeyError:
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from None
        module = import_module(place)
        value = module if place == f"{package}.{name}" else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return load


@contextmanager
def environment_kept() -> Iterator[None]:
    """Import libraries in the block that set environment variables, and set those back.

    open_clip turns the threads of tokenizers off in this way, and torchvision names a folder for
    torch's compiler: for the whole process, and for all that it starts.

    Yields:
        Once, for the imports.
    """
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
