"""Counts people over lines and in zones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.core.geometry import Line, Zone
from passerby.core.observations import Crossing, Direction, Tracks

Floats = NDArray[np.float64]

CLEAR = 0.1
END = 0.1
FORGET_S = 3.0


def standing_points(boxes_px: NDArray[np.float32], view: str) -> Floats:
    """Where people stand, float64 (n, 2)."""
    boxes = boxes_px.astype(np.float64)
    y = boxes[:, 3] if view == "level" else (boxes[:, 1] + boxes[:, 3]) / 2
    return np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, y], axis=1)


@dataclass(slots=True)
class _Walk:
    side: int
    distance: float
    along: float
    cut: float | None
    seen_s: float
    cut_s: float = 0.0


class LineCounter:
    def __init__(self, line: Line, size_px: tuple[int, int], view: str) -> None:
        self._name = line.name
        self._line = line.scaled(*size_px)
        self._view = view
        self._size = np.array(size_px, float)
        self._walks: dict[int, _Walk] = {}

    def _place(self, boxes):
        height = (boxes[:, 3] - boxes[:, 1]).astype(float)
        points = np.clip(standing_points(boxes, self._view), 0, self._size)
        return self._line.distance_px(points) / height, self._line.along(points), END * height / self._line.length_px

    def update(self, tracks: Tracks) -> list[Crossing]:
        distance, along, tol = self._place(tracks.boxes_px)
        d0, a0, _ = self._place(tracks.born_px)
        out = []
        for i, k in enumerate(tracks.ids.tolist()):
            d, a = float(distance[i]), float(along[i])
            w = self._walks.get(k)
            if w is None:
                w = self._walks[k] = _Walk(side_of(d0[i]), float(d0[i]), float(a0[i]), None, tracks.time_s - float(tracks.age_s[i]))
            side = side_of(d)
            then_s, w.seen_s = w.seen_s, tracks.time_s
            if (d > 0) != (w.distance > 0):
                f = w.distance / (w.distance - d)
                w.cut_s = then_s + f * (tracks.time_s - then_s)
                w.cut = w.along + f * (a - w.along)
            w.distance, w.along = d, a
            if side and w.side and side != w.side and w.cut is not None and -tol[i] <= w.cut <= 1 + tol[i]:
                out.append(Crossing(self._name, Direction.IN if side > 0 else Direction.OUT, w.cut_s))
            if side:
                w.side = side
        self._walks = {k: w for k, w in self._walks.items() if tracks.time_s - w.seen_s < FORGET_S}
        return out


def side_of(d: float) -> int:
    return 0 if abs(d) < CLEAR else (1 if d > 0 else -1)


class ZoneCounter:
    def __init__(self, zone: Zone, size_px: tuple[int, int], view: str) -> None:
        self._zone = zone
        self._size = np.array(size_px, float)
        self._view = view

    def update(self, tracks: Tracks) -> int:
        points = np.clip(standing_points(tracks.boxes_px, self._view) / self._size, 0, 1 - 1e-6)
        return int(self._zone.contains(points).sum())
