"""A real PostgreSQL, as Debian has it: a server, and a standby that it waits for."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
from sqlalchemy import URL

from tests.support.site import eventually, free_port

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), default=None)
USER, PASSWORD = "passerby", "correct horse battery"
_ACCOUNT = "postgres"
"""PostgreSQL refuses to run as root; the package makes this account for it."""
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "16MB",
    "wal_keep_size": "64MB",
}
needs_postgresql = pytest.mark.skipif(
    BINARIES is None, reason="PostgreSQL is not installed (scripts/system-packages.sh)"
)


@dataclass
class PostgreSql:
    """A server on a free port of this machine.

    Attributes:
        folder: its data; absent until it is made.
        port: where it listens.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def make(self) -> Self:
        """Makes an empty one, with one database and one user who signs in with a password."""
        password = self.folder.with_suffix(".password")
        password.write_text(PASSWORD)
        give(password)
        options = ["--auth=scram-sha-256", f"--username={USER}", f"--pwfile={password}", "--encoding=UTF8"]
        self._call("initdb", "-D", self.folder, "--no-locale", "--no-sync", *options)
        with (self.folder / "pg_hba.conf").open("a") as rules:
            rules.write("host replication all 127.0.0.1/32 scram-sha-256\n")
        return self

    def copy_of(self, primary: "PostgreSql", name: str) -> Self:
        """Makes it a standby of another, which knows it by a name."""
        address = f"host=127.0.0.1 port={primary.port} user={USER} application_name={name}"
        self._call("pg_basebackup", "-D", self.folder, "-d", address, "--write-recovery-conf", "--checkpoint=fast")
        return self

    def set(self, name: str, value: str) -> None:
        """Writes a setting, and has it read if it runs."""
        with (self.folder / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"{name} = {value}\n")
        self.reload()

    def reload(self) -> None:
        """Has it read its settings, if it runs."""
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def start(self, script: Path | None = None, **variables: str) -> Self:
        """Starts it, and returns when it answers.

        Args:
            script: one that becomes the server; None: the server itself.
            variables: of the environment.
        """
        given = ["-p", self.port, *(f"-c{name}={value}" for name, value in _SETTINGS.items())]
        command = _command("postgres", "-D", self.folder, *given) if script is None else as_account(script, *given)
        with self.folder.with_suffix(".log").open("ab") as log:
            # setpriv becomes the server, so that the id is the server's; in a session of its own, with its children.
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, env={**os.environ, **variables}
            )
        ready = _command("pg_isready", "-q", "-h", "127.0.0.1", "-p", self.port)
        eventually(lambda: subprocess.run(ready, check=False).returncode == 0)
        return self

    def kill(self) -> None:
        """Ends it at once, all its processes: as if the machine had lost power."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(60)
        self._process = None

    def serve_tls(self, certificate: Path, key: Path) -> None:
        """Has it encrypt what passes, from its next start on."""
        for name, file in (("server.crt", certificate), ("server.key", key)):
            copy = self.folder / name
            copy.write_bytes(file.read_bytes())
            copy.chmod(0o600)
            give(copy)
        self.set("ssl", "on")

    def promote(self) -> None:
        """Makes a standby the one that is written to."""
        self._call("pg_ctl", "promote", "-D", self.folder, "-w", "-t", 60)

    def stop(self) -> None:
        """Ends it; nothing if it does not run."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)
            self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def binaries(self) -> Path:
        """Where its programs are."""
        assert BINARIES is not None
        return BINARIES

    @property
    def host(self) -> str:
        """As `store.register.hosts` has it."""
        return f"127.0.0.1:{self.port}"

    def database(self, name: str) -> URL:
        """Makes an empty database, and gives its address."""
        self.sql(f"CREATE DATABASE {name}")
        return URL.create("postgresql+psycopg", USER, PASSWORD, "127.0.0.1", self.port, name)

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Answers of a statement."""
        address = f"postgresql://{USER}@{self.host}/{database}"
        with psycopg.connect(address, password=PASSWORD, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _call(self, program: str, *arguments: object) -> None:
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        done = subprocess.run(
            _command(program, *arguments), check=False, capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stderr


def as_account(*command: object) -> list[str]:
    """A command as the account of PostgreSQL types it."""
    account = ["setpriv", f"--reuid={_ACCOUNT}", f"--regid={_ACCOUNT}", "--clear-groups"] if os.geteuid() == 0 else []
    return [*account, *map(str, command)]


def _command(program: str, *arguments: object) -> list[str]:
    assert BINARIES is not None
    return as_account(BINARIES / program, *arguments)


def give(path: Path) -> None:
    """Makes a file or folder that of the account of PostgreSQL."""
    if os.geteuid() == 0:
        shutil.chown(path, _ACCOUNT, _ACCOUNT)


@contextmanager
def postgresql_folder() -> Iterator[Path]:
    """A folder that the account of PostgreSQL may write in; those of pytest are its own user's alone."""
    folder = Path(tempfile.mkdtemp(prefix="passerby-postgresql-"))
    give(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def postgresql_pair() -> Iterator[tuple[PostgreSql, PostgreSql]]:
    """A primary, and a standby that it waits for with each commit."""
    with (
        postgresql_folder() as folder,
        PostgreSql(folder / "primary").make() as primary,
        PostgreSql(folder / "standby").copy_of(primary, "standby") as standby,
    ):
        primary.set("synchronous_standby_names", "'FIRST 1 (standby)'")
        eventually(lambda: primary.sql("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"))
        yield primary, standby
