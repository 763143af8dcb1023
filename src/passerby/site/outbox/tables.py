"""The table of tallies that the hub was not told yet, as a step of the site's schema."""

OUTBOX_DUE = """
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
"""
