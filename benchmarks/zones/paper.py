"""People on paper who stay in a hall or wait in a queue, what a detector sees of them, and the truth about them."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from passerby.core.observations import Detections

SIZE_PX = (640, 480)
HEIGHT_PX, WIDTH_PX = 100.0, 40.0
SPEED_PX_S = 80.0
ERROR = 0.03
"""Spread of the errors of boxes, body heights."""

HALL = ((100.0, 230.0), (540.0, 230.0), (540.0, 440.0), (100.0, 440.0))
LINE_UP = ((60.0, 260.0), (600.0, 260.0), (600.0, 420.0), (60.0, 420.0))
HEAD, TAIL, SECOND = (560.0, 340.0), (100.0, 340.0), (505.0, 340.0)
"""Where people are served, where a long queue begins, and where the second one stands."""
SPACING_PX = 55.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Person:
    """Where someone is at which times, straight on in between; and when they are not detected."""

    times_s: np.ndarray
    points: np.ndarray
    unseen: np.ndarray
    served: bool = False

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """Foot-points (n, 2), NaN while away."""
        points = np.stack([np.interp(times_s, self.times_s, self.points[:, axis]) for axis in (0, 1)], axis=1)
        points[(times_s < self.times_s[0]) | (times_s > self.times_s[-1])] = np.nan
        return points

    def stay_s(self, box: tuple[Point, ...]) -> float:
        """The time between walking into an upright box and out of it, to a hundredth of a second."""
        times_s = np.arange(self.times_s[0], self.times_s[-1], 0.01)
        points = self.at(times_s)
        inside = np.flatnonzero(((points > box[0]) & (points < box[2])).all(axis=1))
        return float(times_s[inside[-1]] - times_s[inside[0]]) if len(inside) else 0.0


def hall(rng: np.random.Generator, stays_s: np.ndarray, every_s: float) -> list[Person]:
    """People who come from the left, stand somewhere in the hall for a time, and leave to the right."""
    people = []
    starts_s = 5 + np.cumsum(rng.exponential(every_s, len(stays_s)))
    for start_s, stay_s in zip(starts_s.tolist(), stays_s.tolist(), strict=True):
        spot = (rng.uniform(140, 500), rng.uniform(260, 420))
        stops = [(-60.0, rng.uniform(200, 460)), spot, (700.0, rng.uniform(200, 460))]
        walk_s = [float(np.hypot(*np.subtract(b, a))) / SPEED_PX_S for a, b in pairwise(stops)]
        times_s = np.cumsum([start_s, walk_s[0], stay_s, walk_s[1]])
        points = np.array([stops[0], spot, spot, stops[2]])
        people.append(Person(times_s, points, _unseen(rng, times_s[0], times_s[-1])))
    return people


def queue(rng: np.random.Generator, count: int, every_s: float) -> list[Person]:
    """One counter: people wait in turn, move up, are served for a time, or give up and walk away where they stand."""
    arrive_s = 5 + np.cumsum(rng.exponential(every_s, count))
    patience_s, service_s = rng.exponential(150, count) + 10, rng.uniform(0.6, 1.4, count) * every_s
    spots: list[list[tuple[float, int]]] = [[] for _ in range(count)]
    ends = np.zeros(count)
    served = np.zeros(count, bool)
    waiting: list[int] = []
    events = [(t, 0, number) for number, t in enumerate(arrive_s.tolist())]
    heapq.heapify(events)

    def move_up(now_s: float) -> None:
        for place, number in enumerate(waiting):
            if not spots[number] or spots[number][-1][1] != place:
                spots[number].append((now_s, place))
                if place == 0:
                    heapq.heappush(events, (now_s + service_s[number], 2, number))

    while events:
        now_s, kind, number = heapq.heappop(events)
        if kind == 0:
            waiting.append(number)
            heapq.heappush(events, (now_s + patience_s[number], 1, number))
        elif number not in waiting or (kind == 1 and waiting[0] == number):
            continue
        else:
            waiting.remove(number)
            ends[number], served[number] = now_s, kind == 2
        move_up(now_s)
    return [_queuer(rng, spots[n], float(ends[n]), bool(served[n])) for n in range(count)]


def _queuer(rng: np.random.Generator, spots: list[tuple[float, int]], end_s: float, served: bool) -> Person:
    y = 340 + rng.uniform(-10, 10)
    stops: list[tuple[float, Point]] = []
    for moved_s, place in spots:
        to = (HEAD[0] - place * SPACING_PX, y)
        before = stops[-1][1] if stops else (-60.0, y)
        walk_s = float(np.hypot(to[0] - before[0], to[1] - before[1])) / SPEED_PX_S
        begin_s = max(moved_s, stops[-1][0]) if stops else moved_s
        stops += [(begin_s, before), (begin_s + walk_s, to)]
    last = stops[-1][1]
    end_s = max(end_s, stops[-1][0])
    # Who was served goes on upwards; who gave up steps out of the row downwards and goes back.
    ways = [(last[0], 150.0), (700.0, 150.0)] if served else [(last[0], 460.0), (-60.0, 470.0)]
    stops.append((end_s, last))
    for to in ways:
        walk_s = float(np.hypot(to[0] - stops[-1][1][0], to[1] - stops[-1][1][1])) / SPEED_PX_S
        stops.append((stops[-1][0] + walk_s, to))
    times_s = np.array([t for t, _ in stops])
    return Person(times_s, np.array([p for _, p in stops]), _unseen(rng, times_s[0], times_s[-1]), served)


def _unseen(rng: np.random.Generator, start_s: float, end_s: float) -> np.ndarray:
    """When a detector misses someone, (n, 2): for moments, every three seconds, and for longer, every 45 s."""
    found = []
    for every_s, for_s in ((3.0, 0.15), (45.0, 3.0)):
        begins_s = start_s + np.cumsum(rng.exponential(every_s, int((end_s - start_s) / every_s * 2) + 10))
        begins_s = begins_s[begins_s < end_s]
        found.append(np.stack([begins_s, begins_s + rng.exponential(for_s, len(begins_s))], axis=1))
    return np.concatenate(found)


def looks(people: list[Person], fps: float, seed: int) -> Iterator[Detections]:
    """What a detector sees; less than a third of a body is not seen."""
    rng = np.random.default_rng(seed)
    times_s = np.arange(0, max(person.times_s[-1] for person in people) + 5, 1 / fps)
    rows: list[np.ndarray] = []
    for person in people:
        first, last = np.searchsorted(times_s, person.times_s[[0, -1]])
        part_s = times_s[first:last]
        seen = np.ones(len(part_s), bool)
        for start_s, end_s in person.unseen:
            seen &= (part_s < start_s) | (part_s >= end_s)
        points = person.at(part_s) + rng.normal(0, ERROR * HEIGHT_PX, (len(part_s), 2))
        tops = points[:, 1] - HEIGHT_PX + rng.normal(0, ERROR * HEIGHT_PX, len(part_s))
        half = WIDTH_PX / 2
        boxes = np.stack([points[:, 0] - half, tops, points[:, 0] + half, points[:, 1]], axis=1)
        cut = np.clip(boxes, 0, [*SIZE_PX, *SIZE_PX])
        seen &= (cut[:, 2:] - cut[:, :2]).prod(axis=1) > WIDTH_PX * HEIGHT_PX / 3
        rows.append(np.column_stack([np.arange(first, last)[seen], cut[seen]]))
    every = np.concatenate(rows)
    every = every[np.argsort(every[:, 0], kind="stable")]
    bounds = np.searchsorted(every[:, 0], np.arange(len(times_s) + 1))
    for index, time_s in enumerate(times_s.tolist()):
        boxes = every[bounds[index] : bounds[index + 1], 1:].astype(np.float32)
        yield Detections(boxes, np.full(len(boxes), 0.8, np.float32), time_s)
