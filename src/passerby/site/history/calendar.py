"""Days, weeks and months of a site's own zone, cut into hours or days; also where a day has 23 or 25 hours."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

HOUR_S = 3600


class Span(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Step:
    """An hour of a day, or a day of a week or a month.

    Attributes:
        start_unix_s, end_unix_s: from when to when.
        key: what it has in common with the step of another period that it is compared with: an hour on the wall and
            whether it is that hour's second time, a weekday, a day of the month.
    """

    start_unix_s: float
    end_unix_s: float
    key: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """A day, a week from Monday on, or a month.

    Attributes:
        span: which of them.
        first: its first day.
    """

    span: Span
    first: date

    @classmethod
    def of(cls, span: Span, day: date) -> "Period":
        """The period that a day belongs to."""
        if span is Span.WEEK:
            return cls(span, day - timedelta(days=day.weekday()))
        return cls(span, day.replace(day=1) if span is Span.MONTH else day)

    @property
    def days(self) -> tuple[date, ...]:
        """Its days."""
        after = self.following().first
        return tuple(self.first + timedelta(days=index) for index in range((after - self.first).days))

    def following(self) -> "Period":
        """The one after."""
        days = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 32 - self.first.day}[self.span]
        return Period.of(self.span, self.first + timedelta(days=days))

    def preceding(self) -> "Period":
        """The one before."""
        return Period.of(self.span, self.first - timedelta(days=1))

    def compared(self) -> "Period":
        """What it is compared with: the same weekday a week before, the week before, the month before."""
        return Period(self.span, self.first - timedelta(days=7)) if self.span is Span.DAY else self.preceding()

    def steps(self, zone: tzinfo | None) -> tuple[Step, ...]:
        """Its hours, if it is a day, else its days."""
        if self.span is Span.DAY:
            return hours(self.first, zone)
        return tuple(
            Step(midnight_of(day, zone), midnight_of(day + timedelta(days=1), zone), self._key(day))
            for day in self.days
        )

    def _key(self, day: date) -> tuple[int]:
        return (day.weekday() if self.span is Span.WEEK else day.day,)


def midnight_of(day: date, zone: tzinfo | None) -> float:
    """When a day begins in a zone (None: the machine's)."""
    return datetime.combine(day, time(), zone).timestamp()


def day_of(moment_unix_s: float, zone: tzinfo | None) -> date:
    """The day that a moment belongs to in a zone (None: the machine's)."""
    return datetime.fromtimestamp(moment_unix_s, zone).date()


def hours(day: date, zone: tzinfo | None) -> tuple[Step, ...]:
    """The hours of a day from its midnight on: 24, or 23 or 25 where the clock is changed."""
    start, end = midnight_of(day, zone), midnight_of(day + timedelta(days=1), zone)
    found = []
    while start < end:
        wall = datetime.fromtimestamp(start, zone)
        found.append(Step(start, min(start + HOUR_S, end), (wall.hour, wall.minute, wall.fold)))
        start += HOUR_S
    return tuple(found)
