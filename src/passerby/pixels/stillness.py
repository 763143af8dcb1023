"""Spares the detector a scene in which nothing moves and nobody is."""

import numpy as np
from numpy.typing import NDArray

_CELL_PX = 8
_MOVED_LEVELS = 6.0
_REST_S = 1.0
_GLANCE_S = 2.0


class Stillness:
    """Tells when a look at a still, empty scene may be skipped.

    The picture is compared in cells of 8x8 pixels with the one last looked at; a single cell that changed by more than
    six levels of 255 is movement. Even a still scene is looked at every two seconds, so that someone whom the
    comparison missed is not missed for long.
    """

    def __init__(self) -> None:
        self._reference: NDArray[np.float32] | None = None
        self._empty_since_s: float | None = None
        self._looked_s = float("-inf")

    def may_skip(self, bgr: NDArray[np.uint8], time_s: float) -> bool:
        """Whether the frame, uint8 (h, w, 3), needs no detector."""
        cells = _cells(bgr)
        still = (
            self._reference is not None
            and self._reference.shape == cells.shape
            and float(np.abs(cells - self._reference).max(initial=0.0)) < _MOVED_LEVELS
        )
        empty = self._empty_since_s is not None and time_s - self._empty_since_s >= _REST_S
        if still and empty and time_s - self._looked_s < _GLANCE_S:
            return True
        self._reference = cells
        self._looked_s = time_s
        return False

    def saw(self, people: int, time_s: float) -> None:
        """Tells what the detector found."""
        if people:
            self._empty_since_s = None
        elif self._empty_since_s is None:
            self._empty_since_s = time_s


def _cells(bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean of green, the most of luminance, over each cell."""
    height, width = (side // _CELL_PX * _CELL_PX for side in bgr.shape[:2])
    green = bgr[:height, :width, 1].reshape(height // _CELL_PX, _CELL_PX, width // _CELL_PX, _CELL_PX)
    cells: NDArray[np.float32] = green.mean(axis=(1, 3), dtype=np.float32)
    return cells
