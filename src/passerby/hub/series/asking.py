"""The questions that are asked of the hub's tallies, each answered from the table that has least to read."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from passerby.core.tallies import Measure
from passerby.hub.contract import Days, DaySum, Point, Span, Sum
from passerby.hub.series.adding import HOUR_S, midnight_of
from passerby.hub.series.answers import MEASURES, MILLI, SEEN_ONCE, by_place, sum_of, whole_hours
from passerby.hub.series.readers import Readers
from passerby.hub.series.taking import zone_of
from passerby.records.wire.batches import Layout

_LATEST = 2**40

_WINDOWS = """
SELECT series, start_unix_s / :step * :step AS start, sum(total_milli), max(total_milli), sum(exposure_milli),
       max(doubtful)
FROM tally WHERE site = :site AND start_unix_s >= :since AND start_unix_s < :until
             AND series IN (SELECT value FROM json_each(:series)) AND run IN (SELECT value FROM json_each(:runs))
GROUP BY series, start
"""
_HOURS = """
SELECT series, hour * 3600 / :step * :step AS start, sum(total_milli), max(total_milli), sum(exposure_milli),
       max(doubtful)
FROM place_hour WHERE site = :site AND hour BETWEEN :first AND :last
                  AND series IN (SELECT value FROM json_each(:series))
GROUP BY series, start
"""
_DAYS = """
SELECT series, day, total_milli, exposure_milli, doubtful
FROM place_day WHERE site = :site AND day BETWEEN :first AND :last
                 AND series IN (SELECT value FROM json_each(:series))
"""
_VENUES = """
SELECT site.venue, sums.measure, sums.{step}, sums.part, sums.total_milli, sums.exposure_milli, sums.doubtful
FROM site CROSS JOIN {table} AS sums ON sums.site = site.id
WHERE {venues} AND sums.measure IN (SELECT value FROM json_each(:measures))
  AND sums.{step} BETWEEN :first AND :last
"""
_TOTALS = """
SELECT site.venue, sums.measure, sums.part, sum(sums.total_milli), max(sums.total_milli), sum(sums.exposure_milli),
       max(sums.doubtful)
FROM site CROSS JOIN venue_hour AS sums ON sums.site = site.id
WHERE {venues} AND sums.measure IN (SELECT value FROM json_each(:measures))
  AND sums.hour BETWEEN :first AND :last
GROUP BY site.venue, sums.measure, sums.part
"""
_SOME = "site.venue IN (SELECT value FROM json_each(:venues))"


@dataclass(frozen=True, slots=True)
class _Place:
    """What a series is of, under the name that people see."""

    camera: str
    name: str
    measure: Measure
    part: int


@dataclass(slots=True)
class _Site:
    """A site whose places are asked for."""

    number: int
    zone: str
    kept_from_unix_s: int
    places: dict[int, _Place]


class Asking:
    """What can be asked of a file of tallies.

    Args:
        readers: connections to it.
    """

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def marks(self, venue: int) -> dict[str, int]:
        """As `contract.Series.marks`."""
        statement = "SELECT outbox, mark FROM outbox WHERE site IN (SELECT id FROM site WHERE id = ?1 OR venue = ?1)"
        with self._readers.one() as connection:
            return dict(connection.execute(statement, (venue,)).fetchall())

    def layouts(self, venue: int) -> dict[str, Layout]:
        """As `contract.Series.layouts`."""
        statement = "SELECT digest, json FROM layout WHERE site IN (SELECT id FROM site WHERE id = ?1 OR venue = ?1)"
        with self._readers.one() as connection:
            found = connection.execute(statement, (venue,)).fetchall()
        return {digest: msgspec.json.decode(json, type=Layout) for digest, json in found}

    def course(self, venue: int, span: Span, width_s: int, measures: Sequence[Measure]) -> list[Point]:
        """As `contract.Series.course`."""
        whole = not any(moment % HOUR_S for moment in (width_s, span.since_unix_s, span.until_unix_s))
        found: list[Point] = []
        with self._reading() as connection:
            for site in _sites(connection, venue, measures):
                cut = span.until_unix_s if whole else site.kept_from_unix_s // HOUR_S * HOUR_S
                sums = _Sums(venue, site.places)
                first, last = whole_hours(Span(span.since_unix_s, min(cut, span.until_unix_s)))
                step = max(width_s, HOUR_S)
                hours = {**_asked(site), "first": first, "last": last, "step": step}
                sums.add(connection.execute(_HOURS, hours), step)
                since = max(cut, span.since_unix_s)
                for step, runs in _runs(connection, site.number, width_s).items() if since < span.until_unix_s else ():
                    windows = {"since": since, "until": span.until_unix_s, "step": step, "runs": _json(runs)}
                    sums.add(connection.execute(_WINDOWS, {**_asked(site), **windows}), step)
                found += sums.points()
        return sorted(found, key=by_place)

    def now(self, since_unix_s: int, measures: Sequence[Measure]) -> list[Point]:
        """As `contract.Series.now`."""
        return self._hours(None, (since_unix_s // HOUR_S, _LATEST), measures)

    def hours(self, venues: Sequence[int], span: Span, measures: Sequence[Measure]) -> list[Point]:
        """As `contract.Series.hours`."""
        return self._hours(venues, whole_hours(span), measures)

    def days(self, days: Days, venues: Sequence[int] | None, measures: Sequence[Measure]) -> list[DaySum]:
        """As `contract.Series.days`."""
        span = (days.first.toordinal(), days.last.toordinal())
        rows = self._sums("venue_day", "day", (venues, span, measures))
        return [
            DaySum(venue, date.fromordinal(day), MEASURES[measure], part, sum_of(total, exposure, doubtful))
            for venue, measure, day, part, total, exposure, doubtful in rows
        ]

    def totals(
        self, span: Span, venues: Sequence[int] | None, measures: Sequence[Measure]
    ) -> dict[tuple[int, Measure, int], Sum]:
        """As `contract.Series.totals`."""
        first, last = whole_hours(span)
        values = {"venues": _json(venues or ()), "measures": _json(measures), "first": first, "last": last}
        with self._reading() as connection:
            rows = connection.execute(_TOTALS.format(venues="1" if venues is None else _SOME), values).fetchall()
        return {
            (venue, MEASURES[measure], part): sum_of(most if measure == Measure.PEAK else total, exposure, doubtful)
            for venue, measure, part, total, most, exposure, doubtful in rows
        }

    def place_days(self, venue: int, days: Days, measures: Sequence[Measure]) -> list[Point]:
        """As `contract.Series.place_days`."""
        found: list[Point] = []
        values = {"first": days.first.toordinal(), "last": days.last.toordinal()}
        with self._reading() as connection:
            for site in _sites(connection, venue, measures):
                zone = zone_of(site.zone)
                for series, day, total, exposure, doubtful in connection.execute(_DAYS, {**_asked(site), **values}):
                    place, start = site.places[series], midnight_of(day, zone)
                    width = midnight_of(day + 1, zone) - start
                    about = (place.camera, place.name, place.measure, place.part)
                    found.append(Point(venue, *about, start, width, sum_of(total, exposure, doubtful)))
        return sorted(found, key=by_place)

    def newest(self) -> dict[int, int]:
        """As `contract.Series.newest`."""
        with self._reading() as connection:
            statement = "SELECT venue, max(newest_unix_s) FROM site WHERE newest_unix_s > 0 GROUP BY venue"
            return dict(connection.execute(statement).fetchall())

    def set_aside(self, venue: int | None = None) -> list[tuple[int, str, int, str]]:
        """As `contract.Series.set_aside`."""
        statement = """
        SELECT site.venue, outbox, sequence, why FROM aside JOIN site ON site.id = aside.site
        WHERE ?1 IS NULL OR site.venue = ?1 ORDER BY aside.id DESC
        """
        with self._reading() as connection:
            return connection.execute(statement, (venue,)).fetchall()

    def _hours(self, venues: Sequence[int] | None, hours: tuple[int, int], measures: Sequence[Measure]) -> list[Point]:
        return [
            Point(venue, "", "", MEASURES[measure], part, hour * HOUR_S, HOUR_S, sum_of(total, exposure, doubtful))
            for venue, measure, hour, part, total, exposure, doubtful in self._sums(
                "venue_hour", "hour", (venues, hours, measures)
            )
        ]

    def _sums(
        self, table: str, step: str, asked: tuple[Sequence[int] | None, tuple[int, int], Sequence[Measure]]
    ) -> list[tuple[int, ...]]:
        """Sums of venues by venue, measure, step and part; those of merged sites as one."""
        venues, (first, last), measures = asked
        statement = _VENUES.format(table=table, step=step, venues="1" if venues is None else _SOME)
        values = {"venues": _json(venues or ()), "measures": _json(measures), "first": first, "last": last}
        with self._reading() as connection:
            rows = connection.execute(statement, values).fetchall()
            merged = connection.execute("SELECT 1 FROM site WHERE venue <> id LIMIT 1").fetchone()
        if merged:
            rows = _merged(rows)
        rows.sort()
        return rows

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment of the store however many statements it is given."""
        with self._readers.one() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")


class _Sums:
    """Sums of places of a site by step, put together from hours and windows."""

    def __init__(self, venue: int, places: dict[int, _Place]) -> None:
        self._venue = venue
        self._places = places
        self._found: dict[tuple[int, int, int], tuple[int, int, int]] = {}

    def add(self, rows: Iterable[tuple[int, ...]], width_s: int) -> None:
        """Adds what was read in steps of a width."""
        for series, start, total, most, exposure, doubtful in rows:
            peak = self._places[series].measure is Measure.PEAK
            value = (most if peak else total, exposure, doubtful)
            known = self._found.get((series, start, width_s))
            if known is not None:
                value = _both(known, value, peak=peak)
            self._found[series, start, width_s] = value

    def points(self) -> list[Point]:
        """What came together."""
        found = []
        for (series, start, width_s), (total, exposure, doubtful) in self._found.items():
            place = self._places[series]
            seen = min(exposure, width_s * MILLI) if place.measure in SEEN_ONCE else exposure
            about = (place.camera, place.name, place.measure, place.part)
            found.append(Point(self._venue, *about, start, width_s, sum_of(total, seen, doubtful)))
        return found


def _both(one: Sequence[int], other: Sequence[int], *, peak: bool) -> tuple[int, int, int]:
    total = max(one[0], other[0]) if peak else one[0] + other[0]
    return (total, one[1] + other[1], one[2] + other[2])


def _merged(rows: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    found: dict[tuple[int, ...], tuple[int, int, int]] = {}
    for venue, measure, step, part, *value in rows:
        key = (venue, measure, step, part)
        known = found.get(key)
        found[key] = _both(known or (0, 0, 0), value, peak=measure == Measure.PEAK)
    return [(*key, *value) for key, value in found.items()]


def _sites(connection: sqlite3.Connection, venue: int, measures: Sequence[Measure]) -> list[_Site]:
    """The sites of a venue with the places of theirs that have any of some measures."""
    found = connection.execute(
        "SELECT id, name, zone, kept_from_unix_s FROM site WHERE venue = ? ORDER BY id <> venue, id", (venue,)
    ).fetchall()
    taken: set[str] = set()
    sites = []
    for number, name, zone, kept_from in found:
        cameras = {row[0] for row in connection.execute("SELECT DISTINCT camera FROM series WHERE site = ?", (number,))}
        shown = {camera: f"{name}: {camera}" if camera in taken else camera for camera in cameras}
        taken |= set(shown.values())
        places = {
            series: _Place(shown[camera], place, MEASURES[measure], part)
            for series, camera, place, measure, part in connection.execute(
                "SELECT number, camera, name, measure, part FROM series "
                "WHERE site = ? AND measure IN (SELECT value FROM json_each(?))",
                (number, _json(measures)),
            )
        }
        sites.append(_Site(number, zone, kept_from, places))
    return sites


def _asked(site: _Site) -> dict[str, Any]:
    return {"site": site.number, "series": _json(site.places)}


def _runs(connection: sqlite3.Connection, site: int, width_s: int) -> dict[int, list[int]]:
    """Runs of a site by the step that their windows come in: the one that was asked for, or their own."""
    found: dict[int, list[int]] = {}
    for number, width in connection.execute("SELECT number, width_s FROM run WHERE site = ?", (site,)):
        found.setdefault(max(width_s, width), []).append(number)
    return found


def _json(numbers: Iterable[int]) -> str:
    return msgspec.json.encode([int(number) for number in numbers]).decode()
