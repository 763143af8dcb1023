"""A server that lets people in by a provider, and the way of a browser through it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request

from passerby.hub.access.book import RegisterBook
from passerby.hub.access.openid.config import Oidc
from passerby.hub.access.openid.flow import BEGIN, OPEN, OpenIdParts, add_openid
from passerby.hub.access.openid.provider import Provider
from passerby.hub.register import Database, Register
from passerby.records.access import Access, Keeper, account_of, add_sign_in
from passerby.records.access.changes import Changes
from passerby.records.serving import serve
from passerby.records.shield import Shield
from tests.support.openid import CLIENT, SECRET, OpenId

ROLES = (
    {"group": "hub-admins", "role": "admin", "whole_hub": True},
    {"group": "north", "role": "operator", "districts": ("North",), "venues": ("harbour", "gone")},
)


@dataclass
class Door:
    """A server that lets people in, and tells them who they are.

    Attributes:
        url: where it is.
        openid: the provider.
        book, register: of the hub.
        provider: as the hub knows it.
        later: seconds by which all clocks of the hub are ahead, as `s`.
    """

    url: str
    openid: OpenId
    book: RegisterBook
    register: Register
    provider: Provider
    later: dict[str, float] = field(default_factory=lambda: {"s": 0.0})

    def browser(self) -> httpx.Client:
        """Another browser."""
        return httpx.Client(base_url=self.url, trust_env=False, timeout=60)

    def log_in(self, browser: httpx.Client, onward: str = "/") -> httpx.Response:
        """From the button to the page after it; the last answer of the way."""
        begun = browser.get(BEGIN, params={"next": onward})
        if begun.status_code != 303:
            return begun
        there = httpx.get(begun.headers["location"], trust_env=False)
        return browser.get(there.headers["location"].removeprefix(self.url.rstrip("/")))

    def log(self) -> list[tuple[str, str, str]]:
        """Account, action and detail of all entries, the oldest first."""
        return [(one.account, one.action, one.detail) for one in reversed(self.register.log.newest())]


def who(browser: httpx.Client) -> dict[str, Any] | None:
    """Whom the server knows; None for a stranger."""
    answer = browser.get("/who")
    found: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
    return found


def oidc(openid: OpenId, **changes: Any) -> Oidc:
    """A configuration that fits the provider."""
    given = {"issuer": openid.issuer, "client_id": CLIENT, "secret_env": "OIDC", "roles": ROLES, **changes}
    return Oidc.model_validate({name: value for name, value in given.items() if value is not None}, strict=False)


@contextmanager
def door(folder: Path, openid: OpenId, config: Oidc, secret: str = SECRET) -> Iterator[Door]:
    """Such a server, with one token, so that it is open to nobody else."""
    database = Database(folder / "register.sqlite")
    register, book = Register(database), RegisterBook(database)
    Changes(book, register.log, "test").add_token("keeper", "admin", None)
    later = {"s": 0.0}
    access = Access(book, register.log, clock=lambda: time.monotonic() + later["s"])
    provider = Provider(config, secret, lambda: time.time() + later["s"])
    app = FastAPI()

    @app.get("/who")
    def who(request: Request) -> dict[str, Any]:
        account = account_of(request)
        assert account is not None
        return {"name": account.name, "role": account.role.label, "reach": account.reach}

    app.add_middleware(Keeper, access=access, open_too=OPEN)
    app.add_middleware(Shield)
    page = add_sign_in(app, access)
    assert page is not None
    numbers = {"harbour": 7, "quay": 8}
    add_openid(app, OpenIdParts(provider, access, book, numbers.get), page)
    with serve(app, "127.0.0.1", 0) as url:
        yield Door(url, openid, book, register, provider, later)
    database.close()
