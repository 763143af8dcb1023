"""Shelves of a made-up venue: facings empty as people come, and are filled in the morning and once in the afternoon."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.core.tallies import Measure
from passerby.hub.simulate.clocks import Clock
from passerby.hub.simulate.draws import Counts
from passerby.hub.simulate.places import FACINGS

_LOW, _EMPTY = 0.3, 0.02
_COVERED = 0.04
"""Share of a busy time in which somebody stands before a facing."""
_REFILL_HOUR = (13, 19)


@dataclass(frozen=True, slots=True)
class ShelfCourse:
    """A shelf over a day.

    Attributes:
        totals: by measure, int64 (n,): seconds, the sum of its facings.
        empty, low: int64 (n,), facings so, at the end of each step.
    """

    totals: dict[Measure, Counts]
    empty: Counts
    low: Counts


def shelf_course(rng: np.random.Generator, came: Counts, times: Clock, seen_s: NDArray[np.float64]) -> ShelfCourse:
    """Draws a day of a shelf.

    Args:
        rng: to draw with.
        came: int64 (n,), visitors in each step: they take.
        times: of the day.
        seen_s: float64 (n,), seconds that its camera saw of each step.
    """
    share = np.cumsum(came) / max(1, int(came.sum()))
    sold = rng.gamma(2.0, 0.35, FACINGS)[None, :] * share[:, None]
    refill = _first_step(times, int(rng.integers(*_REFILL_HOUR)))
    sold[refill:] -= sold[refill] * (rng.uniform(size=FACINGS) < 0.8)
    fill = np.clip(1 - sold, 0, 1)
    is_empty, is_low = fill <= _EMPTY, (fill > _EMPTY) & (fill < _LOW)
    busy = np.minimum(1.0, came / max(1.0, float(came.max())))
    seconds = np.floor(seen_s * (1 - _COVERED * busy))[:, None] * np.ones(FACINGS)
    totals = {
        Measure.SHELF_SEEN: seconds,
        Measure.SHELF_FILL: np.floor(seconds * fill),
        Measure.SHELF_LOW: seconds * is_low,
        Measure.SHELF_EMPTY: seconds * is_empty,
    }
    summed = {measure: total.sum(axis=1).astype(np.int64) for measure, total in totals.items()}
    return ShelfCourse(summed, is_empty.sum(axis=1), is_low.sum(axis=1))


def _first_step(times: Clock, hour: int) -> int:
    """The step in which an hour of the day begins."""
    return min(len(times) - 1, int(np.argmax(times.hour_of_week % 24 >= hour)))
