"""Strangers' JSON, read field by field: nothing is believed that was not checked."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, TypeVar

from imgfit.printable import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_MAX_COUNT = 10**12
_MAX_TEXT = 300
_LARGEST = 1e308


def parse_json(text: str | bytes) -> Any:
    """Parse JSON, without the numbers that JSON does not have.

    Args:
        text: What was read; bytes are UTF-8, UTF-16 or UTF-32.

    Returns:
        Plain values.

    Raises:
        ValueError: It is not JSON, is nested too deeply, or holds ``NaN`` or an infinity.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise RefusedError(id="terlalu dalam bersarang", en="it is nested too deeply") from error


def parse_object(text: str | bytes) -> dict[str, Any]:
    """Parse JSON that is an object.

    Args:
        text: As for `parse_json`.

    Returns:
        Its fields, unchecked.

    Raises:
        ValueError: It is not an object, or not JSON as `parse_json` allows it.
    """
    values = parse_json(text)
    Fields(values)
    return dict(values)


def _refuse_constant(name: str) -> None:
    raise RefusedError(id=f"{name} bukan angka", en=f"{name} is not a number")


class Fields:
    """An object of JSON, taken apart field by field."""

    def __init__(self, values: Any, at: str = "") -> None:
        """Take an object.

        Args:
            values: What `parse_json` returned.
            at: What to name in front of its fields, such as the field that it is in.

        Raises:
            ValueError: It is not an object.
        """
        if not isinstance(values, dict):
            raise RefusedError(
                id=f"{at or 'isinya'} bukan objek JSON", en=f"{at or 'it'} is not a JSON object"
            )
        self._values = dict(values)
        self._prefix = f"{at}." if at else ""

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def take(self, name: str) -> Any:
        """Take a field of any kind.

        Args:
            name: Of the field.

        Returns:
            Its value, unchecked.

        Raises:
            ValueError: There is no such field, or it was taken before.
        """
        if name not in self._values:
            raise self._refusal(name, id="tidak ada", en="is missing")
        return self._values.pop(name)

    def require_no_more(self) -> None:
        """Refuse fields that nobody took.

        Raises:
            ValueError: There are some.
        """
        count = len(self._values)
        if count:
            place = f" in {self._prefix[:-1]}" if self._prefix else ""
            raise RefusedError(
                id=f"{count} bidang tidak dikenal{place.replace(' in ', ' di ')}",
                en=f"unknown fields{place}: {count}",
            )

    def text(self, name: str) -> str:
        """Take a line of at most 300 printable characters; it may go into messages and signatures.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        value = self.take(name)
        if not isinstance(value, str) or len(value) > _MAX_TEXT or not value.isprintable():
            raise self._refusal(
                name,
                id=f"bukan satu baris teks sepanjang paling banyak {_MAX_TEXT} karakter",
                en=f"is not one line of at most {_MAX_TEXT} characters",
            )
        return value

    def flag(self, name: str) -> bool:
        """Take true or false.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        value = self.take(name)
        if not isinstance(value, bool):
            raise self._refusal(name, id="bukan true atau false", en="is not true or false")
        return value

    def count(self, name: str, *, least: int = 0) -> int:
        """Take a whole number from ``least`` to 10 to the power of 12.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        value = self.take(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._refusal(name, id="bukan bilangan bulat", en="is not a whole number")
        if not least <= value <= _MAX_COUNT:
            raise self._refusal(name, id="di luar jangkauan", en="is out of range")
        return value

    def real(self, name: str) -> float:
        """Take a finite number.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        return self._real(self.take(name), name)

    def share(self, name: str) -> float:
        """Take a number from 0 to 1.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        value = self.real(name)
        if not 0 <= value <= 1:
            raise self._refusal(name, id="tidak dari 0 sampai 1", en="is not from 0 to 1")
        return value

    def inner_share(self, name: str) -> float:
        """Take a number between 0 and 1, neither of them.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        value = self.share(name)
        if value in (0, 1):
            raise self._refusal(name, id="tidak di antara 0 dan 1", en="is not between 0 and 1")
        return value

    def items(self, name: str) -> list[Any]:
        """Take a list of anything.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        value = self.take(name)
        if not isinstance(value, list):
            raise self._refusal(name, id="bukan daftar", en="is not a list")
        return value

    def reals(self, name: str, length: int | None = None) -> tuple[float, ...]:
        """Take a list of finite numbers.

        Args:
            name: Of the field.
            length: How many there must be; any number if not given.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        values = tuple(self._real(value, name) for value in self.items(name))
        if length is not None and len(values) != length:
            raise self._refusal(
                name, id=f"tidak berisi {length} angka", en=f"does not hold {length} numbers"
            )
        return values

    def texts(self, name: str) -> dict[str, str]:
        """Take an object whose values are all text.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        value = self.take(name)
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise self._refusal(
                name, id="bukan objek yang berisi teks", en="is not an object of texts"
            )
        return dict(value)

    def codes(self, name: str, length: int) -> frozenset[str]:
        """Take a list of codes of small ASCII letters.

        Args:
            name: Of the field.
            length: Letters of each.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        value = self.take(name)
        if not isinstance(value, list) or not all(_is_code(code, length) for code in value):
            raise self._refusal(
                name,
                id=f"bukan daftar kode {length} huruf kecil",
                en=f"is not a list of codes of {length} small letters",
            )
        return frozenset(value)

    def objects(self, name: str) -> list[Fields]:
        """Take a list of objects.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        return [Fields(value, f"{self._prefix}{name}") for value in self.items(name)]

    def inner(self, name: str) -> Fields:
        """Take an object.

        Raises:
            ValueError: The field is missing or holds something else.
        """
        return Fields(self.take(name), f"{self._prefix}{name}")

    def optional(self, name: str, take: Callable[[str], T], *, null: bool = False) -> T | None:
        """Take a field that need not be there.

        Args:
            name: Of the field.
            take: One of the methods here.
            null: Whether JSON's null is allowed as well.

        Returns:
            The field; None if there is no such field.
        """
        if name not in self:
            return None
        if null and self._values[name] is None:
            del self._values[name]
            return None
        return take(name)

    def names(self) -> list[str]:
        """Return the names of the fields that were not taken yet."""
        return list(self._values)

    def _real(self, value: Any, name: str) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            # A whole number of a thousand digits is no float.
            number = float(value) if abs(value) <= _LARGEST else math.inf
            if math.isfinite(number):
                return number
        raise self._refusal(
            name,
            id="berisi sesuatu yang bukan angka berhingga",
            en="holds something other than finite numbers",
        )

    def _refusal(self, name: str, *, id: str, en: str) -> RefusedError:  # noqa: A002 - the language's name
        at = f"{self._prefix}{name}"
        return RefusedError(id=f"{at} {id}", en=f"{at} {en}")


def _is_code(value: Any, length: int) -> bool:
    return isinstance(value, str) and len(value) == length and value.isascii() and value.islower()
