"""Sentences and numbers as each language writes them."""

from __future__ import annotations

import pytest

from imgfit.language import Phrase, fill, fit_percent, percent


@pytest.mark.parametrize(
    ("fit", "english", "indonesian"),
    [
        (0, "0%", "0%"), (0.5, "50%", "50%"), (0.9499999, "95%", "95%"), (0.949999, "94%", "94%"),
        (0.95, "95%", "95%"), (0.29, "29%", "29%"), (0.57, "57%", "57%"), (0.98999, "98%", "98%"),
        (0.99, "99%", "99%"), (0.9942, "99.4%", "99,4%"), (0.9999, "99.9%", "99,9%"),
        (1, "99.9%", "99,9%"),
    ],
)  # fmt: skip
def test_fits_are_rounded_down(fit: float, english: str, indonesian: str) -> None:
    assert fit_percent(fit, "en") == english
    assert fit_percent(fit, "id") == indonesian


def test_shares_are_written_as_people_do() -> None:
    assert [percent(share, "id") for share in (0, 0.125, 1 / 3, 1)] == [
        "0%",
        "12,5%",
        "33,3%",
        "100%",
    ]
    assert [percent(share, "en") for share in (0, 0.125, 1 / 3, 1)] == [
        "0%",
        "12.5%",
        "33.3%",
        "100%",
    ]


@pytest.mark.parametrize(
    ("count", "line"),
    [(0, "0 drafts are shown"), (1, "1 draft is shown"), (2, "2 drafts are shown")],
)
def test_a_count_chooses_its_words(count: int, line: str) -> None:
    assert fill("{count} {count:draft is|drafts are} shown", "en", {"count": count}) == line


def test_facts_are_written_as_the_language_does() -> None:
    facts = {"how": Phrase(id="satu kali", en="once"), "number": 1234.5, "share": 0.125}
    sentence = "{how}: {number:,.1f}, {share:.1%}"
    assert fill(sentence, "id", facts) == "satu kali: 1.234,5, 12,5%"
    assert fill(sentence, "en", facts) == "once: 1,234.5, 12.5%"


def test_a_missing_fact_is_an_error() -> None:
    with pytest.raises(KeyError, match="count"):
        fill("{count}", "en", {})
