"""A site and a hub that run, as strangers find them; and what they had acknowledged before the strangers came."""

import http.client
import os
import re
import shutil
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from passerby.core.tallies import Measure, Tally
from passerby.hub.enrolment import SiteKeys
from passerby.hub.opening import accounts
from passerby.hub.simulate.enlisting import enlist, invite, join, way
from passerby.hub.simulate.fleet import Order, SimulatedVenue, make
from passerby.hub.simulate.site import SimulatedSite, Times
from passerby.hub.simulate.windows import Script
from passerby.records.access.book import AccessFile
from passerby.records.access.changes import Changes
from passerby.site.store import Store
from tests.support.access import PASSWORD, access_file, new_token
from tests.support.clips import make_clip
from tests.support.hub import RunningHub
from tests.support.hub_truth import rows_of
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import RunningSite, eventually, overhead_camera

CROWD = 3000
GIGABYTE = 1 << 30
WINDOWS = 60
"""So many of a minute were acknowledged before anything happened."""
Window = tuple[object, ...]


@dataclass
class Served:
    """The site or the hub.

    Attributes:
        name: which of the two.
        port, pid: of its process.
        log: path of what it said.
        file: its accounts, where they are a file.
        token: of an operator, who may read all and change no configuration.
    """

    name: str
    port: int
    pid: int
    log: Path
    token: str

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, method: str = "GET", **given: Any) -> httpx.Response:
        """What the operator gets, over a connection of its own."""
        headers = {"Authorization": f"Bearer {self.token}", **given.pop("headers", {})}
        return httpx.request(method, self.url + path, headers=headers, trust_env=False, timeout=60, **given)

    def answers_s(self) -> float:
        """Seconds until the operator has the page and the API, both anew."""
        began_s = time.monotonic()
        for path in ("/", "/metrics"):
            assert self.ask(path).status_code == 200
        return time.monotonic() - began_s

    def connect(self, window_bytes: int = 0) -> socket.socket:
        """A connection; with a window, one that takes little of what is answered."""
        made = socket.socket()
        if window_bytes:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window_bytes)
        made.settimeout(60)
        made.connect(("127.0.0.1", self.port))
        return made

    def files(self) -> int:
        """Files that it has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def forget_peak(self) -> int:
        """Begins to measure its memory anew, and gives the MiB that it has."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        return self.peak_mb()

    def peak_mb(self) -> int:
        """The most memory that it had since then, in MiB."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", text)[1]) // 1024  # type: ignore[index]  # it is always there


@dataclass
class Outside:
    """Both, and what they had acknowledged.

    Attributes:
        running: the site's process.
        hub_process: the hub's.
        venue: whose windows the hub has.
        accounts: of the site.
        truth: windows that were acknowledged, as they were made up.
    """

    site: Served
    hub: Served
    running: RunningSite
    hub_process: RunningHub
    venue: SimulatedVenue
    accounts: AccessFile
    script: Script
    tallies: list[Tally]
    truth: set[Window] = field(default_factory=set)

    @property
    def both(self) -> tuple[Served, Served]:
        """The site, the hub."""
        return self.site, self.hub

    def seen_s(self) -> float:
        """Seconds that the site's camera was counted."""
        found: float = self.running.camera("hall").get("observed_s", 0.0)
        return found

    def counts_on(self) -> None:
        """Waits until the camera was counted for some seconds more."""
        before_s = self.seen_s()
        eventually(lambda: self.seen_s() > before_s + 1)

    def lost(self) -> int:
        """Acknowledged windows that are gone or are not as they were."""
        return len(self.truth - self._told())

    def _told(self) -> set[Window]:
        span = {"since": self.script.since_unix_s, "until": self.script.until_unix_s, "limit": 50_000}
        rows = self.site.ask("/api/v1/tallies", params=span).json()["tallies"]
        told: set[Window] = {
            ("site", one["subject"], one["start_unix_s"], one["total"], one["exposure"]) for one in rows
        }
        asked = {**span, "width_s": 60, "measure": "crossings_in"}
        at_hub = self.hub.ask(f"/api/v1/venues/{self.venue.slug}/tallies", params=asked).json()["tallies"]
        return told | {("hub", one["name"], one["start_unix_s"], one["total"], one["exposure"]) for one in at_hub}

    def remember(self) -> None:
        """Reckons what was acknowledged from what was made up, and sees that it is there."""
        self.truth = {("site", one.subject, one.start_unix_s, one.total, one.exposure) for one in self.tallies}
        rows = [one for one in rows_of(self.script) if one.measure == Measure.CROSSINGS_IN]
        names = self.script.windows().layout.places
        self.truth |= {
            ("hub", names[one.place].name, one.start_unix_s, one.total_milli / 1000, one.exposure_milli / 1000)
            for one in rows
        }
        assert len(self.truth) >= 2 * WINDOWS
        assert self.lost() == 0, (sorted(map(str, self.truth - self._told()))[:3], sorted(map(str, self._told()))[:3])


@contextmanager
def outside(folder: Path) -> Iterator[Outside]:
    """Runs both, each with the account `anna` (an admin) and a token of an operator."""
    now = int(time.time()) // 60 * 60
    (venue,) = make(Order(1, cameras=2, all_well=True))
    script = Script(venue, 60, now - WINDOWS * 60, now)
    clip = make_clip(folder / "walk.mp4", seconds=6)
    with ExitStack() as stack:
        hub = stack.enter_context(RunningHub(folder / "hub"))
        hub_token = _hub_accounts(hub)
        hub.start()
        server = stack.enter_context(RtspServer(Serving(clip)))
        site = stack.enter_context(RunningSite(folder, overhead_camera("hall", server.url)))
        tallies = _tallies(script)
        with Store(folder / "passerby.sqlite") as store:
            store.add(tallies)
        file = access_file(folder, anna="admin")
        token = new_token(file, "operator")
        site.headers = {"Authorization": f"Bearer {token}"}
        site.start()
        hub.wait_open()
        made = Outside(
            Served("site", site.port, site.pid, site.log, token),
            Served("hub", hub.port, hub.pid, hub.log, hub_token),
            site, hub, venue, file, script, tallies,
        )  # fmt: skip
        _deliver(folder, made)
        site.wait_live()
        made.remember()
        yield made


def _hub_accounts(hub: RunningHub) -> str:
    with hub.register() as register:
        changes = Changes(accounts(register), register.log, "test")
        changes.add("anna", "admin", PASSWORD)
        return changes.add_token("program", "operator", None)[0]


def _tallies(script: Script) -> list[Tally]:
    starts = range(script.since_unix_s, int(script.until_unix_s), 60)
    return [
        Tally("hall", Measure.CROSSINGS_IN, "door", start, 60, number % 7, 60) for number, start in enumerate(starts)
    ]


def _deliver(folder: Path, made: Outside) -> None:
    """Lets the hub acknowledge the windows of a simulated site."""
    hub, home = made.hub_process, folder / made.venue.slug
    with hub.register() as register:
        enlist(register, [made.venue])
        token = invite(SiteKeys(register), made.venue, hub.key.public)
    assert token is not None
    join(home, hub.url, token)
    site = SimulatedSite(home, made.script, way(home, hub.link()), Times(hurry=1000))
    with closing(site):
        eventually(lambda: site.turn() >= 0 and site.done)
    shutil.copy(home / "site.key", folder / "a-site.key")


def abort(connection: socket.socket) -> None:
    """Closes a connection without a goodbye, so that its port is free at once."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def is_open(connection: socket.socket) -> bool:
    """Whether the other side holds a connection; what it said is read."""
    connection.setblocking(False)
    try:
        while connection.recv(65_536):
            pass
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def established(served: Served) -> int:
    """Connections to it that the kernel still knows as its own."""
    here = f":{served.port:04X}"
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(here) and row[3] not in ("06", "0A") for row in rows)


def pushed(served: Served, begun: bytes, part: bytes, most: int = GIGABYTE) -> tuple[int, bytes]:
    """Sends a beginning and then the same part until it is not taken; how much that was, and what was answered."""
    connection, sent = served.connect(), 0
    connection.settimeout(20)
    with closing(connection):
        try:
            connection.sendall(begun)
            while sent < most:
                sent += connection.send(part)
        except OSError:
            pass  # cut off, as it shall be
        try:
            return sent, connection.recv(12)
        except OSError:
            return sent, b""


def raw(asking: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """An answer to a path that is sent as it stands."""
    asking.putrequest("GET", path, skip_host=True)
    for name, value in headers.items():
        asking.putheader(name, value)
    asking.endheaders()
    answer = asking.getresponse()
    return answer.status, answer.read()


class Crowd:
    """Connections that are held open, half of them in the middle of a request; who is closed comes again."""

    def __init__(self, served: Served) -> None:
        self._served, self._stop = served, threading.Event()
        self._held = [self._one(number) for number in range(CROWD)]
        self._thread = threading.Thread(target=self._again)
        self._thread.start()

    def _one(self, number: int) -> socket.socket:
        made = self._served.connect()
        if number % 2:
            made.sendall(b"GET / HTTP/1.1\r\nHost: loc")
        return made

    def _again(self) -> None:
        number = 0
        while not self._stop.wait(0.005):
            number = (number + 1) % CROWD
            if not is_open(self._held[number]):
                abort(self._held[number])
                self._held[number] = self._one(number)

    def leave(self) -> None:
        """Closes them all."""
        self._stop.set()
        self._thread.join()
        for one in self._held:
            abort(one)
