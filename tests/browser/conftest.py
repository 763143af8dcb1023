"""A real server with a filled store, and Debian's chromium to look at it."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from passerby.records.access import LOCAL, Account
from passerby.records.access.accounts import SCOPE_KEY
from passerby.records.page.frame import PageName
from passerby.records.page.parts import Text
from passerby.records.serving import serve
from passerby.site.corrections import Corrections
from passerby.site.journal import Journal
from passerby.site.occupancy import PlaceBoard
from passerby.site.page import Extras, Outlet, SetupPages, mount_page
from passerby.site.pages.board import PageBoard
from passerby.site.pages.frame import add_page
from passerby.site.pages.site import Asked, Section, Site, View
from passerby.site.state import SiteState
from passerby.site.store import Store
from passerby.site.web import create_app
from tests.browser import venue
from tests.support import venue_day

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NOON = 1_760_004_000 + 13 * 60
"""Until when the store is filled: thirteen minutes past noon in Paris, on a day in October."""
BEGIN = 1_760_004_000 + 60
"""Where the clock of each test begins: even a slow one does not see the end of the window."""
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Museum:
    """A venue that is served, and how a test turns it."""

    store: Store
    state: SiteState
    url: str = ""
    now: float = BEGIN
    started_s: float = 0.0
    banner: str | None = None
    account: Account = LOCAL

    @property
    def journal(self) -> Journal:
        return Journal(self.store.file)


class SignedIn:
    """Puts an account into each request, as the middleware of access does."""

    def __init__(self, app: ASGIApp, museum: Museum) -> None:
        self._app, self._museum = app, museum

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[SCOPE_KEY] = self._museum.account
        await self._app(scope, receive, send)


async def build_setup(_site: Site, _view: View, _asked: Asked) -> list[Section]:
    Text("p").say("Draw a line.")
    return []


def extras(museum: Museum) -> Extras:
    """What other parts of a site add to its pages."""
    who = '<form method="post" action="/sign-out">{} <button>Sign out</button></form>'
    return Extras(
        banner=lambda: museum.banner,
        setup=SetupPages("/setup", lambda site: add_page(site, PageName("/setup", "Set-up"), build_setup)),
        journal=museum.journal,
        outlets=(Outlet("MQTT", "Tallies, to broker.example, every minute.", lambda: "12 messages so far"),),
        account=lambda _request: "" if museum.account == LOCAL else who.format(museum.account.name),
    )


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Museum]:
    # One for all: NiceGUI serves one application in a process.
    with Store(tmp_path_factory.mktemp("browser") / "a.sqlite") as store:
        museum = Museum(store, venue.WELL)
        store.add(list(venue_day.day(NOON)))
        corrections = Corrections(store.file)
        corrections.add(venue_day.recount(NOON))
        settings = replace(venue_day.SETTINGS, clock=lambda: museum.now + time.monotonic() - museum.started_s)
        places = PlaceBoard(store, corrections, venue_day.PLACES, settings)
        app = create_app(store, lambda: museum.state, settings, places)
        board = PageBoard(store, lambda: museum.state, settings, places)
        mount_page(app, lambda: museum.state, settings, board, extras(museum))
        app.user_middleware.append(Middleware(SignedIn, museum=museum))  # innermost: what it says holds
        with serve(app, "127.0.0.1", 0) as museum.url:
            yield museum


@pytest.fixture
def museum(served: Museum) -> Iterator[Museum]:
    # Each test begins at the same moment: a slow one does not take the next ones past the end of the window.
    served.started_s = time.monotonic()
    yield served
    served.state, served.banner, served.account = venue.WELL, None, LOCAL


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium: `apt-get install chromium` (make system-packages)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """The page in a browser, with all that it asked for and complained about."""

    page: Page
    requests: list[Request]
    complaints: list[str]

    def screenshot(self, file: Path) -> None:
        self.page.screenshot(path=file, full_page=True)


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Browser, museum: Museum) -> Iterator[Visit]:
    """Opens the page of the module's PATH; a test asks for another viewport or colour scheme by a parameter."""
    options = {"viewport": {"width": 1200, "height": 900}, **getattr(request, "param", {})}
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    visit = Visit(context.new_page(), [], [])
    visit.page.on("request", lambda one: _ask(visit, one))
    visit.page.on("requestfailed", lambda one: visit.complaints.append(f"failed: {one.url}"))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("console", lambda message: _note(visit, message))
    visit.page.goto(museum.url.rstrip("/") + getattr(request.module, "PATH", "/"))
    visit.page.locator("article").first.wait_for()
    if visit.page.locator(".pb-chart").count():
        visit.page.locator(".pb-chart svg").first.wait_for()
    yield visit
    context.close()


def _ask(visit: Visit, request: Request) -> None:
    visit.requests.append(request)


def _note(visit: Visit, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        visit.complaints.append(f"{message.type}: {message.text}")
