"""Clips of somebody who crosses the picture again and again, seen from above, so that the truth is known."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SIZE_PX = (160, 120)
FPS = 10
EVERY_S = 2.5
FIRST_S = 2.0
_WALK_S = 2.0
_SIDE_PX = 26
Colour = tuple[int, int, int]
WHITE, YELLOW = (250, 250, 250), (250, 250, 0)


def crossed_by(seconds: float) -> int:
    """How many have crossed the middle in so many seconds of a clip, at most."""
    return max(0, int((seconds - FIRST_S - _WALK_S / 2) / EVERY_S) + 1) if seconds >= FIRST_S + _WALK_S / 2 else 0


def crossing_clip(path: Path, crossings: int, mark: tuple[float, Colour] | None = None) -> Path:
    """Writes a clip in which so many people go from left to right, one after the other, and then nobody for a while.

    Args:
        path: its ending says what kind of file it becomes.
        crossings: how many people.
        mark: from when on all is of one colour.
    """
    width, height = SIZE_PX
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": f"keyint={FPS}"}
        stream = container.add_stream("libx264", rate=FPS, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for index in range(round((FIRST_S + EVERY_S * crossings + 1) * FPS)):
            picture = _picture(index / FPS, crossings)
            if mark and index / FPS >= mark[0]:
                picture[:] = mark[1]
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _picture(time_s: float, crossings: int) -> NDArray[np.uint8]:
    width, height = SIZE_PX
    picture = np.full((height, width, 3), 40, np.uint8)
    who, since_s = divmod(time_s - FIRST_S, EVERY_S)
    if 0 <= who < crossings and since_s < _WALK_S:
        x = round((width + _SIDE_PX) * since_s / _WALK_S) - _SIDE_PX
        top = (height - _SIDE_PX) // 2
        picture[top : top + _SIDE_PX, max(0, x) : max(0, x + _SIDE_PX)] = 200
    return picture
