"""Accounts and alerts of a hub whose register is in PostgreSQL: what is different there is how writers wait."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from passerby.errors import StoreError
from passerby.hub.access.book import RegisterBook
from passerby.hub.alerts.ledger import Ledger
from passerby.hub.alerts.opening import alert_desk
from passerby.hub.alerts.tables import MESSAGES
from passerby.hub.register import Database, Register
from passerby.records.access.changes import Changes
from tests.support.filled_hub import SCRIPTS, filled_hub
from tests.support.hub_desk import Watch, config, hook
from tests.support.postgresql import PostgreSql, needs_postgresql, postgresql_folder
from tests.support.receiving import receiving

pytestmark = needs_postgresql
FULL = {
    "name": "too full", "when": "occupancy_over", "limit": 100, "to": ["duty"],
    "escalate": [{"after_minutes": 1, "to": ["duty"]}],
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSql]:
    with postgresql_folder() as folder, PostgreSql(folder / "one").make() as one:
        yield one


def test_changes_of_many_processes_are_all_there(server: PostgreSql) -> None:
    place = server.database("accounts")
    databases = [Database(place) for _ in range(4)]
    books = [RegisterBook(database) for database in databases]

    def add(book: RegisterBook, at: int) -> None:
        for one in range(6):
            Changes(book, None, "test").add_token(f"{at} {one}", "viewer", None)

    threads = [threading.Thread(target=add, args=(book, at)) for at, book in enumerate(books)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.name for one in books[0].read().tokens}) == 24
    for database in databases:
        database.close()


def test_an_alert_begins_escalates_is_seen_to_and_ends(
    server: PostgreSql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", "a-secret-of-the-hook")
    few = tuple(one for one in SCRIPTS if one.venue.slug == "station")
    with (
        receiving() as got,
        filled_hub(tmp_path, few) as hub,
        closing(Database(server.database("alerts"))) as database,
    ):
        register = Register(database, lambda: hub.now)
        made = config(tmp_path, notify=[hook("duty", got)], alerts=[FULL])
        desks = [alert_desk(made, hub.board, register, lambda: hub.now) for _ in range(2)]
        watch, other = (Watch(hub, desk, got, tmp_path) for desk in desks)
        stale = other.desk._ledger.unsettled()
        watch.look()
        other.look(1)
        (alert,) = watch.desk.open()
        watch.change("station")
        watch.look(60)
        assert watch.desk.acknowledge(alert.number, "anna", "the door is closed") is not None
        monkeypatch.setattr(Ledger, "watches", lambda *_: True)
        monkeypatch.setattr(other.desk._ledger, "unsettled", lambda: stale)
        with pytest.raises(StoreError):
            other.look()
        watch.change("station", inside=10.0)
        watch.look(1)
        watch.quiesce()
        with database.reading() as connection:
            titles = [row.title for row in connection.execute(select(MESSAGES).order_by(MESSAGES.c.number))]
        name = "Station Shops: "
        assert titles == [f"{name}too full", f"{name}nobody has acknowledged: too full", f"{name}over: too full"]
        assert [one.acknowledged_by for one in watch.desk.past([alert.venue])] == ["anna"]
        actions = [one.action for one in reversed(register.log.newest())]
        assert actions == ["alert began", "alert escalated", "alert acknowledged", "alert ended"]
