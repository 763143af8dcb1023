"""A bound on how much may pass in a time."""

from collections.abc import Callable


class Meter:
    """A token bucket: so many at once, and so many a second."""

    def __init__(self, burst: float, per_s: float, clock: Callable[[], float]) -> None:
        self._clock, self._burst, self._per_s = clock, burst, per_s
        self._left, self._at_s = burst, clock()

    def take(self) -> bool:
        """Takes one, if one is left."""
        now_s = self._clock()
        self._left = min(self._burst, self._left + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        self._left -= 1
        return self._left >= 0
