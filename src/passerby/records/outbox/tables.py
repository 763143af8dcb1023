"""The tables of an outbox. They stand in a site's store, as a step of its schema, or in a file of their own."""

OUTBOX = """
    CREATE TABLE outbox (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        newest INTEGER NOT NULL DEFAULT 0,
        offered INTEGER NOT NULL DEFAULT 0,
        taken INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE outbox_batch (
        outbox INTEGER NOT NULL REFERENCES outbox,
        sequence INTEGER NOT NULL CHECK (sequence > 0),
        layout TEXT NOT NULL,
        sealed_unix_s INTEGER NOT NULL,
        taken_unix_s INTEGER,
        bytes INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (outbox, sequence)
    ) STRICT;
    CREATE TABLE outbox_layout (digest TEXT NOT NULL PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE outbox_count (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""
"""`newest`: the last sequence that was sealed; `offered`: that ever went over the wire; `taken`: that the hub has.
`bytes` is the length of a batch as it is sent, and `body` the same, deflated."""
