"""Packages that only some uses of imgfit need: one way to say that one is missing."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from imgfit.errors import PackageMissingError
from imgfit.language import Phrase
from imgfit.version import DISTRIBUTION

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the extra `clip` brings, as it is imported.
CLIP = ("torch", "open_clip", "transformers", "huggingface_hub")


def install_command(extra: str) -> Phrase:
    """Say how an extra is installed: ours, never another package of that name.

    Args:
        extra: Such as ``"parquet"``.

    Returns:
        The command for a checkout, and what stands in the place of its dot for a wheel or a git
        address.
    """
    command = f'pip install ".[{extra}]"'
    elsewhere = f'"{DISTRIBUTION}[{extra}] @ '
    return Phrase(
        id=f"di folder sumber imgfit jalankan {command} (dari wheel atau git: pip install "
        f'{elsewhere}ALAMAT")',
        en=f"in the folder of imgfit's source run {command} (from a wheel or git: pip install "
        f'{elsewhere}ADDRESS")',
    )


@contextmanager
def needing(extra: str, what: str | Phrase) -> Iterator[None]:
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
        raise missing(extra, what, error.name or str(error)) from error


def has_clip() -> bool:
    """Tell whether all that the extra ``clip`` brings is installed, without loading it."""
    return all(find_spec(package) is not None for package in CLIP)


def require_clip(what: str | Phrase) -> None:
    """Refuse what cannot be done without the extra ``clip``, before anything else is tried.

    Args:
        what: What needs it, for the message.

    Raises:
        PackageMissingError: One of its packages is not installed.
    """
    for package in CLIP:
        if find_spec(package) is None:
            raise missing("clip", what, package)


def missing(extra: str, what: str | Phrase, package: str) -> PackageMissingError:
    """Make the error that a package is missing.

    Args:
        extra: The extra of imgfit that brings it.
        what: What needs it.
        package: Its name.

    Returns:
        The error.
    """
    return PackageMissingError(
        what=what, package=package, extra=extra, command=install_command(extra)
    )
