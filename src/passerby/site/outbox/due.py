"""Which tallies of the store the hub was not told yet: SQLite notes each that is added or changed, by triggers.

So a tally that comes late, or again with another total, is sent once more, and nothing is sent that did not change.
"""

import sqlite3
from typing import NamedTuple

from passerby.core.tallies import MOST_FACINGS, SHELF_MEASURES, Measure

_FIRST, _LAST = min(SHELF_MEASURES), max(SHELF_MEASURES)
_INTO = "INSERT INTO outbox_due (camera, measure, subject, part, start_unix_s, width_s, run)"
_KEY = f"""NEW.camera, NEW.measure, NEW.subject,
    CASE WHEN NEW.measure BETWEEN {_FIRST:d} AND {_LAST:d} THEN 0 ELSE NEW.part END,
    NEW.start_unix_s, NEW.width_s, NEW.run"""
_NEW = f"BEGIN {_INTO} VALUES ({_KEY}) ON CONFLICT DO NOTHING; END"
_SENT = f"NEW.run <> 0 AND NEW.measure <> {Measure.HEAT:d}"
"""What was rolled up to hours is at the hub as windows, and heat maps stay at the site."""
_ALL = f"{_INTO} SELECT {_KEY} FROM tally AS NEW WHERE NEW.start_unix_s >= ? AND {_SENT} ON CONFLICT DO NOTHING"  # noqa: S608 - numbers of measures alone
_CHANGED = "(NEW.total_milli, NEW.exposure_milli, NEW.unsafe) <> (OLD.total_milli, OLD.exposure_milli, OLD.unsafe)"
_TRIGGERS = {
    "outbox_added": f"AFTER INSERT ON tally WHEN {_SENT} {_NEW}",
    "outbox_changed": f"AFTER UPDATE ON tally WHEN {_SENT} AND {_CHANGED} {_NEW}",
}
_READ = f"""
    WITH next AS (
        SELECT * FROM outbox_due WHERE start_unix_s + width_s <= :now
        ORDER BY start_unix_s, camera, measure, subject, part, width_s, run LIMIT :most
    )
    SELECT next.camera, next.measure, next.subject, next.start_unix_s, next.width_s, next.run, next.part,
        sum(tally.total_milli), sum(tally.exposure_milli), max(tally.unsafe)
    FROM next LEFT JOIN tally ON tally.camera = next.camera AND tally.measure = next.measure
        AND tally.subject = next.subject AND tally.part IN (%s)
        AND tally.start_unix_s = next.start_unix_s AND tally.width_s = next.width_s AND tally.run = next.run
    WHERE next.measure %s BETWEEN {_FIRST:d} AND {_LAST:d}
    GROUP BY 1, 2, 3, 4, 5, 6, 7
"""  # noqa: S608 - the same
# Each names all of the key, for SQLite finds by that alone quickly.
_PARTS, _SHELVES = _READ % ("next.part", "NOT"), _READ % (", ".join(map(str, range(MOST_FACINGS))), "")
_DELETE = """
    DELETE FROM outbox_due WHERE start_unix_s = ? AND camera = ? AND measure = ? AND subject = ? AND part = ?
        AND width_s = ? AND run = ?
"""


class Due(NamedTuple):
    """A tally that the hub is to be told. Total, exposure and unsafe are None where the store has it no more."""

    camera: str
    measure: int
    subject: str
    start_unix_s: int
    width_s: int
    run: int
    part: int
    total_milli: int | None
    exposure_milli: int | None
    unsafe: int | None


def watch_tallies(connection: sqlite3.Connection) -> None:
    """Has each tally noted from now on."""
    for name, trigger in _TRIGGERS.items():
        connection.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {trigger}")


def stop_watching(connection: sqlite3.Connection) -> None:
    """Notes nothing any more, and forgets what was noted."""
    for name in _TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {name}")
    connection.execute("DELETE FROM outbox_due")


def is_watching(connection: sqlite3.Connection) -> bool:
    """Whether tallies are noted."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    return any(name in _TRIGGERS for (name,) in found)


def all_due(connection: sqlite3.Connection, since_unix_s: int) -> None:
    """Notes all tallies of windows that start at a moment or later, as if they were added now."""
    connection.execute(_ALL, (since_unix_s,))


def due(connection: sqlite3.Connection, now_unix_s: int, most: int) -> list[Due]:
    """Tallies of windows that are over and the hub was not told of, the oldest first; facings of a shelf as one."""
    asked = {"now": now_unix_s, "most": most}
    found = [*connection.execute(_PARTS, asked), *connection.execute(_SHELVES, asked)]
    return sorted(map(Due._make, found), key=lambda one: one.start_unix_s)


def told(connection: sqlite3.Connection, which: list[Due]) -> None:
    """Notes that the hub will be told."""
    connection.executemany(
        _DELETE,
        [(one.start_unix_s, one.camera, one.measure, one.subject, one.part, one.width_s, one.run) for one in which],
    )
