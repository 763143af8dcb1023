"""How long the pages of a hub take with 600 venues of six cameras, and how long its board takes to read.

    python -m benchmarks.room [--venues 600] [--requests 30]

The stores are filled in a temporary folder, with five weeks of hours: the sums by hour and day that pages ask for are
as many as with any number of lines. Prints a line for each page, with the answer's size, and what reading took.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from zoneinfo import ZoneInfo

import httpx
from fastapi import FastAPI

from passerby.core.tallies import Measure
from passerby.hub.board import HubBoard, Sources
from passerby.hub.contract import Delivered, Known, Venue, VenueState
from passerby.hub.fleet import Fleet
from passerby.hub.page import Extras, Room, mount_pages
from passerby.hub.register import Database, Register
from passerby.hub.series import SqliteSeries
from passerby.records.access import Keeper
from passerby.records.serving import serve
from passerby.records.shield import Shield
from passerby.records.wire.batches import (
    Batch,
    CameraStanding,
    Layout,
    OutboxStanding,
    PlaceName,
    PlaceStanding,
    Row,
    ShelfStanding,
    Standing,
)
from passerby.records.wire.checking import digest_of

NOW = 1_760_012_000
HOUR_S, DAYS = 3600, 36
CAMERAS = tuple(f"camera {index}" for index in range(1, 7))
PLACES = (
    *(PlaceName(camera, "door", "line") for camera in CAMERAS[:3]),
    PlaceName("", "Mall", "place"),
    PlaceName(CAMERAS[5], "Cereals", "shelf"),
)
LAYOUT = Layout(CAMERAS, PLACES, "Europe/Paris", HOUR_S, "internal")
DIGEST = digest_of(LAYOUT)
PAGES = (
    "/", "/?rows=all", "/?district=District+07", "/rollout", "/compare", "/compare?by=masks&days=28",
    "/compare?by=stays", "/venue/venue-0007", "/wall", "/rollout.csv",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venues", type=int, default=600)
    parser.add_argument("--requests", type=int, default=30, help="to each page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.venues, options.requests)


def measure(folder: Path, venues: int, requests: int) -> None:
    register = Register(Database(folder / "register.sqlite"), lambda: NOW)
    fleet, started = Fleet(folder / "fleet.sqlite"), time.monotonic()
    with SqliteSeries(folder / "series.sqlite") as series:
        for index in range(venues):
            fill(series, fleet, register.add(venue(index), "benchmark"))
        print(f"{venues} venues filled in {time.monotonic() - started:.0f} s")

        def states() -> dict[int, VenueState]:
            return {one.number: fleet.state_of(one, NOW, invited=False) for one in register.venues()}

        board = HubBoard(Sources(series, register.venues, states, fleet.all, lambda: NOW))
        for when in ("first", "later", "later"):
            began, used = time.perf_counter(), time.thread_time()
            board.look()
            print(f"the board reads, {when}: {1000 * (time.perf_counter() - began):.0f} ms, "
                  f"{1000 * (time.thread_time() - used):.0f} ms of a processor")  # fmt: skip
        app = FastAPI()
        app.add_middleware(Keeper, access=None)
        app.add_middleware(Shield, names=())
        mount_pages(
            app, Room("Benchmark", board, ZoneInfo("Europe/Paris"), Extras(log=register.log, lacks=fleet.lacks))
        )
        with serve(app, "127.0.0.1", 0) as url, board.kept_fresh():
            ask(url, requests)
    fleet.close()
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


def venue(index: int) -> Venue:
    """One of many: thirty to a district, two in a hundred overdue."""
    return Venue(
        number=0,
        slug=f"venue-{index:04}",
        name=f"Example Mall {index:04}",
        organisation=f"Organisation {index % 3}",
        district=f"District {index // 30:02}",
        brand=f"Brand {index % 5}",
        latitude=42.5 + (index * 7 % 83) / 10,
        longitude=-1.0 + (index * 13 % 79) / 10,
        zone="Europe/Paris",
        expected_cameras=6,
        expected_lines=3,
        capacity=2000,
    )


def fill(series: SqliteSeries, fleet: Fleet, of: Venue) -> None:
    """Five weeks of one venue, and how it is now; a third has something wrong, every tenth is silent."""
    midnight = NOW // 86_400 * 86_400
    batches: list[Batch] = []
    for day in range(DAYS, -1, -1):
        since = midnight - day * 86_400
        starts = [start for start in range(since + 6 * HOUR_S, since + 18 * HOUR_S, HOUR_S) if start + HOUR_S <= NOW]
        rows = [row for start in starts for row in window(of.number, start)]
        batches.append(Batch(f"{of.number:032x}", len(batches) + 1, DIGEST, since + 18 * HOUR_S, tuple(rows)))
    series.take(Delivered(of.number, of.zone, tuple(batches), {DIGEST: LAYOUT}, NOW))
    heard = NOW - (7200 if of.number % 10 == 0 else 20)
    fleet.hear(of.number, lambda _: Known(heard, LAYOUT, standing(of.number, heard)))


def window(number: int, start: int) -> list[Row]:
    """An hour: a door, its masks, and stays."""
    came = 1000 * (50 + number * 31 % 400 + start // HOUR_S * 17 % 50)
    run = NOW - 50 * 86_400
    return [
        Row(0, Measure.CROSSINGS_IN, 0, start, HOUR_S, run, 0, came, 1000 * HOUR_S),
        Row(0, Measure.MASKED, 0, start, HOUR_S, run, 0, came // 2000 * 1000, came),
    ]


def standing(number: int, clock: int) -> Standing:
    """How a venue is."""
    cameras = tuple(CameraStanding(i, 2 if number % 3 == i else 1, int(number % 7 != i)) for i in range(6))
    places = (PlaceStanding(3, 10 * (number * 37 % 2100), 0, clock),)
    outbox = OutboxStanding(0, 0, 0)
    return Standing(clock, DIGEST, True, 0, outbox, cameras, places, (ShelfStanding(4, 80, number % 12, 3, 1),))


def ask(url: str, requests: int) -> None:
    """Asks all pages by turns."""
    took_ms: dict[str, list[float]] = {page: [] for page in PAGES}
    size: dict[str, int] = {}
    with httpx.Client(base_url=url, timeout=60) as client:
        for _ in range(requests):
            for page in PAGES:
                began = time.perf_counter()
                answer = client.get(page).raise_for_status()
                took_ms[page].append(1000 * (time.perf_counter() - began))
                size[page] = answer.num_bytes_downloaded
    print(f"{'page':34} {'kB sent':>8} {'first':>6} {'p50':>6} {'p95':>6} {'max':>6}  ms")
    for page, took in took_ms.items():
        cuts = quantiles(took[1:], n=20)
        print(f"{page:34} {size[page] / 1000:8.1f} {took[0]:6.0f} {cuts[9]:6.0f} {cuts[18]:6.0f} {max(took[1:]):6.0f}")


if __name__ == "__main__":
    main()
