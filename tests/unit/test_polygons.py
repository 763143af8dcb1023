"""Polygons that cross themselves, and pairs that share area."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.geometry import Zone
from passerby.core.polygons import Corners, crossing_edges, crossing_words, overlap

SQUARE: Corners = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
BOW_TIE: Corners = ((0.2, 0.2), (0.6, 0.6), (0.6, 0.2), (0.2, 0.6))
U_SHAPE: Corners = ((0.1, 0.1), (0.3, 0.1), (0.3, 0.7), (0.6, 0.7), (0.6, 0.1), (0.8, 0.1), (0.8, 0.9), (0.1, 0.9))
seeds = st.integers(0, 2**32 - 1)


def moved(corners: Corners, x: float, y: float) -> Corners:
    return tuple((round(a + x, 6), round(b + y, 6)) for a, b in corners)


def star(seed: int, centre: tuple[float, float], corners: int) -> Corners:
    """A simple polygon, mostly concave: corners by angle about a centre."""
    rng = np.random.default_rng(seed)
    # No gap between angles reaches half a turn, so the centre is inside and no edges meet.
    angles = (np.arange(corners) + rng.uniform(0.1, 0.9, corners)) * 2 * math.pi / corners
    radii = rng.uniform(0.05, 0.3, corners)
    return tuple(
        (round(centre[0] + r * math.cos(a), 6), round(centre[1] + r * math.sin(a), 6))
        for a, r in zip(angles, radii, strict=True)
    )


@pytest.mark.parametrize(
    ("corners", "expected"),
    [
        (SQUARE, None),
        (U_SHAPE, None),
        (BOW_TIE, (0, 2)),
        (((0.1, 0.1), (0.9, 0.1), (0.5, 0.1), (0.5, 0.5)), (0, 1)),  # folds back on itself
        (((0.1, 0.1), (0.9, 0.1), (0.9, 0.5), (0.5, 0.1), (0.1, 0.5)), (0, 2)),  # a corner on another edge
        (((0.1, 0.1), (0.3, 0.3), (0.1, 0.3), (0.2, 0.2), (0.3, 0.1)), (0, 2)),  # exact in decimals
        (((0.2, 0.2), (0.2, 0.2), (0.6, 0.2), (0.6, 0.6)), None),  # a corner given twice
        (((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.2)), None),  # closed by hand
        (((0.1, 0.1), (0.5, 0.1), (0.9, 0.1), (0.9, 0.5)), None),  # straight on
        (((0.1, 0.1), (0.5, 0.5), (0.1, 0.1), (0.5, 0.1)), (0, 1)),
    ],
)
def test_edges_that_cross_or_touch(corners: Corners, expected: tuple[int, int] | None) -> None:
    assert crossing_edges(corners) == expected


def test_the_words_name_both_edges() -> None:
    assert crossing_words(SQUARE) is None
    words = crossing_words(BOW_TIE) or ""
    assert "edge 1 (from 0.2,0.2 to 0.6,0.6) crosses or touches edge 3 (from 0.6,0.2 to 0.2,0.6)" in words


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (SQUARE, True),
        (moved(SQUARE, 0.1, 0.1), True),
        (moved(SQUARE, 0.4, 0.0), False),  # side by side
        (moved(SQUARE, 0.4, 0.4), False),  # corner to corner
        (moved(SQUARE, 0.399999, 0.0), True),
        (moved(SQUARE, 0.41, 0.0), False),
        (((0.3, 0.3), (0.4, 0.3), (0.4, 0.4), (0.3, 0.4)), True),  # one in the other
        (((0.2, 0.2), (0.6, 0.2), (0.6, 0.6)), True),  # half of it
        (((0.6, 0.1), (0.6, 0.9), (0.9, 0.5)), False),  # a longer side along its own
    ],
)
def test_overlap_with_a_square(other: Corners, expected: bool) -> None:
    assert overlap(SQUARE, other) is overlap(other, SQUARE) is expected


def test_what_stands_in_a_hollow_does_not_overlap() -> None:
    hollow: Corners = ((0.3, 0.1), (0.6, 0.1), (0.6, 0.7), (0.3, 0.7))
    assert not overlap(U_SHAPE, hollow)
    assert overlap(U_SHAPE, moved(hollow, 0.0, 0.01))


@given(seeds, st.integers(3, 9))
@settings(max_examples=60, deadline=None)
def test_a_star_is_simple_and_two_of_its_corners_swapped_are_found_out(seed: int, corners: int) -> None:
    polygon = star(seed, (0.5, 0.5), corners)
    assert crossing_edges(polygon) is None
    assert crossing_edges(polygon[::-1]) is None
    convex = tuple(
        (round(0.5 + 0.3 * math.cos(a), 6), round(0.5 + 0.3 * math.sin(a), 6))
        for a in np.arange(max(4, corners)) * 2 * math.pi / max(4, corners)
    )
    assert crossing_edges((convex[1], convex[0], *convex[2:])) is not None


@given(seeds, seeds, st.floats(0.2, 0.8), st.floats(0.2, 0.8), st.integers(3, 9))
@settings(max_examples=60, deadline=None)
def test_overlap_agrees_with_points_drawn_at_random(one: int, two: int, x: float, y: float, corners: int) -> None:
    a, b = star(one, (0.5, 0.5), corners), star(two, (x, y), 12 - corners)
    points = np.random.default_rng(one).uniform(-0.1, 1.1, (20_000, 2))
    # `Zone` is for the picture only, so both are shrunk onto it.
    shrunk = [Zone("zone", tuple(((px + 1) / 3, (py + 1) / 3) for px, py in each)) for each in (a, b)]
    both = np.logical_and.reduce([zone.contains((points + 1) / 3) for zone in shrunk])
    found = overlap(a, b)
    assert found is overlap(b, a)
    if both.any():
        assert found
    if not found:
        assert not both.any()
    assert not overlap(a, moved(a, 0.7, 0.0))
    assert overlap(a, a[1:] + a[:1])
