"""What a hub does by itself, each minute: moves series of venues that were merged, and forgets what is old."""

from typing import ClassVar

import structlog

from passerby.errors import StoreError
from passerby.hub.hub import Hub

_log = structlog.get_logger("passerby.hub")
_DAY_S = 86_400
KEEP_WINDOWS_S = 35 * _DAY_S
KEEP_SUMS_S = 396 * _DAY_S
"""Windows stay for 35 days, sums by hour and day for 13 months (396 days), as at a site."""


class Housekeeping:
    """The work of a minute.

    Args:
        hub: whose.
    """

    EVERY_S: ClassVar[float] = 60.0

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._forgot_unix_s = 0.0
        self._problem: str | None = None
        hub.problems.append(lambda: [self._problem] if self._problem else [])

    def work(self) -> None:
        """Works once; what fails is tried again the next time, and stands in `/healthz` until then."""
        try:
            self._move()
            self._forget()
            self._problem = None
        except StoreError as error:
            if self._problem is None:
                _log.error("the hub's stores do not take or give data", problem=str(error))
            self._problem = str(error)

    def _move(self) -> None:
        """Moves series of venues that were merged. Moving again what was moved does nothing."""
        register = self._hub.register
        for number, into, name in register.merges_due():
            self._hub.series.merge(number, into, name)
            self._hub.fleet.forget(number)
            register.merged(number)
            _log.info("venue merged", venue=number, into=into)

    def _forget(self) -> None:
        now = self._hub.clock()
        if now - self._forgot_unix_s >= _DAY_S:
            self._hub.series.forget(int(now - KEEP_WINDOWS_S), int(now - KEEP_SUMS_S))
            self._forgot_unix_s = now
