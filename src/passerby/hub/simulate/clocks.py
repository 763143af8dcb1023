"""The days of a made-up venue: from four o'clock at night to four, by its own clock, also when that is put forward."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from math import gcd
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from passerby.hub.simulate.kinds import Hours

TURN = time(4)
"""When a day ends: everybody has gone home, and no zone puts its clock forward or back."""
_QUARTER_S = 900
_DAY_MIN = 1440
_GRACE_S = 1800
"""So long after closing time the last have left."""


def grain_s(window_s: int) -> int:
    """Width of the steps in which a day is drawn, so that days of every zone are whole numbers of them."""
    return gcd(window_s, _QUARTER_S)


@dataclass(frozen=True, slots=True)
class Clock:
    """Steps of one day.

    Attributes:
        start_unix_s: of the day.
        grain_s: width of a step.
        hour_of_week: float64 (n,), local time at the middle of each step, 0..168.
        open: bool (n,), whether people are let in.
        last: int64 (n,), the step in which the last leave of those who came in each.
    """

    start_unix_s: int
    grain_s: int
    hour_of_week: NDArray[np.float64]
    open: NDArray[np.bool_]
    last: NDArray[np.int64]

    def __len__(self) -> int:
        """How many steps there are."""
        return len(self.open)

    @property
    def end_unix_s(self) -> int:
        """End of the day."""
        return self.start_unix_s + len(self) * self.grain_s


def day_of(unix_s: float, zone: str) -> date:
    """To which day a moment belongs; what is before four at night belongs to the evening."""
    local = datetime.fromtimestamp(unix_s, ZoneInfo(zone))
    return local.date() if local.time() >= TURN else local.date() - timedelta(days=1)


def start_of(day: date, zone: str) -> int:
    """When a day begins, in Unix seconds."""
    return int(datetime.combine(day, TURN, ZoneInfo(zone)).timestamp())


def midnight_before(unix_s: float, zone: str) -> int:
    """When the day of the calendar began that a moment belongs to, in Unix seconds."""
    place = ZoneInfo(zone)
    return int(datetime.combine(datetime.fromtimestamp(unix_s, place).date(), time(), place).timestamp())


@lru_cache(maxsize=512)
def clock(day: date, zone: str, hours: Hours, grain_s: int) -> Clock:
    """The steps of a day.

    Args:
        day: by the local calendar.
        zone: of the IANA database.
        hours: when people are let in.
        grain_s: a width that `grain_s` gave.
    """
    start, end = start_of(day, zone), start_of(day + timedelta(days=1), zone)
    steps = np.arange(start, end, grain_s, dtype=np.int64)
    minutes = _local_minutes(start, end, zone)[(steps - start) // _QUARTER_S]
    minutes = minutes + ((steps - start) % _QUARTER_S + grain_s / 2) / 60
    opened = hours[day.weekday()]
    inside = np.zeros(len(steps), dtype=np.bool_)
    if opened == (0, _DAY_MIN):
        inside[:] = True
    elif opened is not None:
        inside = (minutes >= opened[0]) & (minutes < opened[1])
    grace = _GRACE_S // grain_s
    end_of_visits = len(steps) - 1
    if opened != (0, _DAY_MIN) and inside.any():
        end_of_visits = min(end_of_visits, int(np.flatnonzero(inside)[-1]) + max(1, grace))
    last = np.full(len(steps), end_of_visits, dtype=np.int64)
    hour_of_week = (day.weekday() * 24 + minutes / 60) % 168
    return Clock(start, grain_s, hour_of_week, inside, last)


def _local_minutes(start: int, end: int, zone: str) -> NDArray[np.float64]:
    """Local time at the start of each quarter of an hour, in minutes after the day's own midnight."""
    info = ZoneInfo(zone)
    first = datetime.fromtimestamp(start, info).date()
    found = []
    for quarter in range(start, end, _QUARTER_S):
        local = datetime.fromtimestamp(quarter, info)
        days = (local.date() - first).days
        found.append(days * _DAY_MIN + local.hour * 60 + local.minute + local.second / 60)
    return np.array(found)
