"""Damaged pictures are not looked at: nobody is counted for them, and the site sees less."""

from collections.abc import Sequence
from contextlib import suppress

import pytest

from passerby.core.tallies import Measure
from passerby.gate.messages import CameraPlan, FaultCode, HealthFigure, LinePlan
from passerby.gate.packets import Packet, PacketKind, StreamHead
from passerby.pixels.camera import Camera
from passerby.pixels.damage import HOLD_S, Damage
from passerby.pixels.frames import Decoder, PictureTooLargeError
from passerby.pixels.overhead import OverheadDetector
from passerby.pixels.scene import Eyes
from tests.support import huge_header
from tests.support.doorway import FPS, LEARN_S, Doorway, flipped
from tests.support.scripted_camera import Sent
from tests.unit.test_camera import BrightBoxes, Clock, Door

FILM = Doorway.busy(30)
ODD_NOTE = b"\0\0\0\1\x4e\x01\x05\xff\x10\x11\x80"
"""Supplemental information of H.265 that ends too early."""


@pytest.fixture(scope="module", params=["h264", "hevc", "mjpeg"])
def codec(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def film(codec: str) -> list[Sent]:
    return FILM.packets(codec)


def packets(film: Sequence[Sent], gop: int) -> list[Packet]:
    return [
        Packet(PacketKind.PACKET, round(one.says_s * 1e6), index % gop == 0, one.data) for index, one in enumerate(film)
    ]


def count(codec: str, film: Sequence[Sent]) -> tuple[Door, Camera]:
    door = Door()
    plan = CameraPlan("a", (LinePlan("door", (0.5, 0.9), (0.5, 0.1)),), (), "overhead", recording_start_unix_s=0)
    camera = Camera(plan, Eyes(OverheadDetector), door)
    camera.take(StreamHead(codec, frame_s=1 / FPS).packet())
    for packet in packets(film, 1 if codec == "mjpeg" else 20):
        camera.take(packet)
    camera.end()
    return door, camera


def exposure_s(door: Door) -> float:
    return sum(one.exposure for one in door.tallies if one.measure is Measure.CROSSINGS_IN)


def test_a_film_that_is_whole_is_counted_whole(codec: str, film: list[Sent]) -> None:
    door, camera = count(codec, film)
    assert door.total(Measure.CROSSINGS_IN) == FILM.crossings
    assert exposure_s(door) >= 30 - LEARN_S
    assert door.faults == []
    assert camera.figures()[HealthFigure.DECODE_ERRORS] == 0


def test_packets_of_nothing_are_nothing(codec: str, film: list[Sent]) -> None:
    gop = 1 if codec == "mjpeg" else 20
    with_nothing = [one for packet in packets(film[:100], gop) for one in (packet, Packet(PacketKind.PACKET, 7, False))]
    decoder = Decoder(StreamHead(codec))
    assert sum(1 for packet in with_nothing for _ in decoder.decode(packet)) == 100
    assert decoder.errors == 0


@pytest.mark.parametrize("rate", [1e-4, 1e-3])
def test_a_film_that_is_damaged_counts_nobody_who_is_not_there(codec: str, film: list[Sent], rate: float) -> None:
    for seed in range(2):
        door, camera = count(codec, flipped(film, rate, seed))
        assert door.total(Measure.CROSSINGS_OUT) == 0
        assert door.total(Measure.CROSSINGS_IN) <= FILM.crossings
        assert exposure_s(door) < 27
        assert FaultCode.BAD_PACKET in door.faults
        assert camera.figures()[HealthFigure.DECODE_ERRORS] > 0


def test_what_an_h265_camera_notes_beside_its_pictures_is_no_damage() -> None:
    film = Doorway.busy(20)
    odd = [Sent(one.at_s, ODD_NOTE + one.data, one.says_s) for one in film.packets("hevc")]
    door, camera = count("hevc", odd)
    assert door.total(Measure.CROSSINGS_IN) == film.crossings
    assert camera.figures()[HealthFigure.DECODE_ERRORS] == 0


def test_a_camera_whose_pictures_always_break_off_is_counted_and_told_of() -> None:
    cut = [Sent(one.at_s, one.data[: len(one.data) * 9 // 10], one.says_s) for one in FILM.packets("mjpeg")]
    door, _ = count("mjpeg", cut)
    assert door.total(Measure.CROSSINGS_IN) == FILM.crossings
    assert set(door.faults) == {FaultCode.BAD_PACKET}


def test_h264_is_believed_again_with_the_next_key_frame_and_others_later() -> None:
    for name, hold_s in (("h264", 0.0), ("hevc", HOLD_S)):
        damage = Damage(name)
        assert not damage.take(3, 0.0, key=None), "it only waits for its first key frame"
        assert not damage.take(3, 1.0, key=True)
        assert damage.take(4, 2.0, key=False)
        assert not damage.take(5, 3.0, key=True), "it is told once"
        damage.take(5, 3.0 + hold_s, key=False)
        assert not damage.believed
        damage.take(5, 3.0 + hold_s, key=True)
        assert damage.believed


def test_without_a_key_frame_it_is_believed_again_after_half_a_minute() -> None:
    damage = Damage("h264")
    damage.take(0, 0.0, key=True)
    damage.take(1, 1.0, key=False)
    damage.take(1, 30.9, key=False)
    assert not damage.believed
    damage.take(1, 31.0, key=False)
    assert damage.believed


def test_a_stream_of_which_nothing_can_be_decoded_is_told_of() -> None:
    door, clock = Door(), Clock()
    camera = Camera(CameraPlan("a", view="overhead"), Eyes(BrightBoxes), door, clock.clocks)
    camera.take(StreamHead("h264").packet())
    for index in range(200):
        data = huge_header.h264(65_535, 65_535)
        camera.take(Packet(PacketKind.PACKET, index * 100_000, index % 20 == 0, data))
        clock.now_s += 0.1
    assert door.faults == [FaultCode.BAD_PACKET]


def test_a_scene_is_known_over_a_break_of_its_stream() -> None:
    """A camera that is there for a few seconds at a time would else never be learnt."""
    door, clock = Door(), Clock()
    plan = CameraPlan("a", (LinePlan("door", (0.5, 0.9), (0.5, 0.1)),), (), "overhead", window_s=60)
    camera = Camera(plan, Eyes(OverheadDetector), door, clock.clocks)
    film = Doorway(9.0, [4.6]).packets()
    for break_ in (film[:45], film[40:], film[40:]):
        camera.take(StreamHead("h264", frame_s=1 / FPS).packet())
        for packet in packets(break_, 20):
            camera.take(packet)
            clock.now_s += 1 / FPS
        clock.now_s += 10
    camera.end()
    assert door.total(Measure.CROSSINGS_IN) == 2
    assert exposure_s(door) == pytest.approx(1.5 + 5 + 5, abs=1)


@pytest.mark.parametrize("frame_s", [5e-324, float("nan"), float("inf"), -1.0, 0.0])
def test_an_absurd_rate_ends_nothing(frame_s: float) -> None:
    door, clock = Door(), Clock()
    camera = Camera(CameraPlan("a", view="overhead"), Eyes(BrightBoxes), door, clock.clocks)
    camera.take(StreamHead("h264", frame_s=frame_s).packet())
    for packet in packets(Doorway(1.0, []).packets(), 20):
        camera.take(packet)
        clock.now_s += 0.1
    assert all(value >= 0 for value in camera.figures().values())


@pytest.mark.parametrize("size_px", [(10_000, 10_000), (65_535, 65_535)])
def test_a_header_that_promises_too_much_gives_no_picture(size_px: tuple[int, int]) -> None:
    picture = Doorway(0.1, []).packets("mjpeg")[0].data
    for name, data in (("h264", huge_header.h264(*size_px)), ("mjpeg", huge_header.jpeg(picture, *size_px))):
        decoder = Decoder(StreamHead(name))
        with suppress(PictureTooLargeError):
            assert list(decoder.decode(Packet(PacketKind.PACKET, 0, True, data))) == []
        assert decoder.errors == 1
