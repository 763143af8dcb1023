"""Venues that are merged, and what is forgotten."""

from dataclasses import replace
from datetime import date

from passerby.core.tallies import Measure
from passerby.hub.contract import Days, Delivered, Series, Span, Sum
from passerby.records.wire.batches import Layout, PlaceName
from passerby.records.wire.checking import digest_of
from tests.support.deliveries import DOOR, HALL, LAYOUT, OUTBOX, Count, batch, delivery

NOON = 1_759_752_000
"""6 October 2025, 12:00 UTC."""
HOUR, DAY = 3600, 86_400
IN, PEAK = Measure.CROSSINGS_IN, Measure.PEAK
ANNEX = Layout(
    ("entrance", "yard"),
    (PlaceName("entrance", "door", "line"), PlaceName("yard", "gate", "line")),
    "UTC",
    900,
    "internal",
)
ANNEX_OUTBOX = "a" * 32
SPAN = Span(NOON, NOON + HOUR)
DAYS = Days(date(2025, 10, 1), date(2025, 10, 31))


def of_annex(sequence: int, *counts: Count, venue: int = 2) -> Delivered:
    sent = batch(sequence, *counts, layout=ANNEX, outbox=ANNEX_OUTBOX)
    return delivery(sent, venue=venue, layouts=[ANNEX])


def two_venues(series: Series) -> None:
    series.take(delivery(batch(1, Count(DOOR, IN, NOON, 3), Count(HALL, PEAK, NOON, 7))))
    series.take(of_annex(1, Count(0, IN, NOON, 20), Count(1, IN, NOON, 100)))


def places(series: Series, venue: int) -> dict[tuple[str, str], float]:
    return {(one.camera, one.name): one.sum.total for one in series.course(venue, SPAN, HOUR, [IN])}


def test_a_venue_that_is_merged_becomes_part_of_the_other(series: Series) -> None:
    two_venues(series)
    series.merge(2, 1, "Annex")
    assert places(series, 1) == {("entrance", "door"): 3, ("Annex: entrance", "door"): 20, ("yard", "gate"): 100}
    assert places(series, 2) == {}
    assert [(one.venue, one.measure, one.sum) for one in series.now(NOON, [IN, PEAK])] == [
        (1, IN, Sum(123, 2700)),
        (1, PEAK, Sum(7, 900)),
    ]
    assert [(one.venue, one.sum) for one in series.days(DAYS, [1, 2], [IN])] == [(1, Sum(123, 2700))]
    assert [(one.venue, one.sum.total) for one in series.hours([1], SPAN, [IN])] == [(1, 123)]
    assert series.totals(SPAN, None, [IN]) == {(1, IN, 0): Sum(123, 2700)}
    assert [one.camera for one in series.place_days(1, DAYS, [IN])] == ["Annex: entrance", "entrance", "yard"]
    assert series.newest() == {1: NOON + 900}
    assert series.layouts(1) == {digest_of(LAYOUT): LAYOUT, digest_of(ANNEX): ANNEX}


def test_the_site_of_a_merged_venue_goes_on_sending(series: Series) -> None:
    two_venues(series)
    series.merge(2, 1, "Annex")
    series.merge(2, 1, "Annex")
    assert series.marks(2) == {ANNEX_OUTBOX: 1}
    assert series.marks(1) == {OUTBOX: 1, ANNEX_OUTBOX: 1}
    assert series.take(of_annex(1, Count(0, IN, NOON, 20))).new == (), "it was taken before"
    series.take(of_annex(2, Count(0, IN, NOON + 900, 5)))
    series.take(of_annex(3, Count(0, IN, NOON + 1800, 6), venue=1))
    assert places(series, 1) == {("entrance", "door"): 3, ("Annex: entrance", "door"): 31, ("yard", "gate"): 100}
    assert series.marks(1) == {OUTBOX: 1, ANNEX_OUTBOX: 3}


def test_a_venue_is_merged_before_it_ever_sent_and_with_what_was_merged_into_it(series: Series) -> None:
    series.merge(2, 3, "Annex")
    series.merge(3, 1, "Tower")
    two_venues(series)
    assert places(series, 1) == {("entrance", "door"): 3, ("Annex: entrance", "door"): 20, ("yard", "gate"): 100}
    assert [one.sum.total for one in series.now(NOON, [IN])] == [123]


def test_windows_are_forgotten_and_their_sums_stay(series: Series) -> None:
    late = [Count(DOOR, IN, NOON + DAY + 900 * n, n + 1) for n in range(4)]
    series.take(delivery(batch(1, Count(DOOR, IN, NOON, 3), Count(DOOR, IN, NOON + 900, 4), *late)))
    before = (series.days(DAYS, None, [IN]), series.now(NOON, [IN]))
    assert series.forget(NOON + DAY + HOUR, 0) == 2, "those of whole days that are over"
    assert series.forget(NOON + DAY + HOUR, 0) == 0
    assert (series.days(DAYS, None, [IN]), series.now(NOON, [IN])) == before
    points = series.course(1, Span(NOON, NOON + DAY + HOUR), 900, [IN])
    assert [(one.start_unix_s - NOON, one.width_s, one.sum.total) for one in points] == [
        (0, HOUR, 7),
        *((DAY, 900, 1), (DAY + 900, 900, 2), (DAY + 1800, 900, 3), (DAY + 2700, 900, 4)),
    ]


def test_what_comes_late_of_a_forgotten_day_is_added(series: Series) -> None:
    series.take(delivery(batch(1, Count(DOOR, IN, NOON, 3), Count(HALL, PEAK, NOON, 7))))
    series.forget(NOON + DAY, 0)
    series.take(delivery(batch(2, Count(DOOR, IN, NOON + 900, 4), Count(HALL, PEAK, NOON + 900, 5))))
    assert [one.sum for one in series.days(DAYS, None, [IN, PEAK])] == [Sum(7, 1800), Sum(7, 1800)]
    assert [one.sum for one in series.course(1, SPAN, 900, [IN])] == [Sum(7, 1800)]
    series.take(delivery(batch(3, Count(HALL, PEAK, NOON + 900, 2))))
    assert [one.sum for one in series.days(DAYS, None, [PEAK])] == [Sum(7, 1800)], "what was forgotten had the most"


def test_the_day_of_a_zone_is_forgotten_as_a_whole(series: Series) -> None:
    """Midnight in Nepal is at 18:15 UTC: the hour that it is in stays, for its peak may still be corrected."""
    midnight = NOON + 6 * HOUR + 900
    counts = [Count(HALL, PEAK, midnight + 900 * n, 9 - n) for n in (-2, -1, 0, 1)]
    series.take(delivery(batch(1, *counts), zone="Asia/Kathmandu"))
    assert series.forget(midnight + HOUR, 0) == 1
    lower = [Count(HALL, PEAK, midnight, 1), Count(HALL, PEAK, midnight + 900, 2)]
    series.take(delivery(batch(2, *lower), zone="Asia/Kathmandu"))
    assert [one.sum for one in series.days(DAYS, None, [PEAK])] == [Sum(11, 1800), Sum(2, 1800)]
    assert [one.sum for one in series.now(NOON, [PEAK])] == [Sum(11, 900), Sum(10, 2700)]


def test_sums_are_forgotten_too(series: Series) -> None:
    series.take(delivery(batch(1, Count(DOOR, IN, NOON, 3), Count(DOOR, IN, NOON + DAY, 4))))
    series.take(replace(delivery(batch(1, Count(DOOR, IN, NOON, 5))), venue=2))
    series.forget(NOON + DAY, NOON + DAY)
    assert [(one.venue, one.sum.total) for one in series.days(DAYS, None, [IN])] == [(1, 4)]
    assert [(one.venue, one.sum.total) for one in series.now(NOON, [IN])] == [(1, 4)]
    assert [one.sum.total for one in series.place_days(1, DAYS, [IN])] == [4]
    assert series.course(2, SPAN, 900, [IN]) == []
    assert series.marks(2) == {OUTBOX: 1}, "what was taken is never taken again"
