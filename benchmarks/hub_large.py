"""What a hub's tallies weigh in ClickHouse, beside SQLite and PostgreSQL, and how quickly ClickHouse takes and answers.

    python -m benchmarks.hub_large [--days 10] [--venues 600] [--only size,ask]

ClickHouse is chDB, the same engine in this process, on one disk and without replicas; PostgreSQL is Debian's. Two kinds
of made-up sites, of 48 rows in a window of 15 minutes: those of `benchmarks.hub`, and hard ones, of which no two rows
were seen for the same time and no count follows the hour. Prints tables in Markdown.
"""

import argparse
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.hub.asked import ask
from benchmarks.hub.made import NOW_UNIX_S, ZONE, MadeSite
from passerby.hub.contract import Delivered, Series
from passerby.hub.register import Database, Register
from passerby.hub.series import SqliteSeries
from passerby.hub.series.clickhouse import ClickHouseSeries
from passerby.hub.series.clickhouse.runner import Runner, in_process
from passerby.hub.series.clickhouse.tables import TABLES
from passerby.records.wire.batches import Row
from tests.support.postgresql import BINARIES, PASSWORD, PostgreSql, postgresql_folder

WIDTH_S = 900
SITES = 20
ROWS = 48
BATCHES = 48
LOG_ENTRIES = 5000


@dataclass(slots=True)
class HardSite(MadeSite):
    """A site whose rows have nothing in common that could be left out."""

    def rows(self, start_unix_s: int) -> Iterator[Row]:
        """The tallies of one window."""
        for row in super(HardSite, self).rows(start_unix_s):
            total, seen = random.randrange(400), random.randrange(1, self.width_s * 10 + 1)
            yield Row(row.place, row.measure, 0, start_unix_s, self.width_s, row.run, 0, total * 1000, seen * 100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=10, help="of windows")
    parser.add_argument("--venues", type=int, default=600, help="in the store that is asked")
    parser.add_argument("--times", type=int, default=40, help="that each question is asked")
    parser.add_argument("--only", default="size,ask", help="parts, with a comma")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="passerby-hub-large-") as folder:
        if "size" in options.only:
            size(Path(folder), options.days)
        if "ask" in options.only:
            answers(Path(folder), options)


def size(folder: Path, days: int) -> None:
    """Fills stores of three kinds and prints what they weigh."""
    rows = SITES * days * 86_400 // WIDTH_S * ROWS
    print(f"\n{rows} rows of {SITES} sites\n")
    print("| sites | store | bytes a row | with all sums | rows a second |\n|---|---|---|---|---|")
    for words, kind in (("as in benchmarks.hub", MadeSite), ("hard", HardSite)):
        file = folder / f"{kind.__name__}.sqlite"
        with SqliteSeries(file) as sqlite:
            took = fill(sqlite, kind, days)
        print(f"| {words} | SQLite | | {sqlite_size(file) / rows:.1f} | {rows / took:.0f} |", flush=True)
        if BINARIES is not None:
            print(f"| {words} | PostgreSQL | {postgresql_size(file) / rows:.1f} | | |", flush=True)
        database = kind.__name__.lower()
        with closing(clickhouse(folder, database)) as series:
            took = fill(series, kind, days)
            windows, all_ = clickhouse_size(series._runner, database)
        print(f"| {words} | ClickHouse | {windows / rows:.1f} | {all_ / rows:.1f} | {rows / took:.0f} |", flush=True)
    if BINARIES is not None:
        print(f"\nAn entry of the register's log in PostgreSQL: {log_size():.0f} bytes", flush=True)


def answers(folder: Path, options: argparse.Namespace) -> None:
    """Fills a ClickHouse, makes more venues of those that are there, and asks."""
    copies = max(1, options.venues // SITES)
    with closing(clickhouse(folder, "asked")) as series:
        fill(series, MadeSite, options.days)
        copy(series._runner, "asked", copies)
        ((count, venues),) = series._runner.query("SELECT count(), uniqExact(site) FROM asked.windows FINAL")
        print(f"\nClickHouse, {count} windows of {venues} venues, load {os.getloadavg()[0]:.1f}")
    with closing(clickhouse(folder, "asked")) as series:
        ask(series, venues, options.times)


def clickhouse(folder: Path, database: str) -> ClickHouseSeries:
    """A store in chDB; its database is made where it is absent."""
    runner = in_process(str(folder / "chdb"))
    runner.command(f"CREATE DATABASE IF NOT EXISTS {database}")
    runner.command(f"USE {database}")
    return ClickHouseSeries(runner, database)


def fill(series: Series, kind: type[MadeSite], days: int) -> float:
    """Delivers all windows of some days, all sites at the same time, and gives the seconds that the store took."""
    random.seed(7)
    sites = [kind(number + 1, WIDTH_S) for number in range(SITES)]
    start = NOW_UNIX_S - days * 86_400
    took = 0.0
    with ThreadPoolExecutor(len(sites)) as pool:
        for first in range(0, days * 86_400 // WIDTH_S, BATCHES):
            numbers = range(first, first + BATCHES)
            deliveries = [
                Delivered(
                    site.venue,
                    ZONE,
                    tuple(site.batch(n + 1, start + n * WIDTH_S) for n in numbers),
                    {site.digest: site.layout},
                    NOW_UNIX_S,
                )
                for site in sites
            ]
            began = time.perf_counter()
            assert {taken.mark for taken in pool.map(series.take, deliveries)} == {first + BATCHES}
            took += time.perf_counter() - began
    return took


def sqlite_size(file: Path) -> int:
    """Bytes of a file with all that was logged ahead."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size


def clickhouse_size(runner: Runner, database: str) -> tuple[int, int]:
    """Bytes of the windows, and of all tables, when what belongs together was merged."""
    for table in TABLES:
        runner.command(f"OPTIMIZE TABLE {database}.{table.name} FINAL")
    sizes = {
        str(table): int(size)
        for table, size in runner.query(
            "SELECT table, sum(bytes_on_disk) FROM system.parts "
            f"WHERE active AND database = '{database}' GROUP BY table"
        )
    }
    return sizes["windows"], sum(sizes.values())


def postgresql_size(file: Path) -> int:
    """Bytes of the same windows in PostgreSQL, as rows with small numbers and their key; without sums."""
    with (
        postgresql_folder() as folder,
        PostgreSql(folder / "one").make() as server,
        closing(sqlite3.connect(file)) as source,
    ):
        address = f"postgresql://passerby@{server.host}/postgres"
        with psycopg.connect(address, password=PASSWORD, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE tally (site int, series int, run int, start_unix_s bigint, total_milli bigint, "
                "exposure_milli bigint, doubtful smallint, PRIMARY KEY (site, series, start_unix_s, run))"
            )
            asked = "SELECT site, series, run, start_unix_s, total_milli, exposure_milli, doubtful FROM tally"
            with connection.cursor() as cursor, cursor.copy("COPY tally FROM STDIN") as copied:
                for row in source.execute(asked):
                    copied.write_row(row)
            connection.execute("VACUUM FULL tally")
            found = connection.execute("SELECT pg_total_relation_size('tally')").fetchone()
    assert found is not None
    return int(found[0])


def log_size() -> float:
    """Bytes of one entry of the register's log, with its keys."""
    with postgresql_folder() as folder, PostgreSql(folder / "one").make() as server:
        with closing(Database(server.database("register"))) as database:
            register = Register(database)
            for number in range(LOG_ENTRIES):
                register.log.add("somebody", "venue read", f"venue-{number % 600}", None)
        size = server.sql("SELECT pg_total_relation_size('log')", "register")[0][0]
    return int(size) / LOG_ENTRIES


def copy(runner: Runner, database: str, copies: int) -> None:
    """Makes more venues out of those that are there."""
    for table in TABLES:
        if table.name == "starts":
            continue
        for number in range(1, copies):
            add = number * SITES
            changed = f"site + {add} AS site" + (f", venue + {add} AS venue" if table.name == "sites" else "")
            source = f"SELECT * REPLACE ({changed}) FROM (SELECT * FROM {database}.{table.name} WHERE site <= {SITES})"
            runner.command(f"INSERT INTO {database}.{table.name} {source}")
        runner.command(f"OPTIMIZE TABLE {database}.{table.name} FINAL")


if __name__ == "__main__":
    main()
