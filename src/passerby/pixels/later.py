"""Leaves undecoded what nobody looks at: packets wait until a picture is wanted, and a key frame makes them needless.

A decoder has to see all packets since the last key frame to show one picture. Those between the last picture that is
looked at and the next key frame it need not see.
"""

import math

from passerby.gate.packets import Packet

_SURE = 60
_MAX_WAITING_BYTES = 8 * 1024 * 1024


class Later:
    """Packets of one stream that wait to be decoded."""

    def __init__(self) -> None:
        self._prompt: float = 0
        self._waiting: list[Packet] = []
        self._waiting_bytes = 0
        self._resumed = False

    @property
    def sure(self) -> bool:
        """Whether packets may wait: each of the last sixty gave its own picture at once, none was held back."""
        return self._prompt >= _SURE

    @property
    def full(self) -> bool:
        """Whether what waits should be decoded though nobody looks."""
        return self._waiting_bytes > _MAX_WAITING_BYTES

    def wait(self, packet: Packet) -> bool:
        """Lets a packet wait.

        Returns:
            whether others had waited and are dropped, because decoding begins anew with this one.
        """
        dropped = packet.key and bool(self._waiting)
        if dropped:
            self.take()
        self._resumed |= dropped
        self._waiting.append(packet)
        self._waiting_bytes += len(packet.payload)
        return dropped

    def take(self) -> list[Packet]:
        """Gives what waits, in its order; nothing waits any more."""
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        return waiting

    def learn(self, packet: Packet, shown_us: list[int | None]) -> None:
        """Takes note of the pictures that came of decoding a packet, by their presentation times.

        A stream that does not go on at once at a key frame is one whose packets never wait again.
        """
        if shown_us == [packet.pts_us]:
            self._prompt += 1
        else:
            self._prompt = -math.inf if self._resumed else min(self._prompt, 0)
        self._resumed = False
