"""How sharp a whole picture is, whatever it shows: how much of a strong edge's height lies between two neighbours.

An edge that is blurred with a deviation of s pixels rises by 0.4/s of its height from one pixel to the next. Heights
and rises are taken in small cells, and only of the strongest edges of each part of the picture, so that noise and the
borders of the encoder's blocks say little; the median over the parts lets a text that the camera writes into its
picture say little as well.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

BLURRED = 0.38
"""Less is blurred; see decision 20 for what it was measured on."""

_ROWS = 360
_CELL_PX = 12
_PARTS = (4, 6)
_LEAST_LEVELS = 16
_OVER_FLAT = 3.0
_STRONG = 0.6
_LEAST_CELLS, _LEAST_PARTS = 3, 3


class EdgeSlopes:
    """Measures pictures of one camera, at 360 rows, where a deviation of 1.5 pixels is 3 of a picture of 720."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def luma(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The picture's luminance, uint8 (h, w), with 360 rows at most."""
        rows = min(_ROWS, frame.height)
        columns = max(2, round(frame.width * rows / frame.height))
        grey = self._reformatter.reformat(frame, columns, rows, "gray", interpolation=Interpolation.AREA, threads=1)
        return grey.to_ndarray().astype(np.uint8, copy=False)

    def of(self, luma: NDArray[np.uint8], hidden: NDArray[np.bool_]) -> float | None:
        """How sharp it is, 0..1; None where too little in it has an edge.

        Args:
            luma: uint8 (h, w).
            hidden: bool (h, w), parts that nobody looks at.
        """
        heights, rises = _cells(luma, hidden)
        if not heights.size:
            return None
        least = max(_LEAST_LEVELS, _OVER_FLAT * _quantile(heights.ravel(), 0.2))
        slopes = [slope for part in _parts(heights.shape) if (slope := _slope(heights[part], rises[part], least))]
        return _quantile(np.array(slopes), 0.5) if len(slopes) >= _LEAST_PARTS else None


def _parts(shape: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
    rows, columns = (
        [side * number // parts for number in range(parts + 1)] for side, parts in zip(shape, _PARTS, strict=True)
    )
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            if bottom > top and right > left:
                yield slice(top, bottom), slice(left, right)


def _slope(heights: NDArray[np.float32], rises: NDArray[np.float32], least: float) -> float:
    """Median slope of the strongest edges of a part; 0 where it has too few."""
    strong = heights >= max(least, _STRONG * _quantile(heights.ravel(), 0.95))
    slopes = rises[strong] / heights[strong]
    return _quantile(slopes, 0.5) if len(slopes) >= _LEAST_CELLS else 0.0


def _quantile(values: NDArray[Any], share: float) -> float:
    """Without numpy's care for special cases, which takes longer than all else here."""
    return float(np.sort(values)[round(share * (len(values) - 1))])


def _cells(luma: NDArray[np.uint8], hidden: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The range of each cell, and the largest step in it between two neighbours; both 0 where a cell is hidden."""
    rows, columns = (side // _CELL_PX for side in luma.shape)
    cut = (slice(0, rows * _CELL_PX), slice(0, columns * _CELL_PX))
    cells = luma[cut]
    if not cells.size:
        return np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32)
    rises = np.zeros_like(cells)
    rises[:, :-1] = np.maximum(cells[:, 1:], cells[:, :-1]) - np.minimum(cells[:, 1:], cells[:, :-1])
    down = np.maximum(cells[1:], cells[:-1]) - np.minimum(cells[1:], cells[:-1])
    # What lies between two cells is of neither.
    rises[:, _CELL_PX - 1 :: _CELL_PX] = 0
    down[_CELL_PX - 1 :: _CELL_PX] = 0
    np.maximum(rises[:-1], down, out=rises[:-1])
    seen = _most(~hidden[cut], np.minimum)
    heights = _most(cells, np.maximum) - _most(cells, np.minimum)
    return (heights * seen).astype(np.float32), (_most(rises, np.maximum) * seen).astype(np.float32)


def _most(pixels: NDArray[Any], which: np.ufunc) -> NDArray[Any]:
    """The largest or the smallest of each cell; whole rows first, which numpy compares many times as fast."""
    rows = pixels.shape[0] // _CELL_PX
    of_rows = which.reduce(pixels.reshape(rows, _CELL_PX, -1), axis=1)
    most: NDArray[Any] = which.reduce(of_rows.reshape(rows, -1, _CELL_PX), axis=2)
    return most
