"""Privacy masks: what a polygon touches is blank, and nothing else."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.geometry import Zone
from passerby.pixels.blanking import GREY, PrivacyMasks, rasterised

SQUARE = Zone("mask", ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)))
fractions = st.floats(0, 1, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(fractions, fractions), min_size=3, max_size=8, unique=True), st.integers(0, 2**32 - 1))
def test_no_point_inside_a_polygon_is_left(corners: list[tuple[float, float]], seed: int) -> None:
    """Points are drawn anywhere, and those that the exact rule puts inside lie on blank pixels."""
    height, width = 37, 53
    covered = rasterised(np.array(corners), (height, width))
    points = np.random.default_rng(seed).random((400, 2))
    try:
        inside = Zone("mask", tuple(corners)).contains(points)
    except ValueError:
        return
    x, y = (points[inside] * np.array([width, height])).astype(int).T
    assert covered[y, x].all()


@settings(max_examples=60, deadline=None)
@given(st.tuples(fractions, fractions, fractions, fractions))
def test_what_is_far_from_a_polygon_stays(box: tuple[float, float, float, float]) -> None:
    x1, x2, y1, y2 = *sorted(box[:2]), *sorted(box[2:])
    height, width = 40, 60
    covered = rasterised(np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)]), (height, width))
    y, x = np.mgrid[:height, :width]
    away_x = np.maximum(np.maximum(x1 * width - (x + 1), x - x2 * width), 0)
    away_y = np.maximum(np.maximum(y1 * height - (y + 1), y - y2 * height), 0)
    assert not covered[np.maximum(away_x, away_y) > 2].any()


@pytest.mark.parametrize("size", [(240, 320), (1080, 1920), (2, 2)])
def test_a_picture_of_any_size_is_blanked_in_place(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), 200, np.uint8)
    masks = PrivacyMasks((SQUARE,))
    assert masks.blank(picture) is picture
    assert (picture[size[0] // 2, size[1] // 2] == GREY).all()
    if size[0] > 2:
        assert (picture[0, 0] == 200).all()
        share = (picture[:, :, 0] == GREY).mean()
        assert 0.25 <= share < 0.28


def test_without_masks_nothing_is_blanked() -> None:
    picture = np.full((10, 10, 3), 200, np.uint8)
    assert (PrivacyMasks(()).blank(picture) == 200).all()


def test_pictures_of_ever_new_sizes_fill_no_memory() -> None:
    masks = PrivacyMasks((SQUARE,))
    tracemalloc.start()
    try:
        for width in range(200, 300):
            assert (masks.blank(np.zeros((200, width, 3), np.uint8))[100, width // 2] == GREY).all()
        assert tracemalloc.get_traced_memory()[0] < 10 * 200 * 300
    finally:
        tracemalloc.stop()
