"""Sums for counters: they only rise, and read what is settled once."""

from dataclasses import replace
from pathlib import Path

from passerby.core.tallies import SHELF_MEASURES, Measure, Tally
from passerby.site.lifetime import Lifetime
from passerby.site.store import KEEP_HOURS_S, KEEP_WINDOWS_S, Store
from tests.support import filled
from tests.support.filled import NINE

DOOR = (Measure.CROSSINGS_IN, "entrance", "Main door")
MASKS = ("entrance", "Main door")
HOUR = 3600


class Clock:
    now = float(NINE)

    def __call__(self) -> float:
        return self.now


def crossing(start: int) -> Tally:
    return Tally("entrance", Measure.CROSSINGS_IN, "Main door", start, 900, 1, 900)


def test_each_window_counts_once_however_time_goes_on(tmp_path: Path) -> None:
    clock = Clock()
    with Store(tmp_path / "a.sqlite") as store:
        lifetime = Lifetime(store, replace(filled.settings(), clock=clock))
        for i in range(100):
            clock.now = NINE + 900 * (i + 1) + 5.0
            store.add([crossing(NINE + 900 * i), *filled.masks("Main door", NINE + 900 * i, (10, 10, 0, 0))])
            assert lifetime.read().sums[DOOR].totals == (i + 1,)
        again = Lifetime(store, replace(filled.settings(), clock=clock))
        assert again.read() == lifetime.read(), "a restart changes nothing"
        masked = lifetime.read().judgements[MASKS].masked
        assert masked == 960, "24 hours of 4 windows are over; the last but a minute too"


def test_a_late_window_still_counts(tmp_path: Path) -> None:
    clock = Clock()
    with Store(tmp_path / "a.sqlite") as store:
        lifetime = Lifetime(store, replace(filled.settings(), clock=clock))
        store.add([crossing(NINE)])
        clock.now = NINE + 5.0 * HOUR
        assert lifetime.read().sums[DOOR].totals == (1,)
        store.add([crossing(NINE + 900)])
        assert lifetime.read().sums[DOOR].totals == (2,)


def test_roll_up_and_deletion_change_nothing_while_it_runs(tmp_path: Path) -> None:
    clock = Clock()
    with Store(tmp_path / "a.sqlite") as store:
        lifetime = Lifetime(store, replace(filled.settings(), clock=clock))
        store.add([crossing(NINE), *filled.masks("Main door", NINE, (30, 10, 0, 0))])
        clock.now = NINE + 8.0 * HOUR
        before = lifetime.read()
        for later_s in (KEEP_WINDOWS_S, KEEP_HOURS_S):
            clock.now = NINE + later_s + 2.0 * HOUR
            store.roll_up(clock.now)
            assert lifetime.read() == before
        assert store.query() == []


def test_maps_and_peaks_are_no_counters(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        store.add(list(filled.tallies(4)))
        measures = {key[0] for key in Lifetime(store, filled.settings()).read().sums}
    assert measures == set(Measure) - {
        Measure.HEAT,
        Measure.PEAK,
        Measure.MASKED,
        Measure.WORN_WRONGLY,
        *SHELF_MEASURES,
    }
