"""Shelves, as someone who fills them sees them."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.shelf_site import served
from tests.browser.test_page import DARK, PHONE

THIN = "\u202f"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("shelves") / "a.sqlite") as url:
        yield url


@pytest.fixture
def page(browser: Browser, url: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = browser.new_page(**{"viewport": {"width": 1200, "height": 900}, **getattr(request, "param", {})})
    page.goto(f"{url}shelves")
    page.locator(".pb-chart svg").first.wait_for()
    yield page
    page.close()


def test_gaps_stand_longest_first_in_words(page: Page) -> None:
    rows = page.locator(".pb-gaps .pb-row")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text(f"Aisle 3, pasta, row 2 column 5: empty for 2{THIN}h 1")
    expect(rows.nth(0)).to_contain_text("since 09:50")
    expect(rows.nth(1)).to_contain_text("Aisle 3, sauces, row 4 column 2: empty for")
    expect(rows.nth(1)).to_contain_text("cannot be seen now, and was seen last")
    expect(rows.nth(2)).to_contain_text("bread, facing 5: empty for")


def test_the_plan_says_by_signs_and_words_how_each_facing_is(page: Page) -> None:
    pasta = page.locator('[data-shelf="aisle 3/pasta"]')
    expect(pasta.get_by_role("img")).to_have_attribute(
        "aria-label", "Plan of pasta, 24 facings: 21 stocked, 1 low, 1 empty, 1 cannot be seen now"
    )
    assert pasta.locator(".pb-empty title").all_text_contents() == ["Row 2 column 5: empty"]
    # Without colour: each state has a sign of its own.
    signs = {
        kind: page.locator(f".pb-plan .{kind} path").first.get_attribute("d")
        for kind in ("pb-stocked", "pb-low", "pb-empty", "pb-hidden", "pb-was-empty")
    }
    assert len(set(signs.values())) == len(signs)
    pasta.get_by_text("Show as a table").click()
    row = pasta.locator("tbody tr").nth(12)
    expect(row).to_contain_text("row 2 column 5")
    expect(row).to_contain_text("09:50")
    expect(pasta.locator("tbody tr").nth(7)).to_contain_text("cannot be seen now, was stocked")


def test_what_was_not_taught_says_how_to_teach_it(page: Page) -> None:
    crisps = page.locator('[data-shelf="aisle 5/crisps"]')
    expect(crisps).to_contain_text("It was not taught yet how it looks empty")
    expect(crisps).to_contain_text("passerby shelves teach SITE.yaml 'aisle 5' --shelf crisps --state empty")
    expect(crisps).to_contain_text("not seen")
    row = page.locator(".pb-aisles .pb-row", has_text="Aisle 5")
    expect(row).to_contain_text("Empty nownot seen")


def test_availability_is_drawn_for_the_aisle_that_is_chosen_by_the_keyboard(page: Page) -> None:
    card = page.locator('[data-shelves="course"]')
    expect(card.get_by_role("img", name="All shelves, availability today by the hour; least from")).to_be_visible()
    card.get_by_role("combobox", name="Of").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(card.get_by_role("img", name="Aisle 3, availability today by the hour")).to_be_visible()
    row = page.locator(".pb-aisles .pb-row", has_text="Aisle 3")
    expect(row).to_contain_text(f"Half restocked within31{THIN}min")
    expect(row).to_contain_text("Gaps filled5")


@pytest.mark.parametrize("page", [PHONE, {**PHONE, **DARK}], indirect=True)
def test_it_fits_a_phone(page: Page) -> None:
    for summary in page.get_by_text("Show as a table").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Shelves")).to_be_visible()


def test_places_and_now_lead_there(page: Page, url: str) -> None:
    page.goto(f"{url}places")
    expect(page.get_by_text("Shelves have a page of their own.")).to_be_visible()
    page.goto(url)
    tile = page.locator('[data-shelves="site"]')
    expect(tile).to_contain_text(f"Shelves: 3 of 120 facings empty; longest 2{THIN}h 1")
    tile.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shelves")


def test_what_changes_shows_without_a_reload(page: Page, url: str, tmp_path: Path) -> None:
    """Last, since it turns the shop for good."""
    rows = page.locator(".pb-gaps .pb-row")
    expect(rows).to_have_count(3)
    urllib.request.urlopen(f"{url}fill").close()
    expect(rows).to_have_count(2, timeout=60_000)
    expect(page.locator('[data-shelf="bakery/bread"] .pb-empty')).to_have_count(0)
    urllib.request.urlopen(f"{url}move").close()
    expect(page.locator('[data-shelf="aisle 3/pasta"]')).to_contain_text(
        "Camera aisle 3 was moved or its view changed, so nothing of this shelf is told.", timeout=60_000
    )
    expect(page.locator(".pb-gaps")).to_contain_text("No facing is empty.")
    page.screenshot(path=tmp_path / "moved.png", full_page=True)
