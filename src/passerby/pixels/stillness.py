"""Tells when nothing has moved, so that nobody need look again."""

import numpy as np
from numpy.typing import NDArray

_CELL_PX = 8
_MOVED_LEVELS = 6.0
_REST_S = 1.0
_GLANCE_S = 2.0


class Stillness:
    """Tells when a look at a still scene may be skipped: who was there is where they were, and nobody else is.

    The picture is compared in cells of 8x8 pixels with the one last looked at; a single cell that changed by more than
    six levels of 255 is movement. Even a still scene is looked at every two seconds, so that someone whom the
    comparison missed is not missed for long.
    """

    def __init__(self) -> None:
        self._reference: NDArray[np.float32] | None = None
        self._moved_s = float("-inf")
        self._looked_s = float("-inf")

    def may_skip(self, bgr: NDArray[np.uint8], time_s: float) -> bool:
        """Whether the frame, uint8 (h, w, 3), needs no detector."""
        cells = _cells(bgr)
        if not self._alike(cells):
            self._moved_s = time_s
        if time_s - self._moved_s >= _REST_S and time_s - self._looked_s < _GLANCE_S:
            return True
        self._reference = cells
        self._looked_s = time_s
        return False

    def still(self, bgr: NDArray[np.uint8]) -> bool:
        """Whether the frame, uint8 (h, w, 3), is like the one last looked at; nothing is remembered of it."""
        return self._alike(_cells(bgr))

    def still_s(self, time_s: float) -> float:
        """For how long nothing has moved."""
        return time_s - self._moved_s

    def _alike(self, cells: NDArray[np.float32]) -> bool:
        reference = self._reference
        if reference is None or reference.shape != cells.shape:
            return False
        return float(np.abs(cells - reference).max(initial=0.0)) < _MOVED_LEVELS


def _cells(bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean of green, the most of luminance, over each cell."""
    rows, columns = (side // _CELL_PX for side in bgr.shape[:2])
    green = bgr[: rows * _CELL_PX, : columns * _CELL_PX, 1].reshape(rows, _CELL_PX, columns, _CELL_PX)
    # Whole rows first: numpy adds them four times as fast as eight neighbours.
    sums = green.sum(axis=1, dtype=np.uint16).sum(axis=2, dtype=np.uint16)
    cells: NDArray[np.float32] = sums / np.float32(_CELL_PX * _CELL_PX)
    return cells
