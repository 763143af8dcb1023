"""The way of encoded video from feed to pixels: a pipe of framed records.

Each record is a head, a payload and a tail. The head of a stream says which codec follows. A feed that was killed may
leave half a record behind; the reader notices by the head's check or the tail, and goes on at the next head.
"""

import struct
from binascii import crc_hqx
from collections.abc import Iterator
from enum import IntEnum

import msgspec

HEAD = struct.Struct("<4sHBBIq")
_FIELDS = struct.Struct("<BBIq")
_MAGIC = b"pbyV"
_END = b"\xffe"
_AT_FIELDS = HEAD.size - _FIELDS.size
_TAIL_BYTES = len(_END) + 2
MAX_PAYLOAD_BYTES = 32 * 1024 * 1024
NO_PTS = -(2**63)


class PacketKind(IntEnum):
    """What a record of the pipe is."""

    STREAM = 1
    PACKET = 2
    GAP = 3


_KINDS = frozenset(PacketKind)


class Packet(msgspec.Struct, frozen=True):
    """One record of the pipe.

    Attributes:
        kind: STREAM (a codec starts), PACKET (encoded bytes), GAP (packets were dropped).
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
        fields = _FIELDS.pack(self.kind, self.key, len(self.payload), self.pts_us)
        check = crc_hqx(fields, 0).to_bytes(2, "little")
        return b"".join((_MAGIC, check, fields, self.payload, check, _END))


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
            magic, check, kind, key, size, pts_us = HEAD.unpack_from(self._buffer)
            end = HEAD.size + size + _TAIL_BYTES
            whole = magic == _MAGIC and check == crc_hqx(self._buffer[_AT_FIELDS : HEAD.size], 0)
            if not whole or size > MAX_PAYLOAD_BYTES or kind not in _KINDS:
                self._resync()
                continue
            if len(self._buffer) < end:
                return
            # The tail repeats the check, so that half a record never ends with the tail of another; and it ends with a
            # byte that the magic has not, so that the head that comes next never completes it.
            if self._buffer[end - _TAIL_BYTES : end] != check.to_bytes(2, "little") + _END:
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
