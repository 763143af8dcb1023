"""Makes the picture in the README: `python -m tests.browser.picture docs/images/page.png`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.other_site import served

WIDTH_PX = 1200


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        served("small", Path(folder) / "a.sqlite") as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": WIDTH_PX, "height": 900})
        page.goto(url)
        page.locator(".pb-chart svg").wait_for()
        last = page.locator("article").last.bounding_box()
        assert last
        page.set_viewport_size({"width": WIDTH_PX, "height": round(last["y"] + last["height"]) + 28})
        page.screenshot(path=sys.argv[1])
        browser.close()


if __name__ == "__main__":
    main()
