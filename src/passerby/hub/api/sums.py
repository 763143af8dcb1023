"""Tallies, days and rankings as the API tells them: sums of venues, never a share of too few people."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from statistics import fmean, stdev
from typing import Any
from zoneinfo import ZoneInfo

from passerby.core.shares import MINIMUM_JUDGED, Z_95, MaskCounts, mask_share
from passerby.core.tallies import MASK_MEASURES, Measure
from passerby.hub.contract import DaySum, Point, Sum, Venue

TALLY_COLUMNS = (
    *("camera", "name", "measure", "part", "start_unix_s", "start", "width_s"),
    *("total", "exposure", "value", "withheld", "suspect"),
)
DAY_COLUMNS = ("group", "day", "measure", "part", "venues", "total", "exposure", "withheld", "suspect")
RANK_COLUMNS = (*("rank", "venue", "name", "district", "days", "total", "judged", "figure", "low", "high", "withheld"),)
_JUDGED = (Measure.MASKED, Measure.WORN_WRONGLY)


def is_withheld(measure: Measure, exposure: float) -> bool:
    """Whether a sum is of too few people judged to be told."""
    return measure in _JUDGED and exposure < MINIMUM_JUDGED


def tally_rows(points: Iterable[Point], zone: str) -> list[dict[str, Any]]:
    """A row for each step of each place."""
    wall = ZoneInfo(zone)

    @cache  # many share a window
    def start(unix_s: int) -> str:
        return datetime.fromtimestamp(unix_s, wall).isoformat()

    return [_tally(point, start(point.start_unix_s)) for point in points]


def _tally(point: Point, start: str) -> dict[str, Any]:
    total, exposure = point.sum.total, point.sum.exposure
    withheld = is_withheld(point.measure, exposure)
    # As at a site: a peak is no rate, and of buckets only those above zero are here.
    is_rate = point.measure is not Measure.PEAK and point.measure.parts == 1 and exposure > 0 and not withheld
    return {
        "camera": point.camera,
        "name": point.name,
        "measure": point.measure.label,
        "part": point.part,
        "start_unix_s": point.start_unix_s,
        "start": start,
        "width_s": point.width_s,
        "total": None if withheld else total,
        "exposure": exposure,
        "value": round(total / exposure, 6) if is_rate else None,
        "withheld": withheld,
        "suspect": point.sum.suspect,
    }


def day_rows(sums: Iterable[DaySum], group_of: Callable[[int], str | None]) -> list[dict[str, Any]]:
    """A row for each group and day; None leaves a venue out. A venue without exposure was not seen on that day."""
    found: dict[tuple[str, date, Measure, int], list[Sum]] = defaultdict(list)
    for one in sums:
        group = group_of(one.venue)
        if group is not None and one.sum.exposure > 0:
            found[group, one.day, one.measure, one.part].append(one.sum)
    return [_day(*key, found[key]) for key in sorted(found)]


def _day(group: str, day: date, measure: Measure, part: int, sums: list[Sum]) -> dict[str, Any]:
    exposure = sum(one.exposure for one in sums)
    withheld = is_withheld(measure, exposure)
    total = max(one.total for one in sums) if measure is Measure.PEAK else sum(one.total for one in sums)
    return {
        "group": group,
        "day": day.isoformat(),
        "measure": measure.label,
        "part": part,
        "venues": len(sums),
        "total": None if withheld else total,
        "exposure": exposure,
        "withheld": withheld,
        "suspect": any(one.suspect for one in sums),
    }


def rank_rows(by: str, venues: Sequence[Venue], sums: Iterable[DaySum]) -> list[dict[str, Any]]:
    """A row for each venue, the most first; those of which too little is known come last, by name."""
    found: dict[int, list[DaySum]] = defaultdict(list)
    for one in sums:
        if one.sum.exposure > 0:
            found[one.venue].append(one)
    tell = _masks if by == "masks" else _visitors
    rows = [
        {"rank": None, "venue": venue.slug, "name": venue.name, "district": venue.district, **tell(found[venue.number])}
        for venue in venues
    ]
    rows.sort(key=lambda row: (row["figure"] is None, -(row["figure"] or 0.0), row["name"].casefold()))
    for place, row in enumerate((row for row in rows if row["figure"] is not None), 1):
        row["rank"] = place
    return rows


def measures_of(by: str) -> tuple[Measure, ...]:
    """What a ranking is made of."""
    return MASK_MEASURES if by == "masks" else (Measure.CROSSINGS_IN,)


def _visitors(sums: Sequence[DaySum]) -> dict[str, Any]:
    """Visitors a day, with the interval of the mean by how days differ; of one day there is no interval."""
    days = [one.sum.total for one in sums]
    if not days:
        return _rank(0, None, None, None, withheld=False)
    half = Z_95 * stdev(days) / math.sqrt(len(days)) if len(days) > 1 else None
    return _rank(len(days), sum(days), None, (fmean(days), half, half), withheld=False)


def _masks(sums: Sequence[DaySum]) -> dict[str, Any]:
    totals, exposures, days = defaultdict[Measure, float](float), defaultdict[Measure, float](float), set()
    for one in sums:
        totals[one.measure] += one.sum.total
        exposures[one.measure] += one.sum.exposure
        days.add(one.day)
    counts = MaskCounts(
        masked=round(totals[Measure.MASKED]),
        judged=round(exposures[Measure.MASKED]),
        worn_wrongly=round(totals[Measure.WORN_WRONGLY]),
        cannot_tell=round(totals[Measure.CANNOT_TELL]),
        asked=round(exposures[Measure.CANNOT_TELL]),
    )
    share = mask_share(counts, MINIMUM_JUDGED)
    if share.share is None or share.low is None or share.high is None:
        return _rank(len(days), None, share.judged, None, withheld=True)
    figure = (share.share, share.share - share.low, share.high - share.share)
    return _rank(len(days), share.masked, share.judged, figure, withheld=False)


def _rank(
    days: int,
    total: float | None,
    judged: int | None,
    figure: tuple[float, float | None, float | None] | None,
    *,
    withheld: bool,
) -> dict[str, Any]:
    value, below, above = figure or (None, None, None)
    return {
        "days": days,
        "total": total,
        "judged": judged,
        "figure": None if value is None else round(value, 4),
        "low": None if value is None or below is None else round(max(0.0, value - below), 4),
        "high": None if value is None or above is None else round(value + above, 4),
        "withheld": withheld,
    }
