"""How often a camera is looked at."""

import pytest

from passerby.core.windows import MAX_HOLD_S
from passerby.gate.messages import ANALYSED_FPS, QUEUE_FPS, CameraPlan, QueuePlan, ZonePlan
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


def test_a_queue_is_looked_at_more_often() -> None:
    """At 2.5 looks a second most who wait are lost from sight: benchmarks/zones."""
    corners = ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9))
    hall, till = ZonePlan("hall", corners), ZonePlan("till", corners, queue=QueuePlan((0.4, 0.3), (0.5, 0.6)))
    assert CameraPlan("a", zones=(hall,)).most_fps == ANALYSED_FPS["level"]
    assert CameraPlan("a", zones=(hall, till)).most_fps == QUEUE_FPS
    assert CameraPlan("a", zones=(till,), view="overhead").most_fps == ANALYSED_FPS["overhead"]
    assert CameraPlan("a", zones=(till,), analysed_fps=3.0).most_fps == 3
