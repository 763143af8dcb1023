"""The register and enrolment do in PostgreSQL what they do in SQLite."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from passerby.errors import ConfigError, StoreError
from passerby.hub.config import load
from passerby.hub.enrolment import SiteKeys
from passerby.hub.gather.senders import SenderError
from passerby.hub.opening import open_register
from passerby.hub.register import Register
from passerby.hub.register.importing import import_list
from passerby.hub.register.venue_list import write_list
from passerby.records.wire.keys import Key
from tests.support.postgresql import PASSWORD, USER, PostgreSql, needs_postgresql, postgresql_folder
from tests.unit.test_register import FULL

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    folder = tmp_path_factory.mktemp("hub")
    (folder / "password").write_text(PASSWORD)
    with postgresql_folder() as data, PostgreSql(data / "one").make() as server:
        named = f'hosts: ["{server.host}"], database: postgres, username: {USER}, password_file: password'
        (folder / "hub.yaml").write_text(f"store: {{register: {{{named}}}}}\n")
        with open_register(load(folder)) as opened:
            yield opened


def test_venues_are_entered_changed_merged_and_removed(register: Register) -> None:
    one, two = (register.add(replace(FULL, slug=slug), "me") for slug in ("one", "two"))
    assert register.known("one") == one
    register.change(replace(one, name="Other"), "me")
    with pytest.raises(ConfigError, match="another venue"):
        register.add(replace(FULL, slug="two"), "me")
    register.merge("one", "two", "me")
    assert register.venue("one") == two
    assert register.merges_due() == [(one.number, two.number, "Other")]
    register.merged(one.number)
    removed = register.add(replace(FULL, slug="gone"), "me")
    register.remove("gone", "me")
    assert register.add(replace(FULL, slug="gone"), "me").number > removed.number


@pytest.mark.parametrize("statement", ["UPDATE log SET account = 'x'", "DELETE FROM log", "TRUNCATE log"])
def test_the_log_only_grows(register: Register, statement: str) -> None:
    register.log.add("me", "venue read")
    before = register.log.newest(1000)
    with pytest.raises(StoreError, match="only grows"), register.database.writing() as connection:
        connection.execute(text(statement))
    assert register.log.newest(1000) == before


def test_of_many_who_use_an_invitation_at_once_one_joins(register: Register) -> None:
    register.add(replace(FULL, slug="raced"), "me")
    keys, hub = SiteKeys(register), Key.made().public
    invitation = keys.invite("raced", 1, hub, "me").token.key.public.name
    began, joined, refused = threading.Barrier(8), [], []

    def use() -> None:
        key = Key.made().public
        began.wait(60)
        try:
            keys.join(invitation, key)
            joined.append(key)
        except SenderError:
            refused.append(key)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(joined), len(refused)) == (1, 7)
    assert keys.sender(joined[0].name).zone == FULL.zone
    assert keys.join(invitation, joined[0]).venue == "raced"
    new = Key.made().public
    assert keys.change(joined[0].name, new).venue == "raced"
    assert keys.revoke("raced", "me") == 2
    with pytest.raises(SenderError, match="revoked"):
        keys.sender(new.name)


def test_a_list_is_taken_whole(register: Register, tmp_path: Path) -> None:
    path = tmp_path / "venues.csv"
    path.write_text(write_list(register.venues()))
    assert import_list(register, path, "me").same == len(register.venues())
    path.write_text("slug,name\nnew-one,New\nnew-two,\n")
    with pytest.raises(ConfigError):
        import_list(register, path, "me")
    assert register.venue("new-one") is None
