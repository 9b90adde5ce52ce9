"""Every error says its line in both languages."""

from __future__ import annotations

import pickle
import string

import pytest

from imgfit import errors
from imgfit.errors import ImgfitError

ALL = [kind for kind in vars(errors).values()
       if isinstance(kind, type) and issubclass(kind, ImgfitError)]  # fmt: skip


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("kind", ALL)
def test_both_languages_name_the_same_facts(kind: type[ImgfitError]) -> None:
    assert set(kind.text) == {"en", "id"}
    assert fields(kind.text["en"]) == fields(kind.text["id"])
    error = kind(**dict.fromkeys(fields(kind.text["en"]), "first\nsecond {x}"))
    for language in ("en", "id"):
        assert "\n" not in error.say(language)
        assert "first second {x}" in error.say(language)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(again), again.facts) == (kind, error.facts)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = {word for word in (errors.__doc__ or "").split() if word.endswith("Error")}
    assert drawn == {kind.__name__ for kind in ALL}
