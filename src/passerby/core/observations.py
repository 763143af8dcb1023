"""What a worker sees: people in one frame, their tracks, and crossings. None of it leaves the pixel room."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Direction(IntEnum):
    """Which way a line was crossed, as its arrow states."""

    IN = 1
    OUT = 2


def _frozen(name: str, array: NDArray[np.generic], shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {array.shape}")
    array.setflags(write=False)


@dataclass(frozen=True, slots=True)
class Detections:
    """People found in one analysed frame.

    Attributes:
        boxes_px: float32 (n, 4), x1 y1 x2 y2 in pixels of the analysed frame, origin top left.
        scores: float32 (n,), 0..1.
        time_s: seconds since the stream started.

    Raises:
        ValueError: a shape is wrong, a number is not finite, or a box has no area.
    """

    boxes_px: NDArray[np.float32]
    scores: NDArray[np.float32]
    time_s: float

    def __post_init__(self) -> None:
        n = len(self.scores)
        _frozen("boxes_px", self.boxes_px, (n, 4))
        _frozen("scores", self.scores, (n,))
        if not (np.isfinite(self.boxes_px).all() and np.isfinite(self.scores).all()):
            raise ValueError("boxes_px and scores must be finite")
        if n and not (self.boxes_px[:, 2:] > self.boxes_px[:, :2]).all():
            raise ValueError("boxes_px: x2 > x1 and y2 > y1 are required")

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, slots=True)
class Tracks:
    """Confirmed tracks of one camera in one analysed frame.

    Attributes:
        ids: int32 (n,), unique; they never leave the worker.
        boxes_px: float32 (n, 4), as in `Detections`.
        age_s: float32 (n,), seconds since the track's first detection.
        born_px: float32 (n, 4), box of that first detection.
        time_s: seconds since the stream started.
    """

    ids: NDArray[np.int32]
    boxes_px: NDArray[np.float32]
    age_s: NDArray[np.float32]
    born_px: NDArray[np.float32]
    time_s: float

    def __post_init__(self) -> None:
        n = len(self.ids)
        _frozen("ids", self.ids, (n,))
        _frozen("boxes_px", self.boxes_px, (n, 4))
        _frozen("age_s", self.age_s, (n,))
        _frozen("born_px", self.born_px, (n, 4))

    @staticmethod
    def nobody(time_s: float) -> "Tracks":
        """A look at which nobody is there."""
        boxes = np.zeros((0, 4), np.float32)
        return Tracks(np.zeros(0, np.int32), boxes, np.zeros(0, np.float32), boxes, time_s)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Crossing:
    """One line crossed once, by a track. It stays in the worker, where it becomes a tally."""

    line: str
    direction: Direction
    time_s: float
    track: int
