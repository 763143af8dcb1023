"""Occupancy from lines, by hand: the bound, fixes, windows that were not seen, and zones beside lines."""

import math

import pytest

from passerby.core.occupancy import Drift, Fix, Flow, Occupancy, course, drift, present

OPENED = 1_760_000_400  # a multiple of 900
START = Fix(OPENED, 0)


def flows(*passed: tuple[float, float], coverage: float = 1.0, first: int = 0) -> list[Flow]:
    """Windows of 900 s with (in, out)."""
    return [
        Flow(OPENED + (first + index) * 900, 900, entered, left, coverage)
        for index, (entered, left) in enumerate(passed)
    ]


def people(told: list[Occupancy]) -> list[float | None]:
    return [one.people for one in told]


def test_in_minus_out() -> None:
    told = course(flows((10, 0), (5, 3), (0, 12)), [START])
    assert people(told) == [10, 12, 0]
    assert [one.end_unix_s for one in told] == [OPENED + 900, OPENED + 1800, OPENED + 2700]
    assert [one.mean for one in told] == [5, 11, 6]


def test_never_below_zero_and_what_was_swallowed_is_kept() -> None:
    told = course(flows((2, 5), (4, 0), (0, 5)), [START])
    assert people(told) == [0, 4, 0]
    assert [one.swallowed for one in told] == [3, 3, 4]


def test_a_correction_sets_the_number_and_keeps_what_was_swallowed() -> None:
    told = course(flows((0, 3), (4, 0)), [START, Fix(OPENED + 900, 20)])
    assert people(told) == [0, 24]
    assert told[1].swallowed == 3


def test_of_a_window_that_holds_a_correction_the_share_behind_it_counts() -> None:
    told = course(flows((8, 0), (9, 3)), [START, Fix(OPENED + 900 + 600, 30)])
    assert told[1].people == 32
    assert told[1].mean is None
    assert told[1].high is not None
    # Of 12 crossings, each came behind the correction with probability 1/3.
    assert told[1].high - 32 >= 1.96 * math.sqrt(12 * 2 / 9)


def test_the_last_of_several_corrections_in_a_window_counts() -> None:
    fixes = [START, Fix(OPENED + 100, 50), Fix(OPENED + 450, 7)]
    assert people(course(flows((4, 0)), fixes)) == [9]


def test_what_lies_before_the_first_fix_is_left_out() -> None:
    told = course(flows((10, 0), (5, 3)), [Fix(OPENED + 900, 0)])
    assert people(told) == [2]
    assert course(flows((1, 0)), []) == []


def test_the_interval_grows_with_crossings_and_closes_at_a_correction() -> None:
    told = course(flows((50, 10), (50, 50), (40, 40)), [START, Fix(OPENED + 1800, 41)])
    widths = [one.high - one.low for one in told if one.high is not None and one.low is not None]
    assert widths[0] < widths[1] > widths[2] > 0


def test_errors_that_do_not_cancel_outgrow_those_that_do() -> None:
    (few,), (many,) = (course(flows((n + 200, n)), [START]) for n in (100, 10_000))
    assert few.high is not None and many.high is not None
    # Four times the root of 50 would be 28; the bias makes it 50 times.
    assert (many.high - 200) / (few.high - 200) > 28


def test_a_hole_widens_upwards_by_who_may_have_come_and_downwards_by_who_may_have_gone() -> None:
    seen, hole = flows((90, 30)), flows((0, 0), coverage=0, first=1)
    before, after = course(seen + hole, [Fix(OPENED, 1000)])
    assert after.people == before.people == 1060
    assert after.coverage == 0
    # As long unseen as seen, so Jeffreys' prior predicts 90.5 who came and 30.5 who went, each with twice its variance.
    known = 120 * 16 / 230 + (120 * 0.02) ** 2
    assert after.high == pytest.approx(1060 + 90.5 + 1.96 * math.sqrt(known + 181))
    assert after.low == pytest.approx(1060 - 30.5 - 1.96 * math.sqrt(known + 61))
    assert before.high == pytest.approx(1060 + 1.96 * math.sqrt(known))


def test_nothing_seen_has_no_bound() -> None:
    (told,) = course(flows((0, 0), coverage=0), [START])
    assert (told.people, told.low, told.high) == (0, 0, None)
    *_, later = course([*flows((0, 0), coverage=0), *flows((6, 0), first=1)], [START])
    assert later.high is not None and later.high > 12


def test_the_newest_is_a_fix_that_no_window_has_passed() -> None:
    told = course(flows((10, 0)), [START])
    assert present(told, [START]) == told[-1]
    corrected = present(told, [START, Fix(OPENED + 1000, 4)])
    assert corrected == Occupancy(OPENED + 1000, 4, 4, 4, 1.0)
    assert present(told, [START, Fix(OPENED + 900, 4)]) == Occupancy(OPENED + 900, 4, 4, 4, 1.0)
    assert present([], []) is None


def test_drift_is_what_lines_say_more_than_zones() -> None:
    told = course(flows((10, 0), (0, 0), (0, 0)), [START])
    means = {OPENED + 900.0: 5.0, OPENED + 1800.0: 8.0, OPENED + 2700.0: 6.0}
    assert drift(told, means) == Drift(now=4, mean=2, windows=3)
    assert drift(told, {OPENED + 1800.0: 8.0}) == Drift(now=2, mean=2, windows=1)
    assert drift(told, {}) is None


def test_drift_looks_back_an_hour() -> None:
    told = course(flows(*[(10, 0)] + [(0, 0)] * 7), [START])
    means = {one.end_unix_s: 10.0 if index > 3 else 0.0 for index, one in enumerate(told)}
    assert drift(told, means) == Drift(0, 0, 4)


@pytest.mark.parametrize("wrong", [(-1, 0, 1.0), (0, math.nan, 1.0), (0, math.inf, 1.0), (0, 0, 1.1), (0, 0, -0.1)])
def test_flows_are_checked(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Flow(OPENED, 900, *wrong)


def test_windows_and_fixes_must_be_in_order() -> None:
    with pytest.raises(ValueError, match="each window"):
        course([*flows((1, 0)), *flows((1, 0), first=2)], [START])
    with pytest.raises(ValueError, match="fixes"):
        course(flows((1, 0)), [Fix(OPENED + 1, 0), START])
