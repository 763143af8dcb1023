"""Venues beside each other over some days, with how sure each figure is; what is too little to say is not ranked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean

from passerby.core import dwell
from passerby.core.shares import MINIMUM_JUDGED, MaskCounts, wilson
from passerby.core.tallies import DWELL_BUCKETS, MASK_MEASURES, Measure
from passerby.hub.contract import Days, Known, Series, Span, Sum, Venue
from passerby.hub.overview import VenueNow
from passerby.hub.usual import midnight

LEAST_COVERAGE = 0.8
"""A venue of whose days less was seen than this is not ranked by visitors: whoever passed meanwhile is missing."""
LEAST_STAYS = 20
_DAY_S = 86_400
_HOUR_MIN = 60


class By(StrEnum):
    """What venues are compared by."""

    VISITORS = "visitors"
    HOURS = "hours"
    MASKS = "masks"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A venue with its figure, and between which numbers it lies.

    Attributes:
        value: visitors a day, visitors per opening hour, share 0..1, or seconds.
        low, high: of visitors the least and the most of the days; of a share its interval of 95 %; of stays where a
            quarter and three quarters of them are over. None where it is not known.
        of: how many the figure rests on: days, people judged, or stays.
    """

    now: VenueNow
    value: float
    low: float | None
    high: float | None
    of: int


@dataclass(frozen=True, slots=True)
class Apart:
    """A venue that is not ranked, and why."""

    now: VenueNow
    why: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Venues by one figure over some days.

    Attributes:
        ranked: the most first.
        apart: those of which there is too little to say.
    """

    by: By
    days: Days
    ranked: tuple[Ranked, ...]
    apart: tuple[Apart, ...]


def compare(series: Series, venues: Sequence[VenueNow], known: Mapping[int, Known], by: By, days: Days) -> Comparison:
    """Compares venues over days of their own calendars.

    Raises:
        StoreError: the store cannot be read.
    """
    found = {By.MASKS: _by_masks, By.STAYS: _by_stays}.get(by)
    told = found(series, venues, days) if found else _by_visitors(series, venues, known, by, days)
    ranked = sorted((one for one in told if isinstance(one, Ranked)), key=lambda one: (-one.value, one.now.venue.name))
    apart = sorted((one for one in told if isinstance(one, Apart)), key=lambda one: one.now.venue.name.casefold())
    return Comparison(by, days, tuple(ranked), tuple(apart))


_Told = list[Ranked | Apart]


def _by_visitors(series: Series, venues: Sequence[VenueNow], known: Mapping[int, Known], by: By, days: Days) -> _Told:
    numbers = [one.venue.number for one in venues]
    sums: dict[int, dict[date, Sum]] = defaultdict(dict)
    for one in series.days(days, numbers, (Measure.CROSSINGS_IN,)):
        sums[one.venue][one.day] = one.sum
    return [
        _visitors(one, sums.get(one.venue.number, {}), _lines(known.get(one.venue.number)), by, days) for one in venues
    ]


def _lines(known: Known | None) -> int:
    return sum(place.kind == "line" for place in known.layout.places) if known and known.layout else 0


def _visitors(now: VenueNow, sums: Mapping[date, Sum], lines: int, by: By, days: Days) -> Ranked | Apart:
    seen = {day: one for day, one in sums.items() if one.exposure > 0}
    if not seen:
        return Apart(now, "nothing was counted there on these days")
    length_s = sum(_length_s(now.venue, day) for day in each(days))
    coverage = sum(one.exposure for one in seen.values()) / (lines * length_s) if lines else None
    if coverage is not None and coverage < LEAST_COVERAGE:
        return Apart(
            now,
            f"its lines were seen {int(100 * coverage)}\u202f% of the time; {100 * LEAST_COVERAGE:.0f}\u202f% is asked",
        )
    of_day = {day: _per(by, now.venue, day, one.total) for day, one in seen.items()}
    values = [value for value in of_day.values() if value is not None]
    if not values:
        return Apart(now, "it was closed on these days")
    if by is By.HOURS:
        open_h = sum(opening_h(now.venue, day) for day in seen)
        return Ranked(now, sum(one.total for one in seen.values()) / open_h, min(values), max(values), len(values))
    return Ranked(now, fmean(values), min(values), max(values), len(values))


def _length_s(venue: Venue, day: date) -> float:
    return midnight(day + timedelta(days=1), venue.zone) - midnight(day, venue.zone)


def _per(by: By, venue: Venue, day: date, total: float) -> float | None:
    if by is By.VISITORS:
        return total
    hours = opening_h(venue, day)
    return total / hours if hours else None


def opening_h(venue: Venue, day: date) -> float:
    """How many hours a venue is open that begin on a day."""
    hours = venue.hours[day.weekday()]
    return (hours[1] - hours[0]) / _HOUR_MIN if hours else 0.0


def each(days: Days) -> list[date]:
    """The days, the first and the last among them."""
    return [days.first + timedelta(days=after) for after in range((days.last - days.first).days + 1)]


def _by_masks(series: Series, venues: Sequence[VenueNow], days: Days) -> _Told:
    sums = _totals(series, venues, days, MASK_MEASURES)
    return [_masks(one, sums.get(one.venue.number, {})) for one in venues]


def _masks(now: VenueNow, sums: Mapping[tuple[Measure, int], Sum]) -> Ranked | Apart:
    found = sums.get((Measure.MASKED, 0))
    if found is None or not found.exposure:
        return Apart(now, "nothing there asks for masks, or nobody was judged")
    counts = MaskCounts(round(found.total), round(found.exposure), 0, 0, 0)
    if counts.judged < MINIMUM_JUDGED:
        return Apart(now, f"{counts.judged} people judged; of fewer than {MINIMUM_JUDGED} no share is told")
    low, high = wilson(min(counts.masked, counts.judged), counts.judged)
    return Ranked(now, counts.masked / counts.judged, low, high, counts.judged)


def _by_stays(series: Series, venues: Sequence[VenueNow], days: Days) -> _Told:
    sums = _totals(series, venues, days, (Measure.DWELL, Measure.DWELL_LOST))
    return [_stays(one, sums.get(one.venue.number, {})) for one in venues]


def _stays(now: VenueNow, sums: Mapping[tuple[Measure, int], Sum]) -> Ranked | Apart:
    left, lost = (
        [sums[measure, part].total if (measure, part) in sums else 0.0 for part in range(DWELL_BUCKETS)]
        for measure in (Measure.DWELL, Measure.DWELL_LOST)
    )
    stays = round(sum(left) + sum(lost))
    if not stays:
        return Apart(now, "it has no zone, or nobody stayed in one")
    if stays < LEAST_STAYS:
        return Apart(now, f"{stays} stays; of fewer than {LEAST_STAYS} no middle is told")
    curve = dwell.Survival.of(left, lost)
    middle = curve.quantile_s(0.5)
    if middle is None:
        return Apart(now, "sight of too many was lost to say how long half of them stayed")
    return Ranked(now, middle, curve.quantile_s(0.25), curve.quantile_s(0.75), stays)


def _totals(
    series: Series, venues: Iterable[VenueNow], days: Days, measures: Sequence[Measure]
) -> dict[int, dict[tuple[Measure, int], Sum]]:
    """One sum of each venue and measure: shares and lengths of stay do not mind where a half hour of a day goes."""
    by_zone: dict[str, list[int]] = defaultdict(list)
    for one in venues:
        by_zone[one.venue.zone].append(one.venue.number)
    found: dict[int, dict[tuple[Measure, int], Sum]] = defaultdict(dict)
    for zone, numbers in by_zone.items():
        since, until = midnight(days.first, zone), midnight(days.last + timedelta(days=1), zone)
        span = Span(int(since), int(until))
        for (venue, measure, part), total in series.totals(span, numbers, measures).items():
            found[venue][measure, part] = total
    return found
