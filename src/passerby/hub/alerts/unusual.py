"""Watches whether visitors of the last hours are what is usual for them, by venue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from passerby.core.tallies import Measure
from passerby.hub.alerts.bands import HOURS, MOST_WEEKS, Band, day_bands
from passerby.hub.alerts.config import HubAlert
from passerby.hub.alerts.words import Seen
from passerby.hub.contract import Series, Span, Sum, Venue
from passerby.hub.usual import midnight

HOUR_S = 3600
_READ_EVERY_S = 60.0
_LATE_S = 3 * HOUR_S
_MOST_AT_ONCE = 10
"""So many days are forecast in one look, so that the others' alerts do not wait for them."""
LEAST_VISITORS = 20
"""An hour in which fewer came, and fewer are usual, is not judged: it would tell of one person at night."""
_LEAST_PAST, _LEAST_NOW = 0.5, 0.8
"""Of what is seen of an hour otherwise so much has to be seen of an hour that teaches, and of one that is judged."""


@dataclass(frozen=True, slots=True)
class _Day:
    """What is usual on one day: a band for each hour on the clock of the wall, and for how long lines are seen."""

    bands: list[Band]
    exposure: float


class UsualHours:
    """Bands of all venues, forecast when they are needed. Used by one thread.

    Args:
        series: tallies of all venues.
    """

    def __init__(self, series: Series) -> None:
        self._series = series
        self._read_unix_s = float("-inf")
        self._sums: dict[int, dict[int, Sum]] = {}
        self._newest: Mapping[int, int] = {}
        self._days: dict[tuple[int, date, float], _Day | None] = {}
        self._left = 0

    def read(self, now_unix_s: float) -> None:
        """Reads the last day of all venues, once a minute.

        Raises:
            StoreError: the store cannot be read.
        """
        self._left = _MOST_AT_ONCE
        if now_unix_s - self._read_unix_s < _READ_EVERY_S:
            return
        self._read_unix_s = now_unix_s
        self._newest = self._series.newest()
        self._sums = {}
        for point in self._series.now(int(now_unix_s) - 26 * HOUR_S, (Measure.CROSSINGS_IN,)):
            self._sums.setdefault(point.venue, {})[point.start_unix_s] = point.sum
        old = datetime.fromtimestamp(now_unix_s, ZoneInfo("UTC")).date() - timedelta(days=2)
        self._days = {key: day for key, day in self._days.items() if key[1] > old}

    def seen(self, alert: HubAlert, venue: Venue, now_unix_s: float) -> Seen:
        """Whether the last hours of a venue were unusual: 1 where all of them were, 0 where the last was not.

        Raises:
            StoreError: the store cannot be read.
        """
        until = self._newest.get(venue.number, 0) // HOUR_S * HOUR_S
        if not 0 <= now_unix_s - until < _LATE_S:
            return Seen(None, now_unix_s)
        outside: list[bool] = []
        last: tuple[float, Band] | None = None
        for back in range(alert.for_hours):
            judged = self._judged(alert, venue, until - (back + 1) * HOUR_S)
            if judged is None:
                break
            last = last or judged
            outside.append(judged[1].is_outside(judged[0], alert.direction))
        if last is None:
            return Seen(None, until)
        if not outside[0]:
            return Seen(0.0, until, *last)
        return Seen(1.0 if all(outside) and len(outside) == alert.for_hours else None, until, *last)

    def _judged(self, alert: HubAlert, venue: Venue, start: int) -> tuple[float, Band] | None:
        """An hour's visitors, and what is usual; None where it was not seen well, is closed, or all but empty."""
        found = self._sums.get(venue.number, {}).get(start)
        at = datetime.fromtimestamp(start, ZoneInfo(venue.zone))
        if found is None or found.doubtful or not is_open(venue, at):
            return None
        day = self._day(venue, at.date(), alert.width)
        if day is None or found.exposure < _LEAST_NOW * day.exposure:
            return None
        band = day.bands[at.hour]
        return (found.total, band) if max(found.total, band.middle) >= LEAST_VISITORS else None

    def _day(self, venue: Venue, day: date, width: float) -> _Day | None:
        key = (venue.number, day, width)
        if key not in self._days:
            if self._left == 0:
                return None
            self._left -= 1
            self._days[key] = self._forecast(venue, day, width)
        return self._days[key]

    def _forecast(self, venue: Venue, day: date, width: float) -> _Day | None:
        first = day - timedelta(weeks=MOST_WEEKS)
        span = Span(int(midnight(first, venue.zone)), int(midnight(day, venue.zone)))
        points = self._series.hours([venue.number], span, (Measure.CROSSINGS_IN,))
        hours = {point.start_unix_s: point.sum for point in points}
        history, exposure = by_wall_clock(hours, venue.zone, first)
        bands = day_bands(history, width)
        return _Day(bands, exposure) if bands else None


def by_wall_clock(hours: Mapping[int, Sum], zone: str, first: date) -> tuple[NDArray[np.float64], float]:
    """Sums by the hour as days of 24 hours on the clock of the wall, and what is seen of an hour otherwise.

    An hour that comes twice in autumn is their mean; one that is skipped in spring was not seen.
    """
    total, times = np.zeros((7 * MOST_WEEKS, HOURS)), np.zeros((7 * MOST_WEEKS, HOURS))
    usual = float(np.median([one.exposure for one in hours.values() if one.exposure > 0] or [0.0]))
    wall = ZoneInfo(zone)
    for start, found in hours.items():
        at = datetime.fromtimestamp(start, wall)
        place = (at.date() - first).days
        if 0 <= place < len(total) and found.exposure >= _LEAST_PAST * usual and found.exposure > 0:
            total[place, at.hour] += found.total
            times[place, at.hour] += 1
    with np.errstate(invalid="ignore"):
        return total / np.where(times > 0, times, np.nan), usual


def is_open(venue: Venue, at: datetime) -> bool:
    """Whether a venue is open for all of the hour that begins at a moment on its clock."""
    minute = 60 * at.hour + at.minute
    spans: Sequence[tuple[tuple[int, int] | None, int]] = (
        (venue.hours[at.weekday()], minute),
        (venue.hours[at.weekday() - 1], minute + 1440),
    )
    return any(span is not None and span[0] <= begin and begin + 60 <= span[1] for span, begin in spans)
