"""How long people stay, from counts by length of stay alone.

Sight of some is lost before they leave: their stay was at least so long (right-censored). Leaving them out would make
stays look short, as long ones are lost more often. The reasons and what was measured: docs/decisions/0010-dwell.md.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]

DWELL_EDGES_S = (5, 10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600)
"""Edges of the buckets of stays; the first begins at zero, the last has no end. An edge belongs to the bucket above."""

_EDGES_S = np.array((0, *DWELL_EDGES_S), dtype=np.float64)
_CLOSED = len(DWELL_EDGES_S)


def bucket(dwell_s: float) -> int:
    """Which bucket a stay falls into, 0..12."""
    return bisect_right(DWELL_EDGES_S, dwell_s)


@dataclass(frozen=True, slots=True)
class Survival:
    """The share of stays that are longer than each edge.

    Attributes:
        edges_s: float64 (k,), from zero to the last edge up to which anything is known; k is 13 at most.
        share: float64 (k,), 1 at zero, falling.
    """

    edges_s: _Floats
    share: _Floats

    @staticmethod
    def of(left: Sequence[float], lost: Sequence[float]) -> "Survival":
        """A life table: the estimate of Kaplan and Meier (1958, JASA 53) for stays that are known by bucket only.

        Within a bucket, leaving and losing sight go on side by side at steady rates, so of n who reach it, d who leave
        and c who are lost, a share of ((n - d - c) / n) ** (d / (d + c)) would have stayed on, had none been lost
        (Chiang 1961, "A stochastic study of the life table and its applications: III"). In the last
        bucket, where nobody stays on, those lost count as half at risk (Cutler and Ederer 1958, J. Chronic Diseases 8).

        Args:
            left: 13 counts of stays that ended by leaving, by bucket.
            lost: 13 counts of stays of which sight was lost.

        Raises:
            ValueError: there are not 13 of each, or one is negative or not finite.
        """
        ends, cuts = _counts("left", left), _counts("lost", lost)
        reached = np.cumsum((ends + cuts)[::-1])[::-1]
        filled = np.flatnonzero(ends + cuts)
        # A last bucket in which all were lost tells nothing.
        known = min(_CLOSED, int(filled[-1]) + int(ends[filled[-1]] > 0)) if len(filled) else 0
        parts = [_going_on(*row) for row in zip(reached[:known], ends, cuts, strict=False)]
        share: _Floats = np.cumprod([1.0, *parts], dtype=np.float64)
        return Survival(_EDGES_S[: known + 1], share)

    def quantile_s(self, q: float) -> float | None:
        """The time by which a share `q` of the stays has ended; None where the curve is not known so far."""
        below = np.flatnonzero(self.share <= 1 - q + 1e-12)
        if not len(below):
            return None
        end = int(below[0])
        high, low = self.share[end - 1], self.share[end]
        start_s, end_s = self.edges_s[end - 1], self.edges_s[end]
        # Log-linear: people leave at a steady rate within a bucket. Where none is left at its end, that has no answer.
        part = np.log(high / (1 - q)) / np.log(high / low) if low > 0 else (high - (1 - q)) / high
        return float(start_s + part * (end_s - start_s))

    def mean_s(self) -> float | None:
        """Mean of the stays, each of more than an hour taken as an hour (restricted mean, Irwin 1949).

        None where the curve is neither known for the whole hour nor fallen to nobody.
        """
        if len(self.edges_s) <= _CLOSED and self.share[-1] > 0:
            return None
        widths_s = np.diff(self.edges_s)
        high, low = self.share[:-1], self.share[1:]
        steady = (low > 0) & (high > low)
        ratio = np.where(steady, high / np.where(steady, low, 1), np.e)
        areas = np.where(steady, (high - low) / np.log(ratio), (high + low) / 2) * widths_s
        return float(areas.sum())


def _going_on(reached: float, left: float, lost: float) -> float:
    """The share of those who reached a bucket that would have stayed beyond it, had none been lost."""
    if left + lost == 0:
        return 1.0
    beyond = reached - left - lost
    if beyond <= 0:
        return 1 - left / (reached - lost / 2)
    return float((beyond / reached) ** (left / (left + lost)))


def _counts(name: str, values: Sequence[float]) -> _Floats:
    counts = np.array(values, dtype=np.float64)
    if counts.shape != (_CLOSED + 1,):
        raise ValueError(f"{name}: expected {_CLOSED + 1} counts, got shape {counts.shape}")
    if not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise ValueError(f"{name}: counts must be 0 or more")
    return counts


@dataclass(frozen=True, slots=True)
class DwellSummary:
    """How long people stay, or wait.

    Attributes:
        visits: how many stays it rests on.
        median_s: half of them are over by then; None: more than `known_to_s`, or nothing is known.
        p90_s: nine in ten are over by then; None likewise.
        mean_s: their mean, where more than an hour is an hour; None where too many were lost.
        censored_share: share of the stays of which sight was lost; None without visits.
        known_to_s: up to where the curve is known: "more than so long" is what can be said of a None.
    """

    visits: float
    median_s: float | None
    p90_s: float | None
    mean_s: float | None
    censored_share: float | None
    known_to_s: float


def summary(left: Sequence[float], lost: Sequence[float]) -> DwellSummary:
    """Sums up stays.

    For the waiting time in a queue, those who were served count as `left`, and those who gave up are added to the
    `lost`: they would have waited at least so long (Brown et al. 2005, "Statistical analysis of a telephone call
    center: a queueing-science perspective", JASA 100).

    Args:
        left: 13 counts of stays that ended by leaving, by bucket.
        lost: 13 counts of stays of which sight was lost.

    Raises:
        ValueError: there are not 13 of each, or one is negative or not finite.
    """
    curve = Survival.of(left, lost)
    visits, censored = float(sum(left) + sum(lost)), float(sum(lost))
    return DwellSummary(
        visits=visits,
        median_s=curve.quantile_s(0.5),
        p90_s=curve.quantile_s(0.9),
        mean_s=curve.mean_s() if visits else None,
        censored_share=censored / visits if visits else None,
        known_to_s=float(curve.edges_s[-1]),
    )


def littles_law_wait_s(person_seconds: float, departures: float) -> float | None:
    """Mean time in a queue from its length alone: W = L / lambda (Little 1961).

    A check on the waiting times: it needs no track to last. It holds where a window is long against a wait, and it
    counts all who leave, those who give up or only pass through too.

    Args:
        person_seconds: total of people in the queue, over a time.
        departures: how many left it in this time.

    Returns:
        seconds; None where nobody left.
    """
    return person_seconds / departures if departures > 0 else None
