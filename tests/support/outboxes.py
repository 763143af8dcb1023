"""Sites that send and hubs that take, for real: SQLite on both sides and HTTP between them."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
from fastapi import FastAPI

from passerby.core.tallies import Measure
from passerby.hub.contract import Span
from passerby.hub.fleet import Fleet
from passerby.hub.gather import Asked, Desk, Sender, SenderError
from passerby.hub.gather.api import gather_router
from passerby.hub.series import SqliteSeries
from passerby.records.outbox import Answer, NotPostedError
from passerby.records.serving import serve
from passerby.records.wire.batches import (
    VERSION,
    Batch,
    Delivery,
    Layout,
    OutboxStanding,
    PlaceName,
    Receipt,
    Row,
    Standing,
)
from passerby.records.wire.checking import digest_of
from passerby.records.wire.joining import DELIVER

OUTBOX = "0123456789abcdef" * 2
NOW = 1_700_000_100
"""In the middle of a minute, and of every wider window."""
MINUTE = NOW // 60 * 60
LAYOUT = Layout(
    cameras=("door", "hall"),
    places=(
        PlaceName("door", "main", "line"),
        PlaceName("hall", "all of it", "zone"),
        PlaceName("hall", "tea", "shelf"),
        PlaceName("", "museum", "place"),
    ),
    zone="Asia/Kathmandu",
    window_s=60,
    profile="internal",
)
STRICT = Layout(("door", "hall"), (PlaceName("", "", "site"),), "", 1200, "strict")


def row(minute: int = -1, total: int = 3, measure: Measure = Measure.CROSSINGS_IN, place: int = 0) -> Row:
    """One tally of a minute, counted from the present one."""
    return Row(place, int(measure), 0, MINUTE + 60 * minute, 60, 1_600_000_000, 0, total * 1000, 60_000)


def batch(sequence: int, *rows: Row, outbox: str = OUTBOX, layout: Layout = LAYOUT) -> Batch:
    """A batch that was sealed now."""
    return Batch(outbox, sequence, digest_of(layout), NOW, rows)


def standing(clock_unix_s: int = NOW, layout: Layout = LAYOUT, **more: Any) -> Standing:
    """A site that is well and says no more than it must."""
    return Standing(clock_unix_s, digest_of(layout), True, 0, OutboxStanding(0, 0, 0), **more)


def delivery(*batches: Batch, layouts: tuple[Layout, ...] = (LAYOUT,), said: Standing | None = None) -> Delivery:
    """One request."""
    return Delivery(VERSION, layouts, batches, said)


def packed(told: Delivery | bytes) -> bytes:
    """As it goes over the wire."""
    return gzip.compress(told if isinstance(told, bytes) else msgspec.json.encode(told), mtime=0)


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Hub:
    """A hub that takes deliveries; the header `venue` stands for a signature.

    Attributes:
        url: where it listens.
        venues: those that it knows.
    """

    url: str
    series: SqliteSeries
    fleet: Fleet
    desk: Desk
    clock: Clock
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def post(self, body: bytes, venue: int = 1, encoding: str = "gzip") -> httpx.Response:
        """Sends a body as a site."""
        sent = {"venue": str(venue), "content-encoding": encoding}
        return self.client.post(self.url.rstrip("/") + DELIVER, content=body, headers=sent)

    def send(self, told: Delivery, venue: int = 1) -> Receipt:
        """Delivers, and gives the receipt."""
        answer = self.post(packed(told), venue)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=Receipt)

    def way(self, venue: int = 1) -> "Way":
        """What a `Sender` posts by."""
        return Way(self, venue)

    def total(self, measure: Measure = Measure.CROSSINGS_IN, venue: int = 1) -> float:
        """All that was ever counted there."""
        sums = self.series.totals(Span(0, 2**32 // 3600 * 3600), [venue], [measure])
        return sum(one.total for one in sums.values())


@dataclass
class Way:
    """The way of one site to the hub; it can be cut, and can lose answers."""

    hub: Hub
    venue: int
    cut: bool = False
    loses_answers: bool = False
    bodies: list[bytes] = field(default_factory=list)

    def __call__(self, body: bytes) -> Answer:
        if self.cut:
            raise NotPostedError("the line is cut")
        self.bodies.append(body)
        answer = self.hub.post(body, self.venue)
        if self.loses_answers:
            raise NotPostedError("the answer was lost")
        return Answer(answer.status_code, answer.content, float(answer.headers.get("retry-after", 0)))


def verify(asked: Asked) -> Sender:
    """Stands for signatures."""
    if asked.headers.get("venue") not in ("1", "2"):
        raise SenderError("nobody knows you; nothing was taken")
    return Sender(int(asked.headers["venue"]), "Asia/Kathmandu")


@contextmanager
def gathering(folder: Path, clock: Clock | None = None) -> Iterator[Hub]:
    """A hub, served as long as it is open; opened again on the same folder, it knows what it knew."""
    clock = clock or Clock()
    series, fleet = SqliteSeries(folder / "series.sqlite"), Fleet(folder / "fleet.sqlite")
    desk = Desk(series, fleet, clock)
    app = FastAPI()
    app.include_router(gather_router(desk, verify))
    try:
        with serve(app, "127.0.0.1", 0) as url, fleet.keeping():
            hub = Hub(url, series, fleet, desk, clock)
            yield hub
            hub.client.close()
    finally:
        desk.close()
        fleet.close()
        series.close()
