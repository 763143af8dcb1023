"""Corrections of a place's occupancy by hand: the log of who set which number when.

They lie in the site's store, in a table of their own. While a site runs it holds the lock on the store's tallies, and
somebody at the terminal corrects from another process; SQLite lets both write, one after the other.
"""

import os
import pwd
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from passerby.errors import ConfigError, StoreError
from passerby.site.config import SiteConfig
from passerby.site.schema import APPLICATION_ID, MIGRATIONS
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
        self._file = file
        self._patience_s = patience_s

    def add(self, correction: Correction) -> Correction:
        """Writes one; it is on the disk when this returns. What is older than 13 months goes at the same time.

        Raises:
            StoreError: nothing was written.
        """
        row = (correction.place, correction.moment_unix_s, correction.people, correction.note, correction.account)
        with self._transaction() as connection:
            _forget(connection, correction.moment_unix_s)
            number = connection.execute(_INSERT, row).lastrowid
        return replace(correction, number=number or 0)

    def since(self, moment_unix_s: float) -> list[Correction]:
        """Those at or after a moment, in the order of time.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._connection("ro") as connection:
            rows = connection.execute(_SELECT, (moment_unix_s,)).fetchall()
        return [Correction(*row) for row in rows]

    def forget(self, now_unix_s: float) -> None:
        """Deletes what is older than 13 months.

        Raises:
            StoreError: nothing was deleted.
        """
        with self._transaction() as connection:
            _forget(connection, now_unix_s)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._connection("rw") as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")  # closing without it rolls back

    @contextmanager
    def _connection(self, mode: str) -> Iterator[sqlite3.Connection]:
        if not self._file.is_file():
            raise StoreError(f"there is no store {self._file} yet; start the site once with `passerby run`")
        address = f"{self._file.resolve().as_uri()}?mode={mode}"
        try:
            with closing(
                sqlite3.connect(address, uri=True, timeout=self._patience_s, isolation_level=None)
            ) as connection:
                self._check(connection)
                yield connection
        except sqlite3.Error as error:
            raise StoreError(f"the store {self._file} cannot be used for corrections: {self._words(error)}") from None

    def _check(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise StoreError(f"{self._file} is not a store of passerby; check store: file: in the configuration")
        schema = connection.execute("PRAGMA user_version").fetchone()[0]
        if schema < _SCHEMA:
            raise StoreError(f"the store {self._file} is of an older passerby; start the site once with this one")
        if schema > len(MIGRATIONS):
            raise StoreError(f"the store {self._file} is of a newer passerby; correct with that one")

    def _words(self, error: sqlite3.Error) -> str:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return f"another program has held it for {self._patience_s:g} s; try again"
        if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN")):
            return "it may not be opened or written; use the account that the site runs under"
        return str(error)


def correct(config: SiteConfig, place: str, people: int, note: str | None) -> Correction:
    """Sets the number of people in a place, as of now.

    Raises:
        ConfigError: there is no such place, its lines are not counted, or the number or the note cannot be.
        StoreError: the store is absent or cannot be written; nothing has changed.
    """
    problems = [problem for problem in (_place(config, place), _people(people), _note(note or "")) if problem]
    if problems:
        raise ConfigError(problems)
    written = Correction(place, int(time.time()), people, note or "", _account())
    return Corrections(config.store_file).add(written)


def _place(config: SiteConfig, place: str) -> str | None:
    known = [one.name for one in config.places]
    if not known:
        return "the configuration has no places; add places: and name one of them at your lines with place:"
    if place not in known:
        return f"there is no place {place!r}; there is: {', '.join(known)}"
    if not any(line.place == place for camera in config.cameras for line in camera.lines):
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


def _account() -> str:
    """Name of the account that this process runs under, as the system knows it; the environment could say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _forget(connection: sqlite3.Connection, now_unix_s: float) -> None:
    connection.execute("DELETE FROM correction WHERE moment_unix_s < ?", (int(now_unix_s - KEEP_HOURS_S),))


_SCHEMA = 3
"""The step of the schema that brought the table."""

_INSERT = "INSERT INTO correction (place, moment_unix_s, people, note, account) VALUES (?, ?, ?, ?, ?)"

_SELECT = """
SELECT place, moment_unix_s, people, note, account, id FROM correction
WHERE moment_unix_s >= ? ORDER BY moment_unix_s, id
"""
