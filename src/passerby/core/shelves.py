"""Shelves: what state each facing is in, since when, and how long a gap stays a gap.

A facing is what one product has of a shelf's front. Nobody is in any of this: it is about boards and boxes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np


class FacingState(IntEnum):
    """How a facing is. The number is the code on the wire."""

    STOCKED = 0
    LOW = 1
    EMPTY = 2
    CANNOT_SEE = 3

    @property
    def label(self) -> str:
        """The name as the API and the page write it."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class ShelfRules:
    """When a facing counts as what.

    Attributes:
        confirm_s: seconds for which a facing must be seen in a state before it is reported in it.
        every_s: seconds between two looks.
        empty_fill, low_fill: at most so full is empty, and low.
        margin: by how much more the fill must differ before a state is left that was reached.

    Raises:
        ValueError: a length is not above zero, or the fills are not in their order.
    """

    confirm_s: float = 60.0
    every_s: float = 10.0
    empty_fill: float = 0.22
    low_fill: float = 0.5
    margin: float = 0.05

    def __post_init__(self) -> None:
        if not (self.confirm_s >= 0 and self.every_s > 0):
            raise ValueError(f"confirm_s must be 0 or more and every_s above 0, got {self.confirm_s}, {self.every_s}")
        if not 0 <= self.empty_fill < self.low_fill <= 1:
            raise ValueError(f"need 0 <= empty_fill < low_fill <= 1, got {self.empty_fill}, {self.low_fill}")

    @property
    def hold_s(self) -> float:
        """One look stands for at most so long: what lies further from it was not seen."""
        return 1.5 * self.every_s

    def state_of(self, fill: float, before: FacingState | None = None) -> FacingState:
        """The state of a fill, 0..1; a state that was reached is not left for a trifle."""
        empty = self.empty_fill + self.margin * (before is FacingState.EMPTY)
        low = self.low_fill + self.margin * (before in (FacingState.EMPTY, FacingState.LOW))
        if fill <= empty:
            return FacingState.EMPTY
        return FacingState.LOW if fill <= low else FacingState.STOCKED


@dataclass(slots=True)
class _Candidate:
    """A state that is seen, and not yet for long enough."""

    state: FacingState
    since_s: float
    seen_s: float = 0.0


class Facing:
    """One facing over time. It starts unknown: as `CANNOT_SEE` until a state is confirmed.

    Args:
        rules: when it counts as what.

    Attributes:
        last: the state that was confirmed last, kept while the facing is covered; None before the first.
        since_s: when `last` was first seen.
        seen_s: when the facing could be seen last; None if never.
        fill: how full it was then, 0..1.
    """

    def __init__(self, rules: ShelfRules) -> None:
        self._rules = rules
        self._candidate: _Candidate | None = None
        self._looked_s: float | None = None
        self._covered = True
        self.last: FacingState | None = None
        self.since_s: float | None = None
        self.seen_s: float | None = None
        self.fill: float | None = None

    @property
    def state(self) -> FacingState:
        """The state now: `CANNOT_SEE` while covered, though `last` is kept."""
        return FacingState.CANNOT_SEE if self._covered or self.last is None else self.last

    def age_s(self, now_s: float) -> float | None:
        """Seconds since the facing could be seen last; None if never."""
        return None if self.seen_s is None else max(0.0, now_s - self.seen_s)

    def look(self, time_s: float, fill: float | None) -> tuple[FacingState, float]:
        """Takes one look.

        Args:
            time_s: when, in seconds; a look at a time that is over already is one at that last time.
            fill: how full, 0..1; None if the facing cannot be seen.

        Returns:
            the state that the time since the last look is tallied as, and the seconds of it that this look stands for.
        """
        before_s = time_s if self._looked_s is None else self._looked_s
        time_s = max(time_s, before_s)
        step_s = min(time_s - before_s, self._rules.hold_s)
        self._looked_s = time_s
        self._covered = fill is None
        if fill is not None:
            self.seen_s, self.fill = time_s, fill
            self._weigh(self._rules.state_of(fill, self.last), time_s, step_s)
        return self.state, step_s

    def forget(self) -> None:
        """The camera was moved: nothing of what was known of the facing holds any more."""
        self._candidate, self._covered = None, True
        self.last = self.since_s = self.seen_s = self.fill = None

    def _weigh(self, state: FacingState, time_s: float, step_s: float) -> None:
        """Adds to the state that is becoming sure; a look that disagrees takes back what it stands for."""
        candidate = self._candidate
        if candidate and candidate.state is not state:
            candidate.seen_s -= step_s
            if candidate.seen_s > 0:
                return
            candidate = self._candidate = None
        if state is self.last:
            return
        if candidate is None:
            # Its first look tells only that it is so now, not for how long it was.
            candidate = self._candidate = _Candidate(state, time_s)
        else:
            candidate.seen_s += step_s
        if candidate.seen_s >= self._rules.confirm_s:
            self.last, self.since_s, self._candidate = candidate.state, candidate.since_s, None


@dataclass(frozen=True, slots=True)
class FacingWindow:
    """What one window tells of a facing.

    Attributes:
        start_unix_s, width_s: the window.
        seen_s: seconds for which the facing could be seen.
        empty_s: of these, seconds for which it was empty.
    """

    start_unix_s: int
    width_s: int
    seen_s: float
    empty_s: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which a facing was empty.

    Attributes:
        start_unix_s, end_unix_s: from when to when, as exactly as the windows tell; the end is None while it lasts.
        begun: whether its beginning was seen; else it was empty when watching began.
    """

    start_unix_s: float
    end_unix_s: float | None
    begun: bool

    @property
    def length_s(self) -> float | None:
        """How long it lasted; None while it lasts."""
        return None if self.end_unix_s is None else self.end_unix_s - self.start_unix_s


def availability(seen_s: float, empty_s: float) -> float | None:
    """On-shelf availability: the share of the seconds seen in which there was something, 0..1; None if unseen.

    Of an aisle or a day it is this of the sums over its facings and windows.
    """
    return 1.0 - min(1.0, empty_s / seen_s) if seen_s > 0 else None


def gaps(windows: Iterable[FacingWindow]) -> list[Gap]:
    """The gaps of one facing.

    Within a window only seconds are known, so that a gap begins as late and ends as early in it as they allow. While a
    facing was not seen, what it was last is kept.

    Args:
        windows: of one facing, by time.
    """
    found: list[Gap] = []
    start_s: float | None = None
    begun = known = False
    for window in windows:
        end_s = float(window.start_unix_s + window.width_s)
        if window.seen_s <= 0:
            continue
        stocked_s = max(0.0, window.seen_s - window.empty_s)
        if window.empty_s <= 0:
            if start_s is not None:
                found.append(Gap(start_s, float(window.start_unix_s), begun))
            start_s = None
        elif start_s is None:
            start_s, begun = end_s - window.empty_s, known or stocked_s > 0
        elif stocked_s > 0:
            found.append(Gap(start_s, window.start_unix_s + window.empty_s, begun))
            start_s = None
        known = True
    if start_s is not None:
        found.append(Gap(start_s, None, begun))
    return found


def times_to_restock(found: Iterable[Gap]) -> tuple[float, float] | None:
    """Median and 90th percentile of the seconds that gaps lasted, of those whose beginning and end were seen.

    A gap that lasts is not among them, so that a shelf nobody fills is told by its open gaps, not by this.
    """
    lengths = [gap.length_s for gap in found if gap.begun and gap.length_s is not None]
    if not lengths:
        return None
    median, most = np.percentile(lengths, (50, 90))
    return float(median), float(most)
