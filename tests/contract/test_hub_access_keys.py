"""Each key of `oidc:`, `alerts:` and `contacts:` of `hub.yaml` changes what a hub does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from passerby.errors import ConfigError
from passerby.hub.access.openid.config import GroupRole, Oidc
from passerby.hub.alerts.config import ContactMail, Escalation, HubAlert
from passerby.hub.alerts.opening import alert_desk, contact_url
from passerby.hub.alerts.tables import MESSAGES
from passerby.hub.config import HubConfig, load
from passerby.hub.register import Database, Register
from tests.support.filled_hub import SCRIPTS, FilledHub, filled_hub
from tests.support.hub_desk import Watch, hook
from tests.support.hub_door import ROLES, door, oidc, who
from tests.support.openid import SECRET, OpenId, providing
from tests.support.receiving import Receiving

FULL = {
    "name": "too full", "when": "occupancy_over", "limit": 100, "to": ["duty"],
    "escalate": [{"after_minutes": 5, "to": ["boss"]}],
}  # fmt: skip
UNUSUAL = {"name": "unusual", "when": "unusual", "to": ["duty"], "venues": ["bridge", "canal", "station"]}
CONTACTS = {"url_env": "MAIL"}
STEP = FULL["escalate"][0]  # type: ignore[index]
ALERTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "HubAlert.name": (FULL, {"name": "crowded"}),
    "HubAlert.when": (FULL, {"when": "checks_failing", "limit": 1}),
    "HubAlert.limit": (FULL, {"limit": 80}),
    "HubAlert.clear_at": (FULL, {"clear_at": 97}),
    "HubAlert.for_minutes": (FULL, {"for_minutes": 30}),
    "HubAlert.for_hours": (UNUSUAL, {"for_hours": 8}),
    "HubAlert.direction": (UNUSUAL, {"direction": "fewer"}),
    "HubAlert.width": (UNUSUAL, {"width": 5}),
    "HubAlert.organisations": (FULL, {"organisations": ["Tide Clinics"]}),
    "HubAlert.districts": (FULL, {"districts": ["South"]}),
    "HubAlert.tags": (FULL, {"tags": ["flagship"]}),
    "HubAlert.venues": (FULL, {"venues": ["harbour"]}),
    "HubAlert.quiet": (FULL, {"quiet": {"from": "13:00", "to": "20:00"}}),
    "HubAlert.to": (FULL, {"to": ["boss"]}),
    "HubAlert.tell_contact": (FULL, {"tell_contact": True}),
    "HubAlert.escalate": (FULL, {"escalate": []}),
    "Escalation.after_minutes": (FULL, {"escalate": [{**STEP, "after_minutes": 100}]}),
    "Escalation.to": (FULL, {"escalate": [{**STEP, "to": ["duty", "boss"]}]}),
}
NORTH = ROLES[1]
OIDC: dict[str, dict[str, Any]] = {
    "Oidc.name": {"name": "Tide Malls"},
    "Oidc.issuer": {"issuer": "http://127.0.0.1:9/realm"},
    "Oidc.client_id": {"client_id": "another"},
    "Oidc.scopes": {"scopes": ("openid", "profile", "groups")},
    "Oidc.groups_claim": {"groups_claim": "roles"},
    "Oidc.name_claim": {"name_claim": "nickname"},
    "Oidc.roles": {"roles": ROLES[:1]},
    "Oidc.mail_domains": {"mail_domains": ("mall.example",), "scopes": ("openid", "email")},
    "Oidc.session_minutes": {"session_minutes": 20},
    "GroupRole.group": {"roles": ({**NORTH, "group": "south"},)},
    "GroupRole.role": {"roles": ({**NORTH, "role": "viewer"},)},
    "GroupRole.whole_hub": {"roles": ({"group": "north", "role": "operator", "whole_hub": True},)},
    "GroupRole.organisations": {"roles": ({**NORTH, "organisations": ("Tide Clinics",)},)},
    "GroupRole.districts": {"roles": ({**NORTH, "districts": ("West",)},)},
    "GroupRole.venues": {"roles": ({**NORTH, "venues": ("quay",)},)},
}
SECRETS = {
    f"{model}.{prefix}_{kind}"
    for model, prefix in (("Oidc", "secret"), ("ContactMail", "url"))
    for kind in ("file", "env", "credential")
}


def test_no_key_is_left_out() -> None:
    keys = {
        f"{model.__name__}.{name}"
        for model in (HubAlert, Escalation, ContactMail, Oidc, GroupRole)
        for name in model.model_fields
    }
    assert keys == ALERTS.keys() | OIDC.keys() | SECRETS


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilledHub]:
    wanted = tuple(one for one in SCRIPTS if one.venue.slug in ("harbour", "canal", "station", "hill", "bridge"))
    with filled_hub(tmp_path_factory.mktemp("filled"), wanted) as made:
        yield made


@pytest.fixture(autouse=True)
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HOOK", "secret"), ("MAIL", "mailto://127.0.0.1:9?from=a@b.example&to={mail}")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OIDC", "from-the-environment")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))


def written(folder: Path, **sections: Any) -> HubConfig:
    (folder / "hub.yaml").write_text(json.dumps(sections))
    return load(folder)


def told(folder: Path, hub: FilledHub, alert: dict[str, Any]) -> list[tuple[str, str, str]]:
    """All that would be sent in an hour in which one venue empties."""
    folder.mkdir()
    away = Receiving("127.0.0.1:9")
    notify = [hook("duty", away), hook("boss", away)]
    config = written(folder, notify=notify, contacts=CONTACTS, alerts=[alert])
    register = Register(Database(folder / "alerts.sqlite"), lambda: hub.now)
    watch = Watch(hub, alert_desk(config, hub.board, register, lambda: hub.now), away, folder)
    began = hub.now
    try:
        for after_s, inside in ((0, 1043), (300, 1043), (300, 1043), (60, 960), (60, 890), (1800, 890)):
            hub.now += after_s
            for script in SCRIPTS:
                if script.venue.slug in ("harbour", "canal", "hill", "bridge"):
                    watch.change(script.venue.slug)
            watch.change("station", inside=float(inside))
            watch.look()
        with register.database.reading() as connection:
            asked = select(MESSAGES.c.receiver, MESSAGES.c.title, MESSAGES.c.text).order_by(MESSAGES.c.number)
            return [tuple(row) for row in connection.execute(asked)]
    finally:
        hub.now = began


@pytest.mark.parametrize("key", sorted(ALERTS))
def test_each_key_of_alerts_changes_what_is_told(key: str, tmp_path: Path, hub: FilledHub) -> None:
    base, change = ALERTS[key]
    before, after = told(tmp_path / "a", hub, base), told(tmp_path / "b", hub, base | change)
    assert before and before != after


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenId]:
    claims = {"groups": ["north"], "roles": [], "name": "Anna Ng", "nickname": "Annie"}
    with providing(**claims) as known:
        yield known


def way(folder: Path, openid: OpenId, config: Oidc, secret: str = SECRET) -> list[object]:
    """What a browser sees that logs in, and half an hour later."""
    folder.mkdir()
    with door(folder, openid, config, secret) as made, made.browser() as browser:
        button = "Tide Malls" in browser.get("/sign-in").text
        seen: list[object] = [button, made.log_in(browser).status_code, openid.scopes, who(browser)]
        made.later["s"] = 1800.0
        return [*seen, who(browser)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, openid: OpenId) -> list[object]:
    return way(tmp_path_factory.mktemp("plain") / "door", openid, oidc(openid))


@pytest.mark.parametrize("key", sorted(OIDC))
def test_each_key_of_oidc_changes_what_a_browser_sees(
    key: str, tmp_path: Path, openid: OpenId, plain: list[object]
) -> None:
    assert plain[1] == 200 and plain[3] == plain[4] is not None
    assert way(tmp_path / "door", openid, oidc(openid, **OIDC[key])) != plain


@pytest.mark.parametrize("kind", ["file", "env", "credential"])
def test_each_place_of_a_secret_is_read(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "mailto://127.0.0.1:9?from=a@b.example&to={mail}&x=1"
    (tmp_path / "SECRET").write_text(url)
    monkeypatch.setenv("SECRET", url)
    config = written(tmp_path, contacts={f"url_{kind}": "SECRET"})
    assert contact_url(config) == url
    given = {"issuer": "https://a.example", "client_id": "hub", f"secret_{kind}": "SECRET", "roles": list(ROLES)}
    found = written(tmp_path, oidc=given).oidc
    assert found is not None and found.kept_secret.read(config.path_of) == url


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"alerts": [{**FULL, "to": ["nobody"]}]}, "there is no nobody under notify"),
        ({"alerts": [{"name": "a", "when": "venue_silent", "tell_contact": True}]}, "tell_contact needs contacts"),
        ({"alerts": [{"name": "a", "when": "venue_silent"}]}, "nobody is told"),
        ({"alerts": [{"name": "a", "when": "venue_silent", "limit": 1, "to": ["duty"]}]}, "takes no limit"),
        ({"alerts": [{"name": "a", "when": "cameras_down", "to": ["duty"]}]}, "needs limit"),
        ({"alerts": [{"name": "a", "when": "unusual", "for_minutes": 1, "to": ["duty"]}]}, "takes no for_minutes"),
        ({"alerts": [{**FULL, "width": 2}]}, "for unusual alone"),
        ({"alerts": [{**FULL, "clear_at": 101}]}, "clear_at"),
        ({"alerts": [FULL, {**FULL, "name": "TOO FULL"}]}, "two have the name"),
        ({"alerts": [{**FULL, "escalate": [{"after_minutes": 5, "to": ["boss"]}] * 2}]}, "the soonest first"),
        ({"contacts": {"url_env": "HOOK"}}, "{mail}"),
        ({"contacts": {}}, "give one of url_file"),
    ],
)
def test_what_does_not_fit_is_named(sections: dict[str, Any], words: str, tmp_path: Path) -> None:
    notify = [hook("duty", Receiving("127.0.0.1:9")), hook("boss", Receiving("127.0.0.1:9"))]
    with pytest.raises(ConfigError) as caught:
        contact_url(written(tmp_path, notify=notify, **sections))
    assert words in str(caught.value) and "secret" not in str(caught.value).replace("secret_", "")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"issuer": "http://login.example"}, "https"),
        ({"secret_file": "a"}, "give one of"),
        ({"scopes": ("profile",)}, "openid is needed"),
        ({"mail_domains": ("mall.example",)}, "needs email"),
        ({"roles": ()}, "at least 1"),
        ({"roles": ({"group": "a", "role": "viewer"},)}, "whole_hub"),
        ({"roles": ({**NORTH, "whole_hub": True},)}, "whole_hub"),
        ({"roles": ({**NORTH, "role": "owner"},)}, "viewer"),
    ],
)
def test_a_log_in_that_does_not_fit_is_named(change: dict[str, Any], words: str, openid: OpenId) -> None:
    with pytest.raises(ValidationError, match=words):
        oidc(openid, **change)
