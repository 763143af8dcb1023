"""Tallies, days and rankings as the API tells them: sums of venues, never a share of too few people."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from passerby.core.shares import MINIMUM_JUDGED
from passerby.core.tallies import Measure
from passerby.hub.comparing import Comparison
from passerby.hub.contract import DaySum, Point, Sum, Venue

TALLY_COLUMNS = (
    *("camera", "name", "measure", "part", "start_unix_s", "start", "width_s"),
    *("total", "exposure", "value", "withheld", "doubtful"),
)
DAY_COLUMNS = ("group", "day", "measure", "part", "venues", "total", "exposure", "withheld", "doubtful")
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
        "doubtful": point.sum.doubtful,
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
        "doubtful": any(one.doubtful for one in sums),
    }


def rank_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """A row for each venue, the most first; those of which there is too little to say come last, with why."""
    rows = [
        {
            "rank": place,
            **_named(one.now.venue),
            "value": round(one.value, 4),
            "low": None if one.low is None else round(one.low, 4),
            "high": None if one.high is None else round(one.high, 4),
            "of": one.of,
            "why_not": None,
        }
        for place, one in enumerate(comparison.ranked, 1)
    ]
    nothing = dict.fromkeys(("value", "low", "high", "of"))
    rows += [
        {"rank": None, **_named(one.now.venue), **nothing, "why_not": " ".join(one.why.split())}
        for one in comparison.apart
    ]
    return rows


def _named(venue: Venue) -> dict[str, Any]:
    return {"venue": venue.slug, "name": venue.name, "district": venue.district}
