"""The ledger of releases is one chain on SQLite and on PostgreSQL, however many write it at once."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from passerby.errors import StoreError
from passerby.hub.register import Database
from passerby.hub.release.budget import Budget
from passerby.hub.release.counter import Counter
from passerby.hub.release.ledger import Kind, Ledger, MovedError, Spend, Spent
from passerby.hub.release.words import BudgetError
from tests.support.postgresql import PostgreSql, needs_postgresql, postgresql_folder

_numbers = count()
DAY = date(2026, 11, 1).toordinal()
BUDGET = Budget(1_000_000, 200_000_000, 4, {})
PRICE = Spend(Kind.DAY, 50_000, 4, 80.0, {1: [DAY]})
"""Twenty of it are a venue-day's budget."""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSql]:
    with postgresql_folder() as folder, PostgreSql(folder / "one").make() as one:
        yield one


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgresql)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | URL:
    if request.param == "sqlite":
        return tmp_path / "register.sqlite"
    server: PostgreSql = request.getfixturevalue("server")
    return server.database(f"ledger_{next(_numbers)}")


def spend_all(place: Path | URL, counter: Counter, paid: list[int]) -> None:
    """Spends until the budget says no."""
    with closing(Database(place)) as database:
        ledger = Ledger(database, counter)
        while True:
            accounts = ledger.read()
            try:
                BUDGET.check(accounts, [PRICE], {})
                ledger.enter(accounts, Spent([PRICE]))
                paid.append(accounts.entry)
            except MovedError:
                continue
            except BudgetError:
                return


def test_six_at_once_spend_the_budget_once(place: Path | URL, tmp_path: Path) -> None:
    counter, paid = Counter(tmp_path / "release.counter"), list[int]()
    threads = [threading.Thread(target=spend_all, args=(place, counter, paid)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(paid) == list(range(1, 21))
    with closing(Database(place)) as database:
        accounts = Ledger(database, counter).read()
    assert accounts.entry == 20
    assert BUDGET.spent(accounts, 1, [DAY]) == 1_000_000
    assert counter.read() == accounts.mark


@pytest.mark.parametrize(
    "change", ["DELETE FROM release_ledger", "UPDATE release_ledger SET body = '{}'", "TRUNCATE release_ledger"]
)
def test_the_database_itself_refuses_changes(place: Path | URL, tmp_path: Path, change: str) -> None:
    with closing(Database(place)) as database:
        ledger = Ledger(database, Counter(tmp_path / "release.counter"))
        ledger.enter(ledger.read(), Spent([PRICE]))
        if change.startswith("TRUNCATE") and isinstance(place, Path):
            pytest.skip("SQLite has no TRUNCATE")
        with pytest.raises(StoreError, match="only grows"), database.writing() as connection:
            connection.execute(text(change))
        assert ledger.read().entry == 1
