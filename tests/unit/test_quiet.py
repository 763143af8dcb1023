"""A quiet scene passes undecoded, and nothing that moves in it is lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from passerby.core.tallies import Measure
from passerby.gate.messages import HealthFigure
from passerby.gate.packets import NO_PTS, Packet, PacketKind, StreamHead
from passerby.pixels.camera import Camera
from passerby.pixels.quiet import MAX_GOP_S, Quiet
from passerby.pixels.scene import Eyes
from tests.unit.test_camera import BrightBoxes, Clock, Door, recording

FPS = 10
Walk = Callable[[float], int | None]


@dataclass(frozen=True)
class Film:
    """How a clip is made: key frames so many seconds apart, sensor noise, frames that refer forwards."""

    gop_s: float = 2.0
    noise: float = 1.5
    b_frames: int = 0


def film(path: Path, seconds: float, walk: Walk, how: Film = Film()) -> list[Packet]:
    """A dark room in which a bright box stands where `walk` says (its left edge), or nobody is."""
    rng = np.random.default_rng(0)
    options = {
        "g": str(round(how.gop_s * FPS)),
        "bf": str(how.b_frames),
        "sc_threshold": "0",
        "preset": "veryfast",
        "threads": "1",
        # Without rate control, which made another film on a busy machine, with one thread too.
        "qp": "20",
    }
    with av.open(str(path), "w") as container:
        out = container.add_stream("libx264", rate=FPS, options=options)
        assert isinstance(out, av.VideoStream)
        out.width, out.height, out.pix_fmt = 320, 240, "yuv420p"
        for index in range(round(seconds * FPS)):
            picture = np.clip(40 + rng.normal(0, how.noise, (240, 320, 3)), 0, 255).astype(np.uint8)
            x = walk(index / FPS)
            if x is not None:
                picture[80:160, max(0, x) : x + 40] = 220
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(out.encode(frame))
        container.mux(out.encode(None))
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.time_base
        head = StreamHead("h264", frame_s=1 / FPS, extradata=video.codec_context.extradata or b"")
        return [
            head.packet(),
            *(
                Packet(PacketKind.PACKET, round((one.pts or 0) * video.time_base * 1e6), one.is_keyframe, bytes(one))
                for one in container.demux(video)
                if one.size
            ),
        ]


def walking(start_s: float, px_per_s: float = 60.0) -> Walk:
    def at(time_s: float) -> int | None:
        x = round((time_s - start_s) * px_per_s)
        return x if 0 <= x <= 280 else None

    return at


class Counting(Camera):
    """A camera that knows how many frames were decoded to be looked at."""

    handled = 0

    def _frames(
        self, frames: Iterator[av.VideoFrame], take: Callable[[av.VideoFrame], None] | None = None
    ) -> list[int | None]:
        shown_us = super()._frames(frames, take)
        self.handled += len(shown_us)
        return shown_us


def play(packets: list[Packet]) -> tuple[Door, Camera, int]:
    """Plays packets; tells also how many frames were decoded."""
    door = Door()
    camera = Counting(recording(), Eyes(BrightBoxes), door)
    camera.rehearse()
    for packet in packets:
        camera.take(packet)
    camera.end()
    return door, camera, camera.handled


def padded(packet: Packet, size: int) -> Packet:
    """A packet with a unit of filler data behind it (H.264, 7.3.2.7), behind its length as MP4 has it."""
    length = size - len(packet.payload) - 4
    filler = length.to_bytes(4, "big") + b"\x0c" + b"\xff" * (length - 2) + b"\x80"
    return msgspec.structs.replace(packet, payload=packet.payload + filler)


def crossings(door: Door) -> tuple[float, float]:
    return door.total(Measure.CROSSINGS_IN), door.total(Measure.CROSSINGS_OUT)


def test_a_quiet_scene_is_hardly_decoded_and_all_of_it_is_seen(tmp_path: Path) -> None:
    door, camera, handled = play(film(tmp_path / "a.mp4", 30, lambda _t: None))
    assert handled < 120, "of 300 frames; the first seconds are looked at whole, and what waits at the end"
    assert camera.figures()[HealthFigure.FRAMES_READ] == 300
    assert camera.figures()[HealthFigure.MEDIA_MS] == pytest.approx(30_000, abs=200)
    assert door.exposure() == pytest.approx(30, abs=0.7)
    assert door.faults == []


@pytest.mark.parametrize("start_s", [14.0, 14.7, 15.3, 15.9, 16.1])
def test_a_walk_through_a_quiet_scene_is_one_crossing(start_s: float, tmp_path: Path) -> None:
    """Whenever it begins between two key frames, it is seen from its beginning."""
    door, camera, handled = play(film(tmp_path / "a.mp4", 30, walking(start_s)))
    assert crossings(door) == (1, 0)
    assert door.total(Measure.PEOPLE) == pytest.approx(280 / 60, abs=0.8)
    assert handled < 220
    assert camera.figures()[HealthFigure.FRAMES_READ] == 300


def test_a_walk_that_packets_do_not_tell_of_is_seen_at_the_next_key_frame(tmp_path: Path) -> None:
    """A camera that fills its packets up to one size, as some do that send at a constant rate."""
    packets = film(tmp_path / "a.mp4", 30, walking(15.2))
    size = max(len(packet.payload) for packet in packets[1:] if not packet.key) + 6
    filled = [packets[0], *(packet if packet.key else padded(packet, size) for packet in packets[1:])]
    door, camera, handled = play(filled)
    assert crossings(door) == (1, 0)
    assert door.total(Measure.PEOPLE) == pytest.approx(280 / 60, abs=0.8)
    assert handled < 220
    assert camera.figures()[HealthFigure.DECODE_ERRORS] == 0


def test_someone_who_stands_still_stays(tmp_path: Path) -> None:
    def comes_and_stays(time_s: float) -> int | None:
        return None if time_s < 5 else min(200, round((time_s - 5) * 60))

    door, _, handled = play(film(tmp_path / "a.mp4", 40, comes_and_stays))
    assert door.total(Measure.PEAK) == 1
    assert door.total(Measure.PEOPLE) == pytest.approx(35, abs=1.5)
    assert handled < 300


def test_key_frames_far_apart_are_never_let_pass(tmp_path: Path) -> None:
    _, _, handled = play(film(tmp_path / "a.mp4", 20, lambda _t: None, Film(gop_s=MAX_GOP_S + 1)))
    assert handled > 180, "of 200 frames; those that nobody looks at before the next key frame are left out"


def test_frames_that_refer_forwards_are_not_lost(tmp_path: Path) -> None:
    door, camera, _ = play(film(tmp_path / "a.mp4", 30, walking(15.5), Film(b_frames=2)))
    assert crossings(door) == (1, 0)
    assert camera.figures()[HealthFigure.FRAMES_READ] == pytest.approx(300, abs=3)
    assert camera.figures()[HealthFigure.DECODE_ERRORS] == 0


def test_a_stream_that_breaks_off_in_a_quiet_scene_loses_no_time(tmp_path: Path) -> None:
    packets = film(tmp_path / "a.mp4", 15, lambda _t: None)
    door, camera, _ = play([*packets, *packets])
    assert camera.figures()[HealthFigure.FRAMES_READ] == 300
    assert door.exposure() == pytest.approx(30, abs=1)


def test_what_waits_is_bounded() -> None:
    quiet = Quiet()
    key = Packet(PacketKind.PACKET, 4_000_000, True, b"k" * 5000)
    for index in range(20):
        quiet.saw(Packet(PacketKind.PACKET, index * 100_000, index % 10 == 0, b"p" * 100), 9.0)
    quiet.saw(Packet(PacketKind.PACKET, 2_000_000, True, b"p" * 100), 9.0)
    assert quiet.passing
    assert not quiet.surprises(Packet(PacketKind.PACKET, 2_100_000, False, b"p" * 100))
    assert quiet.surprises(Packet(PacketKind.PACKET, 2_100_000, False, b"p" * 200)), "twice the usual size"
    assert quiet.surprises(Packet(PacketKind.PACKET, 9_000_000, False, b"p" * 100)), "no key frame for too long"
    assert quiet.surprises(Packet(PacketKind.PACKET, NO_PTS, False, b"p" * 100)), "nobody knows when"
    waited = quiet.passed(key)
    assert waited[0].key
    assert quiet.waiting == [key]
    for _ in range(100):
        quiet.wait(Packet(PacketKind.PACKET, 4_100_000, False, b"p" * 100_000))
    assert quiet.surprises(Packet(PacketKind.PACKET, 4_200_000, False, b"p" * 100_000)), "too much waits"
    assert len(quiet.wake()) == 101
    assert not quiet.waiting
    assert not quiet.passing


def test_a_live_camera_closes_its_windows_though_packets_wait(tmp_path: Path) -> None:
    clock, door = Clock(), Door()
    camera = Camera(recording(recording_start_unix_s=None), Eyes(BrightBoxes), door, clock.clocks)
    for packet in film(tmp_path / "a.mp4", 100, lambda _t: None):
        camera.take(packet)
        camera.tick()
        clock.now_s += 1 / FPS
    seen = [one.exposure for one in door.tallies if one.measure is Measure.PEOPLE]
    camera.end()
    assert len(seen) == 1
    assert seen[0] > 50, "of the minute's part that was seen"
