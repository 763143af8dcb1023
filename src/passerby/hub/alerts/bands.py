"""What is usual for an hour: exponential smoothing with a season of a week, by statsmodels; the extra `forecast`.

Decision 31 has what it was compared with.
"""

import importlib.util
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HOURS = 24
WEEK = 7 * HOURS
LEAST_WEEKS, MOST_WEEKS = 4, 12
_LEVEL, _SEASON = 0.02, 0.15
"""How quickly the level and the week's shape follow; fixed, so that one strange day does not teach it to be strange."""
TAIL = 0.005
"""Of the errors of an hour of the day so many lie below the band at width 1, and as many above it."""
_LEAST_SEEN = 0.6


@dataclass(frozen=True, slots=True)
class Band:
    """Visitors of one hour: from `low` to `high` is usual, `middle` most so."""

    low: float
    middle: float
    high: float

    def is_outside(self, value: float, direction: str) -> bool:
        """Whether a number is not usual, by "fewer", "more" or "both"."""
        return (value < self.low and direction != "more") or (value > self.high and direction != "fewer")


def is_available() -> bool:
    """Whether the library is installed."""
    return importlib.util.find_spec("statsmodels") is not None


def day_bands(history: NDArray[np.float64], width: float) -> list[Band] | None:
    """The bands of the 24 hours of a day, by the hours of the days before it.

    Args:
        history: visitors by hour, of whole days up to the one that is asked for, on the clock of the wall; NaN where
            an hour was not seen.
        width: 1 takes in as much as the errors of the past did; more is wider.

    Returns:
        A band for each hour; None where too little is known.
    """
    hours = history.reshape(-1)
    seen = np.flatnonzero(np.isfinite(hours))
    weeks = min(MOST_WEEKS, (hours.size - int(seen[0])) // WEEK) if seen.size else 0
    known = hours[hours.size - weeks * WEEK :]
    if weeks < LEAST_WEEKS or np.isfinite(known).mean() < _LEAST_SEEN:
        return None
    forecast, errors = smoothed(_filled(np.log1p(known).reshape(-1, WEEK)))
    low, high = np.quantile(errors, [TAIL, 1 - TAIL], axis=0)
    middle, half = forecast + (low + high) / 2, width * (high - low) / 2
    edges = np.expm1(np.stack([middle - half, forecast, middle + half])).clip(0.0)
    return [Band(*map(float, edges[:, hour])) for hour in range(HOURS)]


def _filled(weeks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weeks by hour; an hour that was not seen gets the median of the same hour in other weeks."""
    usual = [float(np.median(one[np.isfinite(one)])) if np.isfinite(one).any() else 0.0 for one in weeks.T]
    return np.where(np.isfinite(weeks), weeks, usual).reshape(-1)


def smoothed(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The next 24 hours, and by hour of the day the errors so far, without the first two weeks, in which it learns."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    model = ExponentialSmoothing(
        values, trend=None, seasonal="add", seasonal_periods=WEEK, initialization_method="heuristic"
    )
    fitted = model.fit(smoothing_level=_LEVEL, smoothing_seasonal=_SEASON, optimized=False)
    errors = np.asarray(fitted.resid, float)[2 * WEEK :].reshape(-1, HOURS)
    return np.asarray(fitted.forecast(HOURS), float), errors
