"""What a site may have counted, given when its cameras were seen, and whether what it says is within that.

Whoever crossed while the camera was shown was counted, or was in the part of the window that the site itself says it
did not see. Nobody is ever added. The reasons for the bounds: docs/decisions/0037-soak.md.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.support.soak.line import Shown
from tests.support.soak.scene import BEGINS_S, LOOP_S, WALK_S, crossings_s

WINDOW_S = 60
EDGE_S = 3.0
"""So far from the edge of a window a crossing may count on its other side, with what streams and clocks are late."""
HOLE_S = 0.5
"""Unseen time of less hides nobody: a track outlives it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A window of a line as the site tells it."""

    start_unix_s: int
    total: float
    exposure_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """A window beside the truth.

    Attributes:
        shown_s: seconds for which the camera was shown.
        least, most: what may be counted.
        gaps: times at which its video began or ended in it, or just before or after.
    """

    counted: Counted
    shown_s: float
    least: int
    most: int
    gaps: int

    @property
    def problem(self) -> str | None:
        """What is wrong with it, if anything."""
        total, start = self.counted.total, self.counted.start_unix_s
        if not self.least <= total <= self.most:
            return f"window {start}: {total:g} counted, {self.least} to {self.most} are true"
        if self.counted.exposure_s > self.shown_s + 1.0 + self.gaps:
            return f"window {start}: {self.counted.exposure_s:.1f} s said to be seen of {self.shown_s:.1f} s shown"
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """All windows of one direction at one camera."""

    camera: str
    measure: str
    rows: tuple[Row, ...]
    true: int

    @property
    def total(self) -> int:
        return round(sum(row.counted.total for row in self.rows))

    @property
    def least(self) -> int:
        return sum(row.least for row in self.rows)

    @property
    def exposure_s(self) -> float:
        return sum(row.counted.exposure_s for row in self.rows)

    @property
    def shown_s(self) -> float:
        return sum(row.shown_s for row in self.rows)

    @property
    def problems(self) -> list[str]:
        found = [problem for row in self.rows if (problem := row.problem)]
        if self.total > self.true:
            found.append(f"{self.total} counted of {self.true} who crossed: somebody was added")
        return [f"{self.camera}, {self.measure}: {problem}" for problem in found]


def judged(camera: str, measure: str, shown: Sequence[Shown], windows: Iterable[Counted]) -> Line:
    """Sets windows of a line beside what the camera showed.

    Args:
        camera: its name.
        measure: `crossings_in` or `crossings_out`.
        shown: when it was shown.
        windows: all of a span without a hole, also those of which nothing is told.
    """
    times = sorted(at for one in shown for at in _crossings(measure, one))
    rows = tuple(_row(one, shown, times) for one in windows)
    since = min((row.counted.start_unix_s for row in rows), default=0)
    until = max((row.counted.start_unix_s + WINDOW_S for row in rows), default=0)
    return Line(camera, measure, rows, _between(times, since - EDGE_S, until + EDGE_S))


def _crossings(measure: str, one: Shown) -> list[float]:
    """When somebody met the line, Unix seconds; one who met it as the video ended may have been counted."""
    return [one.since_unix_s + at for at in crossings_s(measure, one.until_unix_s - one.since_unix_s)]


def _row(one: Counted, shown: Sequence[Shown], times: list[float]) -> Row:
    since, until = one.start_unix_s, one.start_unix_s + WINDOW_S
    shown_s = sum(max(0.0, min(until, s.until_unix_s) - max(since, s.since_unix_s)) for s in shown)
    ends = [at for s in shown for at in (s.since_unix_s, s.until_unix_s)]
    gaps = _between(ends, since - EDGE_S, until + EDGE_S)
    most = _between(times, since - EDGE_S, until + EDGE_S)
    sure = _between(times, since + EDGE_S, until - EDGE_S)
    return Row(one, shown_s, max(0, sure - _hidden(shown_s - one.exposure_s, gaps)), most, gaps)


def _hidden(unseen_s: float, gaps: int) -> int:
    """How many of one direction may have crossed unseen, in time that the site says it did not see.

    Each gap may have cut one walk short. Without one, only holes long enough to lose a track hide anybody.
    """
    if not gaps:
        return math.floor(max(0.0, unseen_s) / HOLE_S)
    return gaps + math.ceil((max(0.0, unseen_s) + WALK_S) / LOOP_S)


def _between(times: Iterable[float], since: float, until: float) -> int:
    return sum(since <= at < until for at in times)


MEASURES = tuple(BEGINS_S)
