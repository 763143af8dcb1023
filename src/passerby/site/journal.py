"""The site's log of what people changed: who did what, and when. It tells of operators, never of visitors."""

import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from passerby.records.access import log
from passerby.site.renewal import SET_ASIDE
from passerby.site.side_table import SideTable
from passerby.site.store import KEEP_HOURS_S

_STEP = 4
ITSELF = "passerby"
"""Whose entry it is that nobody made."""


class Action(StrEnum):
    """What can be done."""

    CORRECTED = "occupancy corrected"
    CONFIGURED = "configuration changed"
    RELOADED = "configuration read again"
    SETUP_BEGAN = "set-up mode began"
    SETUP_ENDED = "set-up mode ended"
    STILL_SHOWN = "people-free still shown"
    VIEW_KEPT = "edges of an empty view kept"
    TEACHING_BEGAN = "teaching of a shelf began"
    SHELF_TAUGHT = "shelf taught"
    PROOF_BEGAN = "count by hand began"
    PROOF_ENDED = "count by hand ended"
    PROOF_EXPIRED = "proof ended"
    ACCESS_CHANGED = log.ACCESS_CHANGED
    SIGNED_IN = log.SIGNED_IN
    SIGN_IN_REFUSED = log.SIGN_IN_REFUSED
    ALERT_BEGAN = "alert began"
    ALERT_ENDED = "alert ended"
    CLOCK_SET_BACK = "clock set back"
    STORE_SET_ASIDE = SET_ASIDE


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Attributes:
        moment_unix_s: when.
        account: who, by the name that they signed in with.
        action: what was done.
        detail: to what, in plain words; never a password, an address of a camera or anything about a visitor.
    """

    moment_unix_s: int
    account: str
    action: str
    detail: str = ""


class Journal:
    """The log, in the site's store; kept for 13 months.

    Args:
        file: path of the store, which a site has made.
    """

    def __init__(self, file: Path) -> None:
        self._table = SideTable(file, _STEP, "the log of changes")

    def add(self, account: str, action: str, detail: str = "") -> Entry:
        """Writes one entry, with the present moment; it is on the disk when this returns.

        Raises:
            StoreError: nothing was written.
        """
        entry = Entry(int(time.time()), account, str(action), detail)
        with self._table.writing() as connection:
            connection.execute(
                "INSERT INTO journal (moment_unix_s, account, action, detail) VALUES (?, ?, ?, ?)",
                (entry.moment_unix_s, entry.account, entry.action, entry.detail),
            )
        return entry

    def since(self, moment_unix_s: float) -> list[Entry]:
        """Entries at or after a moment, the newest first.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._table.reading() as connection:
            rows = connection.execute(
                "SELECT moment_unix_s, account, action, detail FROM journal WHERE moment_unix_s >= ? "
                "ORDER BY moment_unix_s DESC, id DESC",
                (moment_unix_s,),
            ).fetchall()
        return [Entry(*row) for row in rows]

    def forget(self, now_unix_s: float) -> None:
        """Deletes what is older than 13 months.

        Raises:
            StoreError: nothing was deleted.
        """
        with self._table.writing() as connection:
            connection.execute("DELETE FROM journal WHERE moment_unix_s < ?", (int(now_unix_s - KEEP_HOURS_S),))
