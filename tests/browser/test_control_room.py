"""The pages of a hub as a head of operations sees them: a real server over filled stores, in a real browser."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from passerby.hub.pages.rollout import COLUMNS
from passerby.records.page.words import number
from tests.browser.conftest import PATIENCE_MS
from tests.browser.hub_site import HEADER, Served, served
from tests.browser.test_page import DARK, PHONE, WEAK_TEXTS
from tests.support.filled_hub import CLOSED, OPEN, SCRIPTS, Script, came

PAGES = ["", "rollout", "compare", "compare?by=masks", "alerts", "log", "venue/quay", "venue/late"]
BY_SLUG = {one.venue.slug: one for one in SCRIPTS}
NORTH = [one for one in SCRIPTS if one.venue.district == "North"]
TODAY_H = range(OPEN, 14)
ROWS = ".pb-list-of-venues tbody tr"


def visitors(script: Script) -> int:
    """Who came in today, reckoned from the script."""
    until = 14 if script.silent_s < 3600 else 11
    hours = [came(script, date(2025, 10, 9), hour) for hour in range(until)]
    return sum(hours) + sum(one // 2 for one in hours)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


class Visit:
    """A browser at a hub, as somebody, with what it complained about."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self._url = page, url
        self.complaints: list[str] = []
        self.asked: set[str] = set()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda one: self.complaints.append(one.text) if one.type in ("error", "warning") else None)
        page.on("request", lambda one: self.asked.add(urlsplit(one.url).netloc))

    def go(self, path: str) -> Page:
        self.page.goto(self._url + path)
        self.page.get_by_role("heading", level=1).wait_for()
        return self.page


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Browser, hub: Served) -> Iterator[Visit]:
    options = {"viewport": {"width": 1440, "height": 900}, **getattr(request, "param", {})}
    account = options.pop("account", None)
    context = browser.new_context(**options, extra_http_headers={HEADER: account} if account else {})
    context.set_default_timeout(PATIENCE_MS)
    visit = Visit(context.new_page(), hub.url)
    yield visit
    context.close()


def names(page: Page) -> list[str]:
    """The venues of the list, in its order."""
    return page.locator(f"{ROWS} th a").all_inner_texts()


def test_all_venues_are_there_at_a_glance(visit: Visit) -> None:
    page = visit.go("")
    expect(page).to_have_title("Tide Malls")
    totals = page.locator(".pb-totals")
    expect(totals).to_contain_text(number(sum(visitors(one) for one in SCRIPTS if one.joined)))
    expect(totals).to_contain_text("9 of 12")
    assert names(page)[0] == "Station Shops"
    row = page.locator(ROWS).filter(has_text="Harbour Mall")
    for text in ("812 of 1\u202f000", number(visitors(BY_SLUG["harbour"])), "+20\u202f%", "80\u202f%", "all 4 count"):
        expect(row).to_contain_text(text)
    expect(page.locator(ROWS).filter(has_text="Canal Arcade")).to_contain_text("too few to say")
    expect(page.locator(ROWS).filter(has_text="Valley Mall")).to_contain_text("silent for 3\u202fh")
    expect(page.locator(".pb-map svg path").first).to_be_visible()
    assert visit.complaints == []
    assert visit.asked == {urlsplit(page.url).netloc}


def test_what_is_chosen_stands_in_the_address_and_holds_for_map_and_list(visit: Visit) -> None:
    page = visit.go("")
    page.get_by_label("District").select_option("South")
    expect(page.locator(ROWS)).to_have_count(4)
    page.get_by_label("Sort by").select_option("Most visitors")
    expect(page.locator(f"{ROWS} th a").first).to_have_text("Quay Mall")
    assert names(page) == ["Quay Mall", "Garden Mall", "Hill Mall", "Valley Mall"]
    expect(page.locator(".pb-map")).to_have_attribute("aria-label", re.compile("^Map of 4 venues"))
    page.wait_for_url("**/?district=South&sort=visitors")
    page.get_by_label("Find").fill("hil")
    expect(page.locator(ROWS)).to_have_count(1)
    page.reload()
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page.get_by_label("District")).to_have_value("South")
    page.get_by_label("Find").fill("no such venue")
    expect(page.get_by_text("No venue is as was chosen.")).to_be_visible()


def test_a_head_of_a_column_sorts(visit: Visit) -> None:
    page = visit.go("?brand=Tide")
    page.get_by_role("link", name="Inside now").click()
    expect(page.locator(f"{ROWS} th a").first).to_have_text("Station Shops")
    assert page.locator("th[aria-sort]").inner_text().startswith("Inside now")
    assert "brand=Tide" in page.url


def test_the_map_is_gone_through_by_keyboard(visit: Visit) -> None:
    page = visit.go("?district=South")
    page.locator(".pb-map svg path").first.wait_for()
    page.locator(".pb-map").focus()
    page.keyboard.press("ArrowDown")
    said = page.locator(".pb-map-told")
    expect(said).to_contain_text("Quay Mall: needs attention")  # the northernmost of them
    expect(said).to_contain_text("12 of 40 facings empty")
    expect(page.locator(".pb-map").get_by_text("Quay Mall: needs attention")).to_be_visible()  # and beside the dot
    page.keyboard.press("ArrowDown")
    expect(said).not_to_contain_text("Quay Mall")
    page.keyboard.press("ArrowUp")
    expect(said).to_contain_text("Quay Mall")
    page.keyboard.press("Enter")
    page.wait_for_url("**/venue/quay")


def test_the_map_tells_of_what_is_under_the_pointer_and_opens_it(visit: Visit) -> None:
    page = visit.go("?district=South")
    silent = page.locator('.pb-map svg path[fill="#d64545"]')
    silent.hover()
    expect(page.locator(".pb-map").get_by_text("Valley Mall: silent; silent for 3\u202fh")).to_be_visible()
    page.mouse.down()
    page.mouse.up()  # the dot is lighter under the pointer, so it cannot be found by its colour any more
    page.wait_for_url("**/venue/valley")
    expect(page.get_by_text("How its cameras are is not known while it is silent.")).to_be_visible()


def test_it_changes_without_a_reload(visit: Visit, hub: Served) -> None:
    page = visit.go("venue/ward")
    figure = page.locator(".pb-totals .pb-number").first
    expect(figure).to_contain_text("200")
    hub.tell("ward", 321)
    expect(figure).to_contain_text("321")


def test_a_venue_is_told_as_its_own_site_does_and_the_view_is_entered(visit: Visit) -> None:
    page = visit.go("venue/quay")
    expect(page).to_have_title("Quay Mall \u2013 Tide Malls")
    door = page.locator('[data-place="entrance/Main door"]')
    first = round(BY_SLUG["quay"].base * BY_SLUG["quay"].today)
    expect(door.locator(".in dd")).to_have_text(number(first * len(TODAY_H)))
    expect(page.get_by_role("img", name=re.compile("Main door today"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Quay Mall by day over 35 days"))).to_be_visible()
    expect(page.locator(".pb-totals")).to_contain_text("10\u202f% more than usual on a Thursday")
    expect(page.get_by_text("Monday to Saturday: 08:00\u201320:00")).to_be_visible()
    expect(page.get_by_role("link", name="manager@quay.example")).to_be_visible()
    page.get_by_text("Show as a table").last.click()
    day = page.locator("details[open] tr").filter(has_text="Thu 25 Sep")
    open_h = CLOSED - OPEN  # two weeks ago it was a tenth busier than usual
    expect(day.locator("td").first).to_have_text(number(open_h * (352 + 352 // 2)))
    visit.go("log")
    entry = page.locator(ROWS).first
    for text in ("this machine", "venue read", "quay"):
        expect(entry).to_contain_text(text)


def test_what_cameras_lack_is_told_in_words_and_security_to_operators_alone(browser: Browser, hub: Served) -> None:
    for account, said in ((None, "clock drift, default password"), ("viewer", "something that operators are told")):
        context = browser.new_context(extra_http_headers={HEADER: account} if account else {})
        page = Visit(context.new_page(), hub.url).go("venue/hill")
        expect(page.locator(ROWS).filter(has_text="side")).to_contain_text(said)
        assert ("default password" in page.content()) is (account is None)
        context.close()


def test_the_roll_out_says_how_far_it_is_and_whom_to_call(visit: Visit) -> None:
    page = visit.go("rollout")
    expect(page.locator(".pb-totals article").first).to_contain_text("9 of 12")
    district = page.locator(ROWS).filter(has=page.get_by_role("link", name="West", exact=True))
    expect(district).to_contain_text("2 of 4")
    late = page.locator(".pb-wordy tbody tr").first
    for text in ("Late Mall", "Overdue", "1 October 2025", "did not send anything yet", "manager@late.example"):
        expect(late).to_contain_text(text)
    bridge = page.locator(".pb-wordy tbody tr").filter(has_text="Bridge Mall")
    expect(bridge).to_contain_text("2 of 6 cameras are not set up at the site")
    page.get_by_role("link", name="South", exact=True).click()
    page.wait_for_url("**/rollout?district=South")
    with page.expect_download() as download:
        page.get_by_role("link", name="These rows as a spreadsheet").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert tuple(rows[0]) == COLUMNS
    assert [row["venue"] for row in rows] == ["valley", "hill"]
    assert rows[1]["lacks"].startswith("camera side: ")


def test_venues_are_ranked_and_what_is_too_little_to_say_stands_apart(visit: Visit) -> None:
    page = visit.go("compare?days=1")
    ranking, apart = page.locator(".pb-list-of-venues").first, page.locator(".pb-list-of-venues").last
    busiest = sorted((one for one in SCRIPTS if one.joined), key=lambda one: -one.base)
    assert ranking.locator("th a").all_inner_texts() == [one.venue.name for one in busiest]
    expect(apart).to_contain_text("nothing was counted there on these days")
    page.get_by_role("link", name="Masked share", exact=True).click()
    page.wait_for_url("**/compare?by=masks&days=1")
    assert ranking.locator("th a").first.inner_text() == "Ward Clinic"
    expect(ranking.locator("tbody tr").first).to_contain_text("90\u202f%")
    expect(ranking).not_to_contain_text("Canal Arcade")
    expect(apart.locator("tr").filter(has_text="Canal Arcade")).to_contain_text("of fewer than 20 no share is told")
    page.get_by_role("link", name="Length of stay").click()
    expect(ranking.locator("tbody tr").first).to_contain_text("stays")


def test_somebody_says_that_they_see_to_an_alert(browser: Browser, hub: Served) -> None:
    context = browser.new_context(extra_http_headers={HEADER: "viewer"})
    page = Visit(context.new_page(), hub.url).go("alerts")
    expect(page.locator("[data-alert]")).to_have_count(2)
    assert page.locator("[data-alert] button").count() == 0
    context.close()
    context = browser.new_context(extra_http_headers={HEADER: "North"})
    page = Visit(context.new_page(), hub.url).go("alerts")
    row = page.locator("[data-alert]")
    expect(row).to_have_count(1)  # the other is not in their district
    row.get_by_role("button", name="I see to it: Station Shops").click()
    expect(row).to_contain_text("Noor sees to it")
    expect(page.get_by_text("1 alert open; none of them without anybody")).to_be_visible()
    context.close()


@pytest.mark.parametrize("visit", [{"account": "North"}], indirect=True)
def test_who_may_see_one_district_sees_nothing_of_the_others(visit: Visit) -> None:
    page = visit.go("")
    expect(page.locator(ROWS)).to_have_count(4)
    expect(page.locator(".pb-totals")).to_contain_text(number(sum(visitors(one) for one in NORTH)))
    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    assert links.all_inner_texts() == ["Now", "Roll-out", "Compare", "Alerts"]
    others = [one.venue.name for one in SCRIPTS if one not in NORTH]
    for path in ("", "rollout", "compare", "alerts", "wall", "rollout.csv", "?rows=all&sort=name"):
        text = page.request.get(page.url.split("/", 3)[0] + "//" + urlsplit(page.url).netloc + "/" + path).text()
        assert not [name for name in others if name in text], path
        assert "Tide Malls" in text or path == "rollout.csv"
    for path in ("venue/quay", "venue/nowhere", "log"):
        assert page.request.get(f"http://{urlsplit(page.url).netloc}/{path}").status == 404
    assert page.request.get(f"http://{urlsplit(page.url).netloc}/venue/canal").status == 200


@pytest.mark.parametrize("visit", [{"account": "nobody"}], indirect=True)
def test_who_may_see_no_venue_is_told_so(visit: Visit) -> None:
    expect(visit.go("").get_by_text("No venue is among those that you may see.")).to_be_visible()


@pytest.mark.parametrize("visit", [{"viewport": {"width": 1920, "height": 1080}}], indirect=True)
def test_a_display_on_a_wall_has_large_figures_and_nothing_to_press(visit: Visit) -> None:
    page = visit.go("wall")
    expect(page.locator(".pb-wall-map svg path").first).to_be_visible()
    assert page.locator("a, button, input, select, summary").count() == 0
    sizes = page.eval_on_selector_all(".figure", "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")
    assert min(sizes) >= 80
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.trouble')).fontSize)") >= 28
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)")
    assert sum(ground[:3]) < 3 * 80
    expect(page.locator(".pb-wall-list")).to_contain_text("Valley Mall")


@pytest.mark.parametrize("visit", [PHONE, {}, DARK], indirect=True)
def test_every_page_can_be_read_by_everybody(visit: Visit) -> None:
    for path in PAGES:
        page = visit.go(path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        assert page.evaluate(WEAK_TEXTS) == [], path
        levels = page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(one => Number(one.tagName[1]))")
        assert levels[0] == 1, path
        assert levels.count(1) == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
    assert visit.complaints == []
