"""How long to wait before what failed is tried again."""

import random

_MAX_BACKOFF_S = 30.0
_ENOUGH_DOUBLINGS = 16


class Backoff:
    """Waits longer after each failure in a row, up to half a minute, with jitter (Brooker 2015, "full jitter").

    Args:
        first_s: the shortest wait.
        most_s: the longest.
    """

    def __init__(self, first_s: float = 0.5, most_s: float = _MAX_BACKOFF_S) -> None:
        self._first_s, self._most_s = first_s, most_s
        self._failures = 0

    def failed(self) -> float:
        """Seconds to wait before the next try."""
        self._failures = min(self._failures + 1, _ENOUGH_DOUBLINGS)
        longest_s = min(self._most_s, self._first_s * 2**self._failures)
        return random.uniform(self._first_s, longest_s)  # noqa: S311 - spreads load, guards nothing

    def worked(self) -> None:
        """The last try went well."""
        self._failures = 0
