"""A crowd limit begins and ends when it was held for a second, with a tenth in between."""

import pytest

from passerby.core.crowd import CrowdLimit, end_at, state_after


def over_s(limit: int, course: list[tuple[int, float]], fps: float = 10) -> float:
    """Seconds over the limit, of (people, seconds) one after another."""
    crowd = CrowdLimit(limit)
    return sum(crowd.update(people, 1 / fps) for people, seconds in course for _ in range(round(seconds * fps)))


@pytest.mark.parametrize("fps", [5, 8, 25])
def test_as_long_as_it_lasts(fps: float) -> None:
    assert over_s(8, [(8, 10), (9, 20), (7, 10)], fps) == pytest.approx(20, abs=0.01)


def test_a_flicker_is_nothing() -> None:
    assert over_s(8, [(8, 10), (9, 0.9), (8, 0.2), (9, 0.9), (8, 10)]) == 0


def test_one_person_less_does_not_end_a_large_crowd() -> None:
    assert end_at(30) == 27
    assert over_s(30, [(31, 10), (28, 10), (27, 10)]) == pytest.approx(20, abs=0.01)


def test_a_moment_below_does_not_end_it() -> None:
    assert over_s(8, [(9, 10), (6, 0.8), (9, 10), (0, 5)]) == pytest.approx(20.8, abs=0.01)


@pytest.mark.parametrize("limit", [0, 1])
def test_small_limits_end_with_nobody(limit: int) -> None:
    assert over_s(limit, [(2, 10), (0, 10)]) == pytest.approx(10, abs=0.01)


def test_what_was_not_seen_is_not_over() -> None:
    crowd = CrowdLimit(3)
    assert [crowd.update(5, seconds) for seconds in (600, 600, 600, 0, -1)] == [0, 0, 0.5, 0, 0]


def test_windows_have_the_same_hysteresis() -> None:
    assert state_after(False, 8.0, 8) is False
    assert state_after(False, 8.1, 8) is True
    assert state_after(True, 7.1, 8) is True
    assert state_after(True, 7.0, 8) is False
