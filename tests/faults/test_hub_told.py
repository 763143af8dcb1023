"""A hub in a process of its own: who logs in sees their venues; what it tells is told once, though it is killed."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import yaml

from passerby.hub.access.openid.flow import BEGIN
from passerby.hub.access.scope import reach
from passerby.hub.contract import Venue
from passerby.hub.opening import accounts
from passerby.records.access.changes import Changes
from tests.support.hub import RunningHub
from tests.support.openid import CLIENT, SECRET, OpenId, providing
from tests.support.receiving import Receiving, receiving
from tests.support.site import eventually

PAST = date(2026, 1, 1)
TOMORROW = datetime.now(UTC).date() + timedelta(days=30)


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "a-secret-of-the-hook")
    monkeypatch.setenv("OIDC", SECRET)


def sections(got: Receiving, openid: OpenId) -> str:
    oidc = {
        "issuer": openid.issuer, "client_id": CLIENT, "secret_env": "OIDC",
        "roles": [{"group": "north", "role": "operator", "districts": ["North"]}],
    }  # fmt: skip
    rule = {"name": "late", "when": "venue_overdue", "to": ["duty"]}
    hook = {"name": "duty", "webhook": f"http://{got.address}/", "secret_env": "HOOK"}
    return yaml.safe_dump({"oidc": oidc, "notify": [hook], "alerts": [rule]})


def events(got: Receiving) -> list[tuple[str, str]]:
    bodies = [json.loads(one.body) for one in got.got]
    return [(one["event"], one["venue"]) for one in bodies]


def test_killed_or_not_it_is_told_once_and_each_sees_their_own(tmp_path: Path) -> None:
    with (
        receiving() as got,
        providing(groups=["north"], name="Anna Ng") as openid,
        RunningHub(tmp_path / "hub", sections(got, openid)) as hub,
    ):
        hub.add("harbour", district="North", deadline=PAST)
        hub.add("quay", district="South", deadline=PAST)
        with hub.register() as register:
            changes = Changes(accounts(register), register.log, "test")
            token = changes.add_token("grafana", "viewer", None, reach((), ("South",), ()))[0]
        got.statuses[:] = [500] * 4
        hub.start().wait_open()
        eventually(lambda: len(got.got) >= 2, 60)
        hub.kill()
        got.statuses.clear()
        hub.start().wait_open()
        # The one that was killed held the watch for some seconds more.
        eventually(lambda: {("began", "harbour"), ("began", "quay")} <= set(events(got)[4:] or events(got)), 120)
        _each_sees_their_own(hub, token)
        _late_no_more(hub, "quay")
        eventually(lambda: ("ended", "quay") in events(got), 60)
        hub.stop()
        assert len([one for one in events(got) if one[0] == "ended"]) == 1
        ids = {json.loads(one.body)["id"] for one in got.got}
        assert len(ids) == 3, "two began and one ended; what was tried again has the same id"
        assert "a-secret" not in hub.log.read_text() and SECRET not in hub.log.read_text()


def _each_sees_their_own(hub: RunningHub, token: str) -> None:
    bearer = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=hub.url, trust_env=False, timeout=60) as program:
        metrics = program.get("/metrics", headers=bearer).text
        assert 'venue="quay"' in metrics and "harbour" not in metrics and "deliveries" not in metrics
        assert program.get("/api/v1/venues/harbour", headers=bearer).status_code == 404
        assert "reasons" not in program.get("/healthz", headers=bearer).json()
    with httpx.Client(base_url=hub.url, trust_env=False, timeout=60) as browser:
        assert browser.get("/api/v1/venues").status_code == 401
        begun = browser.get(BEGIN)
        there = httpx.get(begun.headers["location"], trust_env=False).headers["location"]
        assert browser.get(there.removeprefix(hub.url)).status_code == 200
        told = browser.get("/api/v1/venues").json()
        assert [one["venue"] for one in told["venues"]] == ["harbour"]
        page = browser.get("/").text
        assert "quay" not in page.lower()


def _late_no_more(hub: RunningHub, slug: str) -> None:
    with hub.register() as register:
        venue: Venue = register.known(slug)
        register.change(replace(venue, deadline=TOMORROW), "test")
