"""What is told of one venue beyond the present: its places over the day, and its days beside those before."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby
from statistics import median

from passerby.core.tallies import Measure
from passerby.hub.contract import Days, DaySum, Point, Series, Span, Venue
from passerby.hub.usual import WEEKS, midnight, today, well_seen
from passerby.records.page.figures import LINE, ZONE, Figure, Figures, PlaceFigures
from passerby.records.wire.batches import Layout

MOST_PLACES = 24
"""Of more lines and zones than these, the site's own page tells."""
DAYS = 35
_LEAST_STEP_S = 900
_WHOLE = "Whole venue"


@dataclass(frozen=True, slots=True)
class DayFigure:
    """Visitors of a day, beside the same weekday of up to four weeks before.

    Attributes:
        coverage: share of the day that the lines were seen, 0..1; None where the lines are not known.
        usual, low, high: median, least and most of those weekdays; None where none was seen about as long.
    """

    day: date
    came: float | None
    coverage: float | None
    usual: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class VenueReport:
    """One venue's day and days.

    Attributes:
        figures: of its lines and zones today.
        left_out: so many lines and zones more are there.
        days: the last five weeks, the present day last.
    """

    figures: Figures = field(default_factory=Figures)
    left_out: int = 0
    days: tuple[DayFigure, ...] = ()

    def weeks(self) -> list[tuple[date, float, int]]:
        """Weeks of the calendar: their Monday, visitors, and of how many days; the newest first."""
        seen = [one for one in self.days if one.came is not None]
        found = []
        for monday, days in groupby(seen, key=lambda one: one.day - timedelta(days=one.day.weekday())):
            some = list(days)
            found.append((monday, sum(one.came or 0.0 for one in some), len(some)))
        return found[::-1]


def read(series: Series, venue: Venue, layout: Layout | None, now_unix_s: float) -> VenueReport:
    """Reads what there is of a venue.

    Raises:
        StoreError: the store cannot be read.
    """
    figures, left_out = _figures(series, venue, layout, now_unix_s)
    return VenueReport(figures, left_out, _days(series, venue, layout, now_unix_s))


def _figures(series: Series, venue: Venue, layout: Layout | None, now_unix_s: float) -> tuple[Figures, int]:
    since = int(midnight(today(now_unix_s, venue.zone), venue.zone))
    step_s = max(_LEAST_STEP_S, layout.window_s if layout else 0)
    span = Span(since, int(now_unix_s) + 1)
    found: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for point in series.course(venue.number, span, step_s, (*LINE, *ZONE)):
        found[point.camera, point.name].append(point)
    if not found:
        return Figures(), 0
    first = min(point.start_unix_s for points in found.values() for point in points)
    end = max(point.start_unix_s + point.width_s for points in found.values() for point in points)
    steps = tuple(range(first, end, step_s))
    order = [(place.camera, place.name) for place in layout.places] if layout else []
    ordered = sorted(found, key=lambda one: (order.index(one) if one in order else len(order), one))
    shown = ordered[:MOST_PLACES]
    places = tuple(_place(where, found[where], steps, step_s) for where in shown)
    return Figures(places, steps, step_s), len(ordered) - len(shown)


def _place(where: tuple[str, str], points: Sequence[Point], steps: tuple[int, ...], step_s: int) -> PlaceFigures:
    is_line = any(point.measure in LINE for point in points)
    measures = LINE if is_line else ZONE
    by: dict[Measure, dict[int, Figure]] = {
        measure: _by_step([point for point in points if point.measure is measure], steps[0], step_s)
        for measure in measures
    }
    end = max(point.start_unix_s + point.width_s for point in points)
    # The newest step that is over; of a first one that is not, the part that is.
    last = steps[-2] if len(steps) > 1 and end < steps[-1] + step_s else steps[-1]
    width_s = step_s if end <= last else min(step_s, end - last)
    return PlaceFigures(
        camera=where[0],
        name=where[1] or _WHOLE,
        is_line=is_line,
        since_unix_s=min(point.start_unix_s for point in points),
        last_unix_s=last,
        last_width_s=width_s,
        today={measure: together(measure, by[measure].values(), end - steps[0]) for measure in measures},
        last={measure: replace(by[measure].get(last, Figure()), span_s=width_s) for measure in measures},
        course={measure: tuple(by[measure].get(step, Figure(span_s=step_s)) for step in steps) for measure in measures},
    )


def _by_step(points: Iterable[Point], first: int, step_s: int) -> dict[int, Figure]:
    return {
        first + (point.start_unix_s - first) // step_s * step_s: Figure(
            point.sum.total, point.sum.exposure, max(step_s, point.width_s)
        )
        for point in points
    }


def together(measure: Measure, figures: Iterable[Figure], span_s: float) -> Figure:
    """Figures of one measure as one; of a peak the most."""
    found = list(figures)
    totals = [one.total for one in found]
    total = max(totals, default=0.0) if measure is Measure.PEAK else math.fsum(totals)
    return Figure(total, math.fsum(one.exposure for one in found), span_s)


def _days(series: Series, venue: Venue, layout: Layout | None, now_unix_s: float) -> tuple[DayFigure, ...]:
    last = today(now_unix_s, venue.zone)
    first = last - timedelta(days=DAYS - 1)
    asked = Days(first - timedelta(weeks=WEEKS), last)
    sums = {one.day: one for one in series.days(asked, [venue.number], (Measure.CROSSINGS_IN,))}
    lines = sum(place.kind == "line" for place in layout.places) if layout else 0
    days = [first + timedelta(days=after) for after in range(DAYS)]
    return tuple(_day(day, sums, lines * _length_s(day, venue, now_unix_s)) for day in days)


def _length_s(day: date, venue: Venue, now_unix_s: float) -> float:
    """How long a day is, up to now."""
    end = min(now_unix_s, midnight(day + timedelta(days=1), venue.zone))
    return end - midnight(day, venue.zone)


def _day(day: date, sums: Mapping[date, DaySum], could_s: float) -> DayFigure:
    own = sums.get(day)
    before = [sums.get(day - timedelta(weeks=weeks)) for weeks in range(1, WEEKS + 1)]
    seen_s = own.sum.exposure if own else 0.0
    known = well_seen([(one.sum.total, one.sum.exposure) for one in before if one], seen_s)
    usual = {"usual": median(known), "low": min(known), "high": max(known)} if known else {}
    if own is None or own.sum.exposure <= 0:
        return DayFigure(day, None, None, **usual)
    return DayFigure(day, own.sum.total, min(1.0, own.sum.exposure / could_s) if could_s > 0 else None, **usual)
