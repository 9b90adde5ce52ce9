"""The page in a real Chromium that can reach nothing: it opens, filters, and lets nothing act.

Run with ``pytest -m browser``. The browser's console is empty at the end of each test, so a
violation of the page's content security policy fails it.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from imgfit.reports.page import render_html
from imgfit.reports.words import PAGE
from tests.conftest import save_photo
from tests.reports.test_page import HOSTILE, batch_of, comparing, everywhere, mixed, score
from tests.support.browser import chromium, view

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

    from imgfit.drafts.draft import Draft

pytestmark = pytest.mark.browser

# Least contrast of text with what is behind it, WCAG 2.2 level AA (success criterion 1.4.3).
CONTRAST = 4.5
# The contrast of every text that is shown, by WCAG's relative luminance.
_CONTRASTS = """
const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
const found = [];
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const text = texts.currentNode, element = text.parentElement;
  if (!text.data.trim() || element.closest("script, style, title, .unseen, .skip")) continue;
  if (!element.checkVisibility()) continue;
  let behind = element.closest("svg.spread") || element, back;
  while (true) {
    back = numbers(getComputedStyle(behind).backgroundColor);
    if (back.length < 4 || back[3] === 1) break;
    behind = behind.parentElement;
  }
  const style = getComputedStyle(element);
  const front = numbers(element.closest("svg") ? style.fill : style.color);
  const [low, high] = [light(front), light(back)].sort((a, b) => a - b);
  found.push([(high + 0.05) / (low + 0.05), text.data.trim().slice(0, 40)]);
}
return found;
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


@pytest.fixture
def opened(browser: Chrome, tmp_path: Path) -> Iterator[Any]:
    """Open pages; nothing may have been written to the console when the test ends."""

    def show(html: str) -> Chrome:
        path = tmp_path / "report.html"
        path.write_text(html, "utf-8")
        view(browser, 1200, 900)
        browser.get(path.as_uri())
        return browser

    yield show
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def names(browser: Chrome) -> list[str]:
    """Return the drafts whose cards are shown."""
    cards = browser.find_elements(By.CSS_SELECTOR, "article.card")
    return [c.find_element(By.CSS_SELECTOR, "h3 bdi").text for c in cards if c.is_displayed()]


def until(browser: Chrome, shown: list[str]) -> None:
    WebDriverWait(browser, 10, 0.05).until(lambda b: names(b) == shown)


def button(browser: Chrome, outcome: str) -> Any:
    return browser.find_element(By.CSS_SELECTOR, f'button[data-outcome="{outcome}"]')


ALL = ["hilang", "tagar", "salah", "lemah", "bagus"]


def test_filters_and_search_show_what_they_say(opened: Any, tmp_path: Path) -> None:
    browser = opened(render_html(mixed(tmp_path), language="id"))
    assert names(browser) == ALL
    said = browser.find_element(By.ID, "shown")
    assert said.get_attribute("role") == "status"
    assert said.text == "5 dari 5 draf ditampilkan"
    button(browser, "weak").click()
    assert names(browser) == ["lemah"]
    assert said.text == "1 dari 5 draf ditampilkan"
    pressed = [
        b.get_attribute("aria-pressed") for b in browser.find_elements(By.TAG_NAME, "button")
    ]
    assert pressed.count("true") == 1
    assert button(browser, "weak").get_attribute("aria-pressed") == "true"

    search = browser.find_element(By.ID, "search")
    search.send_keys("merah")
    until(browser, [])
    assert PAGE["id"]["none_shown"] in said.text
    button(browser, "").click()
    assert names(browser) == ["bagus"]
    for typed, found in [("MOBIL méR", ["bagus"]), ("tagar", ["tagar"]), ("x", []), ("  ", ALL)]:
        search.send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.DELETE)
        until(browser, ALL)  # so that what follows cannot have been there before
        search.send_keys(typed)
        until(browser, found)


def test_the_keyboard_is_enough(opened: Any, tmp_path: Path) -> None:
    browser = opened(render_html(mixed(tmp_path), language="en"))

    def focused() -> Any:
        return browser.switch_to.active_element

    focused().send_keys(Keys.TAB)
    assert focused().text == PAGE["en"]["skip"]
    outline = browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    focused().send_keys(Keys.ENTER)
    assert browser.execute_script("return location.hash") == "#drafts"
    focused().send_keys(Keys.TAB)
    assert focused().get_attribute("data-outcome") == ""
    focused().send_keys(Keys.TAB, Keys.TAB)
    assert focused().get_attribute("data-outcome") == "unsure"
    focused().send_keys(Keys.ENTER)
    assert names(browser) == ["tagar"]
    focused().send_keys(Keys.SPACE)
    assert names(browser) == ["tagar"]
    # To the search field, past the remaining buttons.
    focused().send_keys(Keys.TAB, Keys.TAB, Keys.TAB, Keys.TAB)
    assert focused().get_attribute("id") == "search"
    focused().send_keys("x")
    until(browser, [])


def test_a_link_to_a_hidden_card_shows_it(opened: Any, tmp_path: Path) -> None:
    browser = opened(render_html(comparing(mixed(tmp_path), {2: (0, 0.97)}), language="en"))
    button(browser, "silent").click()
    assert names(browser) == ["salah"]
    browser.find_element(By.CSS_SELECTOR, ".better a").click()
    assert names(browser) == ALL
    assert browser.execute_script("return location.hash") == "#d4"


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_written_by_a_stranger_acts(opened: Any, text: str) -> None:
    browser = opened(render_html(everywhere(text), language="en", name=text))
    for element in browser.find_elements(By.CSS_SELECTOR, "summary"):
        element.click()
    browser.find_element(By.ID, "search").send_keys(text[:20])
    button(browser, "").click()
    assert browser.execute_script("return window.pwned") is None
    with pytest.raises(NoAlertPresentException):
        _ = browser.switch_to.alert.text
    assert browser.execute_script("return document.title").startswith("Does the photo speak?")
    assert text in browser.find_element(By.TAG_NAME, "body").text


def test_the_policy_refuses_what_would_get_in(browser: Chrome, tmp_path: Path) -> None:
    """The escaping is one wall, the policy is the second: it holds without the first."""
    html = render_html(mixed(tmp_path), language="en")
    path = tmp_path / "broken.html"
    inside = '<img src="x.png" onerror="window.pwned=1"><script>window.pwned=1</script>'
    path.write_text(html.replace("<main>", f"<main>{inside}"), "utf-8")
    browser.get(path.as_uri())
    assert browser.execute_script("return window.pwned") is None
    refused = [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]
    assert any("script-src" in message for message in refused)
    assert any("img-src" in message for message in refused)


def planned(folder: Path) -> str:
    """A page with everything that can be on it."""
    drafts = mixed(folder)

    def plan(draft: Draft, number: int) -> Draft:
        kind = ("informasi", "emosi", "promosi", "hiburan")[number % 4]
        return replace(draft, pillar=kind, date=f"{number + 1} November 2026")

    scores = [replace(s, draft=plan(s.draft, number)) for number, s in enumerate(drafts)]
    return render_html(
        batch_of([*scores, *(replace(s) for s in scores)]), language="en", name="drafts/"
    )


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1200])
def test_text_stands_out_and_fits(opened: Any, tmp_path: Path, width: int, *, dark: bool) -> None:
    browser = opened(planned(tmp_path))
    view(browser, width, 800, dark=dark)
    back = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert back == ("rgb(23, 22, 20)" if dark else "rgb(245, 244, 241)")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    for element in browser.find_elements(By.CSS_SELECTOR, "details"):
        browser.execute_script("arguments[0].open = true", element)
    contrasts = browser.execute_script(_CONTRASTS)
    assert len(contrasts) > 100
    assert [(round(c, 2), text) for c, text in contrasts if c < CONTRAST] == []


# Pairs of numbers, or of a number and another bar, that print over each other.
_OVERLAPS = """
const boxes = (of) => [...document.querySelectorAll(of)].map((element) => element.getBBox());
const meet = (a, b) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y + 2 < b.y + b.height && b.y + 2 < a.y + a.height;
const numbers = boxes(".spread text.number"), bars = boxes(".spread rect").slice(0, 20);
const over = numbers.flatMap((a, i) => numbers.slice(i + 1).filter((b) => meet(a, b)));
return [numbers.length, over.length, numbers.flatMap((a) => bars.filter((b) => meet(a, b))).length];
"""


@pytest.mark.parametrize(("times", "least"), [(1, 20), (100, 5)])
def test_numbers_over_bars_print_over_nothing(opened: Any, times: int, least: int) -> None:
    # Every range has drafts, and more of them the higher it is.
    fits = [(place + 0.5) / 20 for place in range(20) for _ in range(1 + place * place // 20)]
    browser = opened(render_html(batch_of([score(None, fit=fit) for fit in fits] * times)))
    numbers, over_numbers, over_bars = browser.execute_script(_OVERLAPS)
    assert numbers >= least
    assert (over_numbers, over_bars) == (0, 0)


def test_paper_has_the_cards_and_no_filters(opened: Any, tmp_path: Path) -> None:
    browser = opened(planned(tmp_path))
    view(browser, 800, 1100, dark=True, media="print")
    assert not browser.find_element(By.ID, "filters").is_displayed()
    assert len(names(browser)) == 10
    assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    breaks = browser.execute_script(
        "return [...document.querySelectorAll('.card')].map((c) => getComputedStyle(c).breakInside)"
    )
    assert set(breaks) == {"avoid"}
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {})
    assert base64.b64decode(pdf["data"]).startswith(b"%PDF")


def test_without_script_every_card_is_there(opened: Any, tmp_path: Path) -> None:
    browser = opened("")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser = opened(render_html(mixed(tmp_path), language="en"))
        assert names(browser) == ALL
        assert not browser.find_element(By.ID, "filters").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_thousand_drafts_open_and_filter(opened: Any, tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.jpg", size=(320, 240))
    drafts = batch_of(
        [
            score(
                photo,
                f"Rapat koordinasi nomor {n} di aula. " * 4,
                name=f"draf-{n:04}",
                fit=n / 1000,
            )
            for n in range(1000)
        ]
    )
    browser = opened(render_html(drafts, language="en"))
    said = browser.find_element(By.ID, "shown")
    WebDriverWait(browser, 30).until(lambda _: said.text == "1000 of 1000 drafts shown")
    button(browser, "speaks").click()
    WebDriverWait(browser, 10).until(lambda _: said.text == "50 of 1000 drafts shown")
    browser.find_element(By.ID, "search").send_keys("nomor 987")
    WebDriverWait(browser, 10).until(lambda _: said.text == "1 of 1000 drafts shown")
    until(browser, ["draf-0987"])
