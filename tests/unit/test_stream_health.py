"""How a stream comes, told by its packets: no picture is needed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.gate.audit_contract import VideoFacts
from passerby.gate.audit_figures import Figures
from passerby.gate.messages import CameraPlan, HealthFigure
from passerby.gate.packets import Packet, PacketKind, StreamHead
from passerby.pixels.stream_health import StreamHealth


def facts(health: StreamHealth, now_s: float) -> VideoFacts:
    """As the site would read it."""
    figures = Figures(CameraPlan("door"))
    for figure, value in health.figures(now_s).items():
        figures.take(figure, value)
    return figures.facts().video


def sent(fps: float, seconds: float, gop: int = 10, codec: str = "h264", announced: float = 25.0) -> StreamHealth:
    health = StreamHealth(live=True)
    health.take(StreamHead(codec, frame_s=1 / announced).packet(), 0.0)
    for n in range(round(fps * seconds)):
        health.take(Packet(PacketKind.PACKET, round(n / fps * 1e6), n % gop == 0), n / fps)
    return health


def test_a_camera_that_announces_25_and_sends_8_is_told_as_8() -> None:
    told = facts(sent(8, 30), 30.0)
    assert (told.fps, told.announced_fps, told.codec) == (8.0, 25.0, "h264")


@pytest.mark.parametrize(("codec", "told"), [("hevc", "hevc"), ("mjpeg", "other"), ("h264", "h264")])
def test_codecs(codec: str, told: str) -> None:
    assert facts(sent(10, 12, codec=codec), 12.0).codec == told


def test_nothing_is_told_of_ten_seconds_that_have_not_passed_and_silence_is_no_rate() -> None:
    health = sent(20, 9)
    assert facts(health, 9.0).fps is None
    assert facts(health, 30.0).fps == 0.0


def test_what_was_dropped_here_came() -> None:
    health = sent(10, 20)
    health.take(Packet(PacketKind.GAP, 50), 19.9)
    assert facts(health, 20.0).fps == 15.0


def test_the_longest_time_between_key_frames_also_of_those_that_do_not_end() -> None:
    assert facts(sent(10, 30, gop=40), 30.0).keyframe_every_s == 4.0
    assert facts(sent(10, 29, gop=1000), 29.0).keyframe_every_s == pytest.approx(29.0, abs=0.5)
    assert facts(sent(10, 5, gop=1000), 5.0).keyframe_every_s is None


def test_frames_left_out_are_stutter_and_b_frames_are_not() -> None:
    health = StreamHealth(live=True)
    times = [n / 20 for n in range(400) if n % 10]
    for n in range(0, len(times) - 1, 2):
        for time_s in (times[n + 1], times[n]):
            health.take(Packet(PacketKind.PACKET, round(time_s * 1e6)), time_s)
    assert facts(health, 20.0).stutter == pytest.approx(1 / 9, abs=0.02)
    assert facts(sent(20, 20), 20.0).stutter == 0.0


def test_a_recording_goes_by_its_own_times() -> None:
    health = StreamHealth(live=False)
    for n in range(240):
        health.take(Packet(PacketKind.PACKET, round(n * 1e6 / 12), n % 12 == 0), 0.0)
    assert facts(health, 0.0).fps == 12.0


@given(st.lists(st.tuples(st.integers(-(2**62), 2**62), st.booleans(), st.floats(0, 40)), max_size=60))
def test_any_times_give_figures_on_their_scales(story: list[tuple[int, bool, float]]) -> None:
    health, now_s = StreamHealth(live=True), 0.0
    health.take(StreamHead("h264", frame_s=float(Fraction(1, 25))).packet(), 0.0)
    for pts_us, key, pause_s in story:
        now_s += pause_s
        health.take(Packet(PacketKind.PACKET, pts_us, key), now_s)
        told = facts(health, now_s)
        assert told.fps is None or 0 <= told.fps <= 63.5
        assert told.stutter is None or 0 <= told.stutter <= 1
    assert HealthFigure.CODEC in health.figures(now_s)
