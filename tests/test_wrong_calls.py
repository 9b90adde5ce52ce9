"""Wrong calls end as an `ArgumentError` that names the argument and never shows its contents."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import imgfit
from imgfit import (
    Batch,
    Calibration,
    Checker,
    Draft,
    DraftScorer,
    Hint,
    Reason,
    Score,
    Signature,
    Thresholds,
    metrics,
)
from imgfit.errors import ArgumentError
from tests.conftest import FakeEncoder, fake_calibration, fake_cohort

if TYPE_CHECKING:
    from collections.abc import Callable

PRIVATE = "merpati: jangan disebut"
CAPTION = "Mobil merah"
PHOTO = b"not looked at"


class Own:
    """An object of a stranger's type, whose text nobody may see."""

    def __repr__(self) -> str:
        return PRIVATE


class NoCaption(FakeEncoder):
    """Lacks a method of an encoder."""

    encode_texts: Any = property(lambda _: (_ for _ in ()).throw(AttributeError))


@pytest.fixture(scope="module")
def it() -> Checker:
    encoder = FakeEncoder()
    cohort = fake_cohort(encoder)
    return Checker(encoder, fake_calibration(encoder, cohort), cohort)


ROWS = np.eye(2, 3)
EMPTY = Batch((Score(Draft(PHOTO, CAPTION)),), Thresholds(), Signature())

# The argument that is named, the type if it is the type that is wrong, and the call.
WRONG: list[tuple[str, str, Callable[[Any], Any]]] = [
    # The two-line way: refused before a model is loaded, where that can be.
    ("model", "int", lambda _: imgfit.check(PHOTO, CAPTION, model=3)),  # type: ignore[arg-type]
    ("model", "list", lambda _: imgfit.check(PHOTO, CAPTION, model=[PRIVATE])),  # type: ignore[arg-type]
    ("model", "NoneType", lambda _: imgfit.explain(PHOTO, CAPTION, model=None)),  # type: ignore[arg-type]
    ("photo", "int", lambda _: imgfit.check(3, "teks")),  # type: ignore[arg-type]
    ("caption", "int", lambda _: imgfit.check(PHOTO, 3)),  # type: ignore[arg-type]
    # One pair.
    ("photo", "Own", lambda it: it.check(Own(), CAPTION)),
    ("photo", "NoneType", lambda it: it.check(None, CAPTION)),
    ("photo", "list", lambda it: it.check([PHOTO], CAPTION)),
    ("photo", "float", lambda it: it.explain(1.5, CAPTION)),
    ("caption", "bytes", lambda it: it.check(PHOTO, PRIVATE.encode())),
    ("caption", "NoneType", lambda it: it.check(PHOTO, None)),
    ("caption", "list", lambda it: it.explain(PHOTO, [PRIVATE])),
    ("far", "str", lambda it: it.check(PHOTO, CAPTION, far="x")),
    ("far", "bool", lambda it: it.check(PHOTO, CAPTION, far=True)),
    ("far", "", lambda it: it.check(PHOTO, CAPTION, far=float("nan"))),
    ("far", "", lambda it: it.check(PHOTO, CAPTION, far=10**400)),
    ("clean", "str", lambda it: it.check(PHOTO, CAPTION, clean="no")),
    ("clean", "int", lambda it: it.rank_photos(CAPTION, [PHOTO], clean=0)),
    ("method", "", lambda it: it.explain(PHOTO, CAPTION, method="exakt")),
    ("method", "int", lambda it: it.explain(PHOTO, CAPTION, method=3)),
    # Drafts.
    ("drafts", "str", lambda it: it.check_drafts(PRIVATE)),
    ("drafts", "int", lambda it: it.check_drafts(3)),
    ("drafts", "Draft", lambda it: it.check_drafts(Draft(PHOTO, CAPTION))),
    ("drafts", "str", lambda it: it.check_drafts([PRIVATE])),
    ("drafts", "tuple", lambda it: it.check_drafts([(PHOTO, PRIVATE)])),
    ("drafts", "NoneType", lambda it: it.calibrate(None)),
    ("far", "NoneType", lambda it: it.calibrate([], far=None)),
    ("alone", "str", lambda it: it.check_drafts([], alone="yes")),
    ("progress", "int", lambda it: it.check_drafts([], progress=3)),
    # Rankings.
    ("photos", "str", lambda it: it.rank_photos(CAPTION, "foto.jpg")),
    ("photos", "bytes", lambda it: it.rank_photos(CAPTION, PHOTO)),
    ("caption", "list", lambda it: it.rank_photos([PRIVATE], [PHOTO])),
    ("captions", "str", lambda it: it.rank_captions(PHOTO, PRIVATE)),
    ("captions", "NoneType", lambda it: it.rank_captions(PHOTO, [None])),
    ("photo", "dict", lambda it: it.rank_captions({}, [CAPTION])),
    ("top", "str", lambda it: it.rank_photos(CAPTION, [PHOTO], top="3")),
    ("top", "float", lambda it: it.rank_photos(CAPTION, [PHOTO], top=2.0)),
    ("top", "bool", lambda it: it.rank_captions(PHOTO, [CAPTION], top=True)),
    ("top", "", lambda it: it.rank_photos(CAPTION, [PHOTO], top=0)),
    # Loading.
    ("model", "int", lambda _: Checker.load(3)),  # type: ignore[arg-type]
    ("runtime", "int", lambda _: Checker.load(runtime=3)),  # type: ignore[arg-type]
    ("runtime", "", lambda _: Checker.load(runtime="tensorflow")),
    ("device", "int", lambda _: Checker.load(device=0)),  # type: ignore[arg-type]
    ("batch_size", "bool", lambda _: Checker.load(batch_size=True)),
    ("batch_size", "str", lambda _: Checker.load(batch_size="32")),  # type: ignore[arg-type]
    ("decode_threads", "", lambda _: Checker.load(decode_threads=-1)),
    ("threads", "float", lambda _: Checker.load(threads=1.5)),  # type: ignore[arg-type]
    ("cache", "int", lambda _: Checker.load(cache=3)),  # type: ignore[arg-type]
    ("calibration", "int", lambda _: Checker.load(calibration=3)),  # type: ignore[arg-type]
    ("any_language", "str", lambda _: Checker.load(any_language="no")),  # type: ignore[arg-type]
    ("encoder", "int", lambda _: Checker.from_encoder(3)),  # type: ignore[arg-type]
    ("encoder", "NoCaption", lambda _: Checker.from_encoder(NoCaption())),
    ("calibration", "str", lambda it: it.recalibrated("mine.json")),
    ("cohort", "NoneType", lambda it: Checker(it.encoder, it.scorer.calibration, None)),  # type: ignore[arg-type]
    ("cache", "str", lambda it: Checker.from_encoder(it.encoder, cache="x.sqlite")),  # type: ignore[arg-type]
    ("languages", "str", lambda it: remade(it, languages="id")),
    ("languages", "int", lambda it: remade(it, languages=3)),
    # Results.
    ("far", "str", lambda _: EMPTY.at("0.1")),  # type: ignore[arg-type]
    ("far", "", lambda _: EMPTY.at(0)),
    ("weak_far", "str", lambda _: EMPTY.at(0.1, "0.2")),  # type: ignore[arg-type]
    ("weak_far", "", lambda _: EMPTY.at(0.1, 0.05)),
    ("caption", "int", lambda _: EMPTY.best_photos(3)),  # type: ignore[arg-type]
    ("top", "str", lambda _: EMPTY.best_photos(CAPTION, top="3")),  # type: ignore[arg-type]
    ("path", "int", lambda _: EMPTY.save(3)),  # type: ignore[arg-type]
    ("path", "NoneType", lambda _: EMPTY.save_report(None)),  # type: ignore[arg-type]
    ("language", "", lambda _: EMPTY.save_report("page.html", language="de")),  # type: ignore[arg-type]
    ("language", "int", lambda _: imgfit.Reason("logo", {}).say(3)),  # type: ignore[arg-type]
    ("language", "list", lambda _: ArgumentError(argument="a", value=1, needed="b").say(["id"])),  # type: ignore[arg-type]
    ("first", "str", lambda _: imgfit.combine(PRIVATE, EMPTY)),  # type: ignore[arg-type]
    ("second", "list", lambda _: imgfit.combine(EMPTY, [])),  # type: ignore[arg-type]
    ("far", "str", lambda _: Thresholds("0.1")),  # type: ignore[arg-type]
    # Results made by hand.
    ("draft", "str", lambda _: Score(PRIVATE)),  # type: ignore[arg-type]
    ("scores", "int", lambda _: Batch(3, Thresholds(), Signature())),  # type: ignore[arg-type]
    ("scores", "str", lambda _: Batch([PRIVATE], Thresholds(), Signature())),  # type: ignore[arg-type]
    ("opinions", "str", lambda _: Signature(PRIVATE)),  # type: ignore[arg-type]
    ("thresholds", "float", lambda _: EMPTY.signature.with_thresholds(0.05)),  # type: ignore[arg-type]
    ("fields", "list", lambda _: Signature.of([PRIVATE], Thresholds())),  # type: ignore[arg-type]
    ("fields", "int", lambda _: Signature.of({"model": 3}, Thresholds())),  # type: ignore[dict-item]
    ("code", "int", lambda _: Reason(3, {})),  # type: ignore[arg-type]
    ("code", "", lambda _: Hint("logo", {})),  # a reason's
    # Pages and pictures.
    ("batch", "int", lambda _: imgfit.render_html(3)),  # type: ignore[arg-type]
    ("batch", "list", lambda _: imgfit.render_html([PRIVATE])),  # type: ignore[arg-type]
    ("name", "NoneType", lambda _: imgfit.render_html(EMPTY, name=None)),  # type: ignore[arg-type]
    ("thumbnail_bytes", "str", lambda _: imgfit.render_html(EMPTY, thumbnail_bytes="9")),  # type: ignore[arg-type]
    ("thumbnail_bytes", "", lambda _: imgfit.render_html(EMPTY, thumbnail_bytes=-1)),
    ("decode_threads", "", lambda _: imgfit.render_html(EMPTY, decode_threads=0)),
    ("progress", "str", lambda _: imgfit.render_html(EMPTY, progress=PRIVATE)),  # type: ignore[arg-type]
    ("language", "ndarray", lambda _: imgfit.render_html(EMPTY, language=np.zeros(0))),  # type: ignore[arg-type]
    ("histogram", "int", lambda _: imgfit.histogram_svg(3)),  # type: ignore[arg-type]
    # Calibrations.
    ("far", "str", lambda _: imgfit.groups_needed("x")),  # type: ignore[arg-type]
    ("far", "", lambda _: imgfit.groups_needed(3)),
    ("path", "int", lambda _: Calibration.load(3)),  # type: ignore[arg-type]
    ("path", "NoneType", lambda it: it.scorer.calibration.save(None)),
    # Metrics.
    ("rows", "str", lambda _: metrics.unit(PRIVATE)),  # type: ignore[arg-type]
    ("rows", "", lambda _: metrics.unit(3)),  # type: ignore[arg-type]
    ("windows", "NoneType", lambda _: metrics.pool(None, [0])),  # type: ignore[arg-type]
    ("starts", "list", lambda _: metrics.pool(ROWS, [0.5])),  # type: ignore[arg-type]
    ("starts", "", lambda _: metrics.pool(ROWS, [2])),  # type: ignore[arg-type]
    ("cosine", "str", lambda _: metrics.clip_score(PRIVATE)),
    ("cosine", "list", lambda _: metrics.clip_score([1, [2, 3]])),  # type: ignore[arg-type]
    ("references", "int", lambda _: metrics.ref_clip_score(ROWS, ROWS, 3)),  # type: ignore[arg-type]
    ("references", "list", lambda _: metrics.ref_clip_score(ROWS, ROWS, [[PRIVATE]])),  # type: ignore[list-item]
    ("scores, mean, deviation", "", lambda _: metrics.normalise([1, 2, 3], [1, 2], 1)),
    ("caption_cohort", "list", lambda _: metrics.t_norm([1], [PRIVATE])),  # type: ignore[arg-type]
    ("photo_cohort", "", lambda _: metrics.z_norm([1], [1])),  # type: ignore[arg-type]
    ("top", "float", lambda _: metrics.adaptive_s_norm([1, 1], ROWS, ROWS, top=2.0)),  # type: ignore[arg-type]
    ("top", "", lambda _: metrics.fittest(ROWS, 4)),
    ("threshold", "str", lambda _: metrics.far("x", negatives=[1])),  # type: ignore[arg-type]
    ("positives", "Own", lambda _: metrics.frr(0, positives=Own())),  # type: ignore[arg-type]
    ("negatives", "str", lambda _: metrics.auc(negatives=PRIVATE, positives=[1])),
    ("rate", "NoneType", lambda _: metrics.threshold_at_far(None, negatives=[1])),  # type: ignore[arg-type]
    ("accepted", "float", lambda _: metrics.far_upper_bound(0.5, 3)),  # type: ignore[arg-type]
    ("confidence", "", lambda _: metrics.negatives_needed(0.1, confidence=1)),
    ("rate", "str", lambda _: metrics.most_accepted("x", 3)),  # type: ignore[arg-type]
    ("similarity, right", "", lambda _: metrics.recall_at_k(ROWS, [0], 1)),  # type: ignore[arg-type]
    ("k", "float", lambda _: metrics.recall_at_k(ROWS, [0, 1], 1.5)),  # type: ignore[arg-type]
    # Tables and datasets.
    ("load", "str", lambda _: DraftScorer("mini")),  # type: ignore[arg-type]
    ("second", "str", lambda _: DraftScorer(partial(Checker.load), second="base")),  # type: ignore[arg-type]
    ("columns", "list", lambda _: DraftScorer(partial(Checker.load), columns=["foto"])),  # type: ignore[arg-type]
    ("columns", "int", lambda _: DraftScorer(partial(Checker.load), columns={"photo": 3})),  # type: ignore[dict-item]
    ("root", "int", lambda _: DraftScorer(partial(Checker.load), root=3)),  # type: ignore[arg-type]
    ("clean", "str", lambda _: DraftScorer(partial(Checker.load), clean="no")),  # type: ignore[arg-type]
    ("actors", "str", lambda _: imgfit.score_dataset(None, actors="2")),  # type: ignore[arg-type]
    ("num_cpus", "str", lambda _: imgfit.score_dataset(None, num_cpus="1")),  # type: ignore[arg-type]
    ("model", "int", lambda _: imgfit.score_dataset(None, model=3)),  # type: ignore[arg-type]
    ("cache", "int", lambda _: imgfit.score_dataset(None, cache=3)),  # type: ignore[arg-type]
    ("ds", "NoneType", lambda _: imgfit.score_dataset(None)),
]  # fmt: skip


def remade(it: Checker, **settings: Any) -> Checker:
    return Checker(it.encoder, it.scorer.calibration, it.scorer.cohort, **settings)


@pytest.mark.parametrize(
    ("argument", "kind", "call"),
    [pytest.param(*case, id=f"{n}-{case[0]}-{case[1]}") for n, case in enumerate(WRONG)],
)
def test_a_wrong_call_names_the_argument_and_the_type(
    argument: str, kind: str, call: Callable[[Checker], object], it: Checker
) -> None:
    with pytest.raises(ArgumentError) as caught:
        call(it)
    english, indonesian = caught.value.say("en"), caught.value.say("id")
    assert caught.value.facts["argument"] == argument
    if kind:
        assert english.startswith(f"{argument} is of type {kind}: ")
        assert f"bertipe {kind}" in indonesian
    # The whole sentence is in the reader's language, and nothing of what was given is in it.
    said = caught.value.facts["needed"]
    assert said.en in english
    assert said.id in indonesian
    assert said.en not in indonesian
    assert PRIVATE not in english + indonesian + str(caught.value)


def test_a_repr_is_short_and_shows_no_contents(it: Checker) -> None:
    draft = Draft(PRIVATE.encode() * 1000, PRIVATE)
    calibration = it.scorer.calibration
    for shown in (it, calibration, draft, Score(draft), Batch((), Thresholds(), Signature())):
        assert repr(shown).startswith(f"<{type(shown).__name__} ")
        assert len(repr(shown)) < 120
        assert PRIVATE not in repr(shown)
