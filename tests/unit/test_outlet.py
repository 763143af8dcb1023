"""The feed's end of the pipe: a camera is never stalled by a slow reader, a recording always is."""

import fcntl
import os
import threading
from collections.abc import Iterator
from itertools import pairwise

import pytest

from passerby.feed.outlet import MAX_WAITING_BYTES, Outlet
from passerby.gate.packets import Packet, PacketKind, PacketReader, StreamHead

PIPE_BYTES = 64 * 1024
FRAME = 20_000


class Pipe:
    """A pipe with a reader that reads when it is told to."""

    def __init__(self) -> None:
        self.read_fd, self.write_fd = os.pipe2(os.O_CLOEXEC)
        fcntl.fcntl(self.write_fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._reader = PacketReader()

    def read(self, size: int = PIPE_BYTES) -> list[Packet]:
        os.set_blocking(self.read_fd, False)
        try:
            return list(self._reader.feed(os.read(self.read_fd, size)))
        except BlockingIOError:
            return []
        finally:
            os.set_blocking(self.read_fd, True)

    def close(self) -> None:
        for fd in (self.read_fd, self.write_fd):
            os.close(fd)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.close()


def frame(index: int, gop: int = 10, size: int = FRAME) -> Packet:
    """Picture `index` of a camera that sends a key frame every `gop` pictures."""
    return Packet(PacketKind.PACKET, index, index % gop == 0, index.to_bytes(4, "big") * (size // 4))


def drain(pipe: Pipe, outlet: Outlet) -> list[Packet]:
    """All that still comes, with a reader that keeps up."""
    found: list[Packet] = []
    done = threading.Event()

    def finish() -> None:
        outlet.finish()
        done.set()

    thread = threading.Thread(target=finish)
    thread.start()
    while not done.is_set():
        found += pipe.read()
    thread.join()
    while more := pipe.read():
        found += more
    return found


def test_a_reader_that_keeps_up_gets_everything(pipe: Pipe) -> None:
    outlet = Outlet(pipe.write_fd, may_drop=True)
    sent = [StreamHead("h264").packet(), *(frame(i) for i in range(100))]
    found: list[Packet] = []
    for packet in sent:
        outlet.put(packet)
        found += pipe.read()
    assert found + drain(pipe, outlet) == sent


def test_a_camera_is_never_waited_for_and_memory_stays_bounded(pipe: Pipe) -> None:
    outlet = Outlet(pipe.write_fd, may_drop=True)
    for i in range(3000):  # 60 MB into a pipe that nobody reads
        outlet.put(frame(i))
        assert outlet._waiting_bytes <= MAX_WAITING_BYTES + 2 * FRAME


def test_every_packet_arrives_or_is_counted_as_dropped_and_decoding_begins_at_a_key_frame(pipe: Pipe) -> None:
    outlet = Outlet(pipe.write_fd, may_drop=True)
    outlet.put(StreamHead("h264").packet())
    for i in range(1000):
        outlet.put(frame(i))
    found = drain(pipe, outlet)
    for i in range(1000, 1020):  # the reader is back: what was dropped last is told at the next key frame
        outlet.put(frame(i))
        found += pipe.read(1024 * 1024)
    found += drain(pipe, outlet)
    frames = [one for one in found if one.kind is PacketKind.PACKET]
    dropped = sum(one.pts_us for one in found if one.kind is PacketKind.GAP)
    assert dropped > 500
    assert len(frames) + dropped == 1020
    for before, after in pairwise(found):
        if before.kind is PacketKind.GAP:
            assert after.key, "after a gap decoding begins anew"
        elif before.kind is after.kind is PacketKind.PACKET:
            assert after.pts_us == before.pts_us + 1, "nothing is missing without a gap"
    assert [one.pts_us for one in frames][-20:] == list(range(1000, 1020))


def test_heads_of_streams_are_never_dropped(pipe: Pipe) -> None:
    outlet = Outlet(pipe.write_fd, may_drop=True)
    heads = [StreamHead("h264", width_px=width).packet() for width in (320, 640, 1280)]
    for head in heads:
        outlet.put(head)
        for i in range(600):
            outlet.put(frame(i))
    found = drain(pipe, outlet)
    assert [one for one in found if one.kind is PacketKind.STREAM] == heads


def test_what_was_dropped_at_the_end_is_told_too(pipe: Pipe) -> None:
    outlet = Outlet(pipe.write_fd, may_drop=True)
    for i in range(1000):
        outlet.put(frame(i, gop=10_000))
    found = drain(pipe, outlet)
    arrived = sum(one.kind is PacketKind.PACKET for one in found)
    assert arrived + sum(one.pts_us for one in found if one.kind is PacketKind.GAP) == 1000


def test_gaps_that_wait_do_not_pile_up(pipe: Pipe) -> None:
    """A reader that hangs for days: what it missed is one number."""
    outlet = Outlet(pipe.write_fd, may_drop=True)
    for i in range(20_000):
        outlet.put(frame(i, size=40_000))
    assert sum(one.kind is PacketKind.GAP for one in drain(pipe, outlet)) <= 2


def test_a_recording_waits_for_its_reader_and_loses_nothing(pipe: Pipe) -> None:
    outlet = Outlet(pipe.write_fd, may_drop=False)
    sent = [frame(i) for i in range(400)]
    found: list[Packet] = []

    def write() -> None:
        for packet in sent:
            outlet.put(packet)

    writer = threading.Thread(target=write)
    writer.start()
    while len(found) < len(sent):
        found += pipe.read(7777)
    writer.join()
    assert found == sent


def test_a_reader_that_is_gone_is_noticed(pipe: Pipe) -> None:
    outlet = Outlet(pipe.write_fd, may_drop=True)
    os.close(pipe.read_fd)
    with pytest.raises(BrokenPipeError):
        outlet.put(frame(0))
    pipe.read_fd = os.open("/dev/null", os.O_RDONLY)


def test_finishing_does_not_wait_for_ever(pipe: Pipe) -> None:
    outlet = Outlet(pipe.write_fd, may_drop=True)
    for i in range(10):
        outlet.put(frame(i))
    outlet.finish(timeout_s=0.05)
