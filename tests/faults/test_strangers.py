"""Strangers at the web ports of a running site and a running hub: both go on, count on, and lose nothing."""

import functools
import gzip
import http.client
import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from passerby.gate import landlock, seccomp
from passerby.hub.enrolment import SiteKeys
from passerby.hub.simulate.enlisting import enlist, invite, join
from passerby.hub.simulate.fleet import Order, make
from passerby.records.wire.joining import CHANGE_KEY, DELIVER, JOIN
from passerby.records.wire.keys import Key, read_key
from passerby.records.wire.link import HubLink, Proof
from passerby.records.wire.signing import INVITED_TAG
from tests.support.access import PASSWORD, send_form
from tests.support.faults import noted
from tests.support.outside import CROWD, GIGABYTE, Crowd, Outside, Served, established, is_open, outside, pushed, raw
from tests.support.site import eventually, kill

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"),
    pytest.mark.usefixtures("rtsp_parts"),
]

HOST = b"Host: localhost\r\n"
TAKEN = 16 << 20
"""Bytes that a stranger gets rid of before they are cut off, with all that lies in the kernel on both sides."""
UNREAD = 20
GROWS_MB = 160
"""By so much memory may grow under any of it."""
SOCKET_IO = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, rtsp_parts: None) -> Iterator[Outside]:
    with outside(tmp_path_factory.mktemp("venue")) as running:
        yield running


@pytest.fixture(scope="module")
def unread(out: Outside) -> list[socket.socket]:
    """Connections that ask without end and read nothing; begun first, since it takes half a minute to lose patience."""
    held = [served.connect(window_bytes=1) for served in out.both for _ in range(UNREAD)]
    for connection in held:
        connection.setblocking(False)
        with suppress(BlockingIOError):
            for _ in range(2000):
                connection.send(b"GET /sign-in HTTP/1.1\r\n" + HOST + b"\r\n")
    return held


@pytest.mark.usefixtures("unread")
def test_a_byte_at_a_time_is_cut_off(out: Outside) -> None:
    with noted("slow-loris") as note:
        for served in out.both:
            drips = [
                (b"GET / HTTP/1.1\r\nX: ", b"a"),
                (b"GET /", b"a"),
                (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: 4000\r\n\r\n", b"a"),
                (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
                (b"POST " + DELIVER.encode() + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 4000\r\n\r\n", b"a"),
                (b"GET " + SOCKET_IO.encode() + b" HTTP/1.1\r\n" + HOST + UPGRADE + b"X: ", b"a"),
            ]
            held = [(served.connect(), drip) for begun, drip in drips for _ in range(20) if begun]
            began_s = time.monotonic()
            for (connection, _), (begun, _drip) in zip(held, [one for one in drips for _ in range(20)], strict=True):
                connection.sendall(begun)
            assert served.answers_s() < 30
            eventually(functools.partial(all_closed, held))
            note.once(recovered_s=time.monotonic() - began_s)
        out.counts_on()
        note.lost = out.lost()


def all_closed(held: list[tuple[socket.socket, bytes]]) -> bool:
    """Sends each that is open one drip more."""
    for one in list(held):
        connection, drip = one
        if is_open(connection):
            with suppress(OSError):
                connection.send(drip)
        else:
            connection.close()
            held.remove(one)
    time.sleep(0.2)
    return not held


def posts(served: Served) -> list[str]:
    """All that can be posted to, as it says itself, and what it does not speak of."""
    paths: dict[str, dict[str, object]] = served.ask("/api/openapi.json").json()["paths"]
    told = [path.replace("{place}", "hall").replace("{id}", "1") for path, ways in paths.items() if "post" in ways]
    return [*told, "/sign-in", "/sign-out", "/", SOCKET_IO.replace("websocket", "polling"), DELIVER, JOIN, CHANGE_KEY]


def test_bodies_without_end_are_refused_early(out: Outside) -> None:
    with noted("huge-bodies") as note:
        for served in out.both:
            before_mb = served.forget_peak()
            token = b"Authorization: Bearer " + served.token.encode() + b"\r\n"
            ends = (
                (b"Content-Length: %d\r\n\r\n" % GIGABYTE, b"a" * 65_536),
                (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"a" * 65_536 + b"\r\n"),
            )
            for path in posts(served):
                for who in (b"", token):
                    for end, part in ends:
                        head = (
                            b"POST " + path.encode() + b" HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
                        )
                        sent, answer = pushed(served, head + who + end, part)
                        assert sent < TAKEN, (path, who, end)
                        assert answer[:10] in (b"HTTP/1.1 3", b"HTTP/1.1 4", b""), (path, answer)
                        note.once()
            for begun, part in HEADS:
                sent, _ = pushed(served, begun, part)
                assert sent < TAKEN, begun
                note.once()
            messages_without_end(served)
            assert served.peak_mb() - before_mb < GROWS_MB
            assert served.answers_s() < 30
        out.counts_on()
        note.lost = out.lost()


HEADS = (
    (b"GET / HTTP/1.1\r\n" + HOST + b"X: ", b"a" * 65_536),
    (b"GET / HTTP/1.1\r\n" + HOST, b"X: y\r\n" * 10_000),
    (b"GET /", b"a" * 65_536),
    (b"", b"\r\n" * 32_768),
    (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"a" * 65_536),
    (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n5;x=", b"a" * 65_536),
)
"""Heads, addresses, trailers and the like without end."""


def messages_without_end(served: Served) -> None:
    """Somebody who is let in sends a WebSocket message of 100 MB, and one that is packed to a thousandth."""
    head = b"GET " + SOCKET_IO.encode() + b" HTTP/1.1\r\n" + HOST + UPGRADE
    who = b"Authorization: Bearer " + served.token.encode() + b"\r\n\r\n"
    frame = b"\x82\xff" + (100 << 20).to_bytes(8, "big") + b"\0\0\0\0"
    sent, _ = pushed(served, head + who + frame, b"a" * 65_536, 100 << 20)
    assert sent < TAKEN
    asked = {"Authorization": f"Bearer {served.token}"}
    with connect(f"ws://127.0.0.1:{served.port}{SOCKET_IO}", additional_headers=asked, max_size=None) as socket_io:
        assert closing_code(socket_io) == 1009, "too big"


def closing_code(socket_io: ClientConnection) -> int:
    """With what it is closed when such a message is sent."""
    try:
        socket_io.send("a" * (20 << 20))
        while socket_io.recv(timeout=60):
            pass
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0
    return 0


def test_what_unfolds_at_the_door_for_sites_is_refused(out: Outside) -> None:
    key = read_key(out.running.log.parent / "a-site.key")
    with noted("huge-bodies") as note, closing(out.hub_process.link()) as link:
        assert key is not None
        before_mb = out.hub.forget_peak()
        deep = b'{"version":1,"batches":[' + b"[" * 500_000
        for body, encoding, statuses in (
            (gzip.compress(bytes(200 << 20)), "gzip", {413}),
            (gzip.compress(gzip.compress(bytes(50 << 20))), "gzip", {400, 422}),
            (deep, "identity", {400, 422}),
            (b'{"version":' + b"9" * 500_000 + b"}", "identity", {400, 422, 426}),
        ):
            headers = {"content-type": "application/json", "content-encoding": encoding}
            answer = link.post(DELIVER, body, headers, Proof(key))
            assert answer.status in statuses, answer
            note.once()
        for text in ("[" * 500_000, '{"people": ' + "[" * 500_000, '{"people": ' + "9" * 500_000 + "}", "1e999999"):
            for path in ("/api/v1/places/hall/correction", "/api/v1/places/hall/reset"):
                answered = out.site.ask(path, "POST", content=text, headers={"Content-Type": "application/json"})
                assert answered.status_code in (400, 422), answered.text
            note.once()
        assert out.hub.peak_mb() - before_mb < GROWS_MB
        note.lost = out.lost()


@contextmanager
def guesser(served: Served, source: str) -> Iterator[httpx.Client]:
    """A browser at an address of its own."""
    way = httpx.HTTPTransport(local_address=source)
    with httpx.Client(base_url=served.url, transport=way, timeout=60, headers={"Origin": served.url}) as browser:
        yield browser


def guess(browser: httpx.Client, times: int, name: str) -> list[int]:
    """Statuses of guesses, in one form."""
    page = browser.get("/sign-in").text
    form = page.partition('name="form" value="')[2].partition('"')[0]
    tries = ({"form": form, "name": name, "password": f"my-guess-{number}"} for number in range(times))
    return [browser.post("/sign-in", data=one).status_code for one in tries]


def test_guessing_gets_nowhere_and_keeps_nobody_out(out: Outside) -> None:
    with noted("guessing") as note:
        for number, served in enumerate(out.both):
            stranger, owner = f"127.0.{number}.66", f"127.0.{number}.2"
            with guesser(served, stranger) as browser:
                statuses = guess(browser, 1000, "anna")
                assert statuses[:5] == [401] * 5 and statuses.count(401) < 15
                assert set(statuses) == {401, 429}
                assert guess(browser, 20, "my-guess-of-a-name").count(303) == 0
                on_and_on = threading.Thread(target=guess, args=(browser, 200, "anna"))
                on_and_on.start()
                began_s = time.monotonic()
                with guesser(served, owner) as theirs:
                    eventually(lambda: send_form(theirs, "anna").status_code == 303)  # noqa: B023 - it is over here
                note.once(recovered_s=time.monotonic() - began_s)
                on_and_on.join()
            wrong = [f"passerby_my-guess-{number}" for number in range(300)]
            with guesser(served, stranger) as program:
                bearer = [{"Authorization": f"Bearer {one}"} for one in wrong]
                answers = {program.get("/api/openapi.json", headers=one).status_code for one in bearer}
            assert answers == {401}
            note.once()
            log = served.log.read_text()
            assert "my-guess" not in log and PASSWORD not in log
            assert log.count("sign-in refused") < 60
        note.lost = out.lost()


def test_invitations_cannot_be_guessed(out: Outside, tmp_path: Path) -> None:
    hub = out.hub_process
    venues = make(Order(2, cameras=2, all_well=True))
    with hub.register() as register:
        enlist(register, venues)
        token = invite(SiteKeys(register), venues[1], hub.key.public)
    with noted("guessing") as note, closing(HubLink(hub.url, hub.key.public)) as link:
        for _ in range(200):
            new = Key.made()
            body = json.dumps({"version": 1, "key": new.public.name}).encode()
            answer = link.post(JOIN, body, {"content-type": "application/json"}, Proof(Key.made(), INVITED_TAG, new))
            assert answer.status == 401, answer
        note.once()
        assert hub.log.read_text().count("a site was refused") <= 3, "strangers cannot fill the log"
        assert token is not None
        join(tmp_path / "late", hub.url, token)
        note.lost = out.lost()


SECRETS = (b"argon2id", b"root:x:0", b"PRIVATE KEY", b"SQLite format", b"window_s:", b"tests/support")
UPS = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "%252e%252e%252f", "....//", "..;/", "%c0%ae%c0%ae/")
GOALS = {"site": ("etc/passwd", "access.json"), "hub": ("etc/passwd", "hub.key")}


def paths_out(served: Served) -> list[str]:
    """Paths that would lead out of whatever stands behind them."""
    page = served.ask("/").text
    version = page.partition("/_nicegui/")[2].partition("/")[0]
    assets = f"/_nicegui/{version}"
    inner = [f"{assets}/{one}/" for one in ("static", "libraries", "components", "resources/x", "esm/nicegui-echart")]
    inner += ["/", "/setup/", "/api/v1/venues/", "/api/v1/", "/venue/", "/static/"]
    found = [f"{one}{up * 9}{goal}" for one in inner for up in UPS for goal in GOALS[served.name]]
    found += [
        f"{one}/{goal}" for one in inner for goal in ("/etc/passwd", "%00", "etc/passwd%00.js", "%2fetc%2fpasswd")
    ]
    return [*found, "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "//etc/passwd", "/%00"]


def test_no_path_leads_out(out: Outside) -> None:
    with noted("paths") as note:
        for served in out.both:
            for headers in ({"Host": "localhost"}, {"Host": "localhost", "Authorization": f"Bearer {served.token}"}):
                asking = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
                for path in paths_out(served):
                    status, body = raw(asking, path, headers)
                    assert status < 500, path
                    assert not any(one in body for one in SECRETS), path
                    note.once()
                asking.close()
        note.lost = out.lost()


def test_thousands_of_connections_are_held_open(out: Outside) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    steps: dict[str, Callable[[], None]] = {"site": lambda: another_feed(out), "hub": out.counts_on}
    with noted("open-sockets") as note:
        for served in out.both:
            files, before_mb = served.files(), served.forget_peak()
            crowd = Crowd(served)
            try:
                waited_s = [served.answers_s() for _ in range(5)]
                steps[served.name]()
                assert served.files() < files + (700 if served is out.site else CROWD + 300)
            finally:
                crowd.leave()
            began_s = time.monotonic()
            assert max(waited_s) < 30, waited_s
            eventually(functools.partial(few, served, files + 20))
            note.once(recovered_s=max(*waited_s, time.monotonic() - began_s))
            assert served.peak_mb() - before_mb < GROWS_MB
            assert "Too many open files" not in served.log.read_text()
        note.lost = out.lost()


def few(served: Served, most: int) -> bool:
    """Whether it has no more files open than so many."""
    return served.files() <= most


def another_feed(out: Outside) -> None:
    """A feed dies meanwhile, and there are files left for the next one."""
    (before,) = out.running.rooms("feed.reader")
    kill(before)
    eventually(lambda: [one for one in out.running.rooms("feed.reader") if one != before])
    eventually(lambda: out.running.camera("hall").get("status") == "live")
    out.counts_on()


def test_who_asks_and_never_reads_is_let_go(out: Outside, unread: list[socket.socket]) -> None:
    with noted("slow-loris") as note:
        for served in out.both:
            eventually(lambda: established(served) < UNREAD / 2, 120)  # noqa: B023 - it is over here
            note.once()
        for one in unread:
            one.close()
        note.lost = out.lost()


def test_after_all_of_it_each_minute_was_counted(out: Outside) -> None:
    asked = {"since": out.script.until_unix_s, "measure": "people", "subject": "floor"}
    eventually(lambda: len(out.site.ask("/api/v1/tallies", params=asked).json()["tallies"]) >= 1, 120)
    rows = out.site.ask("/api/v1/tallies", params=asked).json()["tallies"]
    starts = [one["start_unix_s"] for one in rows]
    assert starts == list(range(starts[0], starts[-1] + 60, 60)), "no window is missing"
    assert "Traceback" not in out.running.log.read_text() + out.hub_process.log.read_text()
