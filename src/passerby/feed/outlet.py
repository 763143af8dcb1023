"""The feed's end of the pipe to the pixel room."""

import fcntl
import os
import select
from collections import deque

from passerby.gate.packets import Packet, PacketKind

MAX_WAITING_BYTES = 4 * 1024 * 1024


class Outlet:
    """Writes packets to a pipe. A recording waits for its reader; a live camera does not.

    A live reader that is too slow loses whole groups of pictures: what waits is dropped up to the next key frame, and
    the reader is told how many packets that were, so that it can lower the exposure of its tallies.
    """

    def __init__(self, fd: int, *, may_drop: bool) -> None:
        self._fd = fd
        self._may_drop = may_drop
        self._started = b""  # the rest of a record whose beginning is written
        self._waiting: deque[Packet] = deque()
        self._waiting_bytes = 0
        self._dropped = 0
        self._until_key = False
        if may_drop:
            fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NONBLOCK)

    def put(self, packet: Packet) -> None:
        """Takes one packet.

        Raises:
            BrokenPipeError: the reader is gone.
        """
        if not self._may_drop:
            self._write_all(packet.pack())
            return
        self._queue(packet)
        self._flush()

    def finish(self, timeout_s: float = 5.0) -> None:
        """Waits until all is written, at most so long."""
        if self._dropped:
            self._append(Packet(PacketKind.GAP, self._dropped))
            self._dropped = 0
        writable = select.poll()  # select.select is not on the list of what a feed may call
        writable.register(self._fd, select.POLLOUT)
        while self._started or self._waiting:
            if not writable.poll(timeout_s * 1000):
                return
            self._flush()

    def _queue(self, packet: Packet) -> None:
        if self._until_key and packet.kind is PacketKind.PACKET and not packet.key:
            self._dropped += 1
            return
        if self._waiting_bytes > MAX_WAITING_BYTES and packet.kind is PacketKind.PACKET:
            self._drop_waiting()
            if not packet.key:
                self._dropped += 1
                self._until_key = True
                return
        if self._dropped:
            self._append(Packet(PacketKind.GAP, self._dropped))
            self._dropped = 0
        self._until_key = False
        self._append(packet)

    def _drop_waiting(self) -> None:
        """Drops what waits, but for the heads of streams, without which nothing after them can be read."""
        dropped = [packet for packet in self._waiting if packet.kind is not PacketKind.STREAM]
        self._dropped += sum(packet.pts_us if packet.kind is PacketKind.GAP else 1 for packet in dropped)
        self._waiting = deque(packet for packet in self._waiting if packet.kind is PacketKind.STREAM)
        self._waiting_bytes = sum(len(packet.payload) for packet in self._waiting)

    def _append(self, packet: Packet) -> None:
        self._waiting.append(packet)
        self._waiting_bytes += len(packet.payload)

    def _flush(self) -> None:
        while self._started or self._waiting:
            if not self._started:
                packet = self._waiting.popleft()
                self._waiting_bytes -= len(packet.payload)
                self._started = packet.pack()
            try:
                written = os.write(self._fd, self._started)
            except BlockingIOError:
                return
            self._started = self._started[written:]

    def _write_all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]
