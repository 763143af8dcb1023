"""From what is seen, moment by moment, to tallies of windows."""

import math
from dataclasses import dataclass, field

from passerby.core.observations import Crossing, Direction
from passerby.core.tallies import EXPOSURE_GRID_S, Measure, Tally, window_start

MAX_HOLD_S = 0.5
"""One look stands for at most so long: what lies further from it was not seen."""

PEAK_HELD_S = 1.0
"""A peak counts when it was held for so long in all; a flicker of the detector is not a person."""

_MEASURE_OF = {Direction.IN: Measure.CROSSINGS_IN, Direction.OUT: Measure.CROSSINGS_OUT}


@dataclass(slots=True)
class _Window:
    """What was seen so far in one window."""

    start_unix_s: int
    exposure_s: float = 0.0
    crossings: dict[tuple[str, Direction], int] = field(default_factory=dict)
    levels_s: dict[str, dict[int, float]] = field(default_factory=dict)


class WindowTallier:
    """Gathers the looks at one camera's lines and zones, and closes windows.

    Args:
        camera: its name.
        lines, zones: names of the places that are counted at.
        width_s: width of a window.
    """

    def __init__(self, camera: str, lines: tuple[str, ...], zones: tuple[str, ...], width_s: int) -> None:
        self._camera = camera
        self._lines = lines
        self._zones = zones
        self._width_s = width_s
        self._open: _Window | None = None
        self._closed_until_unix_s = -math.inf
        self.observed_s = 0.0

    def look(self, span: tuple[float, float], people: dict[str, int], crossings: list[Crossing]) -> list[Tally]:
        """Takes one look. What it tells of a window that is closed already counts in the next one.

        Args:
            span: from when to when the look stands, in Unix seconds.
            people: how many people are in each zone now.
            crossings: what was crossed in the span; they count at its end.

        Returns:
            Tallies of the windows that the span has left behind.
        """
        start_s, end_s = max(span[0], span[1] - MAX_HOLD_S), span[1]
        closed: list[Tally] = []
        while start_s < end_s:
            window = self._window_at(start_s, closed)
            piece_end_s = min(end_s, window.start_unix_s + self._width_s)
            self._expose(window, piece_end_s - start_s, people)
            start_s = piece_end_s
        if crossings:
            # A moment at the very end of a window still belongs to it.
            window = self._window_at(math.nextafter(span[1], span[0]), closed)
            for crossing in crossings:
                key = (crossing.line, crossing.direction)
                window.crossings[key] = window.crossings.get(key, 0) + 1
        return closed

    def close_before(self, now_unix_s: float) -> list[Tally]:
        """Closes the window if its time is over, though nothing more was seen."""
        if self._open and self._open.start_unix_s + self._width_s <= now_unix_s:
            return self.close()
        return []

    def close(self) -> list[Tally]:
        """Closes the window that is open, and gives its tallies: one of each measure and place, zeros too."""
        window, self._open = self._open, None
        if window is None:
            return []
        self._closed_until_unix_s = window.start_unix_s + self._width_s
        return [*self._line_tallies(window), *self._zone_tallies(window)]

    def _window_at(self, time_unix_s: float, closed: list[Tally]) -> _Window:
        start = window_start(max(time_unix_s, self._closed_until_unix_s), self._width_s)
        if self._open is None or start > self._open.start_unix_s:
            closed += self.close()
            self._open = _Window(start)
        return self._open

    def _expose(self, window: _Window, seconds: float, people: dict[str, int]) -> None:
        window.exposure_s += seconds
        self.observed_s += seconds
        for zone in self._zones:
            levels = window.levels_s.setdefault(zone, {})
            count = people.get(zone, 0)
            levels[count] = levels.get(count, 0.0) + seconds

    def _line_tallies(self, window: _Window) -> list[Tally]:
        return [
            self._tally(window, measure, line, window.crossings.get((line, direction), 0))
            for line in self._lines
            for direction, measure in _MEASURE_OF.items()
        ]

    def _zone_tallies(self, window: _Window) -> list[Tally]:
        tallies = []
        for zone in self._zones:
            levels = window.levels_s.get(zone, {})
            # A clock that was set back leaves more to see than the window is long; the mean stays what it was.
            share = min(1.0, self._width_s / window.exposure_s) if window.exposure_s else 0.0
            person_s = sum(count * seconds for count, seconds in levels.items()) * share
            tallies.append(self._tally(window, Measure.PEOPLE, zone, person_s))
            tallies.append(self._tally(window, Measure.PEAK, zone, peak(levels)))
        return tallies

    def _tally(self, window: _Window, measure: Measure, place: str, total: float) -> Tally:
        total = round(total / measure.grid) * measure.grid
        # Rounded down, so that no window claims to have seen more than it has.
        exposure = min(self._width_s, math.floor(window.exposure_s / EXPOSURE_GRID_S + 1e-6) * EXPOSURE_GRID_S)
        return Tally(self._camera, measure, place, window.start_unix_s, self._width_s, total, exposure)


def peak(levels_s: dict[int, float]) -> int:
    """The largest number of people seen for `PEAK_HELD_S` in all, or for half of a shorter time.

    Args:
        levels_s: seconds at which each number of people was seen.
    """
    needed_s = min(PEAK_HELD_S, sum(levels_s.values()) / 2)
    held_s = 0.0
    for count in sorted(levels_s, reverse=True):
        held_s += levels_s[count]
        if held_s >= needed_s:
            return count
    return 0
