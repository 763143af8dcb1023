"""MQTT at a real broker: what is published, what is not, and what Home Assistant makes of it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
import pytest

from passerby.core.tallies import Measure, Tally
from passerby.gate.messages import LinePlan
from passerby.site.outputs.mqtt_catalogue import FLAGS, MEASURED, number_keys
from passerby.site.outputs.mqtt_memory import Memory
from passerby.site.outputs.numbers import numbers
from passerby.site.pages.board import PageBoard
from passerby.site.state import CameraState, CameraStatus
from passerby.site.store import Store
from tests.support import checked, filled
from tests.support.broker import Ear, Mosquitto, needs_mosquitto
from tests.support.filled import NINE
from tests.support.published import PLACES, STATE, Venue
from tests.support.site import eventually
from tests.support.source import ROOT

pytestmark = needs_mosquitto
SITE = "passerby/Museum%20of%20Tides"
AVAILABLE = f"{SITE}/available"
ENTITY = re.compile(r"(?!.+__)(?!_)[\da-z_]+(?<!_)\.(?!_)[\da-z_]+(?<!_)")


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    with Store(tmp_path / "a.sqlite") as store:
        store.add(list(filled.tallies()))
        yield Venue(store)


def told(ear: Ear, *levels: str) -> Any:
    """What the last levels of a topic say."""
    return json.loads(ear.last["/".join((SITE, *levels))])


def announced(ear: Ear) -> dict[str, dict[str, Any]]:
    """What Home Assistant is told, by topic."""
    return {topic: json.loads(text) for topic, text in ear.last.items() if topic.startswith("homeassistant/")}


def test_what_is_counted_is_told(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    with venue.telling(venue.channel(broker)):
        ear.wait_for(AVAILABLE, "online")
        assert venue.ok
        crossings = told(ear, "entrance", "Main%20door", "crossings_in")
        assert crossings == {
            "value": sum(40 + i for i in range(16)),
            "unit": "people",
            "coverage": 1.0,
            "until": "2025-10-09T13:00:00+02:00",
        }
        assert told(ear, "entrance", "Hall", "people")["value"] == 9
        assert told(ear, "shop", "Till", "queue_wait_median")["value"] == pytest.approx(82.2, abs=0.1)
        assert told(ear, "_site", "Ground%20floor", "occupancy")["value"] == 160
        assert told(ear, "_site", "_all", "masked_share")["value"] == pytest.approx(100 * 27 / 38, abs=0.1)
        assert told(ear, "entrance", "Side%20door", "masked_share")["value"] is None, "of too few people"
        assert told(ear, "entrance", "_all", "connected") == {"value": "ON"}
        assert told(ear, "entrance", "_all", "problem") == {"value": "OFF", "reasons": []}
        assert told(ear, "entrance", "_all", "attention") == {"value": "OFF", "checks": []}
        venue.state = replace(STATE, checks=checked.checks(NINE))
        eventually(lambda: told(ear, "entrance", "_all", "attention")["value"] == "ON")
        assert told(ear, "entrance", "_all", "attention")["checks"] == ["frozen", "clock-ntp"], (
            "no word of the open door"
        )
        with broker.hears("#") as late:
            eventually(lambda: late.last == ear.last)
    ear.wait_for(AVAILABLE, "offline")
    assert ear.last[AVAILABLE] == "offline"


def test_before_anything_was_seen_counts_are_0_and_levels_are_not_known(
    broker: Mosquitto, ear: Ear, tmp_path: Path
) -> None:
    with Store(tmp_path / "b.sqlite") as store:
        venue = Venue(store)
        with venue.telling(venue.channel(broker)):
            ear.wait_for(AVAILABLE, "online")
            assert told(ear, "entrance", "Main%20door", "crossings_in")["value"] == 0
            assert told(ear, "entrance", "Hall", "entered")["value"] == 0
            assert told(ear, "entrance", "Hall", "people") | {"until": None} == {
                "value": None, "unit": "people", "coverage": 0.0, "until": None,
            }  # fmt: skip
            assert told(ear, "_site", "_all", "masked_share")["value"] is None
            assert len([topic for topic in ear.last if topic.startswith(SITE)]) == len(announced(ear)) + 1


def test_every_number_has_its_topic_and_every_topic_its_number(venue: Venue) -> None:
    settings = venue.settings
    known = {number.key for number in numbers(PageBoard(venue.store, lambda: STATE, settings).today())}
    assert known == set(number_keys(settings, ()))
    assert {key[2] for key in number_keys(settings, PLACES)} == set(MEASURED)


def test_only_what_changed_is_told_again(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    with venue.telling(venue.channel(broker)):
        ear.wait_for(AVAILABLE, "online")
        ear.heard.clear()
        venue.state = replace(STATE, cameras=(STATE.cameras[0], CameraState("shop", CameraStatus.FAILED, "no power")))
        changed = {f"{SITE}/{name}" for name in ("shop/_all/problem", "shop/_all/connected", "_site/_all/problem")}
        eventually(lambda: {topic for topic, _ in ear.heard} >= changed)
        assert {topic for topic, _ in ear.heard} == changed
        assert told(ear, "shop", "_all", "problem") == {"value": "ON", "reasons": ["no power"]}
        assert told(ear, "_site", "_all", "problem")["reasons"] == ["camera shop cannot be counted: no power"]
        ear.heard.clear()
        known, start = dict(ear.last), NINE + 16 * 900
        venue.now_unix_s = start + 900 + 60
        venue.store.add([Tally("shop", Measure.PEOPLE, "Till", start, 900, 1800, 900)])
        eventually(lambda: told(ear, "shop", "Till", "people")["value"] == 2)
        for topic, payload in list(ear.heard):
            assert topic.startswith(SITE)
            assert known.get(topic) != payload, "it had not changed"
            known[topic] = payload


def test_a_share_of_a_window_that_is_not_over_is_not_told(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    venue.now_unix_s = NINE + 3 * 3600.0 + 1800
    with venue.telling(venue.channel(broker)):
        ear.wait_for(AVAILABLE, "online")
        told = {
            topic: json.loads(payload)["until"] for topic, payload in dict(ear.last).items() if topic.endswith("_share")
        }
        assert f"{SITE}/entrance/Main%20door/crossings_in" not in ear.last
    assert f"{SITE}/_site/_all/masked_share" in told, "of the window before"
    ends = [datetime.fromisoformat(until).timestamp() for until in told.values() if until]
    assert ends and max(ends) <= venue.now_unix_s


def test_home_assistant_gets_what_it_asks_for(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    with venue.telling(venue.channel(broker)):
        ear.wait_for(AVAILABLE, "online")
        found = announced(ear)
        states = dict(ear.last)
    assert len({one["unique_id"] for one in found.values()}) == len(found) > 30
    assert len({one["default_entity_id"] for one in found.values()}) == len(found)
    for topic, one in found.items():
        prefix, component, object_id, config = topic.split("/")
        assert (prefix, object_id, config) == ("homeassistant", one["unique_id"], "config")
        assert one["default_entity_id"].startswith(f"{component}.") and ENTITY.fullmatch(one["default_entity_id"])
        assert one["name"] and one["device"]["name"] and one["device"]["identifiers"] and one["origin"]["name"]
        assert "object_id" not in one, "Home Assistant takes it no more"
        assert [place["topic"] for place in one["availability"]] == [AVAILABLE]
        _check_values(component, one, states[one["state_topic"]])
    names = {one["default_entity_id"] for one in found.values()}
    assert "sensor.museum_of_tides_entrance_main_door_crossings_in" in names
    assert "binary_sensor.museum_of_tides_shop_connected" in names


def _check_values(component: str, one: dict[str, Any], payload: str) -> None:
    """As Home Assistant renders them: `value_json` is the payload, and None stands for what is not known."""
    value_json = json.loads(payload)
    value = jinja2.Template(one["value_template"]).render(value_json=value_json)
    if component == "binary_sensor":
        assert value in ("ON", "OFF")
        assert one["device_class"] in ("connectivity", "problem")
        return
    assert value == "None" or float(value) >= 0
    assert one["unit_of_measurement"] == value_json["unit"]
    assert one["state_class"] in ("measurement", "total_increasing")
    assert (one["state_class"] == "total_increasing") is one["state_topic"].endswith(
        ("crossings_in", "crossings_out", "entered", "left")
    )
    assert one.get("device_class") == ("duration" if one["unit_of_measurement"] == "s" else None)
    attributes = jinja2.Template(one["json_attributes_template"]).render(value_json=value_json)
    assert set(json.loads(attributes)) == {"coverage", "until"}


def test_what_was_renamed_or_removed_is_emptied_also_after_a_restart(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    with venue.telling(venue.channel(broker)):
        ear.wait_for(AVAILABLE, "online")
        before = set(ear.last)
    ear.wait_for(AVAILABLE, "offline")
    first = venue.settings.plans[0]
    door = LinePlan("Street door", (0.3, 0.5), (0.7, 0.5))
    changed = type(first)("entrance", lines=(door,), zones=first.zones)
    venue.settings = replace(venue.settings, plans=(changed,))
    venue.state = replace(STATE, cameras=STATE.cameras[:1])
    venue.places = ()
    with venue.telling(venue.channel(broker)):
        ear.wait_for(AVAILABLE, "online")
        after = set(ear.last)
        assert f"{SITE}/entrance/Street%20door/crossings_in" in after
        left = [topic for topic in after if re.search("Main|main_door|shop|Ground|mask", topic)]
        assert left == []
    ear.wait_for(AVAILABLE, "offline")
    venue.state, renamed = replace(venue.state, site="Museum of Winds"), "passerby/Museum%20of%20Winds/available"
    with venue.telling(venue.channel(broker)):
        ear.wait_for(renamed, "online")
        assert not (before | after) & set(ear.last), "the site has another name, so everything has"
    ear.wait_for(renamed, "offline")
    with venue.telling(venue.channel(broker, discovery_prefix=None)):
        ear.wait_for(renamed, "online")
        assert announced(ear) == {}


def test_a_profile_of_the_site_alone_tells_of_the_site_alone(broker: Mosquitto, ear: Ear, tmp_path: Path) -> None:
    with Store(tmp_path / "c.sqlite") as store:
        store.add(list(filled.decree(NINE + 3 * 3600)))
        plans = tuple(type(plan)(plan.name) for plan in filled.PLANS)
        venue = Venue(store, settings=replace(filled.settings(), plans=plans, site_only=True, window_s=1200), places=())
        with venue.telling(venue.channel(broker)):
            ear.wait_for(AVAILABLE, "online")
            assert {topic for topic in ear.last if topic.startswith(SITE)} == {
                AVAILABLE, *(f"{SITE}/_site/_all/{name}" for name in ("masked_share", "cannot_tell_share", "problem")),
            }  # fmt: skip
            assert told(ear, "_site", "_all", "masked_share")["value"] == 75
            assert len(announced(ear)) == 3


def test_a_store_that_cannot_be_read_is_not_a_day_of_zeros(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    venue.store.file.write_bytes(b"hello " * 4000)
    with venue.telling(venue.channel(broker)):
        ear.wait_for(AVAILABLE, "online")
        assert f"{SITE}/entrance/Main%20door/crossings_in" not in ear.last
        assert f"{SITE}/entrance/_all/connected" in ear.last


def test_a_damaged_memory_is_begun_anew(tmp_path: Path) -> None:
    memory = Memory.beside(tmp_path / "a.sqlite")
    assert memory.read() == set()
    for text in ("{", "[]", '{"topics": 3}', "\xff"):
        (tmp_path / "a.sqlite.mqtt.json").write_text(text)
        assert memory.read() == set()
    memory.write({"b", "ä"})
    assert memory.read() == {"b", "ä"}
    Memory(tmp_path / "nowhere" / "file").write({"a"})


def test_every_measure_and_topic_is_documented() -> None:
    page = (ROOT / "docs" / "mqtt.md").read_text()
    assert [name for name in (*MEASURED, *FLAGS, "available", "_site", "_all") if f"`{name}`" not in page] == []
