"""Who stands in a staff area is nobody; who steps out of it begins there."""

import numpy as np

from passerby.core.counting import LineCounter
from passerby.core.geometry import Line, Zone
from passerby.core.observations import Direction, Tracks
from passerby.core.staff import StaffAreas
from passerby.core.tracking import Tracker
from tests.support.stays import Seen, Way, times
from tests.support.walks import Body, Stop, look, path

SIZE_PX = (640, 480)
COUNTER = Zone("counter", ((0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0)))


def areas(*zones: Zone) -> StaffAreas:
    return StaffAreas(zones or (COUNTER,), SIZE_PX, "level")


def visitors(*stops: Stop, until_s: float = 20) -> list[Tracks]:
    """What is left, look by look, of someone who walks at x 0..640; the area ends at x=320."""
    staff = areas()
    return [staff.without(tracks) for tracks in Seen().looks([Way(7, stops)], times(until_s, 8))]


def ids(looks: list[Tracks]) -> list[int]:
    """The numbers that are told, in order of their first look."""
    return list(dict.fromkeys(number for tracks in looks for number in tracks.ids.tolist()))


def test_inside_is_nobody() -> None:
    assert ids(visitors((1, (100, 400)), (19, (200, 400)))) == []


def test_outside_is_left_as_it_is() -> None:
    given = list(Seen().looks([Way(7, ((1, (400, 400)), (19, (500, 400))))], times(20, 8)))
    staff = areas()
    for tracks in given:
        kept = staff.without(tracks)
        assert kept.ids.tolist() == tracks.ids.tolist()
        assert np.array_equal(kept.born_px, tracks.born_px) and np.array_equal(kept.age_s, tracks.age_s)
    assert len(staff) == 0


def test_stepping_out_begins_anew() -> None:
    looks = visitors((1, (200, 400)), (4, (200, 400)), (6, (420, 400)), (19, (420, 400)))
    (number,) = ids(looks)
    assert number < 0
    told = [tracks for tracks in looks if len(tracks)]
    assert told[0].age_s.tolist() == [0]
    assert np.array_equal(told[0].born_px, told[0].boxes_px)
    # Later looks still say where and when it stepped out.
    assert np.array_equal(told[-1].born_px, told[0].boxes_px)
    assert told[-1].age_s[0] == np.float32(told[-1].time_s - told[0].time_s)


def test_going_in_and_out_again_is_someone_new_each_time() -> None:
    stops: list[Stop] = [(1, (420, 400)), (3, (200, 400)), (5, (420, 400)), (7, (200, 400)), (9, (420, 400))]
    assert ids(visitors(*stops)) == [7, -1, -2]


def test_leaning_over_the_border_changes_nothing() -> None:
    """8 px are less than a tenth of a body height of 100 px."""
    wobble: list[Stop] = [(2 + n / 2, (320 + (-1) ** n * 8, 400)) for n in range(20)]
    assert ids(visitors((1, (200, 400)), *wobble)) == []
    assert ids(visitors((1, (420, 400)), *wobble)) == [7]


def test_no_crossing_reaches_back_into_the_area() -> None:
    """A line beside the counter, met by its staff only; the tracker confirms them beyond it."""
    line, staff = LineCounter(Line("line", (0.55, 0.9), (0.55, 0.1)), SIZE_PX, "level"), areas()
    tracker, bare = Tracker(), LineCounter(Line("line", (0.55, 0.9), (0.55, 0.1)), SIZE_PX, "level")
    seen, without = [], []
    for t, foot in path([(0, (300, 400)), (0.3, (372, 400)), (3, (520, 400))], 8):
        tracks = tracker.update(look(t, Body(*foot)))
        without += [crossing.direction for crossing in bare.update(tracks)]
        seen += line.update(staff.without(tracks))
    assert without == [Direction.IN]
    assert seen == []


def test_two_areas_that_touch_are_one() -> None:
    other = Zone("till", ((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0)))
    staff = areas(COUNTER, other)
    way = Way(7, ((1, (200, 400)), (9, (500, 400))))
    assert ids([staff.without(tracks) for tracks in Seen().looks([way], times(10, 8))]) == []


def test_without_areas_nothing_changes() -> None:
    tracks = Tracks(
        np.array([1], np.int32), np.ones((1, 4), np.float32), np.ones(1, np.float32), np.ones((1, 4), np.float32), 0.0
    )
    assert StaffAreas((), SIZE_PX, "level").without(tracks) is tracks


def test_memory_is_bounded() -> None:
    staff = areas()
    for number in range(500):
        list(map(staff.without, Seen().looks([Way(number, ((0, (100, 400)), (1e6, (100, 400))))], [number / 8])))
    assert len(staff) < 50
