"""A day of a made-up venue as courses of tallies, in thousandths, as they go over the wire."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from passerby.core.tallies import Measure
from passerby.hub.simulate import draws
from passerby.hub.simulate.clocks import Clock, clock
from passerby.hub.simulate.draws import Counts
from passerby.hub.simulate.fleet import Fate, SimulatedVenue
from passerby.hub.simulate.places import FACINGS, Spot, spots
from passerby.hub.simulate.shelves import ShelfCourse, shelf_course

_CANNOT_TELL, _MASKED, _WRONGLY = 0.16, 0.62, 0.07
_LOST = 0.05
"""Of those who leave a zone, of so many sight was lost before."""
_GAVE_UP = 0.06
_HALL_SHARE, _QUEUE_SHARE = 0.55, 0.3
"""Of those who come or go, so many pass the halls, and queue."""
_QUEUE_S = 150.0
_LONGEST_IN_HALL_S = 480.0
_STUTTER = 0.01
"""Share of steps in which a camera did not see all."""


@dataclass(frozen=True, slots=True)
class Course:
    """One measure of one place over a day.

    Attributes:
        totals, exposures: int32 or int64 (n,), thousandths, in each step.
    """

    place: int
    measure: Measure
    part: int
    totals: NDArray[np.integer]
    exposures: NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a made-up venue.

    Attributes:
        inside: int64 (n,), people in the venue at the end of each step.
        shelves: by number of the place.
    """

    clock: Clock
    courses: tuple[Course, ...]
    inside: Counts
    shelves: dict[int, ShelfCourse]


def down_camera(venue: SimulatedVenue) -> int | None:
    """Which camera gives no pictures: of the last door where there are several, else the last."""
    if venue.fate is not Fate.DOWN:
        return None
    return len(venue.doors) - 1 if len(venue.doors) > 1 else venue.cameras - 1


def draw(venue: SimulatedVenue, day: date, grain_s: int, down: int | None = None) -> Day:
    """Draws a day: the same arguments always give the same one.

    Args:
        venue: whose.
        day: by its own calendar, from four o'clock to four.
        grain_s: width of the steps, of `clocks.grain_s`.
        down: number of a camera that sees nothing this day; nobody uses its door.
    """
    rng = np.random.default_rng([venue.seed, venue.number, day.toordinal()])
    times = clock(day, venue.zone, venue.kind.hours, grain_s)
    pen = _Pen(rng, venue, times, down)
    flow = draws.visits(rng, venue, times)
    for spot in spots(venue):
        pen.sees(_seen_s(rng, times))
        if spot.camera == down:
            continue
        {"door": pen.door, "hall": pen.zone, "queue": pen.zone, "shelf": pen.shelf}[spot.what](spot, flow)
    return Day(times, tuple(pen.courses), flow.inside, pen.shelves)


def _seen_s(rng: np.random.Generator, times: Clock) -> NDArray[np.float64]:
    """float64 (n,), seconds that a camera saw of each step, in tenths."""
    seen = times.grain_s - np.round(rng.uniform(0, times.grain_s / 1000, len(times)), 1)
    stutters = rng.uniform(size=len(times)) < _STUTTER
    return np.where(stutters, np.round(times.grain_s * rng.uniform(0.4, 0.98, len(times)), 1), seen)


class _Pen:
    """Writes the courses of one day."""

    def __init__(self, rng: np.random.Generator, venue: SimulatedVenue, times: Clock, down: int | None) -> None:
        self._rng, self._venue, self._times = rng, venue, times
        self.courses: list[Course] = []
        self.shelves: dict[int, ShelfCourse] = {}
        self._doors: tuple[Counts, Counts] | None = None
        self._shares = np.array([0.0 if door == down else share for door, share in enumerate(venue.doors)])

    def sees(self, seen_s: NDArray[np.float64]) -> None:
        """Goes on with a camera that saw so many seconds of each step."""
        self._seen = seen_s
        self._exposures = _milli(seen_s)

    def door(self, spot: Spot, flow: draws.Flow) -> None:
        """Crossings of a door; where masks are judged, of those who come in."""
        if self._doors is None:
            self._doors = (
                draws.spread(self._rng, flow.came, self._shares),
                draws.spread(self._rng, flow.left, self._shares),
            )
        came, left = (side[:, spot.ordinal] for side in self._doors)
        self._write(spot, Measure.CROSSINGS_IN, came)
        self._write(spot, Measure.CROSSINGS_OUT, left)
        if self._venue.kind.masks:
            self._masks(spot, came)

    def _masks(self, spot: Spot, asked: Counts) -> None:
        unknown = self._rng.binomial(asked, _CANNOT_TELL)
        judged = asked - unknown
        masked = self._rng.binomial(judged, _MASKED)
        wrongly = self._rng.binomial(judged - masked, _WRONGLY)
        for measure, total, of in (
            (Measure.MASKED, masked, judged),
            (Measure.WORN_WRONGLY, wrongly, judged),
            (Measure.CANNOT_TELL, unknown, asked),
        ):
            self.courses.append(Course(spot.place, measure, 0, _milli(total), _milli(of)))

    def zone(self, spot: Spot, flow: draws.Flow) -> None:
        """People in a zone, for how long, and what became of those who queued."""
        queue = spot.what == "queue"
        stay_s = _QUEUE_S if queue else min(_LONGEST_IN_HALL_S, self._venue.kind.stay_s / 4)
        share = _QUEUE_SHARE / self._venue.queues if queue else _HALL_SHARE / self._venue.halls
        entered = self._rng.binomial(flow.came, share) + (0 if queue else self._rng.binomial(flow.left, share))
        inner = draws.leave(self._rng, entered, stay_s, self._open_to_all())
        lost = self._rng.binomial(inner.left, _LOST)
        left = inner.left - lost
        self._people(spot, inner, stay_s)
        self._write(spot, Measure.ENTERED, inner.came)
        self._write(spot, Measure.LEFT, left)
        shares, _ = draws.buckets(stay_s)
        gave_up = self._rng.binomial(left, _GAVE_UP if queue else 0.0)
        waited = draws.spread(self._rng, left - gave_up, shares)
        given = draws.spread(self._rng, gave_up, shares)
        self._write_parts(spot, Measure.DWELL, waited + given)
        self._write_parts(spot, Measure.DWELL_LOST, draws.spread(self._rng, lost, shares))
        if queue:
            self._write_parts(spot, Measure.WAITED, waited)
            self._write_parts(spot, Measure.GAVE_UP, given)

    def _open_to_all(self) -> Clock:
        """Zones empty with the day, not with the venue's closing: who is in them is on the way out."""
        times = self._times
        return Clock(times.start_unix_s, times.grain_s, times.hour_of_week, times.open, times.last * 0 + len(times) - 1)

    def _people(self, spot: Spot, flow: draws.Flow, stay_s: float) -> None:
        after = flow.inside
        before = np.concatenate(([0], after[:-1]))
        part = np.minimum(1.0, stay_s / self._times.grain_s / 2)
        mean = (before + after) / 2 + flow.at_once * part
        people_s = np.round(mean * self._seen, 1)
        extra = self._rng.poisson(0.4 * np.sqrt(mean))
        peak = np.maximum(np.maximum(before, after), np.ceil(mean)).astype(np.int64) + extra
        peak = np.where(flow.came > 0, np.maximum(peak, 1), peak)
        self._write(spot, Measure.PEOPLE, people_s)
        self._write(spot, Measure.PEAK, peak)
        if spot.limit:
            over = np.clip(mean / spot.limit - 0.6, 0, 1) * (peak > spot.limit)
            self._write(spot, Measure.OVER_LIMIT, np.floor(over * self._seen * 10) / 10)

    def shelf(self, spot: Spot, flow: draws.Flow) -> None:
        """Facings of a shelf as one sum."""
        course = shelf_course(self._rng, flow.came, self._times, self._seen)
        self.shelves[spot.place] = course
        exposures = _milli(self._seen * FACINGS)
        for measure, total in course.totals.items():
            self.courses.append(Course(spot.place, measure, 0, _milli(total), exposures))

    def _write(self, spot: Spot, measure: Measure, totals: NDArray[np.float64] | Counts) -> None:
        self.courses.append(Course(spot.place, measure, 0, _milli(totals), self._exposures))

    def _write_parts(self, spot: Spot, measure: Measure, counts: Counts) -> None:
        for part in range(counts.shape[1]):
            if counts[:, part].any():
                self.courses.append(Course(spot.place, measure, part, _milli(counts[:, part]), self._exposures))


def _milli(amounts: NDArray[np.float64] | Counts) -> NDArray[np.integer]:
    """Thousandths, in as few bytes as hold them: a process may hold a day of each of thousands of venues."""
    milli = np.round(amounts * 1000).astype(np.int64)
    return milli.astype(np.int32) if milli.max(initial=0) < 2**31 else milli
