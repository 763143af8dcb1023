"""Telling that a camera was moved, on scenes of known displacement."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.geometry import Zone
from passerby.pixels.alignment import far, near
from passerby.pixels.moved import Moved
from tests.support.moved import PER_MINUTE, Picture, crowd, lit, looped, noisy, room, told_at, turned, view

HERE = looped([view(room())], 6)
WIDTH = 384


def still(picture: Picture, minutes: int) -> list[Picture]:
    return looped([picture], minutes)


@pytest.mark.parametrize("share", [0.021, 0.03, 0.06, 0.15])
@pytest.mark.parametrize("way", [(1, 0), (-1, 0), (0, 1), (0.7, -0.7)])
def test_a_shift_is_told_once(share: float, way: tuple[float, float]) -> None:
    right, down = (round(share * WIDTH * step) for step in way)
    told = told_at(Moved(), [*HERE, *still(view(room(), right, down), 12)])
    assert len(told) == 1
    assert 6 * 60 + 60 <= told[0] <= 6 * 60 + 180


@pytest.mark.parametrize("degrees", [-10, -2, 2, 3])
def test_a_turn_about_its_own_axis_is_told(degrees: float) -> None:
    assert len(told_at(Moved(), [*HERE, *still(turned(view(room()), degrees), 14)])) == 1


def test_another_place_is_told_after_ten_minutes() -> None:
    (told_s,) = told_at(Moved(), [*HERE, *still(view(room(seed=2)), 14)])
    assert 16 * 60 <= told_s <= 17.5 * 60


def test_after_a_turn_the_new_scene_is_learnt_and_the_next_turn_is_told() -> None:
    there, back = still(view(room(), 20), 10), still(view(room(), -20), 10)
    told = told_at(Moved(), [*HERE, *there, *back])
    assert [round(time_s / 600) for time_s in told] == [1, 2]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(1, 10_000), right=st.integers(-60, 60), down=st.integers(-30, 30))
def test_in_any_room_what_moved_far_enough_is_told_and_shaking_is_not(seed: int, right: int, down: int) -> None:
    scene = room(seed)
    minutes = still(view(scene, right, down), 4)
    share = np.hypot(right, down) / WIDTH
    told = told_at(Moved(), [*still(view(scene), 6), *minutes])
    if share >= 0.025:
        assert len(told) == 1
    elif share <= 0.006:
        assert told == []


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(1, 10_000),
    bright=st.floats(0.4, 1.6),
    gamma=st.floats(0.4, 2.5),
    levels=st.floats(0, 8),
)
def test_in_no_light_it_is_told(seed: int, bright: float, gamma: float, levels: float) -> None:
    scene = view(room(seed))
    later = noisy(lit([scene] * PER_MINUTE, lambda level: bright * level**gamma), levels)
    assert told_at(Moved(), [*still(scene, 6), *looped(later, 13)]) == []


def test_lights_from_the_side_and_their_shadows_are_no_move() -> None:
    ramp = np.linspace(0.3, 1.2, WIDTH)[None, :, None] * np.where(np.arange(WIDTH) % 90 < 20, 0.5, 1)[None, :, None]
    assert told_at(Moved(), [*HERE, *lit(still(view(room()), 13), lambda level: level * ramp)]) == []


def test_night_is_no_move() -> None:
    night = noisy(lit(still(view(room()), 12), lambda level: level * 0.02 + 0.02), 4)
    assert told_at(Moved(), [*HERE, *night, *HERE]) == []


def test_shaking_by_a_pixel_or_two_is_no_move() -> None:
    rng = np.random.default_rng(1)
    shaken = [view(room(), *rng.integers(-2, 3, 2)) for _ in range(20 * PER_MINUTE)]
    assert told_at(Moved(), shaken) == []


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_crowd_that_stands_is_no_move(share: float) -> None:
    there = crowd(still(view(room()), 14), share)
    assert told_at(Moved(), [*HERE, *there, *HERE]) == []


def test_a_move_behind_people_is_told() -> None:
    there = crowd(still(view(room(), 16), 5), 0.3)
    assert len(told_at(Moved(), [*crowd(HERE, 0.3, seed=2), *there])) == 1


def test_a_door_that_stays_open_is_no_move() -> None:
    opened = view(room()).copy()
    opened[60:260, 100:200] = view(room(seed=3))[60:260, 100:200]
    assert told_at(Moved(), [*HERE, *still(opened, 20)]) == []


def test_a_push_that_is_put_right_within_a_minute_is_not_told() -> None:
    pushed = [view(room(), 20)] * (PER_MINUTE - 2)
    assert told_at(Moved(), [*HERE, *pushed, *HERE]) == []


def test_a_white_wall_tells_nothing() -> None:
    wall = np.full((288, WIDTH, 3), 180, np.uint8)
    assert told_at(Moved(), noisy([*still(wall, 6), *still(wall, 12)], 3)) == []


def test_the_border_of_a_privacy_mask_does_not_hold_a_scene_in_place() -> None:
    masked = Zone("privacy mask", ((0.0, 0.0), (0.6, 0.0), (0.5, 1.0), (0.0, 1.0)))

    def blanked(pictures: list[Picture]) -> list[Picture]:
        found = [one.copy() for one in pictures]
        for one in found:
            rows, columns = np.ogrid[: one.shape[0], : one.shape[1]]
            one[columns <= (0.6 - 0.1 * rows / one.shape[0]) * one.shape[1]] = 114
        return found

    there = blanked(still(view(room(), 14), 5))
    assert len(told_at(Moved((masked,)), [*blanked(HERE), *there])) == 1


def test_a_picture_of_another_size_is_learnt_anew() -> None:
    halved = [one[::2, ::2] for one in still(view(room(), 16), 12)]
    assert told_at(Moved(), [*HERE, *halved]) == []


def test_a_clock_that_is_set_back_stops_nothing() -> None:
    moved = Moved()
    assert told_at(moved, HERE, start_s=1e6) == []
    assert len(told_at(moved, still(view(room(), 16), 6))) == 1


def test_displacements_are_measured() -> None:
    moved = Moved()
    here, there = (moved._edges(view(room(), right)) for right in (0, 12))
    for fit in (near(here, there), far(here, there)):
        assert fit.moved_share == pytest.approx(12 / WIDTH, abs=0.004)
        assert fit.best > 0.9 > fit.rest
    assert near(here, here).moved_share == 0


def test_it_costs_little() -> None:
    """Measured: 0.07 to 0.13 ms per second of video; the limit leaves room for a busy machine."""
    moved, picture = Moved(), view(room())
    moved.rehearse(picture)
    began_s = time.process_time()
    for second in range(0, 1200):
        moved.look(picture, float(second))
    assert time.process_time() - began_s < 1200 * 0.5e-3
