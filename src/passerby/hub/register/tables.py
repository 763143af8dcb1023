"""Tables of venues, invitations, keys and the log. Moments are Unix seconds; portable types only."""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from passerby.hub.register.database import METADATA, Part, creates, only_grows

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up by itself in a column of this type alone."""

VENUES = Table(
    "venue",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("name", String(128), nullable=False),
    Column("organisation", String(128), nullable=False),
    Column("district", String(128), nullable=False),
    Column("brand", String(128), nullable=False),
    Column("tags", Text, nullable=False),
    Column("latitude", Float(53)),
    Column("longitude", Float(53)),
    Column("zone", String(64), nullable=False),
    Column("hours", Text, nullable=False),
    Column("contact_role", String(128), nullable=False),
    Column("contact_phone", String(64), nullable=False),
    Column("contact_mail", String(254), nullable=False),
    Column("expected_cameras", Integer, nullable=False),
    Column("expected_lines", Integer, nullable=False),
    Column("capacity", Integer),
    Column("deadline", String(10)),
    Column("merged_into", _NUMBER, ForeignKey("venue.number")),
    Column("merge_done", Integer, nullable=False, server_default="1"),
    sqlite_autoincrement=True,
)
INVITATIONS = Table(
    "invitation",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("venue", _NUMBER, ForeignKey("venue.number"), nullable=False, index=True),
    Column("made_unix_s", BigInteger, nullable=False),
    Column("until_unix_s", BigInteger, nullable=False),
    Column("used_by", String(64)),
    Column("withdrawn", Integer, nullable=False, server_default="0"),
)
"""The token of an invitation is a private key, which is kept nowhere here; `key` is its public half."""
KEYS = Table(
    "site_key",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("venue", _NUMBER, ForeignKey("venue.number"), nullable=False, index=True),
    Column("from_unix_s", BigInteger, nullable=False),
    Column("until_unix_s", BigInteger, nullable=False),
    Column("revoked_unix_s", BigInteger),
    Column("follows", String(64)),
)
"""Public keys of sites. `follows` is the key that a rotation replaced."""
LOG = Table(
    "log",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("moment_unix_s", BigInteger, nullable=False),
    Column("account", String(128), nullable=False),
    Column("action", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("venue", _NUMBER),
    Index("log_by_moment", "moment_unix_s"),
    Index("log_by_venue", "venue", "moment_unix_s"),
    sqlite_autoincrement=True,
)
PART = Part("register", (creates(VENUES, INVITATIONS, KEYS, LOG), only_grows(LOG)))
