"""From packets to pictures: decoding, time, choice and size of frames."""

import struct
import zlib
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from passerby.gate.packets import Packet, PacketKind, StreamHead
from passerby.pixels.frames import (
    Decoder,
    MediaClock,
    NoDecoderError,
    PictureTooLargeError,
    Sampler,
    Scaler,
)
from tests.support.clips import make_clip

US = 1_000_000


# Time


def times(clock: MediaClock, stamps_s: list[float | None], wall_s: list[float] | None = None) -> list[float]:
    walls = wall_s or [0.0] * len(stamps_s)
    return [
        clock.time_s(None if stamp is None else round(stamp * US), wall)
        for stamp, wall in zip(stamps_s, walls, strict=True)
    ]


def test_a_recording_is_believed_and_begins_at_nought() -> None:
    assert times(MediaClock(live=False), [7.0, 7.1, 7.5, 9.5]) == pytest.approx([0, 0.1, 0.5, 2.5])


def test_frames_without_a_time_follow_the_frame_rate() -> None:
    clock = MediaClock(live=False)
    clock.restart(0.1)
    assert times(clock, [None, None, None]) == pytest.approx([0, 0.1, 0.2])
    assert times(clock, [0.3, None, 0.5]) == pytest.approx([0.3, 0.4, 0.5])


@pytest.mark.parametrize("jump_s", [-3600.0, -1.0, 11.0, 1e6])
def test_a_jump_in_a_recording_is_mended_by_the_frame_rate(jump_s: float) -> None:
    clock = MediaClock(live=False)
    found = times(clock, [100.0, 100.04, 100.08 + jump_s, 100.12 + jump_s])
    assert found == pytest.approx([0, 0.04, 0.08, 0.12])
    assert clock.jumps == 1


def test_neighbours_in_the_wrong_order_are_no_jump_and_time_stands_still() -> None:
    clock = MediaClock(live=False)
    found = times(clock, [0.0, 0.08, 0.04, 0.12])
    assert found == pytest.approx([0, 0.08, 0.08, 0.12])
    assert clock.jumps == 0


def test_a_pause_of_a_recording_is_believed() -> None:
    """A camera that records movement alone: the gap was there, and is not seen."""
    clock = MediaClock(live=False)
    assert times(clock, [0.0, 0.1, 9.0])[-1] == pytest.approx(9.0)
    assert clock.jumps == 0


def test_time_never_runs_backwards() -> None:
    dice = np.random.default_rng(4)
    for live in (False, True):
        clock = MediaClock(live=live)
        stamps = [None if dice.random() < 0.2 else float(dice.normal(0, 30)) for _ in range(500)]
        found = times(clock, stamps, sorted(dice.uniform(0, 100, 500)))
        assert all(after >= before for before, after in pairwise(found))


def test_a_live_stream_is_believed_while_it_keeps_up_with_the_clock() -> None:
    """Frames come in bursts; their own times say when they were."""
    clock = MediaClock(live=True)
    walls = [0.0, 0.5, 0.5, 0.5, 0.5, 1.0]
    found = times(clock, [50.0, 50.1, 50.2, 50.3, 50.4, 50.5], walls)
    assert found == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5], abs=1e-3)
    assert clock.jumps == 0


@pytest.mark.parametrize("millionths", [-100, -20, 20, 100])
def test_a_camera_whose_clock_is_a_little_off_never_seems_late_over_days(millionths: int) -> None:
    """A worker that is late looks less often: for most of each day, so it was with a camera whose clock is slow."""
    clock = MediaClock(live=True)
    walls = [float(second) for second in range(4 * 86_400)]
    clock.restart(1.0)
    found = times(clock, [wall * (1 + millionths / 1e6) for wall in walls], walls)
    assert max(abs(wall - time_s) for time_s, wall in zip(found, walls, strict=True)) < 0.35
    assert clock.jumps == 0


@pytest.mark.parametrize("rate", [0.5, 0.99, 1.01, 2.0])
def test_a_camera_whose_clock_runs_wrong_stays_near_the_clock_on_the_wall(rate: float) -> None:
    clock = MediaClock(live=True)
    walls = [i / 10 for i in range(36_000)]
    found = times(clock, [wall * rate for wall in walls], walls)
    assert max(abs(time_s - wall) for time_s, wall in zip(found, walls, strict=True)) <= 5.5
    assert all(after >= before for before, after in pairwise(found))


def test_a_live_stream_that_comes_back_goes_on_at_the_time_on_the_wall() -> None:
    clock = MediaClock(live=True)
    times(clock, [0.0, 0.1], [0.0, 0.1])
    clock.restart(0.1)
    found = times(clock, [0.0, 0.1, 0.2], [60.0, 60.1, 60.2])
    assert found == pytest.approx([60, 60.1, 60.2])
    assert clock.jumps == 0, "a new stream has times of its own"


def test_a_live_stream_without_times_has_those_of_the_wall() -> None:
    clock = MediaClock(live=True)
    assert times(clock, [None] * 3, [0.0, 1.0, 2.0]) == pytest.approx([0, 1, 2], abs=0.05)


def test_a_frame_time_that_makes_no_sense_is_not_taken() -> None:
    clock = MediaClock(live=False)
    for frame_s in (0.0, -1.0):
        clock.restart(frame_s)
        assert clock.frame_s == 0.04
    clock.restart(3600.0)
    assert clock.frame_s == 1.0


# Choice


def chosen(stamps_s: list[float], frame_s: float, analysed_fps: float = 8.0) -> list[float]:
    sampler = Sampler(analysed_fps)
    return [time_s for time_s in stamps_s if sampler.wants(time_s, frame_s)]


@pytest.mark.parametrize("fps", [60, 30, 25, 15, 12, 10, 8])
def test_eight_looks_a_second_whatever_the_rate_of_the_stream(fps: int) -> None:
    found = chosen([i / fps for i in range(60 * fps)], 1 / fps)
    assert len(found) == pytest.approx(480, abs=2)
    assert np.diff(found).max() <= 1 / 8 + 1 / fps + 1e-9


@pytest.mark.parametrize("fps", [5, 6, 1])
def test_a_slower_stream_is_looked_at_whole(fps: int) -> None:
    stamps = [i / fps for i in range(60 * fps)]
    assert chosen(stamps, 1 / fps) == stamps


def test_an_uneven_stream_is_looked_at_no_faster_than_asked() -> None:
    dice = np.random.default_rng(5)
    stamps = np.cumsum(dice.choice([0.01, 0.04, 0.2, 1.5], 4000, p=[0.4, 0.4, 0.15, 0.05])).tolist()
    found = chosen(stamps, 0.04)
    edges = np.searchsorted(found, np.arange(0, stamps[-1], 10))
    assert np.diff(edges).max() <= 82, "in ten seconds"
    assert np.diff(found).max() <= 1.5 + 0.2


def test_after_a_gap_there_is_no_burst_to_catch_up() -> None:
    stamps = [i / 25 for i in range(50)] + [600 + i / 25 for i in range(50)]
    after = [time_s for time_s in chosen(stamps, 0.04) if time_s >= 600]
    assert after[0] == 600
    assert np.diff(after).min() >= 0.07


# Size


def blank(width: int, height: int, pixel_format: str = "yuv420p") -> VideoFrame:
    return VideoFrame(width, height, pixel_format)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ((1920, 1080), (416, 234)),
        ((1080, 1920), (144, 256)),
        ((384, 288), (341, 256)),
        ((416, 256), (416, 256)),
        ((100, 100), (256, 256)),
        ((641, 359), (416, 233)),
        ((4000, 2), (416, 2)),
        ((2, 4000), (2, 256)),
    ],
)
def test_a_frame_fits_and_keeps_its_shape(source: tuple[int, int], expected: tuple[int, int]) -> None:
    scaler = Scaler((416, 256))
    assert scaler.size_of(blank(*source)) == expected
    picture = scaler.scale(blank(*source))
    assert picture.shape == (expected[1], expected[0], 3)
    assert picture.dtype.name == "uint8"


@pytest.mark.parametrize(
    "pixel_format", ["yuv420p", "yuvj420p", "nv12", "yuv422p10le", "gray", "rgb24", "pal8", "rgba"]
)
def test_any_format_of_a_decoder_becomes_bgr(pixel_format: str) -> None:
    assert Scaler((416, 256)).scale(blank(101, 77, pixel_format)).shape == (256, 336, 3)


def test_colours_and_places_survive() -> None:
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[:, :100] = (255, 0, 0)  # left half red, in RGB
    scaled = Scaler((100, 50)).scale(VideoFrame.from_ndarray(picture, format="rgb24"))
    assert scaled[25, 20].tolist() == pytest.approx([0, 0, 255], abs=3)
    assert scaled[25, 80].tolist() == pytest.approx([0, 0, 0], abs=3)


# Decoding


def clip(path: Path, codec: str = "libx264") -> tuple[StreamHead, list[Packet]]:
    """A small clip as the feed hands it over."""
    make_clip(path, codec)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        head = StreamHead(stream.codec_context.name, extradata=stream.codec_context.extradata or b"")
        packets = [
            Packet(PacketKind.PACKET, round((one.pts or 0) * stream.time_base * US), one.is_keyframe, bytes(one))
            for one in container.demux(stream)
            if one.size and stream.time_base
        ]
    return head, packets


def decode(decoder: Decoder, packets: list[Packet]) -> list[VideoFrame]:
    return [*(frame for packet in packets for frame in decoder.decode(packet)), *decoder.flush()]


def test_every_frame_comes_out_with_its_time(tmp_path: Path) -> None:
    head, packets = clip(tmp_path / "a.mp4")
    frames = decode(Decoder(head), packets)
    assert [frame.pts for frame in frames] == [i * 100_000 for i in range(20)]


def test_a_codec_without_a_decoder() -> None:
    for name in ("no-such-codec", "", "pcm_s16le"):
        with pytest.raises(NoDecoderError):
            Decoder(StreamHead(name))


def test_damaged_packets_are_counted_and_decoding_goes_on(tmp_path: Path) -> None:
    head, packets = clip(tmp_path / "a.mp4")
    damaged = [
        Packet(one.kind, one.pts_us, one.key, b"\x00\x00\x00\x01nonsense" * 9) if 3 <= i < 6 else one
        for i, one in enumerate(packets)
    ]
    decoder = Decoder(head)
    assert len(decode(decoder, damaged)) >= 10
    assert decoder.errors > 0


def test_an_empty_stream_gives_no_frame() -> None:
    decoder = Decoder(StreamHead("h264"))
    assert decode(decoder, [Packet(PacketKind.PACKET, payload=b"\x00" * 100)]) == []


def huge_png(width: int, height: int) -> bytes:
    """A picture that claims a size and has next to no content."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", content) + chunk(b"IEND", b"")


def huge(codec: str, width: int, height: int) -> bytes:
    """A grey picture, really encoded."""
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.time_base = width, height, Fraction(1, 10)
    context.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    frame = VideoFrame(width, height, context.pix_fmt)
    frame.pts = 0
    return b"".join(bytes(one) for one in [*context.encode(frame), *context.encode(None)])


def test_a_picture_that_claims_too_much_is_refused_before_its_memory_is_taken() -> None:
    decoder = Decoder(StreamHead("png"))
    with pytest.raises(PictureTooLargeError):
        decode(decoder, [Packet(PacketKind.PACKET, payload=huge_png(7_000, 7_000))])


@pytest.mark.parametrize(("codec", "decoder"), [("mjpeg", "mjpeg"), ("libx264", "h264")])
def test_a_picture_that_is_too_large_is_told(codec: str, decoder: str) -> None:
    with pytest.raises(PictureTooLargeError):
        decode(Decoder(StreamHead(decoder)), [Packet(PacketKind.PACKET, payload=huge(codec, 8_000, 5_000))])


def test_after_a_head_that_was_damaged_decoding_goes_on() -> None:
    decoder = Decoder(StreamHead("png"))
    with pytest.raises(PictureTooLargeError):
        list(decoder.decode(Packet(PacketKind.PACKET, payload=huge_png(7_000, 7_000))))
    assert len(list(decoder.decode(Packet(PacketKind.PACKET, payload=huge_png(64, 10))))) == 1


def test_a_picture_beyond_all_bounds_is_damage() -> None:
    decoder = Decoder(StreamHead("png"))
    assert decode(decoder, [Packet(PacketKind.PACKET, payload=huge_png(30_000, 30_000))]) == []
    assert decoder.errors == 1


def test_a_stream_that_states_too_much_is_told() -> None:
    head = StreamHead("h264", width_px=60_000, height_px=60_000)
    with pytest.raises(PictureTooLargeError):
        decode(Decoder(head), [Packet(PacketKind.PACKET, payload=b"\x00\x00\x00\x01nonsense")])


@pytest.mark.parametrize("codec", ["png", "mjpeg", "bmp", "tiff"])
def test_a_picture_is_the_same_whatever_came_before(codec: str) -> None:
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.time_base = 64, 48, Fraction(1, 8)
    encoder.pix_fmt = "yuvj420p" if codec == "mjpeg" else "bgr24" if codec == "bmp" else "rgb24"
    levels = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)
    frame = VideoFrame.from_ndarray(levels, format="rgb24").reformat(format=encoder.pix_fmt)
    picture = b"".join(bytes(one) for one in (*encoder.encode(frame), *encoder.encode(None)))
    decoder = Decoder(StreamHead(codec))
    packets = [Packet(PacketKind.PACKET, payload=picture)] * 3
    shown = [one.to_ndarray(format="rgb24") for packet in packets for one in decoder.decode(packet)]
    shown += [one.to_ndarray(format="rgb24") for one in decoder.flush()]
    assert len(shown) == 3
    for again in shown[1:]:
        np.testing.assert_array_equal(again, shown[0])
