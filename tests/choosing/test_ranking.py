"""Rankings, swaps and better photos, with an encoder that knows three colours."""

from __future__ import annotations

import pickle
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from imgfit import Batch, Checker, Draft
from imgfit.choosing.comparing import _rings
from imgfit.choosing.results import CLOSE_MARGIN, Ranked, Ranking
from imgfit.errors import (
    ArgumentError,
    CaptionEmptyError,
    CaptionWordlessError,
    PhotoMissingError,
)
from imgfit.scoring.signature import Signature
from imgfit.scoring.thresholds import Thresholds
from tests.conftest import COLOURS, FakeEncoder, save_photo

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, Path]:
    return {c: save_photo(tmp_path / f"{c}.png", c) for c in ("merah", "hijau", "biru")}


CAPTIONS = {"merah": "Mobil merah", "hijau": "Daun hijau", "biru": "Laut biru"}


def test_the_right_photo_comes_first_and_scores_as_in_a_check(
    checker: Checker, photos: dict[str, Path]
) -> None:
    ranking = checker.rank_photos(CAPTIONS["biru"], photos.values())
    assert ranking.best is not None
    assert ranking.best.id == str(photos["biru"])
    assert (ranking.best.index, ranking.best.verdict) == (2, "speaks")
    for entry in ranking:
        alone = checker.check(entry.id, CAPTIONS["biru"])
        assert entry.fit == pytest.approx(alone.fit, abs=1e-6)
        assert entry.normalised == pytest.approx(alone.normalised, abs=1e-4)
        assert (entry.verdict, ranking.signature) == (alone.verdict, alone.signature)
    scores = [entry.normalised or 0 for entry in ranking]
    assert scores == sorted(scores, reverse=True)
    assert ranking.margin == pytest.approx(scores[0] - scores[1])


def test_captions_are_ranked_for_a_photo(checker: Checker, photos: dict[str, Path]) -> None:
    captions = [*CAPTIONS.values(), "Laut biru https://contoh.go.id", "  ", "#a #b 🎉"]
    ranking = checker.rank_captions(photos["biru"], captions)
    assert [entry.id for entry in ranking.entries[:2]] == [
        "Laut biru",
        "Laut biru https://contoh.go.id",
    ]
    # The same text once cleaned: no rival of the best.
    assert [entry.group for entry in ranking.entries[:3]] == [1, 1, 2]
    assert ranking.runner_up == ranking[2]
    failed = {e.index: type(e.error) for e in ranking if e.error is not None}
    assert failed == {4: CaptionEmptyError, 5: CaptionWordlessError}
    assert len(ranking) == len(captions)
    alone = checker.check(photos["biru"], "Laut biru")
    assert ranking[0].fit == pytest.approx(alone.fit, abs=1e-6)
    only = checker.rank_captions(photos["biru"], [" "])
    assert (only.best, only.margin, only.close) == (None, None, False)


def test_what_cannot_be_ranked_is_a_row_and_what_cannot_be_asked_is_raised(
    checker: Checker, photos: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a photo")
    given = [tmp_path / "broken.jpg", photos["biru"], tmp_path / "missing.jpg"]
    ranking = checker.rank_photos("Laut biru", given, top=1)
    assert [entry.index for entry in ranking] == [1, 0, 2]
    assert [e.error.code if e.error else None for e in ranking] == [
        None, "PhotoUnreadableError", "PhotoMissingError",
    ]  # fmt: skip
    assert ranking[1].row()["error"].startswith("PhotoUnreadableError: ")
    assert len(checker.rank_photos("Laut biru", [])) == 0
    for caption, error in (("", CaptionEmptyError), ("#a #b", CaptionWordlessError)):
        with pytest.raises(error):
            checker.rank_photos(caption, [photos["biru"]])
    with pytest.raises(PhotoMissingError):
        checker.rank_captions(tmp_path / "missing.jpg", ["Laut biru"])
    with pytest.raises(ArgumentError, match="top is 0"):
        checker.rank_photos("Laut biru", [photos["biru"]], top=0)
    with pytest.raises(ArgumentError, match="far"):
        checker.rank_photos("Laut biru", [photos["biru"]], far=2)


def test_a_near_copy_is_no_runner_up(
    checker: Checker, photos: dict[str, Path], tmp_path: Path
) -> None:
    again = tmp_path / "lagi.jpg"
    Image.open(photos["biru"]).resize((80, 60)).save(again, quality=60)
    ranking = checker.rank_photos("Laut biru", [again, photos["merah"], photos["biru"]], top=1)
    assert len(ranking) == 1
    assert ranking.best is not None
    assert ranking.best.group == 1
    assert ranking.runner_up is not None
    assert ranking.runner_up.id == str(photos["merah"])
    alone = checker.rank_photos("Laut biru", [again, photos["biru"]])
    assert [entry.group for entry in alone] == [1, 1]
    assert (alone.runner_up, alone.margin, alone.close) == (None, None, False)


@pytest.mark.parametrize(
    ("lead", "close"), [(0.0, True), (CLOSE_MARGIN - 0.01, True), (CLOSE_MARGIN, False)]
)
def test_close_is_a_margin_below_the_measured_one(lead: float, close: bool) -> None:  # noqa: FBT001
    first = Ranked(0, "a", 0.3, lead, 0.9, "weak", 1)
    second = Ranked(1, "b", 0.2, 0.0, 0.8, "weak", 2)
    assert Ranking("x", (first, second), Signature(), second).close is close


def batch_of(checker: Checker, photos: dict[str, Path], pairs: list[tuple[str, str]]) -> Batch:
    """Check drafts as if each were alone, so that single checks give the same numbers."""
    drafts = [
        Draft(photos[photo], CAPTIONS[text], f"d{n}") for n, (photo, text) in enumerate(pairs)
    ]
    return checker.check_drafts(drafts, alone=True)


def test_a_batch_ranks_its_photos_without_looking_again(
    checker: Checker, encoder: FakeEncoder, photos: dict[str, Path]
) -> None:
    batch = batch_of(checker, photos, [("merah", "biru"), ("biru", "merah"), ("hijau", "hijau")])
    seen = encoder.photos_encoded
    ranking = batch.best_photos("Langit biru", top=2)
    assert encoder.photos_encoded == seen
    assert ranking[0].id == "d1"
    assert len(ranking) == 2
    fresh = checker.rank_photos("Langit biru", [photos["biru"]])
    assert ranking[0].fit == pytest.approx(fresh[0].fit, abs=1e-6)
    assert batch.at(0.2).best_photos("Langit biru")[0].id == "d1"
    with pytest.raises(CaptionWordlessError):
        batch.best_photos("#biru")


def test_a_draft_that_failed_is_a_row_of_best_photos(
    checker: Checker, photos: dict[str, Path], tmp_path: Path
) -> None:
    drafts = [
        Draft(tmp_path / "missing.jpg", "Laut biru", "gone"),
        Draft(photos["biru"], "#hanya #tagar", "tags"),
        Draft(photos["merah"], "Mobil merah", "red"),
    ]
    ranking = checker.check_drafts(drafts).best_photos("Laut biru")
    # A photo whose own caption holds no words can still be the one that is looked for.
    assert [entry.id for entry in ranking] == ["tags", "red", "gone"]
    assert isinstance(ranking[2].error, PhotoMissingError)


def test_swapped_drafts_are_found(checker: Checker, photos: dict[str, Path]) -> None:
    batch = batch_of(checker, photos, [("merah", "biru"), ("hijau", "hijau"), ("biru", "merah")])
    assignment = batch.assignment()
    assert assignment.photos == (2, 1, 0)
    (swap,) = assignment.swaps
    assert {(m.draft_id, m.source_id) for m in swap.moves} == {("d0", "d2"), ("d2", "d0")}
    assert swap.gain > 0
    for move in swap.moves:
        assert move.fit_then >= 0.95 > move.fit_now
        assert move.gain >= CLOSE_MARGIN
        # What is promised is what the swapped draft then scores.
        score = checker.check(batch[move.source].draft.photo, batch[move.draft].draft.caption)  # type: ignore[arg-type]
        assert score.fit == pytest.approx(move.fit_then, abs=1e-6)
    assert swap.gain == pytest.approx(sum(m.gain for m in swap.moves))
    assert batch.at(0.5).assignment().photos == (2, 1, 0)


def test_three_in_a_ring(checker: Checker, photos: dict[str, Path]) -> None:
    batch = batch_of(checker, photos, [("merah", "hijau"), ("hijau", "biru"), ("biru", "merah")])
    assert batch.assignment().photos == (1, 2, 0)
    assert len(batch.assignment().swaps[0].moves) == 3


def test_drafts_as_they_should_be_are_left_alone(
    checker: Checker, photos: dict[str, Path], tmp_path: Path
) -> None:
    right = batch_of(checker, photos, [(c, c) for c in COLOURS])
    assert right.assignment().swaps == ()
    assert right.assignment().photos == (0, 1, 2)
    assert right.suggestions() == {}
    # Copies cannot be swapped for one another, and failures stay in place.
    drafts = [
        Draft(tmp_path / "missing.jpg", "Laut biru"),
        Draft(photos["biru"], "Mobil merah"),
        Draft(photos["biru"], "Daun hijau"),
    ]
    batch = checker.check_drafts(drafts)
    assert batch.assignment().photos == (0, 1, 2)
    assert batch.suggestions() == {}
    empty = checker.check_drafts([])
    assert (empty.assignment().photos, empty.suggestions()) == ((), {})


def test_a_weak_draft_is_shown_a_better_photo(checker: Checker, photos: dict[str, Path]) -> None:
    # Two want the blue photo; only one has it, so nothing can be swapped.
    batch = batch_of(checker, photos, [("merah", "biru"), ("biru", "biru"), ("hijau", "hijau")])
    assert batch.assignment().swaps == ()
    (first,) = batch.suggestions().values()
    assert list(batch.suggestions()) == [first.draft]
    assert (first.draft, first.source, first.source_id) == (0, 1, "d1")
    assert first.fit_now == batch[0].fit
    assert first.row()["photo_of"] == "d1"


def test_a_batch_is_pickled_without_its_model(checker: Checker, photos: dict[str, Path]) -> None:
    batch = batch_of(checker, photos, [("merah", "biru"), ("hijau", "hijau"), ("biru", "merah")])
    again = pickle.loads(pickle.dumps(batch))  # noqa: S301 - made in the line above
    assert again == batch
    assert again.assignment() == batch.assignment()
    assert again.suggestions() == batch.suggestions()
    with pytest.raises(ArgumentError, match="copy without its model.*rank_photos"):
        again.best_photos("Laut biru")
    assert "BatchChooser" not in repr(batch)


def test_a_batch_made_by_hand_cannot_compare() -> None:
    batch = Batch((), Thresholds(), Signature())
    for compare in (batch.assignment, batch.suggestions, lambda: batch.best_photos("x")):
        with pytest.raises(ArgumentError, match="check_drafts"):
            compare()


def test_rings_of_every_permutation_of_four() -> None:
    for order in permutations(range(4)):
        rings = _rings(np.array(order))
        moved = sorted(n for ring in rings for n in ring)
        assert moved == [n for n in range(4) if order[n] != n]
        for ring in rings:
            assert [order[n] for n in ring] == [*ring[1:], ring[0]]
