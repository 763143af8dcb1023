"""The door for sites of a hub, served in this process over a socket, with a clock that a test sets."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from passerby.hub.contract import Venue
from passerby.hub.enrolment import Door, Seal, SiteKeys
from passerby.hub.enrolment.routes import enrolment_router
from passerby.hub.fleet import Fleet
from passerby.hub.gather import Desk
from passerby.hub.gather.api import gather_router
from passerby.hub.register import Database, Register
from passerby.hub.series import SqliteSeries
from passerby.hub.web import create_sites
from passerby.records.serving import serve
from passerby.records.wire.batches import VERSION, Delivery
from passerby.records.wire.joining import DELIVER
from passerby.records.wire.keys import Key
from passerby.records.wire.link import Answer, HubLink, Proof

NOTHING = msgspec.json.encode(Delivery(VERSION))
"""A delivery of nothing, which a hub takes."""
HEADERS = {"content-type": "application/json"}


@dataclass
class Clock:
    """Unix seconds, ahead of the machine's by what a test says."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@dataclass(frozen=True)
class OpenDoor:
    """A hub's door.

    Attributes:
        url: where it is.
        key: the hub's.
        clock: the hub's; set `ahead_s`.
    """

    url: str
    key: Key
    register: Register
    keys: SiteKeys
    series: SqliteSeries
    clock: Clock

    def enrol(self, slug: str) -> Key:
        """A key with which the site of a venue has joined; the venue is registered if it is not there."""
        key = Key.made()
        if self.register.venue(slug) is None:
            self.register.add(Venue(0, slug, slug.title()), "test")
        self.keys.join(self.invite(slug).public.name, key.public)
        return key

    def invite(self, slug: str, days: int = 7) -> Key:
        """The key of an invitation."""
        return self.keys.invite(slug, days, self.key.public, "test").token.key

    def link(self, clock: Clock | None = None) -> HubLink:
        """The way of a site to it."""
        return HubLink(self.url, self.key.public, clock=clock or Clock())

    def deliver(self, key: Key, body: bytes = NOTHING) -> Answer:
        """What it says to a delivery."""
        with closing(self.link()) as link:
            return link.post(DELIVER, body, HEADERS, Proof(key))


@contextmanager
def open_door(folder: Path) -> Iterator[OpenDoor]:
    """Serves a door as long as it is open."""
    clock, key = Clock(), Key.made()
    with ExitStack() as stack:
        database = stack.enter_context(closing(Database(folder / "register.sqlite")))
        register = Register(database, clock)
        series = stack.enter_context(closing(SqliteSeries(folder / "series.sqlite")))
        fleet = stack.enter_context(closing(Fleet(folder / "fleet.sqlite")))
        desk = stack.enter_context(closing(Desk(series, fleet, clock)))
        keys = SiteKeys(register)
        door = Door(keys, key.public, clock)
        app = create_sites(enrolment_router(keys, door), gather_router(desk, door.verify))
        url = stack.enter_context(serve(Seal(app, key, keys.knows, clock), "127.0.0.1", 0))
        yield OpenDoor(url.rstrip("/"), key, register, keys, series, clock)
