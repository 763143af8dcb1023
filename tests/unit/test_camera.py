"""One camera inside the pixel room: from packets to tallies and faults."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.core.observations import Crossing, Detections, Direction
from passerby.core.shelves import FacingState
from passerby.core.tallies import HEAT_COLUMNS, HEAT_ROWS, Measure, Tally
from passerby.gate.messages import CameraPlan, FaultCode, HealthFigure, LinePlan, ZonePlan
from passerby.gate.packets import Packet, PacketKind, StreamHead
from passerby.pixels.camera import Camera
from passerby.pixels.clocks import Clocks
from passerby.pixels.health import Health
from passerby.pixels.scene import Eyes
from passerby.pixels.signature import signature_of
from tests.support.clips import make_clip
from tests.support.moved import room, view

START = 1_760_000_400
HALL = ZonePlan("hall", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
DOOR = LinePlan("door", (0.5, 0.9), (0.5, 0.1))


class BrightBoxes:
    """Finds the bright box that walks through the clips of tests."""

    confident = 0.4
    ready = True
    size_px = (320, 240)

    def detect(self, bgr: NDArray[np.uint8], time_s: float) -> Detections:
        rows, columns = np.nonzero(bgr[:, :, 1] > 150)
        if len(rows) < 50:
            return Detections(np.empty((0, 4), np.float32), np.empty(0, np.float32), time_s)
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return Detections(np.array([box], np.float32), np.array([0.9], np.float32), time_s)


@dataclass
class Door:
    """Remembers what left the room."""

    tallies: list[Tally] = field(default_factory=list)
    faults: list[FaultCode] = field(default_factory=list)
    states: list[tuple[str, int, FacingState, int]] = field(default_factory=list)

    def tally(self, tally: Tally) -> None:
        self.tallies.append(tally)

    def shelf(self, shelf: str, facing: int, state: FacingState, start_unix_s: int) -> None:
        self.states.append((shelf, facing, state, start_unix_s))

    def fault(self, code: FaultCode) -> None:
        self.faults.append(code)

    def total(self, measure: Measure) -> float:
        return sum(one.total for one in self.tallies if one.measure is measure)

    def exposure(self) -> float:
        return sum(one.exposure for one in self.tallies if one.measure is Measure.PEOPLE)


class Clock:
    """A clock on the wall that can be set, and one that only runs."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.set_s = 0.0

    @property
    def clocks(self) -> Clocks:
        return Clocks(unix=lambda: START + self.now_s + self.set_s, monotonic=lambda: 1000 + self.now_s)


def stream(path: Path, **options: float) -> list[Packet]:
    """A clip of the bright box as the feed hands it over, without its end."""
    make_clip(path, **options)  # type: ignore[arg-type]  # seconds and fps, as numbers
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        head = StreamHead(video.codec_context.name, frame_s=0.1, extradata=video.codec_context.extradata or b"")
        assert video.time_base
        return [
            head.packet(),
            *(
                Packet(PacketKind.PACKET, round((one.pts or 0) * video.time_base * 1e6), one.is_keyframe, bytes(one))
                for one in container.demux(video)
                if one.size
            ),
        ]


def recording(**changes: object) -> CameraPlan:
    known: dict[str, object] = {"lines": (DOOR,), "zones": (HALL,), "window_s": 60, "recording_start_unix_s": START}
    return CameraPlan("cam", **(known | changes))  # type: ignore[arg-type]  # fields of the plan


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., tuple[Door, Camera]]:
    """Plays packets to a camera, to their end."""

    def run(plan: CameraPlan, packets: list[Packet]) -> tuple[Door, Camera]:
        door = Door()
        camera = Camera(plan, Eyes(BrightBoxes), door)
        camera.rehearse()
        for packet in packets:
            camera.take(packet)
        camera.end()
        return door, camera

    return run


Play = Callable[[CameraPlan, list[Packet]], tuple[Door, Camera]]


def test_a_walk_through_the_picture_is_one_crossing(play: Play, tmp_path: Path) -> None:
    door, camera = play(recording(), stream(tmp_path / "a.mp4", seconds=8))
    assert (door.total(Measure.CROSSINGS_IN), door.total(Measure.CROSSINGS_OUT)) == (1, 0)
    assert door.total(Measure.PEAK) == 1
    assert door.exposure() == pytest.approx(8, abs=0.45)
    assert door.faults == []
    assert camera.figures()[HealthFigure.FRAMES_READ] == 80


def test_a_live_camera_tells_heights_anew_when_a_window_is_over() -> None:
    """Else ten more people would be told within minutes of the last one, and so would a change by the last one."""
    health = Health(CameraPlan("cam", (DOOR,), window_s=900))
    assert health.line_figures(START) == [{}]
    health.crossed(tuple((Crossing("door", Direction.IN, 0.0, n), 0.5) for n in range(30)), 0.0)
    assert health.line_figures(START + 899) == [{}], "START is at the quarter of an hour"
    assert health.line_figures(START + 900)[0][HealthFigure.LINE_PEOPLE] == 3


def test_of_enough_who_crossed_it_is_told_how_tall_people_are_there(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The box of the clip is 80 pixels tall; heights are told in steps of four. Ten are enough here: it is quicker."""
    monkeypatch.setattr("passerby.pixels.line_heights.LEAST_PEOPLE", 10)
    walk = stream(tmp_path / "a.mp4", seconds=8)
    _, few = play(recording(), walk * 9)
    _, enough = play(recording(), walk * 10)
    _, from_above = play(recording(view="overhead"), walk * 10)
    assert few.line_figures() == [{}]
    told = enough.line_figures()[0]
    assert told[HealthFigure.LINE_PEOPLE] == 1
    assert told[HealthFigure.LINE_MEDIAN_PX] == pytest.approx(80 / 4, abs=1)
    assert from_above.line_figures() == []


def test_it_walks_out_over_a_line_that_is_turned_around(play: Play, tmp_path: Path) -> None:
    turned = LinePlan("door", DOOR.end, DOOR.start)
    door, _ = play(recording(lines=(turned,)), stream(tmp_path / "a.mp4", seconds=8))
    assert (door.total(Measure.CROSSINGS_IN), door.total(Measure.CROSSINGS_OUT)) == (0, 1)


def test_packets_that_were_dropped_lower_the_exposure(play: Play, tmp_path: Path) -> None:
    packets = stream(tmp_path / "a.mp4", seconds=8, codec="mjpeg")  # type: ignore[arg-type]  # see stream
    gap = [*packets[:20], Packet(PacketKind.GAP, 40), *packets[60:]]
    door, camera = play(recording(), gap)
    assert door.exposure() == pytest.approx(4.5, abs=0.4)
    assert camera.figures()[HealthFigure.PACKETS_DROPPED] == 40


def test_a_stream_that_begins_again_goes_on_in_time(play: Play, tmp_path: Path) -> None:
    packets = stream(tmp_path / "a.mp4", seconds=4)
    door, camera = play(recording(), [*packets, *packets])
    assert camera.figures()[HealthFigure.FRAMES_READ] == 80
    assert camera.figures()[HealthFigure.MEDIA_MS] == pytest.approx(8000, abs=200)
    assert door.faults == []


def test_where_enough_people_walked_comes_out_as_a_heat_map(play: Play, tmp_path: Path) -> None:
    walk = stream(tmp_path / "a.mp4", seconds=8)
    door, _ = play(recording(heat_minimum=2), walk * 2)
    told = [one for one in door.tallies if one.measure is Measure.HEAT]
    assert told
    assert {one.subject for one in told} == {"heat map"}
    # The box walks along one row, at two thirds of the picture.
    assert {one.part // HEAT_COLUMNS for one in told} == {HEAT_ROWS * 2 // 3}


def test_where_fewer_people_walked_no_heat_comes_out(play: Play, tmp_path: Path) -> None:
    door, _ = play(recording(heat_minimum=3), stream(tmp_path / "a.mp4", seconds=8) * 2)
    assert door.total(Measure.HEAT) == 0


def test_a_line_outside_the_picture_is_told_also_where_frames_come_at_the_end(play: Play, tmp_path: Path) -> None:
    """A short clip stays in the decoder until it is drained."""
    outside = LinePlan("door", (10.0, 10.0), (5000.0, 10.0), in_px=True)
    door, _ = play(recording(lines=(outside,)), stream(tmp_path / "a.mp4", seconds=0.2)[:3])
    assert door.faults == [FaultCode.PLACE_OUTSIDE]


def test_a_codec_without_decoder_and_a_stream_without_frames_are_told(play: Play) -> None:
    door, _ = play(recording(), [StreamHead("no-such-codec").packet(), Packet(PacketKind.PACKET, payload=b"x")])
    assert door.faults == [FaultCode.NO_DECODER, FaultCode.NO_FRAMES]


def test_a_stream_that_states_too_much_ends_nothing(play: Play, tmp_path: Path) -> None:
    too_large = StreamHead("h264", width_px=60_000, height_px=60_000).packet()
    nonsense = Packet(PacketKind.PACKET, payload=b"\x00\x00\x00\x01nonsense")
    door, camera = play(recording(), [too_large, nonsense, *stream(tmp_path / "a.mp4", seconds=2)])
    assert door.faults == [FaultCode.PICTURE_TOO_LARGE]
    assert camera.figures()[HealthFigure.FRAMES_READ] == 20


def live(packets: list[Packet], clock: Clock, at: Callable[[int], None]) -> Door:
    """Plays packets as they come from a live camera, ten a second; `at` may set the clock before packet i."""
    door = Door()
    camera = Camera(recording(recording_start_unix_s=None), Eyes(BrightBoxes), door, clock.clocks)
    for i, packet in enumerate(packets):
        at(i)
        camera.take(packet)
        camera.tick()
        clock.now_s += 0.1
    camera.end()
    return door


@pytest.mark.parametrize("set_s", [-3600.0, -20.0, 30.0, 7200.0])
def test_a_clock_that_is_set_loses_no_crossing_and_tells_no_window_twice(set_s: float, tmp_path: Path) -> None:
    clock = Clock()

    def at(index: int) -> None:
        if index == 40:
            clock.set_s = set_s

    door = live(stream(tmp_path / "a.mp4", seconds=8, codec="mjpeg"), clock, at)  # type: ignore[arg-type]  # see stream
    assert door.total(Measure.CROSSINGS_IN) == 1
    assert len({one.key for one in door.tallies}) == len(door.tallies)
    assert door.exposure() == pytest.approx(8, abs=0.6)


def test_a_window_of_a_camera_that_went_silent_is_closed(tmp_path: Path) -> None:
    clock = Clock()
    door = Door()
    camera = Camera(recording(recording_start_unix_s=None), Eyes(BrightBoxes), door, clock.clocks)
    for packet in stream(tmp_path / "a.mp4", seconds=8, codec="mjpeg"):  # type: ignore[arg-type]  # see stream
        camera.take(packet)
        clock.now_s += 0.1
    clock.now_s = 59
    camera.tick()
    assert door.tallies == []
    clock.now_s = 70
    camera.tick()
    assert door.exposure() == pytest.approx(8, abs=0.4)


class Nobody(BrightBoxes):
    """Finds nobody."""

    size_px = (384, 288)

    def detect(self, bgr: NDArray[np.uint8], time_s: float) -> Detections:
        return Detections(np.empty((0, 4), np.float32), np.empty(0, np.float32), time_s)


def turned_camera(codec: str) -> list[Packet]:
    """A still room, two pictures a second, whose camera is turned by 4 % of the width after five minutes of ten."""
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.time_base = 384, 288, Fraction(1, 2)
    context.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    context.options = {"x264-params": "repeat-headers=1:keyint=4:bframes=0"} if codec == "libx264" else {}
    packets = [StreamHead("mjpeg" if codec == "mjpeg" else "h264", frame_s=0.5).packet()]
    before, after = (np.ascontiguousarray(view(room(), right_px)) for right_px in (0, 15))
    for index in range(2 * 600):
        picture = after if index >= 600 else before
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format=context.pix_fmt)
        frame.pts = index
        encoded = context.encode(frame)
        packets += [Packet(PacketKind.PACKET, one.pts * 500_000, one.is_keyframe, bytes(one)) for one in encoded]  # type: ignore[operator]  # has a time
    return packets


@pytest.mark.parametrize("codec", ["mjpeg", "libx264"])
def test_a_live_camera_that_was_turned_is_told_of_once(codec: str) -> None:
    """The H.264 of a still room is not decoded but for its key frames, which tell it too."""
    clock, door = Clock(), Door()
    camera = Camera(recording(recording_start_unix_s=None), Eyes(Nobody), door, clock.clocks)
    camera.rehearse()
    told_s: list[float] = []
    for packet in turned_camera(codec):
        camera.take(packet)
        clock.now_s += 0.5
        if door.faults and not told_s:
            told_s.append(clock.now_s)
    assert door.faults == [FaultCode.CAMERA_MOVED]
    assert 360 <= told_s[0] <= 490


def test_a_recording_is_not_told_to_have_moved(play: Play) -> None:
    door, _ = play(recording(), turned_camera("mjpeg"))
    assert door.faults == []


def test_a_live_camera_that_was_turned_since_set_up_is_told_of_and_of_being_turned_back() -> None:
    """It is at its other place for five minutes, then where it stood at set-up."""
    clock, door = Clock(), Door()
    here = np.ascontiguousarray(view(room(), 15))
    plan = recording(recording_start_unix_s=None, reference=signature_of(here))
    camera = Camera(plan, Eyes(Nobody), door, clock.clocks)
    camera.rehearse()
    told: list[tuple[float, int | None]] = [(0.0, None)]
    for packet in turned_camera("mjpeg"):
        camera.take(packet)
        clock.now_s += 0.5
        moved = camera.figures().get(HealthFigure.MOVED)
        if moved != told[-1][1]:
            told.append((clock.now_s, moved))
    assert [moved for _, moved in told] == [None, 1, 0]
    assert 120 <= told[1][0] <= 240
    assert 360 <= told[2][0] <= 490
    assert set(door.faults) == {FaultCode.CAMERA_MOVED}
    assert len(door.faults) == 2, "a move since set-up, and the move back"
