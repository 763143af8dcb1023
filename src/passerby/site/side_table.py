"""Tables beside the tallies in the site's store: what people wrote, such as corrections.

While a site runs it holds the lock on the store's tallies, and somebody at the terminal writes from another process;
SQLite lets both write, one after the other. Each call has a connection of its own.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from passerby.errors import StoreError
from passerby.records.damage import DamagedError, is_damage
from passerby.site.schema import APPLICATION_ID, MIGRATIONS


@dataclass(frozen=True, slots=True)
class SideTable:
    """One table of a site's store.

    Attributes:
        file: path of the store, which a site has made.
        step: of the schema, which brought the table.
        purpose: what it holds, for messages: "corrections".
        patience_s: how long to wait while another program writes.
    """

    file: Path
    step: int
    purpose: str
    patience_s: float = 10.0

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction, which is on the disk when this ends; nothing is written if it raises.

        Raises:
            StoreError: nothing was written.
        """
        with self._connection("rw") as connection:
            connection.execute("BEGIN IMMEDIATE")
            before = self._inode()
            yield connection
            connection.execute("COMMIT")  # closing without it rolls back
            if self._inode() != before:
                raise StoreError(f"the store {self.file} was damaged and gave way to a new one; try again")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that only reads.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._connection("ro") as connection:
            yield connection

    @contextmanager
    def _connection(self, mode: str) -> Iterator[sqlite3.Connection]:
        if not self.file.is_file():
            raise StoreError(f"there is no store {self.file} yet; start the site once with `passerby run`")
        address = f"{self.file.resolve().as_uri()}?mode={mode}"
        try:
            with closing(
                sqlite3.connect(address, uri=True, timeout=self.patience_s, isolation_level=None)
            ) as connection:
                self._check(connection)
                yield connection
        except sqlite3.Error as error:
            words = self._words(error)
            kind = DamagedError if is_damage(error) else StoreError
            raise kind(f"the store {self.file} cannot be used for {self.purpose}: {words}") from None

    def _inode(self) -> int:
        return self.file.stat().st_ino if self.file.exists() else 0

    def _check(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise StoreError(f"{self.file} is not a store of passerby; check store: file: in the configuration")
        schema = connection.execute("PRAGMA user_version").fetchone()[0]
        if schema < self.step:
            raise StoreError(f"the store {self.file} is of an older passerby; start the site once with this one")
        if schema > len(MIGRATIONS):
            raise StoreError(f"the store {self.file} is of a newer passerby; use that one")

    def _words(self, error: sqlite3.Error) -> str:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return f"another program has held it for {self.patience_s:g} s; try again"
        if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN")):
            return "it may not be opened or written; use the account that the site runs under"
        return str(error)
