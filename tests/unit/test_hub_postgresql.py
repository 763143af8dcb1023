"""The register in a real PostgreSQL with a standby: what was acknowledged outlives the machine that took it."""

import threading
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from passerby.errors import StoreError
from passerby.hub.config import HubConfig, load
from passerby.hub.contract import Venue
from passerby.hub.opening import open_register
from passerby.hub.register import Register
from passerby.hub.register.postgresql import standby_problem
from tests.support.certificates import Authority
from tests.support.hub import RunningHub
from tests.support.postgresql import PASSWORD, USER, PostgreSql, needs_postgresql, postgresql_folder, postgresql_pair
from tests.support.site import eventually

pytestmark = needs_postgresql
STORE = """store:
  register:
    hosts: [{hosts}]
    database: {database}
    username: {user}
    {password}
"""


def _store(folder: Path, *hosts: str, database: str = "postgres", user: str = USER, password: str = PASSWORD) -> str:
    (folder / "register.password").write_text(password)
    named = {"hosts": ", ".join(f'"{host}"' for host in hosts), "database": database, "user": user}
    return STORE.format(**named, password="password_file: register.password")


def _config(folder: Path, store: str) -> HubConfig:
    (folder / "hub.yaml").write_text(store)
    return load(folder)


@dataclass
class Writer:
    """Registers venues, one after the other, and knows which the register has acknowledged."""

    config: HubConfig
    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        with open_register(self.config) as register:
            for number in count():
                if self._stop.is_set():
                    return
                self._write(register, f"venue-{number}")

    def _write(self, register: Register, slug: str) -> None:
        try:
            register.add(Venue(0, slug, slug), "test")
            self.acknowledged.append(slug)
        except StoreError:
            self.refused += 1

    def stop(self) -> None:
        self._stop.set()


def test_no_acknowledged_row_is_missing_when_the_primary_is_killed_and_the_hub_goes_on(tmp_path: Path) -> None:
    with postgresql_pair() as (primary, standby):
        hub = RunningHub(tmp_path, _store(tmp_path, primary.host, standby.host))
        with hub.start().wait_open():
            writer = Writer(hub.config)
            thread = threading.Thread(target=writer.work)
            thread.start()
            try:
                eventually(lambda: len(writer.acknowledged) >= 40)
                primary.kill()
                # What was acknowledged until now is all that the standby may be asked for.
                before = len(writer.acknowledged)
                eventually(lambda: writer.refused)
                standby.promote()
                eventually(lambda: len(writer.acknowledged) >= before + 20)
            finally:
                writer.stop()
                thread.join()
            with hub.register() as register:
                there = {venue.slug for venue in register.venues()}
                entered = {entry.detail.split(":")[0] for entry in register.log.newest(10_000)}
            assert set(writer.acknowledged) <= there
            assert set(writer.acknowledged) <= entered
            eventually(lambda: hub.get("/healthz"))


def test_a_register_on_one_machine_alone_is_told(tmp_path: Path) -> None:
    with (
        postgresql_folder() as folder,
        PostgreSql(folder / "one").make() as one,
        open_register(_config(tmp_path, _store(tmp_path, one.host))) as register,
    ):
        assert "no synchronous standby" in str(standby_problem(register.database))
        one.set("synchronous_standby_names", "'ANY 1 (a, b)'")
        one.set("synchronous_commit", "local")
        eventually(lambda: "synchronous_commit is local" in str(standby_problem(register.database)))
        one.set("synchronous_commit", "on")
        eventually(lambda: standby_problem(register.database) is None)


def test_what_passes_is_encrypted_for_the_authority_that_is_named_alone(tmp_path: Path) -> None:
    authority, other = Authority.made(tmp_path / "mine"), Authority.made(tmp_path / "other", "Another")
    with postgresql_folder() as folder:
        one = PostgreSql(folder / "one").make()
        one.serve_tls(*authority.sign(tmp_path, "127.0.0.1"))
        with one:
            store = _store(tmp_path, one.host)
            with (
                open_register(_config(tmp_path, f"{store}    ca: {authority.file}\n")) as register,
                register.database.reading() as connection,
            ):
                asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                assert connection.exec_driver_sql(asked).scalar() is True
            with (
                pytest.raises(StoreError, match="certificate"),
                open_register(_config(tmp_path, f"{store}    ca: {other.file}\n")),
            ):
                pass
