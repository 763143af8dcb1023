"""Carries one rule at one venue on: enters that it began or ended, and what is to be told of it, in one transaction."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from passerby.core.alerts import to_tell
from passerby.hub.alerts.config import CONTACT, HubAlert
from passerby.hub.alerts.contract import AlertNow
from passerby.hub.alerts.ledger import Ledger
from passerby.hub.alerts.post import Post
from passerby.hub.alerts.words import Seen, message, sentence
from passerby.hub.contract import Venue
from passerby.hub.register import Log

BEGAN, ENDED, ESCALATED, ACKNOWLEDGED = "alert began", "alert ended", "alert escalated", "alert acknowledged"
"""Actions of the log."""
_ITSELF = "passerby"
_TOLD = ("number", "rule", "when", "text", "value", "limit", "began_unix_s", "ended_unix_s")


@dataclass(frozen=True, slots=True)
class Watched:
    """A rule at a venue.

    Attributes:
        alert: the rule.
        venue: where.
        seen: what it saw just now.
        on: whether the alert is on, by that.
    """

    alert: HubAlert
    venue: Venue
    seen: Seen
    on: bool

    def is_quiet(self, now_unix_s: float) -> bool:
        """Whether nobody is told now."""
        quiet = self.alert.quiet
        return quiet is not None and quiet.holds(now_unix_s, ZoneInfo(self.venue.zone))

    def due_step(self, row: AlertNow, now_unix_s: float) -> int | None:
        """The step of the escalation that is due; None where none is."""
        if not self.on or row.told_unix_s is None or row.acknowledged_by or row.escalated >= len(self.alert.escalate):
            return None
        after_s = 60 * self.alert.escalate[row.escalated].after_minutes
        return row.escalated if now_unix_s - row.told_unix_s >= after_s and not self.is_quiet(now_unix_s) else None


class Follower:
    """Follows all rules at all venues. Used by one thread.

    Args:
        name: of the hub.
        ledger: where alerts are.
        log: the hub's.
        post: tells receivers.
        clock: Unix seconds.
    """

    def __init__(self, name: str, ledger: Ledger, log: Log, post: Post, clock: Callable[[], float]) -> None:
        self._name, self._ledger, self._log, self._post, self._clock = name, ledger, log, post, clock

    def follow(self, watched: Watched, row: AlertNow | None) -> None:
        """Enters what has changed, and keeps what is to be told of it.

        Args:
            watched: the rule, the venue, and how it is now.
            row: what is known of it; None where nothing is open and nothing is still to be told.

        Raises:
            StoreError: nothing was written; the next look does it.
        """
        now = self._clock()
        is_on = row is not None and row.ended_unix_s is None
        told = row is not None and row.told_unix_s is not None
        due = to_tell(watched.on, told, watched.is_quiet(now))
        if watched.on == is_on and not due and (row is None or watched.due_step(row, now) is None):
            return
        with self._ledger.database.writing() as connection:
            if row is not None and not self._ledger.is_still(connection, row):
                return  # somebody acknowledged it meanwhile, or another process watches; the next look knows
            if watched.on != is_on:
                row = self._turned(connection, watched, row)
            if row is None:
                return
            if due:
                row = self._tell(connection, watched, row)
            step = watched.due_step(row, now)
            if step is not None:
                self._escalate(connection, watched, row, step)

    def _turned(self, connection: Connection, watched: Watched, row: AlertNow | None) -> AlertNow:
        """It began, came back before its end was told, or ended."""
        alert, venue, now = watched.alert, watched.venue, self._clock()
        if row is not None and watched.on:
            return self._ledger.change(connection, row.number, ended_unix_s=None)
        if row is not None:
            self._log.enter(connection, _ITSELF, ENDED, alert.name, venue.number)
            untold = row.told_unix_s is None
            return self._ledger.change(connection, row.number, ended_unix_s=now, settled=int(untold))
        self._log.enter(connection, _ITSELF, BEGAN, alert.name, venue.number)
        text = sentence(alert, venue, watched.seen, on=True)
        number, limit = watched.seen.number, alert.limit
        return self._ledger.begin(
            connection, AlertNow(0, alert.name, alert.when, venue.number, text, number, limit, began_unix_s=now)
        )

    def _tell(self, connection: Connection, watched: Watched, row: AlertNow) -> AlertNow:
        """Its beginning is told to those of the configuration, its end to those who heard of the beginning."""
        if watched.on:
            to = (*watched.alert.to, *((CONTACT,) if watched.alert.tell_contact and watched.venue.contact.mail else ()))
            self._put(connection, watched, row, "began", to)
            told = json.dumps(list(dict.fromkeys(to)))
            return self._ledger.change(connection, row.number, told=told, told_unix_s=self._clock())
        self._put(connection, watched, row, "ended", row.told)
        return self._ledger.change(connection, row.number, settled=1)

    def _escalate(self, connection: Connection, watched: Watched, row: AlertNow, step: int) -> None:
        to = watched.alert.escalate[step].to
        self._put(connection, watched, row, "escalated", to)
        self._log.enter(connection, _ITSELF, ESCALATED, f"{row.rule}: to {', '.join(to)}", row.venue)
        told = json.dumps(list(dict.fromkeys((*row.told, *to))))
        self._ledger.change(connection, row.number, told=told, escalated=step + 1)

    def _put(
        self, connection: Connection, watched: Watched, row: AlertNow, event: str, receivers: Iterable[str]
    ) -> None:
        venue = watched.venue
        body = {name: value for name, value in asdict(row).items() if name in _TOLD}
        if event == "ended":
            body |= {"text": sentence(watched.alert, venue, watched.seen, on=False), "value": watched.seen.number}
        told = message(self._name, venue, event, body)
        for receiver in dict.fromkeys(receivers):
            if receiver != CONTACT or venue.contact.mail:
                self._post.put(connection, receiver, told, venue.contact.mail)

    def drop(self, row: AlertNow) -> None:
        """Ends an alert whose rule or venue is there no more. Nobody is told: whoever took it away knows.

        Raises:
            StoreError: nothing was written.
        """
        with self._ledger.database.writing() as connection:
            self._ledger.change(connection, row.number, settled=1, ended_unix_s=row.ended_unix_s or self._clock())
            self._log.enter(connection, _ITSELF, ENDED, f"{row.rule}; it is watched no more", row.venue)
