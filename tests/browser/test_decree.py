"""The page under the profile decree-2021-269: the whole site's masks, and nothing of a camera or a place."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.other_site import served


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served("decree", tmp_path_factory.mktemp("decree") / "a.sqlite") as url:
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{url}places")
    page.locator(".pb-chart svg").first.wait_for()
    yield page
    page.close()


def test_only_the_whole_site_is_told(page: Page) -> None:
    titles = [title.lower() for title in page.locator("h2").all_inner_texts()]
    assert titles == ["masks"]
    expect(page.locator("article[data-masks]")).to_have_count(1)
    card = page.locator('[data-masks="site"]')
    expect(card.locator(".in dd")).to_contain_text("75")
    expect(page.get_by_text("Why this is asked:")).to_be_visible()


def test_the_page_of_privacy_says_so(page: Page, url: str) -> None:
    page.goto(f"{url}privacy")
    expect(page.get_by_text("sees numbers about the whole site, each over 20 minutes or more")).to_be_visible()


@pytest.mark.parametrize("path", ["", "places", "cameras", "history"])
def test_no_camera_has_a_figure(page: Page, url: str, path: str) -> None:
    page.goto(f"{url}{path}")
    page.locator("article").first.wait_for()
    assert page.locator("[data-place], [data-row], [data-inside], [data-heat]").count() == 0
    assert page.get_by_text("Today", exact=True).count() == 0


def test_the_history_is_of_the_whole_site(page: Page, url: str) -> None:
    page.goto(f"{url}history")
    expect(page.locator('[data-history="course"] h2')).to_have_text("Share with a mask, whole site")
    expect(page.locator('[data-history="course"]')).to_contain_text("judged, between")
    expect(page.get_by_role("combobox")).to_have_count(0)
