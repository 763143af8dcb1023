"""The hub's log: who did or saw what, when, and of which venue. It only grows; the database refuses anything else."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select

from passerby.hub.register.database import Database
from passerby.hub.register.tables import LOG
from passerby.records.access import log as access_log

_MOST_DETAIL = 500


class Action(StrEnum):
    """What can be done. Parts of the hub that do more have words of their own."""

    VENUE_ADDED = "venue added"
    VENUE_CHANGED = "venue changed"
    VENUE_RENAMED = "venue renamed"
    VENUE_MERGED = "venue merged"
    VENUE_REMOVED = "venue removed"
    VENUE_READ = "venue read"
    INVITED = "venue invited"
    WITHDRAWN = "invitations withdrawn"
    JOINED = "site joined"
    JOIN_REFUSED = "joining refused"
    KEY_CHANGED = "key of a site changed"
    REVOKED = "keys of a site revoked"
    ACCESS_CHANGED = access_log.ACCESS_CHANGED
    SIGNED_IN = access_log.SIGNED_IN
    SIGN_IN_REFUSED = access_log.SIGN_IN_REFUSED


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Attributes:
        number: higher for what was entered later.
        moment_unix_s: when.
        account: who; the site of a venue enters as "site".
        action: what was done or seen.
        detail: in plain words; never a token, a password, or anything about a visitor.
        venue: number of the venue that it is about; None: of none.
    """

    number: int
    moment_unix_s: int
    account: str
    action: str
    detail: str
    venue: int | None


class Log:
    """The log, in the register.

    Args:
        database: the register's.
        clock: Unix seconds.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def add(self, account: str, action: str, detail: str = "", venue: int | None = None) -> None:
        """Writes one entry, with the present moment; it is on the disk when this returns.

        Raises:
            StoreError: nothing was written.
        """
        with self._database.writing() as connection:
            self.enter(connection, account, action, detail, venue)

    def enter(
        self, connection: Connection, account: str, action: str, detail: str = "", venue: int | None = None
    ) -> None:
        """Writes one entry within a transaction, so that it and what it tells of are there together or not at all."""
        connection.execute(
            LOG.insert().values(
                moment_unix_s=int(self._clock()),
                account=account[:128],
                action=str(action),
                detail=detail[:_MOST_DETAIL],
                venue=venue,
            )
        )

    def newest(self, limit: int = 100, venue: int | None = None, before: int | None = None) -> list[Entry]:
        """Entries, the newest first.

        Args:
            limit: at most so many.
            venue: number; None for all.
            before: number of an entry; only earlier ones.

        Raises:
            StoreError: it cannot be read.
        """
        columns = (LOG.c.number, LOG.c.moment_unix_s, LOG.c.account, LOG.c.action, LOG.c.detail, LOG.c.venue)
        asked = select(*columns).order_by(LOG.c.number.desc()).limit(limit)
        if venue is not None:
            asked = asked.where(LOG.c.venue == venue)
        if before is not None:
            asked = asked.where(LOG.c.number < before)
        with self._database.reading() as connection:
            return [Entry(*row) for row in connection.execute(asked)]
