"""Who looked at which venue: entered in the log once an hour for each account and venue, however often they look."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import structlog

from passerby.errors import StoreError
from passerby.hub.register.log import Action
from passerby.records.access import Account

_log = structlog.get_logger("passerby.hub")
EVERY_S = 3600.0
_MOST = 50_000


class VenueLog(Protocol):
    """The hub's log, of which this uses one method."""

    def add(self, account: str, action: str, detail: str = "", venue: int | None = None) -> None:
        """Writes one entry.

        Raises:
            StoreError: nothing was written.
        """


class Reads:
    """Enters who read what. Safe from any thread.

    Args:
        log: the hub's.
        clock: seconds, which only go on.
    """

    def __init__(self, log: VenueLog, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._clock = log, clock
        self._lock = threading.Lock()
        self._entered: OrderedDict[tuple[str, int, str], float] = OrderedDict()

    def note(self, account: Account | None, venue: int, how: str) -> None:
        """Somebody reads a venue.

        Args:
            account: who.
            venue: number.
            how: by what: "page", "API".
        """
        if account is None or not self._is_due((account.name, venue, how)):
            return
        try:
            self._log.add(account.name, Action.VENUE_READ, how, venue)
        except StoreError as error:
            _log.error("the log takes nothing", problem=str(error))
            with self._lock:
                self._entered.pop((account.name, venue, how), None)

    def _is_due(self, key: tuple[str, int, str]) -> bool:
        now_s = self._clock()
        with self._lock:
            if now_s - self._entered.get(key, float("-inf")) < EVERY_S:
                return False
            self._entered[key] = now_s
            self._entered.move_to_end(key)
            while len(self._entered) > _MOST:
                self._entered.popitem(last=False)
        return True
