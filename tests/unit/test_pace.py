"""How often a camera is looked at."""

import pytest

from passerby.pixels.pace import FAR_FPS, LEAST_FPS, Pace


def test_more_looks_where_somebody_is_near_a_line() -> None:
    pace = Pace(8.0)
    assert pace.looks_per_s(near=True, behind_s=0) == 8
    assert pace.looks_per_s(near=False, behind_s=0) == FAR_FPS
    assert Pace(2.0).looks_per_s(near=False, behind_s=0) == 2, "never more than was asked for"


def test_a_machine_that_falls_behind_looks_less_and_less_and_recovers() -> None:
    pace = Pace(8.0)
    behind = [pace.looks_per_s(near=True, behind_s=1.0) for _ in range(30)]
    assert behind == sorted(behind, reverse=True)
    assert behind[-1] == LEAST_FPS
    again = [pace.looks_per_s(near=True, behind_s=0.1) for _ in range(60)]
    assert again == sorted(again)
    assert again[-1] == pytest.approx(8)


def test_a_little_lag_changes_nothing() -> None:
    pace = Pace(8.0)
    assert [pace.looks_per_s(near=True, behind_s=0.5) for _ in range(9)] == [8.0] * 9
