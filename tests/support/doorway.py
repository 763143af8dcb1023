"""A doorway seen from above in which people cross the line of `tests.support.site.overhead_camera` at known moments, as
encoded video of any codec: what cameras with faults send.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np

from tests.support.overhead_scenes import Person, Scene, SceneKind

FPS = 10
SIZE_PX = (320, 240)
WALK_S = 4.0
"""How long somebody is in the picture, the line in the middle of it."""
LEARN_S = 4.0
"""An empty doorway at first: by then it has been learnt."""

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

    def pictures(self) -> Iterator[av.VideoFrame]:
        """What is seen, `FPS` times a second."""
        width, height = self.size_px
        scene = Scene(3, SceneKind(people=1, plain=True, size_px=self.size_px, seconds=self.seconds))
        breadth = 0.2 * width
        way = np.array([[-0.7 * breadth, height / 2], [width + 0.7 * breadth, height / 2]])
        colours = (np.array([40.0, 50, 220]), np.array([30.0, 35, 40]), np.array([110.0, 140, 190]))
        scene.people = [Person(np.array([at, at + WALK_S]), way, breadth, colours) for at in self.starts_s]
        scene._noise_rng = np.random.default_rng(4)
        for index in range(round(self.seconds * FPS)):
            frame = av.VideoFrame.from_ndarray(scene.draw(index / FPS), format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            yield frame
