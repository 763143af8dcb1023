"""Heat maps: hours on a grid, and None where too few people were, or nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from passerby.core.tallies import HEAT_COLUMNS, HEAT_ROWS, PICTURE, Measure, Tally
from passerby.site.reports import Asked, Heat, heat_cameras, heat_report
from passerby.site.store import Store
from tests.support import filled
from tests.support.filled import NINE

SETTINGS = filled.settings()
HOUR = 3600


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.sqlite") as store:
        yield store


def cell(row: int, column: int, total: float, start: int = NINE, exposure: float = HOUR) -> Tally:
    return Tally("entrance", Measure.HEAT, PICTURE, start, HOUR, total, exposure, row * HEAT_COLUMNS + column)


def told(heat: Heat) -> dict[tuple[int, int], float]:
    return {
        (y, x): value for y, row in enumerate(heat.person_seconds) for x, value in enumerate(row) if value is not None
    }


def test_cells_lie_where_they_were_seen(store: Store) -> None:
    store.add([cell(0, 31, 100), cell(17, 0, 7), cell(9, 16, 1800)])
    report = heat_report(store, "entrance", Asked(NINE), SETTINGS)
    assert (len(report.sum.person_seconds), {len(row) for row in report.sum.person_seconds}) == (
        HEAT_ROWS,
        {HEAT_COLUMNS},
    )
    assert told(report.sum) == {(0, 31): 100, (17, 0): 7, (9, 16): 1800}
    assert report.sum.mean_people[9][16] == 0.5
    assert report.sum.mean_people[9][15] is None
    assert report.minimum_people == 5


def test_hours_add_up(store: Store) -> None:
    store.add([cell(9, 16, 1800), cell(9, 16, 900, NINE + HOUR), cell(9, 15, 36, NINE + HOUR)])
    report = heat_report(store, "entrance", Asked(NINE), SETTINGS)
    assert [(one.window.start_unix_s, told(one.heat)) for one in report.windows] == [
        (NINE, {(9, 16): 1800}),
        (NINE + HOUR, {(9, 15): 36, (9, 16): 900}),
    ]
    assert told(report.sum) == {(9, 15): 36, (9, 16): 2700}
    assert report.sum.observed_s == 7200
    assert report.sum.mean_people[9][15] == pytest.approx(36 / 7200), "of all the time seen, not of its own hour"


def test_hours_without_people_were_seen_all_the_same(store: Store) -> None:
    people = [Tally("entrance", Measure.PEOPLE, "Hall", NINE + 900 * i, 900, 0, 900 if i < 8 else 0) for i in range(12)]
    store.add([cell(9, 16, 1800), *people])
    report = heat_report(store, "entrance", Asked(NINE), SETTINGS)
    assert [one.heat.observed_s for one in report.windows] == [3600, 3600], "the third hour was not seen"
    assert told(report.windows[1].heat) == {}
    assert report.sum.mean_people[9][16] == 0.25


def test_a_day_in_one_map(store: Store) -> None:
    store.add([cell(9, 16, 100, NINE + HOUR * i) for i in range(4)])
    report = heat_report(store, "entrance", Asked(NINE, width_s=86_400), SETTINGS)
    assert [(one.window.width_s, told(one.heat)) for one in report.windows] == [(86_400, {(9, 16): 400})]


def test_only_this_camera_and_this_time(store: Store) -> None:
    other = Tally("shop", Measure.HEAT, PICTURE, NINE, HOUR, 9, HOUR, 1)
    store.add([cell(9, 16, 100), cell(9, 16, 50, NINE + HOUR), other])
    report = heat_report(store, "entrance", Asked(NINE, NINE + HOUR), SETTINGS)
    assert told(report.sum) == {(9, 16): 100}
    assert heat_cameras(SETTINGS) == ("entrance",)


def test_nothing_seen_is_an_empty_map(store: Store) -> None:
    report = heat_report(store, "entrance", Asked(NINE), SETTINGS)
    assert (report.windows, report.sum.observed_s, told(report.sum)) == ((), 0, {})
    assert report.as_dict()["sum"]["mean_people"][0] == [None] * HEAT_COLUMNS
