"""Watches all venues by the rules of the configuration, and tells once when an alert begins and once when it ends.

What is open, what was told and what waits to be sent stands in the register before anything is sent, so that a hub that
starts again neither repeats nor forgets.
"""

import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from passerby.errors import StoreError
from passerby.hub.alerts.bands import is_available
from passerby.hub.alerts.config import HubAlert
from passerby.hub.alerts.contract import AlertNow
from passerby.hub.alerts.following import ACKNOWLEDGED, Follower, Watched
from passerby.hub.alerts.ledger import Ledger
from passerby.hub.alerts.post import Post
from passerby.hub.alerts.unusual import UsualHours
from passerby.hub.alerts.watching import seen
from passerby.hub.alerts.words import Seen
from passerby.hub.board import HubBoard
from passerby.hub.overview import VenueNow
from passerby.hub.register import Register
from passerby.records.receivers import ReceiverState
from passerby.records.repeating import repeating

_log = structlog.get_logger("passerby.hub")
_EVERY_S = 5.0
_TIDY_EVERY_S = 3600.0
_NO_LIBRARY = (
    "alerts of unusual hours are not watched: they need one more package: pip install 'passerby[forecast]'. "
    "All other alerts are"
)
MOST_NOTE = 300
"""Characters of a note of who acknowledges."""
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class DeskParts:
    """What alerts need of the hub.

    Attributes:
        name: of the hub.
        board: how all venues are.
        register: venues, the log, and where alerts are kept.
        post: tells receivers.
        clock: Unix seconds.
    """

    name: str
    board: HubBoard
    register: Register
    post: Post
    clock: Callable[[], float] = time.time


class AlertDesk:
    """Watches and tells; an `AlertBoard` for pages and API.

    Args:
        alerts: as configured.
        parts: of the hub.
    """

    def __init__(self, alerts: tuple[HubAlert, ...], parts: DeskParts) -> None:
        self._alerts, self._parts = alerts, parts
        self._ledger = Ledger(parts.register.database, parts.clock)
        self._follower = Follower(parts.name, self._ledger, parts.register.log, parts.post, parts.clock)
        self._usual = UsualHours(parts.board.sources.series)
        self._beyond: dict[Key, float] = {}
        self._holder = uuid.uuid4().hex
        self._tidied_unix_s = float("-inf")
        self._lacks = any(one.when == "unusual" for one in alerts) and not is_available()
        self._problem: str | None = None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Watches as long as it is open."""
        if self._lacks:
            _log.warning(_NO_LIBRARY)
        try:
            with repeating("hub-alerts", _EVERY_S, self.turn):
                yield
        finally:
            self._parts.post.close()
            try:
                self._ledger.hand_over(self._holder)
            except StoreError as error:
                _log.error("another process of this hub watches some seconds later", problem=str(error))

    def turn(self) -> None:
        """Looks once, and says so if that was not possible."""
        try:
            self.look()
        except StoreError as error:
            if self._problem is None:
                _log.error("alerts cannot be watched", problem=str(error))
            self._problem = str(error)
            return
        self._problem = None

    def look(self) -> None:
        """Looks once at all venues, enters what changed, and sends what is due.

        Raises:
            StoreError: the register or the series cannot be used.
        """
        if not self._ledger.watches(self._holder):
            return
        overview, now = self._parts.board.overview(), self._parts.clock()
        if overview.problem is None:
            if any(one.when == "unusual" for one in self._alerts) and not self._lacks:
                self._usual.read(now)
            self._compare({one.venue.number: one for one in overview.venues}, now)
        self._parts.post.look()
        if now - self._tidied_unix_s >= _TIDY_EVERY_S:
            self._tidied_unix_s = now
            self._ledger.forget()
            self._parts.post.forget()

    def _compare(self, venues: Mapping[int, VenueNow], now: float) -> None:
        known = {(one.rule, one.venue): one for one in self._ledger.unsettled()}
        watched: set[Key] = set()
        for alert in self._alerts:
            for place in (one for one in venues.values() if alert.is_about(one.venue)):
                key = (alert.name, place.venue.number)
                watched.add(key)
                found, row = self._seen(alert, place, now), known.get(key)
                was_on = row is not None and row.ended_unix_s is None
                on = self._is_on(key, alert, found.value, was_on=was_on)
                self._follower.follow(Watched(alert, place.venue, found, on), row)
        for key, row in known.items():
            if key not in watched:
                self._follower.drop(row)

    def _seen(self, alert: HubAlert, place: VenueNow, now: float) -> Seen:
        if alert.when != "unusual":
            return seen(alert, place, now)
        return Seen(None, now) if self._lacks or not place.connected else self._usual.seen(alert, place.venue, now)

    def _is_on(self, key: Key, alert: HubAlert, value: float | None, *, was_on: bool) -> bool:
        """Whether an alert is on now; what is not known changes nothing."""
        if value is None:
            return was_on
        rule, now = alert.rule(), self._parts.clock()
        if was_on:
            return not rule.clears(value)
        if not rule.is_beyond(value):
            self._beyond.pop(key, None)
            return False
        return now - self._beyond.setdefault(key, now) >= 60 * alert.for_minutes

    def open(self, venues: Collection[int] | None = None) -> list[AlertNow]:
        """Open alerts, the newest first; None: of all venues.

        Raises:
            StoreError: the register cannot be read.
        """
        return self._ledger.open(venues)

    def past(self, venues: Collection[int] | None = None, limit: int = 100) -> list[AlertNow]:
        """Alerts that have ended, the newest first.

        Raises:
            StoreError: the register cannot be read.
        """
        return self._ledger.past(venues, limit)

    def by_number(self, number: int) -> AlertNow | None:
        """The alert of a number, open or past.

        Raises:
            StoreError: the register cannot be read.
        """
        return self._ledger.by_number(number)

    def acknowledge(self, number: int, account: str, note: str = "") -> AlertNow | None:
        """Somebody sees to an open alert: it escalates no further. The first who says so stays.

        Raises:
            StoreError: nothing was written.
        """
        with self._parts.register.database.writing() as connection:
            found = self._ledger.acknowledge(connection, number, account, note[:MOST_NOTE])
            if found is None:
                return None
            alert, first = found
            if first:
                detail = f"{alert.rule}" + (f": {alert.note}" if alert.note else "")
                self._parts.register.log.enter(connection, account, ACKNOWLEDGED, detail, alert.venue)
        return alert

    def receivers(self) -> tuple[ReceiverState, ...]:
        """Who is told, and whether messages arrive.

        Raises:
            StoreError: the register cannot be read.
        """
        return self._parts.post.states()

    def problems(self) -> tuple[str, ...]:
        """What keeps alerts from working as configured, in words."""
        found = [_NO_LIBRARY] if self._lacks else []
        return (*found, f"alerts are not watched: {self._problem}") if self._problem else tuple(found)
