"""How a hub reaches its ClickHouse: what may be written in `hub.yaml`."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from passerby.records.config_parts import Credentials

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}")


class ClickHouse(Credentials):
    """A ClickHouse server or cluster that keeps the tallies, in the place of a file of SQLite."""

    url: Annotated[str, Field(min_length=1, max_length=2048)] = Field(
        description="Its HTTP interface, such as https://clickhouse.example:8443, without credentials."
    )
    database: Annotated[str, Field(min_length=1, max_length=63)] = Field(
        default="passerby", description="Database for its tables, which is there already."
    )
    cluster: Annotated[str, Field(min_length=1, max_length=63)] | None = Field(
        default=None,
        description="Name of the cluster (remote_servers) whose replicas keep the tables. Absent: one server, without "
        "replicas.",
    )

    ca: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="PEM file of the authority that signed the server's certificate, relative to the folder of the "
        "configuration. Absent: one of those that are known to everybody.",
    )

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            valid = parts.port != 0
        except ValueError:
            valid = False
        if not valid or parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write scheme and host, such as https://clickhouse.example:8443")
        if "@" in parts.netloc or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError("write scheme, host and port alone; name and password have keys of their own")
        return value.rstrip("/")

    @field_validator("database", "cluster")
    @classmethod
    def _identifier(cls, value: str | None) -> str | None:
        if value is not None and not _IDENTIFIER.fullmatch(value):
            raise ValueError("write small letters, digits and _, a letter first, such as passerby")
        return value

    def password(self, path_of: Callable[[str], Path]) -> str:
        """The password.

        Args:
            path_of: a path of the configuration.

        Raises:
            ConfigError: it cannot be read, or is empty.
        """
        return self.password_of("store.series", path_of)
