"""The stand-in camera is itself a real part, so it is tested: PyAV must see what was asked for."""

import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from av.container import InputContainer

from tests.support.rtsp_server import RtspServer, Serving

Start = Callable[[Serving], RtspServer]
PATIENCE_S = 60.0


def opened(url: str, patience_s: float = PATIENCE_S) -> InputContainer:
    """A stream; so long it waits for an answer, and for each packet."""
    return av.open(url, options={"rtsp_transport": "tcp", "timeout": str(round(1e6 * patience_s))}, timeout=patience_s)


def frames(url: str, count: int, patience_s: float = PATIENCE_S) -> tuple[str, list[tuple[int, int]]]:
    """Codec and the sizes of the first frames."""
    sizes: list[tuple[int, int]] = []
    with opened(url, patience_s) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            sizes.append((frame.width, frame.height))
            if len(sizes) >= count:
                break
        return stream.codec_context.name, sizes


@pytest.mark.parametrize(("codec", "decoder"), [("h264", "h264"), ("h265", "hevc"), ("mjpeg", "mjpeg")])
def test_each_codec_is_served(codec: str, decoder: str, real_clip: Path, rtsp_server: Start) -> None:
    server = rtsp_server(Serving(real_clip, codec=codec))  # type: ignore[arg-type] # parametrize knows only str
    assert frames(server.url, 5) == (decoder, [(768, 576)] * 5)


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_pictures_arrive_whole(codec: str, real_clip: Path, rtsp_server: Start) -> None:
    """One picture for each frame, and each looks like the clip; a picture in slices must not be cut in two."""
    server = rtsp_server(Serving(real_clip, codec=codec))  # type: ignore[arg-type] # parametrize knows only str
    with av.open(str(real_clip)) as clip, opened(server.url) as stream:
        for _, sent, got in zip(range(25), clip.decode(video=0), stream.decode(video=0), strict=False):
            apart = np.abs(sent.to_ndarray(format="gray").astype(int) - got.to_ndarray(format="gray"))
            assert apart.mean() < 8


@pytest.mark.parametrize("digest", [True, False])
def test_a_password_is_asked_for(digest: bool, real_clip: Path, rtsp_server: Start) -> None:
    server = rtsp_server(Serving(real_clip, user="door", password="s3cret", digest=digest))
    with pytest.raises(av.HTTPUnauthorizedError):
        frames(server.url, 1)
    with pytest.raises(av.HTTPUnauthorizedError):
        frames(server.url_with("door", "wrong"), 1)
    assert len(frames(server.url_with("door", "s3cret"), 2)[1]) == 2


def test_tls(real_clip: Path, certificate: Path, rtsp_server: Start) -> None:
    server = rtsp_server(Serving(real_clip, certificate=certificate))
    assert server.url.startswith("rtsps://")
    assert len(frames(server.url, 2)[1]) == 2


def test_the_picture_changes_its_size(real_clip: Path, rtsp_server: Start) -> None:
    server = rtsp_server(Serving(real_clip, resize_after_s=0.5, resize_to=(320, 240)))
    assert set(frames(server.url, 20)[1]) == {(768, 576), (320, 240)}


def test_it_ends(real_clip: Path, rtsp_server: Start) -> None:
    server = rtsp_server(Serving(real_clip, end_after_s=1.0))
    begin = time.monotonic()
    assert 5 <= len(frames(server.url, 1000)[1]) <= 15
    assert time.monotonic() - begin < 30


def test_it_stalls(real_clip: Path, rtsp_server: Start) -> None:
    server = rtsp_server(Serving(real_clip, stall_after_s=1.0))
    # Where the reader was when its patience ended decides which of these it is.
    with pytest.raises((av.error.TimeoutError, av.error.ExitError, av.error.OSError)):
        frames(server.url, 1000, 4.0)


def test_it_loops(tmp_path: Path, rtsp_server: Start) -> None:
    short = tmp_path / "short.mp4"
    with av.open(str(short), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode())
    assert len(frames(rtsp_server(Serving(short)).url, 12)[1]) == 12


def test_switched_off_and_on_again_at_the_same_address(real_clip: Path, rtsp_server: Start) -> None:
    server = rtsp_server(Serving(real_clip))
    url = server.url
    frames(url, 1)
    server.stop()
    with pytest.raises(av.error.ConnectionRefusedError):
        frames(url, 1)
    server.start()
    assert server.url == url
    assert len(frames(url, 1)[1]) == 1
