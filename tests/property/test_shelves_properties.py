"""What must hold for every facing, whatever is seen of it, and for gaps told from windows."""

import itertools
import math

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from passerby.core.shelves import (
    Facing,
    FacingState,
    FacingWindow,
    Gap,
    ShelfRules,
    availability,
    gaps,
    times_to_restock,
)

fills = st.one_of(st.none(), st.floats(0, 1))
steps_s = st.floats(0, 300)
looks = st.lists(st.tuples(steps_s, fills), max_size=60)
RULES = ShelfRules(confirm_s=60, every_s=10)


@given(looks)
@settings(max_examples=120)
def test_nothing_is_reported_that_was_not_seen_for_long_enough(seen: list[tuple[float, float | None]]) -> None:
    facing, time_s = Facing(RULES), 0.0
    told: list[tuple[float, FacingState, float]] = []
    for step_s, fill in seen:
        time_s += step_s
        before = facing.last
        _, stands_s = facing.look(time_s, fill)
        if fill is not None:
            told.append((time_s, RULES.state_of(fill, before), stands_s))
        if facing.last is not before:
            assert facing.last is not None and facing.since_s is not None
            since = [(state, stands_s) for at_s, state, stands_s in told if at_s >= facing.since_s]
            agreed_s = sum(stands_s for state, stands_s in since if state is facing.last)
            against_s = sum(stands_s for state, stands_s in since if state is not facing.last)
            assert agreed_s - against_s >= RULES.confirm_s - 1e-6 or agreed_s >= RULES.confirm_s
            assert since[-1][0] is facing.last
            assert any(at_s == facing.since_s and state is facing.last for at_s, state, _ in told)


@given(looks)
@settings(max_examples=80)
def test_what_is_covered_keeps_its_last_state_and_its_age(seen: list[tuple[float, float | None]]) -> None:
    facing, time_s, seen_s = Facing(RULES), 0.0, None
    for step_s, fill in seen:
        time_s += step_s
        before = facing.last
        state, stands_s = facing.look(time_s, fill)
        assert 0 <= stands_s <= RULES.hold_s
        assert stands_s <= step_s + 1e-6
        if fill is None:
            assert state is facing.state is FacingState.CANNOT_SEE
            assert facing.last is before
        else:
            seen_s = time_s
        assert facing.seen_s == seen_s
        assert facing.age_s(time_s) == (None if seen_s is None else time_s - seen_s)


@given(st.floats(0, 1), st.lists(fills, min_size=30, max_size=60))
@settings(max_examples=60)
def test_a_flicker_shorter_than_confirm_s_flips_nothing(steady: float, flicker: list[float | None]) -> None:
    facing = Facing(RULES)
    for number in range(20):
        facing.look(number * 10.0, steady)
    assert facing.last is RULES.state_of(steady)
    for number, fill in enumerate(flicker):
        # Every second look is as ever.
        facing.look(200 + number * 10.0, steady if number % 2 == 0 else fill)
        assert facing.last is RULES.state_of(steady)


@given(st.floats(0, 1), st.floats(0, 1))
def test_fuller_is_never_emptier(one: float, other: float) -> None:
    less, more = sorted((one, other))
    for before in (None, *FacingState):
        assert RULES.state_of(less, before) >= RULES.state_of(more, before)


def test_a_moved_camera_forgets_all() -> None:
    facing = Facing(RULES)
    for number in range(20):
        facing.look(number * 10.0, 0.0)
    assert facing.last is FacingState.EMPTY
    facing.forget()
    assert vars_of(facing) == (FacingState.CANNOT_SEE, None, None)


@given(
    st.lists(st.integers(1, 20), min_size=2, max_size=20),
    st.booleans(),
    st.sampled_from((60, 300, 900)),
)
@settings(max_examples=80)
def test_gaps_of_windows_are_those_that_were(minutes: list[int], empty_first: bool, width_s: int) -> None:
    assume(sum(minutes) * 60 > width_s)
    spells: list[tuple[float, float, bool]] = []
    at_s, empty = 0.0, empty_first
    for one in minutes:
        spells.append((at_s, at_s + one * 60, empty))
        at_s, empty = at_s + one * 60, not empty
    windows = []
    for number in range(math.ceil(at_s / width_s)):
        start, end = number * width_s, min((number + 1) * width_s, at_s)
        empty_s = sum(max(0.0, min(end, until) - max(start, since)) for since, until, gap in spells if gap)
        windows.append(FacingWindow(start, width_s, end - start, empty_s))
    found = gaps(windows)
    true = [(since, until) for since, until, gap in spells if gap]
    if width_s == 60:
        assert [gap.start_unix_s for gap in found] == [since for since, _ in true]
        assert [gap.end_unix_s for gap in found if gap.end_unix_s is not None] == [
            until for since, until in true if until < at_s
        ]
        assert all(gap.begun == (gap.start_unix_s > 0) for gap in found)
    assert len(found) <= len(true)
    for earlier, later in itertools.pairwise(found):
        assert earlier.end_unix_s is not None and earlier.end_unix_s <= later.start_unix_s
    seen, gone = sum(window.seen_s for window in windows), sum(window.empty_s for window in windows)
    share = availability(seen, gone)
    assert share is not None and math.isclose(share, 1 - sum(until - since for since, until in true) / at_s)


def test_a_gap_goes_on_while_it_is_covered() -> None:
    windows = [FacingWindow(0, 60, 60, 0), FacingWindow(60, 60, 60, 30), FacingWindow(120, 60, 0, 0)]
    windows += [FacingWindow(180, 60, 60, 60), FacingWindow(240, 60, 60, 0)]
    assert gaps(windows) == [Gap(90, 240, begun=True)]
    assert times_to_restock(gaps(windows)) == (150, 150)
    assert availability(0, 0) is None
    assert times_to_restock([]) is None


def vars_of(facing: Facing) -> tuple[FacingState, FacingState | None, float | None]:
    return facing.state, facing.last, facing.seen_s
