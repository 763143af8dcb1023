"""Corrections of a place's occupancy by hand: the log of who set which number when.

They lie in the site's store, in a table of their own, so that a site that runs notices them.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from passerby.errors import ConfigError
from passerby.records.system import system_account
from passerby.site.config import SiteConfig
from passerby.site.journal import Action, Journal
from passerby.site.place_windows import PlaceSettings
from passerby.site.settings import place_settings
from passerby.site.side_table import SideTable
from passerby.site.store import KEEP_HOURS_S

MAX_PEOPLE = 1_000_000
MAX_NOTE = 200


@dataclass(frozen=True, slots=True)
class Correction:
    """A number of people that somebody has set.

    Attributes:
        place: name of the place.
        moment_unix_s: when.
        people: how many were there at that moment.
        note: why; may be empty.
        account: who wrote it, by the name of the system account. It stays in the store and in the site's log.
        number: where it stands in the log; 0 before it was written.
    """

    place: str
    moment_unix_s: int
    people: int
    note: str = ""
    account: str = ""
    number: int = 0


class Corrections:
    """The corrections of a site's store; each call has a connection of its own.

    Args:
        file: path of the store, which a site has made.
        patience_s: how long to wait while another program writes.
    """

    def __init__(self, file: Path, patience_s: float = 10.0) -> None:
        self._table = SideTable(file, _STEP, "corrections", patience_s)

    def add(self, correction: Correction) -> Correction:
        """Writes one; it is on the disk when this returns.

        Raises:
            StoreError: nothing was written.
        """
        row = (correction.place, correction.moment_unix_s, correction.people, correction.note, correction.account)
        with self._table.writing() as connection:
            number = connection.execute(_INSERT, row).lastrowid
        return replace(correction, number=number or 0)

    def since(self, moment_unix_s: float) -> list[Correction]:
        """Those at or after a moment, in the order of time.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._table.reading() as connection:
            rows = connection.execute(_SELECT, (moment_unix_s,)).fetchall()
        return [Correction(*row) for row in rows]

    def forget(self, now_unix_s: float) -> None:
        """Deletes what is older than 13 months.

        Raises:
            StoreError: nothing was deleted.
        """
        with self._table.writing() as connection:
            connection.execute("DELETE FROM correction WHERE moment_unix_s < ?", (int(now_unix_s - KEEP_HOURS_S),))


def correct(config: SiteConfig, place: str, people: int, note: str | None) -> Correction:
    """Sets the number of people in a place, as of now.

    Raises:
        ConfigError: there is no such place, its lines are not counted, or the number or the note cannot be.
        StoreError: the store is absent or cannot be written; nothing has changed.
    """
    written = Correction(place, int(time.time()), people, note or "", system_account())
    return enter(written, place_settings(config), Corrections(config.store_file), Journal(config.store_file))


def enter(
    written: Correction, places: Sequence[PlaceSettings], corrections: Corrections, journal: Journal
) -> Correction:
    """Writes a correction that makes sense, and enters it in the site's log.

    Args:
        written: what somebody wants to set.
        places: of the site.
        corrections: of the site's store.
        journal: of the same.

    Raises:
        ConfigError: there is no such place, its lines are not counted, or the number or the note cannot be.
        StoreError: the store is absent or cannot be written; nothing has changed.
    """
    found = (_place(places, written.place), _people(written.people), _note(written.note))
    problems = [problem for problem in found if problem]
    if problems:
        raise ConfigError(problems)
    added = corrections.add(written)
    journal.add(added.account, Action.CORRECTED, f"{added.place}: {added.people} people")
    return added


def _place(places: Sequence[PlaceSettings], place: str) -> str | None:
    known = {one.name: one for one in places}
    if not known:
        return "the configuration has no places; add places: and name one of them at your lines with place:"
    if place not in known:
        return f"there is no place {place!r}; there is: {', '.join(known)}"
    if not known[place].lines:
        return f"place {place!r} has no lines: its zones count who is there at each moment, so nothing can drift"
    return None


def _people(people: int) -> str | None:
    if not 0 <= people <= MAX_PEOPLE:
        return f"the number of people is {people}; write a whole number from 0 to {MAX_PEOPLE}"
    return None


def _note(note: str) -> str | None:
    if len(note) > MAX_NOTE or not note.isprintable():
        return f"the note must be one line of plain text of at most {MAX_NOTE} characters"
    return None


_STEP = 3
"""The step of the schema that brought the table."""

_INSERT = "INSERT INTO correction (place, moment_unix_s, people, note, account) VALUES (?, ?, ?, ?, ?)"

_SELECT = """
SELECT place, moment_unix_s, people, note, account, id FROM correction
WHERE moment_unix_s >= ? ORDER BY moment_unix_s, id
"""
