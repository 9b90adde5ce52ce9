"""The month's mix: dates and kinds as people write them, counted and never guessed."""

from __future__ import annotations

from datetime import date

import pytest

from imgfit.drafts.draft import Draft
from imgfit.reports.mix import PILLARS, TARGET, content_mix, read_date, read_pillar

DAY = date(2026, 11, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-05", "2026/11/5", "2026.11.05", "2026-11-05T08:30", "2026-11-05 08:30:00+07:00",
        "05/11/2026", "5/11/2026", "5-11-2026", "05.11.2026", "05/11/2026 08.30", "05/11/2026 8:30 WIB",
        "5 November 2026", "05 Nopember 2026", "5 Nov 2026", "5 nov. 2026", "5-Nov-2026",
        "Kamis, 5 November 2026", "Kamis 5 November 2026", "Thursday, 5 November 2026",
        "November 5, 2026", "Nov 5 2026", "  5   NOVEMBER\t2026 ", "Jum'at, 5 November 2026",
    ],
)  # fmt: skip
def test_dates_as_people_write_them(text: str) -> None:
    assert read_date(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "", "besok", "11/25/2026", "31/11/2026", "29 Februari 2026", "2026-13-01", "0/0/2026",
        "25/11/26", "26-11-25", "05/11-2026", "5 Novembr 2026", "20261105", "1/1/1066", "1/1/9999",
        "5 November", "46331", "\u0665/\u0661\u0661/\u0662\u0660\u0662\u0666", "5 November 2026" + " " * 3 + "x" * 60, "\0",
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("names", "month"),
    [
        ("Januari January jan", 1), ("Februari Pebruari February feb", 2), ("Maret March mar", 3),
        ("April apr", 4), ("Mei May", 5), ("Juni June jun", 6), ("Juli July jul", 7),
        ("Agustus August agu agt ags aug", 8), ("September sep sept", 9),
        ("Oktober October okt oct", 10), ("November Nopember nov nop", 11),
        ("Desember December des dec", 12),
    ],
)  # fmt: skip
def test_months_in_both_languages(names: str, month: int) -> None:
    for name in names.split():
        assert read_date(f"17 {name} 2026") == date(2026, month, 17)


@pytest.mark.parametrize(
    ("text", "pillar"),
    [
        ("informasi", "informasi"), (" Information ", "informasi"), ("INFORMATIF", "informasi"),
        ("Emosi", "emosi"), ("emotional", "emosi"), ("promo", "promosi"), ("Promotion", "promosi"),
        ("hiburan", None), ("", None), ("informasi, emosi", None),
    ],
)  # fmt: skip
def test_kinds_in_both_languages(text: str, pillar: str | None) -> None:
    assert read_pillar(text) == pillar


def post(pillar: str | None, day: str | None) -> Draft:
    return Draft("a.jpg", "x", pillar=pillar, date=day)


@pytest.mark.parametrize(
    "drafts",
    [
        [],
        [post(None, None)],
        [post("informasi", None), post("emosi", " ")],
        [post(None, "2026-11-05"), post("", "2026-11-06")],
    ],
)
def test_without_both_columns_there_is_nothing_to_say(drafts: list[Draft]) -> None:
    assert content_mix(drafts) is None


def test_each_month_has_its_shares_and_nothing_is_lost() -> None:
    drafts = [
        post("Informasi", "20/12/2026"),
        post("emotion", "3 November 2026"),
        post("informasi", "2026-11-03"),
        post("informasi", "1/11/2026"),
        post("promosi", "2026-11-30"),
        post("hiburan", "2026-11-09"),
        post(None, "2026-11-09"),
        post("emosi", "kapan-kapan"),
        post("emosi", None),
    ]
    mix = content_mix(drafts)
    assert mix is not None
    november, december = mix.months
    assert (november.first, december.first) == (date(2026, 11, 1), date(2026, 12, 1))
    assert [(p.draft, p.day.day, p.pillar) for p in november.planned] == [
        (3, 1, "informasi"), (1, 3, "emosi"), (2, 3, "informasi"), (5, 9, None), (6, 9, None),
        (4, 30, "promosi"),
    ]  # fmt: skip
    assert [november.count(pillar) for pillar in (*PILLARS, None)] == [2, 1, 1, 2]
    assert november.known == 4
    assert [november.share(pillar) for pillar in PILLARS] == [0.5, 0.25, 0.25]
    assert [december.share(pillar) for pillar in PILLARS] == [1, 0, 0]
    assert mix.unread == ("kapan-kapan",)
    assert mix.undated == 1
    assert mix.unknown == ("hiburan",)
    dated = sum(len(month.planned) for month in mix.months)
    assert dated + len(mix.unread) + mix.undated == len(drafts)


def test_a_month_of_unknown_kinds_has_no_shares() -> None:
    mix = content_mix([post("hiburan", "2026-11-05")])
    assert mix is not None
    assert [mix.months[0].share(pillar) for pillar in PILLARS] == [0, 0, 0]


def test_the_targets_are_a_whole() -> None:
    assert set(TARGET) == set(PILLARS)
    assert sum(TARGET.values()) == pytest.approx(1)
