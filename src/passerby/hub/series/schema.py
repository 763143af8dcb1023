"""Tables of the hub's tallies, as the steps that lead to them. A released step never changes; a change is a new step.

What names a row is written once, and rows carry small numbers: a `series` is a place, measure and part of a site, a
`run` is a start and width of a site's run. Windows of a site stand in the order of time, not of series, so that what
comes together stands together: a batch touches a page or two of each table. `total_milli` and `exposure_milli` are
thousandths; sums of whole numbers do not depend on their order. `doubtful` is 1 for a window that was counted without
the lock-down or by a clock that was off; of a sum, how many such windows are in it, so that it can be taken back.
A `site` has the number of the venue that it was enrolled for; `venue` is whose it is now, after mergers.
"""

APPLICATION_ID = 0x70627932

_SUMS = """
        total_milli INTEGER NOT NULL,
        exposure_milli INTEGER NOT NULL,
        doubtful INTEGER NOT NULL
"""

MIGRATIONS: tuple[str, ...] = (
    f"""
    CREATE TABLE site (
        id INTEGER PRIMARY KEY,
        venue INTEGER NOT NULL,
        name TEXT NOT NULL,
        zone TEXT NOT NULL,
        newest_unix_s INTEGER NOT NULL,
        kept_from_unix_s INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX site_by_venue ON site (venue);
    CREATE TABLE outbox (
        site INTEGER NOT NULL,
        outbox TEXT NOT NULL,
        mark INTEGER NOT NULL,
        PRIMARY KEY (site, outbox)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE layout (
        site INTEGER NOT NULL,
        digest TEXT NOT NULL,
        json BLOB NOT NULL,
        PRIMARY KEY (site, digest)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE aside (
        id INTEGER PRIMARY KEY,
        site INTEGER NOT NULL,
        outbox TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        received_unix_s INTEGER NOT NULL,
        why TEXT NOT NULL,
        json BLOB NOT NULL
    ) STRICT;
    CREATE TABLE series (
        site INTEGER NOT NULL,
        number INTEGER NOT NULL,
        camera TEXT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        measure INTEGER NOT NULL,
        part INTEGER NOT NULL,
        PRIMARY KEY (site, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE run (
        site INTEGER NOT NULL,
        number INTEGER NOT NULL,
        start_unix_s INTEGER NOT NULL,
        width_s INTEGER NOT NULL,
        PRIMARY KEY (site, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE tally (
        site INTEGER NOT NULL,
        start_unix_s INTEGER NOT NULL,
        series INTEGER NOT NULL,
        run INTEGER NOT NULL,
        {_SUMS},
        PRIMARY KEY (site, start_unix_s, series, run)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE place_hour (
        site INTEGER NOT NULL,
        hour INTEGER NOT NULL,
        series INTEGER NOT NULL,
        {_SUMS},
        PRIMARY KEY (site, hour, series)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE place_day (
        site INTEGER NOT NULL,
        day INTEGER NOT NULL,
        series INTEGER NOT NULL,
        {_SUMS},
        PRIMARY KEY (site, day, series)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE venue_hour (
        site INTEGER NOT NULL,
        measure INTEGER NOT NULL,
        hour INTEGER NOT NULL,
        part INTEGER NOT NULL,
        {_SUMS},
        PRIMARY KEY (site, measure, hour, part)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE venue_day (
        site INTEGER NOT NULL,
        measure INTEGER NOT NULL,
        day INTEGER NOT NULL,
        part INTEGER NOT NULL,
        {_SUMS},
        PRIMARY KEY (site, measure, day, part)
    ) STRICT, WITHOUT ROWID;
    """,
)
"""An `hour` counts from the Unix epoch, in hours; a `day` is `date.toordinal()`, of the venue's calendar."""
