"""Draws of people: who comes, when they leave, and how many of them are at a place.

All is counted in steps of a day. Whoever comes leaves, at the latest with the day; nobody leaves before they came, so
the number of people inside never falls below zero. No person is made up: only how many.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.core.dwell import DWELL_EDGES_S
from passerby.hub.simulate import shapes
from passerby.hub.simulate.clocks import Clock
from passerby.hub.simulate.fleet import SimulatedVenue

Counts = NDArray[np.int64]
_Floats = NDArray[np.float64]

_DAYS_DIFFER = 0.07
"""Standard deviation of the logarithm of a day's visitors."""
_UNUSUAL = 0.02
"""Share of days on which something is on, or it rains: half as many again, or half as many."""
_LEAST = 0.004
"""Stays that are longer than all but this share are cut there."""


@dataclass(frozen=True, slots=True)
class Flow:
    """People who came to a place and left it.

    Attributes:
        came, left: int64 (n,), in each step; both have the same sum.
        at_once: int64 (n,), of those who came, so many left in the same step.
    """

    came: Counts
    left: Counts
    at_once: Counts

    @property
    def inside(self) -> Counts:
        """int64 (n,), how many are there at the end of each step."""
        return np.cumsum(self.came) - np.cumsum(self.left)


def longer_than(stay_s: float, mean_s: float) -> float:
    """Share of stays that are longer: a gamma distribution of shape two, which few leave at once and few leave late."""
    scaled = 2 * max(0.0, stay_s) / mean_s
    return float((1 + scaled) * np.exp(-scaled))


def buckets(mean_s: float) -> tuple[_Floats, _Floats]:
    """Of stays by the buckets of `core.dwell`: float64 (13,) their shares, and their middles in seconds."""
    edges = (0.0, *DWELL_EDGES_S)
    beyond = np.array([longer_than(edge, mean_s) for edge in edges] + [0.0])
    middles = np.array([(low + high) / 2 for low, high in zip(edges, (*edges[1:], 5400.0), strict=True)])
    return beyond[:-1] - beyond[1:], middles


def visits(rng: np.random.Generator, venue: SimulatedVenue, clock: Clock) -> Flow:
    """All people of a day."""
    came = rng.poisson(expected(venue, clock) * _day_factor(rng))
    return leave(rng, came, venue.kind.stay_s, clock)


def expected(venue: SimulatedVenue, clock: Clock) -> _Floats:
    """float64 (n,), how many come in each step of a usual day."""
    shape = venue.kind.shape
    rate = np.where(clock.open, shapes.at(shape, clock.hour_of_week), 0.0)
    return venue.weekly_visitors * rate * clock.grain_s / 3600 / _open_share(venue)


def _open_share(venue: SimulatedVenue) -> float:
    """Which share of the shape's week lies in the opening hours."""
    hours = np.arange(0, shapes.HOURS, 0.25) + 0.125
    share = shapes.at(venue.kind.shape, hours) / 4
    is_open = np.zeros(len(hours), dtype=np.bool_)
    for day, opened in enumerate(venue.kind.hours):
        if opened is not None:
            since = (hours - day * 24) % shapes.HOURS * 60
            is_open |= (since >= opened[0]) & (since < opened[1])
    return float(share[is_open].sum())


def _day_factor(rng: np.random.Generator) -> float:
    """How busy this day is; 1 as usual."""
    factor = float(np.exp(rng.normal(0, _DAYS_DIFFER)))
    unusual = float(rng.uniform())
    if unusual < _UNUSUAL:
        factor *= 1.5 if unusual < _UNUSUAL / 2 else 0.5
    return factor


def leave(rng: np.random.Generator, came: Counts, mean_stay_s: float, clock: Clock) -> Flow:
    """Lets those who came leave again.

    Args:
        rng: to draw with.
        came: int64 (n,), in each step.
        mean_stay_s: how long they stay.
        clock: of the day.
    """
    grain = clock.grain_s
    beyond = [1.0]
    while beyond[-1] > _LEAST and len(beyond) < len(clock):
        beyond.append(longer_than((len(beyond) - 0.5) * grain, mean_stay_s))
    beyond[-1] = 0.0
    shares = np.maximum(0.0, -np.diff(beyond)) if len(beyond) > 1 else np.ones(1)
    after = rng.multinomial(came, shares / shares.sum())
    steps = np.arange(len(clock))[:, None] + np.arange(after.shape[1])[None, :]
    steps = np.maximum(np.minimum(steps, clock.last[:, None]), np.arange(len(clock))[:, None])
    left = np.bincount(steps.ravel(), weights=after.ravel(), minlength=len(clock)).astype(np.int64)
    at_once = np.where(steps == np.arange(len(clock))[:, None], after, 0).sum(axis=1)
    return Flow(came.astype(np.int64), left, at_once.astype(np.int64))


def spread(rng: np.random.Generator, counts: Counts, shares: _Floats) -> Counts:
    """Draws which of several each of so many belongs to: int64 (n, k), whose rows have the sums `counts`."""
    drawn: Counts = rng.multinomial(counts, shares / shares.sum()).astype(np.int64)
    return drawn
