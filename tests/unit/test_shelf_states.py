"""How shelves are now: what counts as seen, what stays a gap, and when nothing is known."""

from dataclasses import replace

import pytest

from passerby.core.shelves import FacingState
from passerby.errors import StoreError
from passerby.site.reports.shelf_now import ShelvesNow
from passerby.site.reports.shelves import ShelvesReport
from passerby.site.shelf_states import GapNow, ShelfStates
from passerby.site.state import CameraState, CameraStatus
from tests.support import filled
from tests.support.shelved import CRISPS, LIVE, NUTS, SHELVES, TEA, Shelved


def test_availability_is_of_facings_that_can_be_seen() -> None:
    venue = Shelved()
    venue.minute(Crisps="ssle?e")
    now = venue.of(CRISPS)
    assert now.availability == pytest.approx(1 - 2 / 5)
    assert [now.count(state) for state in FacingState] == [2, 1, 2, 1]
    assert (now.seen, now.problem, now.was_seen) == (5, None, True)
    assert [one.shelf for one in venue.now()] == list(SHELVES)


def test_a_gap_stays_one_while_something_stands_before_it_and_ends_when_it_is_seen_filled() -> None:
    venue = Shelved()
    venue.minute(Crisps="ssssss")
    venue.minute(Crisps="ssssse")
    venue.minute(Crisps="essss?")
    at = filled.NINE
    assert venue.of(CRISPS).gaps == (GapNow(5, at + 120, covered=True), GapNow(0, at + 180, covered=False))
    assert venue.of(CRISPS).availability == pytest.approx(4 / 5)
    venue.minute(Crisps="esssss")
    assert venue.of(CRISPS).gaps == (GapNow(0, at + 180, covered=False),)


def test_nothing_is_known_while_the_camera_is_down_or_nothing_was_told_for_long_or_all_is_covered() -> None:
    venue = Shelved()
    assert "no facing can be seen" in (venue.of(NUTS).problem or "") and not venue.of(NUTS).was_seen
    venue.minute(Nuts="se")
    venue.state = replace(LIVE, cameras=(LIVE.cameras[0], CameraState("shop", CameraStatus.STALLED)))
    nuts = venue.of(NUTS)
    assert nuts.problem == "camera shop sends no pictures"
    assert (nuts.availability, nuts.gaps, nuts.seen, nuts.was_seen) == (None, (), 0, True)
    venue.state = LIVE
    venue.now_unix_s += 180
    assert venue.of(NUTS).problem is None
    venue.now_unix_s += 60
    assert venue.of(NUTS).problem is not None, "told too long ago"
    venue.minute(Nuts="??")
    assert venue.of(NUTS).gaps == ()
    venue.minute(Nuts="?s")
    assert venue.of(NUTS).availability == 1


def test_a_shelf_that_is_not_taught_or_whose_camera_was_moved_says_so() -> None:
    venue = Shelved()
    venue.minute(Crisps="sssssl", Nuts="se", Tea="ss")
    venue.known = ShelvesNow(untaught={TEA.where: ("empty",)}, moved=frozenset({"shop"}))
    problems = {one.shelf.shelf: one.problem for one in venue.now()}
    assert problems["Tea"] == "it was not taught yet: empty"
    assert problems["Nuts"] == problems["Crisps"] == "camera shop was moved; teach its shelves again"
    assert [one.availability for one in venue.now()] == [None] * 3 and venue.of(NUTS).gaps == ()


def test_while_the_store_cannot_be_read_nothing_is_known() -> None:
    def away() -> ShelvesReport:
        raise StoreError("the store is away")

    (now, *_) = ShelfStates(away, SHELVES, lambda: LIVE).now()
    assert (now.problem, now.availability, now.seen, now.was_seen) == ("the store is away", None, 0, True)


def test_facings_are_named_by_row_and_column_or_by_number() -> None:
    venue = Shelved()
    assert [venue.of(CRISPS).where(i) for i in (0, 2, 3)] == [
        {"row": 1, "column": 1},
        {"row": 1, "column": 3},
        {"row": 2, "column": 1},
    ]
    assert venue.of(TEA).where(1) == {"facing": 2}


def test_what_was_told_of_a_shelf_that_is_drawn_anew_with_fewer_facings_is_left_out() -> None:
    venue = Shelved()
    venue.minute(Crisps="sssee")
    venue.shelves = (replace(CRISPS, facings=CRISPS.facings[:3]),)
    (now,) = venue.now()
    assert (now.availability, now.gaps) == (1, ())
