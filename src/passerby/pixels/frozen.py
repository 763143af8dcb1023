"""Whether a camera sends the same picture again and again.

A living sensor has noise, so that no key frame of it, coded anew from the picture alone, is ever the same as one
before: not in the quietest night, and not where all between the key frames is left as it was. A picture that hangs is
coded anew to the very same one, now and then at least where a fixed bit rate changes how coarsely. Decision 20 has the
counts.
"""

import zlib
from collections import OrderedDict

from av.video.frame import VideoFrame

_EVERY_ROW = 8
_KNOWN = 2
"""Of a recording that is played in a loop the same pictures come back, with others between them."""

_LEAST_S = 1.0
_REPEATS = 2
_PATIENCE_S = 12.0
_PATIENCE_KEYS = 4


class Frozen:
    """Key frames of one camera, of which only the latest check sums of 32 bits are kept."""

    def __init__(self) -> None:
        self._seen_s: OrderedDict[tuple[int, int, int], float] = OrderedDict()
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
        rows = memoryview(plane)
        width = min(plane.line_size, frame.width)
        check = 0
        for row in range(0, frame.height, _EVERY_ROW):
            check = zlib.crc32(rows[row * plane.line_size : row * plane.line_size + width], check)
        self._take((frame.width, frame.height, check), now_s)

    def seconds(self, now_s: float) -> float:
        """For how long it has been frozen; 0 where it lives."""
        if self._repeats < _REPEATS:
            return 0.0
        if self._unlike >= _PATIENCE_KEYS or (self._unlike and now_s - self._repeated_s > _PATIENCE_S):
            self._repeats = 0
            return 0.0
        return max(0.0, now_s - self._since_s)

    def _take(self, picture: tuple[int, int, int], now_s: float) -> None:
        before_s = self._seen_s.get(picture)
        if before_s is None:
            self._unlike += 1
            self._seen_s[picture] = now_s
            if len(self._seen_s) > _KNOWN:
                self._seen_s.popitem(last=False)
            if self._unlike >= _PATIENCE_KEYS:
                self._repeats = 0
            return
        self._seen_s.move_to_end(picture)
        if not self._repeats:
            self._since_s = before_s
        self._repeats += 1
        self._unlike = 0
        self._repeated_s = now_s
