"""What a site may have counted, given when its cameras were seen, and whether what it says is within that.

Whoever crossed while the camera was shown was counted, or was in the part of the window that the site itself says it
did not see. Nobody is ever added. The reasons for the bounds: docs/decisions/0037-soak.md.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.support.soak.line import Shown
from tests.support.soak.scene import BEGINS_S, LOOP_S, crossings_s

WINDOW_S = 60
EDGE_S = 5.5
"""So far from the edge of a window a crossing may count on its other side: a stream's clock may be off by 5 s."""
LEARNT_S = 3.0
"""For so long nothing is seen of a stream that has just begun: the empty floor is learnt, which nobody crosses then."""
LATE_S = 1.5
"""Who met the line so shortly before the end of the video may not have been clear of it."""
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
        hidden: how many may have crossed unseen, in time that the site says it did not see.
        gaps: times at which its video began or ended in it, or just before or after.
    """

    counted: Counted
    shown_s: float
    least: int
    most: int
    hidden: int
    gaps: int

    @property
    def problem(self) -> str | None:
        """What is wrong with it, if anything."""
        total, start = self.counted.total, self.counted.start_unix_s
        if not self.least <= total <= self.most:
            return f"window {start}: {total:g} counted, {self.least} to {self.most} are true"
        if self.counted.exposure_s > self.shown_s + 1.0 + (EDGE_S if self.gaps else 0.0):
            return f"window {start}: {self.counted.exposure_s:.1f} s said to be seen of {self.shown_s:.1f} s shown"
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """All windows of one direction at one camera.

    Attributes:
        sure, true: who crossed and was clear of the line while the camera was shown, and who met it at all.
    """

    camera: str
    measure: str
    rows: tuple[Row, ...]
    sure: int
    true: int

    @property
    def total(self) -> int:
        return round(sum(row.counted.total for row in self.rows))

    @property
    def least(self) -> int:
        return max(0, self.sure - sum(row.hidden for row in self.rows))

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
        if self.exposure_s > self.shown_s + EDGE_S + sum(row.gaps for row in self.rows) / 2:
            found.append(f"{self.exposure_s:.0f} s said to be seen of {self.shown_s:.0f} s shown")
        if self.total < self.least:
            found.append(f"{self.total} counted, and {self.least} cannot have been overlooked")
        return [f"{self.camera}, {self.measure}: {problem}" for problem in found]


def judged(camera: str, measure: str, shown: Sequence[Shown], windows: Iterable[Counted]) -> Line:
    """Sets windows of a line beside what the camera showed.

    Args:
        camera: its name.
        measure: `crossings_in` or `crossings_out`.
        shown: when it was shown.
        windows: all of a span without a hole, also those of which nothing is told.
    """
    sure = [at for one in shown for at in _crossings(measure, one, LATE_S)]
    true = [at for one in shown for at in _crossings(measure, one)]
    rows = tuple(_row(one, shown, sure, true) for one in windows)
    since = min((row.counted.start_unix_s for row in rows), default=0)
    until = max((row.counted.start_unix_s + WINDOW_S for row in rows), default=0)
    surely = _between(sure, since + EDGE_S, until - EDGE_S)
    return Line(camera, measure, rows, surely, _between(true, since - EDGE_S, until + EDGE_S))


def _crossings(measure: str, one: Shown, late_s: float = 0.0) -> list[float]:
    """When somebody met the line, Unix seconds, of those who did so at least so long before the end of the video."""
    shown_s = one.until_unix_s - one.since_unix_s - late_s
    return [one.since_unix_s + at for at in crossings_s(measure, shown_s)]


def _row(one: Counted, shown: Sequence[Shown], sure: list[float], true: list[float]) -> Row:
    since, until = one.start_unix_s, one.start_unix_s + WINDOW_S
    shown_s = sum(max(0.0, min(until, s.until_unix_s) - max(since, s.since_unix_s)) for s in shown)
    ends = [at for s in shown for at in (s.since_unix_s, s.until_unix_s)]
    gaps = _between(ends, since - EDGE_S, until + EDGE_S)
    learnt_s = sum(
        min(LEARNT_S, s.until_unix_s - s.since_unix_s) for s in shown if since <= s.since_unix_s < until - LEARNT_S
    )
    hidden = _hidden(shown_s - learnt_s - one.exposure_s, gaps)
    most = _between(true, since - EDGE_S, until + EDGE_S)
    least = max(0, _between(sure, since + EDGE_S, until - EDGE_S) - hidden)
    return Row(one, shown_s, least, most, hidden, gaps)


def _hidden(unseen_s: float, gaps: int) -> int:
    """How many of one direction may have crossed in time that the site says it did not see.

    Whoever is hidden is so in a hole that is long enough to lose a track. Holes are at gaps: a second one is hidden
    there by a whole loop more. In a window without a gap there may be as many holes as fit into the time.
    """
    holes = math.floor(max(0.0, unseen_s) / HOLE_S)
    return min(holes, gaps + math.floor(max(0.0, unseen_s) / LOOP_S)) if gaps else holes


def _between(times: Iterable[float], since: float, until: float) -> int:
    return sum(since <= at < until for at in times)


MEASURES = tuple(BEGINS_S)
