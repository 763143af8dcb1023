"""From looks at the facings of one shelf to tallies of windows."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from passerby.core.shelves import FacingState
from passerby.core.tallies import EXPOSURE_GRID_S, SHELF_MEASURES, Measure, Tally, window_start


class _Window:
    """What was seen so far in one window: seconds, of each measure and facing."""

    def __init__(self, start_unix_s: int, facings: int) -> None:
        self.start_unix_s = start_unix_s
        self.exposure_s = 0.0
        self.seconds: dict[Measure, NDArray[np.float64]] = {one: np.zeros(facings) for one in SHELF_MEASURES}


class ShelfTallier:
    """Gathers the looks at one shelf, and closes windows.

    Args:
        camera: its camera's name.
        shelf: its name.
        facings: how many it has.
        width_s: width of a window.
        told_until_unix_s: what is seen before counts in the window that begins here.
    """

    def __init__(
        self, camera: str, shelf: str, facings: int, width_s: int, told_until_unix_s: float = -math.inf
    ) -> None:
        self._camera, self._shelf = camera, shelf
        self._facings, self._width_s = facings, width_s
        self._open: _Window | None = None
        self._closed_until_unix_s = told_until_unix_s

    def look(self, span: tuple[float, float], states: Sequence[FacingState], fills: Sequence[float]) -> list[Tally]:
        """Takes one look.

        Args:
            span: from when to when the look stands, in Unix seconds.
            states: of each facing; `CANNOT_SEE` adds nothing but the time that was watched.
            fills: of each facing, 0..1; of one that cannot be seen it means nothing.

        Returns:
            Tallies of the windows that the span has left behind.
        """
        seen = np.array([state is not FacingState.CANNOT_SEE for state in states], float)
        weights = {
            Measure.SHELF_SEEN: seen,
            Measure.SHELF_FILL: seen * np.asarray(fills, float),
            Measure.SHELF_LOW: np.array([state is FacingState.LOW for state in states], float),
            Measure.SHELF_EMPTY: np.array([state is FacingState.EMPTY for state in states], float),
        }
        start_s, end_s = span
        closed: list[Tally] = []
        while start_s < end_s:
            window = self._window_at(start_s, closed)
            piece_end_s = min(end_s, window.start_unix_s + self._width_s)
            window.exposure_s += piece_end_s - start_s
            for measure, weight in weights.items():
                window.seconds[measure] += weight * (piece_end_s - start_s)
            start_s = piece_end_s
        return closed

    def close_before(self, now_unix_s: float) -> list[Tally]:
        """Closes the window if its time is over, though nothing more was seen."""
        if self._open and self._open.start_unix_s + self._width_s <= now_unix_s:
            return self.close()
        return []

    def close(self) -> list[Tally]:
        """Closes the window that is open, and gives what is above zero of each measure and facing."""
        window, self._open = self._open, None
        if window is None:
            return []
        self._closed_until_unix_s = window.start_unix_s + self._width_s
        exposure = min(self._width_s, math.floor(window.exposure_s / EXPOSURE_GRID_S + 1e-6) * EXPOSURE_GRID_S)
        # A clock that was set back leaves more to see than the window is long; the shares stay what they were.
        share = min(1.0, self._width_s / window.exposure_s) if window.exposure_s else 0.0
        return [
            Tally(self._camera, measure, self._shelf, window.start_unix_s, self._width_s, total, exposure, facing)
            for measure in SHELF_MEASURES
            for facing, total in enumerate(np.rint(window.seconds[measure] * share).tolist())
            if total > 0
        ]

    def _window_at(self, time_unix_s: float, closed: list[Tally]) -> _Window:
        start = window_start(max(time_unix_s, self._closed_until_unix_s), self._width_s)
        if self._open is None or start > self._open.start_unix_s:
            closed += self.close()
            self._open = _Window(start, self._facings)
        return self._open
