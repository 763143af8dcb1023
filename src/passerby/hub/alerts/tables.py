"""Tables of alerts in the register: what is open and was, what is still to be told, and which process watches."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text, text

from passerby.hub.register.database import METADATA, Part, creates

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

ALERTS = Table(
    "alert",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("rule", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("venue", _NUMBER, nullable=False),
    Column("text", Text, nullable=False),
    Column("value", Float(53)),
    Column("bound", Float(53)),
    Column("began_unix_s", Float(53), nullable=False),
    Column("ended_unix_s", Float(53)),
    Column("told", Text, nullable=False),
    Column("told_unix_s", Float(53)),
    Column("settled", Integer, nullable=False),
    Column("acknowledged_by", String(128), nullable=False),
    Column("acknowledged_unix_s", Float(53)),
    Column("note", Text, nullable=False),
    Column("escalated", Integer, nullable=False),
    Index("alert_by_end", "ended_unix_s"),
    Index(
        "alert_unsettled",
        "rule",
        "venue",
        unique=True,
        sqlite_where=text("settled = 0"),
        postgresql_where=text("settled = 0"),
    ),
    sqlite_autoincrement=True,
)
"""`settled` is 1 when nothing of it is to be told any more: its end was told, or it began and ended unsaid.
Of a rule at a venue there is one that is not, also where two processes believe that they watch."""
MESSAGES = Table(
    "alert_message",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("receiver", String(320), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("made_unix_s", Float(53), nullable=False),
    Column("done", Integer, nullable=False),
    Index("alert_message_by_receiver", "done", "receiver", "number"),
    sqlite_autoincrement=True,
)
"""`done`: 0 waits, 1 arrived, 2 was given up."""
LEASE = Table(
    "alert_lease",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("holder", String(64), nullable=False),
    Column("until_unix_s", Float(53), nullable=False),
)
PART = Part("alerts", (creates(ALERTS, MESSAGES, LEASE),))
