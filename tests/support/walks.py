"""People on paper: where they walk, and what a detector would see of them."""

from dataclasses import dataclass

import numpy as np

from passerby.core.observations import Detections

Point = tuple[float, float]
Stop = tuple[float, Point]


@dataclass(frozen=True)
class Body:
    """A person as a detector sees them; `hidden` is the share of the height that is covered from the feet up."""

    x: float
    foot: float
    height: float = 100.0
    width: float = 40.0
    score: float = 0.8
    hidden: float = 0.0

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x1 y1 x2 y2."""
        half = self.width / 2
        return self.x - half, self.foot - self.height, self.x + half, self.foot - self.hidden * self.height


def look(time_s: float, *bodies: Body) -> Detections:
    """What is detected in one frame."""
    boxes = np.array([body.box for body in bodies], np.float32).reshape(-1, 4)
    return Detections(boxes, np.array([body.score for body in bodies], np.float32), float(time_s))


def path(stops: list[Stop], fps: float) -> list[tuple[float, Point]]:
    """Times and foot-points of someone who walks straight from stop to stop."""
    at_s = [time_s for time_s, _ in stops]
    times = np.arange(at_s[0], at_s[-1] + 1e-9, 1 / fps)
    x, y = (np.interp(times, at_s, [point[axis] for _, point in stops]) for axis in (0, 1))
    return list(zip(times.tolist(), zip(x.tolist(), y.tolist(), strict=True), strict=True))
