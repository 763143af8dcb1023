"""Sites of a running hub whose requests are made by hand: signed as they are, and sent otherwise than a site would."""

import gzip
import http.client
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from passerby.hub.enrolment import SiteKeys
from passerby.hub.series import SqliteSeries
from passerby.hub.simulate.enlisting import enlist, invite
from passerby.hub.simulate.fleet import SimulatedVenue
from passerby.hub.simulate.windows import Script
from passerby.records.wire.batches import VERSION, Batch, Delivery, Receipt
from passerby.records.wire.checking import digest_of
from passerby.records.wire.joining import DELIVER
from passerby.records.wire.keys import Key
from passerby.records.wire.signing import HUB, Message, sign_request
from tests.support.hub import RunningHub
from tests.support.hub_truth import Played, differences

_HEADERS = {"content-type": "application/json", "content-encoding": "gzip"}
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered; status 0: nothing, for the connection ended."""

    status: int
    body: bytes = b""

    def mark(self, outbox: str) -> int:
        """Up to which batch of an outbox it says that it has all; 0 where it refused."""
        return msgspec.json.decode(self.body, type=Receipt).marks.get(outbox, 0) if self.status == 200 else 0


@dataclass
class Venue:
    """A venue whose site has joined, and all that it will ever send.

    Attributes:
        number: at the hub.
        said: up to which of its batches the hub said that it has all.
    """

    hub: RunningHub
    number: int
    script: Script
    key: Key
    outbox: str
    said: int = 0
    batches: list[Batch] = field(default_factory=list)

    def __post_init__(self) -> None:
        windows, script = self.script.windows(), self.script
        for start in range(script.since_unix_s, int(script.until_unix_s), script.window_s):
            sealed = (self.outbox, len(self.batches) + 1, digest_of(windows.layout), start + script.window_s)
            self.batches.append(Batch(*sealed, tuple(windows.rows(start))))
        self._layout = windows.layout

    def body(self, batches: Sequence[Batch]) -> bytes:
        """A delivery of these, packed."""
        return gzip.compress(msgspec.json.encode(Delivery(VERSION, (self._layout,), tuple(batches))), mtime=0)

    def signed(self, body: bytes) -> Mapping[str, str]:
        """Heads of a request that this site signs now."""
        message = Message("POST", DELIVER, {**_HEADERS, HUB: self.hub.key.public.name}, body)
        sign_request(message, self.key, time.time())
        return message.headers

    def send(self, body: bytes, headers: Mapping[str, str] | None = None, length: int | None = None) -> Answer:
        """Sends a body, under heads of another or of this site, and under a length that may be a lie."""
        return post(self.hub, body, self.signed(body) if headers is None else headers, length)

    def deliver(self, batches: Sequence[Batch]) -> Answer:
        """Sends batches as a site does, and keeps what the hub says."""
        answer = self.send(self.body(batches))
        self.said = max(self.said, answer.mark(self.outbox))
        return answer


def post(hub: RunningHub, body: bytes, headers: Mapping[str, str], length: int | None = None) -> Answer:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=_PATIENCE_S)
    try:
        connection.putrequest("POST", DELIVER, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("content-length", str(len(body) if length is None else length))
        connection.endheaders(body)
        if length is not None and length > len(body):
            return Answer(0)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())
    except (OSError, http.client.HTTPException):
        return Answer(0)
    finally:
        connection.close()


def joined(hub: RunningHub, venues: Sequence[SimulatedVenue], span: tuple[int, int, int]) -> list[Venue]:
    """Venues that the hub knows and whose sites have joined.

    Args:
        hub: it may run.
        venues: made-up ones.
        span: from when on and until when they were open, and the width of their windows, in seconds.
    """
    since, until, window_s = span
    found = []
    with hub.register() as register:
        numbers, keys = enlist(register, venues), SiteKeys(register)
        for venue in venues:
            token, key = invite(keys, venue, hub.key.public), Key.made()
            assert token is not None
            keys.join(token.key.public.name, key.public)
            script = Script(venue, window_s, since, until)
            found.append(Venue(hub, numbers[venue.slug], script, key, f"{numbers[venue.slug]:032x}"))
    return found


@contextmanager
def looked_into(hub: RunningHub, root: str = "") -> Iterator[SqliteSeries]:
    """What is in the store of a hub that runs and that nobody sends anything now, from a copy of its files.

    Args:
        hub: whose.
        root: of the hub's own view of the disks, where it is not this process's.
    """
    with TemporaryDirectory() as folder:
        file = Path(f"{root}{hub.config.series_file}")
        for one in file.parent.glob(f"{file.name}*"):
            if not one.name.endswith((".lock", ".ballast", "-shm")):
                shutil.copyfile(one, Path(folder, one.name))
        with SqliteSeries(Path(folder, file.name)) as series:
            yield series


def check(hub: RunningHub, venues: Sequence[Venue], root: str = "") -> int:
    """All that venues have is at the hub once; gives how many batches it said that it has and does not have."""
    with looked_into(hub, root) as series:
        assert differences(series, [Played(one.number, one.script) for one in venues]) == []
        return sum(max(0, one.said - series.marks(one.number).get(one.outbox, 0)) for one in venues)
