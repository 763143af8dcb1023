"""How many people are in a place: in minus out of its lines, with how far that may be wrong.

Occupancy from lines drifts, since a person who was counted wrongly once stays in the sum. So it is never below zero,
it begins anew at each moment at which the number is known (a fix: the opening time, or a correction by hand), and it
comes with an interval that grows from one fix to the next. The reasons and the measurements stand in
docs/decisions/0012-occupancy.md.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

ERROR_PER_CROSSING = 16 / 230
"""Crossings counted wrongly by one that is counted: the default detector on the five tables of benchmarks/accuracy, at
eight looks a second. At 2.5 they are 11, and the larger number is kept: decision 12."""

BIAS_PER_CROSSING = 0.02
"""Standard deviation between lines of the errors that do not cancel, by one crossing: the 16 errors above left a
difference of 4 people between in and out in 230 crossings, which is also as much as chance alone would leave."""

Z_95 = 1.96
"""Half width of a 95 % interval of the normal distribution, in standard deviations."""

DRIFT_OVER_S = 3600


@dataclass(frozen=True, slots=True)
class Flow:
    """What all lines of a place tell of one window.

    Attributes:
        start_unix_s, width_s: the window.
        entered, left: people who crossed inwards and outwards.
        coverage: share of the window that was seen, 0..1: the least of the lines, 0 where one was not seen at all.

    Raises:
        ValueError: a number is out of range.
    """

    start_unix_s: int
    width_s: int
    entered: float
    left: float
    coverage: float

    def __post_init__(self) -> None:
        people = (self.entered, self.left)
        if not (
            all(math.isfinite(one) and one >= 0 for one in people) and 0 <= self.coverage <= 1 and self.width_s > 0
        ):
            raise ValueError(f"entered, left and width must be 0 or more and coverage 0..1, got {self}")

    @property
    def end_unix_s(self) -> int:
        """Where the window ends."""
        return self.start_unix_s + self.width_s


@dataclass(frozen=True, slots=True)
class Fix:
    """A moment at which the number of people is known: a reset to zero, or a correction."""

    moment_unix_s: float
    people: float


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How many people are in a place at a moment.

    Attributes:
        end_unix_s: the moment: the end of a window, or a fix.
        people: best estimate, 0 or more; None where nothing is known.
        low, high: the true number is between them 95 times in 100; None where no bound can be told.
        coverage: share of the window that was seen, 0..1.
        mean: over the window, as far as the estimates at its two ends tell; None where it holds a fix.
        swallowed: people below zero that the bound has swallowed since the first fix; they are a sign of drift.
    """

    end_unix_s: float
    people: float | None
    low: float | None
    high: float | None
    coverage: float
    mean: float | None = None
    swallowed: float = 0.0


@dataclass(frozen=True, slots=True)
class Drift:
    """What the lines say more than the zones: in the last window that all zones saw, and on average.

    Attributes:
        now, mean: in people; positive where the lines say more.
        windows: how many the mean is of.
    """

    now: float
    mean: float
    windows: int


@dataclass(slots=True)
class _Ledger:
    """What was counted since the last fix."""

    people: float = 0.0
    entered: float = 0.0
    left: float = 0.0
    seen_s: float = 0.0
    unseen_s: float = 0.0
    split_variance: float = 0.0
    swallowed: float = 0.0

    def take(self, flow: Flow, share: float) -> None:
        """Adds a window, or the share of it that lies behind a fix."""
        # Which of its crossings came after the fix is not known: each did with the probability `share`.
        self.split_variance += (flow.entered + flow.left) * share * (1 - share)
        self.entered += flow.entered * share
        self.left += flow.left * share
        self.seen_s += flow.width_s * share * flow.coverage
        self.unseen_s += flow.width_s * share * (1 - flow.coverage)
        people = self.people + (flow.entered - flow.left) * share
        self.swallowed += max(0.0, -people)
        self.people = max(0.0, people)

    def bounds(self) -> tuple[float, float | None]:
        """The 95 % interval.

        Errors of single crossings are taken as Poisson, so their variance grows with the crossings. What a line gets
        wrong in one direction more than in the other does not cancel: there the standard deviation grows with them
        (JCGM 100:2008, 5.2.2). In unseen time people may have come, or gone, as many as at the mean rate since the fix:
        a Gamma posterior from Jeffreys' prior, whose prediction is negative binomial (Gelman et al., Bayesian Data
        Analysis, 2.6). The upper bound takes those who may have come and the lower one those who may have gone, since
        a hole can hide either alone.
        """
        if self.unseen_s > 0 and self.seen_s <= 0:
            return 0.0, None
        unseen = self.unseen_s / self.seen_s if self.seen_s > 0 else 0.0
        came, went = (self.entered + 0.5) * unseen, (self.left + 0.5) * unseen
        crossings = self.entered + self.left
        known = crossings * ERROR_PER_CROSSING + (crossings * BIAS_PER_CROSSING) ** 2 + self.split_variance
        spread_down = Z_95 * math.sqrt(known + went * (1 + unseen))
        spread_up = Z_95 * math.sqrt(known + came * (1 + unseen))
        return max(0.0, self.people - went - spread_down), self.people + came + spread_up


def course(flows: Sequence[Flow], fixes: Sequence[Fix]) -> list[Occupancy]:
    """The occupancy at the end of each window.

    Args:
        flows: windows in the order of time, each beginning where the one before ended; a window that was not seen
            stands among them with a coverage of 0.
        fixes: in the order of time. A window counts from the last fix before its end; what ends before the first fix is
            left out.

    Raises:
        ValueError: the windows do not follow each other, or the fixes are out of order.
    """
    if any(one.end_unix_s != after.start_unix_s for one, after in pairwise(flows)):
        raise ValueError("each window must begin where the one before ended")
    if any(one.moment_unix_s > after.moment_unix_s for one, after in pairwise(fixes)):
        raise ValueError("fixes must be in the order of time")
    ledger = _Ledger()
    told: list[Occupancy] = []
    waiting = deque(fixes)
    for flow in flows:
        fix = None
        while waiting and waiting[0].moment_unix_s < flow.end_unix_s:
            fix = waiting.popleft()
        if fix:
            ledger = _Ledger(fix.people, swallowed=ledger.swallowed)
        if len(waiting) < len(fixes):
            told.append(_end_of(flow, ledger, fix))
    return told


def _end_of(flow: Flow, ledger: _Ledger, fix: Fix | None) -> Occupancy:
    """Adds a window to the ledger; of one that holds a fix, only the time behind it counts."""
    share = min(1.0, (flow.end_unix_s - fix.moment_unix_s) / flow.width_s) if fix else 1.0
    before = ledger.people
    ledger.take(flow, share)
    low, high = ledger.bounds()
    mean = (before + ledger.people) / 2 if share == 1.0 else None
    return Occupancy(flow.end_unix_s, ledger.people, low, high, flow.coverage, mean, ledger.swallowed)


def present(told: Sequence[Occupancy], fixes: Sequence[Fix]) -> Occupancy | None:
    """The newest that is known: the end of the last window, or a fix at or after it; None if there is neither."""
    last = told[-1] if told else None
    if not fixes or (last and fixes[-1].moment_unix_s < last.end_unix_s):
        return last
    fix = fixes[-1]
    swallowed = last.swallowed if last else 0.0
    return Occupancy(fix.moment_unix_s, fix.people, fix.people, fix.people, 1.0, None, swallowed)


def drift(told: Iterable[Occupancy], zone_means: dict[float, float]) -> Drift | None:
    """Compares lines with zones that see the whole place. It corrects nothing: either of them may be wrong.

    Args:
        told: from lines, in the order of time.
        zone_means: mean people of all zones together, by the end of the window; of windows that all of them saw.

    Returns:
        Over the windows of the last `DRIFT_OVER_S` of them, and the last one; None where there is none.
    """
    both = [
        (one.end_unix_s, one.mean - zone_means[one.end_unix_s])
        for one in told
        if one.mean is not None and one.end_unix_s in zone_means
    ]
    if not both:
        return None
    last = [people for end, people in both if end > both[-1][0] - DRIFT_OVER_S]
    return Drift(last[-1], math.fsum(last) / len(last), len(last))
