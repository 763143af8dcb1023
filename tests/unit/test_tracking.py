"""The tracker follows by motion alone, in seconds and body heights."""

from dataclasses import fields

import numpy as np
import pytest

from passerby.core.assignment import assign
from passerby.core.observations import Detections, Tracks
from passerby.core.tracking import RULES, Tracker, rules_for
from tests.support.walks import Body, look, path

WALK = [(0.0, (100.0, 300.0)), (4.0, (500.0, 300.0))]
"""Four metres a second would be a run; 100 px a second at 100 px of height is a quick walk."""


def follow(looks: list[Detections]) -> list[Tracks]:
    tracker = Tracker()
    return [tracker.update(each) for each in looks]


def ids_of(tracks: list[Tracks]) -> set[int]:
    return {track for each in tracks for track in each.ids.tolist()}


@pytest.mark.parametrize("fps", [3, 5, 8, 10, 25])
def test_one_walker_is_one_track_at_any_rate(fps: float) -> None:
    tracks = follow([look(t, Body(*foot)) for t, foot in path(WALK, fps)])
    assert len(ids_of(tracks)) == 1
    assert len(tracks[-1]) == 1
    x1, _, x2, foot = tracks[-1].boxes_px[0]
    assert (x1 + x2) / 2 == pytest.approx(500, abs=15)
    assert foot == pytest.approx(300, abs=5)


@pytest.mark.parametrize("fps", [5, 8, 10, 25])
def test_confirmation_takes_seconds_not_frames(fps: float) -> None:
    tracks = follow([look(t, Body(200, 300)) for t in np.arange(0, 2, 1 / fps)])
    first = next(each for each in tracks if len(each))
    assert RULES["level"].confirm_s - 1e-6 <= first.time_s <= RULES["level"].confirm_s + 1 / fps


def test_a_flicker_is_no_track() -> None:
    looks = [look(t, *([Body(200, 300)] if t < 0.2 else [])) for t in np.arange(0, 2, 0.1)]
    assert ids_of(follow(looks)) == set()


def test_weak_boxes_start_nothing_but_keep_a_known_walker() -> None:
    steps = path(WALK, 8)
    assert ids_of(follow([look(t, Body(*foot, score=0.3)) for t, foot in steps])) == set()
    dim = [look(t, Body(*foot, score=0.8 if t < 1 else 0.3)) for t, foot in steps]
    tracks = follow(dim)
    assert len(ids_of(tracks)) == 1
    assert len(tracks[-1]) == 1


def test_the_scores_are_those_of_the_detector() -> None:
    tracker = Tracker(rules_for("level", 0.2))
    tracks = [tracker.update(look(t, Body(*foot, score=0.25))) for t, foot in path(WALK, 8)]
    assert len(ids_of(tracks)) == 1
    assert rules_for("overhead", RULES["overhead"].start_score) == RULES["overhead"]


def test_a_walker_hidden_for_a_moment_keeps_the_track() -> None:
    looks = [look(t, *([] if 1.5 < t < 2.2 else [Body(*foot)])) for t, foot in path(WALK, 8)]
    assert len(ids_of(follow(looks))) == 1


def test_two_who_pass_each_other_do_not_swap() -> None:
    back = [(0.0, (500.0, 330.0)), (4.0, (100.0, 330.0))]
    looks = [look(t, Body(*one), Body(*two)) for (t, one), (_, two) in zip(path(WALK, 8), path(back, 8), strict=True)]
    tracks = follow(looks)
    assert len(ids_of(tracks)) == 2
    early, late = tracks[8], tracks[-1]
    left = early.ids[np.argmin(early.boxes_px[:, 0])]
    assert left == late.ids[np.argmax(late.boxes_px[:, 0])]


def test_hidden_feet_do_not_lift_the_foot_point() -> None:
    looks = [look(t, Body(*foot, hidden=0.4 if 1.0 < t < 1.8 else 0.0)) for t, foot in path(WALK, 8)]
    feet = [each.boxes_px[0, 3] for each in follow(looks) if len(each)]
    assert min(feet) > 295


def test_a_poster_behind_does_not_take_over_a_passer_by() -> None:
    """A still false box of another height beside the way: the walker leaves it behind."""
    poster = Body(300, 240, height=60, score=0.5)
    looks = [look(t, Body(*foot), poster) for t, foot in path(WALK, 8)]
    tracks = follow(looks)
    assert len(ids_of(tracks)) == 2
    assert tracks[-1].boxes_px[:, 3].max() == pytest.approx(300, abs=5)


def test_memory_is_bounded() -> None:
    tracker = Tracker()
    most = 0
    for number in range(400):
        tracker.update(look(number / 8, Body(50 + 97 * number % 900, 300)))
        most = max(most, len(tracker))
    assert most <= 12
    tracker.update(look(100))
    assert len(tracker) == 0


def test_a_long_gap_starts_anew() -> None:
    tracker = Tracker()
    for t in np.arange(0, 2, 0.125):
        before = tracker.update(look(float(t), Body(200, 300)))
    tracker.update(look(12.0, Body(200, 300)))
    after = tracker.update(look(12.5, Body(200, 300)))
    assert set(before.ids.tolist()).isdisjoint(after.ids.tolist())


def test_tracks_hold_no_appearance() -> None:
    assert {each.name for each in fields(Tracks)} == {"ids", "boxes_px", "age_s", "born_px", "time_s"}


def test_a_track_knows_the_box_that_it_began_with() -> None:
    tracks = follow([look(t, Body(*foot)) for t, foot in path(WALK, 8)])
    assert (tracks[-1].born_px[0, 0] + tracks[-1].born_px[0, 2]) / 2 == pytest.approx(100)
    assert tracks[-1].age_s[0] == pytest.approx(tracks[-1].time_s)


def test_overhead_boxes_may_move_by_their_own_size() -> None:
    """A person from above is a small square: 1.4 m/s is more than two sides a second."""
    steps = path([(0.0, (60.0, 20.0)), (2.0, (60.0, 130.0))], 8)
    tracker = Tracker(RULES["overhead"])
    tracks = [tracker.update(look(t, Body(*foot, height=22, width=22))) for t, foot in steps]
    assert len(ids_of(tracks)) == 1


def test_assignment_prefers_more_saving_over_the_nearest_pair() -> None:
    cost = np.array([[1.0, 2.0], [1.5, np.inf]])
    rows, columns = assign(cost, limit=10.0)
    assert rows.tolist() == [0, 1]
    assert columns.tolist() == [1, 0]


def test_assignment_leaves_alone_what_costs_too_much() -> None:
    rows, columns = assign(np.array([[5.0, np.inf], [np.inf, 0.5]]), limit=3.0)
    assert (rows.tolist(), columns.tolist()) == ([1], [1])
    assert assign(np.zeros((0, 3)), 1.0)[0].tolist() == []
