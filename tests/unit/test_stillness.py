"""Sparing the detector: only where nothing moves."""

import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.pixels.stillness import Stillness

Picture = NDArray[np.uint8]


def room(height: int = 256, width: int = 416) -> Picture:
    return np.full((height, width, 3), 100, np.uint8)


def noisy(picture: Picture, seed: int, levels: float) -> Picture:
    noise = np.random.default_rng(seed).normal(0, levels, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def looks(stillness: Stillness, pictures: list[Picture], start_s: float = 0.0) -> list[float]:
    """Times at which the detector was asked, at eight pictures a second."""
    asked = []
    for i, picture in enumerate(pictures):
        time_s = start_s + i / 8
        if not stillness.may_skip(picture, time_s):
            asked.append(time_s)
    return asked


def test_a_still_and_empty_scene_is_looked_at_every_two_seconds() -> None:
    asked = looks(Stillness(), [room()] * 80)
    rested = [time_s for time_s in asked if time_s > 1.1]
    assert 3 <= len(rested) <= 5
    assert np.diff(rested).max() <= 2.01


def test_the_first_second_is_looked_at_whole() -> None:
    assert looks(Stillness(), [room()] * 8) == [i / 8 for i in range(8)]


def test_the_noise_of_a_sensor_is_not_movement() -> None:
    asked = looks(Stillness(), [noisy(room(), seed, 4) for seed in range(80)])
    assert len(asked) < 20


def test_it_knows_for_how_long_nothing_moved() -> None:
    stillness = Stillness()
    looks(stillness, [room()] * 40)
    assert stillness.still_s(5.0) == pytest.approx(5.0)
    assert stillness.still(noisy(room(), 1, 4))
    moved = room()
    moved[100:116, 200:208] = 160
    assert not stillness.still(moved)
    assert stillness.still_s(5.0) == pytest.approx(5.0), "a question is not a look"
    stillness.may_skip(moved, 5.0)
    assert stillness.still_s(6.0) == pytest.approx(1.0)


def test_someone_small_who_comes_in_wakes_it_at_once() -> None:
    stillness = Stillness()
    looks(stillness, [room()] * 40)
    entered = room()
    entered[100:116, 200:208] = 160
    assert not stillness.may_skip(entered, 5.05)


def test_a_slow_change_adds_up() -> None:
    """The picture is compared with the one last looked at, not with the one before."""
    stillness = Stillness()
    looks(stillness, [room()] * 12)
    slow = [np.full_like(room(), 100 + i) for i in range(13)]
    asked = looks(stillness, slow, start_s=1.5)
    assert asked, "twelve levels of change in steps of one"


def test_a_picture_of_another_size_is_looked_at() -> None:
    stillness = Stillness()
    looks(stillness, [room()] * 12)
    assert not stillness.may_skip(room(416, 256), 1.5)


def test_after_a_movement_it_looks_on_for_a_second() -> None:
    stillness = Stillness()
    looks(stillness, [room()] * 16)
    moved = room()
    moved[100:116, 200:208] = 160
    asked = looks(stillness, [moved] * 16, start_s=2.0)
    assert asked[:8] == [2 + i / 8 for i in range(8)]
    assert len(asked) < 16


@pytest.mark.parametrize("size", [(2, 416), (256, 2), (7, 7), (9, 15)])
def test_pictures_of_odd_and_tiny_sizes(size: tuple[int, int]) -> None:
    assert looks(Stillness(), [room(*size)] * 20)
