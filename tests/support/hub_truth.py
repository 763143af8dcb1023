"""What a hub must know of simulated sites, reckoned from their scripts alone, and where what it says differs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from passerby.core.tallies import Measure
from passerby.hub.contract import Days, DaySum, Point, Series, Span
from passerby.hub.simulate.places import layout
from passerby.hub.simulate.windows import Script
from passerby.records.wire.batches import Row

Key = tuple[object, ...]
Amount = tuple[int, int]
"""Total and exposure, in thousandths."""
ALL = tuple(measure for measure in Measure if measure is not Measure.HEAT)


@dataclass(frozen=True)
class Played:
    """A simulated site, and the number of its venue at the hub."""

    venue: int
    script: Script


def rows_of(script: Script) -> Iterator[Row]:
    """All rows that a script makes up."""
    assert script.until_unix_s < 2**40
    windows = script.windows()
    for start in range(script.since_unix_s, int(script.until_unix_s) - script.window_s + 1, script.window_s):
        yield from windows.rows(start)


def differences(series: Series, played: Sequence[Played]) -> list[str]:
    """Where a store differs from the truth: windows, hours, days of places and of venues. Empty: nowhere."""
    found: list[str] = []
    for one in played:
        rows = list(rows_of(one.script))
        span = Span(one.script.since_unix_s, int(one.script.until_unix_s))
        days = Days(_day(span.since_unix_s, one), _day(span.until_unix_s, one))
        asked: tuple[tuple[str, dict[Key, Amount], Iterable[Point | DaySum]], ...] = (
            ("windows", _windows(rows, one), series.course(one.venue, span, one.script.window_s, ALL)),
            ("hours", _hours(rows), series.hours([one.venue], Span(span.since_unix_s // 3600 * 3600, 2**40), ALL)),
            ("days of places", _place_days(rows, one), series.place_days(one.venue, days, ALL)),
            ("days", _days(rows, one), series.days(days, [one.venue], ALL)),
        )
        for what, truth, told in asked:
            found += _differences(f"venue {one.venue}, {what}", truth, told)
    return found


def _differences(where: str, truth: dict[Key, Amount], told: Iterable[Point | DaySum]) -> list[str]:
    known: dict[Key, Amount] = {}
    words = []
    for one in told:
        key: Key = (one.day,) if isinstance(one, DaySum) else _place_key(where, one)
        key = (*key, int(one.measure), one.part)
        if key in known:
            words.append(f"{where}: {key} is told twice")
        known[key] = (round(one.sum.total * 1000), round(one.sum.exposure * 1000))
    words += [
        f"{where}: {key} is {known.get(key)}, and was {truth.get(key)}"
        for key in sorted({*truth, *known}, key=str)
        if truth.get(key) != known.get(key)
    ]
    return words


def _place_key(where: str, one: Point) -> Key:
    if where.endswith("hours"):
        return (one.start_unix_s,)
    return (one.camera, one.name, one.start_unix_s)


def _windows(rows: Iterable[Row], one: Played) -> dict[Key, Amount]:
    return _summed(((*_place(row, one), row.start_unix_s), row) for row in rows)


def _hours(rows: Iterable[Row]) -> dict[Key, Amount]:
    return _summed(((row.start_unix_s // 3600 * 3600,), row) for row in rows)


def _days(rows: Iterable[Row], one: Played) -> dict[Key, Amount]:
    return _summed(((_day(row.start_unix_s, one),), row) for row in rows)


def _place_days(rows: Iterable[Row], one: Played) -> dict[Key, Amount]:
    zone = ZoneInfo(one.script.venue.zone)
    midnights = {day: _midnight(day, zone) for day in {_day(row.start_unix_s, one) for row in rows}}
    return _summed(((*_place(row, one), midnights[_day(row.start_unix_s, one)]), row) for row in rows)


def _summed(keyed: Iterable[tuple[Key, Row]]) -> dict[Key, Amount]:
    sums: dict[Key, Amount] = defaultdict(lambda: (0, 0))
    for key, row in keyed:
        full = (*key, row.measure, row.part)
        total, exposure = sums[full]
        is_peak = row.measure == Measure.PEAK
        total = max(total, row.total_milli) if is_peak else total + row.total_milli
        sums[full] = (total, exposure + row.exposure_milli)
    return dict(sums)


def _place(row: Row, one: Played) -> tuple[str, str]:
    place = layout(one.script.venue, one.script.window_s).places[row.place]
    return place.camera, place.name


def _day(unix_s: int, one: Played) -> date:
    return datetime.fromtimestamp(unix_s, ZoneInfo(one.script.venue.zone)).date()


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
