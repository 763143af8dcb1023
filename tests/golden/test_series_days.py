"""Days of venues: a window belongs to the day that its start is in, by the venue's own clock, and to an hour of UTC."""

from datetime import date, datetime

import pytest

from passerby.core.tallies import Measure
from passerby.hub.contract import Days, DaySum, Series, Span, Sum
from tests.support.deliveries import DOOR, HALL, SIDE, Count, batch, delivery
from tests.support.faults import noted

IN, OUT, PEAK = Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT, Measure.PEAK
ALL = Days(date(2025, 1, 1), date(2025, 12, 31))


def utc(text: str) -> int:
    return int(datetime.fromisoformat(f"2025-{text}+00:00").timestamp())


def of_days(series: Series, measure: Measure = IN) -> dict[date, float]:
    return {one.day: one.sum.total for one in series.days(ALL, None, [measure])}


DAYS: dict[str, tuple[dict[int, int], dict[date, int], dict[date, tuple[int, float]]]] = {
    # Midnight in Nepal is at 18:15 UTC.
    "Asia/Kathmandu": (
        {
            utc("10-06 18:00"): 1,
            utc("10-06 18:15"): 2,
            utc("10-07 18:00"): 4,
            utc("10-07 18:15"): 8,
        },
        {date(2025, 10, 6): 1, date(2025, 10, 7): 6, date(2025, 10, 8): 8},
        {date(2025, 10, 7): (utc("10-06 18:15"), 24)},
    ),
    # 23 hours, from 14:30 to 13:30 UTC.
    "Australia/Adelaide": (
        {
            utc("10-04 14:15"): 1,
            utc("10-04 14:30"): 2,
            utc("10-05 13:15"): 4,
            utc("10-05 13:30"): 8,
        },
        {date(2025, 10, 4): 1, date(2025, 10, 5): 6, date(2025, 10, 6): 8},
        {date(2025, 10, 5): (utc("10-04 14:30"), 23)},
    ),
    # 25 hours, from 22:00 to 23:00 UTC.
    "Europe/Berlin": (
        {
            utc("10-25 21:45"): 1,
            utc("10-25 22:00"): 2,
            utc("10-26 22:45"): 4,
            utc("10-26 23:00"): 8,
        },
        {date(2025, 10, 25): 1, date(2025, 10, 26): 6, date(2025, 10, 27): 8},
        {date(2025, 10, 26): (utc("10-25 22:00"), 25)},
    ),
    # 24 and a half, from 13:00 to 13:30 UTC.
    "Australia/Lord_Howe": (
        {utc("04-05 12:45"): 1, utc("04-05 13:00"): 2, utc("04-06 13:15"): 4, utc("04-06 13:30"): 8},
        {date(2025, 4, 5): 1, date(2025, 4, 6): 6, date(2025, 4, 7): 8},
        {date(2025, 4, 6): (utc("04-05 13:00"), 24.5)},
    ),
    # The day has no midnight: at 04:00 UTC the clock goes from 00:00 to 01:00.
    "America/Santiago": (
        {utc("09-07 03:45"): 1, utc("09-07 04:00"): 2, utc("09-08 02:45"): 4, utc("09-08 03:00"): 8},
        {date(2025, 9, 6): 1, date(2025, 9, 7): 6, date(2025, 9, 8): 8},
        {date(2025, 9, 7): (utc("09-07 04:00"), 23)},
    ),
}


@pytest.mark.parametrize("zone", DAYS)
def test_a_window_belongs_to_the_day_of_its_venue(series: Series, zone: str) -> None:
    came, totals, lengths = DAYS[zone]
    with noted("summer-time") as note:
        series.take(delivery(batch(1, *(Count(DOOR, IN, start, total) for start, total in came.items())), zone=zone))
        assert of_days(series) == totals
        kept = {
            one.start_unix_s: one.sum.total
            for one in series.course(1, Span(utc("01-01 00:00"), utc("12-31 00:00")), 900, [IN])
        }
        note.once(lost=sum(1 for start, total in came.items() if kept.get(start) != total))
    points = {
        one.start_unix_s: (one.sum.total, one.width_s / 3600)
        for one in series.place_days(1, ALL, [IN])
        if one.name == "door"
    }
    for day, (midnight, hours) in lengths.items():
        assert points[midnight] == (totals[day], hours)


def test_days_from_one_to_another(series: Series) -> None:
    starts = [utc(f"10-{day:02d} 12:00") for day in (1, 2, 3, 4)]
    series.take(delivery(batch(1, *(Count(DOOR, IN, start, n + 1) for n, start in enumerate(starts)))))
    found = series.days(Days(date(2025, 10, 2), date(2025, 10, 3)), None, [IN])
    assert found == [
        DaySum(1, date(2025, 10, 2), IN, 0, Sum(2, 900)),
        DaySum(1, date(2025, 10, 3), IN, 0, Sum(3, 900)),
    ]
    assert series.days(Days(date(2025, 11, 1), date(2025, 11, 3)), None, [IN]) == []


def test_days_of_venues_are_ordered_and_of_those_that_were_asked_for(series: Series) -> None:
    noon = utc("10-06 12:00")
    for venue in (3, 1, 2):
        counts = (Count(DOOR, OUT, noon, venue), Count(DOOR, IN, noon + 86_400, 10 + venue), Count(SIDE, IN, noon, 5))
        series.take(delivery(batch(1, *counts), venue=venue))
    assert [(one.venue, one.measure, one.day.day, one.sum.total) for one in series.days(ALL, None, [OUT, IN])] == [
        *((1, IN, 6, 5), (1, IN, 7, 11), (1, OUT, 6, 1)),
        *((2, IN, 6, 5), (2, IN, 7, 12), (2, OUT, 6, 2)),
        *((3, IN, 6, 5), (3, IN, 7, 13), (3, OUT, 6, 3)),
    ]
    assert [(one.venue, one.sum.total) for one in series.days(ALL, [3, 1], [OUT])] == [(1, 1), (3, 3)]
    assert series.days(ALL, [], [OUT]) == []
    assert series.days(ALL, [9], [OUT]) == []


def test_a_row_that_is_replaced_changes_its_day(series: Series) -> None:
    start = utc("10-06 18:15")
    series.take(delivery(batch(1, Count(DOOR, IN, start, 8), Count(HALL, PEAK, start, 9)), zone="Asia/Kathmandu"))
    series.take(delivery(batch(2, Count(DOOR, IN, start, 5), Count(HALL, PEAK, start, 4)), zone="Asia/Kathmandu"))
    assert (of_days(series), of_days(series, PEAK)) == ({date(2025, 10, 7): 5}, {date(2025, 10, 7): 4})


def test_a_zone_that_is_corrected_moves_what_was_counted(series: Series) -> None:
    counts = (
        Count(DOOR, IN, utc("10-06 18:15"), 8),
        Count(DOOR, IN, utc("10-06 12:00"), 1),
        Count(HALL, PEAK, utc("10-06 18:15"), 9),
        Count(HALL, PEAK, utc("10-06 12:00"), 3),
    )
    series.take(delivery(batch(1, *counts), zone="UTC"))
    assert (of_days(series), of_days(series, PEAK)) == ({date(2025, 10, 6): 9}, {date(2025, 10, 6): 9})
    series.take(delivery(batch(2, Count(DOOR, IN, utc("10-06 18:30"), 2)), zone="Asia/Kathmandu"))
    assert of_days(series) == {date(2025, 10, 6): 1, date(2025, 10, 7): 10}
    assert of_days(series, PEAK) == {date(2025, 10, 6): 3, date(2025, 10, 7): 9}
    assert [(one.sum.total, one.start_unix_s) for one in series.place_days(1, ALL, [PEAK])] == [
        (3, utc("10-05 18:15")),
        (9, utc("10-06 18:15")),
    ]
    hours = series.hours([1], Span(utc("10-06 00:00"), utc("10-07 00:00")), [IN])
    assert [(one.start_unix_s, one.sum.total) for one in hours] == [
        (utc("10-06 12:00"), 1),
        (utc("10-06 18:00"), 10),
    ], "hours are those of UTC"
