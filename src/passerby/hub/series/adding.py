"""What rows change in the sums: by hour and day, of places and of the venue. A row that was there gives its difference.

Sums are never counted anew from windows but where the largest of several was replaced by a smaller one.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo

import msgspec

from passerby.core.tallies import Measure
from passerby.hub.series.names import About
from passerby.hub.series.statements import ADD, KEEP_MOST, KEYS, PLACE_PEAK, THERE, VENUE_PEAK

HOUR_S = 3600
Key = tuple[int, int, int]
"""Of a tally of a site: start, series and run."""
Value = tuple[int, int, int]
"""Total and exposure in thousandths, and 1 where it is doubtful."""


def day_of(moment_unix_s: int, zone: tzinfo) -> int:
    """The day that a moment is in, as `date.toordinal`."""
    return datetime.fromtimestamp(moment_unix_s, zone).toordinal()


def midnight_of(day: int, zone: tzinfo) -> int:
    """When a day begins. Where the clock leaps over midnight, that is the first moment of the day."""
    return int(datetime.combine(date.fromordinal(day), time(), zone).timestamp())


@dataclass(slots=True)
class Changes:
    """What is added to sums of one site, by table and cell.

    Attributes:
        added: of what is added up: table -> cell -> total, exposure, doubtful.
        most: of peaks, the same, with the most as the total.
        lowered: peaks that were replaced by lower ones: start and series.
    """

    added: dict[str, dict[tuple[int, ...], list[int]]] = field(default_factory=lambda: {table: {} for table in KEYS})
    most: dict[str, dict[tuple[int, ...], list[int]]] = field(default_factory=lambda: {table: {} for table in KEYS})
    lowered: set[tuple[int, int]] = field(default_factory=set)

    def put(self, key: Key, day: int, about: About, change: Value) -> None:
        """Adds what a tally changes."""
        start, series, _run = key
        hour, measure, part = start // HOUR_S, about.measure, about.part
        most = about.peak
        sums = self.most if most else self.added
        _merge(sums["place_hour"], (hour, series), change, most=most)
        _merge(sums["place_day"], (day, series), change, most=most)
        if about.counted:
            _merge(sums["venue_hour"], (measure, hour, part), change, most=most)
            _merge(sums["venue_day"], (measure, day, part), change, most=most)


def _merge(sums: dict[tuple[int, ...], list[int]], cell: tuple[int, ...], change: Value, *, most: bool) -> None:
    known = sums.get(cell)
    if known is None:
        sums[cell] = list(change)
        return
    known[0] = max(known[0], change[0]) if most else known[0] + change[0]
    known[1] += change[1]
    known[2] += change[2]


@dataclass(frozen=True, slots=True)
class Site:
    """A site while something is added to it.

    Attributes:
        number: of the venue that it was enrolled for.
        zone: which says where its days begin.
        kept_from_unix_s: windows that start before may have been forgotten.
        about: what its series are of.
    """

    number: int
    zone: tzinfo
    kept_from_unix_s: int
    about: Mapping[int, About]


def there(connection: sqlite3.Connection, site: int, rows: Mapping[Key, Value]) -> dict[Key, Value]:
    """Tallies of a site that start when any of these rows does."""
    starts = sorted({start for start, _, _ in rows})
    found = connection.execute(THERE, (msgspec.json.encode(starts).decode(), site))
    return {(start, series, run): (total, exposure, mark) for start, series, run, total, exposure, mark in found}


def changes_of(site: Site, rows: Mapping[Key, Value], known: Mapping[Key, Value]) -> Changes:
    """What rows change in the sums.

    Args:
        site: whose they are.
        rows: what will be stored.
        known: what was stored there before.
    """
    days = {start: day_of(start, site.zone) for start in {start for start, _, _ in rows}}
    about, changes = site.about, Changes()
    for key, value in rows.items():
        change, (start, series, _run) = value, key
        was = known.get(key)
        if was == value:
            continue
        if was is not None:
            peak = about[series].peak
            change = (value[0] if peak else value[0] - was[0], value[1] - was[1], value[2] - was[2])
            if peak and value[0] < was[0]:
                changes.lowered.add((start, series))
        changes.put(key, days[start], about[series], change)
    return changes


def add(connection: sqlite3.Connection, site: Site, changes: Changes) -> None:
    """Brings changes into the sums. Call it when the rows are stored."""
    for statements, sums in ((ADD, changes.added), (KEEP_MOST, changes.most)):
        for table, cells in sums.items():
            if cells:
                connection.executemany(
                    statements[table], [(site.number, *cell, *change) for cell, change in cells.items()]
                )
    if changes.lowered:
        _look_for_most(connection, site, changes.lowered)


def _look_for_most(connection: sqlite3.Connection, site: Site, lowered: set[tuple[int, int]]) -> None:
    """Looks again for the largest peak of the hours and days in which one was lowered.

    Where windows were forgotten, the old one stays: that it was the largest cannot be taken back any more.
    """
    kept = [one for one in lowered if one[0] >= site.kept_from_unix_s]
    peaks = [number for number, about in site.about.items() if about.peak and about.counted]
    steps: tuple[tuple[str, Callable[[int], int], Callable[[int], int]], ...] = (
        ("hour", lambda start: start // HOUR_S, lambda hour: hour * HOUR_S),
        ("day", lambda start: day_of(start, site.zone), lambda day: midnight_of(day, site.zone)),
    )
    for name, step_of, start_of in steps:
        cells = {(step_of(start), series) for start, series in kept}
        connection.executemany(
            PLACE_PEAK[f"place_{name}"],
            [(site.number, start_of(step), start_of(step + 1), series, step) for step, series in cells],
        )
        connection.executemany(
            VENUE_PEAK[f"venue_{name}"],
            [
                (site.number, step, int(Measure.PEAK), msgspec.json.encode(peaks).decode())
                for step in {step for step, _ in cells}
            ],
        )


def first_kept(before_unix_s: int, zone: tzinfo) -> int:
    """The start of the day that a moment is in: windows of days before it may go, and those of no day in part."""
    return midnight_of(day_of(before_unix_s, zone), zone)
