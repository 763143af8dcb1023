"""Counting by hand on a phone at the door, as someone who runs a venue does it."""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.proof_site import served

PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("prove") / "a.sqlite") as url:
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    page = browser.new_page(**PHONE)  # type: ignore[arg-type]  # its stub knows no such dictionary
    page.goto(f"{url}prove")
    page.get_by_role("button", name="Begin to count").wait_for()
    yield page
    page.close()


def test_what_was_proved_before_is_told(page: Page, url: str) -> None:
    card = page.locator(".pb-card", has=page.get_by_role("heading", name="garden, Garden door"))
    expect(card).to_contain_text("Not proved to be within 5 % yet")
    expect(card).to_contain_text("\u22125.9 % ± 2.2 %, proved 9 October 2025")
    with urllib.request.urlopen(f"{url}api/v1/proofs") as answer:
        first, second = json.load(answer)["proofs"]
    assert first["both"] is None
    assert second["both"]["by_hand"] == 255
    assert second["both"]["equivalent"] is False


def test_a_person_counts_at_a_door(page: Page, tmp_path: Path) -> None:
    page.get_by_role("button", name="Begin to count").click()
    expect(page.get_by_role("heading", name="Counting at entrance/Main door")).to_be_visible()
    expect(page.get_by_text("1 whole window of 1 minute")).to_be_visible()  # what comes before is not kept
    into, out = page.get_by_role("button", name="In 0"), page.get_by_role("button", name="Out 0")
    out.click()
    into.click()
    for people in (1, 2):
        page.get_by_role("button", name=f"In {people}").click()
    page.get_by_role("button", name="One in too many").click()
    expect(page.get_by_role("button", name="In 2")).to_be_visible()
    expect(page.get_by_text(re.compile(r"([3-9]|\d\d) whole windows of 1 minute"))).to_be_visible(timeout=20_000)
    page.screenshot(path=tmp_path / "counting.png", full_page=True)
    page.get_by_role("button", name="End").click()
    expect(page.get_by_text("Their result stands below within a minute.")).to_be_visible()
    card = page.locator(".pb-card", has=page.get_by_role("heading", name="entrance, Main door"))
    expect(card).to_contain_text("By the engine", timeout=20_000)


def test_buttons_are_large_enough_for_a_thumb(page: Page) -> None:
    page.get_by_role("button", name="Begin to count").click()
    for button in page.locator(".pb-clicks button, .pb-button").all():
        box = button.bounding_box()
        if box:
            assert box["height"] >= 40
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="End").click()
