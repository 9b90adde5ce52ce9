"""Checks of what callers pass: a wrong type is refused by name, never by its contents."""

from __future__ import annotations

import os
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from imgfit.errors import ArgumentError
from imgfit.language import Phrase

if TYPE_CHECKING:
    from collections.abc import Collection

TEXT = Phrase(id="harus berupa teks (str)", en="must be text (str)")
MODEL = Phrase(
    id="harus berupa nama model atau path folder model",
    en="must be a model's name or the path of a model folder",
)
PATH = Phrase(id="harus berupa path berkas", en="must be the path of a file")
CALLABLE = Phrase(id="harus dapat dipanggil", en="must be callable")
FLAG = Phrase(id="harus True atau False", en="must be True or False")
RATE = Phrase(id="angka di antara 0 dan 1", en="a number between 0 and 1")
PHOTO = Phrase(
    id="beri path, isi berkas (bytes), berkas yang dibuka sebagai biner, gambar PIL, atau array "
    "numpy (tinggi, lebar, 3) uint8 dalam RGB",
    en="give a path, a file's bytes, a file opened as binary, a PIL image, or a numpy array "
    "(height, width, 3) of uint8 in RGB",
)


def wrong_type(argument: str, value: object, needed: Phrase) -> ArgumentError:
    """Make the error of an argument of the wrong type.

    Args:
        argument: Its name.
        value: What was given; only its type is named.
        needed: What is allowed.

    Returns:
        The error.
    """
    kind = type(value).__name__
    said = Phrase(id=f"data bertipe {kind}", en=f"of type {kind}")
    return ArgumentError(argument=argument, value=said, needed=needed)


def require_a(
    argument: str, value: Any, kinds: type | tuple[type, ...], needed: Phrase = TEXT
) -> None:
    """Refuse a value of another type than those allowed; None is refused like any other.

    Args:
        argument: The argument's name.
        value: What was given.
        kinds: The types allowed.
        needed: The same in words.

    Raises:
        ArgumentError: It is of another type.
    """
    if not isinstance(value, kinds):
        raise wrong_type(argument, value, needed)


def require_flags(**values: Any) -> None:
    """Refuse values that are neither True nor False.

    Args:
        **values: By the arguments' names.

    Raises:
        ArgumentError: One is of another type, such as 0 or ``"no"``.
    """
    for argument, value in values.items():
        require_a(argument, value, bool, FLAG)


def require_rate(argument: str, value: Any, least: float = 0.0) -> None:
    """Refuse a value that is not a rate.

    Args:
        argument: The argument's name.
        value: What was given.
        least: It must be above 0, at least this, and below 1.

    Raises:
        ArgumentError: It is not a number, or out of range.
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number:
        raise wrong_type(argument, value, RATE)
    if not 0 < value < 1:
        raise ArgumentError(argument=argument, value=value, needed=RATE)
    if value < least:
        needed = Phrase(id="paling kecil sama dengan far", en="at least far")
        raise ArgumentError(argument=argument, value=value, needed=needed)


def require_count(argument: str, value: Any, least: int = 1) -> None:
    """Refuse a value that is not a whole number, or too small.

    Args:
        argument: The argument's name.
        value: What was given.
        least: The smallest number allowed.

    Raises:
        ArgumentError: It is not a whole number, or below ``least``.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        needed = Phrase(
            id=f"harus bilangan bulat, paling kecil {least}",
            en=f"must be a whole number >= {least}",
        )
        raise wrong_type(argument, value, needed)
    if value < least:
        needed = Phrase(id=f"paling kecil {least}", en=f"at least {least}")
        raise ArgumentError(argument=argument, value=value, needed=needed)


def require_counts(**values: Any) -> None:
    """Refuse values that are neither None nor whole numbers from 1 on.

    Args:
        **values: By the arguments' names.

    Raises:
        ArgumentError: One is of another type, or below 1.
    """
    for argument, value in values.items():
        if value is not None:
            require_count(argument, value)


def require_progress(progress: Any) -> None:
    """Refuse a report of progress that is neither None nor callable.

    Args:
        progress: What was given.

    Raises:
        ArgumentError: It cannot be called.
    """
    if progress is not None and not callable(progress):
        raise wrong_type("progress", progress, CALLABLE)


def require_one_of(argument: str, value: Any, allowed: Collection[str]) -> None:
    """Refuse a value that is not one of some words.

    Args:
        argument: The argument's name.
        value: What was given.
        allowed: The words.

    Raises:
        ArgumentError: It is of another type, or another word.
    """
    words = ", ".join(allowed)
    needed = Phrase(id=f"salah satu dari {words}", en=f"one of {words}")
    if not isinstance(value, str):
        raise wrong_type(argument, value, needed)
    if value not in allowed:
        raise ArgumentError(argument=argument, value=value, needed=needed)


def require_photo(argument: str, value: Any) -> None:
    """Refuse a value that cannot be a photo; nothing is read.

    Args:
        argument: The argument's name.
        value: What was given.

    Raises:
        ArgumentError: It is of another type.
    """
    if isinstance(value, (str, os.PathLike, bytes, bytearray, memoryview)):
        return
    # Pillow's images and numpy's arrays, without loading either.
    if not (callable(getattr(value, "read", None)) or hasattr(type(value), "__array_interface__")):
        raise wrong_type(argument, value, PHOTO)


def require_several(argument: str, values: Any, of: Phrase) -> list[Any]:
    """Return the items of an iterable as a list.

    Args:
        argument: The argument's name.
        values: What was given.
        of: What an iterable must hold.

    Returns:
        Its items.

    Raises:
        ArgumentError: It cannot be iterated; a text or bytes is one photo or caption, not many.
    """
    if isinstance(values, (str, bytes, bytearray, memoryview, os.PathLike)):
        raise wrong_type(argument, values, of)
    try:
        return list(values)
    except TypeError:
        raise wrong_type(argument, values, of) from None
