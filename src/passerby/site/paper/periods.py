"""Days and weeks of a site, and when a report about one is due. Pure: the present moment and the zone are given."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

from passerby.errors import ConfigError

Span = Literal["day", "week"]
GRACE_S = 120
"""A report waits so long after the end of its time: the last windows have come in by then."""
_WEEK = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """A day, or a week from Monday to Sunday.

    Attributes:
        span: which of both.
        first: its first day.
    """

    span: Span
    first: date

    @property
    def name(self) -> str:
        """As ISO 8601 writes it: 2026-11-24 or 2026-W47."""
        if self.span == "day":
            return self.first.isoformat()
        year, week, _day = self.first.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def days(self) -> tuple[date, ...]:
        """All of its days."""
        return tuple(self.first + timedelta(days) for days in range(1 if self.span == "day" else 7))

    @property
    def week_before(self) -> "Period":
        """The same a week earlier: what it is compared with."""
        return Period(self.span, self.first - timedelta(7))

    def bounds(self, zone: tzinfo | None) -> tuple[float, float]:
        """Where it begins and ends in a zone (None: the machine's), Unix seconds; also over a change of clocks."""
        return midnight_of(self.first, zone), midnight_of(self.days[-1] + timedelta(1), zone)


def midnight_of(day: date, zone: tzinfo | None) -> float:
    """When a day begins in a zone, Unix seconds."""
    return moment_of(day, time(), zone)


def moment_of(day: date, at: time, zone: tzinfo | None) -> float:
    """A time of a day in a zone, Unix seconds.

    One that the day skips, as clocks go forward, is taken as much later; of one that comes twice the first counts.
    """
    return datetime.combine(day, at, zone).timestamp()


def parse_day(text: str) -> Period:
    """A day as people write it.

    Raises:
        ConfigError: it is none.
    """
    try:
        return Period("day", date.fromisoformat(text))
    except ValueError:
        raise ConfigError([f"--day {text}: write a day such as 2026-11-24"]) from None


def parse_week(text: str) -> Period:
    """A week as people write it.

    Raises:
        ConfigError: it is none.
    """
    found = _WEEK.fullmatch(text)
    year, week = (int(found[1]), int(found[2])) if found else (0, 0)
    try:
        return Period("week", date.fromisocalendar(year, week, 1))
    except ValueError:
        raise ConfigError([f"--week {text}: write a week such as 2026-W47"]) from None


def named(name: str) -> Period:
    """The period of a name.

    Raises:
        ConfigError: it is none.
    """
    return parse_week(name) if "W" in name else parse_day(name)


def last_due(span: Span, at: time, zone: tzinfo | None, now_unix_s: float) -> Period:
    """The period of the report that was due last."""
    return next(period for period, moment in _dues(span, at, zone, now_unix_s) if moment <= now_unix_s)


def _dues(span: Span, at: time, zone: tzinfo | None, now_unix_s: float) -> Iterator[tuple[Period, float]]:
    """Periods with the moments at which they are due, the latest first."""
    today = datetime.fromtimestamp(now_unix_s, zone).date()
    begin, step = (today, 1) if span == "day" else (today - timedelta(today.weekday()), 7)
    for back in range(3):
        morning = begin - timedelta(back * step)
        period = Period(span, morning - timedelta(step))
        yield period, max(moment_of(morning, at, zone), period.bounds(zone)[1] + GRACE_S)
