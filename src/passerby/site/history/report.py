"""The history of one measure: bars of a period beside the period before, and the hours of the week."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from passerby.core.shares import wilson
from passerby.core.tallies import Measure, window_start
from passerby.site.figures import Settings
from passerby.site.history.calendar import HOUR_S, Period, Span, Step, day_of, hours
from passerby.site.history.series import COUNTS, Series
from passerby.site.history.sums import Hours, HourSums
from passerby.site.store import Store

_LATE_S = 30
_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Sum:
    """What was added up of one place.

    Attributes:
        total, exposure: as in a tally.
        span_s: seconds that are over.
    """

    total: float = 0.0
    exposure: float = 0.0
    span_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """A figure that may be told.

    Attributes:
        value: people; mean people; or a share, 0..1. None where nothing was seen or it is withheld.
        coverage: share of the time that was seen, 0..1; None for masks, where people are asked.
        judged: people asked, for masks; else None.
        withheld: of so few people no share is told.
        low, high: the interval of 95 % of a share.
    """

    value: float | None = None
    coverage: float | None = None
    judged: int | None = None
    withheld: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def seen(self) -> bool:
        """Whether anything was seen."""
        return bool(self.coverage) or bool(self.judged)


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour or day.

    Attributes:
        step: when.
        told: None where it has not begun.
        before: the step that it is compared with; None where that period has no such step.
        is_over: whether it has ended.
    """

    step: Step
    told: Told | None
    before: Told | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of the week, over some weeks: of counts, people in an hour that was seen."""

    weekday: int
    hour: int
    told: Told


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """What is shown of one measure in one period.

    Attributes:
        series: what was asked for.
        period, compared: when, and what it is compared with.
        bars: hours or days.
        total: of the period up to now.
        until: the steps that are over have these, here and in the period before; None while none is over.
        cells: 7 x 24 hours of the week, Monday first; days of `weeks` are in them.
    """

    series: Series
    period: Period
    compared: Period
    bars: tuple[Bar, ...]
    total: Told
    until: tuple[Told, Told] | None
    cells: tuple[Cell, ...]
    weeks: tuple[Period, ...]


class History:
    """The history of a site, for the page and the API.

    Args:
        store: where tallies are.
        settings: lines, zones, zone and clock.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._settings = settings
        self._sums = HourSums(store, settings)

    def report(self, series: Series, period: Period) -> HistoryReport:
        """Reads what is to be shown. Safe from any thread.

        Raises:
            StoreError: the store cannot be read.
        """
        compared = period.compared()
        now, before = self._steps(series, period), self._steps(series, compared)
        counterpart = {step.key: sums for step, sums in before}
        until_unix_s = self._until_unix_s()
        bars = tuple(
            Bar(
                step,
                self._told(series, sums) if step.start_unix_s < until_unix_s else None,
                self._told(series, counterpart[step.key]) if step.key in counterpart else None,
                step.end_unix_s <= until_unix_s,
            )
            for step, sums in now
        )
        weeks = self._weeks(period)
        return HistoryReport(
            series=series,
            period=period,
            compared=compared,
            bars=bars,
            total=self._told(series, _joined(series, [sums for _, sums in now])),
            until=self._until(series, now, counterpart),
            cells=self._cells(series, weeks),
            weeks=weeks,
        )

    def _until_unix_s(self) -> float:
        """Up to when windows must be there."""
        return window_start(self._settings.clock() - _LATE_S, self._settings.window_s)

    def _steps(self, series: Series, period: Period) -> list[tuple[Step, list[Sum]]]:
        """The steps of a period, each with the sums of all its places."""
        by_spot = [self._sums.days(series.measure, spot, period.days) for spot in series.spots]
        steps = period.steps(self._settings.zone)
        if period.span is Span.DAY:
            (of_day,) = zip(*by_spot, strict=True) if by_spot else ((),)
            return [(step, [self._hour(step, one, index) for one in of_day]) for index, step in enumerate(steps)]
        zone = self._settings.zone
        return [
            (
                steps[index],
                [
                    _sum(series.measure, [self._hour(step, one[index], n) for n, step in enumerate(hours(day, zone))])
                    for one in by_spot
                ],
            )
            for index, day in enumerate(period.days)
        ]

    def _hour(self, step: Step, of_day: Hours, index: int) -> Sum:
        span_s = max(0.0, min(step.end_unix_s, self._until_unix_s()) - step.start_unix_s)
        return Sum(of_day[2 * index], of_day[2 * index + 1], span_s)

    def _until(
        self, series: Series, now: list[tuple[Step, list[Sum]]], before: dict[tuple[int, ...], list[Sum]]
    ) -> tuple[Told, Told] | None:
        """The steps that are over, against the same ones before."""
        end = self._until_unix_s()
        over = [(sums, before[step.key]) for step, sums in now if step.end_unix_s <= end and step.key in before]
        if not over:
            return None
        here, there = zip(*over, strict=True)
        return self._told(series, _joined(series, here)), self._told(series, _joined(series, there))

    def _weeks(self, period: Period) -> tuple[Period, ...]:
        """Days whose hours of the week are shown: of the month, else of the four weeks up to the period's end."""
        if period.span is Span.MONTH:
            return (period,)
        today = day_of(self._settings.clock(), self._settings.zone)
        last = Period.of(Span.WEEK, min(period.days[-1], max(today, period.first)))
        return tuple(Period(Span.WEEK, last.first - timedelta(weeks=ago)) for ago in range(_WEEKS - 1, -1, -1))

    def _cells(self, series: Series, weeks: Sequence[Period]) -> tuple[Cell, ...]:
        days = [day for week in weeks for day in week.days]
        walls = [(day.weekday(), hours(day, self._settings.zone)) for day in days]
        found: dict[tuple[int, int], list[list[Sum]]] = {}
        for place, spot in enumerate(series.spots):
            read = self._sums.days(series.measure, spot, days)
            for (weekday, steps), of_day in zip(walls, read, strict=True):
                for index, step in enumerate(steps):
                    cell = found.setdefault((weekday, step.key[0]), [[] for _ in series.spots])
                    cell[place].append(self._hour(step, of_day, index))
        return tuple(
            Cell(weekday, hour, self._of_week(series, found.get((weekday, hour), [])))
            for weekday in range(7)
            for hour in range(24)
        )

    def _of_week(self, series: Series, by_spot: list[list[Sum]]) -> Told:
        sums = [_sum(series.measure, one) for one in by_spot]
        told = self._told(series, sums)
        if series.measure not in COUNTS or told.value is None:
            return told
        per_hour = math.fsum(HOUR_S * one.total / one.exposure for one in sums if one.exposure)
        return Told(per_hour, told.coverage)

    def _told(self, series: Series, sums: Iterable[Sum]) -> Told:
        one = _sum(series.measure, sums)
        if series.measure is Measure.MASKED:
            masked, judged = round(one.total), round(one.exposure)
            if judged < max(1, self._settings.minimum_judged):
                return Told(judged=judged, withheld=judged > 0)
            low, high = wilson(masked, judged)
            return Told(masked / judged, None, judged, low=low, high=high)
        if not one.exposure:
            return Told(coverage=0.0)
        value = one.total / one.exposure if series.measure is Measure.PEOPLE else one.total
        return Told(value, min(1.0, one.exposure / one.span_s) if one.span_s else 1.0)


def _sum(measure: Measure, sums: Iterable[Sum]) -> Sum:
    """Adds up, but keeps the largest of peaks."""
    held = list(sums)
    totals = [one.total for one in held]
    total = max(totals, default=0.0) if measure is Measure.PEAK else math.fsum(totals)
    return Sum(total, math.fsum(one.exposure for one in held), math.fsum(one.span_s for one in held))


def _joined(series: Series, steps: Iterable[Sequence[Sum]]) -> list[Sum]:
    """The sums of some steps, place by place."""
    return [_sum(series.measure, one) for one in zip(*steps, strict=True)]
