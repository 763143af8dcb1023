"""How often a camera is looked at."""

import pytest

from passerby.core.windows import MAX_HOLD_S
from passerby.gate.messages import ANALYSED_FPS, CameraPlan
from passerby.pixels.pace import LEAST_FPS, Pace


def test_a_machine_that_falls_behind_looks_less_and_less_and_recovers() -> None:
    pace = Pace(8.0)
    behind = [pace.looks_per_s(1.0) for _ in range(30)]
    assert behind == sorted(behind, reverse=True)
    assert behind[-1] == LEAST_FPS
    again = [pace.looks_per_s(0.1) for _ in range(60)]
    assert again == sorted(again)
    assert again[-1] == pytest.approx(8)


def test_a_little_lag_changes_nothing() -> None:
    pace = Pace(8.0)
    assert [pace.looks_per_s(0.5) for _ in range(9)] == [8.0] * 9


@pytest.mark.parametrize("view", ["level", "overhead"])
def test_without_lag_all_of_the_time_is_seen(view: str) -> None:
    assert CameraPlan("a", view=view).most_fps == ANALYSED_FPS[view]
    assert 1 / ANALYSED_FPS[view] <= MAX_HOLD_S, "one look stands for no longer"
    assert CameraPlan("a", view=view, analysed_fps=5.0).most_fps == 5
