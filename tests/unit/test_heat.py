"""The heat map: seconds by cell, and only of cells that enough people walked through."""

import numpy as np
import pytest

from passerby.core.heat import HeatMap, cells_of
from passerby.core.tallies import HEAT_COLUMNS, PICTURE, Measure, Tally

HOUR = 3600 * 400_000
Step = tuple[int, tuple[float, float]]


def at(column: int, row: int) -> tuple[float, float]:
    """The middle of a cell."""
    return (column + 0.5) / 32, (row + 0.5) / 18


def look(heat: HeatMap, end_s: float, *people: Step, held_s: float = 0.5) -> list[Tally]:
    points = np.array([point for _, point in people], np.float64).reshape(-1, 2)
    ids = np.array([number for number, _ in people], np.int32)
    return heat.look((end_s - held_s, end_s), points, ids)


def walk(heat: HeatMap, number: int, start_s: float, columns: list[int], row: int = 4) -> float:
    """One track that stays half a second in each cell; gives the end."""
    for index, column in enumerate(columns):
        look(heat, start_s + (index + 1) * 0.5, (number, at(column, row)))
    return start_s + len(columns) * 0.5


def totals(tallies: list[Tally]) -> dict[int, float]:
    return {tally.part: tally.total for tally in tallies}


def test_cells_run_row_by_row() -> None:
    points = np.array([[0.0, 0.0], [0.999, 0.0], [0.0, 0.06], [1.0, 1.0], [-0.1, 2.0]])
    assert cells_of(points).tolist() == [0, 31, 32, 575, 17 * 32]


def test_cells_of_enough_people_come_out_in_whole_seconds() -> None:
    heat, now = HeatMap("hall", 5), float(HOUR)
    for number in range(5):
        now = walk(heat, number, now, [3, 4, 4, 4, 5])
    (first, *_) = tallies = heat.close()
    row = 4 * HEAT_COLUMNS
    # 2.5 s are 2 by the rule of even numbers.
    assert totals(tallies) == {row + 3: 2, row + 4: 8, row + 5: 2}
    assert (first.camera, first.measure, first.subject, first.start_unix_s, first.width_s) == (
        *("hall", Measure.HEAT, PICTURE, HOUR),
        3600,
    )
    assert first.exposure == pytest.approx(12.5)


def test_cells_of_fewer_people_never_come_out() -> None:
    heat, now = HeatMap("hall", 5), float(HOUR)
    for number in range(4):
        now = walk(heat, number, now, [3, 4, 5])
    now = walk(heat, 9, now, [5, 6, 7])
    assert totals(heat.close()) == {4 * HEAT_COLUMNS + 5: 2}


def test_someone_who_sits_and_is_lost_again_and_again_is_not_many() -> None:
    heat, now = HeatMap("hall", 2), float(HOUR)
    for number in range(50):
        now = walk(heat, number, now, [10, 10, 11, 10]) + 5
    assert heat.close() == []


def test_coming_back_to_a_cell_is_no_second_person() -> None:
    heat = HeatMap("hall", 2)
    walk(heat, 1, HOUR, [3, 4, 5, 6, 5, 4, 3] * 3)
    assert heat.close() == []


def test_a_track_counts_in_each_hour_that_it_is_in() -> None:
    heat = HeatMap("hall", 2)
    ends = [HOUR + 3600 - 3 + 0.5 * step for step in range(1, 13)]
    columns = [3, 4, 5, 6, 7, 7, 7, 8, 8, 8, 9, 9]
    closed = [
        tally
        for end_s, column in zip(ends, columns, strict=True)
        for tally in look(heat, end_s, (1, at(column, 4)), (2, at(column, 4)))
    ]
    row = 4 * HEAT_COLUMNS
    assert totals(closed) == {row + column: seconds for column, seconds in ((3, 1), (4, 1), (5, 1), (6, 1), (7, 2))}
    later = heat.close()
    assert {tally.start_unix_s for tally in later} == {HOUR + 3600}
    assert totals(later) == {row + 7: 1, row + 8: 3, row + 9: 2}


def test_a_gap_was_not_seen() -> None:
    heat = HeatMap("hall", 2)
    for number in (1, 2):
        walk(heat, number, HOUR + 10 * number, [3, 4, 5])
    look(heat, HOUR + 100, (3, at(3, 4)), held_s=60)
    assert max(totals(heat.close()).values()) <= 2


def test_windows_close_on_time_and_stay_closed() -> None:
    heat = HeatMap("hall", 2)
    for number in (1, 2):
        walk(heat, number, HOUR + 10 * number, [3, 4, 5])
    assert heat.close_before(HOUR + 3599) == []
    assert len(heat.close_before(HOUR + 3600)) == 3
    assert heat.close_before(HOUR + 9999) == []
    # A clock that was set back: what is seen counts in the next window.
    for number in (3, 4):
        walk(heat, number, HOUR + 10 * number, [3, 4, 5])
    assert {tally.start_unix_s for tally in heat.close()} == {HOUR + 3600}


def test_memory_is_bounded() -> None:
    heat = HeatMap("hall", 5)
    for number in range(1000):
        look(heat, HOUR + number / 8, (number, at(number % 32, 3)))
    assert len(heat) < 50


def test_one_person_is_no_minimum() -> None:
    with pytest.raises(ValueError, match="minimum_people"):
        HeatMap("hall", 1)


def test_exposure_is_no_longer_than_the_hour() -> None:
    heat = HeatMap("hall", 2)
    for _ in range(2):  # a clock set back by an hour lets the same hour be seen twice
        for step in range(7200):
            look(heat, HOUR + step / 2 + 0.5, (1, at(step % 32, 3)), (2, at(step % 32, 3)))
    assert {tally.exposure for tally in heat.close()} <= {3600.0}


def test_who_steps_out_of_a_staff_area_again_and_again_is_not_many_people() -> None:
    heat, now = HeatMap("hall", 5), float(HOUR)
    for number in range(1, 9):
        now = walk(heat, -number, now, [3, 4, 5])
    assert heat.close() == []
    heat, now = HeatMap("hall", 5), float(HOUR)
    for number in range(5):
        now = walk(heat, number, now, [3, 4, 5])
    walk(heat, -9, now, [4, 4, 4])
    assert totals(heat.close())[4 * HEAT_COLUMNS + 4] == 4, "where others walked, their seconds count"
