"""Shelves, as someone who fills them sees them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.shelf_site import served

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
