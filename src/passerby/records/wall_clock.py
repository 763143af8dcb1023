"""The clock on the wall, which is set from time to time, and is wrong until it is (decision 40)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

SET_SINCE_UNIX_S = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
"""A clock that says less was never set: passerby is not as old."""
FAR_BACK_S = 120.0
"""A clock that was set back by less is waited for: what happens meanwhile counts in the window that is open."""
_LOOK_EVERY_S = 0.5

_log = structlog.get_logger("passerby")


def wait_until_set(stop: Callable[[], bool], unix: Callable[[], float] = time.time) -> bool:
    """Waits as long as the clock was plainly never set: a computer without a battery for it begins in 1970.

    Args:
        stop: whether to wait no longer.
        unix: Unix seconds.

    Returns:
        Whether it is set.
    """
    said = False
    while (now_unix_s := unix()) < SET_SINCE_UNIX_S:
        if not said:
            date = datetime.fromtimestamp(now_unix_s, UTC).strftime("%d %B %Y").lstrip("0")
            problem = f"the clock of this computer says {date}; nothing is counted until it is set (timedatectl)"
            _log.error("waiting for the clock", problem=problem)
            said = True
        if stop():
            return False
        time.sleep(_LOOK_EVERY_S)
    return True


class Steps:
    """Notices that the clock was set back, by the one that only runs.

    Args:
        unix, monotonic: the two clocks, in seconds.
    """

    def __init__(self, unix: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._unix, self._monotonic = unix, monotonic
        self._ahead_s = unix() - monotonic()
        self.back_s = 0.0

    def far_back(self) -> bool:
        """Whether it was ever set back by more than is waited for; ask often. `back_s` says by how much."""
        before_s, self._ahead_s = self._ahead_s, self._unix() - self._monotonic()
        if before_s - self._ahead_s > FAR_BACK_S:
            self.back_s = before_s - self._ahead_s
        return self.back_s > 0
