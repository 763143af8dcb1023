"""The API against its own description, by schemathesis: what is described is answered, and nothing else is."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from starlette.middleware import Middleware

from passerby.records.serving import serve
from passerby.site.config import SiteConfig
from passerby.site.control import Control
from passerby.site.corrections import Corrections
from passerby.site.journal import Journal
from passerby.site.occupancy import PlaceBoard
from passerby.site.paper.facts import facts_of
from passerby.site.paper.privacy_page import mount_privacy_notice
from passerby.site.place_windows import PlaceSettings
from passerby.site.reload import Reload
from passerby.site.shelf_desk import ShelfDesk
from passerby.site.store import Store
from passerby.site.web import ApiParts, create_app
from scripts.reference_api import routes_and_metrics
from tests.browser import venue
from tests.support import filled, grocer
from tests.support.signed_in import SignedIn

NOT_HERE = [
    schemathesis.checks.positive_data_acceptance,  # `until` before `since` is right in each part, and not as a whole
    schemathesis.checks.ignored_auth,  # here everybody has signed in; tests of access ask who has not
]
PLACES = (PlaceSettings("shop", lines=(("entrance", "Main door"),)),)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The application with everything in it: lines, zones, masks, heat, places, corrections and a log."""
    with Store(tmp_path_factory.mktemp("api") / "passerby.sqlite") as store:
        store.add([*filled.tallies(16), *grocer.tallies()])
        corrections, seen = Corrections(store.file), filled.settings()
        control = Control(corrections, Journal(store.file), PLACES, Reload(lambda: None))
        board = PlaceBoard(store, corrections, PLACES, seen)
        shelves = ShelfDesk(store, lambda: venue.WELL, seen, grocer.SHELVES, grocer.board())
        made = create_app(store, lambda: venue.WELL, seen, board, ApiParts(control=control, shelves=shelves))
        mount_privacy_notice(made, facts_of(SiteConfig()), lambda: venue.WELL)
        made.user_middleware.append(Middleware(SignedIn))  # innermost: what it says holds
        yield made


@pytest.fixture(scope="module")
def url(app: FastAPI) -> Iterator[str]:
    with serve(app, "127.0.0.1", 0) as found:
        yield found


@pytest.fixture(scope="module")
def described(app: FastAPI) -> Any:
    return schemathesis.openapi.from_dict(app.openapi())


ROUTES = [
    (method.upper(), path)
    for path, methods in routes_and_metrics()[0].items()
    for method in methods
    if path != "/api/v1/live"  # it does not end
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_what_is_described_is_answered(method: str, path: str, described: Any, url: str) -> None:
    """Statuses, types and every field; no server error, and nothing accepted that the description does not allow."""
    operation = described[path][method]

    @given(st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)))
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    def ask(case: Case[Any]) -> None:
        case.call_and_validate(base_url=url, excluded_checks=NOT_HERE)

    ask()


def test_each_form_of_an_answer_is_described(app: FastAPI, url: str) -> None:
    seen = {}
    for path, methods in app.openapi()["paths"].items():
        asked = {one["name"]: one for one in methods.get("get", {}).get("parameters", [])}
        needed = {name: "entrance" for name, one in asked.items() if one.get("required") and one["in"] == "query"}
        for form in asked.get("format", {"schema": {}})["schema"].get("enum", []):
            answer = httpx.get(url + path[1:], params={**needed, "format": form}, trust_env=False, timeout=60)
            assert answer.status_code == 200, answer.text
            kind = answer.headers["content-type"].partition(";")[0]
            assert kind in methods["get"]["responses"]["200"]["content"], f"{path} as {form}"
            seen[path, form] = kind
    assert {path for path, form in seen if form == "csv"} >= {"/api/v1/tallies", "/api/v1/history", "/api/v1/heat"}


def test_each_route_says_who_may_ask_and_how_it_refuses(described: Any, app: FastAPI) -> None:
    told = app.openapi()
    assert set(told["components"]["securitySchemes"]) == {"bearer", "session"}
    roles = {
        (method, path): operation.get("security", [{"bearer": []}])[0]["bearer"]
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    }
    place = "/api/v1/places/{place}"
    assert {key: role for key, role in roles.items() if role != ["viewer"]} == {
        ("get", "/healthz"): [],
        ("post", f"{place}/correction"): ["operator"],
        ("post", f"{place}/reset"): ["operator"],
        ("post", "/api/v1/reload"): ["admin"],
        ("get", "/api/v1/journal"): ["admin"],
    }
    for methods in told["paths"].values():
        for operation in methods.values():
            assert {"401", "403", "422", "503"} <= set(operation["responses"])
            assert all(operation["responses"][status].get("content") for status in operation["responses"])
            assert operation["summary"] and operation["operationId"]


def test_a_method_that_is_not_there_is_refused_with_those_that_are(url: str) -> None:
    answer = httpx.delete(f"{url}api/v1/tallies", trust_env=False)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
