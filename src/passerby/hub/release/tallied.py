"""Tallies of venue-days as they are, before any noise: counts by day and hour, and how much of each was seen.

Coverage says how long the cameras saw their lines. It is published without noise: it tells of cameras, not of people.
Only so much of it depends on people as a machine that falls behind drops frames in a crowd; steps of five per cent,
rounded down, keep that from telling of one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from passerby.core.tallies import Measure
from passerby.hub.contract import Days, DaySum, Point, Span, Sum, Venue
from passerby.hub.release.ledger import Kind
from passerby.records.wire.batches import WHOLE_SITE, Layout

HOUR_S = 3600
STEP_S = 900
"""Midnights of all time zones fall on multiples of it."""
GRACE_S = 2 * HOUR_S
"""A venue whose newest window is so long after a day's end has sent that day."""
VISITS = (Measure.CROSSINGS_IN,)
_STEPS = 20
_ROUNDING = 0.02
"""Of a step: exposures are told in tenths of a second, so that a whole day may be short of itself by a little."""


class Questions(Protocol):
    """What a release asks of the series: `hub.contract.Series` has it, also where it is opened for reading alone."""

    def layouts(self, venue: int) -> dict[str, Layout]:
        """As there."""

    def course(self, venue: int, span: Span, width_s: int, measures: Sequence[Measure]) -> list[Point]:
        """As there."""

    def days(self, days: Days, venues: Sequence[int] | None, measures: Sequence[Measure]) -> list[DaySum]:
        """As there."""

    def hours(self, venues: Sequence[int], span: Span, measures: Sequence[Measure]) -> list[Point]:
        """As there."""

    def place_days(self, venue: int, days: Days, measures: Sequence[Measure]) -> list[Point]:
        """As there."""

    def newest(self) -> dict[int, int]:
        """As there."""


VenueDay = tuple[int, int]
"""Number of the venue, and the day as an ordinal."""


@dataclass(frozen=True, slots=True)
class Tallied:
    """True counts of a venue-day. They never leave this process without noise.

    Attributes:
        start_unix_s: where the first count begins; hours follow each other.
        counts: people who came in: of the day, or of each of its hours.
        coverage: of each, how much was seen, in per cent in steps of five; -1: nothing.
        doubtful: part of it comes from a clock that was off.
    """

    venue: int
    day: int
    kind: Kind
    start_unix_s: int
    counts: tuple[int, ...]
    coverage: tuple[int, ...]
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is asked of the series.

    Attributes:
        venues: which.
        first, last: days, by each venue's own calendar.
        hourly: hours too.
    """

    venues: Sequence[Venue]
    first: date
    last: date
    hourly: bool = False


class Reader:
    """Reads what can be measured.

    Args:
        series: the hub's.
        now_unix_s: the hub's clock.
        wait_days: a day that is not there completely is taken as it is when it has been over for so long.
    """

    def __init__(self, series: Questions, now_unix_s: float, wait_days: int) -> None:
        self._series, self._now_unix_s, self._wait_s = series, now_unix_s, wait_days * 24 * HOUR_S

    def read(self, asked: Waiting) -> dict[VenueDay, list[Tallied] | str]:
        """By venue-day: its count and, if asked, its hours; or why there is none."""
        numbers = [venue.number for venue in asked.venues]
        sums = {
            (one.venue, one.day.toordinal()): one.sum
            for one in self._series.days(Days(asked.first, asked.last), numbers, VISITS)
            if one.measure in VISITS
        }
        newest = self._series.newest()
        found: dict[VenueDay, list[Tallied] | str] = {}
        for venue in asked.venues:
            lines = self._lines(venue, Days(asked.first, asked.last))
            hours = self._hours(venue, asked) if asked.hourly else {}
            for day in _days(asked):
                key = (venue.number, day.toordinal())
                span = span_of(venue, day)
                why = self._missing(span, newest.get(venue.number), sums.get(key))
                found[key] = why or list(_tallied(key, span, lines, (sums[key], hours if asked.hourly else None)))
        return found

    def _missing(self, span: Span, newest_unix_s: int | None, total: Sum | None) -> str:
        late_s = self._now_unix_s - span.until_unix_s
        if late_s < 0:
            return "is not over"
        whole = newest_unix_s is not None and newest_unix_s >= span.until_unix_s + GRACE_S
        if not whole and late_s <= self._wait_s:
            return "is not here completely yet"
        return "was not seen" if total is None or total.exposure <= 0 else ""

    def _lines(self, venue: Venue, days: Days) -> int:
        """How many lines a venue has, by what was expected and what was heard of; a site that sends sums has one."""
        places = {(one.camera, one.name) for one in self._series.place_days(venue.number, days, VISITS)}
        if places and all(camera == name == WHOLE_SITE for camera, name in places):
            return 1
        return max(1, venue.expected_lines, len(places))

    def _hours(self, venue: Venue, asked: Waiting) -> dict[int, Sum]:
        """Sums by start of the venue's own hours."""
        first, last = span_of(venue, asked.first), span_of(venue, asked.last)
        span = Span(first.since_unix_s, last.until_unix_s)
        spans = [span_of(venue, day) for day in _days(asked)]
        if all(one.since_unix_s % HOUR_S == one.until_unix_s % HOUR_S == 0 for one in spans):
            return {one.start_unix_s: one.sum for one in self._series.hours([venue.number], span, VISITS)}
        sums: dict[int, list[Sum]] = defaultdict(list)
        starts = [start for one in spans for start in starts_of(one)]
        at = 0
        for point in sorted(
            self._series.course(venue.number, span, STEP_S, VISITS), key=lambda point: point.start_unix_s
        ):
            while at + 1 < len(starts) and starts[at + 1] <= point.start_unix_s:
                at += 1
            sums[starts[at]].append(point.sum)
        return {start: _added(parts) for start, parts in sums.items()}


def span_of(venue: Venue, day: date) -> Span:
    """A day by a venue's calendar; 23 or 25 hours where clocks change."""
    zone = ZoneInfo(venue.zone)
    ends = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    since, until = (int(end.timestamp()) for end in ends)
    return Span(since, until)


def starts_of(span: Span) -> range:
    """Where the hours of a day begin."""
    return range(span.since_unix_s, span.until_unix_s, HOUR_S)


def coverage_of(exposure_s: float, whole_s: float) -> int:
    """How much was seen, in per cent in steps of five, rounded down; -1: nothing."""
    if exposure_s <= 0:
        return -1
    return min(_STEPS, int(exposure_s / whole_s * _STEPS + _ROUNDING)) * (100 // _STEPS)


def _tallied(key: VenueDay, span: Span, lines: int, sums: tuple[Sum, Mapping[int, Sum] | None]) -> Iterator[Tallied]:
    of_day, of_hours = sums
    whole_s = (span.until_unix_s - span.since_unix_s) * lines
    seen = coverage_of(of_day.exposure, whole_s)
    yield Tallied(*key, Kind.DAY, span.since_unix_s, (round(of_day.total),), (seen,), of_day.doubtful)
    if of_hours is None:
        return
    parts = [of_hours.get(start, Sum(0.0, 0.0)) for start in starts_of(span)]
    yield Tallied(
        *key,
        Kind.HOURS,
        span.since_unix_s,
        tuple(round(part.total) for part in parts),
        tuple(coverage_of(part.exposure, HOUR_S * lines) for part in parts),
        any(part.doubtful for part in parts),
    )


def _added(parts: Iterable[Sum]) -> Sum:
    held = list(parts)
    doubtful = any(part.doubtful for part in held)
    return Sum(sum(part.total for part in held), sum(part.exposure for part in held), doubtful)


def _days(asked: Waiting) -> Iterator[date]:
    for ordinal in range(asked.first.toordinal(), asked.last.toordinal() + 1):
        yield date.fromordinal(ordinal)
