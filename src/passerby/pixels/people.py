"""Finds people in a picture: boxes and scores, nothing about who they are.

The graph knows one class, a person. What differs between the families of detectors is what stands in their output row,
and how the picture must be prepared; both are in `FAMILIES`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from passerby.core.observations import Detections
from passerby.errors import ModelError
from passerby.gate.messages import ModelPlan
from passerby.pixels.inference import Network

_Floats = NDArray[np.float32]
_STRIDES_PX = (8, 16, 32)
_BINS = 11


def _grid(size_px: tuple[int, int]) -> tuple[_Floats, _Floats]:
    """Cells of a picture, stride by stride and row by row.

    Returns:
        float32 (n, 2) column and row of each cell, and float32 (n, 1) its side in pixels.
    """
    cells, sides = [], []
    for stride in _STRIDES_PX:
        columns, rows = size_px[0] // stride, size_px[1] // stride
        y, x = np.mgrid[:rows, :columns]
        cells.append(np.stack([x.ravel(), y.ravel()], axis=1))
        sides.append(np.full((rows * columns, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(sides).astype(np.float32)


def _yolox(rows: _Floats, cell: _Floats, side_px: _Floats) -> _Floats:
    """Boxes from offsets of the centre within the cell and logarithms of the size (YOLOX, arXiv 2107.08430)."""
    centre = (rows[:, :2] + cell) * side_px
    half = np.exp(rows[:, 2:4]) * side_px / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _nanodet(rows: _Floats, cell: _Floats, side_px: _Floats) -> _Floats:
    """Boxes from distributions over the distance of each side (generalised focal loss, arXiv 2006.04388)."""
    bins = rows[:, -4 * _BINS :].reshape(-1, 4, _BINS)
    weights = np.exp(bins - bins.max(axis=2, keepdims=True))
    distance = (weights @ np.arange(_BINS, dtype=np.float32)) / weights.sum(axis=2) * side_px
    centre = (cell + np.float32(0.5)) * side_px
    return np.concatenate([centre - distance[:, :2], centre + distance[:, 2:]], axis=1)


def _ready(rows: _Floats, _cell: _Floats, _side_px: _Floats) -> _Floats:
    """Boxes that the graph has decoded itself."""
    return rows[:, :4]


@dataclass(frozen=True, slots=True)
class Family:
    """How detectors of one kind are fed and read.

    Attributes:
        columns: least length of an output row.
        score: person's score 0..1 of each output row.
        boxes: from rows (n, columns), their cells (n, 2) and sides (n, 1) to boxes (n, 4) x1 y1 x2 y2 in pixels.
        mean, std: of the three channels blue, green, red.
        pad: value of the part of the input that no picture covers.
        ready: always; a detector of people needs no time to learn the scene.
        confident: score from which a detection may start a track.
        gridded: whether there is one row for each cell of strides 8, 16 and 32; otherwise rows are of any number.
    """

    columns: int
    score: Callable[[_Floats], _Floats]
    boxes: Callable[[_Floats, _Floats, _Floats], _Floats]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    pad: int
    confident: float
    gridded: bool = True


FAMILIES = {
    "yolox": Family(6, lambda rows: rows[:, 4] * rows[:, 5], _yolox, (0, 0, 0), (1, 1, 1), 114, 0.40),
    "passerby": Family(5, lambda rows: rows[:, 4], _yolox, (0, 0, 0), (1, 1, 1), 114, 0.40),
    "nanodet": Family(
        45, lambda rows: rows[:, 0], _nanodet, (103.53, 116.28, 123.675), (57.375, 57.12, 58.395), 114, 0.40
    ),
    "ssd": Family(5, lambda rows: rows[:, 4], _ready, (127.5,) * 3, (127.5,) * 3, 127, 0.20, gridded=False),
}


class PersonDetector:
    """Finds people with one model.

    Args:
        plan: the model; `plan.threshold` is the least score that is returned, low enough for a tracker that keeps
            known tracks alive on weak detections.
        threads: CPU threads.

    Attributes:
        size_px: width and height of the largest frame that it takes.
        confident: score from which a detection may start a track.

    Raises:
        ModelError: the file cannot be used, or the family is unknown.
    """

    def __init__(self, plan: ModelPlan, threads: int = 1) -> None:
        if plan.family not in FAMILIES:
            known = ", ".join(FAMILIES)
            raise ModelError(f"{plan.file}: unknown model family {plan.family!r}. Known families: {known}.")
        self._family = FAMILIES[plan.family]
        self._threshold = plan.threshold
        self.ready = True
        self.confident = max(self._family.confident, plan.threshold)
        self.size_px = (plan.width_px, plan.height_px)
        self._network = Network(Path(plan.file), self.size_px, self._family.mean, self._family.std, threads)
        self._network.picture[:] = self._family.pad
        # The first inference allocates and starts threads, which must happen before the room is locked.
        shape = self._network.infer().shape
        self._cell, self._side_px = _grid(self.size_px)
        if not self._family.gridded and len(shape) == 3:
            self._cell, self._side_px = np.zeros((shape[1], 2), np.float32), np.ones((shape[1], 1), np.float32)
        if len(shape) != 3 or shape[1] != len(self._cell) or shape[2] < self._family.columns:
            raise ModelError(
                f"{plan.file}: the output has shape {shape}, but {plan.family} at {plan.width_px}x{plan.height_px} "
                f"gives (1, {len(self._cell)}, {self._family.columns} or more). Check its family and input size."
            )

    def detect(self, bgr: NDArray[np.uint8], time_s: float) -> Detections:
        """Finds the people in one frame.

        Args:
            bgr: uint8 (h, w, 3), not larger than `size_px`; a smaller frame is padded at its right and its bottom.
            time_s: the frame's time, seconds since the stream started.

        Returns:
            boxes in pixels of `bgr`, best score first.

        Raises:
            ValueError: the frame is larger than `size_px`.
        """
        height, width = bgr.shape[:2]
        if width > self.size_px[0] or height > self.size_px[1]:
            raise ValueError(f"frame of {width}x{height} is larger than the detector's {self.size_px}")
        picture = self._network.picture[0]
        picture[height:] = picture[:, width:] = self._family.pad
        picture[:height, :width] = bgr
        rows = self._network.infer()[0]
        scores = self._family.score(rows)
        kept = np.flatnonzero(scores >= self._threshold)
        boxes = self._family.boxes(rows[kept], self._cell[kept], self._side_px[kept])
        boxes = np.clip(boxes, 0, np.array([width, height, width, height], np.float32)).astype(np.float32)
        whole = (boxes[:, 2:] - boxes[:, :2] >= 1).all(axis=1) & np.isfinite(boxes).all(axis=1)
        boxes, scores = boxes[whole], scores[kept][whole].astype(np.float32)
        best = non_maximum_suppression(boxes, scores)
        return Detections(boxes[best], np.minimum(scores[best], 1), time_s)


def non_maximum_suppression(boxes_px: _Floats, scores: _Floats, iou: float = 0.5) -> NDArray[np.intp]:
    """Keeps the best of boxes that overlap, greedily.

    Args:
        boxes_px: float32 (n, 4), x1 y1 x2 y2 with an area.
        scores: float32 (n,).
        iou: intersection over union above which the lower score is dropped, 0..1.

    Returns:
        indices of what is kept, best score first.
    """
    order = np.argsort(-scores, kind="stable")
    x1, y1, x2, y2 = boxes_px[order].astype(np.float64).T
    across = np.minimum.outer(x2, x2) - np.maximum.outer(x1, x1)
    down = np.minimum.outer(y2, y2) - np.maximum.outer(y1, y1)
    common = np.maximum(across, 0) * np.maximum(down, 0)
    area = (x2 - x1) * (y2 - y1)
    overlaps = np.triu(common > iou * (np.add.outer(area, area) - common), 1)
    kept = np.ones(len(order), bool)
    for i in np.flatnonzero(overlaps.any(axis=1)).tolist():
        if kept[i]:
            kept &= ~overlaps[i]
    return order[kept]
