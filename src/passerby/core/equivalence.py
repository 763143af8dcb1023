"""Whether a count is as good as one made by hand: signed bias, its interval, and equivalence within a margin.

The method is that of passenger counting on trains: relative differences of each span against the mean count by hand,
Student's interval for their mean, and two one-sided tests (Schuirmann 1987; Siebert and Ellenberger, "Validation of
automatic passenger counting: introducing the t-test-induced equivalence test", Transportation 47, 2020; the
recommendation VDV 457 asks for it).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

ALPHA = 0.05
"""Chance with which each one-sided test may err."""

LEAST_WINDOWS = 3
"""Of fewer windows nothing is said: their scatter is not known."""


@dataclass(frozen=True, slots=True)
class Pair:
    """People in one window: counted by hand, and counted by the engine."""

    hand: float
    engine: float


@dataclass(frozen=True, slots=True)
class Bias:
    """How far a count is from one made by hand.

    Attributes:
        windows: how many were compared.
        hand, engine: people in all of them.
        bias: engine more than hand, as a share of hand: 0.01 is one per cent too many.
        low, high: the interval of 95 % of the bias.
        margin: the largest bias that still counts as equivalent.
        equivalent: whether the bias is within the margin, at 5 % for each of two one-sided tests.
    """

    windows: int
    hand: float
    engine: float
    bias: float
    low: float
    high: float
    margin: float
    equivalent: bool

    @property
    def half_width(self) -> float:
        """Half of the interval."""
        return (self.high - self.low) / 2


def bias(pairs: Sequence[Pair], margin: float) -> Bias | None:
    """Compares counts of the same windows.

    Where hand and engine differ nowhere, or nearly nowhere, their scatter says more than it can know: so the interval
    is never narrower than what errors that did not happen leave possible among so many people (the "rule of three",
    Hanley and Lippman-Hand 1983).

    Args:
        pairs: of windows, at least `LEAST_WINDOWS`.
        margin: a share, such as 0.05.

    Returns:
        None where there are too few windows, or nobody was counted by hand.

    Raises:
        ValueError: the margin is not above 0.
    """
    if margin <= 0:
        raise ValueError(f"the margin must be above 0, got {margin}")
    hand = sum(pair.hand for pair in pairs)
    if len(pairs) < LEAST_WINDOWS or hand <= 0:
        return None
    mean_hand = hand / len(pairs)
    differences = [(pair.engine - pair.hand) / mean_hand for pair in pairs]
    mean = math.fsum(differences) / len(pairs)
    variance = math.fsum((one - mean) ** 2 for one in differences) / (len(pairs) - 1)
    error = math.sqrt(variance / len(pairs))
    freedom = len(pairs) - 1
    half = max(student_t(1 - ALPHA / 2, freedom) * error, _unseen(hand, ALPHA / 2))
    tested = max(student_t(1 - ALPHA, freedom) * error, _unseen(hand, ALPHA))
    return Bias(
        windows=len(pairs),
        hand=hand,
        engine=sum(pair.engine for pair in pairs),
        bias=mean,
        low=mean - half,
        high=mean + half,
        margin=margin,
        equivalent=-margin < mean - tested and mean + tested < margin,
    )


def _unseen(people: float, alpha: float) -> float:
    """The largest share of errors of which none among so many people would not surprise."""
    return 1.0 - alpha ** (1.0 / people) if people >= 1 else 1.0


def student_t(probability: float, freedom: int) -> float:
    """Quantile of Student's distribution, by halving an interval of its distribution function.

    Args:
        probability: between 0.5 and 1, both left out.
        freedom: degrees of freedom, 1 or more.

    Raises:
        ValueError: an argument is out of range.
    """
    if not 0.5 < probability < 1 or freedom < 1:
        raise ValueError(f"no quantile of {probability} with {freedom} degrees of freedom")
    low, high = 0.0, 1.0
    while _student_t_below(high, freedom) < probability:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _student_t_below(middle, freedom) < probability else (low, middle)
    return (low + high) / 2


def _student_t_below(t: float, freedom: int) -> float:
    """Probability of a value below `t` >= 0; closed forms in Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = math.atan2(t, math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= (k - 1) / k * cosine**2
        total += term
    inside = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return 0.5 + inside / 2
