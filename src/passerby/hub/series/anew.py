"""A file of tallies that is damaged gives way to a new one, which the sites fill with what they still keep.

Nothing is read out of the damaged one: a sum of which a part was read would be wrong without saying so. Sites keep for
two weeks what a hub has taken, see from its answers that it has nothing, and send all of that again.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import structlog

from passerby.errors import StoreError
from passerby.hub.series.integrity import Integrity
from passerby.hub.series.schema import APPLICATION_ID, MIGRATIONS
from passerby.records.damage import finish, is_damage, is_remembered, lying_aside, replace_damaged
from passerby.records.sqlite import connect, migrate

_ACTION = (
    "sites send again what they keep of two weeks; for what is older, stop the hub, put a copy in the place of the new "
    "file, and start it again; move the damaged one elsewhere, and delete it when you need it no more"
)
_log = structlog.get_logger("passerby.hub")


def open_or_begin_anew(
    file: Path, integrity: Integrity, open_writer: Callable[[Path, Integrity], sqlite3.Connection]
) -> sqlite3.Connection:
    """The connection that writes; where the file is damaged, to a new one.

    Args:
        file: of the tallies.
        integrity: looks whether it is whole.
        open_writer: opens it.

    Raises:
        StoreError, OSError, sqlite3.Error: it cannot be opened, and was not damaged or cannot be set aside.
    """
    if finish(file) is not None:
        integrity.forget()
    try:
        return open_writer(file, integrity)
    except (sqlite3.Error, StoreError) as error:
        if not (is_damage(error) and _was_a_store(error, file)):
            raise
    aside = replace_damaged(file, _make)
    integrity.forget()
    _log.error(
        "the file with the tallies is damaged; it was set aside, and a new one begun",
        set_aside=str(aside.file),
        action=_ACTION,
    )
    return open_writer(file, integrity)


def words_of_aside(file: Path) -> list[str]:
    """What stands in `/healthz` as long as damaged files lie beside the one in use."""
    return [
        f"the store {file} was damaged and was begun anew; the old one is {one.file}: {_ACTION}"
        for one in lying_aside(file)
    ]


def _was_a_store(error: BaseException, file: Path) -> bool:
    """Not a photograph, say, that somebody named by mistake."""
    return getattr(error, "sqlite_errorname", "") != "SQLITE_NOTADB" or is_remembered(file)


def _make(file: Path) -> None:
    with closing(connect(file, "rwc")) as connection:
        migrate(connection, MIGRATIONS, APPLICATION_ID)
