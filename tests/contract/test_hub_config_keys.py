"""Every key of a hub's configuration changes something that the hub does. Those of its parts are tested beside them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from passerby.errors import ConfigError
from passerby.hub.config import HubConfig, json_schema, load
from passerby.hub.example import EXAMPLE
from passerby.hub.opening import accounts, open_tls
from passerby.records.access.changes import Changes
from tests.support.hub import RunningHub
from tests.support.program import passerby
from tests.support.site import eventually

ELSEWHERE = {
    "contract/test_hub_store_keys.py": {"ClickHouse", "PostgreSql"},
    "contract/test_hub_access_keys.py": {
        *("Oidc", "GroupRole", "HubAlert", "Escalation", "ContactMail", "Quiet", "Receiver"),
    },
    "contract/test_release_keys.py": {"ReleaseSettings"},
    "unit/test_fleet.py": {"Sites"},
}
HERE = {
    "HubPart": {"name", "time_zone", "url"},
    "HubWeb": {"host", "port", "names", "tls", "trusted_proxies"},
    "HubStore": {"folder", "series", "register"},
    "Tls": {"certificate", "key"},
}
WORDS = """\
hub: {{name: The northern malls, time_zone: Pacific/Apia, url: 'https://hub.example:444'}}
web: {{host: 127.0.0.2, port: {port}, names: [hub.example], tls: self-signed, trusted_proxies: [127.0.0.1]}}
store: {{folder: data, series: tallies.sqlite, register: people.sqlite}}
"""


def test_every_key_is_tested_somewhere() -> None:
    parts = json_schema()["$defs"]
    elsewhere = set[str]().union(*ELSEWHERE.values())
    assert set(parts) - elsewhere == set(HERE)
    assert {name: set(parts[name]["properties"]) for name in HERE} == HERE
    for name in ELSEWHERE:
        assert (Path(__file__).parent.parent / name).exists()


def test_the_example_says_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "hub.yaml").write_text(EXAMPLE)
    assert load(tmp_path).model_dump() == HubConfig().model_dump()


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", "http://127.0.0.1:8780"),
        ("web: {tls: self-signed, names: [hub.example]}", "https://hub.example:8780"),
        ("web: {names: [hub.example], trusted_proxies: [127.0.0.1]}", "https://hub.example"),
        ("hub: {url: 'https://other.example/'}\nweb: {names: [hub.example]}", "https://other.example"),
    ],
)
def test_where_sites_reach_a_hub(text: str, url: str, tmp_path: Path) -> None:
    (tmp_path / "hub.yaml").write_text(text)
    assert load(tmp_path).url == url


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningHub, str]]:
    """A hub with other values than the defaults everywhere, and a token that opens it."""
    with RunningHub(tmp_path_factory.mktemp("keys") / "hub") as running:
        (running.folder / "data").mkdir()
        (running.folder / "hub.key").rename(running.folder / "data" / "hub.key")
        (running.folder / "hub.yaml").write_text(WORDS.format(port=running.port))
        running.add("north")
        with running.register() as register:
            token, _ = Changes(accounts(register), register.log, "test").add_token("test", "admin", None)
        running.start()
        eventually(lambda: asked(running, token, "/healthz"))
        yield running, token


def asked(hub: RunningHub, token: str, path: str, **headers: str) -> httpx.Response | None:
    """An answer; None while nothing answers."""
    given = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        return httpx.get(f"https://127.0.0.2:{hub.port}{path}", headers=given, verify=False, trust_env=False)
    except httpx.ConnectError:
        return None


def test_keys_of_the_hub_itself(hub: tuple[RunningHub, str]) -> None:
    began = datetime.now(UTC).astimezone(ZoneInfo("Pacific/Apia"))
    page = asked(*hub, "/")
    assert page is not None
    ended = datetime.now(UTC).astimezone(ZoneInfo("Pacific/Apia"))
    assert "The northern malls" in page.text
    assert f"{began:%H:%M}" in page.text or f"{ended:%H:%M}" in page.text
    assert "passerby join https://hub.example:444 " in passerby("hub", "invite", "north", "--hub", hub[0].folder).err


def test_keys_of_web(hub: tuple[RunningHub, str]) -> None:
    by_name, by_other = (asked(*hub, "/healthz", Host=name) for name in ("hub.example", "other.example"))
    assert by_name is not None and by_other is not None
    assert [by_name.status_code, by_other.status_code] == [200, 403]  # names; that it answered: host, port and tls
    handed_on = asked(*hub, "/healthz", X_Forwarded_Proto="http")
    assert handed_on is not None
    assert "strict-transport-security" in by_name.headers
    assert "strict-transport-security" not in handed_on.headers  # the proxy's word was taken


def test_keys_of_store(hub: tuple[RunningHub, str]) -> None:
    folder = hub[0].folder
    assert {"tallies.sqlite", "people.sqlite", "hub.key"} <= {file.name for file in (folder / "data").iterdir()}
    assert {file.name for file in folder.iterdir()} == {"data", "hub.yaml", "hub.schema.json"}


@pytest.mark.parametrize("key", ["certificate", "key"])
def test_keys_of_a_certificate_of_ones_own(key: str, tmp_path: Path) -> None:
    given = {"certificate": "self-signed.crt", "key": "self-signed.key"}
    example = RunningHub(tmp_path / "hub").folder / "hub.yaml"
    example.write_text("web: {tls: self-signed}\n")
    assert open_tls(load(example)) is not None  # makes both files
    for name, works in ((given[key], True), ("absent.pem", False)):
        example.write_text(f"web: {{tls: {{{', '.join(f'{k}: {v}' for k, v in (given | {key: name}).items())}}}}}\n")
        if works:
            assert open_tls(load(example)) is not None
        else:
            with pytest.raises(ConfigError, match=r"absent\.pem"):
                open_tls(load(example))
