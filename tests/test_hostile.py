"""Nothing in a folder of drafts breaks the command: each item ends as a row, for a named reason."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from imgfit.drafts import read_drafts
from imgfit.errors import ImgfitError
from tests import guarded, hostile
from tests.test_page import Parsed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes, devices, modes")

# Not a measure of speed: a run takes a twentieth of it.
HANG_SECONDS = 300.0
# What photos may hold at once (imgfit.photos.DECODING_BYTES, READING_BYTES), and a batch.
MOST_ABOVE_A_PLAIN_RUN = 750.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hostile.Hostile]:
    written = hostile.write(tmp_path_factory.mktemp("hostile"))
    hostile.close(written)
    yield written
    hostile.close(written, closed=False)


@pytest.fixture(scope="module")
def result(
    folder: hostile.Hostile, tmp_path_factory: pytest.TempPathFactory
) -> tuple[guarded.Outcome, Path]:
    scratch = tmp_path_factory.mktemp("run")
    outcome = guarded.run(
        ["check", folder.drafts, *(manifest.path for manifest in folder.accepted), "--json",
         "--lang", "en", "--report", scratch / "page.html", "--output", scratch / "rows.csv",
         "--cache", scratch / "cache.sqlite"],
        scratch, seconds=HANG_SECONDS,
    )  # fmt: skip
    return outcome, scratch


def rows_of(outcome: guarded.Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in outcome.stdout.decode("utf-8").split("\n") if line]


def outcome_of(row: dict[str, Any]) -> str:
    if row["error"] is not None:
        return str(row["error"].split(":")[0])
    return "unsure" if row["fit"] is None else "scored"


def test_the_run_ends_by_itself_and_reaches_for_nothing(result: Any) -> None:
    outcome, _ = result
    assert outcome.reached == ""
    assert outcome.code == 1, outcome.stderr[-2000:]
    assert b"Traceback" not in outcome.stderr


def test_every_item_of_the_folder_is_a_row_for_a_named_reason(
    folder: hostile.Hostile, result: Any
) -> None:
    found = {row["id"]: row for row in rows_of(result[0]) if row["id"].startswith(str(folder.drafts))}
    expected = {f"{folder.drafts}/{item.name}": item for item in folder.items}
    assert found.keys() == expected.keys()
    wrong = {
        name: (outcome_of(found[name]), found[name]["error"])
        for name, item in expected.items()
        if outcome_of(found[name]) not in item.outcomes
    }
    assert wrong == {}
