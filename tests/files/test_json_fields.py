"""Strangers' JSON: each field is what it must be, or is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imgfit.files.json_fields import Fields, parse_json, parse_object

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expecting value"),
        ("NaN", "NaN is not a number"),
        ('{"a": -Infinity}', "-Infinity is not a number"),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff\xfe\xff", "codec"),
    ],
)
def test_what_is_no_json_is_refused(text: str | bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_json(text)


@pytest.mark.parametrize("text", ["[]", "3", '"a"', "null"])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="it is not a JSON object"):
        parse_object(text)
    assert parse_object(b'\xef\xbb\xbf{"a": [1]}') == {"a": [1]}


TAKES: dict[str, tuple[Callable[[Fields], Any], list[Any], list[Any]]] = {
    "text": (lambda f: f.text("x"), ["", "satu baris", "é" * 300],
             [None, 3, "a\nb", "\x1b[31m", "\u202e", "a" * 301, ["a"]]),
    "flag": (lambda f: f.flag("x"), [True, False], [0, 1, "true", None]),
    "count": (lambda f: f.count("x", least=1), [1, 10**12],
              [0, -1, 10**12 + 1, 1.0, "1", True, None]),
    "real": (lambda f: f.real("x"), [0.0, -1.5, 3], [True, "1", None, 10**400, [1]]),
    "share": (lambda f: f.share("x"), [0.0, 1.0, 0.5], [-0.1, 1.1, "1", None]),
    "inner share": (lambda f: f.inner_share("x"), [0.5], [0, 1, 0.0, 1.0, 2, None]),
    "items": (lambda f: f.items("x"), [[], [1, "a"]], [{}, "ab", None]),
    "reals": (lambda f: f.reals("x", 2), [[1, 2.5]], [[1], [1, 2, 3], [1, "2"], [1, None], None]),
    "texts": (lambda f: f.texts("x"), [{}, {"a": "b"}], [[], {"a": 1}, {"a": None}, "a"]),
    "codes": (lambda f: f.codes("x", 2), [["id", "en"], []],
              [["ID"], ["ind"], ["é1"], [1], "id", [["id"]], None]),
    "objects": (lambda f: f.objects("x"), [[], [{}]], [[1], {}, [[]], None]),
    "inner": (lambda f: f.inner("x"), [{}, {"a": 1}], [[], 1, None, "a"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", TAKES)
def test_a_field_is_of_its_kind_or_named(kind: str) -> None:
    take, good, bad = TAKES[kind]
    for value in good:
        fields = Fields({"x": value})
        found = take(fields)
        if kind not in ("objects", "inner"):
            assert (
                frozenset(value) if kind == "codes" else tuple(value) if kind == "reals" else value
            ) == found
        fields.require_no_more()
    for value in bad:
        with pytest.raises(ValueError, match=r"^x(\.| )"):
            take(Fields({"x": value}))
    with pytest.raises(ValueError, match="^x is missing"):
        take(Fields({}))


def test_a_field_in_an_object_is_named_by_its_way() -> None:
    outer = Fields({"labels": {"bins": [{"count": "1"}]}})
    (inner,) = outer.inner("labels").objects("bins")
    with pytest.raises(ValueError, match=r"^labels\.bins\.count is not a whole number"):
        inner.count("count")


def test_an_optional_field_may_be_missing_and_only_where_said_null() -> None:
    fields = Fields({"a": None, "b": None})
    assert fields.optional("c", fields.real) is None
    assert fields.optional("a", fields.real, null=True) is None
    with pytest.raises(ValueError, match="^b holds"):
        fields.optional("b", fields.real)
    fields.require_no_more()


def test_what_nobody_took_is_counted() -> None:
    fields = Fields({"a": 1, "\x1b[31m": 2})
    assert fields.names() == ["a", "\x1b[31m"]
    fields.take("a")
    with pytest.raises(ValueError, match="^unknown fields: 1$"):
        fields.require_no_more()
