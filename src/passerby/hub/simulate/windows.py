"""What a made-up venue sends: rows of its windows, and how it is now."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from passerby.core.tallies import SHELF_MEASURES, Measure
from passerby.hub.simulate import clocks
from passerby.hub.simulate.days import Course, Day, down_camera, draw
from passerby.hub.simulate.fleet import Fate, SimulatedVenue
from passerby.hub.simulate.places import FACINGS, layout
from passerby.records.wire.batches import (
    CameraStanding,
    OutboxStanding,
    PlaceStanding,
    Row,
    ShelfStanding,
    Standing,
)
from passerby.records.wire.checking import digest_of

_PART = 24
"""So many windows are made at once: one by one takes longer, and a day of minutes would fill the memory."""
FINDINGS = (("rtsp-plain",), ("frame-rate-low", "clock-ntp"), ("people-small",), ("default-password",), ("blurred",))
"""What a made-up camera may fail, by turns."""
COARSE = frozenset(Measure) - {
    *(Measure.DWELL, Measure.DWELL_LOST, Measure.WAITED, Measure.GAVE_UP),
    *(Measure.ENTERED, Measure.LEFT, Measure.OVER_LIMIT, Measure.WORN_WRONGLY, Measure.SHELF_FILL),
}
"""Measures that a control room's overviews read; a history of these alone is filled faster."""


@dataclass(frozen=True, slots=True)
class Script:
    """What a made-up venue sends.

    Attributes:
        venue: whose.
        window_s: width of its windows.
        since_unix_s: start of its first window; also the start of the run that its rows name.
        until_unix_s: nothing is made up that ends later.
        down_since_unix_s: since when a camera gives no pictures, where that is the venue's fate: from the next day on.
        grain_s: steps in which days are drawn; 0: as wide as the windows allow. Windows of several widths fit
            together where they are drawn in the same steps.
    """

    venue: SimulatedVenue
    window_s: int
    since_unix_s: int
    until_unix_s: float = math.inf
    down_since_unix_s: float = math.inf
    grain_s: int = 0

    def windows(self, measures: frozenset[Measure] = frozenset(Measure)) -> "Windows":
        """Its windows."""
        return Windows(self, measures)


class Windows:
    """Windows of one made-up venue: the same arguments always give the same rows, in whatever order they are asked.

    Args:
        script: what is made up.
        measures: which to give; draws are the same whatever is left out.
    """

    def __init__(self, script: Script, measures: frozenset[Measure] = frozenset(Measure)) -> None:
        self.venue, self.window_s, self.run = script.venue, script.window_s, script.since_unix_s
        self.layout = layout(script.venue, script.window_s)
        self._down_since, self._measures = script.down_since_unix_s, measures
        self._grain_s = script.grain_s or clocks.grain_s(script.window_s)
        self._day: tuple[date, Day] | None = None
        self._part: dict[int, list[Row]] = {}

    def rows(self, start_unix_s: int) -> list[Row]:
        """Rows of the window that starts then.

        Raises:
            ValueError: no window starts then.
        """
        if start_unix_s % self.window_s:
            raise ValueError(f"no window of {self.window_s} s starts at {start_unix_s}")
        if start_unix_s not in self._part:
            self._part = self._part_from(self.day(start_unix_s), start_unix_s)
        known = self._part.get(start_unix_s)
        return known if known is not None else self._over_the_turn(start_unix_s)

    def _part_from(self, day: Day, start_unix_s: int) -> dict[int, list[Row]]:
        """Rows of some windows from one on, as far as they lie wholly in a day, by their start."""
        first = (start_unix_s - day.clock.start_unix_s) // self._grain_s
        steps = self.window_s // self._grain_s
        windows = min(_PART, (len(day.clock) - first) // steps)
        starts = [start_unix_s + index * self.window_s for index in range(windows)]
        used = slice(first, first + windows * steps)
        rows: dict[int, list[Row]] = {start: [] for start in starts}
        for course in day.courses:
            if course.measure not in self._measures:
                continue
            place, measure, part = course.place, int(course.measure), course.part
            totals = course.totals[used].reshape(windows, steps)
            totals = totals.max(axis=1) if course.measure is Measure.PEAK else totals.sum(axis=1)
            exposures = course.exposures[used].reshape(windows, steps).sum(axis=1)
            told = (exposures > 0) & ((totals > 0) | _told_at_zero(course.measure))
            for at, total, exposure, tell in zip(
                starts, totals.tolist(), exposures.tolist(), told.tolist(), strict=True
            ):
                if tell:
                    rows[at].append(Row(place, measure, part, at, self.window_s, self.run, 0, total, exposure))
        return rows

    def _over_the_turn(self, start_unix_s: int) -> list[Row]:
        """Rows of a window that has some steps of one day and some of the next."""
        sums: dict[tuple[int, Measure, int], tuple[int, int]] = {}
        for day, steps in self._steps(start_unix_s):
            for course in day.courses:
                if course.measure in self._measures:
                    _add(sums, course, steps)
        return [
            Row(place, int(measure), part, start_unix_s, self.window_s, self.run, 0, total, exposure)
            for (place, measure, part), (total, exposure) in sums.items()
            if exposure and (total or _told_at_zero(measure))
        ]

    def _steps(self, start_unix_s: int) -> Iterator[tuple[Day, slice]]:
        """The steps of a window; one that lies over the turn of days has some of two days."""
        at, end = start_unix_s, start_unix_s + self.window_s
        while at < end:
            day = self.day(at)
            first = (at - day.clock.start_unix_s) // self._grain_s
            until = min(end, day.clock.end_unix_s)
            yield day, slice(first, (until - day.clock.start_unix_s) // self._grain_s)
            at = until

    def day(self, unix_s: float) -> Day:
        """The day that holds a moment."""
        which = clocks.day_of(unix_s, self.venue.zone)
        if self._day is None or self._day[0] != which:
            down = down_camera(self.venue)
            if clocks.start_of(which, self.venue.zone) < self._down_since:
                down = None
            self._day = which, draw(self.venue, which, self._grain_s, down)
        return self._day[1]

    def cameras(self, now_unix_s: float) -> tuple[CameraStanding, ...]:
        """How its cameras are."""
        down = down_camera(self.venue) if now_unix_s >= self._down_since else None
        standings = []
        for camera in range(self.venue.cameras):
            failing = self.venue.fate is Fate.FINDINGS and camera % 3 == self.venue.number % 3
            found = FINDINGS[(self.venue.number + camera) % len(FINDINGS)] if failing else ()
            if camera == down:
                standings.append(CameraStanding(camera, 2, 0, ("unreachable",)))
            else:
                standings.append(CameraStanding(camera, 1, int(not found), found))
        return tuple(standings)

    def places(self, end_unix_s: int) -> tuple[PlaceStanding, ...]:
        """People inside at the end of a window."""
        day, step = self._last_step(end_unix_s)
        number = len(self.layout.places) - 1
        return (PlaceStanding(number, int(day.inside[step]) * 10, self.venue.capacity, end_unix_s),)

    def shelves(self, end_unix_s: int) -> tuple[ShelfStanding, ...]:
        """Its shelves at the end of a window."""
        day, step = self._last_step(end_unix_s)
        return tuple(
            ShelfStanding(place, FACINGS, int(course.empty[step]), int(course.low[step]), 0)
            for place, course in day.shelves.items()
        )

    def _last_step(self, end_unix_s: int) -> tuple[Day, int]:
        day = self.day(end_unix_s - 1)
        return day, (end_unix_s - 1 - day.clock.start_unix_s) // self._grain_s


def standing(windows: Windows, now_unix_s: float, end_unix_s: int | None, outbox: OutboxStanding) -> Standing:
    """How a made-up venue's site says that it is.

    Args:
        windows: of the venue.
        now_unix_s: its clock.
        end_unix_s: end of its last window; None where there was none yet.
        outbox: what waits there.
    """
    return Standing(
        clock_unix_s=int(now_unix_s),
        layout=digest_of(windows.layout),
        locked=True,
        problems=int(windows.venue.fate is Fate.DOWN),
        outbox=outbox,
        cameras=windows.cameras(now_unix_s),
        places=windows.places(end_unix_s) if end_unix_s is not None else (),
        shelves=windows.shelves(end_unix_s) if end_unix_s is not None else (),
    )


def _told_at_zero(measure: Measure) -> bool:
    """Whether a row of it is sent of a window in which there was nothing: of buckets, only those above zero are."""
    return measure.parts == 1 or measure in SHELF_MEASURES


def _add(sums: dict[tuple[int, Measure, int], tuple[int, int]], course: Course, steps: slice) -> None:
    """Adds some steps of a course to a window; of the peak the largest is kept."""
    key = course.place, course.measure, course.part
    total, exposure = sums.get(key, (0, 0))
    part = course.totals[steps]
    new = int(np.max(part, initial=0)) if course.measure is Measure.PEAK else int(part.sum())
    total = max(total, new) if course.measure is Measure.PEAK else total + new
    sums[key] = total, exposure + int(course.exposures[steps].sum())
