"""The register: venues and the log, in SQLite."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, Table

from passerby.errors import ConfigError, StoreError
from passerby.hub.contract import Contact, Venue
from passerby.hub.enrolment import SiteKeys
from passerby.hub.register import Database, Part, Register, creates
from passerby.hub.register.database import METADATA
from passerby.records.wire.keys import Key

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


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with closing(Database(tmp_path / "register.sqlite")) as database:
        yield Register(database)


def again(tmp_path: Path) -> Register:
    return Register(Database(tmp_path / "register.sqlite"))


def actions(register: Register) -> list[str]:
    return [entry.action for entry in register.log.newest()]


def joined(register: Register, slug: str) -> None:
    keys = SiteKeys(register)
    keys.join(keys.invite(slug, 1, Key.made().public, "me").token.key.public.name, Key.made().public)


def test_a_venue_is_as_it_was_entered(register: Register, tmp_path: Path) -> None:
    added = register.add(FULL, "me")
    assert replace(added, number=0) == FULL
    assert again(tmp_path).venue("north-mall") == register.by_number(added.number) == added
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
def test_the_log_only_grows_whoever_asks(register: Register, tmp_path: Path, statement: str) -> None:
    register.add(FULL, "me")
    with closing(sqlite3.connect(tmp_path / "register.sqlite")) as connection:
        connection.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            connection.execute(statement)
    assert actions(register) == ["venue added"]


def test_the_log_is_read_page_by_page_and_by_venue(register: Register) -> None:
    venue = register.add(FULL, "me")
    for n in range(5):
        register.log.add("you", "venue read", str(n), venue.number if n % 2 else None)
    first = register.log.newest(limit=2)
    assert [entry.detail for entry in first] == ["4", "3"]
    assert [entry.detail for entry in register.log.newest(limit=2, before=first[-1].number)] == ["2", "1"]
    assert [entry.detail for entry in register.log.newest(venue=venue.number)][:2] == ["3", "1"]


def test_threads_and_processes_write_one_after_the_other(tmp_path: Path, register: Register) -> None:
    registers = [register, again(tmp_path)]

    def write(which: Register, name: str) -> None:
        for n in range(20):
            which.log.add(name, "venue read", str(n))

    threads = [threading.Thread(target=write, args=(registers[n % 2], str(n))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(register.log.newest(1000)) == 80


def test_a_register_of_a_newer_passerby_is_left_alone(register: Register, tmp_path: Path) -> None:
    table = METADATA.tables.get("newer") or Table("newer", METADATA, Column("number", Integer, primary_key=True))
    register.database.prepare(Part("newer", (creates(table), lambda _: None)))
    with pytest.raises(StoreError, match="newer passerby"):
        register.database.prepare(Part("newer", (creates(table),)))


def test_a_step_that_fails_leaves_all_as_it_was(register: Register) -> None:
    table = METADATA.tables.get("half") or Table("half", METADATA, Column("number", Integer, primary_key=True))

    def fails(_: object) -> None:
        raise StoreError("no")

    with pytest.raises(StoreError):
        register.database.prepare(Part("half", (creates(table), fails)))
    register.database.prepare(Part("half", (creates(table),)))  # from the beginning, since nothing of it stayed


def test_a_file_that_is_no_register_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "register.sqlite").write_text("not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StoreError, match="damaged"):
        again(tmp_path)
    with pytest.raises(StoreError, match="no folder"):
        Database(tmp_path / "nowhere" / "register.sqlite")
    with pytest.raises(StoreError) as refused:
        Database("nonsense://hub:secret@db/hub")
    assert "secret" not in str(refused.value)
