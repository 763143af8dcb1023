"""Rules of counting, walk by walk.

The line runs down the middle of a 640x480 picture; "in" is to its right hand, which is the left of the picture.
"""

import numpy as np
import pytest

from passerby.core.counting import LineCounter, ZoneCounter
from passerby.core.geometry import Line, Zone
from passerby.core.observations import Crossing, Direction, Tracks
from passerby.core.tracking import Tracker
from tests.support.walks import Body, Stop, look, path

SIZE_PX = (640, 480)
DOWN = Line("door", (0.5, 0.25), (0.5, 1.0))


def count(stops: list[Stop], line: Line = DOWN, fps: float = 8, view: str = "level") -> list[Crossing]:
    tracker, counter = Tracker(), LineCounter(line, SIZE_PX, view)
    return [one for t, foot in path(stops, fps) for one in counter.update(tracker.update(look(t, Body(*foot))))]


def ways(crossings: list[Crossing]) -> list[Direction]:
    return [crossing.direction for crossing in crossings]


def tracks(time_s: float, *people: tuple[int, float, float]) -> Tracks:
    """Tracks of (id, x, foot), 100 px high, all born where they are."""
    boxes = np.array([Body(x, foot).box for _, x, foot in people], np.float32).reshape(-1, 4)
    ids = np.array([number for number, _, _ in people], np.int32)
    return Tracks(ids, boxes, np.ones(len(ids), np.float32), boxes.copy(), time_s)


def test_left_to_right_hand_is_in() -> None:
    crossings = count([(0, (420, 300)), (2, (220, 300))])
    assert ways(crossings) == [Direction.IN]
    assert crossings[0].line == "door"
    assert crossings[0].time_s == pytest.approx(1.0, abs=0.2)


def test_the_other_way_is_out() -> None:
    assert ways(count([(0, (220, 300)), (2, (420, 300))])) == [Direction.OUT]


def test_going_back_is_a_crossing_the_other_way() -> None:
    assert ways(count([(0, (420, 300)), (2, (220, 300)), (4, (420, 300))])) == [Direction.IN, Direction.OUT]


def test_turning_round_on_the_line_counts_nothing() -> None:
    assert count([(0, (420, 300)), (1.5, (317, 300)), (3, (420, 300))]) == []


def test_waiting_on_the_line_delays_but_counts_once() -> None:
    stops: list[Stop] = [(0, (420, 300)), (1.5, (322, 300)), (20, (318, 300)), (22, (220, 300))]
    assert ways(count(stops)) == [Direction.IN]


def test_passing_beyond_the_ends_counts_nothing() -> None:
    assert count([(0, (420, 90)), (2, (220, 90))]) == []


def test_round_the_end_and_back_over_the_line_counts_the_way_back() -> None:
    stops: list[Stop] = [(0, (420, 300)), (2, (420, 80)), (4, (220, 80)), (6, (220, 300)), (8, (420, 300))]
    assert ways(count(stops)) == [Direction.OUT]


def test_walking_along_the_line_counts_nothing() -> None:
    assert count([(0, (335, 200)), (6, (335, 470))]) == []


def test_feet_below_the_picture_still_cross_a_line_that_ends_at_its_edge() -> None:
    assert ways(count([(0, (420, 520)), (2, (220, 520))])) == [Direction.IN]


def test_someone_first_seen_just_before_the_line_counts() -> None:
    """The track is confirmed only after the line."""
    assert ways(count([(0, (350, 300)), (0.4, (310, 300)), (1.5, (200, 300))])) == [Direction.IN]


def test_someone_who_appears_beyond_the_line_does_not_count() -> None:
    assert count([(0, (300, 300)), (2, (100, 300))]) == []


def test_someone_first_seen_on_the_line_does_not_count() -> None:
    """On which side they were before, nobody saw."""
    assert count([(0, (324, 300)), (2, (200, 300))]) == []
    assert count([(0, (316, 300)), (2, (440, 300))]) == []


def test_an_overhead_view_counts_by_the_middle() -> None:
    across = Line("door", (0.1, 0.5), (0.9, 0.5))
    stops: list[Stop] = [(0, (320, 250)), (3, (320, 380))]
    # The middle of the box goes from y=200 to y=330; feet begin beyond the line already.
    assert ways(count(stops, across, view="overhead")) == [Direction.IN]
    assert count(stops, across, view="level") == []


def test_ids_that_are_shared_never_count() -> None:
    counter = LineCounter(DOWN, SIZE_PX, "level")
    assert counter.update(tracks(0.0, (1, 420, 300), (1, 220, 300))) == []
    assert counter.update(tracks(0.1, (1, 220, 300), (1, 420, 300))) == []


def test_two_side_by_side_count_two() -> None:
    counter = LineCounter(DOWN, SIZE_PX, "level")
    assert counter.update(tracks(0.0, (1, 400, 300), (2, 405, 330))) == []
    assert len(counter.update(tracks(1.0, (1, 250, 300), (2, 255, 330)))) == 2


def test_memory_is_bounded() -> None:
    counter = LineCounter(DOWN, SIZE_PX, "level")
    for number in range(1000):
        counter.update(tracks(number / 8, (number, 400, 300)))
    assert len(counter) < 50


def test_hysteresis_is_in_body_heights() -> None:
    """The same wobble of 12 px is nothing for someone near and a crossing for someone far."""
    for height, expected in ((240.0, 0), (60.0, 1)):
        tracker, counter = Tracker(), LineCounter(DOWN, SIZE_PX, "level")
        steps = path([(0, (332, 400)), (2, (332, 400)), (3, (308, 400)), (6, (308, 400))], 8)
        found = [
            one for t, foot in steps for one in counter.update(tracker.update(look(t, Body(*foot, height=height))))
        ]
        assert len(found) == expected


def test_a_zone_counts_those_whose_feet_are_inside() -> None:
    zone = ZoneCounter(Zone("queue", ((0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0))), SIZE_PX, "level")
    assert zone.update(tracks(0.0)) == 0
    assert zone.update(tracks(0.0, (1, 100, 300), (2, 100, 200), (3, 500, 400))) == 1


def test_a_zone_at_the_edge_holds_those_whose_feet_are_cut_off() -> None:
    zone = ZoneCounter(Zone("queue", ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))), SIZE_PX, "level")
    assert zone.update(tracks(0.0, (1, 100, 530), (2, 655, 400))) == 2
