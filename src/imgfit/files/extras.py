"""Packages that only some uses of imgfit need: one way to say that one is missing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from imgfit.errors import PackageMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def needing(extra: str, what: str) -> Iterator[None]:
    """Turn a failed import in the block into an error that names what to install.

    Args:
        extra: The extra of imgfit that brings the package, such as ``"parquet"``.
        what: What needs it, for the message.

    Yields:
        Once, for the imports.

    Raises:
        PackageMissingError: An import in the block failed.
    """
    try:
        yield
    except ImportError as error:
        package = error.name or str(error)
        raise PackageMissingError(what=what, package=package, extra=extra) from error
