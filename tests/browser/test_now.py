"""The first page: what someone who runs a venue looks up on a phone; and the way from page to page."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from passerby.core.tallies import Measure, Tally
from passerby.records.access import Account, Role
from tests.browser import venue
from tests.browser.conftest import NOON, Museum, Visit
from tests.browser.test_page import ALL, DARK, PHONE, go, today

THIN = "\u202f"
TITLES = ["Now", "History", "Places", "Cameras", "Privacy"]
VIEWER, ADMIN = Account("front desk", Role.VIEWER), Account("Ines", Role.ADMIN)


def test_what_a_venue_is_asked_first_is_there_at_a_glance(visit: Visit, museum: Museum) -> None:
    page = visit.page
    expect(page).to_have_title("Museum of Tides")
    whole = page.locator('[data-place="/All doors"]')
    came = sum(
        int(today(museum, Measure.CROSSINGS_IN, door).replace(THIN, ""))
        for door in ("Main door", "Side door", "Garden door")
    )
    expect(whole.locator(".in dd")).to_have_text(str(came))
    expect(page.locator('[data-row="entrance/Main door"]')).to_contain_text(
        f"In{today(museum, Measure.CROSSINGS_IN, 'Main door')}"
    )
    expect(page.locator('[data-row="entrance/Main door"]')).to_contain_text(f"Seen 94{THIN}% of the time")
    expect(page.locator('[data-inside="Museum"]')).to_contain_text("80 allowed: room for 15 more")
    expect(page.locator('[data-row="shop/Till"]')).to_contain_text("Longest today11")
    expect(page.locator('[data-masks="site"]')).to_contain_text(f"82{THIN}%")
    expect(page.get_by_text("Both cameras count")).to_be_visible()


def test_all_doors_change_without_a_reload(visit: Visit, museum: Museum) -> None:
    figure = visit.page.locator('[data-place="/All doors"] .in dd')
    before = figure.inner_text()
    window = int(NOON) // 900 * 900
    museum.store.add([Tally("garden", Measure.CROSSINGS_OUT, "Garden door", window, 900, 0, 700)])
    museum.store.add([Tally("garden", Measure.CROSSINGS_IN, "Garden door", window, 900, 3456, 700)])
    expect(figure).not_to_have_text(before)
    assert len([one for one in visit.requests if one.is_navigation_request()]) == 1


def test_a_camera_that_does_not_count_is_named(visit: Visit, museum: Museum) -> None:
    museum.state = venue.unwell()
    expect(visit.page.get_by_text("1 of 2 cameras counts; not garden")).to_be_visible()
    visit.page.locator("#content").get_by_role("link", name="Cameras").click()
    expect(visit.page.get_by_text("Check its address, its cable and its power.")).to_be_visible()


@pytest.mark.parametrize("visit", [{}, PHONE, {**PHONE, **DARK}], indirect=True)
def test_the_navigation_leads_to_every_page_and_says_where_one_is(visit: Visit) -> None:
    nav = visit.page.get_by_role("navigation", name="Pages")
    for title in [*TITLES[1:], TITLES[0]]:
        nav.get_by_role("link", name=title).click()
        expect(visit.page.get_by_role("heading", level=1)).to_have_text(title)
        expect(nav.locator("[aria-current=page]")).to_have_text(title)
        expect(visit.page.get_by_role("main")).to_have_count(1)
        expect(visit.page.get_by_role("banner")).to_have_count(1)


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_on_a_phone_the_navigation_stays_at_the_thumb(visit: Visit) -> None:
    visit.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    box = visit.page.get_by_role("navigation", name="Pages").bounding_box()
    assert box and box["y"] + box["height"] == pytest.approx(844, abs=1)
    for link in visit.page.get_by_role("navigation", name="Pages").get_by_role("link").all():
        size = link.bounding_box()
        assert size and size["width"] >= 44 and size["height"] >= 44
    last = visit.page.locator("article").last.bounding_box()
    assert last and last["y"] + last["height"] <= box["y"], "nothing ends below it"


def test_the_keyboard_alone_gets_past_the_navigation_and_from_page_to_page(visit: Visit, museum: Museum) -> None:
    keyboard, page = visit.page.keyboard, visit.page
    keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    go(visit, museum, "/")
    page.locator("article").first.wait_for()
    for _ in range(3):
        keyboard.press("Tab")
    expect(page.get_by_role("link", name="History")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("History")


def test_the_banner_of_set_up_stands_on_every_page(visit: Visit, museum: Museum) -> None:
    expect(visit.page.locator(".pb-banner")).to_be_hidden()
    museum.banner = "Set-up mode is on for camera garden, ends at 12:20."
    for path in ALL:
        expect(visit.page.locator("[role=status] .pb-banner")).to_have_text(museum.banner)
        go(visit, museum, path)


def test_who_is_signed_in_stands_on_the_page_and_set_up_is_for_admins(visit: Visit, museum: Museum) -> None:
    nav = visit.page.get_by_role("navigation", name="Pages")
    expect(nav.get_by_role("link", name="Set-up")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Sign out")).to_have_count(0)
    museum.account = VIEWER
    go(visit, museum, "/")
    expect(visit.page.get_by_role("banner")).to_contain_text("front desk")
    expect(visit.page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(nav.get_by_role("link", name="Set-up")).to_have_count(0)
    museum.account = ADMIN
    go(visit, museum, "/")
    nav.get_by_role("link", name="Set-up").click()
    expect(visit.page.get_by_text("Draw a line.")).to_be_visible()
    expect(nav.locator("[aria-current=page]")).to_have_text("Set-up")


def test_trouble_is_loud_and_says_what_to_do(visit: Visit, museum: Museum) -> None:
    before = visit.page.locator(".pb-alarm:visible").count()
    museum.state = replace(venue.unwell(), store_problem="the store a.sqlite cannot be used: the disk is full")
    expect(visit.page.locator(".pb-alarm.bad").first).to_contain_text("without the lock-down")
    expect(visit.page.get_by_text("The store a.sqlite cannot be used: the disk is full")).to_be_visible()
    museum.state = venue.WELL
    expect(visit.page.locator(".pb-alarm:visible")).to_have_count(before)
