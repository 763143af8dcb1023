"""SQLite as site and hub use it: one writer by a lock beside the file, schemas by steps, and faults in words."""

import fcntl
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from passerby.errors import StoreError
from passerby.records.damage import DamagedError, is_damage, is_whole

BUSY_S = 5.0

WORDS = {
    "SQLITE_FULL": "the disk is full; free some space. What was stored is safe; what comes waits in memory",
    "SQLITE_IOERR": "the disk does not take or give data; check its space, its limits and its health",
    "SQLITE_BUSY": "another program holds it; close that program",
    "SQLITE_LOCKED": "another program holds it; close that program",
    "SQLITE_CORRUPT": "it is damaged; move it away and put back a copy, or start a new one",
    "SQLITE_NOTADB": "it is not a store of passerby; name another file, or move it away",
    "SQLITE_READONLY": "it may not be written; check the permissions of the file and its folder",
    "SQLITE_CANTOPEN": "it cannot be opened; check that its folder exists and may be written",
    "SQLITE_PERM": "it may not be opened; check the permissions of the file and its folder",
}
"""What SQLite's errors mean, by how their names begin."""


@contextmanager
def explained(file: Path, own: Mapping[str, str] | None = None) -> Iterator[None]:
    """Turns what SQLite and the disk say of a store into words.

    Args:
        file: the store.
        own: words that take the place of some of `WORDS`.

    Raises:
        StoreError: in place of what SQLite and the disk raise; `DamagedError` where the file is damaged.
    """
    try:
        yield
    except StoreError as error:
        raise type(error)(f"the store {file} cannot be used: {error}") from None
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        known = {**WORDS, **(own or {})}
        words = next((words for start, words in known.items() if name.startswith(start)), str(error))
        kind = DamagedError if is_damage(error) else StoreError
        raise kind(f"the store {file} cannot be used: {words}") from None
    except OSError as error:
        raise StoreError(f"the store {file} cannot be used: {error.strerror}; check its folder") from None


def lock(file: Path) -> IO[bytes]:
    """Holds the lock that one writer at a time can have; the kernel lets it go when the process ends.

    Raises:
        StoreError: another process has it.
    """
    handle = Path(f"{file}.lock").open("a+b")  # noqa: SIM115 - held as long as the store is open
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        raise StoreError("another passerby writes to it; stop that one, or name another file") from None
    return handle


def connect(file: Path, mode: str) -> sqlite3.Connection:
    """A connection whose transactions are begun by hand. Writers of several threads take turns by a lock.

    Args:
        file: the store.
        mode: of SQLite: "ro", "rw", or "rwc" to make it.
    """
    return sqlite3.connect(
        f"{file.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )


def check_whole(connection: sqlite3.Connection) -> None:
    """Reads a database through, which takes seconds for each gigabyte.

    Raises:
        DamagedError: it is damaged.
        sqlite3.Error: as `is_whole`.
    """
    if not is_whole(connection):
        raise DamagedError(WORDS["SQLITE_CORRUPT"])


def migrate(connection: sqlite3.Connection, migrations: Sequence[str], application_id: int) -> None:
    """Brings a database to the newest schema, each step whole or not at all.

    Args:
        connection: to it.
        migrations: the steps; a released step never changes.
        application_id: whose database it is.

    Raises:
        StoreError: it belongs to a newer passerby or to another program.
        sqlite3.Error: a step failed; the database is as it was before that step.
    """
    version = _number(connection, "user_version")
    owner = _number(connection, "application_id")
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if owner != application_id and (tables or version):
        raise StoreError("it is another program's database; name another file")
    if version > len(migrations):
        raise StoreError(
            f"it was written by a newer passerby (schema {version}, this one knows {len(migrations)}); "
            "update passerby, or name another file"
        )
    for step, script in enumerate(migrations[version:], start=version + 1):
        stamp = f"PRAGMA application_id = {application_id}; PRAGMA user_version = {step};"
        connection.executescript(f"BEGIN IMMEDIATE; {script}; {stamp} COMMIT;")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
