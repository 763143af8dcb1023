"""Accounts of a hub: their venues, the register that keeps them, and the commands."""

import re
import threading
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from typer.testing import CliRunner

from passerby.cli import app
from passerby.errors import ConfigError, StoreError
from passerby.hub.access import NOTHING, WHOLE, Reads, may_run_hub, scope
from passerby.hub.access.book import RegisterBook
from passerby.hub.access.reads import EVERY_S
from passerby.hub.access.scope import Scope, reach
from passerby.hub.config import load
from passerby.hub.contract import Venue
from passerby.hub.opening import accounts, make_key, open_register
from passerby.hub.register import Database, Register
from passerby.records.access import LOCAL, Account, Role
from passerby.records.access.book import Person, Watched
from passerby.records.access.changes import Changes
from tests.support.access import PASSWORD

NAMES = st.sampled_from(["North", "north", "South", "", "District:North", "venue:1"])
VENUES = st.builds(
    Venue, st.integers(1, 5), st.just("a"), st.just("A"), organisation=NAMES, district=NAMES, brand=NAMES
)


@given(
    organisations=st.lists(NAMES.filter(bool)), districts=st.lists(NAMES.filter(bool)),
    venues=st.lists(st.integers(1, 5)), venue=VENUES,
)  # fmt: skip
def test_a_scope_is_what_was_named_and_nothing_else(
    organisations: list[str], districts: list[str], venues: list[int], venue: Venue
) -> None:
    words = reach(organisations, districts, venues)
    named = bool(organisations or districts or venues)
    expected = not named or (
        venue.number in venues
        or venue.organisation.casefold() in {one.casefold() for one in organisations}
        or venue.district.casefold() in {one.casefold() for one in districts}
    )
    assert scope(Account("a", Role.VIEWER, words)).may_see(venue) == expected


@given(words=st.lists(st.text(max_size=20)), venue=VENUES)
def test_words_that_are_not_understood_open_nothing(words: list[str], venue: Venue) -> None:
    known = ("organisation:", "district:", "venue:")
    made_up = tuple(one for one in words if not one.startswith(known))
    assert not scope(Account("a", Role.ADMIN, made_up)).may_see(venue)


def test_whose_hub_it_is() -> None:
    assert scope(None) == NOTHING and scope(LOCAL) == WHOLE
    assert not NOTHING.may_see(Venue(1, "a", "A")) and WHOLE.may_see(Venue(1, "a", "A"))
    assert not Scope(districts=frozenset({""})).may_see(Venue(1, "a", "A"))
    admin = Account("a", Role.ADMIN)
    assert may_run_hub(admin) and may_run_hub(LOCAL)
    assert not may_run_hub(Account("a", Role.OPERATOR)) and not may_run_hub(None)
    assert not may_run_hub(Account("a", Role.ADMIN, ("district:north",)))
    assert not may_run_hub(Account("a", Role.ADMIN, ()))


def with_person(book: RegisterBook, name: str) -> None:
    book.change(lambda one: msgspec.structs.replace(one, accounts=(*one.accounts, Person(name, "viewer", "x"))))


def test_changes_of_many_processes_are_all_there(tmp_path: Path) -> None:
    books = [RegisterBook(Database(tmp_path / "a.sqlite")) for _ in range(4)]

    def add_eight(book: RegisterBook, at: int) -> None:
        for one in range(8):
            with_person(book, f"{at}-{one}")

    threads = [threading.Thread(target=add_eight, args=(book, at)) for at, book in enumerate(books)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.name for one in books[0].read().accounts}) == 32


def test_a_change_of_another_process_is_known_within_a_second(tmp_path: Path) -> None:
    clock = {"s": 100.0}
    mine = RegisterBook(Database(tmp_path / "a.sqlite"), lambda: clock["s"])
    watched, other = Watched(mine), RegisterBook(Database(tmp_path / "a.sqlite"))
    assert watched.book().is_empty
    with_person(other, "anna")
    clock["s"] += 1.0
    assert watched.book().person("Anna")
    other.change(lambda one: msgspec.structs.replace(one, accounts=()))
    clock["s"] += 0.5
    assert watched.book().person("anna"), "it is looked up once a second"
    clock["s"] += 0.5
    assert watched.book().is_empty


def test_a_register_that_does_not_answer_lets_nobody_in_after_a_while(tmp_path: Path) -> None:
    clock = {"s": 0.0}
    database = Database(tmp_path / "a.sqlite")
    watched = Watched(RegisterBook(database, lambda: clock["s"]))
    with_person(RegisterBook(database), "anna")
    assert watched.book().person("anna")
    with database.writing() as connection:
        connection.execute(text("ALTER TABLE access_book RENAME TO gone"))
    clock["s"] = 29.0
    assert watched.book().person("anna") and watched.problem is None
    clock["s"] = 31.0
    assert watched.book().is_empty
    assert "cannot be used" in str(watched.problem)
    fresh = Watched(RegisterBook(Database(tmp_path / "b.sqlite")))
    assert fresh.book().is_empty and fresh.problem is None


def test_a_damaged_book_is_told(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.sqlite")
    book = RegisterBook(database)
    with_person(book, "anna")
    with database.writing() as connection:
        connection.execute(text("UPDATE access_book SET book = '{}'"))
    with pytest.raises(ConfigError, match="accounts in the register"):
        book.read()


def test_who_looks_again_and_again_is_entered_once_an_hour(tmp_path: Path) -> None:
    register, clock = Register(Database(tmp_path / "a.sqlite")), {"s": 0.0}
    reads = Reads(register.log, lambda: clock["s"])
    anna, bert = Account("anna", Role.VIEWER), Account("bert", Role.VIEWER)
    for account, venue, how in ((anna, 1, "page"), (anna, 1, "page"), (anna, 2, "page"), (bert, 1, "page"),
                                (anna, 1, "API"), (None, 1, "API")):  # fmt: skip
        reads.note(account, venue, how)
    assert len(register.log.newest()) == 4
    clock["s"] = EVERY_S
    reads.note(anna, 1, "page")
    assert len(register.log.newest()) == 5

    class Broken:
        tries = 0

        def add(self, *_: object) -> None:
            self.tries += 1
            raise StoreError("the disk is full")

    broken = Broken()
    failing = Reads(broken)
    failing.note(anna, 1, "page")
    failing.note(anna, 1, "page")
    assert broken.tries == 2, "what could not be entered is tried again"


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    (tmp_path / "hub.yaml").write_text("hub: {name: Mine}\n")
    make_key(tmp_path)
    with open_register(load(tmp_path)) as register:
        register.add(Venue(0, "harbour", "Harbour Mall", district="North", organisation="Tide"), "test")
    return tmp_path


def ran(*arguments: str, given: str = "", fails: bool = False) -> str:
    result = CliRunner().invoke(app, ["hub", *arguments], input=given)
    assert (result.exit_code != 0) == fails, result.output
    return result.output


def test_the_commands_add_list_and_remove(hub: Path) -> None:
    added = ran("access", "add", str(hub), "anna", "--role", "operator", "--district", "north", "--venue", "harbour",
                "--password-stdin", given=PASSWORD)  # fmt: skip
    assert "operator of district north, venue harbour" in added
    told = ran("access", "token", str(hub), "grafana", "--organisation", "Tide", "--days", "30")
    assert re.search(r"passerby_[\w-]{43}", told)
    assert "No venue has the district Nowhere yet" in ran("access", "token", str(hub), "later", "--district", "Nowhere")
    listed = ran("access", "list", str(hub))
    for words in ("anna", "operator", "grafana", "organisation Tide", "district Nowhere"):
        assert words in listed
    assert PASSWORD not in listed and "argon2" not in listed
    ran("access", "password", str(hub), "anna", "--password-stdin", given="five other words of hers")
    ran("access", "remove", str(hub), "grafana")
    with open_register(load(hub)) as register:
        book = accounts(register).read()
        assert [one.reach for one in book.accounts] == [("district:north", "venue:1")]
        assert [one.name for one in book.tokens] == ["later"]
        entries = [one.detail for one in reversed(register.log.newest()) if one.action == "access changed"]
    assert entries == [
        "account anna added, operator of district:north, venue:1",
        "token grafana added, viewer of organisation:Tide, for 30 days",
        "token later added, viewer of district:Nowhere, for ever",
        "password of anna changed",
        "grafana removed",
    ]


def test_a_venue_that_is_not_there_is_a_mistake(hub: Path) -> None:
    result = CliRunner().invoke(app, ["hub", "access", "token", str(hub), "a", "--venue", "nowhere"])
    assert isinstance(result.exception, ConfigError) and "there is no venue nowhere" in str(result.exception)


def test_an_account_without_a_scope_sees_all(hub: Path) -> None:
    assert "admin of all venues" in ran("access", "add", str(hub), "boss", "--role", "admin", "--password-stdin",
                                        given=PASSWORD)  # fmt: skip
    with open_register(load(hub)) as register:
        changes = Changes(accounts(register), register.log, "test")
        with pytest.raises(ConfigError, match="is there already"):
            changes.add("Boss", "viewer", PASSWORD)
