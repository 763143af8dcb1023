"""Shelves at a real broker: availability and gaps by the minute, and what Home Assistant makes of them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
import pytest

from passerby.site.state import CameraState, CameraStatus
from passerby.site.store import Store
from tests.support.broker import Ear, Mosquitto, needs_mosquitto
from tests.support.published import Venue
from tests.support.shelved import LIVE, Shelved
from tests.support.site import eventually
from tests.support.source import ROOT

pytestmark = needs_mosquitto
SITE = "passerby/Museum%20of%20Tides"
CRISPS = f"{SITE}/shop/Crisps/shelf_availability"
_PAGE = (ROOT / "docs" / "mqtt.md").read_text()
EXAMPLE = json.loads(_PAGE.partition("## Shelves\n")[2].partition("```json\n")[2].partition("```")[0])
"""What docs/mqtt.md shows of a shelf; `shelved` is that one."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def ear(broker: Mosquitto) -> Iterator[Ear]:
    with broker.hears("#") as listening:
        yield listening


@pytest.fixture
def shelved() -> Shelved:
    shelved = Shelved()
    shelved.minute(Crisps="ssslse", Nuts="ss")
    shelved.minute(Crisps="essl??", Nuts="ss")
    return shelved


@pytest.fixture
def venue(tmp_path: Path, shelved: Shelved) -> Iterator[Venue]:
    with Store(tmp_path / "a.sqlite") as store:
        yield Venue(store, state=replace(LIVE), shelves=shelved.now)


def told(ear: Ear, topic: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ear.last[topic])
    return found


def sensors(ear: Ear) -> dict[str, dict[str, Any]]:
    """What Home Assistant is told of shelves, by the topic of their state."""
    announced = (json.loads(text) for topic, text in ear.last.items() if topic.startswith("homeassistant/sensor/"))
    return {one["state_topic"]: one for one in announced if one["state_topic"].endswith("shelf_availability")}


def rendered(template: str, payload: str) -> str:
    """As Home Assistant renders it."""
    return str(jinja2.Template(template).render(value_json=json.loads(payload)))


def test_a_shelf_tells_its_availability_and_where_its_gaps_are(
    broker: Mosquitto, ear: Ear, venue: Venue, shelved: Shelved
) -> None:
    with venue.telling(venue.channel(broker)):
        ear.wait_for(f"{SITE}/available", "online")
        assert told(ear, CRISPS) == EXAMPLE
        ear.heard.clear()
        shelved.minute(Crisps="ssslss", Nuts="ss")
        eventually(lambda: told(ear, CRISPS)["value"] == 100 and told(ear, CRISPS)["empty"] == [])
        eventually(lambda: told(ear, CRISPS)["since"] is None)
        assert {topic for topic, _ in ear.heard} == {CRISPS}, "of nuts nothing is new"
        shelved.state = replace(LIVE, cameras=(LIVE.cameras[0], CameraState("shop", CameraStatus.FAILED)))
        eventually(lambda: told(ear, CRISPS)["value"] is None)
        assert told(ear, CRISPS)["problem"] == "camera shop sends no pictures"


def test_home_assistant_has_a_sensor_for_each_that_is_unavailable_while_nothing_is_known(
    broker: Mosquitto, ear: Ear, venue: Venue
) -> None:
    with venue.telling(venue.channel(broker)):
        ear.wait_for(f"{SITE}/available", "online")
        found, last = sensors(ear), dict(ear.last)
        assert set(found) == {
            CRISPS, f"{SITE}/shop/Nuts/shelf_availability", f"{SITE}/entrance/Tea/shelf_availability",
        }  # fmt: skip
        assert len({one["unique_id"] for one in found.values()}) == 3
        for topic, one in found.items():
            first, second = one["availability"]
            assert (first, one["availability_mode"]) == ({"topic": f"{SITE}/available"}, "all")
            known = rendered(second["value_template"], last[second["topic"]])
            assert (second["topic"], known) == (topic, "offline" if "Tea" in topic else "online")
            assert (one["unit_of_measurement"], one["state_class"]) == ("%", "measurement")
            assert one["json_attributes_topic"] == topic
            attributes = json.loads(rendered(one["json_attributes_template"], last[topic]))
            assert attributes == {name: of for name, of in told(ear, topic).items() if name not in ("value", "unit")}
        crisps = found[CRISPS]
        assert (crisps["name"], crisps["device"]["name"]) == ("Crisps availability", "Museum of Tides shop")
        assert crisps["default_entity_id"] == "sensor.museum_of_tides_shop_crisps_shelf_availability"
        assert rendered(crisps["value_template"], last[CRISPS]) == "75.0"
        assert "no facing can be seen" in told(ear, f"{SITE}/entrance/Tea/shelf_availability")["problem"]


def test_a_shelf_that_is_removed_is_emptied(broker: Mosquitto, ear: Ear, venue: Venue, shelved: Shelved) -> None:
    with venue.telling(venue.channel(broker)):
        ear.wait_for(f"{SITE}/available", "online")
    ear.wait_for(f"{SITE}/available", "offline")
    shelved.shelves = shelved.shelves[1:]
    with venue.telling(venue.channel(broker)):
        ear.wait_for(f"{SITE}/available", "online")
        assert CRISPS not in ear.last and CRISPS not in sensors(ear)
        assert len(sensors(ear)) == 2
