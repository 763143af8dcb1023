"""A shelf as it is drawn, cut into facings."""

import numpy as np
from numpy.typing import NDArray

Quad = tuple[tuple[float, float], ...]
"""Four corners in fractions of the picture, clockwise from the upper left one."""


def grid(corners: Quad, rows: int, columns: int) -> tuple[Quad, ...]:
    """Cuts a shelf into facings of one size as they are seen in perspective, row by row from the upper left.

    Four points of a plane and where they are seen fix a homography (Hartley and Zisserman 2004, 4.1).

    Args:
        corners: of the shelf.
        rows: of facings.
        columns: of facings.
    """
    forth = _homography(np.array(corners, float))
    y, x = np.mgrid[0 : rows + 1, 0 : columns + 1]
    at = np.stack([x / columns, y / rows, np.ones_like(x, float)], axis=-1) @ forth.T
    at = at[..., :2] / at[..., 2:]
    quads = np.stack([at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]], axis=2).reshape(-1, 4, 2)
    return tuple(tuple((float(px), float(py)) for px, py in np.clip(quad, 0.0, 1.0)) for quad in quads)


def convex(corners: Quad) -> bool:
    """Whether four corners go clockwise on the picture around a shape without a dent."""
    points = np.array(corners, float)
    edges = np.roll(points, -1, axis=0) - points
    ahead = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * ahead[:, 1] - edges[:, 1] * ahead[:, 0]
    return bool((turns > 0).all())


def _homography(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """From the unit square to four corners (4, 2), as a matrix (3, 3)."""
    rows, right = [], []
    for (u, v), (x, y) in zip(((0, 0), (1, 0), (1, 1), (0, 1)), corners.tolist(), strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        right += [x, y]
    return np.append(np.linalg.solve(np.array(rows, float), np.array(right, float)), 1.0).reshape(3, 3)
