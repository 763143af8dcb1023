"""Tells that a camera was turned or pushed: what stands still in its pictures stands elsewhere than it stood.

Of a picture only edges are kept, added up over a minute in which whoever walks by is averaged away. Decision 17 has the
limits and what they were measured on.
"""

import numpy as np
from numpy.typing import NDArray

from passerby.core.geometry import Zone
from passerby.gate.messages import HealthFigure
from passerby.pixels.alignment import COLUMNS, ROWS, Edges, comparable, edges_of
from passerby.pixels.blanking import rasterised
from passerby.pixels.minutes import EVERY_S, LOST_SPANS, MOVED_SPANS, InARow, Minute, seen
from passerby.pixels.reference import Reference
from passerby.pixels.signature import cells_of, signature_of

_MOST_COLUMNS = 128
_LEARN_SPANS = 3
_SLOW = 1 / 30
"""What a minute weighs in the scene as it is known: furniture is learnt within an hour."""


class Moved:
    """Whether one camera still shows the scene that it showed.

    Args:
        blanked: parts of the picture that are blanked, in fractions; their borders do not move with the camera.
        reference: the signature of the scene at set-up; without one, only the scene since the start is known.

    Raises:
        ValueError: the reference is no signature.
    """

    def __init__(self, blanked: tuple[Zone, ...] = (), reference: bytes | None = None) -> None:
        self._blanked = blanked
        self._reference = Reference(reference, blanked) if reference else None
        self._covered: NDArray[np.bool_] | None = None
        self._minute: Minute | None = None
        self._known = _Known()

    def look(self, bgr: NDArray[np.uint8], time_s: float) -> bool:
        """Looks at a picture every few seconds; tells once, minutes after it, that the camera was moved.

        Where it was moved since set-up, that is told as well, minutes after the start.

        Args:
            bgr: uint8 (h, w, 3), blanked.
            time_s: seconds since the stream started.
        """
        minute = self._minute
        if minute and 0 <= time_s - minute.looked_s < EVERY_S:
            return False
        since_setup = self._reference is not None and self._reference.look(bgr, time_s)
        return self._moved_now(bgr, time_s) or since_setup

    def figures(self) -> dict[HealthFigure, int]:
        """Whether the camera shows another view than at set-up, as far as that is known."""
        moved = self._reference.moved if self._reference else None
        return {} if moved is None else {HealthFigure.MOVED: int(moved)}

    def _moved_now(self, bgr: NDArray[np.uint8], time_s: float) -> bool:
        minute, edges = self._minute, self._edges(bgr)
        if minute is None or minute.sum.shape != edges.shape:
            self._known = _Known()
            minute = self._minute = Minute(np.zeros_like(edges), time_s)
        minute.add(edges, time_s)
        if not minute.whole:
            return False
        self._minute = Minute(np.zeros_like(edges), time_s, looked_s=time_s)
        if self._known.moved(minute.mean()):
            self._known = _Known()
            return True
        return False

    def rehearse(self, bgr: NDArray[np.uint8]) -> None:
        """Does once all that a minute asks for; nothing is kept of the picture, uint8 (h, w, 3)."""
        edges = self._edges(bgr)
        seen(edges, edges)
        InARow().take(edges, False)
        Reference(signature_of(bgr), self._blanked).look(bgr, 0.0)
        grid = edges_of(cells_of(bgr[:, :, 1]))
        seen(grid, grid, np.ones_like(grid))

    def _edges(self, bgr: NDArray[np.uint8]) -> Edges:
        """How much each cell of green, the most of luminance, stands out from its neighbours, -1..1."""
        side = -(-bgr.shape[1] // _MOST_COLUMNS)
        rows, columns = bgr.shape[0] // side // ROWS * ROWS, bgr.shape[1] // side // COLUMNS * COLUMNS
        green = bgr[: rows * side, : columns * side, 1].reshape(rows, side, columns, side)
        cells = green.sum(axis=1, dtype=np.uint16).sum(axis=2, dtype=np.uint16) / np.float32(side * side)
        edges = edges_of(cells)
        edges[self._hidden(edges.shape)] = 0
        return edges

    def _hidden(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Cells that a blanked part touches, and their neighbours."""
        if self._covered is None or self._covered.shape != shape:
            self._covered = np.zeros(shape, bool)
            for zone in self._blanked:
                self._covered |= rasterised(np.array(zone.corners), (shape[0], shape[1]))
        return self._covered


class _Known:
    """The scene as it is known, and for how long it has been elsewhere."""

    def __init__(self) -> None:
        self._scene: Edges | None = None
        self._learnt = 0
        self._spans = InARow()

    def moved(self, span: Edges) -> bool:
        """Takes a minute; whether the camera was moved by now."""
        if self._scene is None or self._learnt < _LEARN_SPANS or not comparable(self._scene):
            self._spans.take(span, False, False)
            self._learn(span)
            return False
        now = seen(self._scene, span)
        if not (now.moved or now.lost):
            self._learn(span)
        moved, lost = self._spans.take(span, now.moved, now.lost)
        return moved >= MOVED_SPANS or lost >= LOST_SPANS

    def _learn(self, span: Edges) -> None:
        self._learnt += 1
        weight = np.float32(max(1 / self._learnt, _SLOW))
        self._scene = span if self._scene is None else self._scene + weight * (span - self._scene)
