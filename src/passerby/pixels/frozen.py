"""Whether a camera sends the same picture again and again.

A living sensor has noise, so that no key frame of it, coded anew from the picture alone, is ever nearly the same as one
before: not in the quietest night, and not where all between the key frames is left as it was. A picture that hangs is
coded anew to the same one, but for a few points where a fixed bit rate changes how coarsely. The counts: decision 20.
"""

from collections import deque

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

_EVERY_ROW = 8
_KNOWN = 2
"""Of a recording that is played in a loop the same pictures come back, with others between them."""

_SAME_SHARE = 0.97
"""Of the points of two key frames. Those of one hanging picture share 0.98 and more once the encoder has settled; with
noise of a quarter of a level they share 0.71 at most, and 0.94 where the bit rate is starved."""
_MOST_LEVELS = 10
"""Between two codings of one picture no point changes so much; where anything moves, some do."""

_BLACK, _WHITE = 24, 232
"""What is clipped has no noise, and tells nothing."""
_LEAST_POINTS = 1000

_LEAST_S = 1.0
_REPEATS = 2
_PATIENCE_S = 12.0
_PATIENCE_KEYS = 4

Points = NDArray[np.uint8]
"""Every eighth row of a picture's brightness, (rows, w)."""


class Frozen:
    """Key frames of one camera, of which only some rows of the latest two are kept."""

    def __init__(self) -> None:
        self._seen: deque[tuple[Points, float]] = deque(maxlen=_KNOWN)
        self._since_s = 0.0
        self._last_s: float | None = None
        self._repeats = self._unlike = 0
        self._repeated_s = 0.0

    def key(self, frame: VideoFrame, now_s: float) -> None:
        """Takes a key frame; those that come within a second of another are left out."""
        if self._last_s is not None and 0 <= now_s - self._last_s < _LEAST_S:
            return
        self._last_s = now_s
        plane = frame.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        self._take(rows[: frame.height : _EVERY_ROW, : min(plane.line_size, frame.width)].copy(), now_s)

    def seconds(self, now_s: float) -> float:
        """For how long it has been frozen; 0 where it lives."""
        if self._repeats < _REPEATS:
            return 0.0
        if self._unlike >= _PATIENCE_KEYS or (self._unlike and now_s - self._repeated_s > _PATIENCE_S):
            self._repeats = 0
            return 0.0
        return max(0.0, now_s - self._since_s)

    def _take(self, points: Points, now_s: float) -> None:
        before = next((one for one in self._seen if same(one[0], points)), None)
        if before is None:
            self._unlike += 1
            self._seen.append((points, now_s))
            if self._unlike >= _PATIENCE_KEYS:
                self._repeats = 0
            return
        if not self._repeats:
            self._since_s = before[1]
        self._repeats += 1
        self._unlike = 0
        self._repeated_s = now_s


def same(one: Points, other: Points) -> bool:
    """Whether two key frames show one hanging picture; False where too little of them could tell."""
    if one.shape != other.shape:
        return False
    tells = (one > _BLACK) & (one < _WHITE)
    count = int(tells.sum())
    if count < _LEAST_POINTS or int((one[tells] == other[tells]).sum()) < _SAME_SHARE * count:
        return False
    return int(np.abs(np.subtract(one, other, dtype=np.int16)).max()) <= _MOST_LEVELS
