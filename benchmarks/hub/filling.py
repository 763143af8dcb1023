"""A store of any size, quickly: a few sites come in as sites do, and the others are copies of them, made in SQL."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from benchmarks.hub.made import NOW_UNIX_S, ZONE, MadeSite
from passerby.hub.contract import Delivered
from passerby.hub.series import SqliteSeries

DAY_S = 86_400
WIDTH_S = 900
TEMPLATES = 20
_AT_ONCE = 48
_TABLES = ("tally", "place_hour", "place_day", "venue_hour", "venue_day", "series", "run", "layout")


def fill(file: Path, venues: int, days: int, days_of_windows: float) -> int:
    """Makes a store, and gives how many windows it holds.

    Args:
        file: to be made.
        venues: how many.
        days: of sums by hour and day.
        days_of_windows: of these, the last days of which windows are kept.
    """
    began = time.monotonic()
    start = NOW_UNIX_S - days * DAY_S
    with SqliteSeries(file) as series:
        for venue in range(1, min(TEMPLATES, venues) + 1):
            _take(series, MadeSite(venue, WIDTH_S), start)
        series.forget(int(NOW_UNIX_S - days_of_windows * DAY_S), 0)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        _copy(connection, venues)
        (windows,) = connection.execute("SELECT count(*) FROM tally").fetchone()
    megabytes, took_s = file.stat().st_size / 1e6, time.monotonic() - began
    print(f"filled in {took_s:.0f} s: {windows} windows, {megabytes:.0f} MB", flush=True)
    return int(windows)


def _take(series: SqliteSeries, site: MadeSite, start_unix_s: int) -> None:
    """All windows of a site up to now, half a day at a time."""
    windows = (NOW_UNIX_S - start_unix_s) // WIDTH_S
    for first in range(0, windows, _AT_ONCE):
        numbers = range(first, min(windows, first + _AT_ONCE))
        batches = tuple(site.batch(n + 1, start_unix_s + n * WIDTH_S) for n in numbers)
        taken = series.take(Delivered(site.venue, ZONE, batches, {site.digest: site.layout}, NOW_UNIX_S))
        assert taken.mark == numbers[-1] + 1, taken


def _copy(connection: sqlite3.Connection, venues: int) -> None:
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -256000")
    for table in ("site", *_TABLES):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        rest = ", ".join("?1" if name == "venue" else name for name in columns[1:])
        key = columns[0]
        connection.execute("BEGIN")
        for venue in range(TEMPLATES + 1, venues + 1):
            template = (venue - 1) % TEMPLATES + 1
            connection.execute(
                f"INSERT INTO {table} SELECT ?1, {rest} FROM {table} WHERE {key} = ?2", (venue, template)
            )
        connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
