"""The windows of a place, gathered from all its lines and zones, since it opened."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from passerby.core.occupancy import Flow, Occupancy
from passerby.core.tallies import LINE_MEASURES, Measure, Tally, merge, window_start
from passerby.site.figures import present_hour
from passerby.site.settled import Settled, joined
from passerby.site.store import HOUR_S, Filter, Store

GRACE_S = 30
"""A window may reach the store so much after its end; what is not there by then counts as not seen."""

Spot = tuple[str, str]
"""A camera, and a line or zone of it."""

_MEASURES = (*LINE_MEASURES, Measure.PEOPLE)


@dataclass(frozen=True, slots=True)
class PlaceSettings:
    """A place, as the configuration has it.

    Attributes:
        name: stands on the page and in the API.
        lines, zones: camera and name of each.
        opens: local time at which its occupancy is set to zero; None for midnight.
        crowd_limit: as many people may be inside, or None.
        zones_see_all: its zones see the whole place.
    """

    name: str
    lines: tuple[Spot, ...] = ()
    zones: tuple[Spot, ...] = ()
    opens: time | None = None
    crowd_limit: int | None = None
    zones_see_all: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """The time of one place from its opening.

    Attributes:
        opened_unix_s: when it opened.
        until_unix_s: windows that end by then are told.
        window_s: width of the windows, as configured.
    """

    opened_unix_s: float
    until_unix_s: float
    window_s: int


def last_opening(now_unix_s: float, opens: time | None, zone: tzinfo | None) -> float:
    """When a place opened last in a zone (None: the machine's), also on days of 23 and 25 hours.

    A time that a day skips, as clocks go forward, is taken as much later; of one that comes twice the first counts.
    """
    today = datetime.fromtimestamp(now_unix_s, zone).date()
    moments = (datetime.combine(today - timedelta(days), opens or time(), zone).timestamp() for days in (0, 1, 2))
    return next(moment for moment in moments if moment <= now_unix_s)


class PlaceTallies:
    """What places need of the store. Hours that are over are kept: they are most of a day."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._over = Settled(store, self.between)

    def since(self, since_unix_s: float, now_unix_s: float) -> dict[Spot, list[Tally]]:
        """Tallies of today by line and zone.

        Raises:
            StoreError: the store cannot be read.
        """
        since = window_start(since_unix_s, HOUR_S)
        hour = max(since, present_hour(now_unix_s))
        return joined(self._over.between(since, hour), self.between(hour, now_unix_s))

    def between(self, since_unix_s: float, until_unix_s: float) -> dict[Spot, list[Tally]]:
        """Tallies of the windows that hold any of a span of time, by line and zone.

        Raises:
            StoreError: the store cannot be read.
        """
        found: dict[Spot, list[Tally]] = {}
        for measure in _MEASURES:
            which = Filter(measure=measure, since_unix_s=window_start(since_unix_s, HOUR_S), until_unix_s=until_unix_s)
            for tally in self._store.query(which):
                found.setdefault((tally.camera, tally.subject), []).append(tally)
        return found


class PlaceWindows:
    """What the lines and zones of a place have told, by window.

    Windows have the configured width. On a day on which that was changed, they have the least width that all fit into.
    """

    def __init__(self, place: PlaceSettings, day: Day, found: dict[Spot, list[Tally]]) -> None:
        tallies = [tally for spot in (*place.lines, *place.zones) for tally in found.get(spot, [])]
        self._day = day
        widths = {day.window_s, *(tally.width_s for tally in tallies)}
        self._width_s = math.lcm(*widths)
        self._in: dict[tuple[str, str, int], Tally] = {}
        self._out: dict[tuple[str, str, int], Tally] = {}
        self._people: dict[tuple[str, str, int], Tally] = {}
        of = {Measure.CROSSINGS_IN: self._in, Measure.CROSSINGS_OUT: self._out, Measure.PEOPLE: self._people}
        for tally in tallies if len(widths) == 1 else merge(tallies, self._width_s):
            of[tally.measure][tally.camera, tally.subject, tally.start_unix_s] = tally

    def starts(self, spots: Sequence[Spot]) -> list[int]:
        """Windows of today that are over and of which all spots have told, or are late by more than the grace."""
        first, until = window_start(self._day.opened_unix_s, self._width_s), self._day.until_unix_s
        starts = []
        for start in range(first, int(until), self._width_s):
            late_s = until - (start + self._width_s)
            if late_s < 0 or (late_s < GRACE_S and not all(self._of(spot, start) for spot in spots)):
                break
            starts.append(start)
        return starts

    def flow(self, start: int, lines: Sequence[Spot]) -> Flow:
        """What all lines tell of a window."""
        entered, left = (
            sum(tally.total for line in lines if (tally := table.get((*line, start))))
            for table in (self._in, self._out)
        )
        return Flow(start, self._width_s, entered, left, self._coverage(start, lines))

    def level(self, start: int, zones: Sequence[Spot]) -> Occupancy:
        """What zones that see the whole place tell of a window."""
        people = self._zone_mean(start, zones)
        return Occupancy(start + self._width_s, people, None, None, self._coverage(start, zones), people)

    def zone_means(self, zones: Sequence[Spot]) -> dict[float, float]:
        """Mean people of all zones together, by the end of the window, of windows that all of them saw."""
        starts = {start for *_, start in self._people}
        found = {float(start + self._width_s): self._zone_mean(start, zones) for start in starts}
        return {end: people for end, people in found.items() if people is not None}

    def _zone_mean(self, start: int, zones: Sequence[Spot]) -> float | None:
        means = [tally.value for zone in zones if (tally := self._of(zone, start))]
        known = [mean for mean in means if mean is not None]
        return math.fsum(known) if zones and len(known) == len(zones) else None

    def _coverage(self, start: int, spots: Sequence[Spot]) -> float:
        tallies = [self._of(spot, start) for spot in spots]
        return min((tally.coverage or 0.0) if tally else 0.0 for tally in tallies)

    def _of(self, spot: Spot, start: int) -> Tally | None:
        """A line's or a zone's tally of a window: those of one place have the same exposure."""
        key = (*spot, start)
        return self._in.get(key) or self._people.get(key)
