"""The routes that change a site: who may, what is written, what is refused; and tables as Parquet."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet
import pytest
from starlette.middleware import Middleware

from passerby.errors import ConfigError
from passerby.records.access import Account, Role
from passerby.records.receivers import ReceiverState
from passerby.records.serving import serve
from passerby.site.control import Control
from passerby.site.corrections import Corrections
from passerby.site.journal import Action, Journal
from passerby.site.occupancy import PlaceBoard
from passerby.site.page_words import alarms
from passerby.site.place_windows import PlaceSettings
from passerby.site.reload import Reload
from passerby.site.state import SiteState
from passerby.site.store import Store
from passerby.site.web import ApiParts, create_app, unwell
from tests.support import filled
from tests.support.signed_in import SignedIn

PLACES = (
    PlaceSettings("ground floor / shop", lines=(("entrance", "Main door"),)),
    PlaceSettings("gallery", zones=(("entrance", "Hall"),), zones_see_all=True),
)
MISTAKES = ["site.yaml, line 1: window_s: must divide an hour", "site.yaml, line 2: port: write a whole number"]


@dataclass
class Site:
    """A site that is served, whose configuration a test spoils, and who asks."""

    url: str
    store: Store
    reload: Reload
    journal: Journal
    spoiled: list[str]

    def ask(self, method: str, path: str, account: Account | None = None, **more: Any) -> httpx.Response:
        SignedIn.account = account
        with httpx.Client(trust_env=False) as client:
            return client.request(method, self.url + path.lstrip("/"), **more)


@contextmanager
def _served(folder: Path) -> Iterator[Site]:
    spoiled: list[str] = []

    def check() -> None:
        if spoiled:
            raise ConfigError(spoiled)

    with Store(folder / "passerby.sqlite") as store:
        store.add(list(filled.tallies(16)))
        site = Site("", store, Reload(check), Journal(store.file), spoiled)
        settings, corrections = filled.settings(), Corrections(store.file)
        control = Control(corrections, site.journal, PLACES, site.reload)
        board = PlaceBoard(store, corrections, PLACES, settings)
        app = create_app(store, lambda: SiteState("Museum"), settings, board, ApiParts(control=control))
        app.user_middleware.append(Middleware(SignedIn))  # innermost: what it says holds
        with serve(app, "127.0.0.1", 0) as site.url:
            yield site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with _served(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """For tests that only read."""
    with _served(tmp_path_factory.mktemp("tables")) as made:
        yield made


ANNA, OTTO, VERA = (
    Account(name, role) for name, role in (("anna", Role.ADMIN), ("otto", Role.OPERATOR), ("vera", Role.VIEWER))
)
SHOP = "/api/v1/places/ground%20floor%20%2F%20shop"


def test_an_operator_corrects_and_resets_under_their_name(site: Site) -> None:
    answer = site.ask("POST", f"{SHOP}/correction", OTTO, json={"people": 42, "note": "counted by hand"})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body.pop("moment_unix_s") > 0
    assert body == {"place": "ground floor / shop", "people": 42, "note": "counted by hand"}
    assert site.ask("POST", f"{SHOP}/reset", OTTO).status_code == 201
    assert site.ask("POST", f"{SHOP}/reset", ANNA, json={"note": "closed"}).status_code == 201
    written = [(one.place, one.people, one.note, one.account) for one in Corrections(site.store.file).since(0)]
    assert written == [
        ("ground floor / shop", 42, "counted by hand", "otto"),
        ("ground floor / shop", 0, "", "otto"),
        ("ground floor / shop", 0, "closed", "anna"),
    ]
    log = site.ask("GET", "/api/v1/journal", ANNA).json()
    assert [(one["account"], one["action"], one["detail"]) for one in log["entries"]] == [
        ("anna", "occupancy corrected", "ground floor / shop: 0 people"),
        ("otto", "occupancy corrected", "ground floor / shop: 0 people"),
        ("otto", "occupancy corrected", "ground floor / shop: 42 people"),
    ]


@pytest.mark.parametrize(
    ("method", "path", "least"),
    [
        ("POST", f"{SHOP}/correction", Role.OPERATOR),
        ("POST", f"{SHOP}/reset", Role.OPERATOR),
        ("POST", "/api/v1/reload", Role.ADMIN),
        ("GET", "/api/v1/journal", Role.ADMIN),
    ],
)
def test_who_may_less_changes_nothing(site: Site, method: str, path: str, least: Role) -> None:
    body = {"json": {"people": 1}} if path.endswith("correction") else {}
    assert site.ask(method, path, None, **body).status_code == 401
    for account in (one for one in (VERA, OTTO) if one.role < least):
        assert site.ask(method, path, account, **body).status_code == 403
    assert (Corrections(site.store.file).since(0), site.journal.since(0), site.reload.asked) == ([], [], False)
    assert site.ask(method, path, ANNA, **body).is_success


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/api/v1/places/cellar/correction", {"people": 1}, 404, "there is no place cellar; there is: ground floor"),
        ("/api/v1/places/gallery/reset", {}, 409, "its zones count who is there at each moment"),
        (f"{SHOP}/correction", {"people": -1}, 422, "people"),
        (f"{SHOP}/correction", {"people": "7"}, 422, "people"),
        (f"{SHOP}/correction", {"people": 1, "note": "x" * 201}, 422, "note"),
        (f"{SHOP}/correction", {"people": 1, "note": "a\nb"}, 409, "one line of plain text"),
        (f"{SHOP}/correction", {"people": 1, "who": "me"}, 422, "no such key"),
        (f"{SHOP}/correction", {}, 422, "people"),
    ],
)
def test_what_cannot_be_is_refused_in_words(site: Site, path: str, body: Any, status: int, said: str) -> None:
    answer = site.ask("POST", path, OTTO, json=body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert said in error["message"] + str(error["problems"])
    assert Corrections(site.store.file).since(0) == []


@pytest.mark.parametrize(("content", "status"), [(b"\xff", 400), (b"{", 422), (b"[]", 422), (b"", 422)])
def test_a_body_that_is_none_is_refused_in_the_same_form(site: Site, content: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    answer = site.ask("POST", f"{SHOP}/correction", OTTO, content=content, headers=headers)
    assert (answer.status_code, set(answer.json()["error"])) == (status, {"message", "problems"})


def test_another_web_site_makes_no_browser_change_anything(site: Site) -> None:
    answer = site.ask("POST", f"{SHOP}/reset", ANNA, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert Corrections(site.store.file).since(0) == []


def test_reload_says_every_mistake_and_takes_none(site: Site) -> None:
    site.spoiled.extend(MISTAKES)
    answer = site.ask("POST", "/api/v1/reload", ANNA)
    assert answer.status_code == 422
    assert [one["message"] for one in answer.json()["error"]["problems"]] == MISTAKES
    assert (site.reload.asked, site.journal.since(0)) == (False, [])
    site.spoiled.clear()
    answer = site.ask("POST", "/api/v1/reload", ANNA)
    assert (answer.status_code, answer.json()) == (202, {"status": "starts again"})
    assert site.reload.asked
    assert [(one.account, one.action) for one in site.journal.since(0)] == [("anna", Action.RELOADED.value)]


def test_the_log_is_cut_at_its_limit(site: Site) -> None:
    for name in "abc":
        site.journal.add(name, Action.CONFIGURED)
    answer = site.ask("GET", "/api/v1/journal?limit=2&since=0", ANNA).json()
    assert ([one["account"] for one in answer["entries"]], answer["truncated"]) == (["c", "b"], True)


def test_alerts_of_a_site_without_any(site: Site) -> None:
    assert site.ask("GET", "/api/v1/alerts", VERA).json() == {"alerts": [], "receivers": []}


def test_a_receiver_that_is_not_reached_is_on_the_page_and_the_counting_is_well() -> None:
    state = SiteState("Museum", receivers=(ReceiverState("phone", "the webhook answered with status 500", 1),))
    assert [one.text for one in alarms(state, None)] == [
        "Alerts do not reach phone: the webhook answered with status 500."
    ]
    assert unwell(state) == []


@pytest.mark.parametrize(
    ("path", "of_json"),
    [
        ("/api/v1/tallies?limit=500", lambda answer: answer["tallies"]),
        ("/api/v1/masks", lambda answer: [one for series in answer["places"] for one in series["windows"]]),
        ("/api/v1/zones", lambda answer: [one for series in answer["zones"] for one in series["windows"]]),
        (
            "/api/v1/heat?camera=entrance",
            lambda answer: [
                {"row": row, "column": column, "person_seconds": cell, "start_unix_s": one["start_unix_s"]}
                for one in answer["windows"]
                for row, cells in enumerate(one["person_seconds"])
                for column, cell in enumerate(cells)
                if cell is not None
            ],
        ),
    ],
)
def test_parquet_has_the_rows_of_json(tables: Site, path: str, of_json: Any) -> None:
    expected = of_json(tables.ask("GET", path, VERA).json())
    answer = tables.ask("GET", path + ("&" if "?" in path else "?") + "format=parquet", VERA)
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    assert answer.headers["content-disposition"].endswith('.parquet"')
    table = pyarrow.parquet.read_table(io.BytesIO(answer.content))
    rows = [row for row in table.to_pylist() if "place" not in row or row["place"]]
    shared = [{name: value for name, value in one.items() if name in table.column_names} for one in expected]
    assert len(shared) > 3
    assert [{name: row[name] for name in one} for row, one in zip(rows, shared, strict=True)] == shared


def test_a_table_of_nothing_has_its_columns(tables: Site) -> None:
    answer = tables.ask("GET", "/api/v1/tallies?camera=nobody&format=parquet", VERA)
    table = pyarrow.parquet.read_table(io.BytesIO(answer.content))
    assert (table.num_rows, table.column_names[:2], answer.headers["x-truncated"]) == (
        0,
        ["camera", "measure"],
        "false",
    )


def test_without_the_extra_the_answer_says_what_to_install(tables: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as if it were not there
    answer = tables.ask("GET", "/api/v1/tallies?format=parquet", VERA)
    assert answer.status_code == 406
    assert "pip install 'passerby[parquet]'" in answer.json()["error"]["message"]
    assert tables.ask("GET", "/api/v1/tallies?format=csv", VERA).status_code == 200
