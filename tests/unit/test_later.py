"""What nobody looks at before the next key frame is not decoded, and what is looked at is what it would have been."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.core.observations import Detections
from passerby.gate.messages import CameraPlan, HealthFigure
from passerby.gate.packets import Packet, PacketKind, StreamHead
from passerby.pixels.camera import Camera
from passerby.pixels.frames import Decoder, Scaler
from passerby.pixels.later import Later
from passerby.pixels.scene import Eyes
from tests.unit.test_camera import Door, recording, stream
from tests.unit.test_quiet import Film, film, walking

Seen = dict[float, NDArray[np.uint8]]


def packet(time_us: int, *, key: bool = False, size: int = 10) -> Packet:
    return Packet(PacketKind.PACKET, time_us, key, bytes(size))


def sure() -> Later:
    later = Later()
    for time_us in range(60):
        assert not later.sure
        later.learn(packet(time_us), [time_us])
    assert later.sure
    return later


def test_packets_wait_in_their_order_until_they_are_taken() -> None:
    later = sure()
    packets = [packet(0, key=True), packet(1), packet(2)]
    assert [later.wait(one) for one in packets] == [False] * 3
    assert later.take() == packets
    assert later.take() == []


def test_a_key_frame_drops_what_waits() -> None:
    later = sure()
    assert not later.wait(packet(0, key=True))
    assert later.wait(packet(1, key=True))
    assert later.take() == [packet(1, key=True)]


def test_a_stream_that_holds_pictures_back_has_to_prove_itself_anew() -> None:
    later = sure()
    later.learn(packet(1), [0])
    assert not later.sure
    for time_us in range(60):
        later.learn(packet(time_us), [time_us])
    assert later.sure


def test_a_stream_that_does_not_begin_anew_at_key_frames_never_waits_again() -> None:
    later = sure()
    later.wait(packet(0))
    assert later.wait(packet(1, key=True))
    later.take()
    later.learn(packet(1, key=True), [])
    for time_us in range(200):
        later.learn(packet(time_us), [time_us])
    assert not later.sure


def test_what_waits_is_bounded() -> None:
    later = sure()
    for time_us in range(8):
        later.wait(packet(time_us, size=1024 * 1024))
    assert not later.full
    later.wait(packet(8))
    assert later.full


def test_what_was_taken_waits_no_longer() -> None:
    later = sure()
    later.wait(packet(0, size=9 * 1024 * 1024))
    later.take()
    assert not later.full


@dataclass
class Remembering:
    """Finds nobody, and remembers what it was shown."""

    seen: Seen = field(default_factory=dict)
    confident = 0.4
    ready = True
    size_px = (320, 240)

    def detect(self, bgr: NDArray[np.uint8], time_s: float) -> Detections:
        self.seen[round(time_s, 3)] = bgr.copy()
        return Detections(np.empty((0, 4), np.float32), np.empty(0, np.float32), time_s)


def shown(packets: list[Packet], plan: CameraPlan) -> tuple[Seen, Camera]:
    eyes = Remembering()
    camera = Camera(plan, Eyes(lambda: eyes), Door())
    for one in packets:
        camera.take(one)
    camera.end()
    return eyes.seen, camera


def pictures(packets: list[Packet]) -> Seen:
    """All pictures, by their times."""
    decoder, scaler = Decoder(StreamHead.of(packets[0])), Scaler((320, 240))

    def frames() -> Iterator[tuple[float, NDArray[np.uint8]]]:
        for one in packets[1:]:
            for frame in decoder.decode(one):
                yield round((frame.pts or 0) / 1e6, 3), scaler.scale(frame).copy()

    return dict(frames())


def test_what_is_looked_at_is_as_if_all_had_been_decoded(tmp_path: Path) -> None:
    packets = film(tmp_path / "a.mp4", 20, walking(0.0, 14.0), Film(noise=6))
    seen, camera = shown(packets, recording())
    every = pictures(packets)
    assert len(seen) == pytest.approx(50, abs=1)
    for time_s, picture in seen.items():
        np.testing.assert_array_equal(picture, every[time_s])
    figures = camera.figures()
    assert (figures[HealthFigure.FRAMES_READ], figures[HealthFigure.DECODE_ERRORS]) == (200, 0)


def test_what_nobody_looks_at_is_not_decoded(tmp_path: Path) -> None:
    """Each JPEG is a key frame. After the first sixty, those that are not looked at could as well be damaged."""
    packets = stream(tmp_path / "a.avi", seconds=12, codec="mjpeg")  # type: ignore[arg-type]  # see stream
    whole, _ = shown(packets, recording())
    head, *rest = packets
    damaged = [
        msgspec.structs.replace(one, payload=bytes(40))
        if index > 60 and round(one.pts_us / 1e6, 3) not in whole
        else one
        for index, one in enumerate(rest)
    ]
    seen, camera = shown([head, *damaged], recording())
    assert sum(one.payload == bytes(40) for one in damaged) > 40
    assert camera.figures()[HealthFigure.DECODE_ERRORS] == 0
    assert camera.figures()[HealthFigure.FRAMES_READ] == 120
    assert seen.keys() == whole.keys()
