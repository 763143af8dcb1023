"""How long a zone or a place is over its crowd limit, with a hysteresis against flicker."""

from passerby.core.windows import MAX_HOLD_S

HELD_S = 1.0
"""Being over the limit begins, and ends, when it was held for so long."""


def end_at(limit: int) -> float:
    """Being over a limit ends at so many people: one person or a tenth below it, and at nobody at the latest."""
    return max(0.0, limit - max(1.0, limit / 10))


def state_after(over: bool, people: float, limit: int) -> bool:
    """Whether a place is over its limit after a window in which `people` were there on average.

    Args:
        over: whether it was before.
        people: mean number of people.
        limit: as many may be there.
    """
    return people > limit or (over and people > end_at(limit))


class CrowdLimit:
    """Measures the seconds for which a zone is over its limit.

    Beginning and ending are both noticed when they were held for `HELD_S`, so both are late by as much and the length
    is right.

    Args:
        limit: as many people may be there.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._over = False
        self._held_s = 0.0

    def update(self, people: int, seconds: float) -> float:
        """Takes one look.

        Args:
            people: how many are there.
            seconds: for how long the look stands; more than `MAX_HOLD_S` was not seen, and does not count.

        Returns:
            Seconds of it over the limit.
        """
        seconds = min(max(0.0, seconds), MAX_HOLD_S)
        before, changes = self._over, state_after(self._over, people, self._limit) is not self._over
        self._held_s = self._held_s + seconds if changes else 0.0
        beyond_s = self._held_s - HELD_S
        # Sums of tenths of seconds are not exact.
        if beyond_s < -1e-9:
            return seconds if before else 0.0
        self._over, self._held_s = not before, 0.0
        beyond_s = min(seconds, max(0.0, beyond_s))
        return seconds - beyond_s if before else beyond_s
