"""A doorway from straight above, as long as is wanted: every twelve seconds somebody walks in and somebody walks out.

A camera that shows it begins at its beginning for everybody who connects, so that it is known to the second who crossed
the line while somebody looked.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

FPS = 8
WIDTH_PX, HEIGHT_PX = 160, 120
LOOP_S = 12.0
"""So often it begins again, without a seam."""
WALK_S = 3.5
"""From edge to edge of the picture."""
BEGINS_S = {"crossings_in": 4.0, "crossings_out": 7.5}
"""When in a loop somebody comes into the picture. Before the first of them the floor is empty while it is learnt."""
_RADIUS_PX = 11
_NOISE = 1.0


def crossings_s(measure: str, shown_s: float) -> list[float]:
    """When somebody met the line in the first `shown_s` seconds of the film."""
    first_s = BEGINS_S[measure] + WALK_S / 2
    return [at for loop in range(int(shown_s / LOOP_S) + 1) if (at := first_s + loop * LOOP_S) <= shown_s]


def film(path: Path, seconds: float) -> Path:
    """Writes the film, H.264 in Matroska. One loop is encoded, and written as often as it fits."""
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
    context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS)
    context.options = {"crf": "26", "preset": "veryfast", "tune": "zerolatency", "g": str(FPS), "sc_threshold": "0"}
    loop = _encoded(context)
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        for number in range(int(seconds / LOOP_S) + 1):
            for index, (data, key) in enumerate(loop):
                packet = av.Packet(data)
                packet.stream, packet.time_base = stream, Fraction(1, FPS)
                packet.pts = packet.dts = number * len(loop) + index
                packet.is_keyframe = key
                container.mux(packet)
    return path


def _encoded(context: av.VideoCodecContext) -> list[tuple[bytes, bool]]:
    """The packets of one loop, one for each frame, and whether it is a key frame."""
    packets = [packet for frame in (*_frames(), None) for packet in context.encode(frame)]
    return [(bytes(packet), packet.is_keyframe) for packet in packets]


def _frames() -> Iterator[av.VideoFrame]:
    rng = np.random.default_rng(5)
    floor = rng.integers(90, 130, (HEIGHT_PX, WIDTH_PX, 1)).repeat(3, axis=2)
    for index in range(round(LOOP_S * FPS)):
        picture = floor.astype(np.float64)
        for x, y in _people(index / FPS):
            _draw(picture, x, y)
        picture += rng.normal(0, _NOISE, picture.shape)
        frame = av.VideoFrame.from_ndarray(picture.clip(0, 255).astype(np.uint8), format="rgb24")
        frame.pts = index
        yield frame


def _people(time_s: float) -> Iterable[tuple[float, float]]:
    """Where people are: who goes in walks to the right, over a line in the middle that points upwards."""
    for measure, begins_s in BEGINS_S.items():
        share = (time_s - begins_s) / WALK_S
        if 0 <= share <= 1:
            way_px = share * (WIDTH_PX + 4 * _RADIUS_PX) - 2 * _RADIUS_PX
            yield (way_px, 50.0) if measure == "crossings_in" else (WIDTH_PX - way_px, 70.0)


def _draw(picture: NDArray[np.float64], x: float, y: float) -> None:
    """A disc, somebody in plain light clothes."""
    rows, columns = np.indices(picture.shape[:2])
    picture[(columns - x) ** 2 + (rows - y) ** 2 < _RADIUS_PX**2] = 220, 110, 73
