"""The register: venues and the log, in SQLite and in PostgreSQL."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, Column, Integer, Table

from passerby.errors import ConfigError, StoreError
from passerby.hub.contract import Contact, Venue
from passerby.hub.enrolment import SiteKeys
from passerby.hub.register import Database, Part, Register, creates
from passerby.hub.register.database import METADATA
from passerby.records.wire.keys import Key
from tests.support.postgresql import PostgreSql, needs_postgresql, postgresql_folder

_numbers = count()

FULL = Venue(
    number=0,
    slug="north-mall",
    name="North Mall",
    organisation="Malls",
    district="Berlin",
    brand="Nord",
    tags=("open air", "new"),
    latitude=52.5163,
    longitude=-13.3777,
    zone="Asia/Kathmandu",
    hours=((540, 1260),) * 5 + ((1080, 1560), None),
    contact=Contact("Centre manager", "+49 30 123456", "duty@mall.example"),
    expected_cameras=6,
    expected_lines=18,
    capacity=5000,
    deadline=date(2027, 3, 31),
)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSql]:
    with postgresql_folder() as folder, PostgreSql(folder / "one").make() as one:
        yield one


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgresql)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | URL:
    """Where an empty register may be made."""
    if request.param == "sqlite":
        return tmp_path / "register.sqlite"
    server: PostgreSql = request.getfixturevalue("server")
    return server.database(f"register_{next(_numbers)}")


@pytest.fixture
def register(place: Path | URL) -> Iterator[Register]:
    with closing(Database(place)) as database:
        yield Register(database)


@pytest.fixture
def again(place: Path | URL) -> Iterator[Register]:
    """The same register, opened once more."""
    with closing(Database(place)) as database:
        yield Register(database)


def actions(register: Register) -> list[str]:
    return [entry.action for entry in register.log.newest()]


def joined(register: Register, slug: str) -> None:
    keys = SiteKeys(register)
    keys.join(keys.invite(slug, 1, Key.made().public, "me").token.key.public.name, Key.made().public)


def test_a_venue_is_as_it_was_entered(register: Register, again: Register) -> None:
    added = register.add(FULL, "me")
    assert replace(added, number=0) == FULL
    assert again.venue("north-mall") == register.by_number(added.number) == added
    entry = register.log.newest(1)[0]
    assert (entry.account, entry.action, entry.venue) == ("me", "venue added", added.number)


def test_a_number_is_never_given_twice(register: Register) -> None:
    first = register.add(FULL, "me")
    register.remove("north-mall", "me")
    assert register.venue("north-mall") is None
    assert register.add(FULL, "me").number > first.number


def test_what_changed_is_named_without_its_values(register: Register) -> None:
    venue = register.add(FULL, "me")
    register.change(replace(venue, contact=replace(venue.contact, phone="+49 30 99")), "me")
    entry = register.log.newest(1)[0]
    assert (entry.action, entry.detail) == ("venue changed", "north-mall: contact_phone")
    before = len(register.log.newest())
    register.change(register.known("north-mall"), "me")
    assert len(register.log.newest()) == before  # nothing changed, and nothing is said


def test_a_venue_that_is_renamed_keeps_its_number(register: Register) -> None:
    venue = register.add(FULL, "me")
    register.change(replace(venue, slug="south", name="South"), "me")
    assert register.known("south").number == venue.number
    assert register.venue("north-mall") is None
    assert register.log.newest(1)[0].action == "venue renamed"


def test_two_venues_cannot_have_one_short_name(register: Register) -> None:
    register.add(FULL, "me")
    other = register.add(replace(FULL, slug="other"), "me")
    with pytest.raises(ConfigError, match="another venue"):
        register.add(FULL, "me")
    with pytest.raises(ConfigError, match="another venue"):
        register.change(replace(other, slug=FULL.slug), "me")
    assert register.known("other") == other


def test_a_merged_venue_is_the_one_that_it_belongs_to(register: Register) -> None:
    one, two, three = (register.add(replace(FULL, slug=slug), "me") for slug in ("one", "two", "three"))
    register.merge("one", "two", "me")
    register.merge("two", "three", "me")
    assert register.venue("one") == register.by_number(two.number) == three
    assert register.venues() == [three]
    assert register.merges_due() == [(one.number, three.number, FULL.name), (two.number, three.number, FULL.name)]
    register.merged(one.number)
    register.merged(two.number)
    assert register.merges_due() == []
    for slug, into in (("one", "three"), ("three", "one"), ("three", "three"), ("nowhere", "three")):
        with pytest.raises(ConfigError):
            register.merge(slug, into, "me")


def test_the_site_of_a_merged_venue_goes_on_with_its_own_number_and_the_others_zone(register: Register) -> None:
    one = register.add(replace(FULL, slug="one", zone="UTC"), "me")
    register.add(replace(FULL, slug="two"), "me")
    keys, key = SiteKeys(register), Key.made().public
    keys.join(keys.invite("one", 1, Key.made().public, "me").token.key.public.name, key)
    register.merge("one", "two", "me")
    sender = keys.sender(key.name)
    assert (sender.venue, sender.zone) == (one.number, "Asia/Kathmandu")
    assert sender.shown == register.known("two").number
    joined(register, "two")
    assert keys.sender(key.name).shown == one.number  # the other has a site of its own, which is the one to show


def test_a_venue_for_which_a_site_joined_stays(register: Register) -> None:
    register.add(FULL, "me")
    joined(register, "north-mall")
    with pytest.raises(ConfigError, match="has joined"):
        register.remove("north-mall", "me")
    assert register.venue("north-mall") is not None


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"slug": "North"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"name": ""}, "name"),
        ({"name": "=HYPERLINK(1)"}, "name"),
        ({"district": "a\nb"}, "district"),
        ({"tags": ("a;b",)}, "tags"),
        ({"latitude": None}, "latitude"),
        ({"latitude": 91.0}, "latitude"),
        ({"longitude": float("nan")}, "longitude"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"expected_cameras": 257}, "cameras"),
        ({"capacity": -1}, "capacity"),
        ({"contact": Contact("r", "call me", "")}, "contact_phone"),
        ({"contact": Contact("r", "", "a@b, c@d")}, "contact_mail"),
    ],
)
def test_what_cannot_be_said_of_a_venue_is_refused(register: Register, changed: dict[str, object], column: str) -> None:
    with pytest.raises(ConfigError, match=f"{column}: "):
        register.add(replace(FULL, **changed), "me")  # type: ignore[arg-type]  # on purpose
    assert register.venues() == []
    assert actions(register) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE log SET account = 'x'", "DELETE FROM log", "REPLACE INTO log SELECT * FROM log"]
)
def test_the_log_only_grows_whoever_asks(tmp_path: Path, statement: str) -> None:
    with closing(Database(tmp_path / "register.sqlite")) as database:
        register = Register(database)
        register.add(FULL, "me")
        _refused_by_sqlite(tmp_path / "register.sqlite", statement)
        assert actions(register) == ["venue added"]


def _refused_by_sqlite(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            connection.execute(statement)


@needs_postgresql
@pytest.mark.parametrize("statement", ["UPDATE log SET account = 'x'", "DELETE FROM log", "TRUNCATE log"])
def test_the_log_only_grows_in_postgresql_too(server: PostgreSql, statement: str) -> None:
    address = server.database(f"register_{next(_numbers)}")
    with closing(Database(address)) as database:
        register = Register(database)
        register.add(FULL, "me")
        with pytest.raises(psycopg.errors.RaiseException, match="only grows"):
            server.sql(statement, str(address.database))
        assert actions(register) == ["venue added"]


def test_the_log_is_read_page_by_page_and_by_venue(register: Register) -> None:
    venue = register.add(FULL, "me")
    for n in range(5):
        register.log.add("you", "venue read", str(n), venue.number if n % 2 else None)
    first = register.log.newest(limit=2)
    assert [entry.detail for entry in first] == ["4", "3"]
    assert [entry.detail for entry in register.log.newest(limit=2, before=first[-1].number)] == ["2", "1"]
    assert [entry.detail for entry in register.log.newest(venue=venue.number)][:2] == ["3", "1"]


def test_threads_and_processes_write_one_after_the_other(register: Register, again: Register) -> None:
    registers = [register, again]

    def write(which: Register, name: str) -> None:
        for n in range(20):
            which.log.add(name, "venue read", str(n))

    threads = [threading.Thread(target=write, args=(registers[n % 2], str(n))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(register.log.newest(1000)) == 80


def test_a_register_of_a_newer_passerby_is_left_alone(register: Register) -> None:
    table = Table("newer", METADATA, Column("number", Integer, primary_key=True), extend_existing=True)
    register.database.prepare(Part("newer", (creates(table), lambda _: None)))
    with pytest.raises(StoreError, match="newer passerby"):
        register.database.prepare(Part("newer", (creates(table),)))


def test_a_step_that_fails_leaves_all_as_it_was(register: Register) -> None:
    table = Table("half", METADATA, Column("number", Integer, primary_key=True), extend_existing=True)

    def fails(_: object) -> None:
        raise StoreError("no")

    with pytest.raises(StoreError):
        register.database.prepare(Part("half", (creates(table), fails)))
    register.database.prepare(Part("half", (creates(table),)))  # from the beginning, since nothing of it stayed


def test_a_file_that_is_no_register_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "register.sqlite").write_text("not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StoreError, match="damaged"):
        Register(Database(tmp_path / "register.sqlite"))
    with pytest.raises(StoreError, match="no folder"):
        Database(tmp_path / "nowhere" / "register.sqlite")
    with pytest.raises(StoreError) as refused:
        Database("nonsense://hub:secret@db/hub")
    assert "secret" not in str(refused.value)
