"""Rules of zones, way by way, on a picture of 640x480; the zone is the box x 160..480, y 240..400."""

import numpy as np
import pytest

from passerby.core.geometry import PixelZone, Zone
from passerby.core.observations import Tracks
from passerby.core.visits import Ending, Outcome, Queue, Visit, ZoneLook, ZoneVisits, at_edge
from tests.support.stays import Seen, Way, times
from tests.support.walks import Body, Stop

SIZE_PX = (640, 480)
BOX = Zone("hall", ((0.25, 0.5), (0.75, 0.5), (0.75, 0.8334), (0.25, 0.8334)))
ROOM = Zone("room", ((0, 0), (1, 0), (1, 1), (0, 1)))
LOWER = Zone("lower", ((0, 0.5), (1, 0.5), (1, 1), (0, 1)))
QUEUE = Queue(head=(0.7, 0.7), tail=(0.3, 0.7))


def follow(
    *ways: Way, zone: Zone = BOX, queue: Queue | None = None, until_s: float = 40.0, fps: float = 8
) -> tuple[int, list[Visit], ZoneVisits]:
    """People who entered, the visits that ended, and the counter, still open."""
    counter, entered = ZoneVisits(zone, SIZE_PX, "level", queue), 0
    visits: list[Visit] = []
    for tracks in Seen().looks(ways, times(until_s, fps)):
        look = counter.update(tracks)
        entered += look.entered
        visits += look.visits
    return entered, visits, counter


def visit(track: int, dwell_s: float, within_s: float, ending: Ending) -> object:
    """Equal to a visit whose length is about right."""
    return Visit("hall", track, pytest.approx(dwell_s, abs=within_s), ending)  # type: ignore[arg-type]  # it equals one


def way(*stops: Stop, hidden: tuple[tuple[float, float], ...] = ()) -> Way:
    return Way(1, stops, hidden)


def tracks(time_s: float, *people: tuple[int, float, float]) -> Tracks:
    """Tracks of (id, x, foot), 100 px high, a tenth of a second old, all born where they are."""
    boxes = np.array([Body(x, foot).box for _, x, foot in people], np.float32).reshape(-1, 4)
    ids = np.array([number for number, _, _ in people], np.int32)
    return Tracks(ids, boxes, np.full(len(ids), 0.1, np.float32), boxes.copy(), time_s)


def test_in_and_out_is_one_visit_of_the_time_between_the_borders() -> None:
    entered, visits, _ = follow(way((1, (320, 200)), (2, (320, 280)), (12, (320, 280)), (13, (320, 200))))
    assert entered == 1
    # The border lies at y=240, half-way on both walks.
    assert visits == [visit(1, 11.0, 0.01, Ending.LEFT)]


def test_going_in_twice_is_two_visits() -> None:
    stops: list[Stop] = [(1, (320, 200)), (2, (320, 280)), (8, (320, 280)), (9, (320, 200))]
    entered, visits, _ = follow(way(*stops, *((t + 10, point) for t, point in stops)))
    assert entered == len(visits) == 2


def test_jitter_on_the_border_is_nothing() -> None:
    wobble: list[Stop] = [(1 + n / 2, (320, 240 + (-1) ** n * 8)) for n in range(60)]
    assert follow(way((0.2, (320, 200)), *wobble))[:2] == (0, [])


def test_leaning_over_the_border_does_not_end_a_visit() -> None:
    stops: list[Stop] = [(1, (320, 200)), (2, (320, 280)), (8, (320, 280)), (9, (320, 234)), (10, (320, 280))]
    entered, visits, counter = follow(way(*stops, (30, (320, 280))), until_s=25)
    assert (entered, visits, counter.inside) == (1, [], 1)


def test_who_appears_in_the_middle_has_no_beginning() -> None:
    entered, visits, _ = follow(way((1, (320, 320)), (9, (320, 320)), (11, (320, 160))))
    assert entered == 0
    assert visits == [Visit("hall", 1, None, Ending.LEFT)]


def test_who_appears_on_the_border_has_no_beginning() -> None:
    entered, visits, _ = follow(way((1, (320, 241)), (2, (320, 320)), (9, (320, 320)), (11, (320, 160))))
    assert entered == 0
    assert visits == [Visit("hall", 1, None, Ending.LEFT)]


def test_who_comes_back_after_that_is_known() -> None:
    stops: list[Stop] = [(1, (320, 320)), (3, (320, 160)), (5, (320, 320)), (15, (320, 320)), (17, (320, 160))]
    entered, visits, _ = follow(way(*stops))
    assert entered == 1
    assert [visit.dwell_s for visit in visits] == [None, pytest.approx(12.0, abs=0.1)]


def test_who_is_hidden_for_a_moment_goes_on() -> None:
    entered, visits, _ = follow(
        way((1, (320, 200)), (2, (320, 280)), (12, (320, 280)), (13, (320, 200)), hidden=((5, 7.8),))
    )
    assert entered == 1
    assert visits == [visit(1, 11.0, 0.01, Ending.LEFT)]


def test_who_is_hidden_for_long_was_lost_when_last_seen() -> None:
    entered, visits, counter = follow(way((1, (320, 200)), (2, (320, 280)), (12, (320, 280))))
    assert entered == 1
    assert visits == [visit(1, 10.5, 0.13, Ending.LOST)]
    assert len(counter) == 0


def test_the_end_of_the_stream_loses_those_who_are_inside() -> None:
    _, visits, counter = follow(way((1, (320, 200)), (2, (320, 280)), (99, (320, 280))))
    assert visits == []
    assert counter.end().visits == (visit(1, 38.5, 0.01, Ending.LOST),)
    assert counter.end() == ZoneLook(0, ())


@pytest.mark.parametrize("zone", [ROOM, LOWER, Zone("drawn", ((0.01, 0.5), (0.99, 0.51), (0.985, 0.99), (0.02, 1)))])
@pytest.mark.parametrize("fps", [25, 8, 5])
@pytest.mark.parametrize("outside", [(-60, 400), (700, 400), (320, 620)])
def test_the_edge_of_the_picture_is_a_border(zone: Zone, fps: float, outside: tuple[float, float]) -> None:
    """Over the left, the right and the lower edge, where feet are cut off; a zone drawn to about the edge too."""
    x, foot = outside
    inside = (320.0, 400.0) if foot < 480 else (320.0, 450.0)
    walk_s = float(np.hypot(x - inside[0], foot - inside[1])) / 80
    stops: list[Stop] = [(1, outside), (1 + walk_s, inside), (11 + walk_s, inside), (11 + 2 * walk_s, outside)]
    entered, visits, _ = follow(way(*stops), zone=zone, fps=fps)
    assert entered == 1
    assert [visit.ending for visit in visits] == [Ending.LEFT]
    # From when a third of the body is seen until it is not.
    assert visits[0].dwell_s == pytest.approx(10 + 2 * walk_s, abs=2.5)


def test_who_vanishes_in_a_whole_room_is_lost() -> None:
    entered, visits, _ = follow(way((1, (-60, 400)), (6, (320, 400)), (12, (320, 400))), zone=ROOM)
    assert entered == 1
    assert [visit.ending for visit in visits] == [Ending.LOST]


def test_who_is_at_the_edge_when_the_stream_begins_did_not_walk_in() -> None:
    entered, visits, _ = follow(way((0, (20, 400)), (9, (20, 400)), (15, (-60, 400))), zone=ROOM)
    assert entered == 0
    assert visits == [Visit("room", 1, None, Ending.LEFT)]


def test_an_upper_edge_is_one_only_from_above() -> None:
    boxes = np.array([[300, 0, 340, 90], [300, 200, 340, 300], [300, 380, 340, 480], [0, 200, 40, 300]], np.float32)
    assert at_edge(boxes, SIZE_PX, "level").tolist() == [False, False, True, True]
    assert at_edge(boxes, SIZE_PX, "overhead").tolist() == [True, False, True, True]


def test_from_above_the_middle_counts() -> None:
    counter, entered = ZoneVisits(BOX, SIZE_PX, "overhead"), 0
    # The middle of the box is 50 px above its feet: it comes to y=190 and y=230, though feet are in the zone.
    for tracks_ in Seen().looks([way((1, (320, 200)), (2, (320, 280)), (9, (320, 280)))], times(8, 8)):
        entered += counter.update(tracks_).entered
    assert entered == 0


def queued(leave: tuple[float, float], stay_s: float = 20.0) -> list[Visit]:
    """Joins at the tail, moves up to where they leave from, and leaves straight down."""
    x, _ = leave
    stops: list[Stop] = [(1, (200, 200)), (2, (200, 300)), (2 + stay_s, (x, 380)), (3 + stay_s, leave)]
    return follow(way(*stops), queue=QUEUE)[1]


def test_leaving_at_the_head_is_served_and_elsewhere_gave_up() -> None:
    (served,), (gave_up,) = queued((440, 460)), queued((220, 460))
    assert (served.outcome, gave_up.outcome) == (Outcome.SERVED, Outcome.GAVE_UP)
    assert served.dwell_s == pytest.approx(20.85, abs=0.1)


def test_walking_through_a_queue_is_neither() -> None:
    (found,) = queued((440, 460), stay_s=3.0)
    assert (found.ending, found.outcome) == (Ending.LEFT, None)


def test_who_is_lost_at_the_head_has_no_outcome() -> None:
    stops: list[Stop] = [(1, (200, 200)), (2, (200, 300)), (22, (440, 380))]
    (found,) = follow(way(*stops), queue=QUEUE)[1]
    assert (found.ending, found.outcome) == (Ending.LOST, None)


def test_who_stood_in_the_queue_already_has_no_outcome() -> None:
    (found,) = follow(way((1, (320, 320)), (20, (440, 320)), (21, (520, 320))), queue=QUEUE)[1]
    assert found == Visit("hall", 1, None, Ending.LEFT)


@pytest.mark.parametrize(("head", "tail"), [((0.5, 0.5), (0.5, 0.5)), ((0.5, 1.5), (0.5, 0.5))])
def test_a_queue_has_two_ends_on_the_picture(head: tuple[float, float], tail: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="queue"):
        Queue(head, tail)


def test_ids_that_are_shared_never_count() -> None:
    counter = ZoneVisits(BOX, SIZE_PX, "level")
    counter.update(tracks(0.0))
    assert counter.update(tracks(1.0, (1, 320, 200), (1, 320, 320))) == ZoneLook(0, ())
    assert counter.update(tracks(1.1, (1, 320, 320), (1, 320, 200))) == ZoneLook(0, ())
    assert len(counter) == 0


def test_memory_is_bounded() -> None:
    counter = ZoneVisits(BOX, SIZE_PX, "level")
    for number in range(1000):
        counter.update(tracks(number / 8, (number, 320, 300)))
    assert len(counter) < 50


def test_time_that_runs_backwards_loses_all_and_begins_anew() -> None:
    counter = ZoneVisits(BOX, SIZE_PX, "level")
    counter.update(tracks(1000.0))
    counter.update(tracks(1000.2, (1, 320, 200)))
    assert counter.update(tracks(1001.0, (1, 320, 280))).entered == 1
    look = counter.update(tracks(5.0, (1, 320, 280)))
    assert look.visits == (visit(1, 0.4, 0.1, Ending.LOST),)
    assert counter.update(tracks(6.0, (1, 320, 200))).visits == (Visit("hall", 1, None, Ending.LEFT),)


def test_time_that_jumps_forwards_makes_no_long_visit() -> None:
    counter = ZoneVisits(BOX, SIZE_PX, "level")
    counter.update(tracks(0.0))
    counter.update(tracks(0.2, (1, 320, 200)))
    counter.update(tracks(1.0, (1, 320, 280)))
    assert counter.update(tracks(90000.0, (1, 320, 280))).visits == (visit(1, 0.4, 0.1, Ending.LOST),)
    assert counter.update(tracks(90001.0, (1, 320, 200))).visits == (Visit("hall", 1, None, Ending.LEFT),)


def test_distances_to_a_border() -> None:
    zone = PixelZone(BOX, SIZE_PX)
    points = np.array([[320.0, 250.0], [320.0, 200.0], [130.0, 200.0], [160.0, 300.0], [480.0 + 30, 300.0]])
    assert zone.distance_px(points) == pytest.approx([10, -40, -50, 0, -30], abs=0.1)
    assert PixelZone(ROOM, SIZE_PX).distance_px(np.array([[0.0, 0.0], [640.0, 480.0]])).tolist() == [np.inf, np.inf]
    # Of a zone that reaches the lower edge, that edge is no border.
    assert PixelZone(LOWER, SIZE_PX).distance_px(np.array([[5.0, 480.0]])) == pytest.approx([240])


def test_a_thin_zone_at_the_edge_stays_as_it_is() -> None:
    thin = PixelZone(Zone("sill", ((0.1, 0.985), (0.9, 0.985), (0.9, 1), (0.1, 1))), SIZE_PX)
    assert (thin.distance_px(np.array([[320.0, 478.0], [320.0, 440.0]])) > 0).tolist() == [True, False]
