"""Lines and zones on the picture: which side is which, and what is inside."""

import numpy as np
import pytest

from passerby.core.geometry import Line, Points, Zone, polygon_area


def points(*pairs: tuple[float, float]) -> Points:
    return np.array(pairs, dtype=np.float64)


def test_walking_down_the_picture_the_left_hand_is_on_its_right() -> None:
    """ "In" goes from the left hand to the right hand: here from the right of the picture to its left."""
    down = Line("door", (0.5, 0.1), (0.5, 0.9)).scaled(100, 100)
    right_of_picture, left_of_picture = down.distance_px(points((80, 50), (20, 50)))
    assert right_of_picture < 0 < left_of_picture


def test_walking_up_the_picture_the_left_hand_is_on_its_left() -> None:
    up = Line("door", (0.5, 0.9), (0.5, 0.1)).scaled(100, 100)
    left_of_picture, right_of_picture = up.distance_px(points((20, 50), (80, 50)))
    assert left_of_picture < 0 < right_of_picture


def test_walking_to_the_right_the_left_hand_is_above() -> None:
    across = Line("door", (0.1, 0.5), (0.9, 0.5)).scaled(100, 100)
    above, below = across.distance_px(points((50, 20), (50, 80)))
    assert above < 0 < below


def test_distances_are_pixels_of_the_picture() -> None:
    line = Line("door", (0.25, 0.0), (0.25, 1.0)).scaled(400, 300)
    assert line.length_px == 300
    assert np.abs(line.distance_px(points((130, 40), (100, 299)))).tolist() == [30, 0]
    assert line.along(points((7, 0), (0, 150), (0, 300), (0, 600))).tolist() == [0, 0.5, 1, 2]


def test_a_line_that_is_turned_around_swaps_its_sides() -> None:
    some = np.random.default_rng(1).uniform(0, 100, (50, 2))
    there = Line("a", (0.2, 0.3), (0.9, 0.6)).scaled(640, 360).distance_px(some)
    back = Line("a", (0.9, 0.6), (0.2, 0.3)).scaled(640, 360).distance_px(some)
    assert there == pytest.approx(-back)


@pytest.mark.parametrize("end", [(1.01, 0.5), (0.5, -0.01), (float("nan"), 0.5)])
def test_a_line_outside_the_picture_is_refused(end: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="outside the picture"):
        Line("door", (0.5, 0.5), end)


def test_a_line_of_one_point_is_refused() -> None:
    with pytest.raises(ValueError, match="same point"):
        Line("door", (0.5, 0.5), (0.5, 0.5))


L_SHAPE = Zone("hall", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.5), (0.5, 0.5), (0.5, 0.9), (0.1, 0.9)))


def test_a_zone_holds_what_is_inside_of_it() -> None:
    asked = points((0.2, 0.2), (0.8, 0.3), (0.3, 0.8), (0.7, 0.7), (0.05, 0.5), (1.5, 0.3))
    assert L_SHAPE.contains(asked).tolist() == [True, True, True, False, False, False]


def test_a_zone_is_the_same_whichever_way_its_corners_run() -> None:
    asked = np.random.default_rng(2).uniform(0, 1, (200, 2))
    turned = Zone("hall", tuple(reversed(L_SHAPE.corners)))
    assert L_SHAPE.contains(asked).tolist() == turned.contains(asked).tolist()


def test_two_zones_side_by_side_share_nobody_and_lose_nobody() -> None:
    left = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
    right = Zone("right", ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
    asked = points((0.5, 0.5), (0.5, 0.25), (0.4999, 0.5), (0.5001, 0.5))
    assert (left.contains(asked) ^ right.contains(asked)).all()


def test_no_points_no_answer() -> None:
    assert L_SHAPE.contains(np.empty((0, 2))).shape == (0,)


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        (((0.1, 0.1), (0.9, 0.9)), "three different corners"),
        (((0.1, 0.1), (0.9, 0.9), (0.1, 0.1)), "three different corners"),
        (((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)), "no area"),
        (((0.1, 0.1), (0.5, 0.5), (0.9, 1.1)), "outside the picture"),
    ],
)
def test_a_zone_that_is_none_is_refused(corners: tuple[tuple[float, float], ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Zone("hall", corners)


def test_area() -> None:
    assert polygon_area(np.array(L_SHAPE.corners)) == pytest.approx(0.64 - 0.16)
