"""Sources that cannot be read, or that misbehave: a clear message, the right exit status, no trace-back."""

import random
import socket
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from tests.support.clips import make_clip
from tests.support.program import in_words, passerby
from tests.support.rtsp_server import RtspServer, Serving

LINE = ("--line", "middle=0.5,1:0.5,0")
OVERHEAD = ("--view", "overhead", *LINE, "--json")
Server = Callable[[Serving], RtspServer]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "walk.mp4", seconds=4)


def test_no_such_file(tmp_path: Path) -> None:
    ran = passerby("count", tmp_path / "none.mp4", *OVERHEAD)
    assert ran.status == 2
    assert "no such file" in in_words(ran)


@pytest.mark.parametrize(("content", "words"), [(b"", "empty"), (b"no video at all\n" * 999, "not a video")])
def test_not_a_video(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_bytes(content)
    ran = passerby("count", path, *OVERHEAD)
    assert ran.status == 2
    assert words in in_words(ran)


def test_a_sound_file_is_not_a_video(tmp_path: Path) -> None:
    import av
    import numpy as np

    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), layout="mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
    ran = passerby("count", path, *OVERHEAD)
    assert ran.status == 2
    assert "not a video" in in_words(ran)


def test_an_empty_folder_holds_no_picture(tmp_path: Path) -> None:
    ran = passerby("count", tmp_path, *OVERHEAD)
    assert ran.status == 2
    assert "no picture" in in_words(ran)


def test_a_cut_file_is_counted_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "whole.ts", seconds=4)
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    ran = passerby("count", cut, *OVERHEAD)
    assert ran.status == 0, ran.err
    assert 5 <= ran.json["frames_read"] < 40


def test_damaged_packets_do_not_end_the_count(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "damaged.ts", seconds=4)
    data = bytearray(path.read_bytes())
    dice = random.Random(1)  # noqa: S311 - repeatable damage
    for _ in range(len(data) // 1250):  # one bit in ten thousand
        data[dice.randrange(2000, len(data))] ^= 1 << dice.randrange(8)
    path.write_bytes(data)
    ran = passerby("count", path, *OVERHEAD)
    assert ran.status == 0, ran.err
    assert ran.json["frames_read"] > 10


def test_a_size_that_changes_midway(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "sizes.h264", sizes=((320, 240), (640, 360)))
    ran = passerby("count", path, *OVERHEAD)
    assert ran.status == 0, ran.err
    assert ran.json["frames_read"] == 20
    assert "changed its size" in ran.json["warnings"][0]


def test_frames_at_uneven_times(tmp_path: Path) -> None:
    """Variable frame rate: what counts is when a frame was, not which it is."""
    import av

    path = tmp_path / "uneven.mkv"
    times_ms = [0, 40, 400, 410, 420, 1000, 1900, 2000]
    source = make_clip(tmp_path / "even.mp4", seconds=len(times_ms) / 10)
    with av.open(str(source)) as read, av.open(str(path), "w") as write:
        stream = write.add_stream("mpeg4", rate=1000, width=320, height=240, pix_fmt="yuv420p")
        for time_ms, frame in zip(times_ms, read.decode(video=0), strict=True):
            frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
            write.mux(stream.encode(frame))
        write.mux(stream.encode(None))
    ran = passerby("count", path, *OVERHEAD)
    assert ran.status == 0, ran.err
    assert ran.json["frames_read"] == len(times_ms)
    assert 2.0 <= ran.json["seconds"] <= 2.5
    assert ran.json["coverage"] < 0.95, "the gaps were not seen"


def test_a_line_outside_the_picture(clip: Path) -> None:
    ran = passerby("count", clip, "--view", "overhead", "--line", "door=10px,10px:900px,10px")
    assert ran.status == 2
    assert "900px,10px is outside the picture, which is 320x240" in in_words(ran)


def test_every_mistake_of_a_command_at_once(clip: Path) -> None:
    ran = passerby(
        "count",
        clip,
        "--line",
        "a=0.1,0.1:1.4,0.1",
        "--line",
        "b=0.1,0.2",
        "--line",
        "c=0,0:1,1",
        "--zone",
        "c=0,0:1,1:0,1",
    )
    assert ran.status == 2
    words = in_words(ran)
    assert "larger than 1" in words
    assert "a line has two points" in words
    assert "'c' stands twice" in words


@pytest.mark.parametrize("url", ["http://camera/stream", "rtsp://", "rtsp://[::1/x"])
def test_a_url_that_is_none(url: str) -> None:
    ran = passerby("count", url, *OVERHEAD)
    assert ran.status == 2
    in_words(ran)


def test_a_host_without_an_address() -> None:
    ran = passerby("count", "rtsp://user:secret-word@no-such-host.invalid/x", *OVERHEAD)
    assert ran.status == 2
    assert "no-such-host.invalid has no address" in in_words(ran)
    assert "secret-word" not in ran.err


def test_a_port_where_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ran = passerby("count", f"rtsp://127.0.0.1:{port}/x", *OVERHEAD)
    assert ran.status == 2
    assert "nothing listens" in in_words(ran)


@pytest.fixture
def mute_port() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []
        thread = threading.Thread(target=lambda: held.append(server.accept()[0]), daemon=True)
        thread.start()
        yield server.getsockname()[1]


def test_a_camera_that_says_nothing(mute_port: int) -> None:
    ran = passerby("count", f"rtsp://127.0.0.1:{mute_port}/x", *OVERHEAD)
    assert ran.status == 2
    assert "did not answer" in in_words(ran) or "stopped without closing" in ran.err


@pytest.mark.parametrize("password", ["", "user:wrong-word@"])
def test_a_camera_that_wants_a_password(password: str, rtsp_server: Server, clip: Path) -> None:
    server = rtsp_server(Serving(clip, user="user", password="right-word"))
    ran = passerby("count", server.url.replace("rtsp://", f"rtsp://{password}"), *OVERHEAD)
    assert ran.status == 2
    assert "refused the user name or the password" in in_words(ran)
    assert "wrong-word" not in ran.err


def test_a_camera_with_its_password(rtsp_server: Server, clip: Path) -> None:
    server = rtsp_server(Serving(clip, user="user", password="right word", end_after_s=3, loop=False))
    ran = passerby("count", server.url_with("user", "right%20word"), *OVERHEAD)
    assert ran.status == 0, ran.err
    assert ran.json["frames_read"] > 10
    assert "right" not in ran.out + ran.err


def test_a_camera_without_such_a_stream(rtsp_server: Server, clip: Path) -> None:
    ran = passerby("count", rtsp_server(Serving(clip)).url + "-none", *OVERHEAD)
    assert ran.status == 2
    assert "no such stream" in in_words(ran)


def test_a_stream_that_stalls(rtsp_server: Server, clip: Path) -> None:
    ran = passerby("count", rtsp_server(Serving(clip, stall_after_s=2)).url, *OVERHEAD)
    assert ran.status == 0, ran.err
    assert "stopped without closing" in ran.json["warnings"][0]
    assert ran.json["frames_read"] > 5


def test_a_stream_that_changes_its_size(rtsp_server: Server, clip: Path) -> None:
    server = rtsp_server(Serving(clip, resize_after_s=2, resize_to=(640, 360), end_after_s=4, loop=False))
    ran = passerby("count", server.url, *OVERHEAD)
    assert ran.status == 0, ran.err
    assert any("changed its size" in warning for warning in ran.json["warnings"])


def test_a_live_source_ends_after_the_given_time(rtsp_server: Server, clip: Path) -> None:
    ran = passerby("count", rtsp_server(Serving(clip)).url, *OVERHEAD, "--for", "4")
    assert ran.status == 0, ran.err
    assert ran.json["frames_read"] > 5


def test_standard_input(clip: Path, tmp_path: Path) -> None:
    stream = make_clip(tmp_path / "walk.ts", seconds=4)
    ran = passerby("count", "-", *OVERHEAD, stdin=stream.read_bytes())
    assert ran.status == 0, ran.err
    assert ran.json["frames_read"] == 40


def test_a_folder_of_pictures(tmp_path: Path) -> None:
    import av

    source = make_clip(tmp_path / "walk.mp4", seconds=3)
    folder = tmp_path / "pictures"
    folder.mkdir()
    with av.open(str(source)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            context = av.CodecContext.create("png", "w")
            context.width, context.height, context.pix_fmt = 320, 240, "rgb24"
            context.time_base = Fraction(1, 10)
            data = b"".join(bytes(packet) for packet in context.encode(frame.reformat(format="rgb24")))
            (folder / f"{index:03}.png").write_bytes(data)
    ran = passerby("count", folder, *OVERHEAD)
    assert ran.status == 0, ran.err
    assert ran.json["frames_read"] == 30


def test_no_model_of_that_name(clip: Path) -> None:
    ran = passerby("count", clip, *LINE, "--model", "no-such-model")
    assert ran.status == 2
    assert "no-such-model" in in_words(ran)
