"""Every key that the configuration accepts changes something that the program does. A key without a line here fails."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse

from passerby.errors import ConfigError
from passerby.gate.sources import parse
from passerby.site.access.opening import open_tls
from passerby.site.access.tls import self_signed
from passerby.site.config import OwnModel, SiteConfig, camera_plan, json_schema, load
from passerby.site.figures import Settings, midnight
from passerby.site.outputs import mqtt
from passerby.site.outputs.alerts import alert_desk
from passerby.site.outputs.receivers import ways_to
from passerby.site.page_words import alarms
from passerby.site.proof import ProvableLine
from passerby.site.proof.proofs import ProofWindow
from passerby.site.proof.report import line_proof
from passerby.site.serving import serve
from passerby.site.settings import page_settings, place_settings
from passerby.site.signin import sign_in
from passerby.site.state import SiteState
from passerby.site.store import Store
from passerby.site.watch import initial_state
from passerby.site.web import create_app
from tests.support.certificates import Authority

BASE = """
window_s: {window_s}
site: {{name: {site_name}, time_zone: {time_zone}}}
store: {{file: {store_file}}}
web: {{host: {host}, port: {port}, names: [{web_name}], tls: {tls}, trusted_proxies: [{proxy}]}}
model: {model}
workers: {workers}
masks: {{model: {mask_model}, minimum_judged: {minimum_judged}}}
heat_map: {{minimum_people: {minimum_people}}}
mqtt: {{host: {broker}, port: {broker_port}, tls: {broker_tls}, client_id: {client}, topic_prefix: {prefix},
  credentials: {signing_in}, discovery: {discovery}, discovery_prefix: {found_at}}}
proof: {{margin: {margin}}}
places:
  - {{name: {place}, opens: {opens}, crowd_limit: {place_limit}, zones_see_all: {see_all}}}
  - {{name: upstairs}}
notify:
  - {{name: {receiver}, {url}}}
  - {{name: hook, webhook: "{webhook}", {secret}}}
  - {{name: spare, url_file: one_url}}
alerts: [{alert}]
cameras:
  - name: {camera}
    source: {source}
    credentials: {{username: {username}, {password}}}
    view: {view}
    analysed_fps: {fps}
    lines: [{{name: {line}, from: {start}, to: {end}, place: {line_place}{line_masks}}}]
    zones:
      - {{name: {zone}, corners: {corners}, place: {zone_place}, crowd_limit: {zone_limit}, queue: {queue}{zone_masks}}}
    heat_map: {heat_map}
    staff_areas: [{{corners: {staff}}}]
    privacy_masks: [{{corners: {blank}}}]
  - name: second
    source: b.mp4
    lines:
      - {{name: x, from: [0, 0], to: [1, 1], place: upstairs}}
      - {{name: y, from: [0, 0], to: [1, 1], place: {place}}}
"""
VALUES = {
    "window_s": "900", "site_name": "A", "time_zone": "UTC", "store_file": "a.sqlite", "host": "127.0.0.1", "port": "1",
    "tls": "null", "proxy": "192.0.2.1",
    "web_name": "a.example", "model": "yolox-nano", "workers": "1", "camera": "first", "source": "rtsp://camera.example/s",
    "username": "u", "password": "password_file: one", "view": "level", "fps": "8", "line": "door",
    "start": "[0, 0]", "end": "[1, 1]", "zone": "hall", "corners": "[[0, 0], [1, 0], [1, 1]]",
    "mask_model": "null", "minimum_judged": "20", "minimum_people": "5", "margin": "0.05", "place": "shop",
    "opens": "'06:00'",
    "place_limit": "9", "see_all": "false", "line_place": "shop", "line_masks": "", "zone_place": "shop",
    "zone_limit": "3", "queue": "{head: [0, 0], tail: [1, 1]}", "zone_masks": "", "heat_map": "false",
    "broker": "a.example", "broker_port": "null", "broker_tls": "false", "client": "null", "prefix": "passerby",
    "signing_in": "null", "discovery": "true", "found_at": "homeassistant",
    "receiver": "phone", "url": "url_file: one_url", "webhook": "https://a.example/x", "secret": "secret_file: one",
    "alert": "{name: full, when: occupancy_over, place: upstairs, limit: 9, to: [spare]}",
    "staff": "[[0, 0], [1, 0], [1, 1]]", "blank": "[[0, 0], [1, 0], [1, 1]]",
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


def placed(config: SiteConfig) -> object:
    return place_settings(config)


def asked(config: SiteConfig) -> object:
    settings = page_settings(config)
    return (settings.purposes, settings.minimum_judged, settings.site_only)


def told(config: SiteConfig) -> object:
    to = mqtt.channel(config)
    assert to is not None
    authorities = to.broker.tls and to.broker.tls.get_ca_certs()
    return (replace(to, broker=replace(to.broker, tls=None)), authorities, to.broker.tls is None)


def proved(config: SiteConfig) -> object:
    """Whether windows in which the engine counts a tenth too many are equal to a count by hand."""
    line = ProvableLine("first", "door", "mark")
    windows = [ProofWindow(start, 900, "mark", (100, 0), (110, 0), 900) for start in range(0, 9000, 900)]
    whole = line_proof(line, windows, config.proof.margin, None).whole
    return whole and whole.equivalent


ASKED = ", masks: true, purpose: for the statistics"


def watched(config: SiteConfig) -> object:
    desk = alert_desk(config)
    assert desk is not None
    noon, night = 1_760_004_000, 1_760_043_600
    quiet = [one.quiet and (one.quiet.holds(noon, None), one.quiet.holds(night, None)) for one in config.alerts]
    return (desk.alerts(), quiet)


def reached(config: SiteConfig) -> object:
    """Who is told, with address and secret, which nothing shows."""
    ways = ways_to(config.notify, config.path_of)
    services = {name: [one.url() for one in vars(way).get("_apprise", ())] for name, way in ways.items()}
    return (services, [(vars(way)["_url"], vars(way)["_secret"]) for way in ways.values() if "_url" in vars(way)])


def alert(**changes: str) -> dict[str, str]:
    known = {"name": "full", "when": "occupancy_over", "place": "upstairs", "limit": "9", "to": "[spare]"} | changes
    return {"alert": "{" + ", ".join(f"{key}: {value}" for key, value in known.items() if value) + "}"}


def answers(config: SiteConfig) -> int:
    settings = Settings((), config.window_s, config.site.zone, config.web.names)
    with Store(config.store_file) as store:
        app = create_app(store, lambda: SiteState(config.site.name), settings)
        with serve(app, "127.0.0.1", 0) as url, httpx.Client(trust_env=False) as client:
            return client.get(f"{url}api/v1/state", headers={"host": "a.example"}).status_code


def served(config: SiteConfig) -> str:
    with serve(_silent, config.web.host, config.web.port) as url:
        return url


TLS = "{certificate: self-signed.crt, key: self-signed.key}"


def encrypts(config: SiteConfig) -> str:
    self_signed(config.path_of(""), "127.0.0.1", ())
    try:
        return str(open_tls(config) is not None)
    except ConfigError as error:
        return str(error)


def asked_by(config: SiteConfig) -> str:
    """What the server takes for the address of who asks, when a proxy on this machine names another one."""
    heard = []

    async def listening(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _silent(scope, receive, send)
        else:
            heard.append(scope["client"][0])
            await JSONResponse({})(scope, receive, send)

    with serve(listening, "127.0.0.1", 0, None, config.web.trusted_proxies) as url:
        httpx.get(url, headers={"X-Forwarded-For": "198.51.100.7"}, trust_env=False)
    return str(heard[0])


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
    "Web.tls": ({"tls": "self-signed"}, lambda config: open_tls(config) is None),
    "Web.trusted_proxies": ({"proxy": "127.0.0.1"}, asked_by),
    "Tls.certificate": ({"tls": "{certificate: absent.pem, key: self-signed.key}"}, encrypts),
    "Tls.key": ({"tls": "{certificate: self-signed.crt, key: absent.pem}"}, encrypts),
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
    "Camera.heat_map": ({"heat_map": "true"}, plan),
    "Camera.staff_areas": ({"staff": "[[0, 0], [1, 0], [0, 1]]"}, plan),
    "Camera.privacy_masks": ({"blank": "[[0, 0], [1, 0], [0, 1]]"}, plan),
    "Area.corners": ({"blank": "[[0, 0], [1, 0], [0, 1]]"}, plan),
    "Masks.model": ({"mask_model": "other"}, lambda config: config.masks.model),
    "Masks.minimum_judged": ({"minimum_judged": "30"}, asked),
    "Mqtt.host": ({"broker": "b.example"}, told),
    "Mqtt.port": ({"broker_port": "1884"}, told),
    "Mqtt.credentials": ({"signing_in": "{username: u, password_file: one}"}, told),
    "Mqtt.tls": ({"broker_tls": "true"}, told),
    "MqttTls.ca": ({"broker_tls": "{ca: authority.pem}"}, told),
    "Mqtt.client_id": ({"client": "door"}, told),
    "Mqtt.topic_prefix": ({"prefix": "venues/passerby"}, told),
    "Mqtt.discovery": ({"discovery": "false"}, told),
    "Mqtt.discovery_prefix": ({"found_at": "ha"}, told),
    "HeatMaps.minimum_people": ({"heat_map": "true", "minimum_people": "9"}, plan),
    "ProofSettings.margin": ({"margin": "0.2"}, proved),
    "PlaceShape.name": ({"place": "floor", "line_place": "floor", "zone_place": "floor"}, placed),
    "PlaceShape.opens": ({"opens": "'07:30'"}, placed),
    "PlaceShape.crowd_limit": ({"place_limit": "12"}, placed),
    "PlaceShape.zones_see_all": ({"see_all": "true"}, placed),
    "LineShape.place": ({"line_place": "upstairs"}, placed),
    "LineShape.masks": ({"line_masks": ASKED}, plan),
    "LineShape.purpose": ({"line_masks": ASKED}, asked),
    "ZoneShape.place": ({"zone_place": "upstairs"}, placed),
    "ZoneShape.masks": ({"zone_masks": ASKED}, plan),
    "ZoneShape.purpose": ({"zone_masks": ASKED}, asked),
    "ZoneShape.crowd_limit": ({"zone_limit": "4"}, plan),
    "ZoneShape.queue": ({"queue": "null"}, plan),
    "QueueShape.head": ({"queue": "{head: [0, 0.5], tail: [1, 1]}"}, plan),
    "QueueShape.tail": ({"queue": "{head: [0, 0], tail: [1, 0.5]}"}, plan),
    "Receiver.name": ({"receiver": "mobile"}, reached),
    "Receiver.url_file": ({"url": "url_file: two_url"}, reached),
    "Receiver.url_env": ({"url": "url_env: NOTIFY_URL"}, reached),
    "Receiver.url_credential": ({"url": "url_credential: two_url"}, reached),
    "Receiver.webhook": ({"webhook": "https://b.example/x"}, reached),
    "Receiver.secret_file": ({"secret": "secret_file: two"}, reached),
    "Receiver.secret_env": ({"secret": "secret_env: NOTIFY_URL"}, reached),
    "Receiver.secret_credential": ({"secret": "secret_credential: two"}, reached),
    "Alert.name": (alert(name="busy"), watched),
    "Alert.when": (alert(when="camera_down", place="", limit="", camera="second"), watched),
    "Alert.place": (alert(place="shop"), watched),
    "Alert.camera": (alert(place="", camera="first", zone="hall"), watched),
    "Alert.zone": (alert(when="queue_over", place="", camera="first", zone="hall"), watched),
    "Alert.line": (
        alert(when="masked_share_under", place="", camera="first", line="door") | {"line_masks": ASKED},
        watched,
    ),
    "Alert.limit": (alert(limit="12"), watched),
    "Alert.clear_at": (alert(clear_at="3"), watched),
    "Alert.for_windows": (alert(for_windows="3"), watched),
    "Alert.quiet": (alert(quiet="{from: '22:00', to: '06:00'}"), watched),
    "Alert.to": (alert(to="[phone]"), watched),
    "Quiet.from": (alert(quiet="{from: '12:00', to: '06:00'}"), watched),
    "Quiet.to": (alert(quiet="{from: '10:00', to: '06:00'}"), watched),
    "LineShape.name": ({"line": "gate"}, plan),
    "LineShape.from": ({"start": "[0, 0.5]"}, plan),
    "LineShape.to": ({"end": "[1, 0.5]"}, plan),
    "ZoneShape.name": ({"zone": "yard"}, plan),
    "ZoneShape.corners": ({"corners": "[[0, 0], [1, 0], [0, 1]]"}, plan),
}
CONTAINERS = {
    "site",
    "store",
    "web",
    "cameras",
    "masks",
    "heat_map",
    "places",
    "mqtt",
    "proof",
    "notify",
    "alerts",
}  # they change what their keys change


def keys() -> Iterator[str]:
    schema = json_schema()
    yield from set(schema["properties"]) - CONTAINERS - {"profile"}  # it has a test of its own
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
    values = VALUES | {"port": free_port()} | ({"model": own()} if key.startswith("OwnModel.") else {})
    values |= {"tls": TLS} if key.startswith("Tls.") else {}
    results = []
    for chosen in (
        values,
        values | {name: value.replace("{free_port}", free_port()) for name, value in changes.items()},
    ):
        (tmp_path / "site.yaml").write_text(BASE.format(**chosen))
        results.append(effect(load(tmp_path / "site.yaml")))
    assert results[0] != results[1]
