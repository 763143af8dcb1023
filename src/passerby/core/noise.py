"""How much noise protects one person's presence in one venue on one day, and how wrong a noisy figure may be.

The unit of privacy is one person's presence in one venue-day, changing at most k crossings. Two sets of tallies are
neighbours if they are equal but for one day of one venue, where one has that person's crossings and the other has not.

**Sensitivity.** A person comes in at hours h1, h2, ... of the day, at most k times. The day's count changes by at most
k. The vector of the day's hours changes by at most k in the sum of its absolute differences (the L1 norm), however the
crossings are spread: each crossing is in one hour. So are both for a venue with several doors, whose counts are added.
Counts of other venues and other days do not change at all. Discrete Laplace noise of scale b on integers that change by
at most k in the L1 norm is (k / b)-differentially private; so b = k / epsilon, for the day and for the hours. Who asks
for both spends both epsilons (sequential composition).

**k is assumed.** Tallies are sums already, and no one can tell any more who of them crossed how often; so k cannot be
enforced, as it is where lines of a person are dropped before they are added. Of a person with m crossings, m / k of
each epsilon holds: one with twice k has half the protection, not none. The noise itself is drawn elsewhere; this module
has no source of chance.
"""

import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

MICRO = 1_000_000
"""Epsilons are counted in millionths, so that sums of them are exact."""
_STEPS = 1024
"""Scales are multiples of a 1024th, rounded up: exact as floating point numbers, and never less noise than is paid."""
_QUANTILE = 0.95


def scale_of(crossings: int, epsilon_micro: int) -> float:
    """Scale of the discrete Laplace noise, in people.

    Args:
        crossings: k, how many crossings one person's presence changes at most; 1 or more.
        epsilon_micro: what it may cost, in millionths; 1 or more.

    Raises:
        ValueError: one of them is less than 1.
    """
    if crossings < 1 or epsilon_micro < 1:
        raise ValueError(f"crossings and epsilon must be above 0, got {crossings} and {epsilon_micro} millionths")
    return -(-crossings * MICRO * _STEPS // epsilon_micro) / _STEPS


def cost_micro(epsilon_micro: int, crossings: int, crossings_now: int) -> int:
    """What a figure costs by the k that is assumed now, rounded up, where it was paid for by another.

    Args:
        epsilon_micro: what it cost then, in millionths.
        crossings: k then.
        crossings_now: k now.
    """
    return math.ceil(Fraction(epsilon_micro * crossings_now, crossings))


def deviation(scales: Mapping[float, int]) -> float:
    """Standard deviation of a sum of independent discrete Laplace noises, in people.

    The variance of one is 2 p / (1 - p)^2 with p = exp(-1 / scale) (Inusah and Kozubowski 2006, JSPI 136).

    Args:
        scales: how many noises there are of each scale.
    """
    return math.sqrt(sum(n * _variance(scale) for scale, n in scales.items()))


def half_width(scales: Mapping[float, int]) -> int:
    """The least h for which a sum of discrete Laplace noises is within -h..h with 95 % or more, in people.

    It is exact but for rounding: the characteristic function (1 - p)^2 / (1 - 2 p cos t + p^2) of each is raised to
    its power and transformed back.

    Args:
        scales: how many noises there are of each scale; without any, h is 0.
    """
    held = {scale: n for scale, n in scales.items() if n}
    if not held:
        return 0
    reach = 20 * deviation(held) + 40 * max(held) + 8
    size = 1 << math.ceil(math.log2(2 * reach))
    t = 2 * np.pi * np.arange(size // 2 + 1) / size
    logs = np.zeros_like(t)
    for scale, n in held.items():
        p = math.exp(-1 / scale)
        logs += n * (2 * math.log(-math.expm1(-1 / scale)) - np.log(1 - 2 * p * np.cos(t) + p * p))
    chances = np.fft.irfft(np.exp(logs), size)
    within = chances[0] + 2 * np.cumsum(chances[1 : size // 2])
    return 0 if chances[0] >= _QUANTILE else 1 + int(np.searchsorted(within, _QUANTILE))


def better_guess(epsilon: float) -> float:
    """The most that a reader's chance to tell presence from absence can rise to from a half: e^eps / (1 + e^eps).

    Whatever else is known, odds of one to one become at most e^epsilon to one.

    Args:
        epsilon: all that was spent on the venue-day.
    """
    return 1 / (1 + math.exp(-epsilon))


def _variance(scale: float) -> float:
    p = math.exp(-1 / scale)
    return 2 * p / math.expm1(-1 / scale) ** 2
