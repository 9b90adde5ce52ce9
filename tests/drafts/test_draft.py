"""A draft made by hand: its name, and fields of the wrong type."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from imgfit import Draft
from imgfit.errors import (
    ArgumentError,
)
from tests.conftest import save_photo

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit import Checker


PHOTO = "a.png"


@pytest.mark.parametrize(
    ("photo", "name"), [("a/b.jpg", "a/b.jpg"), (b"xyz", "<3 bytes>"), (None, "-")]
)
def test_a_draft_without_an_id_gets_one(photo: str | bytes | None, name: str) -> None:
    assert Draft(photo, "x").id == name
    assert Draft(photo, "x", "sendiri").id == "sendiri"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"photo": 3.5, "caption": "x"}, "photo is of type float: give a path"),
        ({"photo": ["a.png"], "caption": "x"}, "photo is of type list: give a path"),
        ({"photo": PHOTO, "caption": 3}, "caption is of type int: must be text"),
        ({"photo": PHOTO, "caption": b"rahasia"}, "caption is of type bytes: must be text"),
        ({"photo": PHOTO, "caption": "x", "id": 7}, "id is of type int: must be text"),
        ({"photo": PHOTO, "caption": "x", "date": object()}, "date is of type object: must be"),
        ({"photo": PHOTO, "caption": "x", "label": "ya"}, "label is of type str: must be True"),
        ({"photo": None, "caption": None}, "photo is None: a draft needs a photo or a caption"),
    ],
)
def test_a_draft_of_wrong_types_carries_an_error_that_names_the_type(
    fields: dict[str, Any], says: str
) -> None:
    draft = Draft(**fields)
    assert isinstance(draft.error, ArgumentError)
    assert str(draft.error).startswith(says)
    assert not {"must", "give", "needs"} & set(draft.error.say("id").split())
    assert isinstance(draft.id, str)
    for shown in (str(draft.error), draft.error.say("id"), draft.id):
        assert "rahasia" not in shown
        assert "3.5" not in shown


@pytest.mark.parametrize("photo", [bytearray(b"x"), memoryview(b"x"), io.BytesIO(b"x"),
                                   Image.new("RGB", (32, 32)), np.zeros((32, 32, 3), np.uint8)])  # fmt: skip
def test_photos_in_memory_are_of_types_that_a_draft_takes(photo: Any) -> None:
    assert Draft(photo, "x").error is None


def test_a_draft_of_wrong_types_costs_its_own_row(tmp_path: Path, checker: Checker) -> None:
    good = save_photo(tmp_path / "a.png")
    wrong: Any = [(3.5, "Mobil merah"), (good, 3), (None, None)]
    drafts = [Draft(photo, caption) for photo, caption in wrong]
    batch = checker.check_drafts([*drafts, Draft(good, "Mobil merah")])
    codes = [score.error.code if score.error else None for score in batch]
    assert codes == ["ArgumentError", "ArgumentError", "ArgumentError", None]
    assert batch[0].draft.id == "<float>"
    for photo, caption in wrong[:2]:
        with pytest.raises(ArgumentError, match="is of type"):  # a call of one is a wrong call
            checker.check(photo, caption)
