"""A model that nobody calibrated: t-norm, the batch as a null, and what results say of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import platformdirs
import pytest

from imgfit import Calibration, Checker, Draft, metrics, render_html
from imgfit.calibration.cohort import cohort_captions
from imgfit.calibration.mismatching import LEAST_GROUPS
from imgfit.calibration.norms import COHORT_TOP
from imgfit.cli.tables import print_batch
from imgfit.errors import CalibrationBrokenError, CalibrationMismatchError, EncoderFailedError
from imgfit.scoring.scorer import embed_cohort
from imgfit.scoring.uncalibrated import fallback_null, make_fallback_null
from tests.conftest import FakeEncoder, fake_calibration, fake_cohort, own_drafts
from tests.support.tiny import configuration, write_folder

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.calibration.cohort import Cohort
    from imgfit.language import Language


@pytest.fixture(scope="module")
def parts() -> tuple[Cohort, Calibration]:
    return make_fallback_null(FakeEncoder())


@pytest.fixture
def bare(encoder: FakeEncoder, parts: tuple[Cohort, Calibration]) -> Checker:
    cohort, null = parts
    return Checker(encoder, null, cohort)


@pytest.fixture
def cache_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "user"
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: root)
    return root


def test_a_single_draft_is_scored_by_t_norm(bare: Checker, tmp_path: Path) -> None:
    (draft,) = own_drafts(tmp_path, 1)
    score = bare.check(draft.photo or "", draft.caption or "")
    photo = bare._embedder.embed_photos([draft.photo or ""]).vectors
    cohort = photo @ bare.scorer.cohort.captions.T
    expected = metrics.t_norm([score.cosine or 0], metrics.fittest(cohort, COHORT_TOP))
    assert score.normalised == pytest.approx(expected[0], abs=1e-5)
    assert score.fit == pytest.approx(float(bare.scorer.calibration.fit(expected[0])), abs=1e-6)
    assert "|norm:at50|" in str(score.signature)
    assert "|null:cohort|" in str(score.signature)
    assert [r.code for r in score.reasons if r.code == "uncalibrated"]


def test_its_fit_is_the_share_of_the_packages_captions_it_beats(
    encoder: FakeEncoder, parts: tuple[Cohort, Calibration]
) -> None:
    # Each caption of the cohort, put in as a draft's own, comes out at its rank among the rest.
    cohort, null = parts
    photo = encoder.encode_photos(np.random.default_rng(5).random((1, 3, 8, 8), np.float32))
    scores = photo @ cohort.captions.T
    found = null.fit(metrics.t_norm(scores, metrics.fittest(scores, COHORT_TOP)))
    ranks = scores.argsort(axis=1).argsort(axis=1) / scores.shape[1]
    assert np.abs(found - ranks).mean() < 0.1
    assert np.corrcoef(found[0], ranks[0])[0, 1] > 0.95


def test_a_dozen_drafts_are_each_others_null(bare: Checker, tmp_path: Path) -> None:
    drafts = own_drafts(tmp_path, 60)
    few, many = bare.check_drafts(drafts[: LEAST_GROUPS - 1]), bare.check_drafts(drafts)
    assert few.null_kind == "cohort"
    assert [note.code for note in few.notes] == ["uncalibrated"]
    assert many.null_kind == "batch"
    assert "|null:batch-60|" in str(many.signature)
    assert [note.code for note in many.notes] == ["null_of_batch"]
    assert all("uncalibrated" not in [r.code for r in score.reasons] for score in many)
    # The rate asked holds among the batch's own mismatched pairs.
    assert many.null is not None
    assert many.null.far(0.05) == pytest.approx(0.05, abs=0.02)
    assert many.null.far(0.25) == pytest.approx(0.25, abs=0.05)
    for language in ("id", "en"):
        assert "60" in many.notes[0].say(language)
        assert str(LEAST_GROUPS) in few.notes[0].say(language)


def test_copies_do_not_make_a_dozen(bare: Checker, tmp_path: Path) -> None:
    drafts = own_drafts(tmp_path, LEAST_GROUPS - 1)
    assert bare.check_drafts([*drafts, *drafts]).null_kind == "cohort"


def test_rows_scored_alone_do_not_depend_on_the_batch(bare: Checker, tmp_path: Path) -> None:
    drafts = own_drafts(tmp_path, 20)
    together = bare.check_drafts(drafts, alone=True)
    alone = [bare.check_drafts([draft], alone=True)[0] for draft in drafts]
    assert [s.fit for s in together] == pytest.approx([s.fit for s in alone], abs=1e-6)
    assert together.null_kind == "cohort"


def test_ranking_and_swaps_work_too(bare: Checker, tmp_path: Path) -> None:
    drafts = own_drafts(tmp_path, 24)
    photos = [draft.photo or "" for draft in drafts]
    ranking = bare.rank_photos("rapat merah", photos)
    best = ranking.best
    assert best is not None
    assert best.index % 3 == 0  # the red ones
    assert "|null:cohort|" in str(ranking.signature)
    batch = bare.check_drafts(drafts)
    assert len(batch.assignment().photos) == 24
    assert batch.best_photos("upacara biru").best is not None


def test_own_drafts_calibrate_it(bare: Checker, tmp_path: Path) -> None:
    drafts = own_drafts(tmp_path, 60)
    run = bare.calibrate(drafts)
    path = tmp_path / "calibration.json"
    run.calibration.save(path)
    loaded = Calibration.load(path)
    assert loaded == run.calibration
    assert (loaded.norm, loaded.kind) == ("at50", "fitted")
    mine = bare.recalibrated(loaded)
    batch = mine.check_drafts(drafts)
    assert batch.null_kind == "fitted"
    assert f"|null:drafts-{loaded.digest}|" in str(batch.signature)
    assert all("uncalibrated" not in [r.code for r in score.reasons] for score in batch)


def test_a_null_for_another_normalisation_is_refused(
    encoder: FakeEncoder, parts: tuple[Cohort, Calibration]
) -> None:
    bare_cohort, null = parts
    full = fake_cohort(encoder)
    with pytest.raises(CalibrationMismatchError):
        Checker(encoder, null, full)
    fitted = replace(fake_calibration(encoder, full), cohort=bare_cohort.digest)
    with pytest.raises(CalibrationMismatchError, match="normalisation"):
        Checker(encoder, fitted, bare_cohort)


def test_the_null_is_kept_and_read_again(encoder: FakeEncoder, tmp_path: Path) -> None:
    made = fallback_null(encoder, root=tmp_path)
    encoded = encoder.photos_encoded, len(encoder.texts_encoded)
    assert encoded[1] >= len(cohort_captions())
    again = fallback_null(encoder, root=tmp_path)
    assert (encoder.photos_encoded, len(encoder.texts_encoded)) == encoded
    assert again[1] == made[1]
    assert (again[0].captions == made[0].captions).all()
    assert len(again[0].photos) == 0


@pytest.mark.parametrize("damage", ["cohort.safetensors", "null.json", "kind"])
def test_a_damaged_one_is_made_again(encoder: FakeEncoder, tmp_path: Path, damage: str) -> None:
    made = fallback_null(encoder, root=tmp_path)
    place = tmp_path / encoder.fingerprint
    if damage == "kind":
        stored = json.loads((place / "null.json").read_text())
        (place / "null.json").write_text(json.dumps(stored | {"kind": "guessed"}))
        with pytest.raises(CalibrationBrokenError, match="kind"):
            Calibration.load(place / "null.json")
    else:
        (place / damage).write_bytes(b"no")
    assert fallback_null(encoder, root=tmp_path)[1] == made[1]
    assert Calibration.load(place / "null.json") == made[1]
    assert [path.name for path in tmp_path.iterdir()] == [encoder.fingerprint]


def test_one_that_cannot_be_kept_is_used_all_the_same(encoder: FakeEncoder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cohort, null = fallback_null(encoder, root=tmp_path / "file")
    assert null.kind == "cohort"
    assert len(cohort.captions) == len(cohort_captions())


def test_an_encoder_that_fails_is_named(encoder: FakeEncoder, tmp_path: Path) -> None:
    encoder.encode_photos = lambda pixels: pixels[:1, 0, 0, :1]  # type: ignore[method-assign]
    with pytest.raises(EncoderFailedError, match="fake"):
        fallback_null(encoder, root=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_cohort_without_photos_is_stored_and_read(encoder: FakeEncoder, tmp_path: Path) -> None:
    cohort = embed_cohort(encoder, np.empty((0, encoder.dim), np.float32))
    cohort.save(tmp_path / "c.safetensors")
    again = cohort.load(tmp_path / "c.safetensors", fingerprint="fake-1", dim=encoder.dim)
    assert again.digest == cohort.digest
    assert again.photos.shape == (0, encoder.dim)


def test_a_folder_without_calibration_is_loaded(tmp_path: Path, cache_root: Path) -> None:
    folder = write_folder(tmp_path / "model", configuration())
    checker = Checker.load(str(folder.path), device="cpu")
    drafts = own_drafts(tmp_path, 2)
    batch = checker.check_drafts(drafts)
    assert all(score.fit is not None for score in batch)
    assert "|languages:unknown|pool:lead045|norm:at50|" in str(batch.signature)
    kept = cache_root / "cohorts" / checker.encoder.fingerprint
    assert sorted(path.name for path in kept.iterdir()) == ["cohort.safetensors", "null.json"]
    # A calibration fitted on it, put into its folder, travels along.
    run = checker.calibrate(own_drafts(tmp_path, 60))
    run.calibration.save(folder.calibration)
    again = Checker.load(str(folder.path), device="cpu")
    assert again.scorer.calibration == run.calibration
    assert again.check_drafts(drafts).null_kind == "fitted"


def test_a_caption_in_our_languages_that_the_model_lacks_is_an_error(
    encoder: FakeEncoder, parts: tuple[Cohort, Calibration]
) -> None:
    cohort, null = parts
    photo = b"no photo is looked at"
    indonesian = "Sidang keliling digelar di balai desa bersama warga yang hadir"
    english = Checker(encoder, null, cohort, languages={"en"})
    score = english.check(photo, indonesian)
    assert score.error is not None
    assert score.error.code == "CaptionLanguageError"
    for language in ("en", "id"):
        for word in ("--any-language", "base", "mini"):
            assert word in score.error.say(language)


def test_it_is_scored_where_that_is_asked_for(
    encoder: FakeEncoder, parts: tuple[Cohort, Calibration], tmp_path: Path
) -> None:
    cohort, null = parts
    (draft,) = own_drafts(tmp_path, 1)
    caption = "Sidang keliling merah digelar di balai desa bersama warga yang hadir"
    english = Checker(encoder, null, cohort, languages={"en"})
    forced = Checker(encoder, null, cohort, languages={"en"}, any_language=True)
    batch = english.check_drafts(
        [
            Draft(draft.photo, caption),
            Draft(draft.photo, "the judges meet the people of the village in the hall"),
            Draft(draft.photo, "Rapat merah"),  # too short to tell its language
            Draft(draft.photo, "Meeting of the judges with warga desa in the village hall today"),
        ]
    )
    assert [score.error is not None for score in batch] == [True, False, False, False]
    assert all(score.fit is not None for score in batch if score.error is None)
    score = forced.check(draft.photo or "", caption)
    assert score.fit is not None
    assert "|languages:any|" in str(score.signature)
    assert "|languages:" not in str(english.check(draft.photo or "", "Rapat merah").signature)


def test_no_rate_is_promised_where_none_is_kept(
    bare: Checker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drafts = own_drafts(tmp_path, LEAST_GROUPS)
    said: dict[Language, tuple[str, str, str]] = {
        "en": ("still pass", "paired at random, only", "how often is not known"),
        "id": ("tetap lolos", "yang mencapainya", "belum diketahui seberapa sering"),
    }
    for count, promised in ((LEAST_GROUPS - 1, False), (LEAST_GROUPS, True)):
        batch = bare.check_drafts(drafts[:count])
        assert batch.keeps_rate is promised
        print_batch(batch, "en")
        assert ("pass by mistake" in " ".join(capsys.readouterr().out.split())) is promised
        for language, (*rates, unknown) in said.items():
            page = render_html(batch, language=language)
            assert [rate in page for rate in rates] == [promised] * 2
            assert (unknown in page) is not promised
