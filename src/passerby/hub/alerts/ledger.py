"""Alerts in the register: open ones, past ones, and what of them is still to be told."""

import json
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Connection, Row, select

from passerby.hub.alerts.contract import AlertNow
from passerby.hub.alerts.tables import ALERTS, LEASE
from passerby.hub.register.database import Database

_KEEP_S = 400 * 86_400.0
_LEASE_S = 20.0


class Ledger:
    """Reads and writes alerts. Safe from any thread and any number of processes.

    Args:
        database: the register's; its tables are there.
        clock: Unix seconds.
    """

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self.database, self._clock = database, clock

    def unsettled(self) -> list[AlertNow]:
        """Those of which something may still be to be told: all open ones, and ends that wait for quiet hours to end.

        Raises:
            StoreError: they cannot be read.
        """
        return self._read(ALERTS.c.settled == 0, None)

    def open(self, venues: Collection[int] | None) -> list[AlertNow]:
        """Open alerts, the newest first; None: of all venues.

        Raises:
            StoreError: they cannot be read.
        """
        found = self._read(ALERTS.c.ended_unix_s.is_(None), None)
        return [one for one in found if venues is None or one.venue in venues]

    def past(self, venues: Collection[int] | None, limit: int) -> list[AlertNow]:
        """Alerts that have ended, the newest first.

        Raises:
            StoreError: they cannot be read.
        """
        ended = ALERTS.c.ended_unix_s.is_not(None)
        return self._read(ended if venues is None else ended & ALERTS.c.venue.in_(list(venues)), limit)

    def _read(self, where: Any, limit: int | None) -> list[AlertNow]:
        asked = select(ALERTS).where(where).order_by(ALERTS.c.began_unix_s.desc(), ALERTS.c.number.desc()).limit(limit)
        with self.database.reading() as connection:
            return [_alert(row) for row in connection.execute(asked)]

    def by_number(self, number: int) -> AlertNow | None:
        """The alert of a number, open or past.

        Raises:
            StoreError: it cannot be read.
        """
        return next(iter(self._read(ALERTS.c.number == number, 1)), None)

    def begin(self, connection: Connection, alert: AlertNow) -> AlertNow:
        """Enters a new one, and gives it with its number."""
        values = {
            "rule": alert.rule, "kind": alert.when, "venue": alert.venue, "text": alert.text, "value": alert.value,
            "bound": alert.limit, "began_unix_s": alert.began_unix_s, "told": "[]", "settled": 0,
            "acknowledged_by": "", "note": "", "escalated": 0,
        }  # fmt: skip
        answer = connection.execute(ALERTS.insert().values(**values))
        assert answer.inserted_primary_key is not None
        row = connection.execute(select(ALERTS).where(ALERTS.c.number == answer.inserted_primary_key[0])).one()
        return _alert(row)

    def change(self, connection: Connection, number: int, **values: Any) -> AlertNow:
        """Changes columns of one, and gives it."""
        connection.execute(ALERTS.update().where(ALERTS.c.number == number).values(**values))
        return _alert(connection.execute(select(ALERTS).where(ALERTS.c.number == number)).one())

    def is_still(self, connection: Connection, alert: AlertNow) -> bool:
        """Whether one is as it was read; from now on it stays so until the transaction ends."""
        row = connection.execute(select(ALERTS).where(ALERTS.c.number == alert.number).with_for_update()).one_or_none()
        return row is not None and _alert(row) == alert

    def acknowledge(self, connection: Connection, number: int, account: str, note: str) -> tuple[AlertNow, bool] | None:
        """Somebody sees to an open one; gives it, and whether they are the first. None where there is none."""
        is_open = (ALERTS.c.number == number) & ALERTS.c.ended_unix_s.is_(None)
        values = {"acknowledged_by": account, "acknowledged_unix_s": self._clock(), "note": note}
        changed = connection.execute(ALERTS.update().where(is_open & (ALERTS.c.acknowledged_by == "")).values(**values))
        row = connection.execute(select(ALERTS).where(is_open)).one_or_none()
        return (_alert(row), changed.rowcount == 1) if row is not None else None

    def forget(self) -> None:
        """Deletes what ended 13 months ago.

        Raises:
            StoreError: nothing was deleted.
        """
        with self.database.writing() as connection:
            connection.execute(ALERTS.delete().where(ALERTS.c.ended_unix_s < self._clock() - _KEEP_S))

    def watches(self, holder: str) -> bool:
        """Whether this process is the one that watches; of several one does, and another some seconds after it.

        Raises:
            StoreError: the register cannot be written.
        """
        now = self._clock()
        until = now + _LEASE_S
        with self.database.writing() as connection:
            row = connection.execute(select(LEASE).where(LEASE.c.number == 1).with_for_update()).one_or_none()
            if row is None:
                connection.execute(LEASE.insert().values(number=1, holder=holder, until_unix_s=until))
                return True
            # A clock that was set back must not make it wait for hours.
            if row.holder != holder and now < row.until_unix_s <= now + _LEASE_S:
                return False
            connection.execute(LEASE.update().where(LEASE.c.number == 1).values(holder=holder, until_unix_s=until))
            return True

    def hand_over(self, holder: str) -> None:
        """This process watches no more, so that another need not wait.

        Raises:
            StoreError: nothing was written.
        """
        with self.database.writing() as connection:
            connection.execute(LEASE.delete().where(LEASE.c.holder == holder))


def _alert(row: Row[Any]) -> AlertNow:
    return AlertNow(
        number=row.number,
        rule=row.rule,
        when=row.kind,
        venue=row.venue,
        text=row.text,
        value=row.value,
        limit=row.bound,
        began_unix_s=row.began_unix_s,
        ended_unix_s=row.ended_unix_s,
        told=tuple(json.loads(row.told)),
        told_unix_s=row.told_unix_s,
        acknowledged_by=row.acknowledged_by,
        acknowledged_unix_s=row.acknowledged_unix_s,
        note=row.note,
        escalated=row.escalated,
    )
