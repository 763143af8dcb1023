"""The register's database: connections, transactions, and tables that grow with the program.

Statements are SQLAlchemy's, so that they are the same for SQLite and PostgreSQL. Each part of the hub that keeps
something declares its tables in `METADATA` and the steps that made them in a `Part`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    select,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from passerby.errors import StoreError

METADATA = MetaData()
"""All tables of the register."""
Step = Callable[[Connection], None]
_BUSY_S = 10.0
DAMAGED = (
    "it is damaged. It holds venues, accounts, keys of sites and what releases have spent, so no new one is begun: "
    "put back a copy, as docs/hub.md says under Copies"
)
_LOCK = 7_304_113
"""Any number: who brings the tables up to date holds PostgreSQL's lock of it."""
_parts = Table(
    "schema_part", METADATA, Column("name", String(64), primary_key=True), Column("step", Integer, nullable=False)
)


@dataclass(frozen=True, slots=True)
class Part:
    """The tables of one part of the hub.

    Attributes:
        name: never changes.
        steps: what brought the tables to where they are, in order. A step that was released stays as it is; what
            changes a table joins as a further step, and the first goes on to make the table as it was.
    """

    name: str
    steps: tuple[Step, ...]


def creates(*tables: Table) -> Step:
    """A step that makes tables."""

    def step(connection: Connection) -> None:
        METADATA.create_all(connection, tables=list(tables))

    return step


def only_grows(table: Table) -> Step:
    """A step after which the database itself refuses to change or delete rows of a table."""

    def step(connection: Connection) -> None:
        for statement in _GUARDS[connection.dialect.name]:
            connection.execute(text(statement.format(table=table.name)))

    return step


_GUARDS: dict[str, Sequence[str]] = {
    "sqlite": [
        "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, '{table} only grows'); END",
        "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        "BEGIN SELECT RAISE(ABORT, '{table} only grows'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '{table} only grows'; END $$",
        "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION {table}_only_grows()",
        "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()",
    ],
}


class Database:
    """A register's database. Safe from any thread and any number of processes.

    Args:
        place: path of a SQLite file, which is made where there is none, or an address of SQLAlchemy, such as
            `postgresql+psycopg://hub@db.example/hub`.

    Raises:
        StoreError: the address cannot be used.
    """

    def __init__(self, place: Path | str | URL) -> None:
        self._engine, self._where = _engine(place)

    def prepare(self, *parts: Part) -> None:
        """Makes the tables of parts, or brings them up to date.

        Raises:
            StoreError: it cannot, or the database is of a newer passerby.
        """
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            METADATA.create_all(connection, tables=[_parts])
            for part in parts:
                self._prepare(part, connection)

    def _prepare(self, part: Part, connection: Connection) -> None:
        at = connection.execute(select(_parts.c.step).where(_parts.c.name == part.name)).scalar()
        done = at or 0
        if done > len(part.steps):
            raise StoreError(f"the register {self._where} is of a newer passerby; use that one")
        for step in part.steps[done:]:
            step(connection)
        if at is None:
            connection.execute(_parts.insert().values(name=part.name, step=len(part.steps)))
        elif done < len(part.steps):
            connection.execute(_parts.update().where(_parts.c.name == part.name).values(step=len(part.steps)))

    def check(self) -> None:
        """Reads a SQLite file through, so that what is damaged is found now and not in a year; a server does it itself.

        Raises:
            StoreError: it is damaged.
        """
        with self.reading() as connection:
            if connection.dialect.name == "sqlite":
                found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
                if found != "ok":
                    raise StoreError(f"the register {self._where} cannot be used: {DAMAGED}")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction, which is on the disk when this ends; nothing is written if it raises.

        Raises:
            StoreError: nothing was written.
        """
        with self._connected(writing=True) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that reads, all of it as of one moment.

        Raises:
            StoreError: it cannot be read.
        """
        with self._connected(writing=False) as connection:
            yield connection

    @contextmanager
    def _connected(self, *, writing: bool) -> Iterator[Connection]:
        try:
            with self._engine.connect() as plain:
                connection = plain.execution_options(passerby_writing=writing)
                with connection.begin():
                    yield connection
        except DBAPIError as error:
            raise StoreError(f"the register {self._where} cannot be used: {_words(error)}") from None
        except SQLAlchemyError as error:
            raise StoreError(f"the register {self._where} cannot be used: {type(error).__name__}") from None

    def close(self) -> None:
        """Lets all connections go."""
        self._engine.dispose()


def _engine(place: Path | str | URL) -> tuple[Engine, str]:
    if isinstance(place, Path):
        if not place.parent.is_dir():
            raise StoreError(f"there is no folder {place.parent} for the register; make it, or name another")
        engine = create_engine(f"sqlite:///{place}", connect_args={"timeout": _BUSY_S, "check_same_thread": False})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine, str(place)
    try:
        url = make_url(place)
        return create_engine(url, pool_pre_ping=True), _where(url)
    except (ArgumentError, ImportError, ValueError) as error:
        words = "install the extra postgresql" if isinstance(error, ImportError) else "it is not understood"
        raise StoreError(f"the address of the register cannot be used: {words}") from None


def _where(url: URL) -> str:
    """A server as messages name it: its hosts and its database."""
    hosts = url.query.get("host", url.host or "this machine")
    return f"at {hosts if isinstance(hosts, str) else ', '.join(hosts)}, database {url.database}"


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin as `_begin_sqlite` says
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("passerby_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _words(error: DBAPIError) -> str:
    """What went wrong, without the statement and its values."""
    name = getattr(error.orig, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return "the disk is full; free some space"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"another program has held it for {_BUSY_S:g} s; try again"
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN")):
        return "it may not be opened or written; use the account that the hub runs under"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return DAMAGED
    return " ".join(str(error.orig).split())[:200]
