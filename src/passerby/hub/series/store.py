"""The tallies of all venues in one SQLite file.

One writer, kept out of each other's way by a lock beside the file; any number of readers, each on a connection of its
own. A delivery is stored whole or not at all, and is on the disk when `take` returns.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from passerby.errors import StoreError
from passerby.hub.contract import Delivered, Taken
from passerby.hub.series import moving
from passerby.hub.series.anew import open_or_begin_anew, words_of_aside
from passerby.hub.series.asking import Asking
from passerby.hub.series.integrity import Integrity
from passerby.hub.series.names import Names
from passerby.hub.series.readers import WORDS, Readers
from passerby.hub.series.schema import APPLICATION_ID, MIGRATIONS
from passerby.hub.series.taking import take, zone_of
from passerby.hub.series.together import Together
from passerby.records.ballast import Ballast
from passerby.records.damage import DamagedError
from passerby.records.sqlite import connect, explained, lock, migrate

_CACHE_KB = 64 * 1024
_CHECKPOINT_PAGES = 4000
_BALLAST_BYTES = 32 * 1024 * 1024
"""As much as waits in the log until it is brought into the file, twice."""
_WAL_LIMIT_BYTES = 64 * 1024 * 1024


class SqliteSeries(Asking):
    """Tallies of all venues: `hub.contract.Series` in SQLite. Safe from any thread.

    Args:
        file: path of the SQLite file; made where there is none.

    Raises:
        StoreError: the file cannot be used; the text says why.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._readers = Readers(file)
        super().__init__(self._readers)
        self._writing = threading.Lock()
        self._names = Names()
        self._together = Together(self._take_all)
        with explained(file, WORDS):
            self._lock_file = lock(file)
            self._integrity = Integrity(file, self._lock_file)
            try:
                self._writer = open_or_begin_anew(file, self._integrity, _open_writer)
            except (sqlite3.Error, StoreError, OSError):
                self._lock_file.close()
                raise
        self._ballast = Ballast(Path(f"{file}.ballast"), _BALLAST_BYTES)
        self._ballast.hold()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; closing twice does nothing."""
        self._readers.close()
        with self._writing:
            self._integrity.end()
            self._writer.close()
            self._lock_file.close()

    def problems(self) -> list[str]:
        """As `contract.Series.problems`."""
        own = [f"the store {self.file}: {self._integrity.problem}"] if self._integrity.problem else []
        return own + words_of_aside(self.file)

    def take(self, delivered: Delivered) -> Taken:
        """As `contract.Series.take`."""
        with explained(self.file, WORDS):
            zone_of(delivered.zone)
            if self._integrity.problem:
                raise StoreError(self._integrity.problem)
        try:
            return self._together.take(delivered)
        except DamagedError:
            self._integrity.found()
            raise

    def _take_all(self, these: Sequence[Delivered]) -> list[Taken]:
        with self._transaction() as connection:
            return [take(connection, self._names, one) for one in these]

    def merge(self, venue: int, into: int, name: str) -> None:
        """As `contract.Series.merge`."""
        with self._transaction() as connection:
            moving.merge(connection, venue, into, name)

    def forget(self, windows_before_unix_s: int, sums_before_unix_s: int) -> int:
        """As `contract.Series.forget`.

        Each site is a transaction of its own, so that no delivery waits long. Where the disk is full, the ballast makes
        room for what SQLite writes while it deletes.
        """
        before = (windows_before_unix_s, sums_before_unix_s)
        with self._readers.one() as connection:
            sites = connection.execute("SELECT id, zone FROM site").fetchall()
        try:
            gone = sum(self._forget(site, zone, before) for site, zone in sites)
        except StoreError:
            if not self._ballast.held:
                raise
            self._ballast.give_up()
            gone = sum(self._forget(site, zone, before) for site, zone in sites)
        with explained(self.file, WORDS), self._writing:
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._ballast.hold()
        return gone

    def _forget(self, site: int, zone: str, before_unix_s: tuple[int, int]) -> int:
        with self._transaction() as connection:
            return moving.forget(connection, site, zone_of(zone), before_unix_s)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with explained(self.file, WORDS), self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            done = False
            try:
                yield self._writer
                self._writer.execute("COMMIT")
                done = True
            finally:
                if not done:
                    self._names.clear()
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")


def _open_writer(file: Path, integrity: Integrity) -> sqlite3.Connection:
    connection = connect(file, "rwc")
    try:
        migrate(connection, MIGRATIONS, APPLICATION_ID)
        connection.execute("PRAGMA journal_mode = WAL")
        integrity.begin()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")
    except (sqlite3.Error, StoreError):
        connection.close()
        raise
    return connection
