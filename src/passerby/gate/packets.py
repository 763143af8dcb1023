"""The way of encoded video from feed to pixels: a pipe of framed records.

Each record is a head, a payload and a tail. The head of a stream says which codec follows. A feed that was killed may
leave half a record behind; the reader notices by the tail and goes on at the next head.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum

import msgspec

HEAD = struct.Struct("<4sBBHIq")
_MAGIC = b"pbyV"
_TAIL = b"\xffend"
MAX_PAYLOAD_BYTES = 32 * 1024 * 1024
NO_PTS = -(2**63)


class PacketKind(IntEnum):
    """What a record of the pipe is."""

    STREAM = 1
    PACKET = 2
    GAP = 3
    END = 4


_KINDS = frozenset(PacketKind)


class Packet(msgspec.Struct, frozen=True):
    """One record of the pipe.

    Attributes:
        kind: STREAM (a codec starts), PACKET (encoded bytes), GAP (packets were dropped), END.
        pts_us: presentation time in microseconds, or `NO_PTS`; for GAP the number of dropped packets.
        key: whether decoding can start here.
        payload: encoded bytes; for STREAM a `StreamHead` as JSON.
    """

    kind: PacketKind
    pts_us: int = NO_PTS
    key: bool = False
    payload: bytes = b""

    def pack(self) -> bytes:
        """The record as bytes."""
        head = HEAD.pack(_MAGIC, self.kind, self.key, 0, len(self.payload), self.pts_us)
        return b"".join((head, self.payload, _TAIL))


class StreamHead(msgspec.Struct, frozen=True):
    """What a decoder must know before the first packet.

    Attributes:
        codec: FFmpeg's name of the codec.
        width_px, height_px: as the container states it; 0 if unknown.
        pixel_format: FFmpeg's name, or "".
        frame_s: nominal time between frames, for packets without a time.
        extradata: the codec's parameter sets.
    """

    codec: str
    width_px: int = 0
    height_px: int = 0
    pixel_format: str = ""
    frame_s: float = 0.04
    extradata: bytes = b""

    def packet(self) -> Packet:
        """The head as a record of the pipe."""
        return Packet(PacketKind.STREAM, payload=msgspec.msgpack.encode(self))

    @staticmethod
    def of(packet: Packet) -> "StreamHead":
        """Reads a head back.

        Raises:
            msgspec.ValidationError: it is not a stream's head.
        """
        return msgspec.msgpack.decode(packet.payload, type=StreamHead)


def kind_of(record: bytes) -> PacketKind:
    """What a packed record is."""
    return PacketKind(record[len(_MAGIC)])


class PacketReader:
    """Cuts the bytes of a pipe into packets, and finds its way again after half a record."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.resyncs = 0

    @property
    def pending_bytes(self) -> int:
        """Bytes that wait for the rest of their record."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[Packet]:
        """Takes bytes, gives the packets that are whole."""
        self._buffer += data
        while len(self._buffer) >= HEAD.size:
            magic, kind, key, _, size, pts_us = HEAD.unpack_from(self._buffer)
            end = HEAD.size + size + len(_TAIL)
            if magic != _MAGIC or size > MAX_PAYLOAD_BYTES or kind not in _KINDS:
                self._resync()
                continue
            if len(self._buffer) < end:
                return
            if self._buffer[end - len(_TAIL) : end] != _TAIL:
                self._resync()
                continue
            payload = bytes(memoryview(self._buffer)[HEAD.size : HEAD.size + size])
            del self._buffer[:end]
            yield Packet(PacketKind(kind), pts_us, bool(key), payload)

    def _resync(self) -> None:
        """Drops bytes up to the next head."""
        self.resyncs += 1
        found = self._buffer.find(_MAGIC, 1)
        keep = found if found >= 0 else max(1, len(self._buffer) - len(_MAGIC) + 1)
        del self._buffer[:keep]
