"""Stays on paper: people who walk into a zone, stay and walk out, with the truth about each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from passerby.core.observations import Tracks
from tests.support.walks import Body, Point

HEIGHT_PX = 100.0
SPEED_PX_S = 80.0
"""0.8 body heights a second: 1.4 m/s."""


@dataclass(frozen=True)
class Way:
    """Someone's way: where they are at which times, straight on in between.

    Attributes:
        number: of the track that a faultless tracker gives them.
        stops: times and foot-points, in pixels.
        hidden: from when to when nobody sees them.
    """

    number: int
    stops: tuple[tuple[float, Point], ...]
    hidden: tuple[tuple[float, float], ...] = ()

    def at(self, time_s: float) -> Point | None:
        """The foot-point at a moment; None before and after, and while hidden."""
        times = [t for t, _ in self.stops]
        if not times[0] <= time_s <= times[-1] or any(start <= time_s < end for start, end in self.hidden):
            return None
        x, y = (float(np.interp(time_s, times, [point[axis] for _, point in self.stops])) for axis in (0, 1))
        return x, y


@dataclass
class Seen:
    """A faultless tracker: gives each way one track, from its first sight on.

    Attributes:
        size_px: the picture; boxes are cut off at its edges, and who is out of it is not seen.
        error: spread of the errors of boxes, body heights.
    """

    size_px: tuple[int, int] = (640, 480)
    error: float = 0.0
    seed: int = 0
    _born: dict[int, tuple[float, np.ndarray]] = field(default_factory=dict)

    def looks(self, ways: Iterable[Way], times_s: Iterable[float]) -> Iterator[Tracks]:
        """What is seen at some times."""
        rng = np.random.default_rng(self.seed)
        ways = list(ways)
        for time_s in times_s:
            ids, boxes = [], []
            for way in ways:
                point = way.at(time_s)
                if point is not None:
                    x, foot = np.array(point) + rng.normal(0, self.error * HEIGHT_PX, 2)
                    box = self._cut(Body(float(x), float(foot)).box)
                    if box is not None:
                        ids.append(way.number)
                        boxes.append(box)
            yield self._tracks(ids, boxes, float(time_s))

    def _cut(self, box: tuple[float, float, float, float]) -> np.ndarray | None:
        """The part of a box that is on the picture; None where that is less than a third."""
        low, high = np.clip(np.array([box[:2], box[2:]]), 0, self.size_px)
        whole = (box[2] - box[0]) * (box[3] - box[1])
        return np.array([*low, *high], np.float32) if float(np.prod(high - low)) > whole / 3 else None

    def _tracks(self, ids: list[int], boxes: list[np.ndarray], time_s: float) -> Tracks:
        for number, box in zip(ids, boxes, strict=True):
            self._born.setdefault(number, (time_s, box))
        age_s = np.array([time_s - self._born[number][0] for number in ids], np.float32)
        born_px = np.array([self._born[number][1] for number in ids], np.float32).reshape(-1, 4)
        return Tracks(np.array(ids, np.int32), np.array(boxes, np.float32).reshape(-1, 4), age_s, born_px, time_s)


def times(until_s: float, fps: float, start_s: float = 0.0) -> list[float]:
    """Times of looks."""
    return np.arange(start_s, until_s + 1e-9, 1 / fps).tolist()


def visit(number: int, start_s: float, stay_s: float, x: float) -> Way:
    """Walks straight down into the zone of x 0..640, y 240..480, stands for a while and walks back up.

    The border is met `stay_s` apart: walking takes two seconds of it. Who stays shorter turns round sooner.
    """
    walk_s = min(1.0, stay_s / 2)
    foot = 240 + walk_s * SPEED_PX_S
    lead_s = 1.0
    return Way(
        number,
        (
            (start_s - lead_s, (x, 240 - lead_s * SPEED_PX_S)),
            (start_s + walk_s, (x, foot)),
            (start_s + stay_s - walk_s, (x, foot)),
            (start_s + stay_s + lead_s, (x, 240 - lead_s * SPEED_PX_S)),
        ),
    )
