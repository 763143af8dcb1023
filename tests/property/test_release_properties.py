"""Noisy counts made fit to print, and how wrong they may be, for any counts."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.consistent import fitted, withheld
from passerby.core.noise import MICRO, better_guess, cost_micro, deviation, half_width, scale_of

COUNTS = st.lists(st.integers(-200, 5000), min_size=1, max_size=30)


def on_the_simplex(counts: list[int], total: int) -> np.ndarray:
    """The projection in floating point numbers, found by bisection: another way than the code's."""
    low, high = min(counts) - total - 1.0, max(counts) + 1.0
    for _ in range(200):
        shift = (low + high) / 2
        low, high = (shift, high) if np.maximum(0, np.array(counts) - shift).sum() > total else (low, shift)
    return np.maximum(0, np.array(counts) - high)


@given(COUNTS, st.integers(0, 20_000))
def test_parts_are_whole_not_negative_add_up_and_lie_nearest(counts: list[int], total: int) -> None:
    parts = fitted(counts, total)
    assert all(isinstance(part, int) and part >= 0 for part in parts)
    assert sum(parts) == total
    assert np.abs(np.array(parts) - on_the_simplex(counts, total)).max() <= 1 + 1e-6


@given(COUNTS)
def test_parts_that_are_right_already_stay(counts: list[int]) -> None:
    right = [abs(count) for count in counts]
    assert fitted(right, sum(right)) == right


@given(COUNTS, COUNTS)
def test_fitting_to_the_true_total_makes_no_error_larger(true: list[int], noise: list[int]) -> None:
    true = [abs(count) for count in true]
    noisy = [count + extra for count, extra in zip(true, noise, strict=False)]
    true = true[: len(noisy)]
    error = np.linalg.norm(np.array(noisy) - true)
    assert np.linalg.norm(np.array(fitted(noisy, sum(true))) - true) <= error + math.sqrt(len(true))


def test_nothing_can_add_up_to_less_than_nothing() -> None:
    with pytest.raises(ValueError, match="add up to -1"):
        fitted([1, 2], -1)
    with pytest.raises(ValueError, match="0 counts"):
        fitted([], 3)
    assert fitted([], 0) == []


@given(COUNTS, st.integers(0, 1000))
def test_small_parts_are_withheld_and_none_alone(counts: list[int], minimum: int) -> None:
    hidden = withheld(counts, minimum)
    assert all(hide for count, hide in zip(counts, hidden, strict=True) if count < minimum)
    assert sum(hidden) != 1 or len(counts) == 1
    extra = sum(hide for count, hide in zip(counts, hidden, strict=True) if count >= minimum)
    assert extra <= 1  # no more than that takes


@given(st.integers(1, 50), st.integers(1, 20 * MICRO))
def test_a_scale_never_gives_less_noise_than_is_paid(crossings: int, epsilon_micro: int) -> None:
    scale = scale_of(crossings, epsilon_micro)
    assert crossings / scale <= epsilon_micro / MICRO
    assert scale - 1 / 1024 <= crossings * MICRO / epsilon_micro * (1 + 1e-12)
    assert (scale * 1024).is_integer()


@given(st.integers(1, 20 * MICRO), st.integers(1, 50), st.integers(1, 50))
def test_what_was_paid_by_another_k_is_never_counted_for_less(epsilon_micro: int, then: int, now: int) -> None:
    cost = cost_micro(epsilon_micro, then, now)
    assert cost * then >= epsilon_micro * now
    assert (cost - 1) * then < epsilon_micro * now


@settings(max_examples=40)
@given(st.floats(0.2, 25), st.integers(1, 3))
def test_intervals_are_the_narrowest_that_hold_95_per_cent(scale: float, n: int) -> None:
    """Against the sum of the chances, added up one by one."""
    p = math.exp(-1 / scale)
    reach = math.ceil(35 * scale) + 5
    one = (1 - p) / (1 + p) * p ** np.abs(np.arange(-reach, reach + 1))
    chances = one
    for _ in range(n - 1):
        chances = np.convolve(chances, one)
    middle = len(chances) // 2

    def within(half: int) -> float:
        return float(chances[middle - half : middle + half + 1].sum())

    half = half_width({scale: n})
    assert within(half) >= 0.95 - 1e-9
    assert half == 0 or within(half - 1) < 0.95 + 1e-9
    spread = math.sqrt(float((chances * (np.arange(len(chances)) - middle) ** 2).sum()))
    assert deviation({scale: n}) == pytest.approx(spread, rel=1e-6)


def test_noises_of_several_scales_are_added() -> None:
    mixed = Counter({8.0: 2, 16.0: 3})
    assert deviation(mixed) == pytest.approx(math.hypot(*[deviation({8.0: 1})] * 2, *[deviation({16.0: 1})] * 3))
    assert half_width({8.0: 5}) < half_width(mixed) < half_width({16.0: 5})
    assert half_width({}) == 0 == half_width({8.0: 0})


def test_how_far_a_guess_can_get() -> None:
    assert better_guess(0) == 0.5
    assert better_guess(math.log(3)) == pytest.approx(0.75)
    assert better_guess(800) == 1.0


@pytest.mark.parametrize(("crossings", "epsilon_micro"), [(0, 1), (1, 0), (-1, 5)])
def test_nothing_is_free(crossings: int, epsilon_micro: int) -> None:
    with pytest.raises(ValueError, match="above 0"):
        scale_of(crossings, epsilon_micro)
