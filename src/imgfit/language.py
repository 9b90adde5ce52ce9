"""The two languages imgfit speaks: which one is read here, and how each writes numbers.

Every sentence shown to a person exists in both, is filled by `fill`, and so writes its numbers in
one style: a decimal comma in Indonesian, a point in English, and no space before the percent sign.
"""

from __future__ import annotations

import locale
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["id", "en"]

_SWAPPED = str.maketrans(",.", ".,")
_TENTHS_FROM = 990


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a sentence in both languages, to be a fact of an error, a reason or a hint.

    Attributes:
        id: In Indonesian.
        en: In English.
    """

    id: str
    en: str

    def __str__(self) -> str:
        return self.en


class _Filler(Formatter):
    """Formats the facts of a sentence the way its language writes them."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Phrase):
            value = value.id if self._language == "id" else value.en
        if format_spec == "percent":
            return percent(value, self._language)
        if "|" in format_spec:  # {count:draft|drafts}: which noun or verb a count asks for
            one, many = format_spec.split("|")
            return one if value == 1 else many
        written = format(value, format_spec)
        if self._language == "id" and isinstance(value, (int, float)) and format_spec:
            return written.translate(_SWAPPED)
        return written


def fill(sentence: str, language: Language, facts: Mapping[str, Any]) -> str:
    """Fill the braces of a sentence.

    Args:
        sentence: A format string.
        language: Whose numbers are written; `Phrase` facts are said in it.
        facts: Values by name. A float needs a format, such as ``{fit:.1%}``, or ``{far:percent}``,
            which writes a share as `percent` does; a count may choose between two words, as in
            ``{count} {count:draft|drafts}``.

    Returns:
        Plain text; a page that shows it must still escape it.

    Raises:
        KeyError: A fact is missing.
    """
    return _Filler(language).vformat(sentence, (), facts)


def percent(share: float, language: Language) -> str:
    """Write a share, to at most a tenth of a percent.

    Args:
        share: In [0, 1].
        language: Decides between decimal comma and point.

    Returns:
        Such as ``"12,5%"``.
    """
    return _percent(f"{100 * share:.1f}", language)


def fit_percent(fit: float, language: Language) -> str:
    """Write a fit, rounded down, so that none reads as if it reached a threshold it missed.

    Args:
        fit: In [0, 1].
        language: Decides between decimal comma and point.

    Returns:
        Whole percents below 99, tenths from there on, never 100.
    """
    # The null is finite, so no fit beats all of it. Six digits of a fit are all that is written.
    tenths = min(int(round(1000 * fit, 3)), 999)
    return _percent(f"{tenths / 10:.1f}" if tenths >= _TENTHS_FROM else str(tenths // 10), language)


def megabytes(size: float) -> Phrase:
    """Write a size, to be a fact of an error.

    Args:
        size: In bytes.

    Returns:
        Such as ``"1,5 MB"``.
    """
    written = f"{size / 1e6:g} MB"
    return Phrase(id=written.translate(_SWAPPED), en=written)


def system_language() -> Language:
    """Return the language of the user's system.

    Returns:
        ``"id"`` where the locale is Indonesian, else ``"en"``.
    """
    name = locale.setlocale(locale.LC_CTYPE) or ""
    return "id" if name.lower().startswith(("id", "in_")) else "en"


def or_system(language: Language | None) -> Language:
    """Return a language, or the system's if none was chosen.

    Args:
        language: ``"id"``, ``"en"``, or None.

    Returns:
        The language to speak.

    Raises:
        ArgumentError: It is another language.
    """
    if language is None:
        return system_language()
    given: object = language  # whatever a caller without a type checker passes
    if not (isinstance(given, str) and given in get_args(Language)):
        from imgfit.arguments import require_one_of  # noqa: PLC0415 - errors speak languages too

        require_one_of("language", given, get_args(Language))
    return language


def _percent(digits: str, language: Language) -> str:
    digits = digits.removesuffix(".0")
    return f"{digits.replace('.', ',') if language == 'id' else digits}%"
