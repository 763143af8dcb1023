"""The store's tables, as the steps that lead to them. A released step never changes; a change is a new step.

`total_milli` and `exposure_milli` are thousandths: sums of whole numbers do not depend on their order, so a roll-up
loses nothing.
`run` is the start of the run that recorded a row (0: rolled up). A site that restarts within a window leaves two parts
of it, which are added when read; the same run sending a window again replaces its own part.
"""

from passerby.records.outbox.tables import OUTBOX

APPLICATION_ID = 0x70627931
ROLLED_UP = 0

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE tally (
        camera TEXT NOT NULL,
        measure INTEGER NOT NULL,
        subject TEXT NOT NULL,
        start_unix_s INTEGER NOT NULL,
        width_s INTEGER NOT NULL CHECK (width_s > 0),
        run INTEGER NOT NULL,
        total_milli INTEGER NOT NULL CHECK (total_milli >= 0),
        exposure_ms INTEGER NOT NULL CHECK (exposure_ms >= 0),
        unsafe INTEGER NOT NULL CHECK (unsafe IN (0, 1)),
        PRIMARY KEY (camera, measure, subject, start_unix_s, width_s, run)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tally_by_start ON tally (start_unix_s);
    """,
    # Parts: buckets of a histogram, cells of a map. What stands already has one part.
    """
    CREATE TABLE tally_2 (
        camera TEXT NOT NULL,
        measure INTEGER NOT NULL,
        subject TEXT NOT NULL,
        part INTEGER NOT NULL CHECK (part >= 0),
        start_unix_s INTEGER NOT NULL,
        width_s INTEGER NOT NULL CHECK (width_s > 0),
        run INTEGER NOT NULL,
        total_milli INTEGER NOT NULL CHECK (total_milli >= 0),
        exposure_milli INTEGER NOT NULL CHECK (exposure_milli >= 0),
        unsafe INTEGER NOT NULL CHECK (unsafe IN (0, 1)),
        PRIMARY KEY (camera, measure, subject, part, start_unix_s, width_s, run)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO tally_2
        SELECT camera, measure, subject, 0, start_unix_s, width_s, run, total_milli, exposure_ms, unsafe FROM tally;
    DROP TABLE tally;
    ALTER TABLE tally_2 RENAME TO tally;
    CREATE INDEX tally_by_start ON tally (start_unix_s);
    CREATE INDEX tally_by_measure ON tally (measure, start_unix_s);
    """,
    # Corrections of a place's occupancy by hand (site/corrections.py).
    """
    CREATE TABLE correction (
        id INTEGER PRIMARY KEY,
        place TEXT NOT NULL,
        moment_unix_s INTEGER NOT NULL,
        people INTEGER NOT NULL CHECK (people >= 0),
        note TEXT NOT NULL,
        account TEXT NOT NULL
    ) STRICT;
    CREATE INDEX correction_by_moment ON correction (moment_unix_s);
    """,
    # What people changed, and when (site/journal.py).
    """
    CREATE TABLE journal (
        id INTEGER PRIMARY KEY,
        moment_unix_s INTEGER NOT NULL,
        account TEXT NOT NULL,
        action TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX journal_by_moment ON journal (moment_unix_s);
    """,
    # Windows that somebody counted by hand, and what the engine counted in them (site/proof).
    """
    CREATE TABLE proof_window (
        camera TEXT NOT NULL,
        line TEXT NOT NULL,
        start_unix_s INTEGER NOT NULL,
        width_s INTEGER NOT NULL CHECK (width_s > 0),
        account TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        hand_in INTEGER NOT NULL CHECK (hand_in >= 0),
        hand_out INTEGER NOT NULL CHECK (hand_out >= 0),
        engine_in INTEGER CHECK (engine_in >= 0),
        engine_out INTEGER CHECK (engine_out >= 0),
        exposure_s REAL CHECK (exposure_s >= 0),
        PRIMARY KEY (camera, line, start_unix_s, width_s)
    ) STRICT, WITHOUT ROWID;
    """,
    # What cameras' views looked like at set-up (site/setup/views.py): edges of a still without people, no picture.
    """
    CREATE TABLE setup_view (
        camera TEXT NOT NULL PRIMARY KEY,
        signature BLOB NOT NULL,
        kept_unix_s INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    # What shelves looked like when they were taught (site/shelf_references.py): features of facings, no picture; and
    # how their facings were last (site/shelf_memory.py).
    """
    CREATE TABLE shelf_reference (
        camera TEXT NOT NULL,
        shelf TEXT NOT NULL,
        drawn TEXT NOT NULL,
        whole BLOB NOT NULL,
        gone BLOB NOT NULL,
        taught_unix_s INTEGER NOT NULL,
        moved_unix_s INTEGER,
        PRIMARY KEY (camera, shelf)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE shelf_state (
        camera TEXT NOT NULL,
        shelf TEXT NOT NULL,
        facing INTEGER NOT NULL CHECK (facing >= 0),
        drawn TEXT NOT NULL,
        state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
        last INTEGER CHECK (last BETWEEN 0 AND 2),
        since_unix_s INTEGER,
        seen_unix_s INTEGER,
        told_unix_s INTEGER NOT NULL,
        PRIMARY KEY (camera, shelf, facing)
    ) STRICT, WITHOUT ROWID;
    """,
    # What waits for the hub, and what it was not told yet (records/outbox, site/outbox).
    OUTBOX
    + """
    CREATE TABLE outbox_due (
        camera TEXT NOT NULL,
        measure INTEGER NOT NULL,
        subject TEXT NOT NULL,
        part INTEGER NOT NULL,
        start_unix_s INTEGER NOT NULL,
        width_s INTEGER NOT NULL,
        run INTEGER NOT NULL,
        PRIMARY KEY (start_unix_s, camera, measure, subject, part, width_s, run)
    ) STRICT, WITHOUT ROWID;
    """,
    # Of which placement of a worker a tally is (site/boxes): of one run, the highest is kept.
    "ALTER TABLE tally ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0 CHECK (epoch >= 0)",
)
