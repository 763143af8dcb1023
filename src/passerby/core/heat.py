"""Where people are: person-seconds on a coarse grid, hour by hour, without the cells that few people were in.

The reasons: docs/decisions/0011-heat-map.md.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from passerby.core.counting import FORGET_S
from passerby.core.tallies import (
    EXPOSURE_GRID_S,
    HEAT_COLUMNS,
    HEAT_ROWS,
    HEAT_WINDOW_S,
    PICTURE,
    Measure,
    Tally,
    window_start,
)
from passerby.core.windows import MAX_HOLD_S

WALKED_CELLS = 2
"""A track counts as a person from when it was so many cells away from where it began, across or down."""

_CELLS = HEAT_COLUMNS * HEAT_ROWS


@dataclass(slots=True)
class _Way:
    """One track's way over the grid, within the window that is open.

    Attributes:
        seen_s: when it was reported last, Unix seconds.
        first: the cell where it began.
        walked: whether it is a person who walked, as far as is known.
        cells: where it was in this window, and whether it was counted there.
    """

    seen_s: float
    first: int
    walked: bool = False
    cells: dict[int, bool] = field(default_factory=dict)

    def go(self, cell: int) -> list[int]:
        """Goes on to a cell; tells in which cells it counts as one more person."""
        down, across = (
            abs(a - b) for a, b in zip(divmod(cell, HEAT_COLUMNS), divmod(self.first, HEAT_COLUMNS), strict=True)
        )
        self.walked = self.walked or max(down, across) >= WALKED_CELLS
        self.cells.setdefault(cell, False)
        if not self.walked:
            return []
        new = [each for each, counted in self.cells.items() if not counted]
        self.cells.update(dict.fromkeys(new, True))
        return new


class _Window:
    """What was seen so far in one hour."""

    def __init__(self, start_unix_s: int) -> None:
        self.start_unix_s = start_unix_s
        self.exposure_s = 0.0
        self.person_s = np.zeros(_CELLS)
        self.people = np.zeros(_CELLS, np.int64)


class HeatMap:
    """Gathers where people stand in one camera's picture, and closes the windows of an hour.

    A cell comes out only when at least `minimum_people` tracks were in it that walked. A track that begins and ends
    on one spot may be someone's second one who sits there; it adds its seconds and is not counted as a person.

    Args:
        camera: its name.
        minimum_people: cells with fewer people in an hour never leave; two at least.
        told_until_unix_s: what is seen before counts in the window that begins here.

    Raises:
        ValueError: the minimum is below two, so that cells would tell of one person.
    """

    def __init__(self, camera: str, minimum_people: int, told_until_unix_s: float = -math.inf) -> None:
        if minimum_people < 2:
            raise ValueError(f"minimum_people must be 2 or more, got {minimum_people}")
        self._camera = camera
        self._minimum = minimum_people
        self._open: _Window | None = None
        self._closed_until_unix_s = told_until_unix_s
        self._ways: dict[int, _Way] = {}

    def __len__(self) -> int:
        """How many tracks are kept in mind."""
        return len(self._ways)

    def look(self, span: tuple[float, float], points: NDArray[np.float64], ids: NDArray[np.int32]) -> list[Tally]:
        """Takes one look.

        Args:
            span: from when to when the look stands, in Unix seconds.
            points: float64 (n, 2), where people stand, as fractions of the picture.
            ids: int32 (n,), their tracks. Below zero are those who stepped out of a staff area (`core.staff`): each
                time under another number, so that one person would be many. They add their seconds alone.

        Returns:
            Tallies of the windows that the span has left behind.
        """
        start_s, end_s = max(span[0], span[1] - MAX_HOLD_S), span[1]
        # A clock that is set back forgets all.
        self._ways = {track: way for track, way in self._ways.items() if 0 <= end_s - way.seen_s <= FORGET_S}
        closed: list[Tally] = []
        cells = cells_of(points)
        while start_s < end_s:
            window = self._window_at(start_s, closed)
            piece_end_s = min(end_s, window.start_unix_s + HEAT_WINDOW_S)
            window.exposure_s += piece_end_s - start_s
            np.add.at(window.person_s, cells, piece_end_s - start_s)
            for track, cell in zip(ids.tolist(), cells.tolist(), strict=True):
                if track < 0:
                    continue
                way = self._ways.setdefault(track, _Way(end_s, cell))
                way.seen_s = end_s
                window.people[way.go(cell)] += 1
            start_s = piece_end_s
        return closed

    def forget_tracks(self) -> None:
        """The tracker begins anew: its numbers are other people's from now on."""
        self._ways.clear()

    def close_before(self, now_unix_s: float) -> list[Tally]:
        """Closes the window if its time is over, though nothing more was seen."""
        if self._open and self._open.start_unix_s + HEAT_WINDOW_S <= now_unix_s:
            return self.close()
        return []

    def close(self) -> list[Tally]:
        """Closes the window that is open, and gives the cells that enough people were in."""
        window, self._open = self._open, None
        if window is None:
            return []
        self._closed_until_unix_s = window.start_unix_s + HEAT_WINDOW_S
        for way in self._ways.values():
            way.cells.clear()
        exposure = min(HEAT_WINDOW_S, math.floor(window.exposure_s / EXPOSURE_GRID_S + 1e-6) * EXPOSURE_GRID_S)
        totals = np.where(window.people >= self._minimum, np.rint(window.person_s), 0)
        return [
            Tally(
                self._camera,
                Measure.HEAT,
                PICTURE,
                window.start_unix_s,
                HEAT_WINDOW_S,
                float(totals[cell]),
                exposure,
                cell,
            )
            for cell in np.flatnonzero(totals).tolist()
        ]

    def _window_at(self, time_unix_s: float, closed: list[Tally]) -> _Window:
        start = window_start(max(time_unix_s, self._closed_until_unix_s), HEAT_WINDOW_S)
        if self._open is None or start > self._open.start_unix_s:
            closed += self.close()
            self._open = _Window(start)
        return self._open


def cells_of(points: NDArray[np.float64]) -> NDArray[np.intp]:
    """Cells of points (n, 2), as fractions of the picture, (n,): row by row from the upper left; none is outside."""
    grid = np.array([HEAT_COLUMNS, HEAT_ROWS])
    columns, rows = np.clip(np.floor(points * grid), 0, grid - 1).astype(np.intp).T
    cells: NDArray[np.intp] = rows * HEAT_COLUMNS + columns
    return cells
