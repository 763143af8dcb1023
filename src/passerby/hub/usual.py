"""What is usual: the same weekday of up to four weeks before, up to the same time of day.

Sums by the hour are read once an hour. Within an hour people are taken to come evenly, so that a quarter past is
compared with a quarter past.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from passerby.core.tallies import Measure
from passerby.hub.contract import Series, Span, Venue

HOUR_S = 3600
WEEKS = 4
LEAST_SEEN = 0.8
"""A day that was seen for less than this share of the best seen of its kind is left out: who came meanwhile is missing,
as on the first day of a site."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual up to a moment: the median, and of how many days; None where no day was seen."""

    value: float | None = None
    days: int = 0


@dataclass(slots=True)
class _Day:
    """A day of a venue: people who came by the hour (UTC), and whether its lines were seen in it."""

    midnight_unix_s: float
    came: dict[int, float] = field(default_factory=dict)
    exposure: dict[int, float] = field(default_factory=dict)

    def until(self, moment_unix_s: float) -> tuple[float, float]:
        """How many came since midnight, and how long its lines were seen, in seconds, all lines together."""
        return self._sum(self.came, moment_unix_s), self._sum(self.exposure, moment_unix_s)

    def _sum(self, of: Mapping[int, float], moment_unix_s: float) -> float:
        total = 0.0
        for start, value in of.items():
            begin, end = max(start, self.midnight_unix_s), min(start + HOUR_S, moment_unix_s)
            if end > begin:
                total += value * (end - begin) / HOUR_S
        return total


class UsualDays:
    """The days that today is compared with, of all venues.

    Args:
        series: where sums by the hour are.
    """

    def __init__(self, series: Series) -> None:
        self._series = series
        self._read_hour = -1
        self._days: dict[int, list[_Day]] = {}

    def read(self, venues: Sequence[Venue], now_unix_s: float) -> None:
        """Reads them anew when an hour is over, since a site may have caught up, or the next day has begun.

        Raises:
            StoreError: the store cannot be read.
        """
        hour = int(now_unix_s // HOUR_S)
        known = {venue.number for venue in venues}
        if hour != self._read_hour or not known <= self._days.keys():
            self._days = self._all(venues, now_unix_s)
            self._read_hour = hour

    def until(self, venue: Venue, moment_unix_s: float, seen_s: float = 0.0) -> Usual:
        """What is usual at a venue on this weekday up to this time of day.

        Args:
            venue: which; it was among those that were read.
            moment_unix_s: today, up to when its windows are there.
            seen_s: how long its lines were seen today, all lines together.
        """
        zone = ZoneInfo(venue.zone)
        local = datetime.fromtimestamp(moment_unix_s, zone)
        found = []
        for weeks, day in enumerate(self._days.get(venue.number, ()), 1):
            # The same time by the clock on the wall, also over a change to summer time.
            same = datetime.combine(local.date() - timedelta(weeks=weeks), local.time(), zone)
            found.append(day.until(same.timestamp()))
        alike = well_seen(found, seen_s)
        return Usual(median(alike), len(alike)) if alike else Usual()

    def _all(self, venues: Sequence[Venue], now_unix_s: float) -> dict[int, list[_Day]]:
        by_zone: dict[str, list[int]] = defaultdict(list)
        for venue in venues:
            by_zone[venue.zone].append(venue.number)
        days: dict[int, list[_Day]] = {venue.number: [] for venue in venues}
        for zone, numbers in by_zone.items():
            today = datetime.fromtimestamp(now_unix_s, ZoneInfo(zone)).date()
            for weeks in range(1, WEEKS + 1):
                day = today - timedelta(weeks=weeks)
                read = self._day(numbers, midnight(day, zone), midnight(day + timedelta(days=1), zone))
                for number in numbers:
                    days[number].append(read[number])
        return days

    def _day(self, numbers: list[int], since: float, until: float) -> dict[int, _Day]:
        found = {number: _Day(since) for number in numbers}
        span = Span(int(since // HOUR_S) * HOUR_S, -int(-until // HOUR_S) * HOUR_S)
        for point in self._series.hours(numbers, span, (Measure.CROSSINGS_IN,)):
            day = found.get(point.venue)
            if day is not None:
                start = point.start_unix_s
                day.came[start] = day.came.get(start, 0.0) + point.sum.total
                day.exposure[start] = day.exposure.get(start, 0.0) + point.sum.exposure
        return found


def well_seen(days: Sequence[tuple[float, float]], seen_s: float = 0.0) -> list[float]:
    """Figures of those days that were seen about as long as the best of them, and as the day they are held against.

    Args:
        days: the figure of each, and how long it was seen, in seconds.
        seen_s: how long that other day was seen.
    """
    best = max((seen for _, seen in days), default=0.0)
    return [figure for figure, seen in days if seen > 0 and seen >= LEAST_SEEN * max(best, seen_s)]


def midnight(day: date, zone: str) -> float:
    """When a day begins in a zone, in Unix seconds, also where its clocks change."""
    return datetime.combine(day, time(), ZoneInfo(zone)).timestamp()


def today(now_unix_s: float, zone: str) -> date:
    """Which day it is in a zone."""
    return datetime.fromtimestamp(now_unix_s, ZoneInfo(zone)).date()


def first_and_last(now_unix_s: float, zones: Iterable[str]) -> tuple[date, date]:
    """The days that it is now, over all zones: two or three at most."""
    days = [today(now_unix_s, zone) for zone in set(zones)]
    return min(days), max(days)
