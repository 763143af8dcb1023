"""The page of places as someone who runs a venue sees it, and what all pages have in common."""

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from passerby.core.tallies import Measure, Tally
from passerby.records.page.words import number
from passerby.site.figures import midnight
from passerby.site.store import Filter
from tests.browser import venue
from tests.browser.conftest import NOON, Museum, Visit

PATH = "/places"
ALL = ["/", "/history", "/places", "/cameras", "/privacy"]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DASH = "\u2013"
DARK = {"color_scheme": "dark"}


def today(museum: Museum, measure: Measure, place: str) -> str:
    since = midnight(museum.now, venue.ZONE)
    (one,) = museum.store.sums(Filter(measure=measure, subject=place, since_unix_s=since))
    return number(one.total)


def go(visit: Visit, museum: Museum, path: str) -> None:
    visit.page.goto(museum.url.rstrip("/") + path)
    visit.page.get_by_role("heading", level=1).wait_for()


def most_at_once(museum: Museum, place: str) -> str:
    return today(museum, Measure.PEAK, place)


def test_it_shows_todays_figures(visit: Visit, museum: Museum) -> None:
    expect(visit.page).to_have_title(f"Places {DASH} Museum of Tides")
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Places")
    card = visit.page.locator('[data-place="entrance/Main door"]')
    expect(card.locator(".in dd")).to_have_text(today(museum, Measure.CROSSINGS_IN, "Main door"))
    expect(card.locator(".out dd")).to_have_text(today(museum, Measure.CROSSINGS_OUT, "Main door"))
    expect(card).to_contain_text("% of the time since 00:00")
    hall = visit.page.locator('[data-place="entrance/Hall"]')
    expect(hall.locator(".out dd")).to_have_text(most_at_once(museum, "Hall"))
    expect(hall).to_contain_text("people on average, at most")


def test_the_clock_is_the_sites(visit: Visit) -> None:
    expect(visit.page.locator(".pb-clock")).to_contain_text(re.compile(r"Thursday 9 October, 12:0\d:"))
    expect(visit.page.locator(".pb-clock")).to_contain_text("CEST")


def test_the_last_window_is_shown_with_its_times(visit: Visit) -> None:
    card = visit.page.locator('[data-place="entrance/Main door"] .pb-last')
    expect(card).to_contain_text(f"Last 15 minutes, 11:45{DASH}12:00")
    expect(card).to_contain_text(" in, ")
    expect(card).to_contain_text("seen all the time")


def test_it_changes_without_a_reload(visit: Visit, museum: Museum) -> None:
    figure = visit.page.locator('[data-place="garden/Garden door"] .in dd')
    before = figure.inner_text()
    window = int(NOON) // 900 * 900
    museum.store.add([Tally("garden", Measure.CROSSINGS_IN, "Garden door", window, 900, 1234, 700)])
    expect(figure).not_to_have_text(before)
    expect(figure).to_have_text(today(museum, Measure.CROSSINGS_IN, "Garden door"))
    navigations = [one for one in visit.requests if one.is_navigation_request()]
    assert len(navigations) == 1


def test_nothing_is_asked_of_anyone_else(visit: Visit, museum: Museum) -> None:
    visit.page.wait_for_timeout(1500)
    own = urlsplit(museum.url).netloc
    hosts = {urlsplit(one.url).netloc for one in visit.requests if not one.url.startswith(("data:", "blob:"))}
    assert hosts == {own}
    assert len(visit.requests) > 5
    assert visit.complaints == []


def test_not_seen_is_not_zero(visit: Visit) -> None:
    card = visit.page.locator('[data-place="entrance/Main door"]')
    card.get_by_text("Show as a table").click()
    rows = card.locator("tbody tr")
    texts = [row.split("\t") for row in rows.all_inner_texts()]
    unseen = [row for row in texts if row[-1] == "not seen"]
    assert unseen
    assert all(row[1:3] == [DASH, DASH] for row in unseen)
    expect(card.locator(".pb-chart svg")).to_contain_text("Not seen")


def test_a_place_without_tallies_says_so(browser: Browser, museum: Museum) -> None:
    museum.now += 86_400
    try:
        page = browser.new_page()
        page.goto(f"{museum.url}places")
        # A new day begins: what is shown may be half a minute old.
        figure = page.locator('[data-place="entrance/Main door"] .in dd')
        expect(figure).to_have_text("not seen")
        expect(page.locator('[data-place="entrance/Main door"]')).to_contain_text("Not seen today yet")
        page.close()
    finally:
        museum.now -= 86_400


@pytest.mark.parametrize("visit", [PHONE, {"viewport": {"width": 320, "height": 700}}, {}], indirect=True)
def test_nothing_is_wider_than_the_screen(visit: Visit, museum: Museum) -> None:
    museum.state = venue.unwell()
    for path in ALL:
        go(visit, museum, path)
        expect(visit.page.locator(".pb-alarm:visible").first).to_be_visible()
        assert visit.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


@pytest.mark.parametrize(("visit", "is_dark"), [(DARK, True), ({"color_scheme": "light"}, False)], indirect=["visit"])
def test_it_follows_the_readers_colours(visit: Visit, is_dark: bool) -> None:
    visit.page.wait_for_function("document.body.className.includes('body--')")
    ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)")
    assert (sum(ground[:3]) < 3 * 80) is is_dark


@pytest.mark.parametrize("visit", [{}, DARK], indirect=True)
def test_texts_stand_out_from_their_ground(visit: Visit, museum: Museum) -> None:
    museum.state, museum.banner = venue.unwell(), "Set-up mode is on for camera garden, ends at 12:20."
    for path in ALL:
        go(visit, museum, path)
        expect(visit.page.locator(".pb-banner")).to_be_visible()
        assert visit.page.evaluate(WEAK_TEXTS) == [], path


def test_the_keyboard_reaches_what_can_be_pressed(visit: Visit) -> None:
    visit.page.locator(".pb-jump a").last.focus()
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.tagName") == "SUMMARY"
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("details[open] table").first).to_be_visible()
    assert visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_charts_speak_to_those_who_do_not_see_them(visit: Visit) -> None:
    chart = visit.page.get_by_role("img", name="Main door today, by 15 minutes; most from")
    expect(chart).to_be_visible()


def test_headings_are_in_order(visit: Visit, museum: Museum) -> None:
    for path in ALL:
        go(visit, museum, path)
        levels = visit.page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(one => Number(one.tagName[1]))")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), path


def test_another_site_cannot_open_the_pages_socket(browser: Browser, museum: Museum) -> None:
    page = browser.new_page()
    page.goto("about:blank")
    socket = museum.url.replace("http", "ws") + "_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    opened = page.evaluate(
        "url => new Promise(done => { const s = new WebSocket(url); s.onopen = () => done(true); "
        "s.onerror = () => done(false); })",
        socket,
    )
    page.close()
    assert opened is False


def test_pictures_for_the_readme_can_be_made(visit: Visit, tmp_path: Path) -> None:
    visit.screenshot(tmp_path / "page.png")
    assert 10_000 < (tmp_path / "page.png").stat().st_size < 1_000_000


# Contrast as WCAG 2.2 defines it (1.4.3): 4.5, or 3 for large text.
WEAK_TEXTS = """() => {
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parts = text => text.match(/[0-9.]+/g).map(Number);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = parts(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  const texts = 'h1, h2, h3, h4, p, dt, dd, span, a, summary, label, select, li, strong';
  for (const node of document.querySelectorAll(`:is(.pb, .pb-header) :is(${texts})`)) {
    if (!node.innerText.trim() || node.closest('svg')) continue;
    const style = getComputedStyle(node), [a, b] = [light(parts(style.color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) weak.push(node.innerText + ' ' + ratio.toFixed(2));
  }
  return weak;
}"""
