"""How long pages and answers take with a year of one-minute data of 20 cameras.

    python -m benchmarks.page [--requests 60] [--days 365] [--recent-days 35]

The store is filled once, in the user's cache. Prints one line for each route, and for each page what a reader with an
empty cache waits for: the browser's First Contentful Paint, from the start of the navigation.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

import httpx
from playwright.sync_api import sync_playwright

from benchmarks.page import year
from passerby.site.figures import midnight

_STORES = Path.home() / ".cache" / "passerby" / "bench"
_MORNING = midnight(year.NOW, year.ZONE)
_DOOR = "camera=camera%2001&subject=door"
ROUTES = (
    "/", "/history", "/places", "/cameras", "/privacy",
    "/api/v1/state", "/api/v1/places", f"/api/v1/tallies?{_DOOR}", "/api/v1/tallies?measure=crossings_in&width_s=3600",
    f"/api/v1/zones?since={_MORNING:.0f}&width_s=3600", f"/api/v1/masks?since={_MORNING:.0f}&width_s=3600",
    "/api/v1/history", "/api/v1/history?period=week", "/api/v1/history?period=month",
    "/api/v1/history?period=month&date=2025-03-01", f"/api/v1/history?period=month&{_DOOR}",
)  # fmt: skip
_PAGES = ("/", "/history", "/history?period=month", "/places", "/cameras", "/privacy")
_PAINTED = "performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)[0]"
_READERS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=60, help="to each route")
    parser.add_argument("--days", type=int, default=year.DAYS, help="of data in all")
    parser.add_argument("--recent-days", type=int, default=year.RECENT_DAYS, help="of data by the minute")
    options = parser.parse_args()
    store = _STORES / f"page-{options.days}-{options.recent_days}.sqlite"
    if not store.exists():
        _STORES.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        year.fill(store, options.days, options.recent_days)
        print(f"filled in {time.monotonic() - began:.0f} s")
    with tempfile.TemporaryDirectory(dir=_STORES) as folder:
        copy = Path(folder) / "year.sqlite"
        shutil.copyfile(store, copy)
        print(f"{store.stat().st_size / 1e6:.0f} MB, {year.CAMERAS} cameras")
        with served(copy) as url:
            ask(url, options.requests)
            paint(url)


@contextmanager
def served(store: Path) -> Iterator[str]:
    """The address of the server, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.page.server", str(store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        yield next(line.strip() for line in iter(server.stdout.readline, "") if line.startswith("http"))
        server.stdin.close()


def ask(url: str, requests: int) -> None:
    """Asks all routes by turns, so that each is asked before and after new tallies."""
    took_ms: dict[str, list[float]] = {route: [] for route in ROUTES}
    size: dict[str, int] = {}
    with httpx.Client(base_url=url, timeout=60) as client:
        for _ in range(requests):
            for route in ROUTES:
                began = time.perf_counter()
                answer = client.get(route).raise_for_status()
                took_ms[route].append(1000 * (time.perf_counter() - began))
                size[route] = len(answer.content)
            time.sleep(0.4)
    print(f"{'route':72} {'kB':>6} {'first':>7} {'p50':>7} {'p95':>7} {'max':>7}  ms")
    for route, took in took_ms.items():
        later = took[1:]
        cuts = quantiles(later, n=20)
        kilo = size[route] / 1000
        print(f"{route:72} {kilo:6.1f} {took[0]:7.0f} {cuts[9]:7.0f} {cuts[18]:7.0f} {max(later):7.0f}")


def paint(url: str) -> None:
    """Opens each page in new browsers."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for page in _PAGES:
            painted = []
            for _ in range(_READERS):
                context = browser.new_context(viewport={"width": 1200, "height": 900})
                opened = context.new_page()
                opened.goto(url.rstrip("/") + page)
                opened.locator("h1").wait_for()
                opened.wait_for_load_state("networkidle")
                painted.append(opened.evaluate(_PAINTED))
                context.close()
            least, middle, most = min(painted), median(painted), max(painted)
            print(f"first paint of {page:30} {least:.0f} to {most:.0f} ms, median {middle:.0f}, {_READERS} readers")
        browser.close()


if __name__ == "__main__":
    main()
