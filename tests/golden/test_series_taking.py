"""What a store of series takes, and what not: exactly once, in order, and nothing that breaks the contract."""

from dataclasses import replace

import pytest

from passerby.core.tallies import Measure
from passerby.errors import StoreError
from passerby.hub.contract import Aside, Series, Span, Sum, Taken
from passerby.records.wire.batches import Batch, Row
from passerby.records.wire.checking import digest_of
from tests.support.deliveries import DOOR, HALL, LAYOUT, OUTBOX, RECEIVED_UNIX_S, STRICT, Count, batch, delivery

NOON = 1_759_752_000
"""6 October 2025, 12:00 UTC."""
IN, PEAK = Measure.CROSSINGS_IN, Measure.PEAK
OTHER = "f" * 32


def counted(series: Series, venue: int = 1, measure: Measure = IN) -> list[tuple[int, float, float, bool]]:
    points = series.course(venue, Span(NOON, NOON + 7200), 900, [measure])
    return [(one.start_unix_s - NOON, one.sum.total, one.sum.exposure, one.sum.doubtful) for one in points]


def summed(series: Series, measure: Measure = IN) -> dict[int, Sum]:
    return {one.start_unix_s - NOON: one.sum for one in series.now(NOON, [measure])}


def test_a_batch_is_taken_once(series: Series) -> None:
    first = delivery(batch(1, Count(DOOR, IN, NOON, 3)))
    assert series.take(first) == Taken(1, new=(1,))
    assert series.take(first) == Taken(1)
    assert series.take(delivery(batch(1, Count(DOOR, IN, NOON, 99)))) == Taken(1), "the first is what was sealed"
    assert counted(series) == [(0, 3, 900, False)]
    assert series.marks(1) == {OUTBOX: 1}


def test_batches_are_taken_in_order_and_without_a_gap(series: Series) -> None:
    one, two, three, four = (batch(n, Count(DOOR, IN, NOON + 900 * n, n)) for n in (1, 2, 3, 4))
    assert series.take(delivery(two)) == Taken(0)
    assert series.marks(1) == {}
    assert series.take(delivery(two, one)) == Taken(2, new=(1, 2)), "the order within a request does not matter"
    assert series.take(delivery(one, two, four)) == Taken(2)
    assert series.take(delivery(two, three, four)) == Taken(4, new=(3, 4))
    assert [start for start, *_ in counted(series)] == [900, 1800, 2700, 3600]


def test_outboxes_and_venues_have_marks_of_their_own(series: Series) -> None:
    series.take(delivery(batch(1, Count(DOOR, IN, NOON, 3))))
    series.take(delivery(batch(1, Count(DOOR, IN, NOON + 900, 4), outbox=OTHER)))
    series.take(delivery(batch(1, Count(DOOR, IN, NOON, 5)), venue=2))
    assert series.marks(1) == {OUTBOX: 1, OTHER: 1}
    assert series.marks(2) == {OUTBOX: 1}
    assert series.marks(3) == {}
    assert (counted(series), counted(series, 2)) == ([(0, 3, 900, False), (900, 4, 900, False)], [(0, 5, 900, False)])


def test_a_layout_is_asked_for_and_what_needs_it_waits(series: Series) -> None:
    one, two = batch(1, Count(DOOR, IN, NOON, 3)), batch(2, Count(DOOR, IN, NOON + 900, 4))
    strict = batch(3, Count(0, IN, NOON, 5, width_s=1200), layout=STRICT)
    assert series.take(delivery(one, two, layouts=())) == Taken(0, wanted=(digest_of(LAYOUT),))
    assert series.take(delivery(one, strict)) == Taken(1, new=(1,), wanted=(digest_of(STRICT),))
    assert series.take(delivery(two, strict, layouts=())) == Taken(2, new=(2,), wanted=(digest_of(STRICT),))
    assert series.take(delivery(layouts=[STRICT])) == Taken(0)
    assert series.take(delivery(strict, layouts=())) == Taken(3, new=(3,))
    assert series.layouts(1) == {digest_of(LAYOUT): LAYOUT, digest_of(STRICT): STRICT}
    assert series.layouts(2) == {}


def test_an_empty_batch_moves_the_mark(series: Series) -> None:
    assert series.take(delivery(batch(1), batch(2))) == Taken(2, new=(1, 2))
    assert series.newest() == {}


@pytest.mark.parametrize(
    "row",
    [
        Row(9, int(IN), 0, NOON, 900, 1, 0, 1000, 900_000),
        Row(DOOR, int(Measure.PEOPLE), 0, NOON, 900, 1, 0, 1000, 900_000),
        Row(DOOR, int(IN), 1, NOON, 900, 1, 0, 1000, 900_000),
        Row(HALL, int(Measure.HEAT), 0, NOON, 900, 1, 0, 1000, 900_000),
        Row(DOOR, int(IN), 0, NOON + 60, 900, 1, 0, 1000, 900_000),
        Row(DOOR, int(IN), 0, 900 * 2**30, 900, 1, 0, 1000, 900_000),
        Row(DOOR, int(IN), 0, NOON, 900, 1, 0, 1500, 900_000),
    ],
    ids=["place", "measure", "part", "heat", "start", "after 2099", "half a person"],
)
def test_a_batch_that_breaks_the_contract_is_kept_apart(series: Series, row: Row) -> None:
    bad = Batch(OUTBOX, 2, digest_of(LAYOUT), RECEIVED_UNIX_S, (Count(DOOR, IN, NOON, 7).row(), row))
    three = batch(3, Count(DOOR, IN, NOON + 900, 4))
    taken = series.take(delivery(batch(1, Count(DOOR, IN, NOON, 3)), bad, three))
    assert taken == Taken(3, new=(1, 3), set_aside=(2,))
    assert series.take(delivery(bad, three)) == Taken(3)
    assert counted(series) == [(0, 3, 900, False), (900, 4, 900, False)], "nothing of it is counted"
    ((venue, outbox, sequence, why),) = series.set_aside()
    assert (venue, outbox, sequence) == (1, OUTBOX, 2)
    assert why


def test_what_was_found_wrong_before_is_kept_apart_too(series: Series) -> None:
    two = Aside(OUTBOX, 2, "it has an unknown field", b'{"picture":"..."}')
    came = delivery(batch(1, Count(DOOR, IN, NOON, 3)), batch(3, Count(DOOR, IN, NOON + 900, 4)))
    assert series.take(replace(came, aside=(two,))) == Taken(3, new=(1, 3), set_aside=(2,))
    later = replace(delivery(venue=2, layouts=()), aside=(replace(two, sequence=1),))
    assert series.take(later) == Taken(1, set_aside=(1,))
    assert series.set_aside() == [(2, OUTBOX, 1, two.why), (1, OUTBOX, 2, two.why)], "the newest first"
    assert series.set_aside(1) == [(1, OUTBOX, 2, two.why)]


def test_a_row_that_is_there_is_replaced(series: Series) -> None:
    series.take(delivery(batch(1, Count(DOOR, IN, NOON, 3), Count(DOOR, IN, NOON + 900, 4))))
    series.take(delivery(batch(2, Count(DOOR, IN, NOON, 1, 600))))
    assert counted(series) == [(0, 1, 600, False), (900, 4, 900, False)]
    assert summed(series) == {0: Sum(5, 1500)}


def test_a_peak_that_is_replaced_by_a_lower_one_leaves_what_is_the_most_now(series: Series) -> None:
    series.take(delivery(batch(1, Count(HALL, PEAK, NOON, 9), Count(HALL, PEAK, NOON + 900, 5))))
    assert summed(series, PEAK) == {0: Sum(9, 1800)}
    series.take(delivery(batch(2, Count(HALL, PEAK, NOON, 2))))
    assert summed(series, PEAK) == {0: Sum(5, 1800)}
    assert counted(series, measure=PEAK) == [(0, 2, 900, False), (900, 5, 900, False)]
    series.take(delivery(batch(3, Count(HALL, PEAK, NOON, 12))))
    assert summed(series, PEAK) == {0: Sum(12, 1800)}


def test_what_two_runs_counted_of_a_window_is_added(series: Series) -> None:
    first, second = Count(DOOR, IN, NOON, 3, 300, run=1), Count(DOOR, IN, NOON, 4, 500, run=2)
    series.take(delivery(batch(1, first), batch(2, second)))
    assert counted(series) == [(0, 7, 800, False)]
    series.take(delivery(batch(3, replace(second, exposure=700))))
    assert counted(series) == [(0, 7, 900, False)], "never longer than the window"
    assert summed(series) == {0: Sum(7, 1000)}


def test_doubtful_is_marked_and_the_mark_goes_when_it_is_replaced(series: Series) -> None:
    series.take(delivery(batch(1, Count(DOOR, IN, NOON, 3, unsafe=1), Count(DOOR, IN, NOON + 900, 4))))
    series.take(delivery(batch(2, Count(DOOR, IN, NOON + 1800, 5)), doubtful=True))
    assert [doubtful for *_, doubtful in counted(series)] == [True, False, True]
    assert summed(series) == {0: Sum(12, 2700, doubtful=True)}
    series.take(delivery(batch(3, Count(DOOR, IN, NOON, 3))))
    assert summed(series) == {0: Sum(12, 2700, doubtful=True)}
    series.take(delivery(batch(4, Count(DOOR, IN, NOON + 1800, 5))))
    assert summed(series) == {0: Sum(12, 2700, doubtful=False)}


def test_a_zone_that_nobody_knows_is_said_and_nothing_is_taken(series: Series) -> None:
    with pytest.raises(StoreError, match="Atlantis"):
        series.take(delivery(batch(1, Count(DOOR, IN, NOON, 3)), zone="Atlantis/Capital"))
    assert series.marks(1) == {}
    assert counted(series) == []
