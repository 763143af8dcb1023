"""Joining by invitation, changing the key, and what a site believes of what it is answered."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from passerby.errors import ConfigError, HubError
from passerby.hub.gather.senders import SenderError
from passerby.records.wire.joining import (
    CHANGE_AFTER_S,
    DAY_S,
    DELIVER,
    JOIN,
    KEY_LIFE_S,
    LONGEST_OUTAGE_S,
    OVERLAP_S,
    Token,
)
from passerby.records.wire.keys import Key
from passerby.records.wire.link import HubLink, NotPostedError, Proof, RefusedError
from passerby.site.hub_link import SiteKey
from passerby.site.join import _write
from tests.support.site_door import HEADERS, NOTHING, Clock, OpenDoor, open_door


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDoor]:
    with open_door(tmp_path_factory.mktemp("hub")) as opened:
        yield opened


@pytest.fixture
def door(served: OpenDoor) -> OpenDoor:
    served.clock.ahead_s = 0.0
    return served


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


def token(door: OpenDoor, slug: str = "north", days: int = 7) -> Token:
    if door.register.venue(slug) is None:
        door.enrol(slug)
        door.keys.revoke(slug, "test")
    return Token(door.invite(slug, days), door.key.public)


def taken(door: OpenDoor, key: Key) -> int:
    return door.deliver(key).status


def test_a_site_joins_with_a_key_that_its_folder_alone_has(door: OpenDoor, site: Path) -> None:
    key = SiteKey(site)
    with closing(door.link()) as link:
        said = key.join(link, token(door))
    assert (said.venue, said.name) == ("north", "North")
    assert said.until_unix_s - said.from_unix_s == KEY_LIFE_S
    assert (site / "hub.key").stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in site.iterdir()) == ["hub.json", "hub.key"]
    assert taken(door, SiteKey(site).current()) == 200
    entry = door.register.log.newest(1)[0]
    assert (entry.account, entry.action) == ("site", "site joined")
    assert key.current().public.name[:16] in entry.detail


def test_a_token_reads_back_and_is_shown_nowhere(door: OpenDoor) -> None:
    one = token(door)
    read = Token.read(f"  {one.text()}\n")
    assert (read.key.seed, read.hub) == (one.key.seed, one.hub)
    assert one.text().split(".")[1] not in f"{one!r}{one.key!r}{one.key.public!r}"
    for wrong in ("", "passerby1.x.y", one.text()[:-1], one.text().replace(".", ""), one.text() + "A", "ü" * 90):
        with pytest.raises(ConfigError) as refused:
            Token.read(wrong)
        assert not wrong or wrong not in str(refused.value)


def test_of_many_who_use_a_token_at_once_one_joins(door: OpenDoor) -> None:
    one, results = token(door), []
    began = threading.Barrier(8)

    def use() -> None:
        with closing(door.link()) as link:
            began.wait(60)
            new = Key.made()
            answer = link.post(JOIN, b'{"version":1,"key":"%s"}' % new.public.name.encode(), HEADERS, invited(one, new))
            results.append((answer.status, new))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(status for status, _ in results) == [200] + [401] * 7
    assert sorted(taken(door, key) for _, key in results) == [200] + [401] * 7


def invited(one: Token, new: Key) -> Proof:
    return Proof(one.key, "passerby-invited", new)


@pytest.mark.parametrize("how", ["over", "withdrawn", "revoked", "used", "not of this hub", "a site's key"])
def test_a_token_that_is_not_good_is_refused(door: OpenDoor, site: Path, how: str) -> None:
    one = token(door, days=1)
    if how == "over":
        door.clock.ahead_s = DAY_S + 1
    elif how == "withdrawn":
        door.invite("north")
    elif how == "revoked":
        door.keys.revoke("north", "test")
    elif how == "used":
        door.keys.join(one.key.public.name, Key.made().public)
    else:
        one = Token(door.enrol("north") if how == "a site's key" else Key.made(), door.key.public)
    with closing(door.link()) as link, pytest.raises(RefusedError):
        SiteKey(site).join(link, one)
    assert list(site.iterdir()) == []


def test_a_key_that_does_not_sign_for_itself_cannot_join(door: OpenDoor) -> None:
    stolen = Key.made().public
    with closing(door.link()) as link:
        body = b'{"version":1,"key":"%s"}' % stolen.name.encode()
        answer = link.post(JOIN, body, HEADERS, invited(token(door), Key.made()))
    assert answer.status == 401


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"version":1,"key":"zz"}', b'{"version":1,"key":"%s","venue":2}' % (b"a" * 64), b"x" * 2000]
)
def test_a_message_that_is_not_understood_changes_nothing(door: OpenDoor, body: bytes) -> None:
    one = token(door)
    with closing(door.link()) as link:
        assert link.post(JOIN, body, HEADERS, invited(one, Key.made())).status in (401, 413, 422)
    assert door.keys.join(one.key.public.name, Key.made().public).venue == "north"


def test_joining_again_after_a_lost_answer_is_the_same_join(door: OpenDoor, site: Path) -> None:
    one, key = token(door), SiteKey(site)
    lost = b"HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    with through(door, lambda _: lost) as link, pytest.raises(HubError):
        key.join(link, one)
    with closing(door.link()) as link:
        first = door.keys.join(one.key.public.name, SiteKey(site)._made("hub.key.joining").public)
        assert key.join(link, one) == first
    assert taken(door, key.current()) == 200


def test_joining_anew_ends_the_earlier_key(door: OpenDoor, site: Path) -> None:
    lost = door.enrol("north")
    with closing(door.link()) as link:
        SiteKey(site).join(link, token(door))
    assert taken(door, lost) == 401
    assert taken(door, SiteKey(site).current()) == 200


def test_a_site_that_runs_takes_the_key_of_who_joins_anew_beside_it(door: OpenDoor, site: Path) -> None:
    running = SiteKey(site)
    with closing(door.link()) as link:
        with pytest.raises(ConfigError, match="passerby join"):
            running.current()
        for _ in range(2):
            SiteKey(site).join(link, token(door))
            assert taken(door, running.current()) == 200


def test_a_key_lasts_longer_than_the_longest_outage_that_is_promised() -> None:
    assert KEY_LIFE_S - CHANGE_AFTER_S > LONGEST_OUTAGE_S


def test_a_key_is_changed_when_it_is_old_and_both_are_good_for_a_while(door: OpenDoor, site: Path) -> None:
    clock = Clock()
    key = SiteKey(site, clock)
    with closing(door.link(clock)) as link:
        key.join(link, token(door))
        old = key.current()
        assert not key.change_if_due(link)
        clock.ahead_s = door.clock.ahead_s = CHANGE_AFTER_S + 60
        assert key.change_if_due(link)
        assert not key.change_if_due(link)
    assert key.current() != old
    assert SiteKey(site).current().public == key.current().public
    assert [taken(door, one) for one in (old, key.current())] == [200, 200]
    door.clock.ahead_s += OVERLAP_S + 60
    assert [taken(door, one) for one in (old, key.current())] == [401, 200]
    assert door.register.log.newest(1)[0].action == "key of a site changed"


@pytest.mark.parametrize("later_s", [0, OVERLAP_S + 60])
def test_a_change_whose_answer_was_lost_is_found_again(door: OpenDoor, site: Path, later_s: float) -> None:
    clock = Clock()
    key = SiteKey(site, clock)
    with closing(door.link(clock)) as link:
        key.join(link, token(door))
        clock.ahead_s = door.clock.ahead_s = CHANGE_AFTER_S + 60
        door.keys.change(key.current().public.name, key._made("hub.key.next").public)  # the hub's half of it
        clock.ahead_s = door.clock.ahead_s = CHANGE_AFTER_S + 120 + later_s
        assert key.change_if_due(link)
    assert taken(door, key.current()) == 200


def test_a_key_that_was_copied_cannot_be_changed_twice(door: OpenDoor, site: Path, tmp_path: Path) -> None:
    with closing(door.link()) as link:
        SiteKey(site).join(link, token(door))
    shutil.copytree(site, tmp_path / "copy")
    clock = Clock(CHANGE_AFTER_S + 60)
    door.clock.ahead_s = clock.ahead_s
    with closing(door.link(clock)) as link:
        assert SiteKey(tmp_path / "copy", clock).change_if_due(link)
        assert not SiteKey(site, clock).change_if_due(link)
    with pytest.raises(SenderError, match="another one before"):
        door.keys.change(SiteKey(site).current().public.name, Key.made().public)


def test_a_revoked_site_cannot_change_its_key(door: OpenDoor) -> None:
    key = door.enrol("north")
    door.keys.revoke("north", "test")
    with pytest.raises(SenderError, match="revoked"):
        door.keys.change(key.public.name, Key.made().public)


@pytest.mark.parametrize("how", ["over", "revoked when over", "joined anew when over"])
def test_a_key_that_is_over_cannot_make_itself_a_new_one(door: OpenDoor, how: str) -> None:
    old, stolen = door.enrol("north"), Key.made()
    door.clock.ahead_s = KEY_LIFE_S + 60
    if how.startswith("revoked"):
        assert door.keys.revoke("north", "test") == 0
    if how.startswith("joined"):
        door.enrol("north")
    with pytest.raises(SenderError, match="over" if how == "over" else "revoked"):
        door.keys.change(old.public.name, stolen.public)
    assert taken(door, stolen) == 401


def test_the_site_of_a_venue_that_was_merged_can_be_shut_out(door: OpenDoor) -> None:
    part, whole = door.enrol("part"), door.enrol("whole")
    door.register.merge("part", "whole", "test")
    assert door.keys.revoke("part", "test") == 1
    assert [taken(door, one) for one in (part, whole)] == [401, 200]


@pytest.mark.parametrize("off_s", [-9 * DAY_S, 9 * DAY_S])
def test_a_site_whose_clock_is_off_by_days_joins_and_delivers(door: OpenDoor, site: Path, off_s: float) -> None:
    with closing(door.link(Clock(off_s))) as link:
        SiteKey(site).join(link, token(door))
        assert link.post(DELIVER, NOTHING, HEADERS, Proof(SiteKey(site).current())).status == 200
        assert abs(link.hub_unix_s() - door.clock()) < 60


def test_what_a_site_sends_is_of_its_own_venue_whatever_it_says(door: OpenDoor) -> None:
    one, other = door.keys.sender(door.enrol("north").public.name), door.keys.sender(door.enrol("south").public.name)
    assert one.venue != other.venue
    assert [one.venue, other.venue] == [door.register.known(slug).number for slug in ("north", "south")]


@contextmanager
def through(door: OpenDoor, change: Callable[[bytes], bytes]) -> Iterator[HubLink]:
    """A link by way of somebody who changes the hub's answers."""

    class Between(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            import httpx

            body = self.rfile.read(int(self.headers["content-length"]))
            given = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            answer = httpx.post(door.url + self.path, content=body, headers=given)
            head = f"HTTP/1.1 {answer.status_code} x\r\n"
            head += "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
            self.wfile.write(change(head.encode() + b"connection: close\r\n\r\n" + answer.content))
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Between)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        with closing(HubLink(f"http://127.0.0.1:{server.server_port}", door.key.public)) as link:
            yield link
    finally:
        server.shutdown()
        thread.join(60)
        server.server_close()


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer.replace(b'"marks":{}', b'"marks":{"' + b"a" * 32 + b'":9}'),
        lambda answer: answer.replace(b" 200 ", b" 204 "),
        lambda answer: answer.replace(b"passerby-clock: 1", b"passerby-clock: 2"),
        lambda answer: b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
        lambda answer: b"HTTP/1.1 401 No\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
    ],
    ids=["marks", "status", "clock", "made up", "made-up refusal"],
)
def test_an_answer_that_the_hub_did_not_give_is_not_believed(door: OpenDoor, change: Callable[[bytes], bytes]) -> None:
    proof = Proof(door.enrol("north"))
    with through(door, lambda answer: answer) as link:
        assert link.post(DELIVER, NOTHING, HEADERS, proof).status == 200
    with through(door, change) as link, pytest.raises(NotPostedError, match="did not sign"):
        link.post(DELIVER, NOTHING, HEADERS, proof)


def test_an_answer_to_another_request_is_not_believed(door: OpenDoor) -> None:
    proof, answers = Proof(door.enrol("north")), []

    def first(answer: bytes) -> bytes:
        answers.append(answer)
        return answers[0]

    with through(door, first) as link:
        assert link.post(DELIVER, NOTHING, HEADERS, proof).status == 200
        with pytest.raises(NotPostedError, match="did not sign"):
            link.post(DELIVER, NOTHING, HEADERS, proof)


def test_which_venues_are_invited(door: OpenDoor) -> None:
    door.enrol("other")
    number = door.register.known("other").number
    assert number in door.keys.invited()  # it joined
    door.keys.revoke("other", "test")
    assert number not in door.keys.invited()
    door.invite("other", days=1)
    assert number in door.keys.invited()
    door.clock.ahead_s = DAY_S + 1
    assert number not in door.keys.invited()


def test_the_section_is_one_piece_and_comments_stay_before_what_they_tell_of(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("site:\n  name: North\nhub: null   # which hub\n\n# Reports: a page\nreports: null\n")
    section: dict[str, object] = {"url": "http://127.0.0.1:8780", "key": "ab" * 32}
    for authority in ("", "/etc/authority.pem"):
        section |= {"authority": authority} if authority else {}
        _write(path, {"hub": section})
        head, _, tail = path.read_text().partition("hub:")
        own, _, rest = tail.partition("# Reports: a page\n")
        assert head == "site:\n  name: North\n" and rest == "reports: null\n"
        assert [line.split(":")[0].strip() for line in own.splitlines() if line.strip()] == list(section)
