"""How a hub reaches its PostgreSQL: what may be written in `hub.yaml`, and what is asked of the server."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from sqlalchemy import URL, text

from passerby.hub.register.database import Database
from passerby.records.config_parts import Credentials

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_PORT = 5432
_PATIENCE = {
    # A machine that lost power says nothing: it is given up after ten seconds, and the next is asked.
    "connect_timeout": "5",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "2",
}


class PostgreSql(Credentials):
    """A PostgreSQL that keeps the register, in the place of a file of SQLite: a primary and its standbys."""

    hosts: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)] = Field(
        description="Its servers, as host or host:port. The one that takes writes is found, also after a standby was "
        "promoted."
    )
    database: Annotated[str, Field(min_length=1, max_length=63)] = Field(
        default="passerby", description="Database for its tables, which is there already."
    )
    ca: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="PEM file of the authority that signed the servers' certificates, relative to the folder of the "
        "configuration; system for those that this machine trusts. Absent: what passes is not encrypted.",
    )

    @field_validator("hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            host, port = _host_and_port(one)
            if not _HOST.fullmatch(host) or not 1 <= port <= 65535:
                raise ValueError("write host or host:port, such as db1.example or 10.0.0.5:5432")
        return value

    def address(self, path_of: Callable[[str], Path]) -> URL:
        """Where it is, with the password, which is shown nowhere.

        Args:
            path_of: a path of the configuration.

        Raises:
            ConfigError: the password cannot be read, or is empty.
        """
        authority = self.ca if self.ca in (None, "system") else str(path_of(str(self.ca)))
        tls = {"sslmode": "disable"} if authority is None else {"sslmode": "verify-full", "sslrootcert": authority}
        hosts = tuple(f"{host}:{port}" for host, port in map(_host_and_port, self.hosts))
        return URL.create(
            "postgresql+psycopg",
            username=self.username,
            password=self.password_of("store.register", path_of),
            database=self.database,
            query={"host": hosts, "target_session_attrs": "read-write", **tls, **_PATIENCE},
        )


def standby_problem(database: Database) -> str | None:
    """Why what is written could be lost with one machine; None where it cannot, or the register is a file.

    Raises:
        StoreError: it cannot be asked.
    """
    with database.reading() as connection:
        if connection.dialect.name != "postgresql":
            return None
        names, commit = (
            str(connection.execute(text(f"SHOW {setting}")).scalar())
            for setting in ("synchronous_standby_names", "synchronous_commit")
        )
    if not names:
        return "the register has no synchronous standby; set synchronous_standby_names of its PostgreSQL"
    if commit in ("off", "local"):
        return f"the register does not wait for its standby (synchronous_commit is {commit}); set it to on"
    return None


def _host_and_port(value: str) -> tuple[str, int]:
    host, _, port = value.partition(":")
    return host, int(port) if port.isdecimal() else _PORT if not port else 0
