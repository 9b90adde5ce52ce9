"""Names that load their module when first used (PEP 562)."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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
