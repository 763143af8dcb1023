"""The page's figures: what is missing lowers the coverage, and a day ends at the site's midnight."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.records.page import words
from passerby.records.page.figures import PlaceFigures
from passerby.site.figures import FigureBoard, midnight
from passerby.site.state import CameraState, CameraStatus, SiteState
from passerby.site.store import Store
from tests.browser import venue

PARIS = ZoneInfo("Europe/Paris")
NINE = int(datetime(2025, 10, 9, 9, 0, tzinfo=PARIS).timestamp())


def crossing(start: int, total: float = 10, exposure: float = 900) -> Tally:
    return Tally("garden", Measure.CROSSINGS_IN, "Garden door", start, 900, total, exposure)


class Board:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.status = CameraStatus.LIVE
        self.now = float(NINE)
        settings = replace(venue.SETTINGS, clock=lambda: self.now)
        self.board = FigureBoard(store, self.state, settings)

    def state(self) -> SiteState:
        return SiteState("x", (CameraState("garden", self.status),))

    def door(self) -> PlaceFigures:
        return next(place for place in self.board.figures().places if place.name == "Garden door")


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with Store(tmp_path / "a.sqlite") as store:
        yield Board(store)


def coverage(board: Board) -> float:
    return board.door().today[Measure.CROSSINGS_IN].coverage


def test_windows_that_are_missing_lower_the_coverage(board: Board) -> None:
    board.now = NINE + 4 * 900 + 60
    board.store.add([crossing(NINE), crossing(NINE + 900)])
    assert coverage(board) == 0.5
    assert not board.door().last[Measure.CROSSINGS_IN].seen
    assert board.door().last_unix_s == NINE + 3 * 900


def test_a_window_is_not_missing_before_it_had_time_to_arrive(board: Board) -> None:
    board.now = NINE + 900 * 2 + 5
    board.store.add([crossing(NINE)])
    assert coverage(board) == 1


def test_a_recording_that_ended_misses_nothing(board: Board) -> None:
    board.status = CameraStatus.DONE
    board.now = NINE + 40 * 900
    board.store.add([crossing(NINE)])
    assert coverage(board) == 1
    assert board.door().last[Measure.CROSSINGS_IN].total == 10


def test_yesterday_is_not_today(board: Board) -> None:
    board.now = NINE + 900
    board.store.add([crossing(NINE), crossing(NINE - 86_400, total=99)])
    assert board.door().today[Measure.CROSSINGS_IN].total == 10


def test_the_course_has_a_figure_for_each_step_and_unseen_ones_are_not_zero(board: Board) -> None:
    board.now = NINE + 3 * 900 + 60
    board.store.add([crossing(NINE), crossing(NINE + 900, 0, 0), crossing(NINE + 1800, 0, 900)])
    course = board.door().course[Measure.CROSSINGS_IN]
    assert [(figure.total, figure.seen) for figure in course] == [(10, True), (0, False), (0, True)]


def test_a_long_day_of_short_windows_fits_a_chart(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        store.add([replace(crossing(NINE + 60 * i, 1, 60), width_s=60) for i in range(600)])
        settings = replace(venue.SETTINGS, window_s=60, clock=lambda: NINE + 600 * 60.0)
        figures = FigureBoard(store, lambda: SiteState("x"), settings).figures()
    assert figures.step_s == 900
    door = next(place for place in figures.places if place.name == "Garden door")
    assert [figure.total for figure in door.course[Measure.CROSSINGS_IN]] == [15] * 40


@pytest.mark.parametrize(("day", "hours"), [((2025, 3, 30), 23), ((2025, 10, 26), 25), ((2025, 10, 9), 24)])
def test_midnight_knows_summer_time(day: tuple[int, int, int], hours: int) -> None:
    evening = datetime(*day, 23, 59, tzinfo=PARIS).timestamp()
    assert evening + 60 - midnight(evening, PARIS) == hours * 3600


def test_a_store_that_cannot_be_read_is_said(board: Board) -> None:
    board.store.file.write_bytes(b"hello " * 4000)
    assert "cannot be used" in (board.board.figures().problem or "")


@pytest.mark.parametrize(
    ("exposure", "text", "tone"),
    [(900, "seen all the time", "good"), (880, "seen 97\u202f% of the time", "good"), (0, "not seen", "bad"),
     (700, "seen 77\u202f% of the time", "warn"), (3, "seen 1\u202f% of the time", "bad")],
)  # fmt: skip
def test_coverage_in_words(board: Board, exposure: float, text: str, tone: str) -> None:
    board.store.add([crossing(NINE, exposure=exposure)])
    said = words.coverage(board.door().today[Measure.CROSSINGS_IN])
    assert (said.text, said.tone) == (text, tone)
