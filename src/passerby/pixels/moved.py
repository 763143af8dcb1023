"""Tells that a camera was turned or pushed: what stands still in its pictures stands elsewhere than it stood.

Of a picture only edges are kept, added up over a minute in which whoever walks by is averaged away. Decision 17 has the
limits and what they were measured on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.core.geometry import Zone
from passerby.pixels.alignment import COLUMNS, ROWS, Edges, comparable, far, likeness, near
from passerby.pixels.blanking import rasterised

_MOST_COLUMNS = 128
_NOISE_LEVELS = 4.0
"""An edge of so many levels of 255 counts half; a stronger one hardly more than another, whatever the light."""

_EVERY_S = 5.0
_SPAN_S = 60.0
_LEAST_PICTURES = 6
_LEARN_SPANS = 3
_SLOW = 1 / 30
"""What a minute weighs in the scene as it is known: furniture is learnt within an hour."""

_MOVED_SHARE = 0.015
"""Of the width: what a corner must have moved. A step of a cell is 0.8 to 1.3 %, so this is two cells, about 2 %."""
_NEAR_FIT, _NEAR_GAIN = 0.25, 0.05
_FAR_FIT, _FAR_GAIN = 0.35, 0.15
"""Correlation in the new place, and how much more than in the old one: three times what unrelated views reach."""
_LOST_FIT = 0.15
"""Unrelated views reach 0.1 near the old place by chance; with so little, nothing of the scene is left there."""
_STEADY_FIT = 0.4
"""A minute that is less like the one before shows people rather than a room."""
_MOVED_SPANS, _LOST_SPANS = 2, 10


class Moved:
    """Whether one camera still shows the scene that it showed.

    Args:
        blanked: parts of the picture that are blanked, in fractions; their borders do not move with the camera.
    """

    def __init__(self, blanked: tuple[Zone, ...] = ()) -> None:
        self._blanked = blanked
        self._covered: NDArray[np.bool_] | None = None
        self._minute: _Minute | None = None
        self._known = _Known()

    def look(self, bgr: NDArray[np.uint8], time_s: float) -> bool:
        """Looks at a picture every few seconds; tells once, minutes after it, that the camera was moved.

        Args:
            bgr: uint8 (h, w, 3), blanked.
            time_s: seconds since the stream started.
        """
        minute = self._minute
        if minute and 0 <= time_s - minute.looked_s < _EVERY_S:
            return False
        edges = self._edges(bgr)
        if minute is None or minute.sum.shape != edges.shape:
            self._known = _Known()
            minute = self._minute = _Minute(np.zeros_like(edges), time_s)
        minute.add(edges, time_s)
        if not minute.whole:
            return False
        self._minute = _Minute(np.zeros_like(edges), time_s, looked_s=time_s)
        if self._known.moved(minute.mean()):
            self._known = _Known()
            return True
        return False

    def rehearse(self, bgr: NDArray[np.uint8]) -> None:
        """Does once all that a minute asks for; nothing is kept of the picture, uint8 (h, w, 3)."""
        edges = self._edges(bgr)
        _seen(edges, edges)
        likeness(edges, edges)

    def _edges(self, bgr: NDArray[np.uint8]) -> Edges:
        """How much each cell of green, the most of luminance, stands out from its neighbours, -1..1."""
        side = -(-bgr.shape[1] // _MOST_COLUMNS)
        rows, columns = bgr.shape[0] // side // ROWS * ROWS, bgr.shape[1] // side // COLUMNS * COLUMNS
        green = bgr[: rows * side, : columns * side, 1].reshape(rows, side, columns, side)
        cells = green.sum(axis=1, dtype=np.uint16).sum(axis=2, dtype=np.uint16) / np.float32(side * side)
        edges: Edges = np.zeros_like(cells)
        middle = edges[1:-1, 1:-1]
        middle += 4 * cells[1:-1, 1:-1] - cells[:-2, 1:-1] - cells[2:, 1:-1] - cells[1:-1, :-2] - cells[1:-1, 2:]
        edges /= np.abs(edges) + np.float32(_NOISE_LEVELS)
        edges[self._hidden(edges.shape)] = 0
        return edges

    def _hidden(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Cells that a blanked part touches, and their neighbours."""
        if self._covered is None or self._covered.shape != shape:
            self._covered = np.zeros(shape, bool)
            for zone in self._blanked:
                self._covered |= rasterised(np.array(zone.corners), (shape[0], shape[1]))
        return self._covered


@dataclass(slots=True)
class _Minute:
    """The edges of a minute, added up."""

    sum: Edges
    began_s: float
    pictures: int = 0
    looked_s: float = float("-inf")

    def add(self, edges: Edges, time_s: float) -> None:
        self.sum += edges
        self.pictures += 1
        self.looked_s = time_s

    @property
    def whole(self) -> bool:
        # A clock that was set back does not make a minute longer.
        return not 0 <= self.looked_s - self.began_s < _SPAN_S and self.pictures >= _LEAST_PICTURES

    def mean(self) -> Edges:
        return self.sum / np.float32(self.pictures)


class _Known:
    """The scene as it is known, and for how long it has been elsewhere."""

    def __init__(self) -> None:
        self._scene: Edges | None = None
        self._before: Edges | None = None
        self._learnt = self._moved_spans = self._lost_spans = 0

    def moved(self, span: Edges) -> bool:
        """Takes a minute; whether the camera was moved by now."""
        before, self._before = self._before, span
        if self._scene is None or before is None or self._learnt < _LEARN_SPANS or not comparable(self._scene):
            self._learn(span)
            return False
        moved, lost = _seen(self._scene, span)
        if not (moved or lost):
            self._learn(span)
        steady = likeness(before, span) >= _STEADY_FIT
        self._moved_spans = moved * (self._moved_spans * steady + 1)
        self._lost_spans = lost * (self._lost_spans * steady + 1)
        return self._moved_spans >= _MOVED_SPANS or self._lost_spans >= _LOST_SPANS

    def _learn(self, span: Edges) -> None:
        self._learnt += 1
        weight = np.float32(max(1 / self._learnt, _SLOW))
        self._scene = span if self._scene is None else self._scene + weight * (span - self._scene)


def _seen(scene: Edges, span: Edges) -> tuple[bool, bool]:
    """Whether the scene stands elsewhere in a minute, and whether nothing is left of it."""
    parts, whole = near(scene, span), far(scene, span)
    moved = any(
        fit.moved_share >= _MOVED_SHARE and fit.best >= least and fit.best - fit.rest >= gain
        for fit, least, gain in ((parts, _NEAR_FIT, _NEAR_GAIN), (whole, _FAR_FIT, _FAR_GAIN))
    )
    return moved, parts.best < _LOST_FIT
