"""From templates to HTML and SVG: this one place cleans and escapes all that a template prints."""

from __future__ import annotations

from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from imgfit.language import fill, fit_percent, percent
from imgfit.printable import page_text
from imgfit.reports.words import MONTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jinja2 import Environment

    from imgfit.language import Language

# Of a reason, a hint or an error: a fact in it, such as a caption, may be long.
_MOST_LINE = 600
# Of a manifest's cells that could not be read.
_MOST_QUOTED, _MOST_QUOTE = 5, 40


def short(text: str, most: int) -> str:
    """Cut a text to a length.

    Args:
        text: Any text.
        most: Most characters, at least 1.

    Returns:
        The text, or its beginning and an ellipsis.
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def render(template: str, language: Language, **values: Any) -> str:
    """Fill a template of the package.

    Args:
        template: Its file name in ``imgfit/reports/templates``.
        language: What its filters write numbers and remarks in.
        **values: What it names; a missing name is an error, not a blank.

    Returns:
        HTML or SVG in which every text is cleaned as `page_text` does and escaped.
    """
    return _environment(language).get_template(template).render(values, language=language)


def source(name: str) -> str:
    """Return a file of ``imgfit/reports/templates`` as it is, such as a style sheet.

    Args:
        name: The file's name.

    Returns:
        Its text.
    """
    return files("imgfit.reports").joinpath("templates", name).read_text("utf-8")


@cache
def _environment(language: Language) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - when first needed
    from markupsafe import Markup  # noqa: PLC0415

    def cleaned(value: Any) -> Any:
        # Markup is the template's own; all else is text once it is printed, whatever its type.
        return value if isinstance(value, (Markup, int, float)) else page_text(str(value))

    environment = Environment(
        loader=PackageLoader("imgfit.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_filters(language))
    return environment


def _filters(language: Language) -> dict[str, Callable[..., str]]:
    """Return the filters that write numbers and remarks as a language does.

    A figure stays a number until a template prints it.
    """
    return {
        "percent": partial(percent, language=language),
        "fit": partial(fit_percent, language=language),
        "fill": lambda sentence, **facts: fill(sentence, language, facts),
        "say": lambda remark: short(remark.say(language), _MOST_LINE),
        "month": lambda day: f"{MONTHS[language][day.month - 1]} {day.year}",
        "short": short,
        "quoted": _quoted,
        "units": "{:.1f}".format,  # places and sizes of a drawing: a decimal point, always
    }


def _quoted(texts: Sequence[str]) -> str:
    """Quote the first few different texts of a manifest, each cut short."""
    different = list(dict.fromkeys(text[:_MOST_QUOTE] for text in texts))
    more = ", …" if len(different) > _MOST_QUOTED else ""
    return ", ".join(f"“{text}”" for text in different[:_MOST_QUOTED]) + more
