"""Generated days of a place with known truth, for the interval of its occupancy."""

import math
from dataclasses import dataclass

import numpy as np

from passerby.core.occupancy import BIAS_PER_CROSSING, ERROR_PER_CROSSING, Fix, Flow, Occupancy, course

OPENED = 1_760_000_400
WIDTH_S = 900


@dataclass(frozen=True)
class Day:
    """What kind of day.

    Attributes:
        windows: how many.
        seen: each window is seen to a share between this and all of it.
        rates: mean people who come, by window, where it is not 30.
        away: windows that are not seen at all.
        stay: share of the people inside who stay over a window.
    """

    windows: int = 40
    seen: float = 1.0
    rates: tuple[tuple[int, float], ...] = ()
    away: range = range(0)
    stay: float = 0.5


def a_day(random: np.random.Generator, day: Day) -> tuple[list[Flow], list[int]]:
    """What lines tell of a day, with errors as the benchmark found them and a bias of each line; and the truth."""
    # Of n crossings half are in and half are out: in each direction the bias is wider, so that it is b n in all.
    biases = random.normal(0, BIAS_PER_CROSSING / math.sqrt(0.5), 2)
    inside, told, truth = 0, [], []
    for index in range(day.windows):
        coming = int(random.poisson(dict(day.rates).get(index, 30)))
        going = int(random.binomial(inside, 1 - day.stay))
        inside += coming - going
        share = 0.0 if index in day.away else float(random.uniform(day.seen, 1))
        entered, left = (
            _counted(random, people, share, bias) for people, bias in zip((coming, going), biases, strict=True)
        )
        told.append(Flow(OPENED + index * WIDTH_S, WIDTH_S, entered, left, share))
        truth.append(inside)
    return told, truth


def _counted(random: np.random.Generator, people: int, share: float, bias: float) -> int:
    """Those of some people who are counted: half of the errors are people missed, half people counted too often."""
    wrong = ERROR_PER_CROSSING / 2
    present = int(random.binomial(people, share))
    return int(random.binomial(present, 1 - wrong) + random.poisson(present * max(0.0, wrong + bias)))


def outcomes(day: Day, days: int, at: int, seed: int = 3) -> list[tuple[Occupancy, int]]:
    """Of many days, the occupancy at the end of a window, and the truth."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(days):
        told, truth = a_day(random, day)
        found.append((course(told, [Fix(OPENED, 0)])[at], truth[at]))
    return found


def held(found: list[tuple[Occupancy, int]]) -> float:
    """How often the truth was in the interval, 0..1."""
    return float(
        np.mean([(one.low or 0) <= truth <= (math.inf if one.high is None else one.high) for one, truth in found])
    )
