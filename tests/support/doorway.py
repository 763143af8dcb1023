"""A doorway seen from above in which people cross the line of `tests.support.site.overhead_camera` at known moments, as
encoded video of any codec: what cameras with faults send.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from tests.support.overhead_scenes import Person, Scene, SceneKind
from tests.support.scripted_camera import Sent

FPS = 10
SIZE_PX = (320, 240)
WALK_S = 4.0
"""How long somebody is in the picture, the line in the middle of it."""
LEARN_S = 4.0
"""An empty doorway at first: by then it has been learnt."""

_BREADTH = 0.2
"""Of shoulders, as a share of the picture's width."""
_ENCODERS = {
    "h264": ("libx264", {"preset": "veryfast", "tune": "zerolatency", "x264-params": "repeat-headers=1:scenecut=0"}),
    "hevc": (
        "libx265",
        {"preset": "ultrafast", "tune": "zerolatency", "x265-params": "repeat-headers=1:scenecut=0:log-level=none"},
    ),
    "mjpeg": ("mjpeg", {"huffman": "default", "q": "5"}),
}


@dataclass(frozen=True)
class Doorway:
    """Who walks through, and for how long it is seen.

    Attributes:
        seconds: how long.
        starts_s: when each of those comes into the picture who cross the line to the right.
        size_px: width and height.
    """

    seconds: float
    starts_s: Sequence[float]
    size_px: tuple[int, int] = SIZE_PX

    @staticmethod
    def busy(seconds: float, size_px: tuple[int, int] = SIZE_PX) -> "Doorway":
        """Somebody comes as soon as the one before has left, and the last one leaves before the end."""
        count = int((seconds - LEARN_S - 1) / (WALK_S + 1))
        return Doorway(seconds, [LEARN_S + index * (WALK_S + 1) for index in range(count)], size_px)

    @property
    def crossings(self) -> int:
        """How often the line is crossed."""
        return len(self.starts_s)

    @property
    def crossings_s(self) -> tuple[float, ...]:
        """When the line is crossed."""
        return tuple(at + WALK_S / 2 for at in self.starts_s)

    def pictures(self) -> Iterator[av.VideoFrame]:
        """What is seen, `FPS` times a second."""
        width, height = self.size_px
        scene = Scene(3, SceneKind(people=1, plain=True, size_px=self.size_px, seconds=self.seconds))
        breadth = _BREADTH * width
        way = np.array([[-0.7 * breadth, height / 2], [width + 0.7 * breadth, height / 2]])
        colours = (np.array([40.0, 50, 220]), np.array([30.0, 35, 40]), np.array([110.0, 140, 190]))
        scene.people = [Person(np.array([at, at + WALK_S]), way, breadth, colours) for at in self.starts_s]
        scene._noise_rng = np.random.default_rng(4)  # `Scene.frames` has it otherwise
        for index in range(round(self.seconds * FPS)):
            frame = av.VideoFrame.from_ndarray(scene.draw(index / FPS), format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            yield frame

    def packets(self, codec: str = "h264", gop: int = 20) -> list[Sent]:
        """What is seen, encoded: a packet for each picture, a key frame each `gop` pictures, first of all one."""
        name, options = _ENCODERS[codec]
        context = av.CodecContext.create(name, "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height = self.size_px
        context.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS)
        context.gop_size, context.thread_count, context.options = gop, 1, options
        pictures = [picture.reformat(format=context.pix_fmt) for picture in self.pictures()]
        packets = [packet for picture in (*pictures, None) for packet in context.encode(picture)]
        return [Sent(index / FPS, bytes(packet), index / FPS) for index, packet in enumerate(packets)]


def moments_s(*doorways: Doorway) -> tuple[float, ...]:
    """When the line is crossed, where one is seen after the other."""
    found, start_s = [], 0.0
    for one in doorways:
        found += [start_s + at_s for at_s in one.crossings_s]
        start_s += one.seconds
    return tuple(found)


def again(packets: Sequence[Sent], times: int) -> list[Sent]:
    """The same so often, one after the other."""
    length_s = len(packets) / FPS
    return [
        replace(one, at_s=one.at_s + turn * length_s, says_s=one.says_s + turn * length_s)
        for turn in range(times)
        for one in packets
    ]


def one_after_the_other(*parts: Sequence[Sent]) -> list[Sent]:
    """Parts of a film in one stream."""
    joined: list[Sent] = []
    for part in parts:
        start_s = len(joined) / FPS
        joined += [replace(one, at_s=one.at_s + start_s, says_s=one.says_s + start_s) for one in part]
    return joined


def flipped(packets: Sequence[Sent], rate: float, seed: int) -> list[Sent]:
    """The same with one bit flipped in each of so many bytes."""
    dice = random.Random(seed)
    return [replace(one, data=bytes(_flipped(one.data, rate, dice))) for one in packets]


def _flipped(data: bytes, rate: float, dice: random.Random) -> Iterator[int]:
    for byte in data:
        yield byte ^ (1 << dice.randrange(8)) if dice.random() < rate else byte
