"""The report of shelves, on tallies of which the truth is computed by hand."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from passerby.core.shelves import FacingState
from passerby.core.tallies import Measure, Tally
from passerby.site.figures import Settings
from passerby.site.reports import Asked, ShelvesNow, ShelvesReport, shelf_report
from passerby.site.reports.shelves import RESTOCK_MINIMUM, Restock
from passerby.site.settings import ShelfSettings
from passerby.site.shelf_board import FacingKnown
from passerby.site.store import Store
from tests.support.filled import NINE, ZONE

WIDTH_S = 900
_CORNERS = ((0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2))
PASTA = ShelfSettings("aisle 3", "pasta", "Aisle 3", (_CORNERS,) * 4, columns=2)
RICE = ShelfSettings("aisle 3", "rice", "Aisle 3", (_CORNERS,))
BREAD = ShelfSettings("bakery", "bread", None, (_CORNERS,))
SHELVES = (PASTA, RICE, BREAD)
STOCKED, EMPTY, HIDDEN = FacingState.STOCKED, FacingState.EMPTY, FacingState.CANNOT_SEE


def window(shelf: ShelfSettings, number: int, facing: int, seen_s: float, empty_s: float = 0.0) -> Iterable[Tally]:
    """What a room tells of a facing in one window: zeros are not told."""
    filled_s = (seen_s - empty_s) // 2
    for measure, total in (
        (Measure.SHELF_SEEN, seen_s),
        (Measure.SHELF_EMPTY, empty_s),
        (Measure.SHELF_FILL, filled_s),
    ):
        if total:
            yield Tally(*(shelf.camera, measure, shelf.shelf), NINE + number * WIDTH_S, WIDTH_S, total, WIDTH_S, facing)


def windows(shelf: ShelfSettings, facing: int, *empty_s: float) -> Iterable[Tally]:
    """The first windows of a facing that is seen all the time."""
    for number, seconds in enumerate(empty_s):
        yield from window(shelf, number, facing, 900, seconds)


def known(shelf: ShelfSettings, facing: int, last: FacingState | None, since: int, **more: object) -> FacingKnown:
    now = {"state": HIDDEN if last is None else last, "seen_unix_s": more.get("told_unix_s"), **more}
    return FacingKnown(shelf.camera, shelf.shelf, facing, last=last, since_unix_s=since, **now)  # type: ignore[arg-type]


def report(path: Path, tallies: Iterable[Tally], now: ShelvesNow | None = None, hours: float = 2) -> ShelvesReport:
    """At nine o'clock and so many hours."""
    moment = NINE + hours * 3600
    settings = Settings((), WIDTH_S, ZONE, clock=lambda: moment)
    with Store(path / "a.sqlite") as store:
        store.add(list(tallies))
        return shelf_report(store, Asked.today(settings), settings, SHELVES, now or ShelvesNow())


def test_availability_is_of_sums_and_says_how_much_was_seen(tmp_path: Path) -> None:
    told = report(
        tmp_path,
        # Of four facings one is seen for an hour and empty for a quarter of it, one is seen and full for half an hour.
        [
            *windows(PASTA, 0, 0, 0, 0, 900),
            *windows(PASTA, 1, 0, 0),
            *window(RICE, 5, 0, 450, 90),
        ],
    )
    pasta, rice, bread = told.shelves
    assert (pasta.sum.seen_s, pasta.sum.empty_s) == (5400, 900)
    assert pasta.sum.availability == pytest.approx(1 - 900 / 5400)
    # From nine to eleven minus what may be late: to the quarter before.
    assert pasta.sum.coverage == pytest.approx(5400 / (4 * 7 * 900))
    first, second = pasta.hours.values()
    assert first.availability == pytest.approx(5 / 6)
    assert (second.availability, second.coverage) == (None, 0)
    assert rice.sum.availability == pytest.approx(0.8)
    assert (bread.sum.availability, bread.hours, bread.sum.coverage) == (None, {}, 0)
    (aisle,) = told.aisles
    assert aisle.aisle == "Aisle 3"
    assert aisle.sum.availability == pytest.approx(1 - 990 / 5850)
    assert told.sum == aisle.sum
    assert [window.start_unix_s for window in aisle.hours] == [NINE, NINE + 3600]


def test_the_fill_is_that_of_the_last_window_in_which_a_facing_was_seen(tmp_path: Path) -> None:
    told = report(tmp_path, [*window(PASTA, 0, 0, 900), *window(PASTA, 1, 0, 900, 900), *window(PASTA, 0, 1, 600)])
    assert [one.fill for one in told.shelves[0].facings] == [0, 0.5, None, None]


def test_gaps_that_last_come_first_and_the_longest_first(tmp_path: Path) -> None:
    at = NINE + 7200
    now = ShelvesNow(
        (
            known(PASTA, 0, EMPTY, NINE + 1200, told_unix_s=at),
            known(PASTA, 3, EMPTY, NINE + 6000, told_unix_s=at, state=HIDDEN, seen_unix_s=at - 600),
            known(PASTA, 1, STOCKED, NINE + 6900, told_unix_s=at),
        )
    )
    told = report(
        tmp_path,
        [
            *windows(PASTA, 0, 0, 600, 900, 900, 900, 900, 900),
            *windows(PASTA, 1, 0, 300, 900, 300, 0),
        ],
        now,
    )
    assert [(one.facing, one.lasts, one.length_s, one.age_s) for one in told.gaps] == [
        (0, True, 6000, 0),
        (3, True, 1200, 600),
        (1, False, 300 + 900 + 300, None),
    ]
    assert told.gaps[0].gap.start_unix_s == NINE + 900 + 300
    assert told.shelves[0].facings[3].state is HIDDEN
    assert (told.empty, told.hidden) == (2, 4)
    assert [one.gap.start_unix_s for one in told.open_gaps] == [NINE + 1200, NINE + 6000]
    row = told.gaps[1].as_dict(ZONE)
    assert (row["row"], row["column"], row["start"], row["end"]) == (2, 2, "2025-10-09T10:40:00+02:00", None)


def test_what_was_filled_since_the_last_window_is_no_gap_any_more(tmp_path: Path) -> None:
    now = ShelvesNow((known(RICE, 0, STOCKED, NINE + 1980, told_unix_s=NINE + 2040),))
    told = report(tmp_path, windows(RICE, 0, 300, 900), now, hours=0.57)
    (gap,) = told.gaps
    assert (gap.lasts, gap.length_s) == (False, 1980 - 600)
    again = ShelvesNow((known(RICE, 0, EMPTY, NINE + 1980, told_unix_s=NINE + 2040),))
    told = report(tmp_path, [], again, hours=0.57)
    assert [(one.lasts, one.gap.start_unix_s - NINE) for one in told.gaps] == [(True, 1980), (False, 600)]


def test_a_room_that_started_again_in_the_midst_of_a_gap_does_not_make_it_shorter(tmp_path: Path) -> None:
    now = ShelvesNow((known(RICE, 0, EMPTY, NINE + 1860, told_unix_s=NINE + 3600),))
    (gap,) = report(tmp_path, windows(RICE, 0, 300, 900, 900), now, hours=1).gaps
    assert (gap.lasts, gap.gap.start_unix_s) == (True, NINE + 600)


def test_before_the_room_told_anything_the_tallies_tell_what_was_last(tmp_path: Path) -> None:
    told = report(tmp_path, window(RICE, 1, 0, 900, 450), hours=1)
    (facing,) = told.shelves[1].facings
    assert (facing.state, facing.last, facing.since_unix_s, facing.age_s) == (HIDDEN, EMPTY, NINE + 1350, 1800)
    assert told.open_gaps[0].age_s == 1800


def test_a_facing_of_which_nothing_is_told_any_more_cannot_be_seen(tmp_path: Path) -> None:
    silent = known(RICE, 0, EMPTY, NINE, told_unix_s=NINE + 60)
    (facing,) = report(tmp_path, [], ShelvesNow((silent,)), hours=1).shelves[1].facings
    assert (facing.state, facing.last, facing.age_s) == (HIDDEN, EMPTY, 3540)


@pytest.mark.parametrize(
    "now", [ShelvesNow(moved=frozenset({"aisle 3"})), ShelvesNow(untaught={RICE.where: ("empty",)})]
)
def test_of_a_moved_camera_and_an_untaught_shelf_nothing_is_known(tmp_path: Path, now: ShelvesNow) -> None:
    at = NINE + 3600
    shown = ShelvesNow((known(RICE, 0, EMPTY, NINE, told_unix_s=at),), now.untaught, now.moved)
    told = report(tmp_path, window(RICE, 1, 0, 900, 450), shown, hours=1)
    assert (told.empty, told.gaps, told.shelves[1].facings[0].state) == (0, (), HIDDEN)
    assert told.shelves[1].sum.empty_s == 450  # what was, was


def test_of_a_few_gaps_no_time_to_restock_is_told(tmp_path: Path) -> None:
    # A gap of ten minutes and more in every second window: 600, 660, 720...
    told = report(tmp_path, windows(RICE, 0, 0, 600, 0, 660, 0, 720, 0, 780, 0, 840, 0), hours=3)
    assert RESTOCK_MINIMUM == 5
    assert told.shelves[1].as_dict(ZONE)["restock"] == {"gaps": 5, "median_s": 720, "p90_s": 816}
    assert Restock.of(told.gaps[1:]) == Restock(4, None, None)


def test_a_span_that_is_over_is_told_by_its_tallies_alone(tmp_path: Path) -> None:
    settings = Settings((), WIDTH_S, ZONE, clock=lambda: NINE + 7200)
    now = ShelvesNow((known(RICE, 0, STOCKED, NINE + 7000, told_unix_s=NINE + 7200),))
    with Store(tmp_path / "a.sqlite") as store:
        store.add(list(windows(RICE, 0, 300, 900, 0)))
        (gap,) = shelf_report(store, Asked(NINE, NINE + 1800), settings, SHELVES, now).gaps
    assert (gap.lasts, gap.length_s) == (True, 1200)


def test_one_shelf_is_asked_for(tmp_path: Path) -> None:
    settings = Settings((), WIDTH_S, ZONE, clock=lambda: NINE + 7200)
    with Store(tmp_path / "a.sqlite") as store:
        told = shelf_report(store, Asked(NINE, subject="rice"), settings, SHELVES, ShelvesNow())
        assert [one.shelf for one in told.shelves] == [RICE]
        told = shelf_report(store, Asked(NINE, camera="bakery"), settings, SHELVES, ShelvesNow())
        assert ([one.shelf for one in told.shelves], told.aisles) == ([BREAD], ())


def test_facings_that_a_shelf_has_no_more_are_left_out(tmp_path: Path) -> None:
    told = report(tmp_path, [*window(RICE, 0, 0, 900), *window(RICE, 0, 3, 900, 900)])
    assert (told.sum.seen_s, told.gaps) == (900, ())
