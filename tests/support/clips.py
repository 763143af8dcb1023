"""Small video files made on the spot, with a bright box that walks through a dark picture."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def make_clip(
    path: Path,
    codec: str = "libx264",
    seconds: float = 2.0,
    fps: int = 10,
    sizes: tuple[tuple[int, int], ...] = ((320, 240),),
) -> Path:
    """Writes a clip; with several sizes, one after the other in equal parts, as a camera that is set anew midway."""
    if len(sizes) == 1:
        _mux(path, codec, sizes[0], (round(seconds * fps), fps))
    else:
        path.write_bytes(b"".join(_encode(codec, size, round(seconds * fps / len(sizes)), fps) for size in sizes))
    return path


def make_walks(path: Path, walks: int, every_s: float, lead_s: float = 4.0, tail_s: float = 10.0) -> Path:
    """Writes a clip in which nobody is at first, and then a box walks through the picture, again and again.

    Each walk takes three quarters of `every_s`. The scene is learnt meanwhile, and nobody is there at the end.
    """
    fps, nobody = 10, av.VideoFrame.from_ndarray(np.full((240, 320, 3), 40, np.uint8), format="rgb24")
    steps = round(every_s * fps)
    walk = _frames((320, 240), steps * 3 // 4)
    once = [*walk, *[nobody] * (steps - len(walk))]
    lead, tail = [nobody] * round(lead_s * fps), [nobody] * round(tail_s * fps)
    _write(path, "libx264", [*lead, *once * walks, *tail], fps)
    return path


def _frames(size: tuple[int, int], count: int) -> list[av.VideoFrame]:
    width, height = size
    frames = []
    for index in range(count):
        picture = np.full((height, width, 3), 40, np.uint8)
        x = round((width - 40) * index / max(1, count - 1))
        picture[height // 3 : height // 3 + 80, x : x + 40] = 220
        frames.append(av.VideoFrame.from_ndarray(picture, format="rgb24"))
    return frames


def _stream(container: av.container.OutputContainer, codec: str, size: tuple[int, int], fps: int) -> av.VideoStream:
    stream = container.add_stream(codec, rate=fps)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height = size
    stream.time_base = Fraction(1, fps)
    formats = stream.codec_context.codec.video_formats or []
    names = [one.name for one in formats]
    stream.pix_fmt = "yuv420p" if not names or "yuv420p" in names else names[0]
    if codec == "mjpeg":
        stream.pix_fmt = "yuvj420p"
    return stream


def _mux(path: Path, codec: str, size: tuple[int, int], length: tuple[int, int]) -> None:
    count, fps = length
    _write(path, codec, _frames(size, count), fps)


def _write(path: Path, codec: str, frames: list[av.VideoFrame], fps: int) -> None:
    with av.open(str(path), "w") as container:
        stream = _stream(container, codec, (frames[0].width, frames[0].height), fps)
        for index, frame in enumerate(frames):
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _encode(codec: str, size: tuple[int, int], count: int, fps: int) -> bytes:
    """A raw elementary stream, which can be put behind another one."""
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = size
    context.pix_fmt, context.time_base = "yuv420p", Fraction(1, fps)
    context.options = {"x264-params": "repeat-headers=1:keyint=10"}
    data = b""
    for index, frame in enumerate(_frames(size, count)):
        frame.pts = index
        data += b"".join(bytes(packet) for packet in context.encode(frame))
    return data + b"".join(bytes(packet) for packet in context.encode(None))
