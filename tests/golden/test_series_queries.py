"""Every named query, on a small scripted fleet, with answers that were worked out by hand."""

import pytest

from passerby.core.tallies import Measure
from passerby.hub.contract import Point, Series, Span, Sum
from tests.support.deliveries import (
    CHECKOUT,
    DOOR,
    HALL,
    RECEIVED_UNIX_S,
    SHELF,
    SIDE,
    STRICT,
    Count,
    batch,
    delivery,
)

NOON = 1_759_752_000
"""6 October 2025, 12:00 UTC."""
HOUR = 3600
IN, OUT, PEOPLE, PEAK, DWELL = (
    Measure.CROSSINGS_IN,
    Measure.CROSSINGS_OUT,
    Measure.PEOPLE,
    Measure.PEAK,
    Measure.DWELL,
)


def filled(series: Series) -> None:
    """Two venues, three quarters of an hour and one of the next."""
    one = [
        *(Count(DOOR, IN, NOON, 3), Count(SIDE, IN, NOON, 10), Count(DOOR, OUT, NOON, 1)),
        *(Count(HALL, PEOPLE, NOON, 90.5), Count(CHECKOUT, PEOPLE, NOON, 9.5, 450)),
        *(Count(HALL, PEAK, NOON, 8), Count(CHECKOUT, PEAK, NOON, 11)),
        *(Count(HALL, DWELL, NOON, 2, part=0), Count(HALL, DWELL, NOON, 5, part=12)),
    ]
    two = [Count(DOOR, IN, NOON + 900, 4, 899.9), Count(SIDE, IN, NOON + 900, 0), Count(HALL, PEAK, NOON + 900, 9)]
    three = [
        Count(DOOR, IN, NOON + 1800, 5),
        Count(DOOR, IN, NOON + HOUR, 6),
        Count(HALL, DWELL, NOON + HOUR, 1, part=12),
    ]
    series.take(delivery(batch(1, *one), batch(2, *two), batch(3, *three)))
    series.take(delivery(batch(1, Count(DOOR, IN, NOON, 100), Count(DOOR, IN, NOON + HOUR, 200)), venue=7))


def place(camera: str, name: str, measure: Measure, start: int, total: Sum, part: int = 0, width_s: int = 900) -> Point:
    return Point(1, camera, name, measure, part, NOON + start, width_s, total)


def test_course_by_windows(series: Series) -> None:
    filled(series)
    assert series.course(1, Span(NOON, NOON + HOUR), 900, [IN, DWELL]) == [
        place("east", "side door", IN, 0, Sum(10, 900)),
        place("east", "side door", IN, 900, Sum(0, 900)),
        place("entrance", "door", IN, 0, Sum(3, 900)),
        place("entrance", "door", IN, 900, Sum(4, 899.9)),
        place("entrance", "door", IN, 1800, Sum(5, 900)),
        place("entrance", "hall", DWELL, 0, Sum(2, 900)),
        place("entrance", "hall", DWELL, 0, Sum(5, 900), part=12),
    ]


@pytest.mark.parametrize("since", [NOON, NOON - 60], ids=["whole hours", "not whole hours"])
def test_course_by_hours(series: Series, since: int) -> None:
    filled(series)
    assert series.course(1, Span(since, NOON + 2 * HOUR), HOUR, [IN, PEAK, PEOPLE]) == [
        place("east", "checkout", PEOPLE, 0, Sum(9.5, 450), width_s=HOUR),
        place("east", "checkout", PEAK, 0, Sum(11, 900), width_s=HOUR),
        place("east", "side door", IN, 0, Sum(10, 1800), width_s=HOUR),
        place("entrance", "door", IN, 0, Sum(12, 2699.9), width_s=HOUR),
        place("entrance", "door", IN, HOUR, Sum(6, 900), width_s=HOUR),
        place("entrance", "hall", PEOPLE, 0, Sum(90.5, 900), width_s=HOUR),
        place("entrance", "hall", PEAK, 0, Sum(9, 1800), width_s=HOUR),
    ]


def test_course_holds_windows_that_start_in_the_span(series: Series) -> None:
    filled(series)
    starts = [one.start_unix_s - NOON for one in series.course(1, Span(NOON + 1, NOON + 1800), 900, [IN])]
    assert starts == [900, 900]
    half = series.course(1, Span(NOON + 900, NOON + 2 * HOUR), 1800, [IN])
    assert [(one.name, one.start_unix_s - NOON, one.sum.total) for one in half] == [
        *(("side door", 0, 0), ("door", 0, 4), ("door", 1800, 5), ("door", HOUR, 6)),
    ]


def test_windows_that_are_wider_than_a_step_stay_as_they_are(series: Series) -> None:
    wide = Count(DOOR, IN, NOON, 8, width_s=1800)
    series.take(delivery(batch(1, wide, Count(DOOR, IN, NOON + 1800, 1), Count(DOOR, IN, NOON + 2700, 2))))
    points = series.course(1, Span(NOON, NOON + HOUR), 900, [IN])
    assert [(one.start_unix_s - NOON, one.width_s, one.sum.total) for one in points] == [
        *((0, 1800, 8), (1800, 900, 1), (2700, 900, 2)),
    ]
    points = series.course(1, Span(NOON, NOON + HOUR), 1800, [IN])
    assert [(one.start_unix_s - NOON, one.width_s, one.sum.total) for one in points] == [(0, 1800, 8), (1800, 1800, 3)]


def test_now_is_the_sum_of_each_venue_by_hours(series: Series) -> None:
    filled(series)
    assert [
        (one.venue, one.measure, one.start_unix_s - NOON, one.part, one.sum)
        for one in series.now(NOON + 1000, [PEAK, IN, DWELL])
    ] == [
        (1, IN, 0, 0, Sum(22, 4499.9)),
        (1, IN, HOUR, 0, Sum(6, 900)),
        (1, PEAK, 0, 0, Sum(11, 2700)),
        (1, DWELL, 0, 0, Sum(2, 900)),
        (1, DWELL, 0, 12, Sum(5, 900)),
        (1, DWELL, HOUR, 12, Sum(1, 900)),
        (7, IN, 0, 0, Sum(100, 900)),
        (7, IN, HOUR, 0, Sum(200, 900)),
    ]
    points = series.now(NOON + HOUR, [IN])
    assert [(one.venue, one.camera, one.name, one.width_s) for one in points] == [(1, "", "", HOUR), (7, "", "", HOUR)]


def test_hours_of_some_venues(series: Series) -> None:
    filled(series)
    assert series.hours([7], Span(NOON, NOON + HOUR), [IN]) == [Point(7, "", "", IN, 0, NOON, HOUR, Sum(100, 900))]
    assert [one.sum.total for one in series.hours([1, 7], Span(NOON + 1, NOON + HOUR + 1), [IN])] == [6, 200]
    assert series.hours([], Span(NOON, NOON + HOUR), [IN]) == []


def test_totals_over_whole_hours(series: Series) -> None:
    filled(series)
    assert series.totals(Span(NOON, NOON + 2 * HOUR), None, [IN, PEAK]) == {
        (1, IN, 0): Sum(28, 5399.9),
        (1, PEAK, 0): Sum(11, 2700),
        (7, IN, 0): Sum(300, 1800),
    }
    assert series.totals(Span(NOON + HOUR, NOON + 2 * HOUR), [1], [IN, DWELL]) == {
        (1, IN, 0): Sum(6, 900),
        (1, DWELL, 12): Sum(1, 900),
    }
    assert series.totals(Span(NOON, NOON + HOUR), [], [IN]) == {}


def test_newest_is_where_the_last_window_ends_but_not_after_it_came(series: Series) -> None:
    filled(series)
    later = RECEIVED_UNIX_S // 900 * 900
    assert series.newest() == {1: NOON + HOUR + 900, 7: NOON + HOUR + 900}
    series.take(delivery(batch(2, Count(DOOR, IN, NOON, 1)), venue=7))
    assert series.newest()[7] == NOON + HOUR + 900
    series.take(delivery(batch(3, Count(DOOR, IN, later - 900, 1)), venue=7))
    assert series.newest()[7] == later


def test_shelves_are_seen_once_for_each_facing_and_masks_count_people(series: Series) -> None:
    seen, empty, masked = Measure.SHELF_SEEN, Measure.SHELF_EMPTY, Measure.MASKED
    counts = [
        *(Count(SHELF, seen, NOON, 9000, 9000), Count(SHELF, empty, NOON, 900, 9000)),
        *(Count(DOOR, masked, NOON, 40, 1200), Count(SIDE, masked, NOON, 1, 3)),
    ]
    series.take(delivery(batch(1, *counts)))
    points = series.course(1, Span(NOON, NOON + HOUR), HOUR, [seen, empty, masked])
    assert [(one.name, one.measure, one.sum.total, one.sum.exposure) for one in points] == [
        *(("milk", seen, 9000, 9000), ("milk", empty, 900, 9000)),
        *(("side door", masked, 1, 3), ("door", masked, 40, 1200)),
    ]
    assert series.totals(Span(NOON, NOON + HOUR), None, [masked]) == {(1, masked, 0): Sum(41, 1203)}


def test_a_site_that_sends_the_whole_of_it_alone(series: Series) -> None:
    series.take(delivery(batch(1, Count(0, IN, NOON, 30, width_s=1200), layout=STRICT), layouts=[STRICT]))
    assert series.course(1, Span(NOON, NOON + HOUR), 900, [IN]) == [place("", "", IN, 0, Sum(30, 1200), width_s=1200)]
    assert [one.sum for one in series.now(NOON, [IN])] == [Sum(30, 1200)]


def test_nothing_is_known_of_a_venue_that_never_sent(series: Series) -> None:
    assert series.course(1, Span(NOON, NOON + HOUR), 900, list(Measure)) == []
    assert series.now(0, list(Measure)) == []
    assert series.newest() == {}
    assert series.set_aside() == []
    assert series.course(1, Span(NOON, NOON + HOUR), 900, []) == []
