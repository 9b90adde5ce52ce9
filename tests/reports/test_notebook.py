"""What a notebook shows: a photo, the caption, the verdict and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imgfit.language import fill
from imgfit.remarks import HEADINGS, VERDICTS
from imgfit.reports import notebook
from imgfit.scoring.results import Batch
from imgfit.scoring.signature import Signature
from imgfit.scoring.thresholds import Thresholds
from tests.reports.test_page import HOSTILE, Parsed, everywhere, mixed, score

if TYPE_CHECKING:
    from pathlib import Path

    from imgfit.language import Language


@pytest.fixture(params=["id", "en"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Language:
    monkeypatch.setattr("imgfit.reports.notebook.system_language", lambda: request.param)
    return request.param  # type: ignore[no-any-return]


def test_a_score_shows_its_photo_verdict_and_reasons(tmp_path: Path, language: Language) -> None:
    failed, wrong = mixed(tmp_path)[4], mixed(tmp_path)[2]
    parsed = Parsed(wrong._repr_html_())
    assert len(parsed.all("img")) == 1
    for text in (
        "salah",
        "Rapat.",
        VERDICTS[language]["silent"],
        "10%",
        wrong.reasons[0].say(language),
    ):
        assert text in parsed.text
    parsed = Parsed(failed._repr_html_())
    assert not parsed.all("img")
    assert failed.error is not None
    for text in ("hilang", VERDICTS[language]["failed"], failed.error.say(language)):
        assert text in parsed.text


def test_a_batch_shows_its_weakest_and_counts_the_rest(
    tmp_path: Path, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = mixed(tmp_path)
    parsed = Parsed(batch._repr_html_())
    assert len(parsed.all("tr")) == 6
    order = [parsed.text.index(name) for name in ("hilang", "tagar", "salah", "lemah", "bagus")]
    assert order == sorted(order)
    many = Batch(
        tuple(score(None, name=str(n), fit=n / 100) for n in range(60)), Thresholds(), Signature()
    )
    parsed = Parsed(many._repr_html_())
    assert len(parsed.all("tr")) == notebook.MOST_ROWS + 1
    assert fill(HEADINGS[language]["left_out"], language, {"count": 10}) in parsed.text
    assert "49" in parsed.text
    assert "50" not in parsed.text
    assert len(Parsed(Batch((), Thresholds(), Signature())._repr_html_()).all("tr")) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_written_by_a_stranger_becomes_markup(text: str) -> None:
    plain, parsed = (Parsed(everywhere(t)._repr_html_()) for t in ("aman", text))
    assert parsed.elements == plain.elements
    assert text in parsed.text


def test_a_notebook_stays_small(tmp_path: Path) -> None:
    long = [score(None, "kata " * 9000, name=f"{n}" * 9000) for n in range(50)]
    html = Batch(tuple(long), Thresholds(), Signature())._repr_html_()
    assert len(html) < 60_000
