"""How a camera's stream comes, told by its packets alone: nothing is decoded for it."""

from collections import deque

import msgspec
import numpy as np

from passerby.gate.messages import HealthFigure
from passerby.gate.packets import NO_PTS, Packet, PacketKind, StreamHead
from passerby.gate.scales import CODECS, SCALES

FPS_SPAN_S = 10.0
KEYFRAME_SPAN_S = 30.0
_LATE = 1.8
"""A frame that is left out makes a gap of twice the usual one, and clocks of cameras are not exact."""

_UNENDING_S = 8.0
"""So long without a second key frame, the time since the first one is told."""

_MOST = 1024
_LEAST_GAPS = 10


class StreamHealth:
    """Rate, key frames and stutter of one stream.

    Frames are counted as they arrive, which no camera can embellish, or by their own times in a recording. Stutter and
    key frames go by the camera's times, which the network and a busy worker do not blur.

    Args:
        live: whether the clock tells when frames came.
    """

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._head: StreamHead | None = None
        self._began_s: float | None = None
        self._came_s: deque[float] = deque(maxlen=_MOST)
        self._shown_s: deque[float] = deque(maxlen=_MOST)
        self._key_s: float | None = None
        self._between_s: deque[tuple[float, float]] = deque(maxlen=_MOST)

    def take(self, packet: Packet, now_s: float) -> None:
        """Takes any record of the feed.

        Args:
            packet: the record.
            now_s: by a clock that only runs; not asked of a recording.
        """
        if packet.kind is PacketKind.STREAM:
            self._start(packet)
        elif packet.kind is PacketKind.GAP:
            # They came, and were dropped here.
            self._came_s.extend([now_s] * min(_MOST, max(0, packet.pts_us)))
            self._shown_s.clear()
        else:
            self._frame(packet, now_s)

    def figures(self, now_s: float) -> dict[HealthFigure, int]:
        """What is known of it by now, in steps of `gate.scales`."""
        told: dict[HealthFigure, float | None] = {
            HealthFigure.FPS: self._fps(now_s),
            HealthFigure.STUTTER: self._stutter(),
            HealthFigure.KEYFRAME_S: self._keyframe_s(),
        }
        if self._head:
            known = self._head.codec in CODECS
            told[HealthFigure.CODEC] = CODECS.index(self._head.codec if known else "other")
            told[HealthFigure.ANNOUNCED_FPS] = 1 / self._head.frame_s if self._head.frame_s > 0 else None
        return {figure: SCALES[figure].steps(value) for figure, value in told.items() if value is not None}

    def _start(self, packet: Packet) -> None:
        try:
            self._head = StreamHead.of(packet)
        except msgspec.MsgspecError:
            self._head = None
        self._key_s = None
        self._shown_s.clear()
        self._between_s.clear()

    def _frame(self, packet: Packet, now_s: float) -> None:
        shown_s = None if packet.pts_us == NO_PTS else packet.pts_us / 1e6
        came_s = now_s if self._live or shown_s is None else shown_s
        if self._began_s is None:
            self._began_s = came_s
        self._came_s.append(came_s)
        if shown_s is not None:
            if self._shown_s and abs(shown_s - self._shown_s[-1]) > KEYFRAME_SPAN_S:
                self._shown_s.clear()  # its clock was set
            self._shown_s.append(shown_s)
        if packet.key:
            time_s = came_s if shown_s is None else shown_s
            if self._key_s is not None and time_s > self._key_s:
                self._between_s.append((time_s, time_s - self._key_s))
            self._key_s = time_s

    def _fps(self, now_s: float) -> float | None:
        until_s = now_s if self._live else max(self._came_s, default=0.0)
        if self._began_s is None or until_s - self._began_s < FPS_SPAN_S:
            return None
        came_s = np.array(list(self._came_s))
        return float(((came_s > until_s - FPS_SPAN_S) & (came_s <= until_s)).sum()) / FPS_SPAN_S

    def _stutter(self) -> float | None:
        times_s = np.sort(np.array(list(self._shown_s)))
        gaps = np.diff(times_s[times_s > times_s[-1] - FPS_SPAN_S]) if len(times_s) else times_s
        if len(gaps) < _LEAST_GAPS:
            return None
        return float((gaps > _LATE * np.median(gaps)).mean())

    def _keyframe_s(self) -> float | None:
        if self._key_s is None:
            return None
        newest_s = max(self._shown_s or self._came_s)
        lately = [length_s for end_s, length_s in self._between_s if end_s > newest_s - KEYFRAME_SPAN_S]
        since_s = newest_s - self._key_s
        return max([*lately, since_s]) if lately or since_s > _UNENDING_S else None
