"""What a hub does by itself, each minute: moves series of venues that were merged, and forgets what is old."""

import time
from statistics import median
from typing import ClassVar

import structlog

from passerby.errors import StoreError
from passerby.hub.fleet_words import length
from passerby.hub.hub import Hub

_log = structlog.get_logger("passerby.hub")
_DAY_S = 86_400
KEEP_WINDOWS_S = 35 * _DAY_S
KEEP_SUMS_S = 396 * _DAY_S
"""Windows stay for 35 days, sums by hour and day for 13 months (396 days), as at a site."""
_FRESH_S = 600.0
_ALONE_S = 7 * _DAY_S
"""A hub that no site reaches for so long forgets by its own clock: else it would keep everything for ever."""


class Housekeeping:
    """The work of a minute.

    Args:
        hub: whose.
    """

    EVERY_S: ClassVar[float] = 60.0

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._forgot_unix_s = 0.0
        self._began_s = time.monotonic()
        self._problem: str | None = None
        hub.problems.append(lambda: [self._problem] if self._problem else [])
        hub.problems.append(self._clock_problem)

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

    def _clock_problem(self) -> list[str]:
        """What is wrong with the hub's clock, which would else delete all of the past: most sites say another day."""
        off_s = self._off_s()
        wrong_s = [one for one in off_s if abs(one) >= _DAY_S]
        if len(wrong_s) * 2 <= len(off_s):
            return []
        side = "behind" if median(wrong_s) > 0 else "ahead of"
        words = f"this hub's clock is {length(abs(median(wrong_s)))} {side} that of most sites; set it"
        return [f"{words} (until then nothing is forgotten)"]

    def _off_s(self) -> list[float]:
        """How far the clocks of sites are ahead, of those alone that said so since the hub's may have been set."""
        now = self._hub.clock()
        return [
            one.clock_off_s
            for one in self._hub.fleet.all().values()
            if one.standing and one.heard_unix_s is not None and 0 <= now - one.heard_unix_s <= _FRESH_S
        ]

    def _believes_its_clock(self) -> bool:
        if self._off_s():
            return not self._clock_problem()
        return not self._hub.fleet.all() or time.monotonic() - self._began_s >= _ALONE_S

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
        if abs(now - self._forgot_unix_s) >= _DAY_S and self._believes_its_clock():
            self._hub.series.forget(int(now - KEEP_WINDOWS_S), int(now - KEEP_SUMS_S))
            self._forgot_unix_s = now
