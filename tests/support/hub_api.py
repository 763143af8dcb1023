"""The API of a filled hub, over a socket, with accounts of several scopes."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from passerby.hub.access import Reads
from passerby.hub.access.book import RegisterBook
from passerby.hub.access.scope import reach
from passerby.hub.api import QUESTIONS, ApiSources, add_api
from passerby.records import openapi
from passerby.records.access import Access, Keeper
from passerby.records.access.book import RoleName
from passerby.records.access.changes import Changes
from passerby.records.refusals import add_errors
from passerby.records.serving import serve
from passerby.records.shield import Shield
from tests.support.filled_hub import FilledHub
from tests.support.hub_desk import Watch, watching

RULES = (
    {"name": "too full", "when": "occupancy_over", "limit": 80, "to": ["duty"]},
    {"name": "cameras down", "when": "cameras_down", "limit": 20, "to": ["duty"]},
)


@dataclass
class HubApi:
    """A hub's API.

    Attributes:
        url: where it is.
        watch: its stores and alerts.
        app: the application.
    """

    url: str
    watch: Watch
    app: FastAPI
    changes: Changes

    @property
    def hub(self) -> FilledHub:
        """Its stores."""
        return self.watch.hub

    def ask(self, name: str, path: str, **parameters: Any) -> httpx.Response:
        """What somebody gets."""
        return self.send(name, "GET", path, params=parameters)

    def send(self, name: str, method: str, path: str, **given: Any) -> httpx.Response:
        """What somebody gets who sends something."""
        headers = {"Authorization": f"Bearer {self.tokens[name]}"} if name else {}
        return httpx.request(method, f"{self.url}api/v1/{path}", headers=headers, trust_env=False, timeout=60, **given)

    def __post_init__(self) -> None:
        self.tokens: dict[str, str] = {}

    def add(self, name: str, role: RoleName, **scope: Any) -> None:
        """Another account: `organisations`, `districts`, `venues`."""
        parts = (scope.get("organisations", ()), scope.get("districts", ()), scope.get("venues", ()))
        self.tokens[name] = self.changes.add_token(name, role, None, reach(*parts))[0]


@contextmanager
def hub_api(folder: Path, chosen: Any = bool, *, open_to_all: bool = False) -> Iterator[HubApi]:
    """The API, with an admin and a viewer of all, an operator of the North, and a viewer of one venue.

    Args:
        folder: for its stores.
        chosen: which venues there are.
        open_to_all: lets everybody in as this machine.
    """
    with watching(folder, *RULES, chosen=chosen) as watch:
        hub = watch.hub
        book = RegisterBook(hub.register.database)
        access = Access(book, hub.register.log)
        app = FastAPI(openapi_url=openapi.PATH, responses=openapi.REFUSALS)
        app.add_middleware(Keeper, access=None if open_to_all else access)
        app.add_middleware(Shield)
        add_errors(app, QUESTIONS)
        zone = hub.register.venues()[0].zone
        sources = ApiSources(hub.board, hub.fleet.of, hub.fleet.lacks, Reads(hub.register.log), zoneinfo.ZoneInfo(zone))
        add_api(app, sources, watch.desk, hub.register.log)
        with serve(app, "127.0.0.1", 0) as url:
            made = HubApi(url, watch, app, Changes(book, hub.register.log, "test"))
            made.add("admin", "admin")
            made.add("reader", "viewer")
            made.add("north", "operator", districts=["North"])
            made.add("north admin", "admin", districts=["north"])
            made.add("one", "viewer", venues=[hub.number("garden")])
            made.add("clinics", "viewer", organisations=["Tide Clinics"])
            watch.look()
            yield made
