"""The filters of the templates: numbers become text here, in the language of the page.

A figure stays a number until a template prints it. Each filter reads ``language`` from the
template's own values, so no template can mix two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import pass_context

from imgfit import language as writing
from imgfit.reports.markup import short
from imgfit.reports.words import MONTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from jinja2.runtime import Context

    from imgfit.language import Language
    from imgfit.remarks import Remark

# Of a reason, a hint or an error: facts in it, such as a caption, may be long.
_MOST_LINE = 600
_MOST_QUOTED, _MOST_QUOTE = 5, 40


@pass_context
def percent(context: Context, share: float) -> str:
    """Write a share, such as ``"12,5%"``.

    Args:
        context: Of the template.
        share: In [0, 1].

    Returns:
        To at most a tenth of a percent.
    """
    return writing.percent(share, _language(context))


@pass_context
def fit(context: Context, fit: float) -> str:
    """Write a fit as a percentage, rounded down.

    Args:
        context: Of the template.
        fit: In [0, 1].

    Returns:
        Whole percents below 99, tenths from there on.
    """
    return writing.fit_percent(fit, _language(context))


@pass_context
def fill(context: Context, sentence: str, **facts: Any) -> str:
    """Fill the braces of a sentence.

    Args:
        context: Of the template.
        sentence: As `imgfit.language.fill` takes it.
        **facts: Values by name.

    Returns:
        Plain text, escaped once it is printed.
    """
    return writing.fill(sentence, _language(context), facts)


@pass_context
def say(context: Context, remark: Remark) -> str:
    """Say a reason, a hint, a note or an error in one line of bounded length.

    Args:
        context: Of the template.
        remark: What to say.

    Returns:
        At most 600 characters.
    """
    return short(remark.say(_language(context)), _MOST_LINE)


@pass_context
def month(context: Context, day: date) -> str:
    """Name a day's month and year, such as ``"November 2026"``.

    Args:
        context: Of the template.
        day: Any day of the month.

    Returns:
        The name.
    """
    return f"{MONTHS[_language(context)].split()[day.month - 1]} {day.year}"


def quoted(texts: Sequence[str]) -> str:
    """Quote the first few different texts of a manifest, each cut short.

    Args:
        texts: As written.

    Returns:
        At most five quotes, and an ellipsis if there are more.
    """
    different = list(dict.fromkeys(text[:_MOST_QUOTE] for text in texts))
    more = ", …" if len(different) > _MOST_QUOTED else ""
    return ", ".join(f"“{text}”" for text in different[:_MOST_QUOTED]) + more


def units(length: float) -> str:
    """Write a place or a size of a drawing.

    Args:
        length: In the drawing's own units.

    Returns:
        To a tenth, always with a decimal point.
    """
    return f"{length:.1f}"


FILTERS: dict[str, Callable[..., str]] = {
    function.__name__: function
    for function in (percent, fit, fill, say, month, short, quoted, units)
}


def _language(context: Context) -> Language:
    language: Language = context["language"]
    return language
