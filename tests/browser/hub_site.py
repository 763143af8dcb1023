"""Serves the scripted hub of `tests.support.filled_hub` in a process of its own, as NiceGUI serves one application.

    python -m tests.browser.hub_site FOLDER

Its address is printed. Each line of standard input that names a venue and a number sets how many are inside it; the end
of standard input ends it. Who asks says who they are in the header of `ACCOUNTS`, as no stranger may: what lets people
in has tests of its own.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from passerby.hub.alerts import PART, AlertDesk, DeskParts, HubAlert, Post
from passerby.hub.page import Extras, Room, mount_pages
from passerby.records.access import LOCAL, Account, Role
from passerby.records.access.accounts import SCOPE_KEY
from passerby.records.receivers import Message
from passerby.records.serving import serve
from passerby.records.shield import Shield
from tests.conftest import ROOT
from tests.support.filled_hub import SCRIPTS, FilledHub, filled_hub

HEADER = "x-test-account"
ACCOUNTS = {
    "North": Account("Noor", Role.OPERATOR, ("district:North",)),
    "viewer": Account("Vera", Role.VIEWER),
    "nobody": Account("Nora", Role.ADMIN, ("district:Nowhere",)),
}
ALERTS = (
    HubAlert(name="Silent venues", when="venue_silent", to=("duty",)),
    HubAlert(name="Too full", when="occupancy_over", limit=100, to=("duty",)),
)


class SignedIn:
    """Puts the account of the header into each request, as what lets people in does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            name = HTTPConnection(scope).headers.get(HEADER, "")
            scope[SCOPE_KEY] = ACCOUNTS.get(name, LOCAL)
        await self._app(scope, receive, send)


@dataclass(slots=True)
class Served:
    """A hub that is served."""

    url: str
    commands: IO[str]

    def tell(self, slug: str, inside: int) -> None:
        """Lets a venue say how many are inside it."""
        self.commands.write(f"{slug} {inside}\n")
        self.commands.flush()


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """The scripted hub, in a process of its own."""
    command = [sys.executable, "-m", "tests.browser.hub_site", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        yield Served(
            next(line.strip() for line in iter(server.stdout.readline, "") if line.startswith("http")), server.stdin
        )
        server.stdin.close()


class Heard:
    """A receiver whom every message reaches."""

    def send(self, message: Message) -> None:
        """Takes a message."""


def main() -> None:
    with filled_hub(Path(sys.argv[1])) as hub, ExitStack() as stack:
        hub.register.database.prepare(PART)
        post = stack.enter_context(closing(Post(hub.register.database, {"duty": Heard()}, clock=lambda: hub.now)))
        parts = DeskParts("Tide Malls", hub.board, hub.register, post, lambda: hub.now)
        alerts = AlertDesk(ALERTS, parts)
        alerts.look()
        app = FastAPI()
        app.add_middleware(SignedIn)
        app.add_middleware(Shield, names=())
        extras = Extras(alerts=alerts, log=hub.register.log, lacks=hub.fleet.lacks)
        mount_pages(app, Room("Tide Malls", hub.board, ZoneInfo("Europe/Paris"), extras))
        with serve(app, "127.0.0.1", 0) as url, hub.board.kept_fresh():
            sys.stdout.write(f"{url}\n")
            sys.stdout.flush()
            obey(hub)


def obey(hub: FilledHub) -> None:
    """Does what standard input says, until it ends."""
    scripts = {one.venue.slug: one for one in SCRIPTS}
    for line in sys.stdin:
        slug, inside = line.split()
        hub.now += 1
        hub.tell(replace(scripts[slug], inside=float(inside)), hub.number(slug))


if __name__ == "__main__":
    main()
