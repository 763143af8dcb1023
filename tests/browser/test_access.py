"""A closed site: what strangers get of every single route, and signing in with a browser."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from passerby.records.access.book import AccessFile, Person, RoleName
from passerby.records.access.changes import Changes
from tests.browser.conftest import PATIENCE_MS
from tests.browser.other_site import ROUTES, served
from tests.support.access import PASSWORD, access_file, client, new_token, signed_in

OPEN = {("/sign-in", "GET"): 200, ("/sign-in", "POST"): 403, ("/sign-out", "POST"): 303, ("/healthz", "GET"): 200}
NOTICE = ("/privacy-notice", "GET")
SOCKET = "_nicegui_ws/socket.io/?EIO=4&transport=websocket"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass
class Closed:
    """A site that lets in who has an account."""

    url: str
    file: AccessFile
    routes: list[str]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    folder = tmp_path_factory.mktemp("closed")
    file = access_file(folder, anna="admin", vera="viewer", walter="viewer")
    with served("closed", folder / "a.sqlite") as url:
        yield Closed(url, file, json.loads((folder / ROUTES).read_text()))


def paths(closed: Closed) -> list[str]:
    """Every path that is served, with something in place of its parameters."""
    plain = {re.sub(r"\{[^}]*\}", "x", path) or "/" for path in closed.routes}
    with signed_in(closed.url, "vera") as browser:
        loaded = re.findall(r'["\'](/_nicegui/[^"\'?]+)', browser.get("/").text)
    assert {"/", "/metrics", "/healthz", "/api/v1/tallies", "/api/openapi.json", "/_nicegui_ws"} <= plain
    assert len(loaded) > 5
    return sorted({*plain, *loaded, "/_nicegui_ws/socket.io/", "/nowhere", "/api/nowhere", "/favicon.ico"})


def test_strangers_get_nothing_of_any_route(closed: Closed) -> None:
    given = {}
    with client(closed.url) as stranger:
        for path in paths(closed):
            for method in METHODS:
                answer = stranger.request(method, path)
                given[path, method] = answer.status_code
                if (path, method) in OPEN or (path, method) == NOTICE:
                    continue
                is_page = method in ("GET", "HEAD") and not path.startswith(("/api/", "/metrics", "/_nicegui"))
                assert answer.status_code == (303 if is_page else 401), f"{method} {path}"
                for word in ("Museum", "entrance", "Main door", "garden"):
                    assert word not in answer.text
    assert {asked: given[asked] for asked in OPEN} == OPEN


def test_no_folder_is_listed(closed: Closed) -> None:
    with signed_in(closed.url, "vera") as browser:
        version = re.findall(r"/_nicegui/([\d.]+)/static", browser.get("/").text)[0]
        for path in ("static", "static/", "static/..", "static/%2e%2e/nicegui.py", "libraries/", "components/"):
            assert browser.get(f"/_nicegui/{version}/{path}", follow_redirects=True).status_code == 404


def opened(closed: Closed, headers: dict[str, str], origin: str | None) -> ClientConnection:
    # websockets' type for it asks for a class of its own
    return connect(f"{closed.url.replace('http', 'ws')}{SOCKET}", additional_headers=headers, origin=origin)  # type: ignore[arg-type]


def test_the_pages_socket_is_refused_to_strangers_and_other_sites(closed: Closed) -> None:
    own = closed.url.rstrip("/")
    with signed_in(closed.url, "vera") as browser:
        cookie = "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar)
        for headers, origin in (
            ({}, own),
            ({"Cookie": "passerby=x"}, own),
            ({"Authorization": "Bearer x"}, own),
            ({"Cookie": cookie}, None),
            ({"Cookie": cookie}, "http://evil.example"),
            ({"Cookie": cookie}, "null"),
        ):
            with pytest.raises(InvalidStatus, match="403"):
                opened(closed, headers, origin)
        with opened(closed, {"Cookie": cookie}, own) as socket:
            assert str(socket.recv(60)).startswith("0{")


def _read_on(socket: ClientConnection) -> None:
    while socket.recv(60):  # the server's signs of life
        pass


def test_the_pages_socket_ends_with_the_account(closed: Closed) -> None:
    with signed_in(closed.url, "walter") as browser:
        cookie = "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar)
        with opened(closed, {"Cookie": cookie}, closed.url.rstrip("/")) as socket:
            socket.recv(60)
            Changes(closed.file, None, "test").remove("walter")
            with pytest.raises(ConnectionClosed) as ended:
                _read_on(socket)
    assert ended.value.rcvd and ended.value.rcvd.code == 1008


def test_a_token_opens_the_metrics(closed: Closed) -> None:
    token = new_token(closed.file, "viewer", "prometheus")
    answer = httpx.get(
        f"{closed.url}metrics", headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60
    )
    assert "passerby_crossings_total" in answer.text


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=request.param)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def test_signing_in_by_keyboard_on_a_phone(closed: Closed, page: Page, tmp_path: Path) -> None:
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.goto(f"{closed.url}?from=a-link")
    expect(page).to_have_title("Sign in")
    expect(page.get_by_label("Name")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.type("vera")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The name or the password is not right.")
    page.screenshot(path=tmp_path / "refused.png")
    assert complaints.pop().endswith("401 (Unauthorized)")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("article").first).to_be_visible()
    expect(page).to_have_url(f"{closed.url}?from=a-link")
    expect(page.get_by_text("vera, viewer")).to_be_visible()
    page.locator(".pb-chart svg").first.wait_for()
    page.screenshot(path=tmp_path / "page.png")
    assert complaints == []
    # What the page still asks for when it is left is refused, which the browser may complain of.
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("Sign in")
    page.goto(closed.url)
    expect(page).to_have_title("Sign in")


def test_a_page_that_is_open_stops_when_the_account_ends(closed: Closed, page: Page) -> None:
    access_file(closed.file.file.parent, guest="viewer")
    page.goto(closed.url)
    page.get_by_label("Name").fill("guest")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".pb-drawn").first).to_be_visible()  # charts come when the page is connected
    Changes(closed.file, None, "test").remove("guest")
    expect(page.get_by_text("Connection lost")).to_be_visible()
    page.reload()
    expect(page).to_have_title("Sign in")


def test_a_page_of_somebody_who_may_less_by_now_is_made_anew(closed: Closed, page: Page) -> None:
    name = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dana' : 'lena'")
    admin: dict[str, RoleName] = {name: "admin"}
    access_file(closed.file.file.parent, **admin)
    page.goto(f"{closed.url}privacy")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(f"{name}, admin")).to_be_visible()
    page.evaluate("window.asBuilt = true")
    _make_viewer(closed.file, name)
    expect(page.get_by_text(f"{name}, viewer")).to_be_visible(timeout=60_000)
    assert page.evaluate("window.asBuilt") is None


def _make_viewer(file: AccessFile, name: str) -> None:
    """As who edits the file by hand: the session goes on."""

    def changed(one: Person) -> Person:
        return msgspec.structs.replace(one, role="viewer") if one.name == name else one

    file.change(lambda book: msgspec.structs.replace(book, accounts=tuple(map(changed, book.accounts))))
