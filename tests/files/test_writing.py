"""Files are written whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imgfit.errors import ArgumentError
from imgfit.files.writing import write_whole

if TYPE_CHECKING:
    from pathlib import Path


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("lama")
    write_whole("baru\r\né", path)
    assert path.read_bytes() == "baru\r\né".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("lama")
    with pytest.raises(UnicodeEncodeError):
        write_whole("baru \ud800", path)
    assert path.read_text() == "lama"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"nowhere.a\.json"):
        write_whole("x", tmp_path / "nowhere" / "a.json")
