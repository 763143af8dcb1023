"""Every key that the configuration accepts changes something that the program does. A key without a line fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from passerby.site.config import json_schema, load
from passerby.site.settings import page_settings
from tests.support.alert_effects import BASE, EFFECTS, VALUES
from tests.support.certificates import Authority
from tests.support.config_effects import ASKED, TLS, own
from tests.support.site import free_port

CONTAINERS = {
    *("site", "store", "web", "cameras", "masks", "heat_map", "places", "mqtt", "proof", "notify", "alerts"),
    *("reports", "notice", "checks", "hub"),
}  # they change what their keys change


def keys() -> Iterator[str]:
    schema = json_schema()
    yield from set(schema["properties"]) - CONTAINERS - {"profile"}  # it has a test of its own
    for name, part in schema["$defs"].items():
        yield from (f"{name}.{key}" for key in part["properties"])


def test_every_key_has_an_effect_here() -> None:
    assert set(keys()) == set(EFFECTS)


def test_the_profile_changes_what_is_kept(tmp_path: Path) -> None:
    line = "{{name: x, from: [0, 0], to: [1, 1]{masks}}}"
    text = "window_s: 1200\n{profile}cameras: [{{name: a, source: a.mp4, lines: [" + line + "]}}]"
    known = []
    for profile in ("", "profile: decree-2021-269\n"):
        (tmp_path / "site.yaml").write_text(text.format(profile=profile, masks=ASKED))
        known.append(page_settings(load(tmp_path / "site.yaml")))
    assert [len(settings.plans[0].lines) for settings in known] == [1, 0]
    assert [settings.site_only for settings in known] == [False, True]


@pytest.mark.parametrize("key", sorted(EFFECTS))
def test_every_key_changes_something(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOOR_PASSWORD", "from the environment")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "one").write_text("first_password")
    (tmp_path / "two").write_text("second_password")
    Authority.made(tmp_path)
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}_url").write_text(f"json://{name}.example/")
    monkeypatch.setenv("NOTIFY_URL", "json://three.example/")
    changes, effect = EFFECTS[key]
    values = VALUES | {"port": str(free_port())} | ({"model": own()} if key.startswith("OwnModel.") else {})
    values |= {"tls": TLS} if key.startswith("Tls.") else {}
    results = []
    for chosen in (
        values,
        values | {name: value.replace("{free_port}", str(free_port())) for name, value in changes.items()},
    ):
        (tmp_path / "site.yaml").write_text(BASE.format(**chosen))
        results.append(effect(load(tmp_path / "site.yaml")))
    assert results[0] != results[1]
