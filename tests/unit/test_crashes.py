"""When a worker that ended starts again, and when its video is to blame."""

from passerby.gate.crashes import Crashes


class Clock:
    """A clock that the test moves."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def served(crashes: Crashes, clock: Clock, seconds: float = 5.0) -> None:
    crashes.ready()
    clock.now_s += seconds


def test_one_that_is_killed_again_and_again_is_back_within_a_second() -> None:
    """Five seconds are promised, and its start takes two or three of them."""
    clock = Clock()
    crashes = Crashes(clock=clock)
    for _ in range(100):
        served(crashes, clock)
        verdict = crashes.killed()
        assert 0.2 <= verdict.pause_s <= 1.0
        assert not verdict.by_video


def test_the_first_failure_is_nobodys_and_the_second_one_is_the_videos() -> None:
    clock = Clock()
    crashes = Crashes(clock=clock)
    served(crashes, clock)
    first = crashes.failed()
    assert first.pause_s <= 0.4
    assert not first.by_video
    served(crashes, clock)
    assert crashes.failed().by_video


def test_failures_far_apart_are_accidents() -> None:
    clock = Clock()
    crashes = Crashes(clock=clock)
    for _ in range(20):
        served(crashes, clock, 601.0)
        verdict = crashes.failed()
        assert verdict.pause_s <= 0.4
        assert not verdict.by_video


def test_a_failure_before_any_video_was_read_is_not_the_videos() -> None:
    crashes = Crashes(clock=Clock())
    assert not any(crashes.failed().by_video for _ in range(5))


def test_a_worker_with_cameras_of_one_that_failed_is_divided_at_once() -> None:
    clock = Clock()
    crashes = Crashes(parted=True, clock=clock)
    served(crashes, clock)
    assert crashes.failed().by_video


def test_pauses_grow_to_half_a_minute_and_whoever_served_so_long_begins_anew() -> None:
    clock = Clock()
    crashes = Crashes(clock=clock)
    pauses_s = []
    for _ in range(60):
        served(crashes, clock)
        pauses_s.append(crashes.failed().pause_s)
    assert 15 < max(pauses_s) <= 30
    served(crashes, clock, 30.0)
    assert crashes.failed().pause_s <= 0.4
