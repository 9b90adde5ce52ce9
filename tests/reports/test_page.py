"""The page: everything is on it, nothing gets out of its place, and it stays of bounded size."""

from __future__ import annotations

import base64
import hashlib
import re
import string
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
from PIL import Image

from imgfit.choosing.results import Move
from imgfit.drafts.draft import Draft
from imgfit.errors import PhotoMissingError, PhotoOutsideError
from imgfit.language import Language, fill
from imgfit.photos.thumbnails import BUDGET
from imgfit.remarks import VERDICTS, Hint, Reason
from imgfit.reports import page, words as page_words
from imgfit.reports.markup import source
from imgfit.reports.page import render_html
from imgfit.reports.spread import RANGES, counts_by_range, spread_of
from imgfit.reports.words import PAGE, VERDICT_ORDER
from imgfit.scoring.evidence import Evidence, OtherDraft, Window
from imgfit.scoring.results import Batch, Score
from imgfit.scoring.signature import Signature
from imgfit.scoring.thresholds import Thresholds
from tests.conftest import save_photo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from imgfit.checker import Checker

LANGUAGES = get_args(Language)
HOSTILE = [
    "<script>window.pwned = 1</script>",
    '"><img src=x onerror="window.pwned=1">',
    "'><svg onload=window.pwned=1>",
    "{{ 7*7 }}{% raw %}",
    "</style><style>*{display:none}",
    "</script><script>window.pwned=1</script>",
    "<!-- <b>",
    "]]><!DOCTYPE html>",
    "&lt;script&gt;",
    "javascript:window.pwned=1",
    '#d0" onclick="window.pwned=1',
]


class Parsed(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str, css: str = "") -> list[dict[str, str | None]]:
        return [
            a for t, a in self.elements if t == tag and css in [*(a.get("class") or "").split(), ""]
        ]


def score(
    photo: object = "a.jpg", caption: str = "Rapat.", *, name: str = "", fit: float | None = 0.5
) -> Score:
    windows = (Window(caption, 0.2, fit),) if fit is not None else ()
    draft = Draft(photo, caption, name)  # type: ignore[arg-type]
    return Score(draft, text=caption, windows=windows, fit=fit, normalised=fit)


def batch_of(scores: Sequence[Score]) -> Batch:
    return Batch(tuple(scores), Thresholds(), Signature.of({"imgfit": "0"}, Thresholds()))


def comparing(batch: Batch, better: dict[int, tuple[int, float]]) -> Batch:
    """A batch that knows better photos: by draft, whose photo, and its fit with the caption."""
    moves = {
        draft: Move(draft, source, batch[draft].draft.id, batch[source].draft.id, 0.1, fit, 1.0)
        for draft, (source, fit) in better.items()
    }

    class Comparing(Batch):
        @property
        def compares(self) -> bool:
            return True

        def suggestions(self) -> dict[int, Move]:
            return moves

    return Comparing(batch.scores, batch.thresholds, batch.signature)


def mixed(folder: Path) -> Batch:
    """A draft of each outcome, weakest last."""
    photo = save_photo(folder / "a.png")
    other = OtherDraft("b.jpg", "Apel pagi", 0.99, 1)
    return batch_of(
        [
            score(photo, "Mobil merah.", name="bagus", fit=0.97),
            score(photo, "Mobil.", name="lemah", fit=0.8),
            replace(score(photo, "Rapat.", name="salah", fit=0.1), evidence=Evidence(other=other)),
            replace(
                score(photo, "#a #b", name="tagar", fit=None),
                evidence=Evidence(unjudged=Reason("nothing_to_score", {})),
            ),
            replace(
                score(folder / "none.jpg", "Apel.", name="hilang", fit=None),
                error=PhotoMissingError(photo="none.jpg"),
            ),
        ]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_outcome_has_its_card_weakest_first(tmp_path: Path, language: Language) -> None:
    html = render_html(mixed(tmp_path), language=language, name="drafts/")
    parsed = Parsed(html)
    assert ("html", {"lang": language}) in parsed.elements
    cards = parsed.all("article")
    assert [c["data-outcome"] for c in cards] == ["failed", "unsure", "silent", "weak", "speaks"]
    assert [c["id"] for c in cards] == [f"d{n}" for n in range(5)]
    text = " ".join(" ".join(parsed.text).split())
    for name in VERDICTS[language].values():
        assert name in text
    assert mixed(tmp_path)[4].error.say(language) in text  # type: ignore[union-attr]
    for reason in mixed(tmp_path)[2].reasons:
        assert reason.say(language) in text
    better = "Fits better than 97% of unrelated captions" if language == "en" else (
        "Lebih cocok daripada 97% keterangan yang tidak berkaitan"
    )  # fmt: skip
    assert better in text
    assert "imgfit:0|far:0.05/0.25" in text
    # Four drafts can be shown; the photo that is missing has words in its place.
    assert len(parsed.all("img")) == 4
    assert PAGE[language]["absent"] in text
    assert not re.search(
        r"\{[a-z_]+\}",
        re.sub(r"<(script|style)>.*?</\1>|data-\w+=\"[^\"]*\"", "", html, flags=re.DOTALL),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_batch_is_a_page_too(language: Language) -> None:
    parsed = Parsed(render_html(batch_of([]), language=language))
    assert PAGE[language]["no_drafts"] in parsed.text
    assert not parsed.all("article")
    assert not parsed.all("button")


def test_nothing_is_asked_from_elsewhere_and_nothing_but_its_own_acts(tmp_path: Path) -> None:
    html = render_html(mixed(tmp_path))
    assert not re.search(r"https?:|//[a-z]", re.sub(r"// [A-Z].*", "", html))
    assert "@import" not in html
    assert "url(" not in html
    parsed = Parsed(html)
    (policy,) = [a["content"] for a in parsed.all("meta") if "http-equiv" in a]
    style, script = (
        re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL) for tag in ("style", "script")
    )
    assert (len(style), len(script)) == (1, 1)
    digests = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (style[0], script[0])
    ]
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digests[0]}'; "
        f"script-src 'sha256-{digests[1]}'; base-uri 'none'; form-action 'none'"
    )
    for _, attributes in parsed.elements:
        assert "style" not in attributes  # the policy would refuse it
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("src") or "data:").startswith(
            "data:image/webp;base64,"
        ) or "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_written_by_a_stranger_becomes_markup(text: str, language: Language) -> None:
    plain, parsed = (
        Parsed(render_html(everywhere(written), language=language, name=written))
        for written in ("aman", text)
    )
    assert [tag for tag, _ in parsed.elements] == [tag for tag, _ in plain.elements]
    for (_, attributes), (_, safe) in zip(parsed.elements, plain.elements, strict=True):
        assert attributes.keys() == safe.keys()
        # Only what is read aloud over a post of the calendar may name a draft.
        assert {k for k in safe if attributes[k] != safe[k]} <= {"title"}
    assert any(text in part for part in parsed.text)


def everywhere(text: str) -> Batch:
    """Scores that carry a text wherever a stranger may put one."""
    evidence = Evidence(other=OtherDraft(text, text, 0.99, 1))
    hints = (Hint("same_file", {"other": text}),)
    whole = Score(
        Draft("a.jpg", text * 2, text, pillar=text, date="2026-11-05"), text=text, fit=0.1,
        dropped=(text, text), windows=(Window(text, 0.1, 0.1), Window(text, 0.1, 0.97)),
        evidence=evidence, hints=hints, signature=Signature.of({"model": text}, Thresholds()),
    )  # fmt: skip
    failed = Score(
        Draft(None, text, text, pillar="emosi", date=text), error=PhotoMissingError(photo=text)
    )
    batch = Batch((whole, failed), Thresholds(), whole.signature)
    return comparing(batch, {0: (1, 0.9), 1: (0, 0.9)})


@pytest.mark.parametrize(
    "unseen",
    ["\u202e", "\u2066", "\u200f", "\0", "\x1b", "\x07", "\x84", "\ufeff", "\ud83d"],
)
def test_what_is_not_seen_does_not_reach_the_page(unseen: str) -> None:
    html = render_html(everywhere(f"foto{unseen}gpj.exe"), name=f"a{unseen}b")
    assert unseen not in html
    assert "fotogpj.exe" in html
    html.encode("utf-8")


def test_captions_and_names_keep_their_direction_to_themselves() -> None:
    parsed = Parsed(render_html(batch_of([score(caption="קפה", name="תמונה")])))
    (said,) = parsed.all("span", "said")
    assert said["dir"] == "auto"
    assert any(tag == "bdi" and "data-find" in a for tag, a in parsed.elements)


def test_hints_and_a_better_photo_have_their_place(tmp_path: Path) -> None:
    photos = [save_photo(tmp_path / f"{c}.png", c) for c in ("merah", "biru")]
    hint = Hint("same_file", {"other": "merah.png"})
    strong, weak = (
        replace(score(path, name=path.name, fit=fit), hints=hints)
        for path, fit, hints in zip(photos, (0.99, 0.1), ((), (hint,)), strict=True)
    )
    parsed = Parsed(render_html(comparing(batch_of([strong, weak]), {1: (0, 0.981)})))
    text = " ".join(parsed.text)
    assert hint.say("en") in text
    assert "fits better than 98%" in text
    # The weaker draft's card comes first and leads to the other's.
    assert [c["id"] for c in parsed.all("article")] == ["d0", "d1"]
    assert parsed.text.index("biru.png") < parsed.text.index("merah.png")
    assert [a["href"] for a in parsed.all("a") if a["href"] != "#drafts"][-1] == "#d1"
    assert [i["alt"] == "" for i in parsed.all("img")] == [False, True, False]


def test_a_photo_outside_the_folder_is_not_shown(tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png")
    error = PhotoOutsideError(photo=photo, root="x")
    drafts = batch_of([Score(Draft(photo, "x", error=error), error=error)])
    assert not Parsed(render_html(drafts)).all("img")
    assert "<img" not in drafts._repr_html_()


@pytest.mark.parametrize(("budget", "shown"), [(40_000, 12), (1_000, 0)])
def test_the_thumbnails_stay_within_their_bytes(tmp_path: Path, budget: int, shown: int) -> None:
    generator = np.random.default_rng(0)
    path = tmp_path / "noise.png"
    Image.fromarray(generator.integers(0, 255, (600, 800, 3), np.uint8)).save(path)
    html = render_html(
        batch_of([score(path, name=str(n)) for n in range(12)]), thumbnail_bytes=budget
    )
    pictures = re.findall(r"data:image/webp;base64,([\w+/=]+)", html)
    assert len(pictures) == shown
    assert sum(len(base64.b64decode(p)) for p in pictures) <= budget
    note = fill(PAGE["en"]["omitted_note"], "en", {"count": 12})
    assert (note in html) == (shown == 0)


def test_a_thousand_drafts_stay_within_bounds() -> None:
    pictures = BUDGET * 4 / 3  # as base64; that they keep to it is tested above
    usual = render_html(batch_of([score(None, "Rapat koordinasi di aula. " * 20)] * 1000))
    assert len(usual.encode()) + pictures < 20_000_000
    windows = tuple(Window("kata " * 20, 0.1, 0.5) for _ in range(100))
    long = replace(
        score(None, "kata " * 2000, name="x" * 5000), windows=windows, dropped=("y" * 9000,)
    )
    html = render_html(batch_of([long] * 1000), name="z" * 5000)
    assert len(html.encode()) + pictures < 36_000_000
    assert "x" * 201 not in html
    assert fill(PAGE["en"]["sentences_cut"], "en", {"count": 70}) in html
    shredded = replace(score(None), windows=(Window("a", 0.1, 0.5),) * 900, dropped=("🎉",) * 900)
    html = render_html(batch_of([shredded] * 100))
    assert len(html.encode()) < 4_000_000


def test_equal_scores_keep_a_card_each() -> None:
    parsed = Parsed(render_html(batch_of([score()] * 3)))
    assert [c["id"] for c in parsed.all("article")] == ["d0", "d1", "d2"]


def test_a_better_photo_without_a_card_is_named_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_CARDS", 1)
    drafts = batch_of([score(name="lemah", fit=0.1), score(name="kuat", fit=0.99)])
    parsed = Parsed(render_html(comparing(drafts, {0: (1, 0.98)})))
    assert "kuat" in parsed.text
    assert not [a for a in parsed.all("a") if (a["href"] or "") == "#d1"]


def test_cards_are_bounded_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_CARDS", 2)
    drafts = batch_of([score(name=str(n), fit=n / 10) for n in range(5)])
    parsed = Parsed(render_html(drafts, language="id"))
    assert len(parsed.all("article")) == 2
    assert fill(PAGE["id"]["cards_left_out"], "id", {"shown": 2, "count": 3}) in parsed.text


@pytest.mark.parametrize(
    ("fits", "ranges"),
    [
        ([0.0, 1.0, 0.999999], {0: 1, 19: 2}),
        ([0.95, 0.949999, 0.05, 0.75], {19: 1, 18: 1, 1: 1, 15: 1}),
        ([1 - 0.05, 0.15, 0.1 + 0.2, 0.7], {19: 1, 3: 1, 6: 1, 14: 1}),
    ],
)
def test_fits_are_counted_by_range(fits: list[float], ranges: dict[int, int]) -> None:
    counts = counts_by_range(fits)
    assert {n: c for n, c in enumerate(counts) if c} == ranges
    assert len(counts) == RANGES


def test_the_spread_of_unrelated_pairs_lies_on_its_line() -> None:
    spread = spread_of([(n + 0.5) / 200 for n in range(200)], Thresholds())
    assert {bar.count for bar in spread.bars} == {10}
    assert {round(bar.y, 6) for bar in spread.bars} == {round(spread.plot.up(1 / 20), 6)}
    assert [bar.verdict for bar in spread.bars] == ["silent"] * 15 + ["weak"] * 4 + ["speaks"]
    assert [zone for zone, _, _ in spread.zones] == ["silent", "weak", "speaks"]
    wide = spread.plot.right - spread.plot.left
    assert sum(width for _, _, width in spread.zones) == pytest.approx(wide)


def test_numbers_over_bars_keep_clear_of_each_other() -> None:
    few = spread_of([0.01] * 9 + [0.06] * 9 + [0.99], Thresholds()).bars
    assert [place for place, bar in enumerate(few) if bar.numbered] == [0, 1, 19]
    # Numbers of four digits are wider than a bar: of neighbours as high, every other one is left.
    many = spread_of([(n + 0.5) / 20 for n in range(20)] * 1234, Thresholds()).bars
    assert {bar.count for bar in many} == {1234}
    assert [bar.numbered for bar in many] == [True, False] * 10
    # One that stands beside a higher bar would print over it.
    steep = spread_of([0.01] * 9000 + [0.06] * 5000 + [0.5] * 1000, Thresholds()).bars
    assert [place for place, bar in enumerate(steep) if bar.numbered] == [0, 10]


def test_few_fits_have_a_sentence_and_no_picture() -> None:
    few, more = (batch_of([score(name=str(n))] * n) for n in (4, 5))
    assert 'class="spread"' not in render_html(few)
    assert "Of 4 drafts judged" in render_html(few)
    assert 'class="spread"' in render_html(more)


def test_the_plan_is_shown_where_a_manifest_has_one() -> None:
    pillars = [
        ("Informasi", "2026-11-03"),
        ("promo", "4/11/2026"),
        ("hiburan", "4/11/2026"),
        ("emosi", "kapan"),
    ]
    drafts = batch_of(
        [
            replace(score(fit=0.1 * n), draft=Draft("a.jpg", "x", f"n{n}", pillar=p, date=d))
            for n, (p, d) in enumerate(pillars)
        ]
    )
    parsed = Parsed(render_html(drafts, language="id"))
    text = " ".join(" ".join(parsed.text).split())
    assert "November 2026" in text
    assert "1 dari 2 unggahan, 50%" in text
    assert "0 dari 2 unggahan, 0%" in text
    assert "“hiburan”" in text
    assert "1 tanggal tidak terbaca (“kapan”)" in text
    posts = parsed.all("a", "post")
    assert [(a["href"], a["title"]) for a in posts] == [
        ("#d0", "Informasi: n0"), ("#d1", "Promosi: n1"), ("#d2", "jenis tidak dikenal: n2"),
    ]  # fmt: skip
    assert len(parsed.all("table", "calendar")) == 1
    assert PAGE["id"]["mix"] not in render_html(batch_of([score()]), language="id")


def test_a_plan_of_many_months_and_posts_is_bounded() -> None:
    drafts = batch_of(
        [
            replace(
                score(),
                draft=Draft("a.jpg", "x", pillar="emosi", date=f"1/{n % 12 + 1}/{2000 + n // 12}"),
            )
            for n in range(40)
        ]
        + [replace(score(), draft=Draft("a.jpg", "x", pillar="emosi", date="1/4/2003"))] * 20
    )
    parsed = Parsed(render_html(drafts))
    assert len(parsed.all("table", "calendar")) == 12
    assert fill(PAGE["en"]["mix_left_out"], "en", {"count": 28}) in parsed.text
    assert "+15" in parsed.text


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["1 draft checked: 1 speaks, 0 need another look.", "Of 1 draft judged, 1 (100%) reaches",
                "1 draft has no date", "1 post does not count", "1 date could not be read"]),
        ("id", ["1 draf diperiksa: 1 di antaranya berbicara, 0 perlu dilihat lagi.", "Dari 1 draf yang dinilai, 1 (100%)",
                "1 draf tidak bertanggal", "1 unggahan tidak dihitung", "1 tanggal tidak terbaca"]),
    ],
)  # fmt: skip
def test_one_draft_is_not_one_drafts(language: Language, lines: list[str]) -> None:
    page = " ".join(Parsed(render_html(batch_of([score(fit=0.99)]), language=language)).text)
    plans = [("emosi", None), ("hiburan", "2026-11-03"), ("emosi", "kapan")]
    plan = batch_of(
        [replace(score(), draft=Draft("a.jpg", "x", pillar=p, date=d)) for p, d in plans]
    )
    page += " ".join(Parsed(render_html(plan, language=language)).text)
    for line in lines:
        assert line in page


def test_figures_are_written_as_a_language_writes_them() -> None:
    drafts = replace(
        batch_of([score(fit=0.9942), score(fit=0.5)] * 4), thresholds=Thresholds(0.125)
    )
    english, indonesian = (
        " ".join(Parsed(render_html(drafts, language=language)).text) for language in ("en", "id")
    )
    for figure in ("99.4%", "87.5%", "12.5 still pass"):
        assert figure in english
    for figure in ("99,4%", "87,5%", "sekitar 12,5 tetap lolos"):
        assert figure in indonesian
    assert not re.search(r"[0-9]\.[0-9]+%|[0-9]\s%", indonesian)
    assert not re.search(r"[0-9],[0-9]+%|[0-9]\s%", english)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_have_the_same_words() -> None:
    for table in ("MEANINGS", "SUPPORT", "PILLAR_NAMES", "PAGE"):
        english, indonesian = (getattr(page_words, table)[language] for language in ("en", "id"))
        assert english.keys() == indonesian.keys()
        for key in english:
            assert fields(english[key]) == fields(indonesian[key]), (table, key)


def test_every_verdict_has_its_place_on_the_page() -> None:
    assert set(VERDICT_ORDER) == set(VERDICTS["en"])


def test_every_word_of_the_page_is_said_somewhere() -> None:
    templates = source("page.html") + source("spread.svg")
    shown = {"absent", "unreadable", "omitted"}  # by the name of what is missing
    for key in PAGE["en"].keys() - shown:
        assert (
            f"words.{key} " in templates
            or f"words.{key})" in templates
            or (f"words.{key}," in templates)
        ), key


def test_the_page_of_a_real_run_shows_what_was_scored(checker: Checker, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.png", "merah")
    drafts = [
        Draft(photo, "Mobil merah di jalan. Daun hijau di kebun hijau. https://example.org #a #b"),
        Draft(photo, "Langit biru"),
    ]
    html = render_html(checker.check_drafts(drafts), name=str(tmp_path))
    parsed = Parsed(html)
    text = [part for part in parsed.text if part.strip()]
    assert "Mobil merah di jalan." in text
    assert "Daun hijau di kebun hijau." in text
    assert "https://example.org" in text
    assert not [a for a in parsed.all("a") if "example" in (a["href"] or "")]


def test_importing_imgfit_leaves_the_templates_alone() -> None:
    code = "import sys, imgfit; print(sorted({'jinja2', 'pandas', 'torch'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "[]"
