"""What each key of the configuration changes: two files that differ in it, and what the program makes of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
from starlette.responses import JSONResponse

from passerby.errors import ConfigError
from passerby.gate.sources import parse
from passerby.records.access.tls import self_signed
from passerby.records.receivers import ways_to
from passerby.records.serving import serve
from passerby.site.config import OwnModel, SiteConfig, camera_plan
from passerby.site.figures import Settings, midnight
from passerby.site.opening import open_tls
from passerby.site.outputs.alerts import alert_desk
from passerby.site.page_words import alarms
from passerby.site.paper.delivery import Made, Post, to_folder, to_mail
from passerby.site.paper.facts import facts_of
from passerby.site.paper.notice import notice
from passerby.site.paper.periods import last_due
from passerby.site.paper.privacy_page import privacy_page
from passerby.site.paper.texts import LANGUAGES, Texts
from passerby.site.proof import ProvableLine
from passerby.site.proof.proofs import ProofWindow
from passerby.site.proof.report import line_proof
from passerby.site.settings import page_settings, place_settings
from passerby.site.signin import sign_in
from passerby.site.state import SiteState
from passerby.site.store import Store
from passerby.site.watch import initial_state
from passerby.site.web import create_app
from tests.support.config_effects_shelves import SHELF_EFFECTS, SHELF_VALUES
from tests.support.mail_server import Certificate, MailServer
from tests.support.mqtt_effects import MQTT_EFFECTS
from tests.support.papers import text_of

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
  credentials: {signing_in}, discovery: {discovery}, discovery_prefix: {found_at},
  onvif: {onvif}}}
proof: {{margin: {margin}}}
places:
  - {{name: {place}, opens: {opens}, crowd_limit: {place_limit}, zones_see_all: {see_all}}}
  - {{name: upstairs}}
notify:
  - {{name: {receiver}, {url}}}
  - {{name: hook, webhook: "{webhook}", {secret}}}
  - {{name: spare, url_file: one_url}}
alerts: [{alert}]
reports:
  schedule: [{schedule}]
  at: {report_at}
  language: {report_language}
  to:
    folder: {folder}
    mail:
      host: {mail_host}
      port: {mail_port}
      security: {security}
      ca_file: {ca_file}
      credentials: {{username: {mail_user}, password_file: one}}
      from: {mail_from}
      to: [{mail_to}]
notice:
  controller: {controller}
  address: {address}
  contact: {contact}
  privacy_officer: {officer}
  authority: {authority}
  privacy_url: {privacy_url}
  purpose: {{en: {en}, de: {de}, fr: {fr}, es: {es}, ru: {ru}}}
  legal_basis: {legal_basis}
{interest}
cameras:
  - name: {camera}
    source: {source}
    credentials: {{username: {username}, {password}}}
    view: {view}
    analysed_fps: {fps}
    lines: [{{name: {line}, from: {start}, to: {end}, place: {line_place}{line_masks}}}]
    zones:
      - {{name: {zone}, corners: {corners}, place: {zone_place}, crowd_limit: {zone_limit}, queue: {queue}{zone_masks}}}
    heat_map: {heat_map}{shelves}
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
    "tls": "null", "proxy": "192.0.2.1", **SHELF_VALUES, "web_name": "a.example", "model": "yolox-nano",
    "workers": "1", "camera": "first", "source": "rtsp://camera.example/s", "username": "u", "line": "door",
    "password": "password_file: one", "view": "level", "fps": "8", "start": "[0, 0]", "end": "[1, 1]", "zone": "hall",
    "corners": "[[0, 0], [1, 0], [1, 1]]", "opens": "'06:00'", "place_limit": "9", "see_all": "false",
    "mask_model": "null", "minimum_judged": "20", "minimum_people": "5", "margin": "0.05", "place": "shop",
    "line_place": "shop", "line_masks": "", "zone_place": "shop", "queue": "{head: [0, 0], tail: [1, 1]}",
    "broker": "a.example", "broker_port": "null", "broker_tls": "false", "client": "null", "prefix": "passerby",
    "signing_in": "null", "discovery": "true", "found_at": "homeassistant", "onvif": "false", "heat_map": "false",
    "receiver": "phone", "url": "url_file: one_url", "webhook": "https://a.example/x", "secret": "secret_file: one",
    "alert": "{name: full, when: occupancy_over, place: upstairs, limit: 9, to: [spare]}",
    "staff": "[[0, 0], [1, 0], [1, 1]]", "blank": "[[0, 0], [1, 0], [1, 1]]", "zone_limit": "3", "zone_masks": "",
    "schedule": "day", "report_at": "'06:30'", "report_language": "en", "folder": "out", "mail_host": "localhost",
    "mail_port": "2525", "security": "starttls", "ca_file": "a.pem", "mail_user": "u", "mail_from": "a@b.example",
    "mail_to": "c@b.example", "controller": "Museum Ltd", "address": "Tower Street", "contact": "desk",
    "officer": "dpo", "authority": "the authority", "privacy_url": "https://b.example/n", "en": "abc", "de": "abd",
    "fr": "abe", "es": "abf", "ru": "abg", "legal_basis": "legitimate_interests", "interest": "  interest: {en: abh}",
}  # fmt: skip
OWN = "{{file: {file}, family: {family}, input: {input}, threshold: {threshold}}}"
OWN_VALUES = {"file": "a.onnx", "family": "ssd", "input": "[416, 256]", "threshold": "0.4"}


async def silent(scope: Any, receive: Any, send: Any) -> None:
    """An application that answers nothing."""
    for kind in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{kind}.complete"})


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
    with serve(silent, config.web.host, config.web.port) as url:
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
            await silent(scope, receive, send)
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


def due(config: SiteConfig) -> object:
    """What a schedule makes, and where it goes."""
    assert config.reports
    wanted, monday = config.reports, 1_760_337_000.0
    dues = [last_due(span, wanted.time, config.site.zone, monday).name for span in wanted.schedule]
    return (dues, Texts(wanted.language)("doors"))


def delivered(config: SiteConfig) -> object:
    """The file that a report becomes; its letter, to a server that is there; and the words where none is."""
    assert config.reports
    assert config.reports.to.mail
    assert config.reports.to.folder
    made = Made("x", "s", "b", b"p", "t")
    to_folder(config.path_of(config.reports.to.folder))(made)
    mail = config.reports.to.mail
    return (sorted(one.name for one in config.path_of(".").glob("*/x.pdf")), to_mail(Post(mail, "p"))(made))


def posted(config: SiteConfig) -> object:
    """What a server gets that speaks as the configuration first says."""
    assert config.reports
    assert config.reports.to.mail
    mail = config.reports.to.mail
    folder = config.path_of("certificate")
    folder.mkdir(exist_ok=True)
    certificate = Certificate.make(folder)
    config.path_of("a.pem").write_bytes(certificate.file.read_bytes())
    Certificate.make(folder, "other.example").file.rename(config.path_of("b.pem"))
    with MailServer(certificate, "starttls", account=("u", "p")) as server:
        post = Post(mail.model_copy(update={"port": server.port}), "p", config.path_of(mail.ca_file or ""))
        problem = to_mail(post)(Made("x", "s", "b", b"p", "t"))
    return (
        problem and problem.partition(" port ")[2].partition(" ")[2],
        [(one["From"], one["To"]) for one in server.mails],
    )


def signed_sign(config: SiteConfig) -> object:
    """The text of the sign in all languages, and the page."""
    facts = facts_of(config)
    told = [text_of(notice(facts, language, 0)) for language in LANGUAGES]
    return (told, privacy_page(facts, SiteState("x"), "en"))


EFFECTS: dict[str, tuple[dict[str, str], Callable[[SiteConfig], object]]] = {
    **SHELF_EFFECTS,
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
    **MQTT_EFFECTS,
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
    "Reports.schedule": ({"schedule": "week"}, due),
    "Reports.at": ({"report_at": "'23:30'"}, due),
    "Reports.language": ({"report_language": "ru"}, due),
    "Reports.to": ({"folder": "other"}, delivered),
    "Recipients.folder": ({"folder": "other"}, delivered),
    "Recipients.mail": ({"mail_host": "127.0.0.1"}, delivered),
    "Mail.host": ({"mail_host": "127.0.0.1"}, delivered),
    "Mail.port": ({"mail_port": "2526"}, delivered),
    "Mail.security": ({"security": "tls"}, posted),
    "Mail.ca_file": ({"ca_file": "b.pem"}, posted),
    "Mail.credentials": ({"mail_user": "v"}, posted),
    "Mail.from": ({"mail_from": "z@b.example"}, posted),
    "Mail.to": ({"mail_to": "z@b.example"}, posted),
    "Notice.controller": ({"controller": "Another Ltd"}, signed_sign),
    "Notice.address": ({"address": "Another Street"}, signed_sign),
    "Notice.contact": ({"contact": "telephone"}, signed_sign),
    "Notice.privacy_officer": ({"officer": "another"}, signed_sign),
    "Notice.authority": ({"authority": "another"}, signed_sign),
    "Notice.privacy_url": ({"privacy_url": "https://c.example/n"}, signed_sign),
    "Notice.purpose": ({"en": "xyz"}, signed_sign),
    "Notice.legal_basis": ({"legal_basis": "consent", "interest": ""}, signed_sign),
    "Notice.interest": ({"interest": "  interest: {en: xyz}"}, signed_sign),
    **{f"LocalText.{one}": ({one: "xyz"}, signed_sign) for one in LANGUAGES},
    "LineShape.name": ({"line": "gate"}, plan),
    "LineShape.from": ({"start": "[0, 0.5]"}, plan),
    "LineShape.to": ({"end": "[1, 0.5]"}, plan),
    "ZoneShape.name": ({"zone": "yard"}, plan),
    "ZoneShape.corners": ({"corners": "[[0, 0], [1, 0], [0, 1]]"}, plan),
}
