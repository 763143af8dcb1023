"""A hub's API against its own description, by schemathesis: what is described is answered, and nothing else is."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from passerby.hub.alerts.contract import AlertNow
from passerby.hub.api import QUESTIONS, answers
from scripts.reference_hub_api import hub_application
from tests.support.hub_api import HubApi, hub_api

NOT_HERE = [
    schemathesis.checks.positive_data_acceptance,  # `last` before `first` is right in each part, and not as a whole
    schemathesis.checks.ignored_auth,  # tests of the API ask who has not signed in
]
ROUTES = [
    ("GET", "/api/v1/venues"),
    ("GET", "/api/v1/venues/{slug}"),
    ("GET", "/api/v1/venues/{slug}/tallies"),
    ("GET", "/api/v1/days"),
    ("GET", "/api/v1/ranking"),
    ("GET", "/api/v1/rollout"),
    ("GET", "/api/v1/alerts"),
    ("POST", "/api/v1/alerts/{number}/acknowledge"),
    ("GET", "/api/v1/log"),
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubApi]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOK", "a-secret-of-the-hook")
        folder, few = tmp_path_factory.mktemp("hub"), ("canal", "station", "garden")
        with hub_api(folder, lambda one: one.venue.slug in few, open_to_all=True) as made:
            yield made


@pytest.fixture(scope="module")
def described(api: HubApi) -> Any:
    # Everybody is let in here, so that no made-up token is a wrong one.
    told = copy.deepcopy(api.app.openapi())
    for methods in told["paths"].values():
        for operation in methods.values():
            operation["security"] = []
    return schemathesis.openapi.from_dict(told)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_what_is_described_is_answered(method: str, path: str, described: Any, api: HubApi) -> None:
    operation = described[path][method]

    @given(st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)))
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    def ask(case: Case[Any]) -> None:
        case.call_and_validate(base_url=api.url, excluded_checks=NOT_HERE)

    ask()


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("venues", answers.VenuesAnswer),
        ("venues/canal", answers.VenueDetailAnswer),
        ("venues/canal/tallies", answers.HubTalliesAnswer),
        ("days", answers.DaysAnswer),
        ("ranking", answers.RankingAnswer),
        ("rollout", answers.RolloutAnswer),
        ("alerts", answers.HubAlertsAnswer),
        ("log", answers.LogAnswer),
    ],
)
def test_each_answer_has_every_field_that_is_described(path: str, model: Any, api: HubApi) -> None:
    told = api.ask("admin", path)
    assert told.status_code == 200
    model.model_validate_json(told.content)


def test_an_alert_tells_all_that_is_known_of_it() -> None:
    """But when its first receiver was told, which is the escalation's."""
    assert set(answers.HubAlertAnswer.model_fields) == set(AlertNow.__slots__) - {"told_unix_s"}


def test_each_route_says_who_may_ask_and_how_it_refuses() -> None:
    with hub_application() as app:
        told = app.openapi()
    roles = {}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            assert {"401", "403", "422", "503"} <= set(operation["responses"])
            assert operation["summary"] and operation["operationId"]
            roles[method.upper(), path] = operation.get("security", [{"bearer": []}])[0]["bearer"]
    assert set(ROUTES) == {key for key in roles if key[1].startswith("/api/")}
    assert {key: role for key, role in roles.items() if role != ["viewer"]} == {
        ("GET", "/healthz"): [],
        ("POST", "/api/v1/alerts/{number}/acknowledge"): ["operator"],
        ("GET", "/api/v1/log"): ["admin"],
    }
    assert set(QUESTIONS) == {path for method, path in ROUTES if method == "GET" and "{" not in path}
