"""Blanks parts of a picture before anything looks at it."""

import numpy as np
from numpy.typing import NDArray

from passerby.core.geometry import Zone

GREY = 114
"""What a detector is also shown where there is no picture."""

_SIZES = 2
"""What is analysed and what is native. A stream that changes its size with each picture must not fill the memory."""


class PrivacyMasks:
    """Polygons of a camera's picture that nobody looks at. A pixel that a polygon touches is blanked whole.

    Args:
        zones: the polygons, in fractions.
    """

    def __init__(self, zones: tuple[Zone, ...]) -> None:
        self._zones = zones
        self._known: dict[tuple[int, int], NDArray[np.bool_]] = {}

    def blank(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Blanks a picture, uint8 (h, w, 3), in place, and gives it back."""
        if self._zones:
            picture[self._covered(picture.shape[:2])] = GREY
        return picture

    def _covered(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        size = (shape[0], shape[1])
        if size not in self._known:
            if len(self._known) == _SIZES:
                self._known.clear()
            covered = np.zeros(size, bool)
            for zone in self._zones:
                covered |= rasterised(np.array(zone.corners), size)
            self._known[size] = covered
        return self._known[size]


def rasterised(corners: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels that a polygon covers, and their neighbours: what scaling mixed in from beyond the border is covered too.

    Args:
        corners: (n, 2) x and y in fractions of the picture.
        size: height and width in pixels.

    Returns:
        bool (height, width), by the even-odd rule along the middle of each row.
    """
    height, width = size
    start = corners * np.array([width, height])
    end = np.roll(start, -1, axis=0)
    y = np.arange(height)[:, None] + 0.5
    spans = (start[:, 1] > y) != (end[:, 1] > y)
    rise = end[:, 1] - start[:, 1]
    rise = np.where(np.abs(rise) < 1e-9, 1.0, rise)  # level edges cut no row; they are touched as a border
    cut_x = start[:, 0] + (y - start[:, 1]) * (end[:, 0] - start[:, 0]) / rise
    rows, edges = np.nonzero(spans)
    # Each cut turns inside to outside, from its column on.
    turns = np.zeros((height, width + 1), np.int32)
    np.add.at(turns, (rows, np.clip(np.rint(cut_x[rows, edges]), 0, width).astype(int)), 1)
    inside: NDArray[np.bool_] = np.cumsum(turns, axis=1)[:, :width] % 2 == 1
    # Borders, and what is thinner than a row or a column.
    return _widened(inside | _touched(start, end, size))


def _touched(start: NDArray[np.float64], end: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Pixels that the border runs through: points along it, half a pixel apart."""
    touched = np.zeros(size, bool)
    for a, b in zip(start, end, strict=True):
        steps = int(np.ceil(np.abs(b - a).max() * 2)) + 1
        points = a + np.linspace(0, 1, steps)[:, None] * (b - a)
        x, y = np.floor(points).astype(int).T
        touched[np.clip(y, 0, size[0] - 1), np.clip(x, 0, size[1] - 1)] = True
    return touched


def _widened(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    tall = wide.copy()
    wide[:, 1:] |= tall[:, :-1]
    wide[:, :-1] |= tall[:, 1:]
    return wide
