"""What must hold for every shelf that is cut into facings."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.facings import convex, grid

SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
off = st.floats(-0.1, 0.1)
shelves = st.tuples(*[st.tuples(off, off)] * 4).map(
    lambda by: tuple((x + dx, y + dy) for (x, y), (dx, dy) in zip(SQUARE, by, strict=True))
)


@given(shelves, st.integers(1, 6), st.integers(1, 12))
@settings(max_examples=80)
def test_facings_fill_the_shelf_and_do_not_overlap(
    corners: tuple[tuple[float, float], ...], rows: int, columns: int
) -> None:
    facings = np.array(grid(corners, rows, columns))
    assert facings.shape == (rows * columns, 4, 2)
    assert all(convex(tuple(map(tuple, one))) for one in facings.tolist())
    ends = facings[0, 0], facings[columns - 1, 1], facings[-1, 2], facings[(rows - 1) * columns, 3]
    np.testing.assert_allclose(np.array(ends), np.array(corners), atol=1e-9)

    def area(shape: np.ndarray) -> float:
        x, y = shape.T
        return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2

    assert np.isclose(sum(map(area, facings)), area(np.array(corners)))


def test_corners_go_clockwise_from_the_upper_left_without_a_dent() -> None:
    assert convex(((0, 0), (1, 0), (1, 1), (0, 1)))
    assert not convex(((0, 0), (0, 1), (1, 1), (1, 0)))
    assert not convex(((0, 0), (1, 0), (0.2, 0.2), (0, 1)))
    assert not convex(((0, 0), (1, 1), (1, 0), (0, 1)))
