"""Packets to pictures with their times, one after the other: what a room needs that looks at one stream for a while."""

import time
from collections.abc import Callable, Iterator

import msgspec
from av.video.frame import VideoFrame

from passerby.gate.messages import FaultCode
from passerby.gate.packets import Packet, PacketKind, StreamHead
from passerby.pixels.frames import Decoder, MediaClock, NoDecoderError, PictureTooLargeError

Timed = tuple[VideoFrame, float]
"""A picture, and its time in seconds since the stream started."""


class Stream:
    """One stream of a camera.

    Args:
        live: whether the clock tells when its frames were.
        on_fault: is told what is wrong with it.
        clock: seconds that only run; injected for tests.
    """

    def __init__(
        self, *, live: bool, on_fault: Callable[[FaultCode], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._media = MediaClock(live=live)
        self._on_fault = on_fault
        self._clock = clock
        self._start_s: float | None = None
        self._decoder: Decoder | None = None

    @property
    def frame_s(self) -> float:
        """Time between two frames."""
        return self._media.frame_s

    def take(self, packet: Packet) -> Iterator[Timed]:
        """Takes one packet of the feed, gives the pictures that it completes."""
        if packet.kind is PacketKind.STREAM:
            yield from self.end()
            self._start(packet)
        elif packet.kind is PacketKind.PACKET and self._decoder:
            yield from self._timed(self._decoder.decode(packet))

    def end(self) -> Iterator[Timed]:
        """Gives the pictures that the decoder still holds; no more packets of this stream come."""
        decoder, self._decoder = self._decoder, None
        if decoder:
            yield from self._timed(decoder.flush())

    def _start(self, packet: Packet) -> None:
        try:
            head = StreamHead.of(packet)
        except msgspec.MsgspecError:
            self._on_fault(FaultCode.BAD_PACKET)
            return
        self._media.restart(head.frame_s)
        try:
            self._decoder = Decoder(head)
        except NoDecoderError:
            self._on_fault(FaultCode.NO_DECODER)

    def _timed(self, frames: Iterator[VideoFrame]) -> Iterator[Timed]:
        try:
            for frame in frames:
                now_s = self._clock()
                if self._start_s is None:
                    self._start_s = now_s
                yield frame, self._media.time_s(frame.pts, now_s - self._start_s)
        except PictureTooLargeError:
            self._on_fault(FaultCode.PICTURE_TOO_LARGE)
