"""How tall people are in the picture where they cross a line: a histogram for each line, and nobody's height alone."""

import numpy as np

from passerby.gate.messages import HealthFigure
from passerby.gate.scales import SCALES

LEAST_PEOPLE = 30
"""Of fewer, nothing is told: the tenth percentile of ten would be the smallest person, a child perhaps."""

_HALVED_EVERY_S = 4 * 3600.0
_LOW = 0.1


class LineHeights:
    """Heights at one line, in steps of four pixels of the full picture. What is four hours old weighs half."""

    def __init__(self) -> None:
        self._people = np.zeros(SCALES[HealthFigure.LINE_LOW_PX].most + 1)
        self._halved_s: float | None = None

    def add(self, height_px: float, now_s: float) -> None:
        """Adds one who crosses."""
        if self._halved_s is None:
            self._halved_s = now_s
        while now_s - self._halved_s >= _HALVED_EVERY_S:
            self._halved_s += _HALVED_EVERY_S
            self._people *= 0.5
        self._people[SCALES[HealthFigure.LINE_LOW_PX].steps(height_px)] += 1

    def figures(self) -> dict[HealthFigure, int]:
        """Tenth percentile and median, and how many stand behind them; nothing of fewer than `LEAST_PEOPLE`."""
        below = np.cumsum(self._people)
        if below[-1] < LEAST_PEOPLE:
            return {}
        # How many is told rounded down: thirty are never told of fewer.
        people = int(below[-1] // SCALES[HealthFigure.LINE_PEOPLE].step)
        return {
            HealthFigure.LINE_PEOPLE: min(people, SCALES[HealthFigure.LINE_PEOPLE].most),
            HealthFigure.LINE_LOW_PX: int(np.searchsorted(below, _LOW * below[-1])),
            HealthFigure.LINE_MEDIAN_PX: int(np.searchsorted(below, 0.5 * below[-1])),
        }
