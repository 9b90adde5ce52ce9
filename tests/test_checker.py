"""From drafts to scores, with an encoder that knows three colours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

import imgfit
from imgfit import Calibration, Checker, Draft, EmbeddingCache
from imgfit.captions.versions import MAX_CHARACTERS, text_versions
from imgfit.errors import (
    ArgumentError,
    CalibrationMismatchError,
    CaptionTooLongError,
    DraftsFewError,
)
from imgfit.language import or_system
from imgfit.scoring.thresholds import Thresholds
from tests.conftest import FakeEncoder, fake_calibration, fake_cohort, own_drafts, save_photo

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.language import Language


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, Path]:
    return {c: save_photo(tmp_path / f"{c}.png", c) for c in ("merah", "hijau", "biru")}


def test_the_right_caption_speaks_and_the_wrong_one_does_not(
    checker: Checker, photos: dict[str, Path]
) -> None:
    right = checker.check(photos["merah"], "Mobil merah parkir di halaman")
    wrong = checker.check(photos["merah"], "Langit biru di atas laut biru")
    assert (right.verdict, right.passed, right.reasons) == ("speaks", True, ())
    assert (wrong.verdict, wrong.passed) == ("silent", False)
    assert right.fit is not None
    assert wrong.fit is not None
    assert right.fit > 0.95
    assert wrong.fit < 0.75
    assert right.cosine is not None
    assert -1 <= right.cosine <= 1


def test_a_batch_gives_what_single_checks_give(checker: Checker, photos: dict[str, Path]) -> None:
    drafts = [
        Draft(photos["merah"], "Baju merah dijemur"),
        Draft(photos["biru"], "Kolam renang biru. Air biru jernih sekali di sini."),
        Draft(photos["hijau"], "Hari ini cerah"),
    ]
    together = checker.check_drafts(drafts, alone=True)
    for draft, score in zip(drafts, together, strict=True):
        alone = checker.check(draft.photo, draft.caption or "")  # type: ignore[arg-type]
        assert alone.fit == pytest.approx(score.fit, abs=1e-6)
        assert alone.cosine == pytest.approx(score.cosine, abs=1e-6)
        assert [w.text for w in alone.windows] == [w.text for w in score.windows]


def test_every_failure_is_a_row_with_its_reason(
    checker: Checker, photos: dict[str, Path], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 not a photo")
    drafts = [
        Draft(photos["merah"], "Mobil merah"),
        Draft(tmp_path / "missing.jpg", "Mobil merah"),
        Draft(broken, "Mobil merah"),
        Draft(photos["merah"], "  \n "),
        Draft(photos["merah"], None),
        Draft(None, "Mobil merah", "no-photo"),
        Draft(photos["merah"], "a" * (MAX_CHARACTERS + 1)),
        Draft(photos["biru"], "Laut biru"),
    ]
    batch = checker.check_drafts(drafts)
    assert [score.draft for score in batch] == drafts
    names = [score.error.code if score.error else None for score in batch]
    assert names == [
        None,
        "PhotoMissingError",
        "PhotoUnreadableError",
        "CaptionEmptyError",
        "CaptionMissingError",
        "PhotoMissingError",
        "CaptionTooLongError",
        None,
    ]
    assert batch.counts() == {
        "total": 8, "speaks": 2, "weak": 0, "silent": 0, "unsure": 0, "failed": 6,
    }  # fmt: skip
    assert not batch.passed
    assert [score.verdict for score in batch.ranked()] == ["failed"] * 6 + ["speaks"] * 2
    for score in batch:
        assert score.row()["signature"] == str(batch.signature)


def test_a_caption_without_words_is_unsure_not_silent(
    checker: Checker, photos: dict[str, Path]
) -> None:
    score = checker.check(photos["merah"], "#HUTRI80 #Merdeka 🎉🎉 https://contoh.go.id")
    assert score.error is None
    assert score.verdict == "unsure"
    assert [reason.code for reason in score.reasons] == ["nothing_to_score"]
    assert score.dropped
    assert not score.passed


def test_what_was_scored_is_kept(checker: Checker, photos: dict[str, Path]) -> None:
    caption = "Mobil merah baru. 🚗 Info: https://contoh.go.id @humas\n\n#mobil #merah"
    cleaned = checker.check(photos["merah"], caption)
    assert "https" not in cleaned.text
    assert any("contoh.go.id" in piece for piece in cleaned.dropped)
    whole = checker.check(photos["merah"], caption, clean=False)
    assert whole.text == caption
    assert whole.dropped == ()
    assert "unclean" in str(whole.signature)
    assert "unclean" not in str(cleaned.signature)


def test_the_two_line_way_can_leave_the_caption_as_it_is(
    checker: Checker, photos: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checker, "load", lambda _: checker)
    caption = "Mobil merah. #a #b"
    assert imgfit.check(photos["merah"], caption, model="colours").text == "Mobil merah."
    whole = imgfit.check(photos["merah"], caption, model="colours", clean=False)
    assert whole.text == caption
    assert "-unclean" in str(whole.signature)


def test_what_no_window_can_hold_is_counted_and_said(
    checker: Checker, photos: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A character of many tokens, as a byte-level tokenizer makes of a rare script.
    monkeypatch.setattr(
        checker.encoder, "count_tokens", lambda text: 2 + len(text.split()) + 20 * text.count("Ω")
    )
    score = checker.check(photos["merah"], "Mobil merah Ω")
    assert score.dropped_tokens == 11
    assert "tokens_dropped" in [reason.code for reason in score.reasons]
    assert "11 tokens" in " ".join(map(str, score.reasons))


def test_long_captions_are_windows_not_cut(checker: Checker, photos: dict[str, Path]) -> None:
    sentence = "Petugas membawa bendera merah ke lapangan bersama para tamu undangan."
    score = checker.check(photos["merah"], " ".join([sentence] * 40 + ["Selesai sudah acaranya."]))
    assert len(score.windows) == 41
    assert score.windows[-1].text == "Selesai sudah acaranya."
    assert score.dropped_tokens == 0
    assert score.windows[0].fit > score.windows[-1].fit


def test_swapped_captions_are_named(checker: Checker, photos: dict[str, Path]) -> None:
    batch = checker.check_drafts(
        [
            Draft(photos["merah"], "Kolam biru yang luas", "a"),
            Draft(photos["biru"], "Mobil merah yang laju", "b"),
        ]
    )
    for score, other in zip(batch, ("b", "a"), strict=True):
        assert score.reasons[0].code == "swapped"
        assert score.reasons[0].facts["other"] == other
        assert other in score.reasons[0].say("id")


def test_a_copy_of_the_own_caption_is_no_other_caption(
    checker: Checker, photos: dict[str, Path]
) -> None:
    batch = checker.check_drafts([Draft(photos["merah"], "Kolam biru", n) for n in ("a", "b")])
    assert all(score.evidence.other is None for score in batch)


def test_deciding_again_needs_no_encoder(
    checker: Checker, encoder: FakeEncoder, photos: dict[str, Path]
) -> None:
    batch = checker.check_drafts([Draft(photos["merah"], "Hari ini cerah di kota kami")])
    before = (encoder.photos_encoded, len(encoder.texts_encoded))
    fit = batch[0].fit
    assert fit is not None
    miss = 1 - fit
    assert batch.at(far=miss * 1.01)[0].verdict == "speaks"
    assert batch.at(far=miss / 2, weak_far=miss * 1.01)[0].verdict == "weak"
    assert batch.at(far=miss / 2, weak_far=miss * 0.99)[0].verdict == "silent"
    assert str(batch.at(far=0.01).signature).endswith("|far:0.01/0.25")
    assert str(batch.at(far=0.4).signature).endswith("|far:0.4/0.4")
    assert batch.at(far=0.01)[0].signature == batch.at(far=0.01).signature
    assert (encoder.photos_encoded, len(encoder.texts_encoded)) == before


@pytest.mark.parametrize(
    ("fit", "verdict"),
    [
        (1.0, "speaks"),
        (0.95, "speaks"),
        (0.9499, "weak"),
        (0.75, "weak"),
        (0.7499, "silent"),
        (0.0, "silent"),
    ],
)
def test_a_tie_passes(fit: float, verdict: str) -> None:
    assert Thresholds(far=0.05, weak_far=0.25).verdict(fit) == verdict


@pytest.mark.parametrize("far", [0, 1, -0.1, 2])
def test_a_rate_out_of_range_is_refused(checker: Checker, far: float) -> None:
    with pytest.raises(ArgumentError, match="far"):
        checker.check_drafts([], far=far)


def test_no_drafts_no_scores(checker: Checker) -> None:
    batch = checker.check_drafts([])
    assert (len(batch), batch.passed, batch.ranked()) == (0, False, [])


def test_another_encoders_calibration_is_refused(encoder: FakeEncoder) -> None:
    cohort = fake_cohort(encoder)
    calibration = fake_calibration(encoder, cohort)
    wrong: list[Calibration] = [
        replace(calibration, fingerprint="other"),
        replace(calibration, cohort="other"),
        replace(calibration, texts=text_versions() + "x"),
        replace(calibration, norm="other"),
    ]
    for other in wrong:
        with pytest.raises(CalibrationMismatchError, match="other|x"):
            Checker(encoder, other, cohort)


def test_the_cache_changes_nothing_but_the_work(
    encoder: FakeEncoder, photos: dict[str, Path], tmp_path: Path
) -> None:
    cohort = fake_cohort(encoder)
    calibration = fake_calibration(encoder, cohort)
    drafts = [Draft(photo, f"Gambar {colour} besar") for colour, photo in photos.items()]
    plain = Checker(encoder, calibration, cohort).check_drafts(drafts)
    with EmbeddingCache(tmp_path / "cache.sqlite") as cache:
        Checker(encoder, calibration, cohort, cache=cache).check_drafts(drafts)
        before = (encoder.photos_encoded, len(encoder.texts_encoded))
        warm = Checker(encoder, calibration, cohort, cache=cache).check_drafts(drafts)
    assert (encoder.photos_encoded, len(encoder.texts_encoded)) == before
    assert [s.row() for s in warm] == [s.row() for s in plain]


def test_why_a_caption_is_not_scored_is_cached_with_it(
    encoder: FakeEncoder, photos: dict[str, Path], tmp_path: Path
) -> None:
    cohort = fake_cohort(encoder)
    calibration = fake_calibration(encoder, cohort)
    captions = [
        "Dra. Hj. Siti Aminah, Ahmad Fauzi",
        "#HUTRI80",
        "Das Kind spielt im Park und lacht",
    ]
    drafts = [Draft(photos["merah"], caption) for caption in captions]
    codes = ["names_only", "nothing_to_score", "language_not_covered"]
    with EmbeddingCache(tmp_path / "cache.sqlite") as cache:
        for _ in range(2):
            checker = Checker(encoder, calibration, cohort, cache=cache, languages=["id", "en"])
            batch = checker.check_drafts(drafts)
            assert [reason.code for score in batch for reason in score.reasons] == codes
    assert not set(captions) & set(encoder.texts_encoded)


def test_bytes_are_a_photo_too(checker: Checker, photos: dict[str, Path]) -> None:
    data = photos["merah"].read_bytes()
    score = checker.check(data, "Mobil merah")
    assert score.fit == checker.check(photos["merah"], "Mobil merah").fit
    assert score.row()["photo"] is None
    assert score.draft.id == f"<{len(data)} bytes>"


def test_animated_pictures_say_so(checker: Checker, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (32, 32), c) for c in ("red", "blue")]
    path = tmp_path / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    score = checker.check(path, "Warna merah")
    assert score.verdict == "speaks"
    assert [r.code for r in score.reasons] == ["first_frame"]


@pytest.mark.parametrize(
    "arguments", [{"runtime": "tensorflow"}, {"batch_size": 0}, {"decode_threads": -1}]
)
def test_knobs_out_of_range_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        Checker.load("mini", **arguments)  # type: ignore[arg-type]


def test_to_pandas_has_a_row_a_draft(checker: Checker, photos: dict[str, Path]) -> None:
    batch = checker.check_drafts(
        [Draft(photos["merah"], "Mobil merah"), Draft(photos["merah"], "")]
    )
    frame = batch.to_pandas()
    assert len(frame) == 2
    assert frame["fit"][0] == batch.scores[0].row()["fit"]
    assert frame["fit"].isna().tolist() == [False, True]


def test_to_pandas_has_its_columns_without_rows(checker: Checker) -> None:
    frame = checker.check_drafts([]).to_pandas()
    assert len(frame) == 0
    assert {"id", "fit", "verdict", "signature"} <= set(frame.columns)


def test_calibrate_on_ones_own_drafts(checker: Checker, tmp_path: Path) -> None:
    drafts = own_drafts(tmp_path, 42)
    bad = [
        Draft(tmp_path / "none.jpg", "Mobil merah"),
        Draft(drafts[0].photo, "#HUTRI80 🎉"),
        Draft(drafts[0].photo, None, "kosong"),
    ]
    run = checker.calibrate([*bad, *drafts], far=0.1)
    assert [(draft.id, type(why).__name__) for draft, why in run.left_out] == [
        (str(tmp_path / "none.jpg"), "PhotoMissingError"),
        (str(drafts[0].photo), "Reason"),
        ("kosong", "CaptionMissingError"),
    ]
    assert (run.drafts, run.calibration.drafts) == (42, 42)
    assert run.calibration.negatives == 42 * 41

    mine = checker.recalibrated(run.calibration)
    assert mine.encoder is checker.encoder
    batch = mine.check_drafts(drafts)
    # What the calibration was asked for is what is decided at, unless another rate is given.
    assert batch.thresholds == Thresholds.at(0.1)
    assert f"null:drafts-{run.calibration.digest}|far:0.1/0.25" in str(batch.signature)
    assert mine.check_drafts(drafts[:1], far=0.02).thresholds.far == 0.02
    assert checker.check_drafts(drafts[:1]).thresholds.far == 0.05
    assert [s.normalised for s in batch] == [s.normalised for s in checker.check_drafts(drafts)]
    assert all(score.probability is None for score in batch)


def test_another_rate_needs_no_model_with_ones_own_calibration(
    checker: Checker, encoder: FakeEncoder, tmp_path: Path
) -> None:
    drafts = own_drafts(tmp_path, 42)
    mine = checker.recalibrated(checker.calibrate(drafts).calibration)
    # Captions of one colour with photos of every colour: fits of all sizes.
    mixed = [Draft(d.photo, drafts[0].caption, str(n)) for n, d in enumerate(drafts)]
    batch = mine.check_drafts(mixed)
    before = (encoder.photos_encoded, len(encoder.texts_encoded))
    for far in (0.01, 0.3, 0.6):
        again = batch.at(far)
        assert again.thresholds.far == far
        for score in again:
            assert score.fit is not None
            assert score.passed == (score.fit >= 1 - far)
        assert f"null:drafts-{mine.scorer.calibration.digest}|far:{far:g}/" in str(again.signature)
    assert batch.at(0.6).counts()["speaks"] > batch.at(0.01).counts()["speaks"]
    assert (encoder.photos_encoded, len(encoder.texts_encoded)) == before


def test_labels_give_each_score_a_probability(checker: Checker, tmp_path: Path) -> None:
    drafts = own_drafts(tmp_path, 60, labels=True)
    run = checker.calibrate(drafts, far=0.3)
    labels = run.calibration.labels
    assert labels is not None
    assert (labels.positives, labels.negatives) == (30, 30)
    mine = checker.recalibrated(run.calibration)
    batch = mine.check_drafts(drafts)
    assert batch.thresholds.far == run.calibration.far
    assert "|null:labels-" in str(batch.signature)
    right = [s.probability for s in batch if s.draft.label]
    wrong = [s.probability for s in batch if not s.draft.label]
    assert min(p for p in right if p is not None) > max(p for p in wrong if p is not None)
    assert None not in right + wrong
    assert batch[0].row()["probability"] == pytest.approx(right[0], abs=1e-6)
    assert sum(s.passed for s in batch if not s.draft.label) <= labels.accepted
    assert batch.to_pandas()["probability"].dtype == float


def test_too_few_drafts_for_a_calibration(checker: Checker, tmp_path: Path) -> None:
    with pytest.raises(DraftsFewError, match="20 drafts .* 38 are needed"):
        checker.calibrate(own_drafts(tmp_path, 20))
    with pytest.raises(DraftsFewError, match="^0 drafts"):
        checker.calibrate([])
    with pytest.raises(ArgumentError, match="far"):
        checker.calibrate([], far=1.0)


def test_a_calibration_of_another_encoder_is_refused(checker: Checker, tmp_path: Path) -> None:
    run = checker.calibrate(own_drafts(tmp_path, 42))
    foreign = replace(run.calibration, fingerprint="other-2")
    with pytest.raises(CalibrationMismatchError, match="other-2, but fake-1 .* imgfit calibrate"):
        checker.recalibrated(foreign)


def test_hints_speak_of_the_photo_and_change_no_score(
    checker: Checker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(0).integers(0, 40, (400, 400, 3), np.uint8)
    noise[..., 0] += 60
    Image.fromarray(noise).save(tmp_path / "a.png")
    copied = tmp_path / "b.png"
    copied.write_bytes((tmp_path / "a.png").read_bytes())
    (tmp_path / "c.png").write_bytes(b"no photo")
    drafts = [Draft(tmp_path / name, "Mobil merah di jalan", id=name[0])
              for name in ("a.png", "b.png", "c.png")]  # fmt: skip
    with EmbeddingCache(tmp_path / "x.sqlite") as cache:
        monkeypatch.setattr(checker, "_embedder", replace(checker._embedder, cache=cache))
        batch = checker.check_drafts([*drafts, Draft(None, "tanpa foto")])
        again = checker.check_drafts([*drafts, Draft(None, "tanpa foto")])
        with monkeypatch.context() as without:
            without.setattr("imgfit.checker.hints_of_photos", lambda names, *_: [()] * len(names))
            bare = checker.check_drafts([*drafts, Draft(None, "tanpa foto")])
    codes = [[hint.code for hint in score.hints] for score in batch]
    assert codes == [["dark", "same_file"], ["dark", "same_file"], [], []]
    assert [hint.facts.get("other") for hint in batch[0].hints] == [None, "b"]
    assert [score.row() for score in again] == [score.row() for score in batch]
    assert [replace(score, hints=()) for score in batch][:2] == list(bare)[:2]


def test_a_caption_is_as_long_as_it_is_written_out(checker: Checker, tmp_path: Path) -> None:
    # U+FDFA stands for 18 letters: 50,000 of them took a minute to cut into windows.
    photo = save_photo(tmp_path / "a.png")
    for caption, size in (("\ufdfa" * 3_000, 54_000), ("a" * 50_001, 50_001)):
        error = checker.check(photo, caption).error
        assert isinstance(error, CaptionTooLongError)
        assert error.facts["size"] == size
    assert checker.check(photo, "\ufdfa" * 2_000).error is None


def test_the_two_line_way_obeys_the_calibrations_own_rate(
    checker: Checker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = own_drafts(tmp_path, 42)
    mine = checker.recalibrated(checker.calibrate(drafts, far=0.2).calibration)
    monkeypatch.setattr(Checker, "load", lambda _: mine)
    photo, caption = drafts[0].photo or "", drafts[0].caption or ""
    assert imgfit.check(photo, caption, model="mine").thresholds == Thresholds.at(0.2)
    assert imgfit.check(photo, caption, model="mine", far=0.01).thresholds.far == 0.01
    assert mine.check(photo, caption).thresholds.far == 0.2


def test_failures_come_first_then_what_cannot_be_judged(
    checker: Checker, photos: dict[str, Path], tmp_path: Path
) -> None:
    drafts = [
        Draft(photos["merah"], "Langit biru", "wrong"),
        Draft(photos["merah"], "#hanya #tagar", "tags"),
        Draft(tmp_path / "gone.png", "Mobil merah", "gone"),
    ]
    batch = checker.check_drafts(drafts)
    ranked = [(score.draft.id, score.verdict) for score in batch.ranked()]
    assert ranked == [("gone", "failed"), ("tags", "unsure"), ("wrong", "silent")]
    assert [score.row()["verdict"] for score in batch] == ["silent", "unsure", "failed"]


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl", "rows.parquet", "ROWS.CSV"])
def test_a_batch_saves_its_rows(
    checker: Checker, photos: dict[str, Path], tmp_path: Path, name: str
) -> None:
    batch = checker.check_drafts([Draft(photos["merah"], "Mobil merah", "satu")])
    batch.save(tmp_path / name)
    assert b"satu" in (tmp_path / name).read_bytes()


@pytest.mark.parametrize("language", ["id", "en", None])
def test_a_batch_saves_a_page(
    checker: Checker, photos: dict[str, Path], tmp_path: Path, language: Language | None
) -> None:
    batch = checker.check_drafts([Draft(photos["merah"], "Mobil merah", "satu")])
    batch.save_report(str(tmp_path / "page.html"), language=language)
    page = (tmp_path / "page.html").read_text("utf-8")
    assert f'<html lang="{or_system(language)}"' in page
    assert "satu" in page


@pytest.mark.parametrize("name", ["rows.txt", "rows", "nowhere/rows.csv"])
def test_what_cannot_be_saved_is_refused(checker: Checker, tmp_path: Path, name: str) -> None:
    batch = checker.check_drafts([])
    for save in (batch.save, batch.save_report):
        with pytest.raises(ArgumentError):
            save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_drafts_checked_alone_are_as_if_alone(
    checker: Checker, photos: dict[str, Path], tmp_path: Path
) -> None:
    drafts = [
        Draft(photos["merah"], "Langit biru di atas laut biru", "satu"),
        Draft(photos["biru"], "Mobil merah di jalan", "dua"),
        Draft(photos["merah"].read_bytes(), "Mobil merah", "salinan"),
        Draft(tmp_path / "hilang.png", "Mobil merah", "tiga"),
    ]
    together = checker.check_drafts(drafts)
    told = {reason.code for score in together for reason in score.reasons}
    assert "speaks_of_other" in told or "swapped" in told
    assert any(hint.code == "same_file" for score in together for hint in score.hints)
    apart = checker.check_drafts(drafts, alone=True)
    alone = [checker.check_drafts([draft])[0] for draft in drafts]
    for one, other in zip(apart, alone, strict=True):
        assert one.fit == (None if other.fit is None else pytest.approx(other.fit, abs=1e-6))
        assert one.reasons == other.reasons
        assert one.hints == other.hints
        assert one.signature == other.signature
        assert str(one.error) == str(other.error)
