"""What the report of shelves tells holds for all tallies, and whether they are merged before or after."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.tallies import Measure, Tally, merge
from passerby.site.figures import Settings
from passerby.site.reports import Asked, ShelvesNow, ShelvesReport, shelf_report
from passerby.site.reports.shelf_tallies import OnShelf
from passerby.site.settings import ShelfSettings
from passerby.site.store import Filter
from tests.support.filled import NINE, WINDOW_S, ZONE

_CORNERS = ((0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2))
SHELVES = (
    ShelfSettings("a", "pasta", "Aisle 3", (_CORNERS,) * 3, columns=3),
    ShelfSettings("a", "rice", "Aisle 3", (_CORNERS,), columns=1),
)
WINDOWS = 12
SETTINGS = Settings((), WINDOW_S, ZONE, clock=lambda: NINE + WINDOWS * WINDOW_S + 60.0)
FACINGS = [(shelf, facing) for shelf in SHELVES for facing in range(len(shelf.facings))]

Seconds = st.integers(0, WINDOW_S).flatmap(lambda seen: st.tuples(st.just(seen), st.integers(0, seen)))
Days = st.lists(
    st.tuples(st.sampled_from(FACINGS), st.integers(0, WINDOWS - 1), Seconds),
    max_size=30,
    unique_by=lambda one: one[:2],
)


class Kept:
    """Tallies in memory."""

    def __init__(self, tallies: list[Tally]) -> None:
        self._tallies = sorted(tallies, key=lambda one: one.start_unix_s)

    def query(self, which: Filter) -> list[Tally]:
        found = [
            one
            for one in self._tallies
            if (one.camera, one.measure, one.subject) == (which.camera, which.measure, which.subject)
        ]
        return sorted(merge(found, which.width_s), key=lambda one: one.start_unix_s) if which.width_s else found


def kept(day: list[tuple[tuple[ShelfSettings, int], int, tuple[int, int]]]) -> list[Tally]:
    """What rooms tell: nothing of zero."""
    return [
        Tally(shelf.camera, measure, shelf.shelf, NINE + number * WINDOW_S, WINDOW_S, total, WINDOW_S, facing)
        for (shelf, facing), number, (seen, empty) in day
        for measure, total in ((Measure.SHELF_SEEN, seen), (Measure.SHELF_EMPTY, empty))
        if total
    ]


def told(tallies: list[Tally]) -> ShelvesReport:
    return shelf_report(Kept(tallies), Asked.today(SETTINGS), SETTINGS, SHELVES, ShelvesNow())


@given(Days)
@settings(max_examples=60, deadline=None)
def test_shares_are_shares_and_sums_are_sums_of_their_parts(
    day: list[tuple[tuple[ShelfSettings, int], int, tuple[int, int]]],
) -> None:
    report = told(kept(day))
    figures = [report.sum, *report.hours.values(), *(one.sum for one in report.facings)]
    for one in figures:
        assert (one.availability is None) is (one.seen_s == 0)
        assert one.availability is None or 0 <= one.availability <= 1
        assert 0 <= one.coverage <= 1
    seen, empty = (sum(one[2][i] for one in day) for i in (0, 1))
    assert (report.sum.seen_s, report.sum.empty_s) == (seen, empty)
    (aisle,) = report.aisles
    for parts in ([aisle.sum], [one.sum for one in report.shelves], [one.sum for one in report.facings]):
        total = sum(parts, OnShelf())
        assert (total.seen_s, total.empty_s) == (seen, empty)


@given(Days)
@settings(max_examples=60, deadline=None)
def test_what_was_merged_before_gives_the_same_availability(
    day: list[tuple[tuple[ShelfSettings, int], int, tuple[int, int]]],
) -> None:
    tallies = kept(day)
    fine, coarse = told(tallies), told(merge(tallies, 3600))
    assert {window: one.availability for window, one in fine.hours.items() if one.seen_s} == {
        window: one.availability for window, one in coarse.hours.items() if one.seen_s
    }
    assert [one.sum.availability for one in fine.facings] == [one.sum.availability for one in coarse.facings]


@given(Days)
@settings(max_examples=60, deadline=None)
def test_gaps_of_a_facing_follow_each_other_and_lie_in_the_day(
    day: list[tuple[tuple[ShelfSettings, int], int, tuple[int, int]]],
) -> None:
    report = told(kept(day))
    assert [one.lasts for one in report.gaps] == sorted((one.lasts for one in report.gaps), reverse=True)
    for shelf, facing in FACINGS:
        own = sorted(
            (one.gap for one in report.gaps if (one.shelf, one.facing) == (shelf, facing)),
            key=lambda gap: gap.start_unix_s,
        )
        for first, second in pairwise(own):
            assert first.end_unix_s is not None
            assert first.end_unix_s <= second.start_unix_s
        assert all(NINE <= gap.start_unix_s <= SETTINGS.clock() for gap in own)
        assert all(gap.end_unix_s is None or gap.start_unix_s <= gap.end_unix_s for gap in own)
