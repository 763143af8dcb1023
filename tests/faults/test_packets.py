"""Packets that no camera sends: what a feed that was taken over, or a file, puts before a real worker in its lock.

The worker has two cameras. One shows a doorway, as it is; the other feed writes what it likes to its pipe.
"""

import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from passerby.core.tallies import Measure, Tally
from passerby.gate import landlock, seccomp
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import CameraPlan, FaultCode, HealthFigure, Kind, LinePlan, Message
from passerby.gate.packets import NO_PTS, Packet, PacketKind, StreamHead
from passerby.gate.sources import parse
from tests.faults.test_feeds import Ear
from tests.support import huge_header
from tests.support.clips import make_clip
from tests.support.doorway import FPS, Doorway
from tests.support.faults import noted
from tests.support.scripted_camera import Sent
from tests.support.site import eventually

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)

FILM = Doorway.busy(20)
LINE = LinePlan("door", (0.5, 0.9), (0.5, 0.1))
MOST_BYTES = 350 * 2**20
FEED = f"""
import json, os, sys, time
plan = json.loads(sys.stdin.buffer.read())
data = open({{folder!r}} + "/" + plan["location"].rpartition("/")[2], "rb").read()
began, at = time.monotonic(), 0
while at < len(data):
    due_ms, size = int.from_bytes(data[at:at + 4], "big"), int.from_bytes(data[at + 4:at + 8], "big")
    time.sleep(max(0.0, began + due_ms / 1000 - time.monotonic()))
    record, at = memoryview(data)[at + 8:at + 8 + size], at + 8 + size
    while record:
        record = record[os.write(plan["out_fd"], record):]
    os.write(1, {Message(Kind.HEALTH, HealthFigure.PACKETS_READ, a=1).pack()!r})
time.sleep(600)
"""
ABSURD_US = [
    *(0, -1, 1, 2**33, -(2**33), 2**33 * 1_000_000 // 90_000, 2**62, -(2**62), 2**63 - 1, -(2**63) + 1, NO_PTS),
    *(7, 7, 7, 7, 0x7FF8000000000000, 10**15, -(10**15)),
]
"""Times in microseconds; one of them is how a number that is none looks in eight bytes."""


def written(path: Path, packets: list[tuple[float, Packet]]) -> None:
    """Packets for the feed above, each with the second in which it is written."""
    records = [(round(at_s * 1000), packet.pack()) for at_s, packet in packets]
    path.write_bytes(b"".join(struct.pack(">II", at_ms, len(record)) + record for at_ms, record in records))


def film(packets: list[Sent]) -> list[tuple[float, Packet]]:
    """A film as it is."""
    return [
        (one.at_s, Packet(PacketKind.PACKET, round(one.says_s * 1e6), index % 20 == 0, one.data))
        for index, one in enumerate(packets)
    ]


def absurd(packets: list[Sent]) -> Iterator[tuple[float, Packet]]:
    """The same, with absurd times, heads that state absurd rates and sizes, packets of nothing, and untold losses."""
    rates = (5e-324, 1e300, float("nan"), float("inf"), -1.0, 0.0)
    for index, (at_s, packet) in enumerate(film(packets)):
        if index % 20 == 0:
            rate = rates[index // 20 % len(rates)]
            yield at_s, StreamHead("h264", 2**31 - 1, -(2**31), "yuv420p", rate).packet()
            yield at_s, Packet(PacketKind.GAP, 2**63 - 1)
            yield at_s, StreamHead("h264", frame_s=rate).packet()
        yield at_s, Packet(PacketKind.PACKET, ABSURD_US[index % len(ABSURD_US)], packet.key, packet.payload)
        for key in (True, False):
            yield at_s, Packet(PacketKind.PACKET, ABSURD_US[-index % len(ABSURD_US)], key, b"")


def huge(packets: list[Sent]) -> Iterator[tuple[float, Packet]]:
    """Heads and headers of 100 megapixels and more, in several codecs, again and again."""
    pictures = {"h264": huge_header.h264, "mjpeg": lambda *size: huge_header.jpeg(jpeg(), *size)}
    pictures["vp9"] = lambda *size: huge_header.vp9(vp9(), *size)
    sizes = [(10_000, 10_000), (65_535, 65_535), (16_384, 8_192)]
    for second, codec in enumerate(sorted(pictures) * 4):
        yield float(second), StreamHead(codec, 65_535, 65_535).packet()
        for turn in range(9):
            data = pictures[codec](*sizes[turn % 3])
            yield second + turn / 10, Packet(PacketKind.PACKET, second * 1_000_000 + turn, True, data)
    yield 12.0, StreamHead("h264", frame_s=1 / FPS).packet()
    yield from ((12.0 + at_s, packet) for at_s, packet in film(packets[:60]))


def jpeg() -> bytes:
    return Doorway(0.1, []).packets("mjpeg")[0].data


def vp9() -> bytes:
    context = av.CodecContext.create("libvpx-vp9", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = 320, 240, "yuv420p"
    context.time_base = Fraction(1, FPS)
    frame = av.VideoFrame.from_ndarray(np.full((240, 320, 3), 90, np.uint8), format="rgb24")
    return bytes([*context.encode(frame), *context.encode(None)][0])


@dataclass
class Heard(Ear):
    """What the guard told, by camera."""

    tallies: list[Tally] = field(default_factory=list)
    figures: dict[str, dict[HealthFigure, int]] = field(default_factory=dict)
    said: set[tuple[str, FaultCode]] = field(default_factory=set)
    restarts: list[str] = field(default_factory=list)

    def tally(self, tally: Tally) -> None:
        self.tallies.append(tally)

    def health(self, camera: str, figure: HealthFigure, value: int, _line: int = 0) -> None:
        self.figures.setdefault(camera, {})[figure] = value

    def fault(self, camera: str, code: FaultCode) -> None:
        self.said.add((camera, code))

    def refused(self, worker: int, reason: str) -> None:
        self.restarts.append(reason)

    def restarted(self, worker: int, reason: str) -> None:
        self.restarts.append(reason)

    def sum(self, camera: str, measure: Measure) -> tuple[float, float]:
        found = [one for one in self.tallies if one.camera == camera and one.measure is measure]
        return sum(one.total for one in found), sum(one.exposure for one in found)


def peak_bytes(guard: Guard) -> int:
    """The most memory that the worker has had."""
    process = guard._workers[0].process
    assert process is not None
    lines = Path(f"/proc/{process.popen.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def play(folder: Path, packets: list[tuple[float, Packet]]) -> tuple[Heard, int, float]:
    """Plays packets beside a film that is well; tells what was heard, the worker's peak of memory, and how long."""
    written(folder / "odd", packets)
    written(folder / "well", [(0.0, StreamHead("h264", frame_s=1 / FPS).packet()), *film(FILM.packets())])
    command = (sys.executable, "-I", "-c", FEED.format(folder=str(folder)))
    plans = [CameraPlan(name, (LINE,), (), "overhead", window_s=60) for name in ("odd", "well")]
    jobs = [Job(plan, parse(f"rtsp://127.0.0.1:9/{plan.name}")) for plan in plans]
    heard, over = Heard(), threading.Event()
    guard = Guard(jobs, Settings(keep_running=True, feed_command=command), heard)
    thread = threading.Thread(target=guard.run, args=(over,))
    thread.start()
    try:
        eventually(lambda: heard.ready_workers)
        began_s = time.monotonic()
        eventually(lambda: time.monotonic() - began_s > max(20.0, packets[-1][0]) + 4)
        most = peak_bytes(guard)
    finally:
        over.set()
        thread.join(60)
    return heard, most, time.monotonic() - began_s


def well(heard: Heard, most_bytes: int, lasted_s: float) -> None:
    """The worker lives, its memory is bounded, the other camera was counted, and nobody saw longer than it lasted."""
    assert heard.restarts == []
    assert most_bytes < MOST_BYTES
    assert 1 <= heard.sum("well", Measure.CROSSINGS_IN)[0] <= FILM.crossings
    for camera in ("odd", "well"):
        assert heard.sum(camera, Measure.CROSSINGS_IN)[1] <= lasted_s
        assert heard.sum(camera, Measure.CROSSINGS_OUT)[0] == 0


def test_absurd_times_rates_and_empty_packets(tmp_path: Path) -> None:
    with noted("absurd-times") as times, noted("empty-packets") as empty:
        heard, most_bytes, lasted_s = play(tmp_path, list(absurd(FILM.packets())))
        well(heard, most_bytes, lasted_s)
        assert heard.sum("odd", Measure.CROSSINGS_IN)[0] <= FILM.crossings
        assert ("odd", FaultCode.TIME_JUMPED) in heard.said
        times.times, empty.times = len(ABSURD_US), 2


def test_headers_of_100_megapixels(tmp_path: Path) -> None:
    with noted("huge-header") as note:
        heard, most_bytes, lasted_s = play(tmp_path, list(huge(FILM.packets())))
        well(heard, most_bytes, lasted_s)
        assert ("odd", FaultCode.PICTURE_TOO_LARGE) in heard.said
        assert heard.figures["odd"][HealthFigure.DECODE_ERRORS] > 0
        assert heard.figures["odd"][HealthFigure.WIDTH_PX] == 320, "and what comes after it is decoded"
        note.times = 12


_WEIGHED = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""A small process between: the kernel puts down what a process held before it began a program to that program too."""


@pytest.mark.parametrize("codec", ["mjpeg", "libvpx-vp9"])
def test_a_file_of_100_megapixels(codec: str, tmp_path: Path) -> None:
    """The feed that opens it must not take the memory either."""
    path = make_clip(tmp_path / "walk.mkv", codec, seconds=2)
    data = path.read_bytes()
    path.write_bytes(widened(data, codec))
    command = ["-m", "passerby.cli", "count", str(path), "--view", "overhead", "--line", "a=0.5,1:0.5,0"]
    with noted("huge-header") as note:
        ran = subprocess.run(
            [sys.executable, "-c", _WEIGHED, sys.executable, *command], capture_output=True, text=True, check=True
        )
        status, most_kib = map(int, ran.stdout.split()[-2:])
        assert status in (0, 2), ran.stderr
        assert "Traceback" not in ran.stderr
        assert most_kib * 1024 < MOST_BYTES
        note.once()


def widened(data: bytes, codec: str) -> bytes:
    """A file in which all pictures promise 10 000 x 10 000 pixels."""
    if codec == "mjpeg":
        sof = b"\xff\xc0\x00\x11\x08"
        assert sof in data
        return data.replace(sof + struct.pack(">HH", 240, 320), sof + struct.pack(">HH", 10_000, 10_000))
    at = data.index(b"\x49\x83\x42") - 1
    return data[:at] + huge_header.vp9(data[at : at + 32], 10_000, 10_000) + data[at + 32 :]
