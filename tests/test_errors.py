"""Every error says its line in both languages."""

from __future__ import annotations

import copy
import pickle
import string
from pathlib import Path

import pytest

from imgfit import errors
from imgfit.errors import ImgfitError, PhotoMissingError

ALL: list[type[ImgfitError]] = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ImgfitError)
]
LEAVES = [kind for kind in ALL if not kind.__subclasses__()]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def numbers(template: str) -> set[str]:
    """Name the facts that are written in a format, and so are numbers."""
    return {name for _, name, form, _ in string.Formatter().parse(template) if name and form}


@pytest.mark.parametrize("kind", ALL)
def test_both_languages_name_the_same_facts(kind: type[ImgfitError]) -> None:
    assert set(kind.text) == {"en", "id"}
    assert fields(kind.text["en"]) == fields(kind.text["id"])
    assert numbers(kind.text["en"]) == numbers(kind.text["id"])
    facts = dict.fromkeys(fields(kind.text["en"]), "first\nsecond {x}")
    error = kind(**(facts | dict.fromkeys(numbers(kind.text["en"]), 0.125)))
    for language in ("en", "id"):
        assert "\n" not in error.say(language)
        if fields(kind.text["en"]) != numbers(kind.text["en"]):
            assert "first second {x}" in error.say(language)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(again), again.facts) == (kind, error.facts)


@pytest.mark.parametrize("kind", LEAVES)
def test_no_error_borrows_the_text_of_another(kind: type[ImgfitError]) -> None:
    assert "text" in vars(kind)
    assert kind.text["en"] != kind.text["id"]
    assert sum(kind.text["en"] == other.text["en"] for other in ALL) == 1


def test_what_an_error_is() -> None:
    error = PhotoMissingError(photo="foto/{a}.jpg")
    assert str(error) == error.say() == error.say("en")
    assert error.say("en").startswith("no photo at foto/{a}.jpg: ")
    assert error.say("id").startswith("foto tidak ada di foto/{a}.jpg: ")
    assert error.code == "PhotoMissingError"
    assert error.facts == {"photo": "foto/{a}.jpg"}
    assert isinstance(errors.ArgumentError(argument="a", value=1, needed="b"), ValueError)


def test_a_fact_that_is_missing_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        PhotoMissingError()


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\t", "\u2028", "\x0b", "  "])
def test_a_message_is_one_line(mark: str) -> None:
    line = PhotoMissingError(photo=f"a{mark}b").say("id")
    assert line.splitlines() == [line]
    assert "di a b: " in line


def test_copies_say_the_same() -> None:
    error = PhotoMissingError(photo=Path("a.jpg"))
    for again in (copy.copy(error), copy.deepcopy(error)):
        assert (type(again), str(again), again.facts) == (type(error), str(error), error.facts)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = {word for word in (errors.__doc__ or "").split() if word.endswith("Error")}
    assert drawn == {kind.__name__ for kind in ALL}


def test_the_tree_is_drawn_as_it_grew() -> None:
    levels: list[str] = []
    drawn: dict[str, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        words = line.replace("├── ", "").replace("└── ", "").replace("│", " ").split()
        if words and words[0].endswith("Error"):
            depth = line.index(words[0]) // 4 - 1
            levels[depth:] = [words[0]]
            if depth:
                drawn[words[0]] = levels[depth - 1]
    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in ALL[1:]}
