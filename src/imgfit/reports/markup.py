"""From templates to HTML: whatever a template prints is cleaned and escaped, in this one place."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from imgfit.printable import page_text

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: Any) -> str:
    """Fill a template of the package.

    Args:
        template: Its file name in ``imgfit/templates``.
        **values: What it names; a name that is missing is an error, not a blank.

    Returns:
        HTML in which every text is cleaned as `page_text` does and escaped.
    """
    return _environment().get_template(template).render(values)


def source(name: str) -> str:
    """Return a file of ``imgfit/templates`` as it is, such as a style sheet.

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

    def cleaned(value: Any) -> Any:
        return (
            page_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        )

    return Environment(
        loader=PackageLoader("imgfit.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
