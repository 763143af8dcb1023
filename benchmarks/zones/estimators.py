"""Estimators of stays from buckets, on drawn distributions: `python -m benchmarks.zones.estimators`.

No tracker here: what the buckets and the lost ones alone do to a median and a 90th percentile.
"Left out" and "taken as left" say what was done with the lost ones.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy import stats

from passerby.core.dwell import DWELL_EDGES_S, Survival

EDGES_S = np.array((0, *DWELL_EDGES_S), np.float64)
SAMPLE = 200_000
FAMILIES = {
    "exponential": lambda mean_s: stats.expon(scale=mean_s),
    "log-normal, sigma 0.5": lambda mean_s: stats.lognorm(0.5, scale=mean_s / np.exp(0.125)),
    "log-normal, sigma 1": lambda mean_s: stats.lognorm(1, scale=mean_s / np.exp(0.5)),
    "gamma, shape 4": lambda mean_s: stats.gamma(4, scale=mean_s / 4),
    "gamma, shape 0.7": lambda mean_s: stats.gamma(0.7, scale=mean_s / 0.7),
}
Between = Callable[[float, float, float, float, float], float]


def linear(high: float, low: float, start_s: float, end_s: float, share: float) -> float:
    return start_s + (high - share) / (high - low) * (end_s - start_s)


def over_log_time(high: float, low: float, start_s: float, end_s: float, share: float) -> float:
    if start_s == 0:
        return linear(high, low, start_s, end_s, share)
    return start_s * (end_s / start_s) ** ((high - share) / (high - low))


def log_linear(high: float, low: float, start_s: float, end_s: float, share: float) -> float:
    if low <= 0:
        return linear(high, low, start_s, end_s, share)
    return start_s + np.log(high / share) / np.log(high / low) * (end_s - start_s)


def weibull(high: float, low: float, start_s: float, end_s: float, share: float) -> float:
    if start_s == 0 or low <= 0 or high >= 1:
        return log_linear(high, low, start_s, end_s, share)
    at_high, at_low, at = (np.log(-np.log(each)) for each in (high, low, share))
    return start_s * (end_s / start_s) ** ((at - at_high) / (at_low - at_high))


def quantile(curve: Survival, share: float, between: Between) -> float:
    for (start_s, high), (end_s, low) in pairwise(zip(curve.edges_s, curve.share, strict=True)):
        if low <= share:
            return float(between(high, low, start_s, end_s, share))
    return np.nan


def actuarial(left: np.ndarray, lost: np.ndarray) -> Survival:
    """Cutler and Ederer 1958: half of those lost in a bucket were at risk in it."""
    reached = np.cumsum((left + lost)[::-1])[::-1]
    known = int(np.flatnonzero(left + lost)[-1])
    parts = 1 - left[:known] / (reached[:known] - lost[:known] / 2)
    return Survival(EDGES_S[: known + 1], np.cumprod([1.0, *parts]))


def cell(errors: list[tuple[float, float]]) -> str:
    """Root mean squares of the errors of median and 90th percentile, where there is an answer."""
    known = [[error for error in column if np.isfinite(error)] for column in zip(*errors, strict=True)]
    return " / ".join(f"{np.sqrt(np.mean(np.square(each))):.1%}" if each else "more" for each in known)


def interpolation() -> None:
    rules: tuple[Between, ...] = (linear, over_log_time, log_linear, weibull)
    print("\n### Within a bucket, nobody lost: root mean square error of median / 90th percentile\n")
    print("| stays | " + " | ".join(rule.__name__ for rule in rules) + " |\n|---|" + "---|" * len(rules))
    for name, family in FAMILIES.items():
        row = []
        for rule in rules:
            drawn = [family(mean_s) for mean_s in np.geomspace(12, 1200, 40)]
            row.append(
                cell(
                    [
                        tuple(
                            quantile(Survival(EDGES_S, one.sf(EDGES_S)), q, rule) / one.isf(q) - 1 for q in (0.5, 0.1)
                        )
                        for one in drawn
                    ]
                )
            )
        print(f"| {name} | " + " | ".join(row) + " |")


def losing(per_mean: float) -> None:
    print(f"\n### Sight lost {per_mean:g} times in a mean stay\n")
    print("| stays | left out | taken as left | actuarial | proportional forces |\n|---|---|---|---|---|")
    none = np.zeros(13)
    rng = np.random.default_rng(0)
    for name, family in FAMILIES.items():
        errors: list[list[tuple[float, float]]] = [[], [], [], []]
        for mean_s in np.geomspace(12, 1200, 14):
            one = family(mean_s)
            stays_s, sight_s = one.rvs(SAMPLE, random_state=rng), rng.exponential(mean_s / per_mean, SAMPLE)
            left = np.histogram(stays_s[stays_s <= sight_s], [*EDGES_S, np.inf])[0].astype(float)
            lost = np.histogram(sight_s[sight_s < stays_s], [*EDGES_S, np.inf])[0].astype(float)
            curves = (
                Survival.of(left, none),
                Survival.of(left + lost, none),
                actuarial(left, lost),
                Survival.of(left, lost),
            )
            for column, curve in zip(errors, curves, strict=True):
                found = [quantile(curve, q, log_linear) / one.isf(q) - 1 for q in (0.5, 0.1)]
                column.append((found[0], found[1]))
        print(f"| {name} | " + " | ".join(map(cell, errors)) + " |", flush=True)


if __name__ == "__main__":
    interpolation()
    for times in (0.3, 1.0, 2.0):
        losing(times)
