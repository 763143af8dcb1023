"""The pages of cameras and of privacy."""

import re

import pytest
from playwright.sync_api import expect

from passerby.records.access import Account, Role
from passerby.site.journal import Action
from tests.browser import venue
from tests.browser.conftest import Museum, Visit
from tests.browser.test_page import go

PATH = "/privacy"
THIN = "\u202f"


def test_the_locks_and_the_bytes_of_each_room_are_shown(visit: Visit) -> None:
    expect(visit.page.get_by_text("Shut in by the kernel: Landlock ABI 7 + seccomp")).to_be_visible()
    expect(visit.page.get_by_text(f"5.8{THIN}kB of numbers came out since the start")).to_be_visible()
    expect(visit.page.get_by_text("could be hidden in the numbers of these 3 cameras")).to_be_visible()


def test_what_is_served_is_counted_as_it_goes(visit: Visit) -> None:
    card = visit.page.locator("article", has_text="What leaves this machine")
    row = card.locator(".pb-row", has_text="The API")
    before = row.inner_text()
    assert visit.page.request.get(visit.page.url.replace("/privacy", "/api/v1/state")).ok
    expect(row).not_to_have_text(before)
    expect(row).to_contain_text(re.compile("(bytes|kB) in"))
    expect(card).to_contain_text("Tallies, to broker.example, every minute.")
    expect(card).to_contain_text("12 messages so far")
    expect(card).to_contain_text("nothing about one person")


def test_every_claim_can_be_read(visit: Visit) -> None:
    link = visit.page.get_by_role("link", name="Nobody is followed.")
    expect(link).to_have_attribute("href", "https://github.com/passerby/passerby/blob/main/docs/claims/no-following.md")


@pytest.mark.parametrize(("role", "sees_who"), [(Role.ADMIN, True), (Role.VIEWER, False)])
def test_the_log_tells_of_set_up_and_changes_and_of_accounts_to_admins_alone(
    visit: Visit, museum: Museum, role: Role, sees_who: bool
) -> None:
    museum.journal.add("Oskar", Action.SETUP_BEGAN, "camera garden")
    museum.journal.add("Oskar", Action.SIGN_IN_REFUSED, "from 192.0.2.4")
    museum.account = Account("reader", role)
    go(visit, museum, "/privacy")
    log = visit.page.locator(".pb-log")
    expect(log).to_contain_text("Set-up mode began")
    expect(log).to_contain_text("camera garden")
    if sees_who:
        expect(log).to_contain_text("Oskar")
        expect(log).to_contain_text("Sign-in refused")
    else:
        expect(log).not_to_contain_text("Oskar")
        expect(log).not_to_contain_text("Sign-in refused")


def test_a_camera_tells_how_it_is_and_what_to_do(visit: Visit, museum: Museum) -> None:
    go(visit, museum, "/cameras")
    card = visit.page.locator('[data-camera="entrance"]')
    expect(card).to_contain_text("1920 by 1080 pixels")
    expect(card).to_contain_text("Looks a second2.4")
    expect(card).to_contain_text(f"Video looked at99{THIN}%")
    expect(card).to_contain_text("Connected againnever")
    expect(card).to_contain_text(f"Todayseen 94{THIN}% of the time")
    found = "People are found by passerby-person (Apache-2.0). Masks are judged by aizoo-facemask (MIT)."
    expect(visit.page.get_by_text(found)).to_be_visible()
    museum.state = venue.unwell()
    expect(visit.page.locator('[data-camera="garden"]')).to_contain_text("Check its address")
    expect(visit.page.get_by_text("nanodet-g is not the best detector")).to_be_visible()
