"""The tallies of all venues in one SQLite file.

One writer, kept out of each other's way by a lock beside the file; any number of readers, each on a connection of its
own. A delivery is stored whole or not at all, and is on the disk when `take` returns.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from passerby.errors import StoreError
from passerby.hub.contract import Delivered, Taken
from passerby.hub.series import moving
from passerby.hub.series.adding import HOUR_S, day_of, first_kept
from passerby.hub.series.asking import Asking
from passerby.hub.series.names import Names
from passerby.hub.series.readers import WORDS, Readers
from passerby.hub.series.schema import APPLICATION_ID, MIGRATIONS
from passerby.hub.series.taking import take, zone_of
from passerby.records.sqlite import connect, explained, lock, migrate

_CACHE_KB = 64 * 1024
_CHECKPOINT_PAGES = 4000
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
        with explained(file, WORDS):
            self._lock_file = lock(file)
            try:
                self._writer = _open_writer(file)
            except (sqlite3.Error, StoreError):
                self._lock_file.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; closing twice does nothing."""
        self._readers.close()
        with self._writing:
            self._writer.close()
            self._lock_file.close()

    def take(self, delivered: Delivered) -> Taken:
        """As `contract.Series.take`."""
        with self._transaction() as connection:
            return take(connection, self._names, delivered)

    def merge(self, venue: int, into: int, name: str) -> None:
        """As `contract.Series.merge`."""
        with self._transaction() as connection:
            moving.merge(connection, venue, into, name)

    def forget(self, windows_before_unix_s: int, sums_before_unix_s: int) -> int:
        """As `contract.Series.forget`. Each site is a transaction of its own, so that deliveries wait for none long."""
        with self._readers.one() as connection:
            sites = connection.execute("SELECT id, zone FROM site").fetchall()
        return sum(self._forget(site, zone, (windows_before_unix_s, sums_before_unix_s)) for site, zone in sites)

    def _forget(self, site: int, zone: str, before_unix_s: tuple[int, int]) -> int:
        windows, sums = (first_kept(moment, zone_of(zone)) for moment in before_unix_s)
        hour, day = sums // HOUR_S, day_of(sums, zone_of(zone))
        with self._transaction() as connection:
            for table, step, first in (
                ("place_hour", "hour", hour),
                ("venue_hour", "hour", hour),
                ("place_day", "day", day),
                ("venue_day", "day", day),
            ):
                connection.execute(f"DELETE FROM {table} WHERE site = ? AND {step} < ?", (site, first))  # noqa: S608
            # The hour in which that day begins stays whole.
            gone = connection.execute(
                "DELETE FROM tally WHERE site = ? AND start_unix_s < ?", (site, windows // HOUR_S * HOUR_S)
            ).rowcount
            connection.execute("DELETE FROM aside WHERE site = ? AND received_unix_s < ?", (site, sums))
            connection.execute(
                "UPDATE site SET kept_from_unix_s = max(kept_from_unix_s, ?) WHERE id = ?", (windows, site)
            )
        return int(gone)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with explained(self.file, WORDS), self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                self._names.clear()
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise


def _open_writer(file: Path) -> sqlite3.Connection:
    connection = connect(file, "rwc")
    try:
        migrate(connection, MIGRATIONS, APPLICATION_ID)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")
    except (sqlite3.Error, StoreError):
        connection.close()
        raise
    return connection
