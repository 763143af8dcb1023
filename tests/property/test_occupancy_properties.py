"""Occupancy from lines: the bound is Skorokhod's reflection, fixes forget, and the interval holds what it promises."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.core.occupancy import Fix, Flow, course
from tests.support.occupancy_days import Day, held, outcomes

OPENED = 1_760_000_400
Passed = list[tuple[int, int, float]]

passed = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.0, 0.25, 0.9, 1.0])), min_size=1, max_size=40
)


def windows(told: Passed, width_s: int = 900) -> list[Flow]:
    return [
        Flow(OPENED + index * width_s, width_s, entered, left, coverage)
        for index, (entered, left, coverage) in enumerate(told)
    ]


def reflected(start: int, told: Passed) -> tuple[list[float], list[float]]:
    """The bound at zero in closed form: what is swallowed is the deepest that in minus out has ever been below zero."""
    net = start + np.cumsum([entered - left for entered, left, _ in told])
    swallowed = np.maximum(0, np.maximum.accumulate(-net))
    return list(map(float, net + swallowed)), list(map(float, swallowed))


@given(passed, st.integers(0, 50))
def test_the_bound_is_the_reflection_at_zero(told: Passed, start: int) -> None:
    found = course(windows(told), [Fix(OPENED, start)])
    people, swallowed = reflected(start, told)
    assert [one.people for one in found] == people
    assert [one.swallowed for one in found] == swallowed


@given(passed, st.integers(0, 50))
def test_the_estimate_lies_in_its_interval(told: Passed, start: int) -> None:
    for one in course(windows(told), [Fix(OPENED, start)]):
        assert one.people is not None and one.low is not None
        assert 0 <= one.low <= one.people <= (math.inf if one.high is None else one.high)


@given(passed, passed, st.integers(0, 50))
def test_a_fix_forgets_what_was_before_but_what_was_swallowed(before: Passed, after: Passed, people: int) -> None:
    both = windows(before + after)
    moment = both[len(before)].start_unix_s
    found = course(both, [Fix(OPENED, 0), Fix(moment, people)])[len(before) :]
    alone = course(both[len(before) :], [Fix(moment, people)])
    assert [(one.people, one.low, one.high) for one in found] == [(one.people, one.low, one.high) for one in alone]


@given(passed, st.integers(0, 39), st.floats(0, 1))
def test_seeing_less_widens_the_interval(told: Passed, which: int, share: float) -> None:
    which %= len(told)
    entered, left, coverage = told[which]
    less = [*told[:which], (entered, left, coverage * share), *told[which + 1 :]]
    wide, narrow = (course(windows(seen), [Fix(OPENED, 0)])[-1] for seen in (less, told))
    assert wide.low is not None and narrow.low is not None
    assert wide.low <= narrow.low + 1e-9
    assert (math.inf if narrow.high is None else narrow.high) <= (math.inf if wide.high is None else wide.high) + 1e-9


@given(passed)
def test_the_width_of_windows_does_not_matter_where_nothing_is_swallowed(told: Passed) -> None:
    halves = [(part, rest, coverage) for entered, left, coverage in told for part, rest in ((entered, 0), (0, left))]
    many = course(windows(halves, 450), [Fix(OPENED, 5000)])[1::2]
    few = course(windows(told), [Fix(OPENED, 5000)])
    assert [one.people for one in many] == [one.people for one in few]
    assert [one.low for one in many] == pytest.approx([one.low for one in few])


@pytest.mark.parametrize("seen", [1.0, 0.9, 0.6])
@pytest.mark.parametrize("at", [4, 19, 39])
def test_the_truth_is_in_the_interval_as_often_as_it_says(seen: float, at: int) -> None:
    assert held(outcomes(Day(seen=seen), days=300, at=at)) >= 0.94


def test_the_truth_is_in_the_interval_after_an_hour_without_a_camera() -> None:
    assert held(outcomes(Day(windows=16, away=range(8, 12), stay=0.7), days=300, at=15)) >= 0.95
