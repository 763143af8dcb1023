"""The noise that OpenDP draws, against theory. A false alarm comes once in a million runs or less."""

import math
from collections import Counter

import numpy as np
import pytest
from scipy import stats

from passerby.core.noise import MICRO, deviation, scale_of
from passerby.hub.release.noise import OpenDP
from passerby.hub.release.words import ReleaseError

CROSSINGS, EPSILON = 4, MICRO // 2
SCALE = scale_of(CROSSINGS, EPSILON)
N = 120_000
ALARM = 1e-7


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.array(OpenDP().add([0] * N, SCALE, (CROSSINGS, EPSILON)))


def surprise(noise: np.ndarray, scale: float) -> float:
    """How likely noise of that scale would look less like it than this (chi-squared over single values and tails)."""
    p, reach = math.exp(-1 / scale), round(5 * scale)
    values = np.arange(-reach, reach + 1)
    chances = (1 - p) / (1 + p) * p ** np.abs(values)
    tail = p ** (reach + 1) / (1 + p)
    known = Counter(np.clip(noise, -reach - 1, reach + 1).tolist())
    seen = [known[value] for value in range(-reach - 1, reach + 2)]
    return float(stats.chisquare(seen, N * np.array([tail, *chances, tail])).pvalue)


def test_the_noise_is_discrete_laplace_of_the_scale_that_was_paid(noise: np.ndarray) -> None:
    assert SCALE == 8.0
    assert surprise(noise, SCALE) > ALARM


@pytest.mark.parametrize("wrong", [SCALE / 2, SCALE * 0.95, SCALE * 1.05])
def test_that_test_would_find_another_scale(noise: np.ndarray, wrong: float) -> None:
    assert surprise(noise, wrong) < ALARM


def test_the_noise_has_no_bias_and_the_spread_that_is_told(noise: np.ndarray) -> None:
    spread = deviation({SCALE: 1})
    assert abs(noise.mean()) < 5.4 * spread / math.sqrt(N)
    # The fourth moment of the Laplace distribution is six times the square of its variance.
    assert abs(noise.var() / spread**2 - 1) < 5.4 * math.sqrt(5.1 / N)


def test_draws_do_not_depend_on_each_other(noise: np.ndarray) -> None:
    for lag in (1, 2, 24):
        together = float(np.corrcoef(noise[:-lag], noise[lag:])[0, 1])
        assert abs(together) < 5.4 / math.sqrt(N)


def test_the_noise_does_not_depend_on_the_count() -> None:
    """Whole numbers, exactly, for counts of any size: no rounding that tells on a count."""
    for count in (0, 1, 12_345_678_901, 2**53 + 1):
        drawn = OpenDP().add([count] * 20_000, SCALE, (CROSSINGS, EPSILON))
        assert all(type(one) is int for one in drawn)
        noise = np.array([one - count for one in drawn])
        assert abs(noise.mean()) < 5.4 * deviation({SCALE: 1}) / math.sqrt(20_000)
        # Of 20,000 draws every small value comes up, odd or even; floating point numbers would skip odd ones.
        assert set(range(-8, 9)) <= set(noise.tolist())


def test_nothing_is_drawn_for_less_than_it_costs() -> None:
    opendp = OpenDP()
    for crossings, epsilon in ((5, EPSILON), (CROSSINGS, EPSILON - 1), (8, EPSILON)):
        with pytest.raises(ReleaseError, match="costs"):
            opendp.add([1], SCALE, (crossings, epsilon))
    assert opendp.add([], SCALE, (CROSSINGS, EPSILON)) == []
    assert opendp.version


@pytest.mark.parametrize("epsilon_micro", [1, 333_333, 100_000, 700_001, 3 * MICRO, 20 * MICRO])
@pytest.mark.parametrize("crossings", [1, 3, 4, 7])
def test_what_a_scale_costs_by_opendp_is_never_more_than_was_paid(epsilon_micro: int, crossings: int) -> None:
    assert len(OpenDP().add([5], scale_of(crossings, epsilon_micro), (crossings, epsilon_micro))) == 1
