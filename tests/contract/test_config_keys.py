"""Every key that the configuration accepts changes something that the program does. A key without a line here fails."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from passerby.gate.sources import parse
from passerby.site.config import OwnModel, SiteConfig, camera_plan, json_schema, load
from passerby.site.figures import Settings, midnight
from passerby.site.page_words import alarms
from passerby.site.serving import serve
from passerby.site.signin import sign_in
from passerby.site.state import SiteState
from passerby.site.store import Store
from passerby.site.watch import initial_state
from passerby.site.web import create_app

BASE = """
window_s: {window_s}
site: {{name: {site_name}, time_zone: {time_zone}}}
store: {{file: {store_file}}}
web: {{host: {host}, port: {port}, names: [{web_name}]}}
model: {model}
workers: {workers}
cameras:
  - name: {camera}
    source: {source}
    credentials: {{username: {username}, {password}}}
    view: {view}
    analysed_fps: {fps}
    lines: [{{name: {line}, from: {start}, to: {end}}}]
    zones: [{{name: {zone}, corners: {corners}}}]
  - {{name: second, source: b.mp4, lines: [{{name: x, from: [0, 0], to: [1, 1]}}]}}
"""
VALUES = {
    "window_s": "900", "site_name": "A", "time_zone": "UTC", "store_file": "a.sqlite", "host": "127.0.0.1", "port": "1",
    "web_name": "a.example", "model": "yolox-nano", "workers": "1", "camera": "first", "source": "rtsp://camera.example/s",
    "username": "u", "password": "password_file: one", "view": "level", "fps": "8", "line": "door",
    "start": "[0, 0]", "end": "[1, 1]", "zone": "hall", "corners": "[[0, 0], [1, 0], [1, 1]]",
}  # fmt: skip
OWN = "{{file: {file}, family: {family}, input: {input}, threshold: {threshold}}}"
OWN_VALUES = {"file": "a.onnx", "family": "ssd", "input": "[416, 256]", "threshold": "0.4"}


def own(**changes: str) -> str:
    return OWN.format(**(OWN_VALUES | changes))


def plan(config: SiteConfig) -> object:
    return camera_plan(config.cameras[0], config)


def signed(config: SiteConfig) -> object:
    known = sign_in(config.cameras[0], config)
    return known and (known.username, known.password)


def answers(config: SiteConfig) -> int:
    settings = Settings((), config.window_s, config.site.zone, config.web.names)
    with Store(config.store_file) as store:
        app = create_app(store, lambda: SiteState(config.site.name), settings)
        with serve(app, "127.0.0.1", 0) as url, httpx.Client(trust_env=False) as client:
            return client.get(f"{url}api/v1/state", headers={"host": "a.example"}).status_code


def served(config: SiteConfig) -> str:
    with serve(_silent, config.web.host, config.web.port) as url:
        return url


def named(config: SiteConfig) -> object:
    state = initial_state(config.site.name, [], 1, unsafe=False)
    return (state.site, alarms(replace(state, unsafe=True), None)[0])


def model(config: SiteConfig) -> object:
    return (config.path_of(config.model.file), config.model) if isinstance(config.model, OwnModel) else config.model


EFFECTS: dict[str, tuple[dict[str, str], Callable[[SiteConfig], object]]] = {
    "window_s": ({"window_s": "60"}, plan),
    "workers": ({"workers": "2"}, lambda config: config.worker_count),
    "model": ({"model": "nanodet-g"}, model),
    "OwnModel.file": ({"model": own(file="b.onnx")}, model),
    "OwnModel.family": ({"model": own(family="yolox")}, model),
    "OwnModel.input": ({"model": own(input="[320, 256]")}, model),
    "OwnModel.threshold": ({"model": own(threshold="0.5")}, model),
    "Site.name": ({"site_name": "B"}, named),
    "Site.time_zone": ({"time_zone": "Asia/Tokyo"}, lambda config: midnight(1_760_000_000, config.site.zone)),
    "StoreFile.file": ({"store_file": "b.sqlite"}, lambda config: config.store_file),
    "Web.host": ({"host": "127.0.0.2"}, served),
    "Web.port": ({"port": "{free_port}"}, served),
    "Web.names": ({"web_name": "b.example"}, answers),
    "Camera.name": ({"camera": "other"}, plan),
    "Camera.source": ({"source": "rtsps://camera.example/s"}, lambda config: parse(config.cameras[0].source).text),
    "Camera.credentials": ({"password": "password_file: two"}, signed),
    "Camera.view": ({"view": "overhead"}, plan),
    "Camera.analysed_fps": ({"fps": "5"}, plan),
    "Camera.lines": ({"line": "gate"}, plan),
    "Camera.zones": ({"zone": "yard"}, plan),
    "Credentials.username": ({"username": "v"}, signed),
    "Credentials.password_file": ({"password": "password_file: two"}, signed),
    "Credentials.password_env": ({"password": "password_env: DOOR_PASSWORD"}, signed),
    "Credentials.password_credential": ({"password": "password_credential: two"}, signed),
    "LineShape.name": ({"line": "gate"}, plan),
    "LineShape.from": ({"start": "[0, 0.5]"}, plan),
    "LineShape.to": ({"end": "[1, 0.5]"}, plan),
    "ZoneShape.name": ({"zone": "yard"}, plan),
    "ZoneShape.corners": ({"corners": "[[0, 0], [1, 0], [0, 1]]"}, plan),
}
CONTAINERS = {"site", "store", "web", "cameras"}  # they change what their keys change


def keys() -> Iterator[str]:
    schema = json_schema()
    yield from set(schema["properties"]) - CONTAINERS
    for name, part in schema["$defs"].items():
        yield from (f"{name}.{key}" for key in part["properties"])


def test_every_key_has_an_effect_here() -> None:
    assert set(keys()) == set(EFFECTS)


def free_port() -> str:
    with serve(_silent, "127.0.0.1", 0) as url:
        return url.rsplit(":", 1)[1].strip("/")


async def _silent(scope: Any, receive: Any, send: Any) -> None:
    for kind in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{kind}.complete"})


@pytest.mark.parametrize("key", sorted(EFFECTS))
def test_every_key_changes_something(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOOR_PASSWORD", "from the environment")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "one").write_text("first password")
    (tmp_path / "two").write_text("second password")
    changes, effect = EFFECTS[key]
    values = VALUES | {"port": free_port()} | ({"model": own()} if key.startswith("OwnModel.") else {})
    results = []
    for chosen in (
        values,
        values | {name: value.replace("{free_port}", free_port()) for name, value in changes.items()},
    ):
        (tmp_path / "site.yaml").write_text(BASE.format(**chosen))
        results.append(effect(load(tmp_path / "site.yaml")))
    assert results[0] != results[1]
