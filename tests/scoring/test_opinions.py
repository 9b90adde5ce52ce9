"""A second opinion by another encoder, and the documented encoder of one's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import pytest

import imgfit
from imgfit import Batch, Checker, Draft, combine
from imgfit.errors import ArgumentError
from tests.conftest import (
    Another,
    FakeEncoder,
    fake_calibration,
    fake_cohort,
    own_drafts,
    save_photo,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


PAGE = Path(__file__).parents[2] / "docs" / "encoders.md"


@pytest.fixture(scope="module")
def checkers() -> tuple[Checker, Checker]:
    made = []
    for encoder in (FakeEncoder(), Another()):
        cohort = fake_cohort(encoder)
        made.append(Checker(encoder, fake_calibration(encoder, cohort), cohort))
    return made[0], made[1]


def opinions(checkers: tuple[Checker, Checker], drafts: Sequence[Draft]) -> tuple[Batch, Batch]:
    return checkers[0].check_drafts(drafts), checkers[1].check_drafts(drafts)


def test_fits_are_averaged_and_decided_at_the_firsts_thresholds(
    checkers: tuple[Checker, Checker], tmp_path: Path
) -> None:
    first, second = opinions(checkers, own_drafts(tmp_path, 9))
    batch = combine(first.at(0.1), second)
    assert [s.fit for s in batch] == pytest.approx(
        [((a.fit or 0) + (b.fit or 0)) / 2 for a, b in zip(first, second, strict=True)]
    )
    assert batch.thresholds == first.at(0.1).thresholds
    assert [s.passed for s in batch] == [(s.fit or 0) >= 0.9 for s in batch]
    assert all(s.cosine is s.normalised is s.probability is None for s in batch)
    line = str(batch.signature)
    assert line.startswith("mean-of-2|imgfit:")
    assert "model:fake@fake-1" in line
    assert "model:another@another-1" in line
    assert line.endswith("|far:0.1/0.25")
    assert all(s.signature == batch.signature for s in batch)
    stricter = batch.at(0.01)
    # Decided again, it names one rate: the one that it was decided at.
    assert str(stricter.signature).endswith("|far:0.01/0.25")
    assert str(stricter.signature).count("far:") == 1
    assert stricter[0].row()["fit"] == pytest.approx(batch[0].fit, abs=1e-6)


def test_a_disagreement_is_told_in_both_languages(
    checkers: tuple[Checker, Checker], tmp_path: Path
) -> None:
    draft = Draft(save_photo(tmp_path / "a.png", "hijau"), "hijau rapat")
    batch = combine(*opinions(checkers, [draft]))
    (reason,) = [r for r in batch[0].reasons if r.code == "opinions_differ"]
    first, second = reason.facts["first_en"], reason.facts["second_en"]
    assert first != second
    assert first in reason.say("en")
    assert reason.facts["second_id"] in reason.say("id")
    agreed = Draft(save_photo(tmp_path / "b.png", "merah"), "merah rapat")
    batch = combine(*opinions(checkers, [agreed]))
    assert "opinions_differ" not in [r.code for r in batch[0].reasons]


def test_no_row_is_lost_where_one_of_them_has_no_score(
    checkers: tuple[Checker, Checker], tmp_path: Path
) -> None:
    (good,) = own_drafts(tmp_path, 1)
    drafts = [good, Draft(tmp_path / "none.png", "merah"), Draft(good.photo, "08123456789")]
    batch = combine(*opinions(checkers, drafts))
    assert [s.draft for s in batch] == drafts
    assert batch[0].fit is not None
    assert batch[1].error is not None
    assert (batch[2].verdict, batch[2].fit) == ("unsure", None)
    assert batch[2].reasons
    # Only the second cannot judge: French is not in its languages.
    second = Checker(
        checkers[1].encoder,
        checkers[1].scorer.calibration,
        checkers[1].scorer.cohort,
        languages={"id", "en"},
    )
    french = Draft(good.photo, "Les juges rencontrent les habitants du village dans la salle rouge")
    mixed = combine(checkers[0].check_drafts([french]), second.check_drafts([french]))
    assert checkers[0].check_drafts([french])[0].fit is not None
    assert mixed[0].verdict == "unsure"
    assert [r.code for r in mixed[0].reasons] == ["language_not_covered"]


def test_the_weaker_null_is_told(
    checkers: tuple[Checker, Checker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path / "user")
    drafts = own_drafts(tmp_path, 3)
    bare = Checker.from_encoder(Another())
    for pair in ((checkers[0], bare), (bare, checkers[0])):
        batch = combine(*opinions(pair, drafts))
        assert batch.null_kind == "cohort"
        assert [note.code for note in batch.notes] == ["uncalibrated"]
        assert all("uncalibrated" in [r.code for r in score.reasons] for score in batch)


def test_other_drafts_or_the_same_model_are_refused(
    checkers: tuple[Checker, Checker], tmp_path: Path
) -> None:
    drafts = own_drafts(tmp_path, 3)
    first, second = opinions(checkers, drafts)
    with pytest.raises(ArgumentError, match="drafts of the first"):
        combine(first, checkers[1].check_drafts(drafts[:2]))
    with pytest.raises(ArgumentError, match="another model"):
        combine(first, first.at(0.1))
    with pytest.raises(ArgumentError, match="drafts of the first"):
        combine(first, checkers[1].check_drafts(drafts[::-1]))
    both = combine(first, second)
    assert len(both) == 3
    with pytest.raises(ArgumentError, match="a mean of two models"):
        combine(both, first)


@pytest.fixture
def documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: tmp_path / "user")
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    scope: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), scope)  # noqa: S102 - our own page
    return scope


def test_the_documented_encoder_works(documented: dict[str, Any], tmp_path: Path) -> None:
    checker: Checker = documented["checker"]
    encoder: imgfit.Encoder = documented["ColourEncoder"]()
    assert checker.encoder.name == encoder.name
    drafts = own_drafts(tmp_path, 30)
    batch = checker.check_drafts(drafts)
    assert batch.null_kind == "batch"
    assert all(score.error is None for score in batch)
    ranking = checker.rank_photos("biru biru biru", [draft.photo or "" for draft in drafts])
    assert [entry.index % 3 for entry in ranking.entries[:10]] == [2] * 10
    run = checker.calibrate(own_drafts(tmp_path, 60))
    assert checker.recalibrated(run.calibration).check_drafts(drafts).null_kind == "fitted"


def test_the_documented_encoder_has_twenty_lines() -> None:
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    start = code.index("class ColourEncoder")
    lines = [line for line in code[start : code.index("checker =")].splitlines() if line.strip()]
    assert len(lines) <= 20
