"""Bias and equivalence hold for any counts, and the interval holds as often as it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from passerby.core.equivalence import LEAST_WINDOWS, Bias, Pair, bias, student_t

people = st.integers(0, 300)
windows = st.lists(st.tuples(people, people), min_size=LEAST_WINDOWS, max_size=40).filter(
    lambda pairs: any(hand for hand, _engine in pairs)
)


def compared(pairs: list[tuple[int, int]], margin: float = 0.05) -> Bias:
    found = bias([Pair(*pair) for pair in pairs], margin)
    assert found is not None
    return found


@given(st.floats(0.51, 0.999), st.integers(1, 500))
def test_students_quantile_is_that_of_scipy(probability: float, freedom: int) -> None:
    assert student_t(probability, freedom) == pytest.approx(stats.t.ppf(probability, freedom), rel=1e-9)


@pytest.mark.parametrize(("probability", "freedom"), [(0.5, 3), (1.0, 3), (0.9, 0)])
def test_what_has_no_quantile_is_refused(probability: float, freedom: int) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        student_t(probability, freedom)


@given(windows)
def test_the_bias_is_engine_more_than_hand(pairs: list[tuple[int, int]]) -> None:
    found = compared(pairs)
    assert found.bias == pytest.approx((found.engine - found.hand) / found.hand, abs=1e-9)
    assert found.low <= found.bias <= found.high


@given(windows)
def test_the_interval_is_that_of_student_or_wider(pairs: list[tuple[int, int]]) -> None:
    hand = np.array(pairs, float)[:, 0]
    differences = (np.array(pairs, float)[:, 1] - hand) / hand.mean()
    half = stats.t.ppf(0.975, len(pairs) - 1) * stats.sem(differences)
    assert compared(pairs).half_width >= half - 1e-9


@given(windows, st.floats(0.01, 0.2))
def test_what_is_equivalent_is_so_within_any_wider_margin(pairs: list[tuple[int, int]], margin: float) -> None:
    if compared(pairs, margin).equivalent:
        assert compared(pairs, margin * 1.5).equivalent


@given(windows)
def test_the_order_of_windows_does_not_matter(pairs: list[tuple[int, int]]) -> None:
    assert compared(pairs).bias == pytest.approx(compared(pairs[::-1]).bias, abs=1e-12)


@given(st.integers(LEAST_WINDOWS, 30))
def test_a_few_people_without_an_error_prove_nothing(many: int) -> None:
    assert not compared([(1, 1)] * many).equivalent, "of 30 people or fewer, errors of 10 % may show none"


def test_many_people_without_an_error_prove_it() -> None:
    assert compared([(20, 20)] * 10).equivalent


def test_a_count_that_is_far_off_is_not_equal() -> None:
    found = compared([(20, 24), (30, 35), (25, 30), (18, 22)])
    assert not found.equivalent
    assert found.low > 0


def test_too_few_windows_or_nobody_say_nothing() -> None:
    assert bias([Pair(9, 9)] * (LEAST_WINDOWS - 1), 0.05) is None
    assert bias([Pair(0, 4)] * 10, 0.05) is None


@pytest.mark.parametrize("margin", [0.0, -0.1])
def test_a_margin_is_above_zero(margin: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        bias([Pair(1, 1)] * 5, margin)


def test_the_interval_holds_and_the_test_errs_as_rarely_as_they_say() -> None:
    """Windows drawn with a true bias on the margin: called equal in 5 of 100 draws at most, with some noise."""
    draw = np.random.default_rng(11)
    draws, margin = 1500, 0.05
    held = equal = 0
    for _ in range(draws):
        hand = draw.poisson(40, 12)
        engine = draw.binomial(hand, 0.97) + draw.poisson(hand * (margin + 0.03))
        found = bias([Pair(*pair) for pair in zip(hand.tolist(), engine.tolist(), strict=True)], margin)
        assert found is not None
        held += found.low <= margin <= found.high
        equal += found.equivalent
    assert held / draws > 0.935
    assert equal / draws < 0.065
