"""Clips for cameras with a known fault: sharp and living, small and slow, frozen and blurred."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

_BLOCK_PX = 8
Picture = NDArray[np.uint8]


def texture(size: tuple[int, int]) -> Picture:
    """A picture full of edges and colours, bright and dark in equal parts: uint8 (h, w, 3)."""
    width, height = size
    colours = np.random.default_rng(7).integers(40, 216, (height // _BLOCK_PX, width // _BLOCK_PX, 3), np.uint8)
    return np.kron(colours, np.ones((_BLOCK_PX, _BLOCK_PX, 1), np.uint8))


def living_clip(path: Path, size: tuple[int, int], fps: int, seconds: float = 6.0) -> Path:
    """A sharp picture through which something walks, there and back."""
    ground, count = texture(size), round(fps * seconds)
    side = size[1] // 6
    frames = []
    for index in range(count):
        frame = ground.copy()
        x = round((size[0] - side) * (1 - abs(2 * index / count - 1)))
        frame[side : 3 * side, x : x + side] = (200, 60, 60)
        frames.append(frame)
    return _write(path, frames, fps)


def still_clip(path: Path, size: tuple[int, int], fps: int, seconds: float = 6.0) -> Path:
    """One picture without an edge, again and again."""
    width, height = size
    across = np.cos(np.linspace(0, 2 * np.pi, width))[None, :, None]
    down = np.cos(np.linspace(0, np.pi, height))[:, None, None]
    frame = (120 + 50 * across * down * np.array([1.0, 0.4, -0.6])).astype(np.uint8)
    return _write(path, [frame] * round(fps * seconds), fps)


def _write(path: Path, frames: list[Picture], fps: int) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "18"})
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, fps)
        for index, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
