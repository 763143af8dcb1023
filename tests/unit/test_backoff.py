"""Waiting between tries: longer after each failure, never too long, however long a camera stays away."""

from passerby.gate.backoff import Backoff

LONGEST_S = 30.0


def waits(backoff: Backoff, tries: int) -> list[float]:
    return [backoff.failed() for _ in range(tries)]


def test_it_waits_at_least_its_first_time_and_at_most_half_a_minute() -> None:
    found = waits(Backoff(0.5), 200)
    assert min(found) >= 0.5
    assert max(found) <= LONGEST_S


def test_it_grows() -> None:
    early = [waits(Backoff(0.5), 2)[1] for _ in range(100)]
    late = [waits(Backoff(0.5), 10)[9] for _ in range(100)]
    assert max(early) <= 2.0
    assert sum(late) / 100 > 8.0


def test_it_is_spread_so_that_cameras_of_one_switch_do_not_come_back_together() -> None:
    assert len({round(Backoff(0.5).failed(), 6) for _ in range(50)}) > 40


def test_success_begins_again() -> None:
    backoff = Backoff(0.5)
    waits(backoff, 20)
    backoff.worked()
    assert backoff.failed() <= 1.0


def test_a_camera_that_is_away_for_a_month() -> None:
    """A power of two grew with each try, and was too large for a float after a night."""
    backoff = Backoff(0.5)
    assert max(waits(backoff, 100_000)[-100:]) <= LONGEST_S
