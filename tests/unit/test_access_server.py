"""Who is let in by a real server: sign-in, sessions, tokens, requests of other sites, and what is cut off."""

import json
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx
import pytest
from fastapi import Depends
from starlette.responses import StreamingResponse

from passerby.records.access import Access, Account, Role, requires
from passerby.records.access.book import AccessFile
from passerby.records.access.changes import Changes
from passerby.records.serving import serve
from passerby.site.journal import Journal
from passerby.site.store import Store
from passerby.site.web import ApiParts, create_app
from tests.browser import venue
from tests.support.access import PASSWORD, access_file, client, new_token, send_form, signed_in

STATE = "/api/v1/state"


@dataclass
class Site:
    """A site with three accounts, and a clock that a test turns."""

    file: AccessFile
    journal: Journal
    now: float = 0.0
    url: str = ""

    def get(self, path: str = STATE, **headers: str) -> httpx.Response:
        raw = {name.encode(): value.encode() for name, value in headers.items()}
        return httpx.get(self.url.rstrip("/") + path, headers=raw, trust_env=False)

    def bearer(self, token: str, path: str = STATE) -> httpx.Response:
        return self.get(path, authorization=f"Bearer {token}")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    yield from _served(tmp_path, only_here=False, anna="admin", otto="operator", vera="viewer")


def _served(folder: Path, *, only_here: bool, **accounts: str) -> Iterator[Site]:
    with Store(folder / "a.sqlite") as store:
        made = Site(access_file(folder, **accounts), Journal(store.file))  # type: ignore[arg-type]  # names of roles
        access = Access(made.file, made.journal, only_here=only_here, clock=lambda: made.now)
        app = create_app(store, lambda: venue.WELL, venue.SETTINGS, None, ApiParts(access))

        @app.post("/api/v1/change")
        def change(account: Account = Depends(requires(Role.OPERATOR))) -> dict[str, str]:  # noqa: B008 - FastAPI's way
            return {"by": account.name}

        @app.post("/api/v1/long")
        async def take(body: dict[str, str]) -> dict[str, int]:
            return {"length": len(body)}

        @app.get("/api/v1/stream")
        async def stream() -> StreamingResponse:
            return StreamingResponse(_for_ever())

        with serve(app, "127.0.0.1", 0, None, ("127.0.0.1",)) as made.url:
            yield made


async def _for_ever() -> AsyncIterator[bytes]:
    while True:
        yield b"."
        await anyio.sleep(0.02)


def test_who_signs_in_is_let_in_and_out(site: Site) -> None:
    with client(site.url) as browser:
        assert browser.get(STATE).status_code == 401
        answer = send_form(browser, "Vera", onward="/history?day=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/history?day=1")
        assert browser.get(STATE).json()["site"] == "Museum of Tides"
        kept = dict(browser.cookies)
        assert browser.post("/sign-out").headers["location"] == "/sign-in"
        browser.cookies.update(kept)
        assert browser.get(STATE).status_code == 401
    assert [(entry.account, entry.action) for entry in site.journal.since(0)] == [("vera", "signed in")]


def test_the_cookie_is_for_this_site_and_no_script(site: Site) -> None:
    with client(site.url) as browser:
        (cookie,) = [one for one in send_form(browser, "anna").headers.get_list("set-cookie") if "-form=" not in one]
    name, _, attributes = cookie.partition("=")
    assert name == f"passerby-{httpx.URL(site.url).port}"
    assert {one.strip().lower() for one in attributes.split(";")[1:]} == {"httponly", "path=/", "samesite=strict"}


def test_behind_a_trusted_proxy_with_tls_the_cookie_is_secure(site: Site) -> None:
    with httpx.Client(base_url=site.url, trust_env=False) as browser:
        browser.headers.update({"X-Forwarded-Proto": "https", "Host": "counting.example"})
        browser.headers["Origin"] = "https://counting.example"
        page = browser.get("/sign-in")
        assert "strict-transport-security" in page.headers
        assert re.match(r"__Host-passerby-form=.*; Secure", page.headers["set-cookie"])
        assert "not encrypted" not in page.text


def test_a_proxy_says_who_tries(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    with client(site.url) as browser:
        browser.headers["X-Forwarded-For"] = "203.0.113.9"
        assert send_form(browser, "vera", "wrong password").status_code == 401
    assert "203.0.113.9" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "password"), [("vera", "wrong password"), ("nobody", PASSWORD), ("", ""), ("ä" * 40, "x")]
)
def test_wrong_names_and_passwords_get_the_same_answer(site: Site, name: str, password: str) -> None:
    with client(site.url) as browser:
        answer = send_form(browser, name, password)
        assert answer.status_code == 401
        assert "The name or the password is not right." in answer.text
        assert browser.get(STATE).status_code == 401


def test_the_page_says_nothing_of_the_venue_and_keeps_scripts_out(site: Site) -> None:
    with client(site.url) as browser:
        page = browser.get("/sign-in", params={"next": '/"><script>alert(1)</script>'})
    for word in ("Museum", "entrance", "door", "0.1.0", "<script"):
        assert word not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "form-action 'self'" in policy
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "x", "/sign-out", "/a\\b"]
)
def test_signing_in_never_leads_to_another_site(site: Site, onward: str) -> None:
    with client(site.url) as browser:
        assert send_form(browser, "vera", onward=onward).headers["location"] == "/"


def test_a_session_that_was_planted_is_not_taken_over(site: Site) -> None:
    name = f"passerby-{httpx.URL(site.url).port}"
    found: list[str] = []
    for given in ("planted", None):  # signing in again ends the session before
        with client(site.url) as browser:
            browser.headers["Cookie"] = f"{name}={given or found[0]}"
            page = browser.get("/sign-in")
            (form,) = re.findall(r'name="form" value="(\w+)"', page.text)
            browser.headers["Cookie"] += "; " + page.headers["set-cookie"].partition(";")[0]
            answer = browser.post("/sign-in", data={"form": form, "name": "vera", "password": PASSWORD})
            found += re.findall(rf"^{name}=(.+?);", answer.headers["set-cookie"])
    assert len({"planted", *found}) == 3
    answers = [site.get(cookie=f"{name}={identifier}").status_code for identifier in ("planted", *found)]
    assert answers == [401, 401, 200]


def test_guessing_is_slowed_down(site: Site) -> None:
    with client(site.url) as browser:
        for _ in range(5):
            assert send_form(browser, "vera", "wrong password").status_code == 401
        slowed = send_form(browser, "vera")
        assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "1")
        assert "Wait 1 s" in slowed.text
        assert send_form(browser, "anna").status_code == 303, "another name is not slowed"
        site.now += 1
        assert send_form(browser, "vera").status_code == 303
        for number in range(10):
            send_form(browser, f"name {number}", "wrong password")
        assert send_form(browser, "otto").status_code == 429, "this address is"
        site.now += 4000
        assert send_form(browser, "otto").status_code == 303
    refused = [entry.detail for entry in site.journal.since(0) if entry.action == "sign-in refused"]
    assert refused == [f"wrong password, {number} in a row" for number in (4, 2, 1)]


def test_many_guesses_at_once_are_no_way_around(site: Site) -> None:
    statuses: list[int] = []

    def guess() -> None:
        with client(site.url) as browser:
            statuses.append(send_form(browser, "vera", "wrong password").status_code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(401) <= 5
    assert set(statuses) == {401, 429}


@pytest.mark.parametrize("path", ["/api/v1/change", "/sign-out", "/sign-in"])
def test_a_cookie_changes_nothing_unless_the_page_asked(site: Site, path: str) -> None:
    with signed_in(site.url, "otto") as browser:
        cookies = "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar)
        for headers in (
            {"Origin": ""},
            {"Origin": "null"},
            {"Origin": "http://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},
            {"Sec-Fetch-Site": "cross-site", "Origin": site.url.rstrip("/")},
            {},
        ):
            answer = httpx.post(site.url + path[1:], headers={"Cookie": cookies, **headers}, trust_env=False)
            assert answer.status_code == 403
        assert browser.post("/api/v1/change").json() == {"by": "otto"}
        del browser.headers["Origin"]
        assert browser.post("/api/v1/change", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_form_of_another_browser_is_not_taken(site: Site) -> None:
    with client(site.url) as one, client(site.url) as other:
        hidden = re.findall(r'name="form" value="(\w+)"', one.get("/sign-in").text)
        other.get("/sign-in")
        for form in (hidden[0], "", "é"):
            answer = other.post("/sign-in", data={"form": form, "name": "vera", "password": PASSWORD})
            assert answer.status_code == 403
        other.cookies.clear()
        assert other.post("/sign-in", data={"form": hidden[0], "name": "vera", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize("body", [b"x" * 5000, b"\xff\xfe", b"a=1&" * 40, b"form=%ff"])
def test_what_is_no_form_is_refused(site: Site, body: bytes) -> None:
    with client(site.url) as browser:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert browser.post("/sign-in", content=body, headers=headers).status_code == 403


def test_each_role_may_do_what_it_may(site: Site) -> None:
    for name, status in (("vera", 403), ("otto", 200), ("anna", 200)):
        with signed_in(site.url, name) as browser:
            assert browser.get(STATE).status_code == 200
            assert browser.post("/api/v1/change").status_code == status


def test_tokens(site: Site) -> None:
    viewer, operator = new_token(site.file, "viewer", "one"), new_token(site.file, "operator", "two")
    assert site.bearer(viewer).status_code == 200
    assert site.bearer(viewer, "/metrics").status_code == 200
    for token, status in ((viewer, 403), (operator, 200)):
        answer = httpx.post(site.url + "api/v1/change", headers={"Authorization": f"bearer {token}"}, trust_env=False)
        assert answer.status_code == status
    for wrong in ("x", "x y", viewer[:-1], viewer.removeprefix("passerby_"), "ü"):
        assert site.bearer(wrong).status_code == 401
    Changes(site.file, None, "test").remove("one")
    assert site.bearer(viewer).status_code == 401


def test_a_token_that_ran_out_is_not_taken(site: Site) -> None:
    token, _ = Changes(site.file, None, "test").add_token("short", "viewer", 1)
    assert site.bearer(token).status_code == 200
    text = json.loads(site.file.file.read_text())
    text["tokens"][0]["expires_unix_s"] = int(time.time()) - 1
    site.file.file.write_text(json.dumps(text))
    assert site.bearer(token).status_code == 401


def test_a_wrong_token_is_not_helped_by_a_cookie(site: Site) -> None:
    with signed_in(site.url, "anna") as browser:
        assert browser.get(STATE, headers={"Authorization": "Bearer wrong"}).status_code == 401
        assert browser.get(STATE, headers={"Authorization": "Basic eDp5"}).status_code == 200, "a proxy's own"


def test_health_tells_strangers_one_word(site: Site) -> None:
    with client(site.url) as browser:
        assert browser.get("/healthz").json() == {"status": "well"}
    with signed_in(site.url, "vera") as browser:
        assert browser.get("/healthz").json() == {"status": "well", "reasons": []}


def test_removal_role_and_password_work_at_once(site: Site) -> None:
    changes = Changes(site.file, None, "test")
    with signed_in(site.url, "otto") as otto, signed_in(site.url, "vera") as vera:
        changes.remove("otto")
        assert otto.get(STATE).status_code == 401
        changes.add("otto", "viewer", PASSWORD)
        assert otto.get(STATE).status_code == 401, "a new account of the same name is not the old one"
        changes.set_password("vera", "nine slow boats at dusk")
        assert vera.get(STATE).status_code == 401
        assert send_form(vera, "vera").status_code == 401
        assert send_form(vera, "vera", "nine slow boats at dusk").status_code == 303


def test_a_stream_ends_with_its_account(site: Site) -> None:
    with signed_in(site.url, "vera") as browser, browser.stream("GET", "/api/v1/stream") as answer:
        parts = answer.iter_bytes()
        assert next(parts)
        Changes(site.file, None, "test").remove("vera")
        assert sum(len(part) for part in parts) < 10_000  # it ends, where it would go on for ever
    with signed_in(site.url, "anna") as browser:
        assert browser.get(STATE).status_code == 200


def test_long_requests_are_refused(site: Site) -> None:
    with signed_in(site.url, "anna") as browser:
        assert browser.post("/api/v1/long", json={"a": "x" * 900_000}).json() == {"length": 1}
        assert browser.post("/api/v1/long", json={"a": "x" * 1_100_000}).status_code == 413
        parts = (b"x" * 65_536 for _ in range(20))
        assert browser.post("/api/v1/long", content=parts).status_code == 413


def test_this_machine_needs_no_account_until_there_is_one(tmp_path: Path) -> None:
    for served in _served(tmp_path, only_here=True):
        with httpx.Client(base_url=served.url, trust_env=False) as program:
            assert program.get(STATE).status_code == 200
            assert program.post("/api/v1/change").json() == {"by": "this machine"}
            assert program.post("/api/v1/change", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
            assert program.post("/api/v1/change", headers={"Origin": "http://evil.example"}).status_code == 403
            for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
                assert program.get(STATE, headers={header: "x"}).status_code == 401, "a proxy may bring anybody"
            new_token(served.file, "viewer")
            assert program.get(STATE).status_code == 401
            served.file.file.chmod(0o644)
            assert program.get(STATE).status_code == 401, "a file that cannot be read opens nothing"
            served.file.file.unlink()
            assert program.get(STATE).status_code == 200
