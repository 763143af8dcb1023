"""Clips for cameras with a known fault: a sharp one and a blurred one, of any size and rate."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

_TILES = 9
Picture = NDArray[np.uint8]


def tiles(size: tuple[int, int]) -> Picture:
    """A wall of tiles of many colours, as clear as a picture can be: uint8 (h, w, 3)."""
    width, height = size
    side = height // _TILES
    colours = np.random.default_rng(7).integers(40, 216, (_TILES + 1, width // side + 1, 3), np.uint8)
    wall: Picture = np.kron(colours, np.ones((side, side, 1), np.uint8))[:height, :width]
    return wall


def blurred(picture: Picture) -> Picture:
    """The same, out of focus by a fiftieth of its height."""
    side = picture.shape[0] // 50
    soft = picture.astype(np.float32)
    for axis in (0, 1, 0, 1):  # twice a box is near to a bell
        padded = np.pad(soft, [(side, side) if i == axis else (0, 0) for i in range(3)], mode="edge")
        sums = np.cumsum(padded, axis=axis, dtype=np.float64)
        count = soft.shape[axis]
        soft = (np.take(sums, range(2 * side, 2 * side + count), axis) - np.take(sums, range(count), axis)) / (2 * side)
    return soft.astype(np.uint8)


def clip(path: Path, ground: Picture, fps: int, *, frozen: bool = False, seconds: float = 50.0) -> Path:
    """Something walks in front of a ground, and no picture comes twice; frozen: the same picture all the time.

    A key frame comes each two seconds. Matroska, to be served as it is: that costs next to nothing, so that the rate is
    right on a busy machine.
    """
    count = round(seconds * fps)
    with av.open(str(path), "w", format="matroska") as container:
        options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "crf": "20",
            "x264-params": f"keyint={2 * fps}:scenecut=0",
        }
        stream = container.add_stream("libx264", rate=fps, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = ground.shape[:2]
        stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, fps)
        pictures = (_walked(ground, 0.0 if frozen else index / count) for index in range(2 * fps if frozen else count))
        packets = [packet for picture in pictures for packet in stream.encode(picture)] + list(stream.encode(None))
        for index in range(count):
            taken = packets[index % len(packets)]
            packet = av.Packet(bytes(taken))
            packet.pts = packet.dts = index
            packet.time_base, packet.is_keyframe, packet.stream = Fraction(1, fps), taken.is_keyframe, stream
            container.mux(packet)
    return path


def _walked(ground: Picture, part: float) -> av.VideoFrame:
    """A frame in which somebody has walked a part of the way, 0..1."""
    height, width = ground.shape[:2]
    side, picture = height // 6, ground.copy()
    x = round((width - side) * part)
    picture[side : 3 * side, x : x + side] = (200, 60, 60)
    return av.VideoFrame.from_ndarray(picture, format="rgb24")
