"""The questions that are asked of the hub's tallies in ClickHouse."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from passerby.core.tallies import Measure
from passerby.errors import StoreError
from passerby.hub.contract import Days, DaySum, Point, Span, Sum
from passerby.hub.series.adding import midnight_of
from passerby.hub.series.answers import HOUR_S, MEASURES, MILLI, SEEN_ONCE, by_place, sum_of, whole_hours
from passerby.hub.series.clickhouse import statements
from passerby.hub.series.clickhouse.runner import Runner
from passerby.hub.series.clickhouse.sites import Site, Sites
from passerby.hub.series.taking import zone_of
from passerby.records.wire.batches import Layout

_LAST_STEP = 2**32 - 1
_Asked = tuple[Sequence[int] | None, tuple[int, int], Sequence[Measure]]
"""Venues, None for all; the first and the last step; measures."""


class Asking:
    """What can be asked.

    Args:
        runner: the way to ClickHouse.
        sites: all sites.
    """

    def __init__(self, runner: Runner, sites: Sites) -> None:
        self._runner, self._sites = runner, sites

    def marks(self, venue: int) -> dict[str, int]:
        """As `contract.Series.marks`."""
        sites = self._numbers(venue)
        outboxes = [row[1].decode() for row in self._runner.query(statements.OUTBOXES, {"sites": sites})]
        return {outbox: mark for (_, outbox), mark in self._marks(sites, outboxes).items()}

    def layouts(self, venue: int) -> dict[str, Layout]:
        """As `contract.Series.layouts`."""
        found = self._runner.query(statements.LAYOUTS, {"sites": self._numbers(venue)})
        return {digest.decode(): msgspec.json.decode(json, type=Layout) for digest, json in found}

    def course(self, venue: int, span: Span, width_s: int, measures: Sequence[Measure]) -> list[Point]:
        """As `contract.Series.course`."""
        whole = not any(moment % HOUR_S for moment in (width_s, span.since_unix_s, span.until_unix_s))
        found: list[Point] = []
        for site, shown in self._shown(venue):
            cut = span.until_unix_s if whole else site.cut_unix_s
            times = {"since": span.since_unix_s, "until": span.until_unix_s, "cut": cut, "width": width_s}
            for row in self._runner.query(statements.COURSE, {**_of(site, measures), **times}):
                _, camera, name, measure, part, start, width, total, exposure, doubtful = row
                about = (shown.get(camera, camera), name, MEASURES[measure], part)
                seen = min(exposure, width * MILLI) if MEASURES[measure] in SEEN_ONCE else exposure
                found.append(Point(venue, *about, start, width, sum_of(total, seen, doubtful)))
        return sorted(found, key=by_place)

    def now(self, since_unix_s: int, measures: Sequence[Measure]) -> list[Point]:
        """As `contract.Series.now`."""
        return self._hours((None, (since_unix_s // HOUR_S, _LAST_STEP), measures))

    def hours(self, venues: Sequence[int], span: Span, measures: Sequence[Measure]) -> list[Point]:
        """As `contract.Series.hours`."""
        return self._hours((venues, whole_hours(span), measures))

    def days(self, days: Days, venues: Sequence[int] | None, measures: Sequence[Measure]) -> list[DaySum]:
        """As `contract.Series.days`."""
        rows = self._ask(statements.venue_sums("venue_days"), (venues, _ordinals(days), measures))
        return [
            DaySum(venue, date.fromordinal(day), MEASURES[measure], part, sum_of(*sums))
            for venue, measure, day, part, *sums in rows
        ]

    def totals(
        self, span: Span, venues: Sequence[int] | None, measures: Sequence[Measure]
    ) -> dict[tuple[int, Measure, int], Sum]:
        """As `contract.Series.totals`."""
        rows = self._ask(statements.TOTALS, (venues, whole_hours(span), measures))
        return {(venue, MEASURES[measure], part): sum_of(*sums) for venue, measure, part, *sums in rows}

    def place_days(self, venue: int, days: Days, measures: Sequence[Measure]) -> list[Point]:
        """As `contract.Series.place_days`."""
        first, last = _ordinals(days)
        found: list[Point] = []
        for site, shown in self._shown(venue):
            zone = zone_of(site.zone)
            asked = {**_of(site, measures), "first": first, "last": last}
            for _, camera, name, measure, part, day, *sums in self._runner.query(statements.PLACE_DAYS, asked):
                start = midnight_of(day, zone)
                about = (shown.get(camera, camera), name, MEASURES[measure], part)
                found.append(Point(venue, *about, start, midnight_of(day + 1, zone) - start, sum_of(*sums)))
        return sorted(found, key=by_place)

    def newest(self) -> dict[int, int]:
        """As `contract.Series.newest`."""
        found: dict[int, int] = {}
        for number, newest in self._runner.query(statements.NEWEST):
            site = self._sites.get(number)
            venue = site.venue if site else number
            found[venue] = max(newest, found.get(venue, 0))
        return found

    def set_aside(self, venue: int | None = None) -> list[tuple[int, str, int, str]]:
        """As `contract.Series.set_aside`."""
        venues = {site.number: site.venue for site in self._sites.all() if venue in (None, site.venue)}
        rows = self._runner.query(statements.ASIDES, {"sites": list(venues)})
        return [(venues[site], outbox.decode(), sequence, why) for site, outbox, sequence, why in rows]

    def problems(self) -> list[str]:
        """As `contract.Series.problems`."""
        try:
            self._runner.query("SELECT 1")
        except StoreError as error:
            return [str(error)]
        return []

    def _marks(self, sites: Sequence[int], outboxes: Sequence[str]) -> dict[tuple[int, str], int]:
        """By site and outbox: up to which batch all are taken."""
        found: dict[tuple[int, str], int] = {}
        for site, outbox, last, how_many in self._runner.query(
            statements.MARKS, {"sites": sites, "outboxes": outboxes}
        ):
            of = {"site": site, "outbox": outbox.decode()}
            whole = last == how_many
            found[site, outbox.decode()] = last if whole else self._runner.query(statements.MARK_BEFORE_A_GAP, of)[0][0]
        return found

    def _hours(self, asked: _Asked) -> list[Point]:
        return [
            Point(venue, "", "", MEASURES[measure], part, hour * HOUR_S, HOUR_S, sum_of(*sums))
            for venue, measure, hour, part, *sums in self._ask(statements.venue_sums("venue_hours"), asked)
        ]

    def _ask(self, statement: str, asked: _Asked) -> Sequence[Sequence[int]]:
        venues, (first, last), measures = asked
        wanted = None if venues is None else set(venues)
        sites = [site for site in self._sites.all() if wanted is None or site.venue in wanted]
        if not sites or last < first:
            return []
        of = {"sites": [site.number for site in sites], "venues": [site.venue for site in sites]}
        return self._runner.query(statement, {**of, "measures": _codes(measures), "first": first, "last": last})

    def _numbers(self, venue: int) -> list[int]:
        """Sites that are a venue's, or were."""
        return [venue, *(site.number for site in self._sites.of(venue) if site.number != venue)]

    def _shown(self, venue: int) -> list[tuple[Site, dict[str, str]]]:
        """Sites of a venue, with the names that their cameras have where another's has the same."""
        sites = self._sites.of(venue)
        if len(sites) < 2:
            return [(site, {}) for site in sites]
        taken: set[str] = set()
        found = []
        for site in sites:
            rows = self._runner.query(statements.LAYOUTS, {"sites": [site.number]})
            layouts = [msgspec.json.decode(json, type=Layout) for _, json in rows]
            mine = {place.camera for layout in layouts for place in layout.places if place.kind != "place"}
            shown = {camera: f"{site.name}: {camera}" for camera in mine if camera in taken}
            taken |= {shown.get(camera, camera) for camera in mine}
            found.append((site, shown))
        return found


def _of(site: Site, measures: Sequence[Measure]) -> dict[str, Any]:
    return {"site": site.number, "measures": _codes(measures)}


def _codes(measures: Sequence[Measure]) -> list[int]:
    return [int(measure) for measure in measures]


def _ordinals(days: Days) -> tuple[int, int]:
    return days.first.toordinal(), days.last.toordinal()
