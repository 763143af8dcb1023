"""What moves as a whole: the days of a venue whose zone was corrected, and a venue that is merged."""

import sqlite3
from dataclasses import replace
from datetime import tzinfo

from passerby.hub.series.adding import Changes, Site, add, day_of, midnight_of


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
    for start, series, run, total, exposure, suspect in connection.execute(
        "SELECT start_unix_s, series, run, total_milli, exposure_milli, suspect FROM tally "
        "WHERE site = ? AND start_unix_s >= ?",
        (site.number, kept_from),
    ):
        changes.put((start, series, run), day_of(start, zone), site.about[series], (total, exposure, suspect))
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
