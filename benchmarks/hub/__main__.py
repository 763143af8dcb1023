"""What a hub on SQLite takes in, how large that is, and how quickly it answers.

    python -m benchmarks.hub [--rows 2000000] [--venues 600] [--only size,ask,in,drain] [--folder /tmp]

A made-up venue has six cameras, each with two lines (in, out) and a zone (people, peak, entered, left): 48 rows in a
window. Prints tables in Markdown.
"""

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.hub.asked import ask
from benchmarks.hub.draining import drain
from benchmarks.hub.filling import WIDTH_S, fill
from benchmarks.hub.intake import ROWS, take_in, told
from benchmarks.hub.made import NOW_UNIX_S, ZONE, MadeSite
from passerby.hub.contract import Delivered
from passerby.hub.fleet import Fleet
from passerby.hub.gather.desk import Desk
from passerby.hub.series import SqliteSeries

_DAYS_OF_SUMS = 40
_SIZE_BATCHES = 960
_SIZE_SITES = 20
_TABLE_SIZES = """
SELECT name, sum(pgsize), sum(CASE pagetype WHEN 'leaf' THEN ncell WHEN 'internal' THEN ncell ELSE 0 END)
FROM dbstat WHERE name IN ('tally', 'place_hour', 'place_day', 'venue_hour', 'venue_day') GROUP BY name ORDER BY 2 DESC
"""
_PARTS = ("size", "ask", "in", "drain")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="windows in the store that is asked")
    parser.add_argument("--venues", type=int, default=600)
    parser.add_argument("--times", type=int, default=100, help="that each question is asked")
    parser.add_argument("--only", default=",".join(_PARTS), help="parts, with commas")
    parser.add_argument("--folder", default=None, help="where the store is made")
    options = parser.parse_args()
    sys.setswitchinterval(0.001)  # as a hub that runs
    parts = set(options.only.split(","))
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        if "size" in parts:
            size(Path(folder))
        if parts & {"ask", "in", "drain"}:
            large(Path(folder) / "series.sqlite", options, parts)


def size(folder: Path) -> None:
    """Bytes a row of stores that came in batch by batch, with all sums."""
    print("\n| windows of | rows | bytes a row, with all sums |\n|---|---|---|")
    for width_s in (60, 300, 900):
        file = folder / f"size-{width_s}.sqlite"
        start = NOW_UNIX_S - _SIZE_BATCHES * width_s
        sites = [MadeSite(number + 1, width_s) for number in range(_SIZE_SITES)]
        with SqliteSeries(file) as series:
            for n in range(0, _SIZE_BATCHES, 4):
                for site in sites:
                    batches = tuple(site.batch(i + 1, start + i * width_s) for i in range(n, n + 4))
                    series.take(Delivered(site.venue, ZONE, batches, {site.digest: site.layout}, NOW_UNIX_S))
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            tables = connection.execute(_TABLE_SIZES).fetchall()
        rows = _SIZE_SITES * _SIZE_BATCHES * ROWS
        print(f"| {width_s} s | {rows} | {file.stat().st_size / rows:.1f} |", flush=True)
    print("\nOf the last, by table (bytes, rows, bytes a row):")
    for name, size_bytes, cells in tables:
        print(f"  {name:12} {size_bytes:10} {cells:8} {size_bytes / cells:5.1f}", flush=True)


def large(file: Path, options: argparse.Namespace, parts: set[str]) -> None:
    """What is measured on a store that is filled."""
    per_day = options.venues * ROWS * 86_400 // WIDTH_S
    days = options.rows / per_day
    print(f"\n{options.venues} venues, {days:.1f} days of windows, {_DAYS_OF_SUMS} of sums", flush=True)
    fill(file, options.venues, max(_DAYS_OF_SUMS, int(days) + 1), days)
    began = time.perf_counter()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA quick_check(1)").fetchone()
    print(f"quick_check: {time.perf_counter() - began:.1f} s")
    with SqliteSeries(file) as series, desk_of(series, file.parent) as desk:
        if "ask" in parts:
            ask(series, options.venues, options.times)
        if "in" in parts:
            intake(series, desk, options.venues)
        if "drain" in parts:
            behind = [MadeSite(n + 1, 60, phase=3) for n in range(48)]
            live = [MadeSite(n + 1, 60, phase=4) for n in range(48, min(options.venues, 348))]
            drain(series, desk, behind, live, 20)


def intake(series: SqliteSeries, desk: Desk, venues: int) -> None:
    """Rows a second, with one request in ten sent again and pages read."""
    print(
        "\n| requests of | rows | rows a second | rows a second of a processor | p50, p95 of a request, ms "
        "| p95 of the pages' three queries meanwhile, ms | load |\n|---|---|---|---|---|---|---|"
    )
    told("1 batch", take_in(series, desk, [MadeSite(n + 1, 60, phase=1) for n in range(venues)], (20, 1)))
    told("10 batches", take_in(series, desk, [MadeSite(n + 1, 60, phase=2) for n in range(venues)], (5, 10)))


@contextmanager
def desk_of(series: SqliteSeries, folder: Path) -> Iterator[Desk]:
    """The desk that takes what sites send."""
    desk = Desk(series, Fleet(folder / "fleet.sqlite"), lambda: NOW_UNIX_S)
    try:
        yield desk
    finally:
        desk.close()


if __name__ == "__main__":
    main()
