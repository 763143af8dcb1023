"""Tallies of shelves are like any others: they merge, become hours and go, and availability stays what it was."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from passerby.core.shelf_windows import ShelfTallier
from passerby.core.shelves import FacingState, availability
from passerby.core.tallies import SHELF_MEASURES, Measure, Tally, merge
from passerby.site.store import HOUR_S, KEEP_HOURS_S, KEEP_WINDOWS_S, Filter, Store

HOUR = 1_759_993_200 // HOUR_S * HOUR_S
_STEP_S = 10
S, LOW, EMPTY, UNSEEN = FacingState


def an_hour() -> list[Tally]:
    """Three facings in windows of five minutes: always full; low, then empty for 25 minutes; unseen for a half hour."""
    tallier = ShelfTallier("shop", "Crisps", 3, 300)
    closed: list[Tally] = []
    for start in range(0, HOUR_S, _STEP_S):
        second = LOW if start < 1200 else EMPTY if start < 2700 else S
        third = UNSEEN if start < 1800 else EMPTY if start < 1950 else S
        span = (HOUR + start, HOUR + start + _STEP_S)
        closed += tallier.look(span, (S, second, third), (1.0, 0.1 if second is EMPTY else 0.4, 0.5))
    return closed + tallier.close()


def totals(tallies: Iterable[Tally]) -> dict[tuple[Measure, int], float]:
    found: dict[tuple[Measure, int], float] = {}
    for one in tallies:
        found[one.measure, one.part] = found.get((one.measure, one.part), 0) + one.total
    return found


def share(tallies: Iterable[Tally]) -> float | None:
    """Availability of the shelf."""
    sums = totals(tallies)
    seen, empty = (
        sum(total for (measure, _), total in sums.items() if measure is which)
        for which in (Measure.SHELF_SEEN, Measure.SHELF_EMPTY)
    )
    return availability(seen, empty)


def test_hours_have_the_seconds_of_their_windows_and_go_after_13_months(tmp_path: Path) -> None:
    windows = an_hour()
    sums = totals(windows)
    assert [sums[Measure.SHELF_SEEN, part] for part in range(3)] == [3600, 3600, 1800]
    assert [sums.get((Measure.SHELF_EMPTY, part), 0) for part in range(3)] == [0, 1500, 150]
    assert sums[Measure.SHELF_LOW, 1] == 1200
    assert share(windows) == pytest.approx(1 - 1650 / 9000)
    with Store(tmp_path / "a.sqlite") as store:
        store.add(windows)
        asked = merge(windows, HOUR_S)
        assert store.query(Filter(width_s=HOUR_S)) == asked
        store.roll_up(HOUR + HOUR_S + KEEP_WINDOWS_S)
        kept = store.query()
        assert {(one.start_unix_s, one.width_s) for one in kept} == {(HOUR, HOUR_S)}
        assert kept == asked and totals(kept) == sums and share(kept) == share(windows)
        assert {one.measure for one in kept} == set(SHELF_MEASURES)
        store.roll_up(HOUR + HOUR_S + KEEP_HOURS_S)
        assert store.query() == []


def test_it_does_not_matter_in_which_order_and_where_tallies_are_added(tmp_path: Path) -> None:
    windows = an_hour()
    quarters = merge(windows, 900)
    assert merge(quarters, HOUR_S) == merge(reversed(windows), HOUR_S) == merge(windows, HOUR_S)
    with Store(tmp_path / "hub.sqlite") as store:
        store.add(quarters[::-1])
        assert totals(store.query(Filter(camera="shop", measure=Measure.SHELF_EMPTY))) == {
            (Measure.SHELF_EMPTY, 1): 1500,
            (Measure.SHELF_EMPTY, 2): 150,
        }
        sums = {(one.measure, one.part): one.total for one in store.sums()}
    assert sums == totals(windows)
