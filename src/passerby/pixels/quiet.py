"""Lets a quiet scene pass without decoding it: only its key frames are looked at, until something moves.

What tells of movement is the size of packets, which a decoder need not be asked for, and each key frame. All packets
since the last key frame wait, so that a movement is decoded from before its beginning.
"""

from collections import deque
from collections.abc import Iterable
from statistics import median

from passerby.gate.packets import NO_PTS, Packet

QUIET_S = 3.0
"""So long must nothing have moved before a scene is let pass."""

MAX_GOP_S = 2.6
"""Where key frames are further apart, all is decoded: who walks by between two of them must not be missed."""

_MAX_WAITING_BYTES = 8 * 1024 * 1024
_KNOWN = 60
_LEAST_KNOWN = 10
_SURPRISE = 8.0
_LEAST_SURPRISE = 0.2
_LEAST_BYTES = 48


class Quiet:
    """Which packets of one stream may wait.

    Attributes:
        passing: whether the scene is let pass.
        waiting: packets since the last key frame, that one first, while it passes.
    """

    def __init__(self) -> None:
        self.passing = False
        self.waiting: list[Packet] = []
        self._waiting_bytes = 0
        self._sizes: deque[int] = deque(maxlen=_KNOWN)
        self._key_us: int | None = None
        self._gop_s = float("inf")

    def saw(self, packet: Packet, still_s: float) -> None:
        """Takes note of a packet that was decoded, and for how long nothing had moved."""
        if packet.key:
            if self._key_us is not None and packet.pts_us != NO_PTS:
                self._gop_s = (packet.pts_us - self._key_us) / 1e6
            self._key_us = None if packet.pts_us == NO_PTS else packet.pts_us
        elif still_s > 0:
            self._sizes.append(len(packet.payload))
        if packet.key and still_s >= QUIET_S and self._regular:
            self.passing = True
            self._wait_from(packet)

    def surprises(self, packet: Packet) -> bool:
        """Whether a packet that is no key frame tells of movement, or the packets cannot wait any longer."""
        usual = median(self._sizes)
        spread = 1.4826 * median(abs(size - usual) for size in self._sizes)
        large = len(packet.payload) > usual + max(_SURPRISE * spread, _LEAST_SURPRISE * usual, _LEAST_BYTES)
        late = packet.pts_us == NO_PTS or packet.pts_us - self.waiting[0].pts_us > MAX_GOP_S * 1e6
        return large or late or self._waiting_bytes > _MAX_WAITING_BYTES

    def wait(self, packet: Packet) -> None:
        """Keeps a packet back."""
        self.waiting.append(packet)
        self._waiting_bytes += len(packet.payload)
        if not packet.key:
            self._sizes.append(len(packet.payload))

    def passed(self, key: Packet) -> list[Packet]:
        """What waited has passed; from now on wait from this key frame on."""
        done = self.waiting
        self._wait_from(key)
        return done

    def wake(self) -> list[Packet]:
        """Something moves: gives what waits, to be decoded."""
        self.passing = False
        done, self.waiting = self.waiting, []
        self._key_us = done[0].pts_us if done else None
        return done

    def _wait_from(self, key: Packet) -> None:
        self.waiting, self._waiting_bytes = [], 0
        self.wait(key)

    @property
    def _regular(self) -> bool:
        return self._key_us is not None and 0 < self._gop_s <= MAX_GOP_S and len(self._sizes) >= _LEAST_KNOWN


def times_us(packets: Iterable[Packet]) -> list[int]:
    """Presentation times in order."""
    return sorted(packet.pts_us for packet in packets)
