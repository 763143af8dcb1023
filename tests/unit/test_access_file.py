"""The file of accounts: who may read it, what is kept of a password, and how it changes under a running site."""

import json
import os
import re
import stat
import threading
import time
from pathlib import Path

import pytest

from passerby.errors import ConfigError
from passerby.records.access import sign_in
from passerby.records.access.accounts import Role
from passerby.records.access.book import EMPTY, AccessFile, Token, Watched, role_of
from passerby.records.access.changes import Changes
from passerby.records.access.hashing import digest, hash_password, is_password, password_problem
from passerby.records.access.limits import PAIR, Tries, address_key
from passerby.records.access.sessions import IDLE_S, LIFE_S, Sessions
from passerby.site.journal import Journal
from passerby.site.store import Store
from tests.support.access import PASSWORD, access_file, new_token


def test_nothing_that_lets_in_stands_in_the_file(tmp_path: Path) -> None:
    file = access_file(tmp_path, anna="admin")
    token = new_token(file, "viewer")
    text = file.file.read_text()
    assert PASSWORD not in text
    assert token not in text and token.removeprefix("passerby_") not in text
    assert file.read().accounts[0].password.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert file.read().token_of(digest(token)) is not None
    assert stat.S_IMODE(file.file.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = access_file(tmp_path, anna="admin")
    file.file.chmod(mode)
    with pytest.raises(ConfigError, match=f"chmod 600 {file.file}"):
        file.read()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"accounts": [{"name": "a", "role": "king", "password": "x"}]}',
        '{"accounts": [{"name": "a", "role": "admin"}]}',
        '{"version": 2}',
        '{"more": 1}',
        "\x00\x80",
    ],
)
def test_a_file_that_is_not_understood_is_said(tmp_path: Path, text: str) -> None:
    file = AccessFile(tmp_path / "access.json")
    file.file.write_text(text, encoding="latin-1")
    file.file.chmod(0o600)
    with pytest.raises(ConfigError, match=r"access\.json"):
        file.read()


def test_changes_at_the_same_time_all_stand(tmp_path: Path) -> None:
    file = access_file(tmp_path)
    each = [threading.Thread(target=new_token, args=(file, "viewer", f"program {number}")) for number in range(8)]
    for thread in each:
        thread.start()
    for thread in each:
        thread.join()
    assert len(file.read().tokens) == 8
    assert [path.name for path in tmp_path.iterdir()] == ["access.json"]


def test_names_and_passwords_that_are_refused(tmp_path: Path) -> None:
    changes = Changes(access_file(tmp_path, anna="admin"), None, "test")
    for name in ("ANNA", "", " x", "a\nb", "this machine", "-x", "x" * 65, "<b>"):
        with pytest.raises(ConfigError):
            changes.add(name, "viewer", PASSWORD)
    for password in ("short", "aaaaaaaaaaaaaaa", "benjamin benjamin", "x" * 257, "tab\tin the middle"):
        with pytest.raises(ConfigError):
            changes.add("benjamin", "viewer", password)
    with pytest.raises(ConfigError, match="there is: anna"):
        changes.remove("nobody")
    with pytest.raises(ConfigError, match="there is: anna"):
        changes.set_password("nobody", PASSWORD)
    assert [one.name for one in changes.file.read().accounts] == ["anna"]


def test_a_password_is_the_same_however_it_was_typed() -> None:
    assert is_password(hash_password("caf\u00e9 au lait, please"), "cafe\u0301 au lait, please")
    assert not is_password(hash_password(PASSWORD), PASSWORD + " ")
    assert not is_password(None, PASSWORD)
    assert not is_password("not a hash", PASSWORD)
    assert password_problem(PASSWORD, "anna") is None


def test_the_answer_takes_as_long_for_a_name_that_is_not_known() -> None:
    kept = hash_password(PASSWORD)

    def least_s(known: str | None) -> float:
        took = []
        for _ in range(4):
            started = time.process_time()  # what others do on this machine is not counted
            is_password(known, "another password")
            took.append(time.process_time() - started)
        return min(took)

    assert least_s(None) > least_s(kept) / 4


def test_every_change_stands_in_the_log(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        changes = Changes(access_file(tmp_path), Journal(store.file), "root")
        assert changes.add("anna", "viewer", PASSWORD) is None
        assert changes.set_password("Anna", "nine slow boats at dusk") is None
        secret, problem = changes.add_token("grafana", "viewer", 30)
        assert problem is None
        assert changes.remove("anna") is None
        entries = Journal(store.file).since(0)
    assert [entry.detail for entry in reversed(entries)] == [
        "account anna added, viewer",
        "password of Anna changed",
        "token grafana added, viewer, for 30 days",
        "anna removed",
    ]
    assert {(entry.account, entry.action) for entry in entries} == {("root", "access changed")}
    assert secret not in str(entries)


def test_a_store_that_takes_nothing_does_not_keep_people_out(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_bytes(b"something else")
    changes = Changes(access_file(tmp_path), Journal(tmp_path / "a.sqlite"), "root")
    assert "a.sqlite" in (changes.add("anna", "viewer", PASSWORD) or "")
    assert changes.file.read().person("anna") is not None


def test_a_running_site_notices_changes_and_lets_nobody_in_by_a_broken_file(tmp_path: Path) -> None:
    file = access_file(tmp_path)
    watched = Watched(file)
    assert watched.book().is_empty and watched.problem is None
    new_token(file, "viewer", "one")
    assert [one.name for one in watched.book().tokens] == ["one"]
    file.file.chmod(0o644)
    assert watched.book().is_empty and "chmod 600" in (watched.problem or "")
    file.file.chmod(0o600)
    assert not watched.book().is_empty and watched.problem is None
    file.file.unlink()
    assert watched.book().is_empty and watched.problem is None


def test_root_writes_for_the_account_that_the_site_runs_under(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(tmp_path, 12345, 12345)
    assert access_file(tmp_path, anna="admin").file.stat().st_uid == 12345


def test_tokens_run_out() -> None:
    token = Token("x", "operator", "0" * 64, 1000, 2000)
    assert (token.is_over(1999), token.is_over(2000)) == (False, True)
    assert not Token("x", "operator", "0" * 64, 1000).is_over(1e12)
    assert role_of(token) is Role.OPERATOR


def test_a_session_ends_when_it_is_not_used_and_after_its_life(tmp_path: Path) -> None:
    book = access_file(tmp_path, anna="admin").read()
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    unused, used = sessions.begin(book.accounts[0]), sessions.begin(book.accounts[0])
    while now[0] < LIFE_S - IDLE_S:
        now[0] += IDLE_S - 1
        assert sessions.person(used, book) == book.accounts[0]
    assert sessions.person(unused, book) is None
    now[0] = LIFE_S
    assert sessions.person(used, book) is None
    now[0] = 0.0
    assert sessions.person(used, book) is None  # it does not come back


def test_a_session_ends_with_its_account_and_its_password(tmp_path: Path) -> None:
    file = access_file(tmp_path, anna="admin", ben="viewer")
    sessions = Sessions(time.monotonic)
    anna, ben = (sessions.begin(person) for person in file.read().accounts)
    Changes(file, None, "test").set_password("anna", "nine slow boats at dusk")
    Changes(file, None, "test").remove("ben")
    assert sessions.person(anna, file.read()) is None
    assert sessions.person(ben, file.read()) is None
    assert sessions.person("made up", EMPTY) is None


def test_waits_grow_and_end() -> None:
    now = [0.0]
    tries = Tries(PAIR, lambda: now[0])
    waits = []
    for _ in range(14):
        now[0] += tries.wait_s("a")
        assert tries.wait_s("a") == 0
        tries.add("a")
        waits.append(tries.wait_s("a"))
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert tries.wait_s("b") == 0
    tries.forgive("a")
    assert tries.wait_s("a") == 0
    tries.add("a")
    now[0] += PAIR.forget_s
    assert (tries.wait_s("a"), tries.add("a")) == (0, 1)


def test_one_household_is_one_address() -> None:
    assert address_key("2001:db8:1:2:3::4") == address_key("2001:db8:1:2::ffff") != address_key("2001:db8:1:3::4")
    assert address_key("::ffff:192.0.2.1") == address_key("192.0.2.1") != address_key("192.0.2.2")
    assert address_key("") == ""


def test_the_page_to_sign_in_has_the_colours_of_the_page() -> None:
    folder = Path(sign_in.__file__).parent
    colours = re.findall(r"--[\w-]+: #\w{6}", (folder / "sign_in.css").read_text())
    assert len(colours) > 15
    known = (folder.parent / "page" / "page.css").read_text()
    assert [colour for colour in colours if colour not in known and not colour.startswith("--on:")] == []


def test_the_file_is_plain_to_read(tmp_path: Path) -> None:
    file = access_file(tmp_path, anna="admin")
    assert json.loads(file.file.read_text())["accounts"][0]["role"] == "admin"
