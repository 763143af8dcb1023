"""A store that is damaged: how that is noticed, and how it gives way to a new one. Nothing of it is ever deleted.

A damaged file is set aside under a name with the date, with its log, and what could be read of it is in the new one
before that takes its place: killed at any moment in between, it is done by the next start.
"""

import calendar
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from passerby.errors import StoreError
from passerby.records.wire.keys import sync_folder

_CODES = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_LOGS = ("-wal", "-journal")
"""What SQLite keeps beside a file and needs to read it; its shared memory is made anew."""
_STORE = b"store\n"
_WHEN = "%Y-%m-%dT%H%M%SZ"
_NEWEST_SCHEMA = 1000
"""A version above this was written by nobody."""


class DamagedError(StoreError):
    """What a file holds cannot be read or written any more, and it was not space or permissions."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A damaged file that was set aside, and lies beside the one that took its place.

    Attributes:
        file: its name now.
        at_unix_s: when it was set aside.
    """

    file: Path
    at_unix_s: int


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says by an error that a file is damaged, or no database at all."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return isinstance(error, DamagedError) or name.startswith(_CODES)


def is_whole(connection: sqlite3.Connection) -> bool:
    """Reads a database through, which takes seconds for each gigabyte.

    Raises:
        sqlite3.Error: it is no database, or it cannot be told: another program holds it, say.
    """
    try:
        return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error as error:
        if (error.sqlite_errorname or "").startswith("SQLITE_CORRUPT"):
            return False
        raise


def is_nobodys(version: int) -> bool:
    """Whether no passerby, however new, wrote such a version of a schema: its bytes are damaged."""
    return not 0 <= version <= _NEWEST_SCHEMA


def remember(lock: IO[bytes]) -> None:
    """Notes in a file's lock that it was opened as a store, so that it is known for one when nothing else says so."""
    lock.seek(0)
    if not lock.read(1):
        lock.write(_STORE)
        lock.flush()


def forget(lock: IO[bytes]) -> None:
    """Forgets it: the file is not there any more."""
    lock.truncate(0)


def is_remembered(file: Path) -> bool:
    """Whether a file was a store of passerby once, and is not a photograph that somebody named by mistake."""
    with suppress(OSError):
        return file.exists() and Path(f"{file}.lock").stat().st_size > 0
    return False


def replace_damaged(file: Path, make: Callable[[Path], None]) -> Aside:
    """Sets a damaged file aside and puts a new one into its place. Whoever writes to it has closed it, or will.

    Args:
        file: that is damaged.
        make: makes the new one at a path, whole and in one file, with what can be read of the old one.

    Raises:
        StoreError, OSError, sqlite3.Error: nothing was changed.
    """
    fresh, part = _fresh(file), file.with_name(f"{file.name}.making")
    _clear(part)
    with ExitStack() as undo:
        undo.callback(_clear, part)
        make(part)
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        undo.pop_all()
    part.rename(fresh)
    return _switch(file, fresh)


def finish(file: Path) -> Aside | None:
    """Does the rest of a replacement that somebody was killed in; None where there is none."""
    fresh = _fresh(file)
    return _switch(file, fresh) if fresh.exists() else None


def set_aside(file: Path) -> Aside:
    """Gives a damaged file a name with the date, and its log the same, so that it can be read where anything can.

    Raises:
        OSError: it cannot be renamed.
    """
    aside = _named(file, int(time.time()))
    for ending in (*_LOGS, ""):  # the file last: as long as it has its name, all of this is done once more
        with suppress(FileNotFoundError):
            Path(f"{file}{ending}").rename(f"{aside.file}{ending}")
    Path(f"{file}-shm").unlink(missing_ok=True)
    sync_folder(file.parent)
    return aside


def lying_aside(file: Path) -> list[Aside]:
    """Those of a store that were set aside and lie beside it still, the oldest first."""
    start = f"{file.name}.damaged-"
    found = []
    with suppress(OSError):
        for one in file.parent.iterdir():
            if one.name.startswith(start) and not one.name.endswith(_LOGS):
                found.append(Aside(one, _moment(one.name.removeprefix(start))))
    return sorted(found, key=lambda one: (one.at_unix_s, one.file.name))


def _switch(file: Path, fresh: Path) -> Aside:
    aside = set_aside(file)
    fresh.rename(file)
    sync_folder(file.parent)
    return aside


def _named(file: Path, at_unix_s: int) -> Aside:
    name = f"{file.name}.damaged-{time.strftime(_WHEN, time.gmtime(at_unix_s))}"
    aside, number = file.with_name(name), 1
    while aside.exists():
        number += 1
        aside = file.with_name(f"{name}.{number}")
    return Aside(aside, at_unix_s)


def _moment(date: str) -> int:
    with suppress(ValueError):
        return calendar.timegm(time.strptime(date.partition("Z")[0] + "Z", _WHEN))
    return 0


def _fresh(file: Path) -> Path:
    return file.with_name(f"{file.name}.new")


def _clear(file: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{file}{ending}").unlink(missing_ok=True)
