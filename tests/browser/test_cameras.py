"""The page of cameras: what was found at each, who may know it, and that it changes while it is looked at."""

from dataclasses import replace

import pytest
from playwright.sync_api import Locator, expect

from passerby.records.access import Account, Role
from tests.browser import venue
from tests.browser.conftest import NOON, Museum, Visit
from tests.browser.test_page import DARK, PHONE, go
from tests.support import checked

PATH = "/cameras"
THIN = "\u202f"


@pytest.fixture
def museum(museum: Museum) -> Museum:
    museum.state = replace(venue.WELL, checks=checked.checks(NOON))
    return museum


def card(visit: Visit, camera: str) -> Locator:
    return visit.page.locator(f'[data-camera="{camera}"]')


def test_what_is_wrong_stands_in_groups_with_what_to_do(visit: Visit) -> None:
    entrance = card(visit, "entrance")
    expect(entrance.get_by_text("2 things to mend")).to_be_visible()
    titles = [title for title in entrance.locator("h3").all() if title.is_visible()]
    assert [title.inner_text() for title in titles] == ["Security", "Picture and stream", "Its clock"]
    door = entrance.locator('[data-check="rtsp-open"]')
    expect(door.locator(".pill.bad")).to_have_text("Critical")
    expect(door).to_contain_text("Since 9 October, 09:13")
    mend = door.get_by_text("Set a password on the camera")
    expect(mend).to_be_hidden()
    door.locator("summary").focus()
    visit.page.keyboard.press("Enter")
    expect(mend).to_be_visible()
    visit.page.wait_for_timeout(1500)  # the page is brought up to date each second, and leaves open what was opened
    expect(mend).to_be_visible()


def test_a_camera_that_is_well_says_so_and_what_it_is(visit: Visit) -> None:
    garden = card(visit, "garden")
    expect(garden.get_by_text("Nothing to mend")).to_be_visible()
    expect(garden.locator("dl")).to_contain_text("Firmware<b>4.2</b>", use_inner_text=False)
    expect(garden.locator("dl")).to_contain_text("CodecH.264")
    expect(garden.locator("dl")).to_contain_text(f"Its clock3{THIN}s ahead")
    expect(garden.locator(".pb-looked")).to_contain_text("Looked at ")


def test_the_last_hour_is_drawn_and_told(visit: Visit) -> None:
    entrance = card(visit, "entrance")
    expect(entrance.get_by_text(f"Newest frame: 0.2{THIN}s old, at most 3{THIN}min in the last hour")).to_be_visible()
    expect(entrance.get_by_text("Frames a second: 21, from 19 to 21 in the last hour")).to_be_visible()
    lines = entrance.locator(".pb-spark svg")
    assert [one.locator("polyline").count() for one in lines.all()] == [1, 2], "a gap where nothing was known"


def test_it_changes_while_it_is_looked_at(visit: Visit, museum: Museum) -> None:
    entrance = card(visit, "entrance")
    expect(entrance.locator('[data-check="frozen"]')).to_be_visible()
    one, other = museum.state.checks.cameras
    museum.state = replace(
        museum.state, checks=replace(museum.state.checks, cameras=(replace(one, findings=()), other))
    )
    expect(entrance.get_by_text("Nothing to mend")).to_be_visible(timeout=5000)
    expect(entrance.locator("[data-check]")).to_have_count(0)
    museum.state = replace(museum.state, checks=replace(museum.state.checks, problem="nobody looks"))
    expect(visit.page.get_by_text("nobody looks")).to_be_visible(timeout=5000)


def test_viewers_see_nothing_that_helps_to_break_in(visit: Visit, museum: Museum) -> None:
    museum.account = Account("front desk", Role.VIEWER)
    go(visit, museum, PATH)
    expect(card(visit, "entrance").get_by_text("1 thing to mend")).to_be_visible()
    expect(visit.page.locator('[data-check="rtsp-open"]')).to_have_count(0)
    expect(visit.page.get_by_text("is shown to operators and admins")).to_be_visible()
    assert "&lt;b&gt;4.2" not in visit.page.content()


def test_the_first_page_says_how_many_need_attention(visit: Visit, museum: Museum) -> None:
    go(visit, museum, "/")
    expect(visit.page.get_by_text("1 of 2 cameras needs attention")).to_be_visible()


@pytest.mark.parametrize("visit", [PHONE, {**PHONE, **DARK}], indirect=True)
def test_a_phone_shows_it_without_scrolling_sideways(visit: Visit) -> None:
    expect(card(visit, "entrance").get_by_text("2 things to mend")).to_be_visible()
    for summary in visit.page.locator(".pb-finding summary").all():
        summary.click()
    assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert visit.complaints == []
