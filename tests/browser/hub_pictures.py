"""Makes the pictures of docs/control-room.md: `python -m tests.browser.hub_pictures docs/images`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.hub_site import served

PICTURES = {"control-room": ("", 1440, 1120), "wall": ("wall", 1600, 900)}


def main() -> None:
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as stores, served(Path(stores)) as hub, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, (path, width, height) in PICTURES.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(hub.url + path)
            page.locator(".pb-drawn svg path").first.wait_for()
            page.screenshot(path=folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
