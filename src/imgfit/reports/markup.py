"""From templates to HTML and SVG: this one place cleans and escapes all that a template prints."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

# Control characters but tab and line break, marks that turn the direction of what follows, and
# halves of characters, which no file can hold: none is seen, and each can make a text look like
# another or keep a page from being written.
_UNSEEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    """Take out characters that are not seen and may mislead or break a page.

    Args:
        text: Any text, from a stranger as well.

    Returns:
        The text without control characters (but tab and line break), marks of direction and lone
        surrogates.
    """
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def short(text: str, most: int) -> str:
    """Cut a text to a length.

    Args:
        text: Any text.
        most: Most characters, at least 1.

    Returns:
        The text, or its beginning and an ellipsis.
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def render(template: str, **values: Any) -> str:
    """Fill a template of the package.

    Args:
        template: Its file name in ``imgfit/reports/templates``.
        **values: What it names; a missing name is an error, not a blank.

    Returns:
        HTML in which every text is cleaned as `visible` does and escaped.
    """
    return _environment().get_template(template).render(values)


def source(name: str) -> str:
    """Return a file of ``imgfit/reports/templates`` as it is, such as a style sheet.

    Args:
        name: The file's name.

    Returns:
        Its text.
    """
    environment = _environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - when first needed
    from markupsafe import Markup  # noqa: PLC0415

    from imgfit.reports.filters import FILTERS  # noqa: PLC0415 - it needs jinja2

    def cleaned(value: Any) -> Any:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=PackageLoader("imgfit.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    return environment
