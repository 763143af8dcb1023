"""An RTSP camera that sends what a test made: whole packets, damaged ones, any times, in any order.

FFmpeg makes RTP of them; from there it goes over the connection of the viewer, as cameras do it (RFC 2326, 10.12).
"""

import io
import re
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import av

from tests.support.hostile import Hostile

_RTCP = range(200, 205)
_TYPES = {"h264": (96, "H264"), "hevc": (96, "H265"), "mjpeg": (26, "JPEG")}
_TICKS_PER_S = 90_000
_CSEQ = re.compile(rb"(?i)cseq: *(\d+)")


@dataclass(frozen=True, slots=True)
class Sent:
    """A packet of encoded video.

    Attributes:
        at_s: when it is sent, after the beginning.
        data: the packet.
        says_s: the time that it carries, in seconds; RTP has 32 bits of 90 kHz for it, so all that is above wraps.
        raw: send `data` as the payload of one RTP packet; FFmpeg makes nothing of an empty one.
    """

    at_s: float
    data: bytes
    says_s: float
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Play:
    """What a camera sends over one connection.

    Attributes:
        codec: FFmpeg's name of what it announces.
        packets: in order.
        crossings_s: when somebody crosses the line in it.
        silent_s: so long the connection stays open after the last packet, though nothing comes.
    """

    codec: str
    packets: Sequence[Sent]
    crossings_s: tuple[float, ...] = ()
    silent_s: float = 0.0


class _Records(io.RawIOBase):
    """Takes what a muxer writes, a record each time."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.records.append(bytes(data))  # type: ignore[call-overload]  # a muxer gives bytes
        return len(self.records[-1])


Parts = list[tuple[float, list[bytes]]]
"""When to send, and which packets of RTP."""


def as_rtp(play: Play) -> Parts:
    """When to send, and which packets of RTP."""
    sink, sent = _Records(), []
    with av.open(sink, "w", format="rtp", options={"packetsize": "1400"}) as container:
        stream = container.add_mux_stream(play.codec, 10, width=320, height=240)
        container.start_encoding()
        for number, one in enumerate(play.packets):
            sink.records.clear()
            if one.raw:
                sink.records.append(struct.pack(">BBHII", 0x80, 0x80 | _TYPES[play.codec][0], 0, 0, 0) + one.data)
            else:
                packet = av.Packet(one.data)
                packet.stream, packet.pts, packet.dts = stream, number, number
                container.mux(packet)
            parts = [part for part in sink.records if part[1] not in _RTCP]
            sent.append((one.at_s, [_timed(part, one.says_s) for part in parts]))
    return sent


def _timed(packet: bytes, says_s: float) -> bytes:
    ticks = round(says_s * _TICKS_PER_S) & 0xFFFFFFFF
    return packet[:4] + struct.pack(">II", ticks, 1) + packet[12:]


class ScriptedCamera:
    """It serves while it is entered: each viewer gets the next play, or the same where the last one left in its midst.
    There is no stream for those who come after.

    Attributes:
        asked: how many asked for the stream.
        began_unix_s, ended_unix_s: of each play.
        crossed: how many people crossed the line in what was sent.
    """

    def __init__(self, *plays: Play) -> None:
        self._plays = [(play, as_rtp(play)) for play in plays]
        self._server = Hostile(self._answer)
        self._lock = threading.Lock()
        self._whole = 0
        self.asked = 0
        self.crossed = 0
        self.began_unix_s: list[float] = []
        self.ended_unix_s: list[float] = []

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._server.port}/stream"

    @property
    def over(self) -> bool:
        """Whether all plays have ended."""
        return self._whole == len(self._plays)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *ended: object) -> None:
        self._server.__exit__(*ended)

    def _answer(self, asked: bytes, stop: threading.Event) -> Iterator[bytes]:
        method = asked.split(b" ", 1)[0]
        number = _CSEQ.search(asked)
        head = b"CSeq: " + (number[1] if number else b"0") + b"\r\n"
        if method == b"DESCRIBE":
            yield self._described(head)
        elif method == b"SETUP":
            yield (
                b"RTSP/1.0 200 OK\r\n" + head + b"Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
            )
        else:
            yield b"RTSP/1.0 200 OK\r\n" + head + b"Session: 1\r\nPublic: DESCRIBE, SETUP, PLAY\r\n\r\n"
        if method == b"PLAY":
            yield from self._played(stop)
            raise ConnectionAbortedError  # as a camera whose plug is pulled

    def _described(self, head: bytes) -> bytes:
        with self._lock:
            self.asked += 1
            play, _ = self._next()
        if not play.packets:
            return b"RTSP/1.0 404 Not Found\r\n" + head + b"\r\n"
        kind, name = _TYPES[play.codec]
        sdp = (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
            f"m=video 0 RTP/AVP {kind}\r\na=rtpmap:{kind} {name}/90000\r\na=framerate:10\r\na=control:track\r\n"
        ).encode()
        return (
            b"RTSP/1.0 200 OK\r\n" + head + b"Content-Type: application/sdp\r\n"
            b"Content-Length: " + str(len(sdp)).encode() + b"\r\n\r\n" + sdp
        )

    def _next(self) -> tuple[Play, Parts]:
        """What the next viewer gets."""
        return self._plays[self._whole] if self._whole < len(self._plays) else (Play("h264", ()), [])

    def _played(self, stop: threading.Event) -> Iterator[bytes]:
        with self._lock:
            play, parts = self._next()
            self.began_unix_s.append(time.time())
        began_s, sequence = time.monotonic(), 0
        try:
            for at_s, packets in parts:
                if stop.wait(max(0.0, began_s + at_s - time.monotonic())):
                    return
                for packet in packets:
                    sequence = (sequence + 1) & 0xFFFF
                    yield (
                        b"$\0" + struct.pack(">H", len(packet)) + packet[:2] + struct.pack(">H", sequence) + packet[4:]
                    )
            self._whole += 1
        finally:
            self.ended_unix_s.append(time.time())
            self.crossed += sum(at_s < time.monotonic() - began_s for at_s in play.crossings_s)
        stop.wait(play.silent_s)


class FlappingCamera(ScriptedCamera):
    """A camera that is there and away in turns, for so many seconds each; what it sends goes on meanwhile.

    Args:
        play: what it sends; a viewer who comes late gets the rest of its turn.
        turn_s: how long it is there, and away.
        gop: pictures from key frame to key frame.
    """

    def __init__(self, play: Play, turn_s: float, gop: int) -> None:
        super().__init__(play)
        self._turn_s, self._gop = turn_s, gop
        self._began_s: float | None = None
        self._began_unix_s = 0.0

    @property
    def over(self) -> bool:
        play, _ = self._plays[0]
        return self._began_s is not None and time.monotonic() - self._began_s > play.packets[-1].at_s

    @property
    def present_s(self) -> float:
        """For how long it has been there in all."""
        play, _ = self._plays[0]
        turns, rest_s = divmod(play.packets[-1].at_s, 2 * self._turn_s)
        return turns * self._turn_s + min(rest_s, self._turn_s)

    def turns(self) -> list[tuple[int, float]]:
        """The turns in which somebody looked, each with how many seconds of it had passed by then."""
        found: dict[int, float] = {}
        for began_unix_s in self.began_unix_s:
            turn, late_s = divmod(began_unix_s - self._began_unix_s, 2 * self._turn_s)
            found.setdefault(int(turn), late_s)
        return sorted(found.items())

    def _answer(self, asked: bytes, stop: threading.Event) -> Iterator[bytes]:
        if self._began_s is None:
            self._began_s, self._began_unix_s = time.monotonic(), time.time()
        if (time.monotonic() - self._began_s) % (2 * self._turn_s) >= self._turn_s:
            self.asked += asked.startswith(b"OPTIONS")
            raise ConnectionAbortedError
        yield from super()._answer(asked, stop)

    def _next(self) -> tuple[Play, Parts]:
        play, parts = self._plays[0]
        since_s = time.monotonic() - (self._began_s or 0.0)
        until_s = (since_s // (2 * self._turn_s) * 2 + 1) * self._turn_s
        first = next((i for i in range(0, len(parts), self._gop) if parts[i][0] >= since_s), len(parts))
        rest = [(at_s - since_s, packets) for at_s, packets in parts[first:] if at_s < until_s]
        crossings_s = tuple(at_s - since_s for at_s in play.crossings_s if since_s < at_s < until_s)
        return (replace(play, crossings_s=crossings_s) if rest else Play("h264", ())), rest
