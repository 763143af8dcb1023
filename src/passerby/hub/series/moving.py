"""What moves as a whole: days of a venue whose zone was corrected, a venue that is merged, what is forgotten."""

import sqlite3
from dataclasses import replace
from datetime import tzinfo

from passerby.hub.series.adding import HOUR_S, Changes, Site, add, day_of, first_kept, midnight_of


def move_days(connection: sqlite3.Connection, site: Site, zone: tzinfo) -> int:
    """Counts the days of a site anew by another zone, as far back as its windows are kept.

    Args:
        connection: in a transaction.
        site: with the zone that its days were told by so far.
        zone: the right one.

    Returns:
        From when on windows are kept of whole days of that zone.
    """
    kept_from = site.kept_from_unix_s
    for table in ("place_day", "venue_day"):
        connection.execute(
            f"DELETE FROM {table} WHERE site = ? AND day >= ?",  # noqa: S608 - one of the names above
            (site.number, day_of(kept_from, site.zone)),
        )
    changes = Changes()
    for start, series, run, total, exposure, doubtful in connection.execute(
        "SELECT start_unix_s, series, run, total_milli, exposure_milli, doubtful FROM tally "
        "WHERE site = ? AND start_unix_s >= ?",
        (site.number, kept_from),
    ):
        changes.put((start, series, run), day_of(start, zone), site.about[series], (total, exposure, doubtful))
    for sums in (changes.added, changes.most):
        sums["place_hour"].clear()
        sums["venue_hour"].clear()
    add(connection, replace(site, zone=zone), changes)
    day = day_of(kept_from, zone)
    return kept_from if midnight_of(day, zone) == kept_from else midnight_of(day + 1, zone)


def merge(connection: sqlite3.Connection, venue: int, into: int, name: str) -> None:
    """Makes all sites of a venue those of another.

    Args:
        connection: in a transaction.
        venue: which.
        into: which it belongs to from now on.
        name: of the venue, which tells its cameras from those of the other.
    """
    found = connection.execute("SELECT venue FROM site WHERE id = ?", (into,)).fetchone()
    whose = int(found[0]) if found else into
    connection.execute("INSERT INTO site VALUES (?1, ?1, '', 'UTC', 0, 0) ON CONFLICT DO NOTHING", (venue,))
    connection.execute("UPDATE site SET name = ? WHERE venue = ? AND name = ''", (name, venue))
    connection.execute("UPDATE site SET venue = ? WHERE venue = ?", (whose, venue))


def forget(connection: sqlite3.Connection, site: int, zone: tzinfo, before_unix_s: tuple[int, int]) -> int:
    """Deletes of a site what is older than the days that two moments are in, and gives how many windows.

    Args:
        connection: in a transaction.
        site: whose.
        zone: which says where its days begin.
        before_unix_s: for windows, and for sums and batches that were set aside.
    """
    windows, sums = (first_kept(moment, zone) for moment in before_unix_s)
    for table, step, first in (
        ("place_hour", "hour", sums // HOUR_S),
        ("venue_hour", "hour", sums // HOUR_S),
        ("place_day", "day", day_of(sums, zone)),
        ("venue_day", "day", day_of(sums, zone)),
    ):
        connection.execute(f"DELETE FROM {table} WHERE site = ? AND {step} < ?", (site, first))  # noqa: S608
    connection.execute("DELETE FROM aside WHERE site = ? AND received_unix_s < ?", (site, sums))
    connection.execute("UPDATE site SET kept_from_unix_s = max(kept_from_unix_s, ?) WHERE id = ?", (windows, site))
    # The hour in which that day begins stays whole, so that its peak can be looked for again.
    statement = "DELETE FROM tally WHERE site = ? AND start_unix_s < ?"
    return connection.execute(statement, (site, windows // HOUR_S * HOUR_S)).rowcount
