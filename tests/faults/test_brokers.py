"""Brokers that are away, refuse us or are not who they should be: it is said in words, and no tally is lost."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from passerby.core.tallies import Measure, Tally
from passerby.errors import ConfigError
from passerby.site.config import load
from passerby.site.outputs.mqtt import channel
from passerby.site.outputs.mqtt_link import Broker
from passerby.site.page_words import alarms
from passerby.site.store import Filter, Store
from passerby.site.web import unwell
from tests.support import filled
from tests.support.broker import Mosquitto, needs_mosquitto
from tests.support.certificates import Authority
from tests.support.clips import make_clip
from tests.support.faults import Note, noted
from tests.support.filled import NINE
from tests.support.published import Venue
from tests.support.site import RunningSite, eventually, kill, overhead_camera

pytestmark = needs_mosquitto
SITE = "passerby/Museum%20of%20Tides"
PASSWORD = "correct horse battery"


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    with Store(tmp_path / "a.sqlite") as store:
        store.add(list(filled.tallies()))
        yield Venue(store)


def with_broker(venue: Venue, broker: Mosquitto, **changes: object) -> Broker:
    return replace(venue.channel(broker).broker, **changes)  # type: ignore[arg-type]  # fields by their names


def test_a_broker_that_goes_away_is_told_how_things_are_when_it_is_back(tmp_path: Path, venue: Venue) -> None:
    with noted("broker-away") as note:
        _away_and_back(tmp_path, venue, note)


def _away_and_back(tmp_path: Path, venue: Venue, note: Note) -> None:
    """The broker holds the numbers of now, and what was counted meanwhile is in the store, all of it."""
    broker = Mosquitto(tmp_path)
    door = f"{SITE}/entrance/Main%20door/crossings_in"
    with venue.telling(venue.channel(broker)):
        eventually(lambda: "cannot be reached (Connection refused)" in venue.problem)
        with broker, broker.hears("#") as ear:
            ear.wait_for(f"{SITE}/available", "online")
            before = json.loads(ear.last[door])["value"]
        threads = len(threading.enumerate())
        eventually(lambda: venue.problem)
        for i in range(16, 40):
            venue.store.add([Tally("entrance", Measure.CROSSINGS_IN, "Main door", NINE + 900 * i, 900, 5, 900)])
        venue.now_unix_s = NINE + 40 * 900.0 + 60
        assert len(threading.enumerate()) == threads, "one thread tells it, however long it is away"
        began_s = time.monotonic()
        with broker, broker.hears("#") as ear:
            ear.wait_for(f"{SITE}/available", "online")
            assert json.loads(ear.last[door])["value"] == before + 24 * 5
            assert venue.ok
            which = Filter("entrance", Measure.CROSSINGS_IN, "Main door")
            stored = {one.start_unix_s for one in venue.store.query(which)}
            note.once(time.monotonic() - began_s, len({NINE + 900 * i for i in range(40)} - stored))
            numbers = [topic for topic, payload in ear.heard if topic.startswith(SITE) and payload]
            assert len(numbers) <= 2 * len(set(numbers)), "what happened meanwhile did not wait for it"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "wrong"}, "refuses the user name or the password (Not authorized); check mqtt: credentials"),
        ({"username": None, "password": None}, "refuses the user name or the password"),
        ({"tls": ssl.create_default_context()}, "does not speak TLS as it was asked to"),
        ({"host": "nowhere.invalid"}, "is not known"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, venue: Venue, changes: dict[str, object], said: str) -> None:
    with Mosquitto(tmp_path, user=("passerby", PASSWORD)) as broker:
        to = venue.channel(broker, broker=with_broker(venue, broker, **changes))
        with venue.telling(to):
            eventually(lambda: said in venue.problem)
        assert PASSWORD not in f"{venue.told} {to}"
        with venue.telling(venue.channel(broker)):
            eventually(lambda: venue.ok)


def test_a_certificate_is_checked(tmp_path: Path, venue: Venue) -> None:
    ours, theirs = (Authority.made(tmp_path / name, name) for name in ("ours", "theirs"))
    with Mosquitto(tmp_path, authority=ours) as broker, broker.hears("#") as ear:
        cases = [
            (ssl.create_default_context(), "is not trusted"),
            (ssl.create_default_context(cafile=theirs.file), "is not trusted"),
            (None, "closed the connection before it answered; does it want TLS"),
        ]
        for tls, said in cases:
            with venue.telling(venue.channel(broker, broker=with_broker(venue, broker, tls=tls))):
                eventually(lambda said=said: said in venue.problem)  # type: ignore[misc]  # bound now, not later
        assert ear.last == {}
        right = with_broker(venue, broker, tls=ssl.create_default_context(cafile=ours.file))
        with venue.telling(venue.channel(broker, broker=right)):
            ear.wait_for(f"{SITE}/available", "online")
        other_name = replace(right, host="localhost")
        with venue.telling(venue.channel(broker, broker=other_name)):
            eventually(lambda: "the broker as its certificate does" in venue.problem)


def test_a_password_or_an_authority_that_cannot_be_read_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    for written, said in (
        ("credentials: {username: u, password_file: empty}", "mqtt: credentials: .*empty holds no password"),
        ("tls: {ca: nowhere.pem}", "mqtt: tls: ca: .*nowhere.pem cannot be read"),
        ("tls: {ca: empty}", "mqtt: tls: ca: .*empty holds no certificate in PEM"),
    ):
        (tmp_path / "site.yaml").write_text(f"mqtt: {{host: a.example, {written}}}")
        with pytest.raises(ConfigError, match=said):
            channel(load(tmp_path / "site.yaml"))


def test_a_site_that_is_killed_is_offline_and_one_that_ends_says_so(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4")
    authority = Authority.made(tmp_path / "authority")
    (tmp_path / "mqtt.password").write_text(PASSWORD)
    available = "passerby/My%20venue/available"
    site = RunningSite(tmp_path, overhead_camera("entrance", clip))
    folder = tmp_path / "broker"
    folder.mkdir()
    with Mosquitto(folder, user=("passerby", PASSWORD), authority=authority) as broker, broker.hears("#") as ear, site:
        signing_in = "credentials: {username: passerby, password_file: mqtt.password}"
        site.more = f"mqtt: {{host: 127.0.0.1, port: {broker.port}, tls: {{ca: {authority.file}}}, {signing_in}}}\n"
        site.start()
        eventually(lambda: site.state().get("outputs"))
        assert "problem" not in site.log.read_text()
        ear.wait_for(available, "online")
        assert site.state()["outputs"] == [{"name": "MQTT", "ok": True, "problem": None}]
        page = httpx.get(f"http://127.0.0.1:{site.port}/privacy", trust_env=False, timeout=60).text
        assert "to the broker 127.0.0.1" in page and "Nothing by itself" not in page
        kill(site.pid)
        ear.wait_for(available, "offline")
        site.stop(0)
        site.start()
        ear.wait_for(available, "online")
        assert site.stop() == 0
        ear.wait_for(available, "offline")
    assert PASSWORD not in site.log.read_text()
    assert "mqtt connected" in site.log.read_text()


def test_an_output_that_fails_is_shown_and_is_no_reason_to_be_unwell(venue: Venue, tmp_path: Path) -> None:
    with venue.telling(venue.channel(Mosquitto(tmp_path))):
        eventually(lambda: venue.problem)
    state = replace(venue.state, outputs=(venue.told[-1],))
    assert unwell(state) == []
    (said,) = alarms(state, None)
    assert said.text.startswith("MQTT: the broker 127.0.0.1:")
