"""Stays on paper: people who walk into a zone, stay and walk out, with the truth about each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from passerby.core.observations import Tracks
from tests.support.walks import Point

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

    def points(self, times_s: np.ndarray) -> np.ndarray:
        """Foot-points (n, 2) at some times; NaN before and after, and while hidden."""
        at_s = [t for t, _ in self.stops]
        points = np.stack([np.interp(times_s, at_s, [p[axis] for _, p in self.stops]) for axis in (0, 1)], axis=1)
        gone = (times_s < at_s[0]) | (times_s > at_s[-1])
        for start_s, end_s in self.hidden:
            gone |= (times_s >= start_s) & (times_s < end_s)
        points[gone] = np.nan
        return points


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

    def looks(self, ways: Sequence[Way], looks_s: Iterable[float]) -> Iterator[Tracks]:
        """What is seen at some times. Less than a third of a body is not seen."""
        times_s = np.array(list(looks_s), np.float64)
        numbers = np.array([way.number for way in ways], np.int32)
        points = np.stack([way.points(times_s) for way in ways], axis=1)
        points += np.random.default_rng(self.seed).normal(0, self.error * HEIGHT_PX, points.shape)
        x, foot, half = points[..., 0], points[..., 1], HEIGHT_PX * 0.2
        boxes = np.stack([x - half, foot - HEIGHT_PX, x + half, foot], axis=-1)
        cut = np.clip(boxes, 0, [*self.size_px, *self.size_px])
        share = np.prod(cut[..., 2:] - cut[..., :2], axis=-1) / (2 * half * HEIGHT_PX)
        for time_s, seen, there in zip(times_s.tolist(), share > 1 / 3, cut, strict=True):
            yield self._tracks(numbers[seen], there[seen].astype(np.float32), time_s)

    def _tracks(self, ids: np.ndarray, boxes_px: np.ndarray, time_s: float) -> Tracks:
        born = [
            self._born.setdefault(number, (time_s, box)) for number, box in zip(ids.tolist(), boxes_px, strict=True)
        ]
        age_s = np.array([time_s - born_s for born_s, _ in born], np.float32)
        return Tracks(ids, boxes_px, age_s, np.array([box for _, box in born], np.float32).reshape(-1, 4), time_s)


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
