"""A site's store that is damaged gives way to a new one, which takes over what can be read.

Accounts, keys, certificates and the configuration stand in files of their own: whoever may not see the page before may
not see it after.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import IO

import structlog

from passerby.core.tallies import MASK_MEASURES, Measure
from passerby.errors import StoreError
from passerby.records.damage import (
    Aside,
    DamagedError,
    finish,
    forget,
    is_damage,
    is_nobodys,
    is_remembered,
    lying_aside,
    remember,
    replace_damaged,
)
from passerby.records.outbox import go_on_under_new_name
from passerby.records.salvage import Salvaged, Table, salvage
from passerby.records.sqlite import WORDS, check_whole, connect, migrate
from passerby.site.outbox.due import all_due, is_watching, watch_tallies
from passerby.site.schema import APPLICATION_ID, MIGRATIONS, ROLLED_UP

SET_ASIDE = "damaged store set aside"
"""As the log calls it."""
_LOOK_EVERY_S = 5.0
_LATEST_UNIX_S = 4_102_444_800
"""2100: no clock, however wrong, that the hub would listen to."""
_TOLD_AGAIN_S = 28 * 86_400
"""The hub is told again what is younger: it knows it by its key, while what it forgot meanwhile would count twice."""
_HEADER = b"SQLite format 3\x00"
_OWNER = slice(68, 72)

_OF_PEOPLE = ", ".join(str(int(one)) for one in MASK_MEASURES)
_SANE = f"""
    measure BETWEEN 1 AND {max(Measure):d} AND part < {max(one.parts for one in Measure)}
    AND start_unix_s BETWEEN 1 AND {_LATEST_UNIX_S} AND width_s <= 86400 AND run BETWEEN 0 AND {_LATEST_UNIX_S}
    AND (run = {ROLLED_UP} OR measure IN ({_OF_PEOPLE}) OR exposure_milli <= 1000 * width_s + 1000)
    AND total_milli <= 1000000 * width_s
"""
"""What holds of each tally: no more was seen than its window is long, but for hours of a clock that was set back, which
hold both; and by at most a thousand people at once."""
_log = structlog.get_logger("passerby.site")


_WINDOW = ("start_unix_s", "width_s", "run")
_PART = ("camera", "measure", "subject", "part")
_TABLES = (
    Table("tally", (*_PART, *_WINDOW), _SANE),
    Table("correction", ("id",)),
    Table("journal", ("id",)),
    Table("proof_window", ("camera", "line", "start_unix_s", "width_s")),
    Table("setup_view", ("camera",)),
    Table("shelf_reference", ("camera", "shelf")),
    Table("shelf_state", ("camera", "shelf", "facing")),
    Table("outbox", ("number",)),
    Table("outbox_batch", ("outbox", "sequence")),
    Table("outbox_layout", ("digest",)),
    Table("outbox_count", ("name",)),
    Table("outbox_due", ("start_unix_s", *_PART, *_WINDOW[1:])),
)


def check(file: Path, connection: sqlite3.Connection) -> None:
    """Looks whether a store is damaged.

    Raises:
        DamagedError: it is.
        sqlite3.Error: the same, so that it cannot even be read; or it cannot be told now.
    """
    check_whole(connection)
    if _is_hollow(file, connection):
        raise DamagedError(WORDS["SQLITE_CORRUPT"])


def is_damaged(file: Path) -> bool:
    """Looks whether a store that is in use is damaged.

    Raises:
        StoreError, sqlite3.Error: it cannot be told now.
    """
    try:
        with closing(connect(file, "ro")) as connection:
            check(file, connection)
    except (sqlite3.Error, StoreError) as error:
        if is_damage(error):
            return True
        raise
    return False


def _is_hollow(file: Path, connection: sqlite3.Connection) -> bool:
    """Whether it was a store, and has not what makes one: its first page is damaged, or it was cut to nothing."""
    owner, version = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if owner == APPLICATION_ID:
        newest = version == len(MIGRATIONS)
        return is_nobodys(version) or (newest and not {one.name for one in _TABLES} <= tables)
    return is_remembered(file) and (not tables or "tally" in tables)


def _is_ours(file: Path) -> bool:
    """Whether a file that is damaged was a store of passerby. Ask before anything of this process opened it."""
    with suppress(OSError), file.open("rb") as handle:
        head = handle.read(100)
        if head.startswith(_HEADER) and head[_OWNER] == APPLICATION_ID.to_bytes(4):
            return True
    return is_remembered(file)


@contextmanager
def alone(writer: sqlite3.Connection) -> Iterator[None]:
    """Whoever writes beside waits: what they write to a file that is given up would be lost."""
    with suppress(sqlite3.Error):
        writer.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        with suppress(sqlite3.Error):  # closed by now, where all went well
            writer.execute("ROLLBACK")


def renew(file: Path, close: Callable[[], object] = lambda: None) -> Aside:
    """Sets a damaged store aside, and puts a new one into its place with what can be read of it.

    Args:
        file: the store; the caller holds its lock.
        close: closes the connection that writes to it.

    Raises:
        StoreError, OSError, sqlite3.Error: it could not be done, and nothing was changed.
    """
    found: dict[str, Salvaged] = {}

    def make(new: Path) -> None:
        with closing(connect(new, "rwc")) as connection:
            migrate(connection, MIGRATIONS, APPLICATION_ID)
            found.update(_carried(file, connection, int(time.time())))
        close()

    aside = replace_damaged(file, make)
    _log.error("the store was damaged", set_aside=str(aside.file), **_sums(found))
    return aside


def _carried(file: Path, new: sqlite3.Connection, now_unix_s: int) -> dict[str, Salvaged]:
    new.execute("BEGIN IMMEDIATE")
    found = salvage(file, new, _TABLES)
    go_on_under_new_name(new)
    if _tells_a_hub(file):
        watch_tallies(new)
        all_due(new, now_unix_s - _TOLD_AGAIN_S)
    sums = _sums(found)
    detail = f"{sums['carried_over']} tallies were carried over"
    detail += f", at least {sums['lost']} could not be read" if sums["lost"] else ""
    detail += "" if sums["whole"] else "; what is missing is in the file that was set aside"
    new.execute(
        "INSERT INTO journal (moment_unix_s, account, action, detail) VALUES (?, 'passerby', ?, ?)",
        (now_unix_s, SET_ASIDE, detail),
    )
    new.execute("COMMIT")
    return found


def _sums(found: dict[str, Salvaged]) -> dict[str, int]:
    tally = found.get("tally", Salvaged(whole=False))
    return {"carried_over": tally.rows, "lost": tally.lost + tally.refused, "whole": tally.whole}


def _tells_a_hub(file: Path) -> bool:
    """Whether the damaged store noted for a hub what was added; where that cannot be read, it is taken to have."""
    try:
        with closing(connect(file, "ro")) as old:
            return is_watching(old)
    except sqlite3.Error:
        return True


def opened(file: Path, held: IO[bytes]) -> sqlite3.Connection:
    """A connection that writes, to a store that is whole: made where there is none, renewed where it is damaged.

    Args:
        file: the store.
        held: its lock.

    Raises:
        StoreError, OSError, sqlite3.Error: it cannot be used.
    """
    if not file.exists() and not finish(file):
        forget(held)  # somebody moved it away
    ours = _is_ours(file)
    try:
        connection = _open_writer(file)
    except (sqlite3.Error, DamagedError) as error:
        if not (is_damage(error) and ours):
            raise
        renew(file)
        connection = _open_writer(file)
    remember(held)
    return connection


def _open_writer(file: Path) -> sqlite3.Connection:
    connection = connect(file, "rwc")
    try:
        check(file, connection)
        migrate(connection, MIGRATIONS, APPLICATION_ID)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except (sqlite3.Error, StoreError):
        connection.close()
        raise
    return connection


@dataclass(slots=True)
class SetAside:
    """Says that a damaged store lies beside the present one, as long as it does.

    Attributes:
        file: the store.
        zone: in which the moment is told.
    """

    file: Path
    zone: tzinfo | None = None
    _found: tuple[Aside, ...] = ()
    _looked_s: float = float("-inf")

    def all(self) -> tuple[Aside, ...]:
        """Those that were set aside; looked for every few seconds."""
        if time.monotonic() - self._looked_s >= _LOOK_EVERY_S:
            self._found, self._looked_s = tuple(lying_aside(self.file)), time.monotonic()
        return self._found

    def words(self) -> str | None:
        """What happened and what to do; None where nothing did."""
        found = self.all()
        if not found:
            return None
        last = found[-1]
        when = datetime.fromtimestamp(last.at_unix_s, self.zone).strftime("%Y-%m-%d %H:%M")
        return (
            f"the file with the counts was damaged and was set aside at {when}, as {last.file.name}; what could be "
            "read of it was carried over, and figures from before can be missing: the log says how many. Look after "
            "the disk; move that file to another folder to end this message, and delete it when you need it no more"
        )
