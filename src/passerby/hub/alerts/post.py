"""What is still to be told: kept in the register from the moment that an alert began or ended, until it arrived.

A message is sent at least once. One that had arrived when the hub was killed, and was not ticked off yet, comes again
with the same id.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import structlog
from sqlalchemy import Connection, func, select

from passerby.errors import ConfigError, StoreError
from passerby.hub.alerts.config import CONTACT
from passerby.hub.alerts.tables import MESSAGES
from passerby.hub.register.database import Database
from passerby.records.receivers import Message, NotSentError, Pace, ReceiverState, Service, Way

_log = structlog.get_logger("passerby.hub")
MAIL = "{mail}"
"""Stands in the URL of contacts for an address."""
_AT_ONCE = 4
_WAITS, _ARRIVED, _GIVEN_UP = 0, 1, 2
_KEEP_S = 14 * 86_400.0
_CONTACT_KEY = f"{CONTACT}:"


@dataclass(slots=True)
class _Try:
    """How sending to a receiver goes."""

    wait_s: float = 0.0
    next_s: float = float("-inf")
    problem: str | None = None
    busy: bool = False


class Post:
    """Sends what waits, to each receiver one message after the other.

    Args:
        database: the register's; its tables are there.
        ways: how receivers are reached, by name.
        contact_url: apprise URL in which {mail} stands for the address of a venue's contact; None where none is told.
        pace: how what did not arrive is tried again.
        clock: Unix seconds.
    """

    def __init__(
        self,
        database: Database,
        ways: Mapping[str, Way],
        contact_url: str | None = None,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._ways, self._contact_url = database, dict(ways), contact_url
        self._pace, self._clock = pace or Pace(), clock
        self._lock = threading.Lock()
        self._tries: dict[str, _Try] = {}
        self._counts: dict[str, list[int]] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE, "notify")

    def put(self, connection: Connection, receiver: str, message: Message, mail: str = "") -> None:
        """Keeps a message in an open transaction, so that it and what it tells of are there together or not at all.

        Args:
            connection: of the register.
            receiver: its name, or `CONTACT`.
            message: what is told.
            mail: address of the contact.
        """
        connection.execute(
            MESSAGES.insert().values(
                receiver=_CONTACT_KEY + mail if receiver == CONTACT else receiver,
                title=message.title,
                text=message.text,
                body=json.dumps(message.body),
                made_unix_s=self._clock(),
                done=_WAITS,
            )
        )

    def look(self) -> None:
        """Hands each receiver's oldest message to a thread, where none is under way and it is time.

        Raises:
            StoreError: the register cannot be read.
        """
        first = select(func.min(MESSAGES.c.number)).where(MESSAGES.c.done == _WAITS).group_by(MESSAGES.c.receiver)
        with self._database.reading() as connection:
            rows = connection.execute(select(MESSAGES).where(MESSAGES.c.number.in_(first))).all()
        for row in rows:
            with self._lock:
                tried = self._tries.setdefault(row.receiver, _Try())
                if tried.busy or time.monotonic() < tried.next_s:
                    continue
                tried.busy = True
            self._pool.submit(self._send, row)

    def _send(self, row: Any) -> None:
        problem = self._problem(row)
        over = self._clock() - row.made_unix_s >= self._pace.give_up_s
        done = _ARRIVED if problem is None else _GIVEN_UP if over else _WAITS
        try:
            if done != _WAITS:
                self._tick_off(row.number, done)
        except StoreError as error:
            problem = str(error)
        name = _shown(row.receiver)
        with self._lock:
            tried = self._tries[row.receiver]
            if problem and problem != tried.problem:
                _log.error("an alert cannot be told", receiver=name, problem=problem)
            tried.problem = problem
            tried.wait_s = min(self._pace.most_s, max(self._pace.first_s, 2 * tried.wait_s)) if problem else 0.0
            tried.next_s = time.monotonic() + tried.wait_s
            counts = self._counts.setdefault(name, [0, 0])
            counts[0] += done == _ARRIVED
            counts[1] += done == _GIVEN_UP
            tried.busy = False

    def _problem(self, row: Any) -> str | None:
        """Sends it once; gives why it did not arrive."""
        body = json.loads(row.body) | {"id": f"{row.number}"}
        try:
            self._way(row.receiver).send(Message(row.title, row.text, body))
        except (NotSentError, ConfigError) as error:
            return str(error)
        return None

    def _way(self, receiver: str) -> Way:
        if not receiver.startswith(_CONTACT_KEY):
            if receiver not in self._ways:
                raise NotSentError("it stands under notify no more")
            return self._ways[receiver]
        if self._contact_url is None:
            raise NotSentError("contacts are not told any more: the configuration has no contacts")
        return contact_way(self._contact_url, receiver.removeprefix(_CONTACT_KEY))

    def _tick_off(self, number: int, done: int) -> None:
        with self._database.writing() as connection:
            connection.execute(MESSAGES.update().where(MESSAGES.c.number == number).values(done=done))

    def forget(self) -> None:
        """Deletes what arrived or was given up two weeks ago.

        Raises:
            StoreError: nothing was deleted.
        """
        old = (MESSAGES.c.done != _WAITS) & (MESSAGES.c.made_unix_s < self._clock() - _KEEP_S)
        with self._database.writing() as connection:
            connection.execute(MESSAGES.delete().where(old))

    def states(self) -> tuple[ReceiverState, ...]:
        """Who is told, and whether messages arrive; contacts of venues together.

        Raises:
            StoreError: the register cannot be read.
        """
        asked = select(MESSAGES.c.receiver, func.count()).where(MESSAGES.c.done == _WAITS)
        waiting: dict[str, int] = {}
        with self._database.reading() as connection:
            for receiver, count in connection.execute(asked.group_by(MESSAGES.c.receiver)):
                waiting[_shown(receiver)] = waiting.get(_shown(receiver), 0) + count
        names = [*self._ways, *([CONTACT] if self._contact_url else [])]
        with self._lock:
            problems = {_shown(name): one.problem for name, one in self._tries.items() if one.problem}
            counts = dict(self._counts)
        return tuple(
            ReceiverState(name, problems.get(name), waiting.get(name, 0), *counts.get(name, (0, 0))) for name in names
        )

    def close(self) -> None:
        """Waits for what is under way; the rest is sent after the next start."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def contact_way(url: str, mail: str) -> Way:
    """How a venue's contact is reached.

    Args:
        url: apprise URL with {mail} in it.
        mail: address.

    Raises:
        ConfigError: apprise knows no such service.
    """
    return Service("contacts", url.replace(MAIL, quote(mail, safe="@")))


def _shown(receiver: str) -> str:
    """Its name as it is shown: without the address of a contact."""
    return CONTACT if receiver.startswith(_CONTACT_KEY) else receiver
