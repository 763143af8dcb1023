"""Guessing passwords: who has to wait for it, and what the answer gives away."""

import threading
from pathlib import Path

import pytest
from starlette.requests import HTTPConnection

from passerby.records.access import Access
from passerby.records.access import hashing as hashes
from passerby.records.access.limits import ACCOUNT, PAIR, Limits
from tests.support.access import PASSWORD, access_file
from tests.support.loops import run


def at(host: str) -> HTTPConnection:
    return HTTPConnection({"type": "http", "client": (host, 1), "headers": []})


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_guesses_at_one_address_makes_nobody_wait_at_another() -> None:
    limits = Limits(Clock())
    for _ in range(PAIR.free):
        assert limits.wait_s("anna", "203.0.113.1") == 0
        limits.add("anna", "203.0.113.1")
    assert limits.wait_s("anna", "203.0.113.1") == 1
    assert limits.wait_s("anna", "203.0.113.2") == 0


def test_who_guesses_at_many_addresses_is_slowed_down_and_the_owner_at_home_is_not() -> None:
    limits = Limits(clock := Clock())
    limits.add("anna", "192.0.2.1")
    limits.right("anna", "192.0.2.1")
    for number in range(ACCOUNT.free):
        limits.add("anna", f"203.0.113.{number}")
    for _ in range(20):  # it goes on for ever, each time that a try is taken
        wait_s = limits.wait_s("anna", "203.0.113.200")
        assert 1 <= wait_s <= 60
        assert limits.wait_s("anna", "192.0.2.1") == 0
        clock.now += wait_s
        limits.add("anna", "203.0.113.200")
    assert limits.wait_s("anna", "203.0.113.201") == 60, "the longest wait, at any new address"
    for _ in range(PAIR.free):
        limits.add("anna", "192.0.2.1")
    assert limits.wait_s("anna", "192.0.2.1") == 1, "guessing at home is slowed as anywhere"


def test_the_answer_does_not_wait_for_the_log_which_has_known_names_alone(tmp_path: Path) -> None:
    entered = threading.Event()

    class Slow:
        def add(self, account: str, action: str, detail: str = "") -> None:
            assert (account, action) == ("anna", "sign-in refused")
            assert entered.wait(60)

    async def tried() -> None:
        access = Access(access_file(tmp_path, anna="admin"), Slow())
        for name in ("anna", "nobody"):
            assert (await access.sign_in(name, "no", at("192.0.2.1"))).identifier is None
        entered.set()

    run(tried())


@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_a_name_that_is_not_known_costs_the_same_work(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            asked.append(kept.rsplit("$", 2)[0])
            return before.verify(kept, password)

    before = hashes._HASHER
    monkeypatch.setattr(hashes, "_HASHER", Counting())
    access = Access(access_file(tmp_path, anna="admin"))
    assert run(access.sign_in(name, PASSWORD, at("192.0.2.1"))).identifier is None or name == "anna"
    assert asked == ["$argon2id$v=19$m=65536,t=3,p=4"]
