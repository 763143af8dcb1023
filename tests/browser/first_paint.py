"""How long a reader waits for the page, with a year in the store.

    python -m tests.browser.first_paint [DAYS]

Prints what each of several readers waited for: the browser's own First Contentful Paint (W3C Paint Timing, from the
start of the navigation), and the first chart; and the share of it that the store took. It fills the store first.
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from passerby.site.corrections import Corrections
from passerby.site.occupancy import PlaceBoard
from passerby.site.pages.board import PageBoard
from passerby.site.store import Store
from tests.browser import venue
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.other_site import NOON, served
from tests.support import venue_day

READERS = 5
PAINTED = "performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)[0]"


def main() -> None:
    days = sys.argv[1] if len(sys.argv) > 1 else "365"
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "year.sqlite"
        with served("year", store, days) as url:
            say(f"{days} days, {store.stat().st_size / 1e6:.0f} MB")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                for reader in range(READERS):
                    say(f"reader {reader + 1}: {visit(browser, url)}")
                browser.close()
        say(read(store))


def visit(browser: Browser, url: str) -> str:
    """A reader with an empty cache."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    started = time.monotonic()
    page.goto(url)
    page.locator(".pb-chart svg").first.wait_for()
    chart_ms = 1000 * (time.monotonic() - started)
    painted_ms = page.evaluate(PAINTED)
    context.close()
    return f"first paint {painted_ms:.0f} ms, first chart {chart_ms:.0f} ms"


def read(file: Path) -> str:
    """What the first reader after a new window costs: all that the page reads of the store."""
    with Store(file) as store:
        settings = replace(venue_day.SETTINGS, clock=lambda: float(NOON))
        places = PlaceBoard(store, Corrections(file), venue_day.PLACES, settings)
        board = PageBoard(store, lambda: venue.WELL, settings, places)
        wall, cpu = time.monotonic(), time.thread_time()
        board.today()
        for camera in board.heat_cameras:
            board.heat(camera)
        wall, cpu = time.monotonic() - wall, time.thread_time() - cpu
    return f"reading the store: {1000 * wall:.0f} ms, {1000 * cpu:.0f} ms of them of one core"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
