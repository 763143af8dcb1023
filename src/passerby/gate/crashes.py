"""What the end of a pixel worker calls for: when it starts again, and whether the video of a camera is to blame."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from passerby.gate.backoff import Backoff

_FIRST_S = 0.2
KILLED_S = (_FIRST_S, 1.0)
"""Shortest and longest wait after something outside ended a room: no fault of its own could come again."""
_SERVED_S = 30.0
"""As long as the longest pause: whoever worked for so long costs little by being started again at once."""
_SOON_S = 600.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do.

    Attributes:
        pause_s: how long to wait before the next start.
        by_video: it failed again and again while it read video, so that a camera of it has to be told apart.
    """

    pause_s: float
    by_video: bool


class Crashes:
    """The ends of one worker.

    Args:
        parted: it has cameras of a worker that failed again and again, so that its own first failure is another one.
        clock: seconds that only run; injected for tests.
    """

    def __init__(self, parted: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed_s = clock() if parted else -math.inf
        self._ready_s: float | None = None
        self._after_failures = Backoff(_FIRST_S)
        self._after_kills = Backoff(*KILLED_S)

    def ready(self) -> None:
        """It is shut in, and reads video from now on."""
        self._ready_s = self._clock()

    def killed(self) -> Verdict:
        """Something outside of it ended it, which tells nothing of its cameras: it is back as soon as can be."""
        self._ended()
        return Verdict(self._after_kills.failed(), False)

    def failed(self) -> Verdict:
        """It crashed, or broke the contract."""
        served = self._ended()
        now_s = self._clock()
        again = served and now_s - self._failed_s < _SOON_S
        self._failed_s = now_s if served else self._failed_s
        return Verdict(self._after_failures.failed(), again)

    def _ended(self) -> bool:
        """Whether it had begun to read video."""
        ready_s, self._ready_s = self._ready_s, None
        if ready_s is None:
            return False
        if self._clock() - ready_s >= _SERVED_S:
            self._after_failures.worked()
            self._after_kills.worked()
        return True
