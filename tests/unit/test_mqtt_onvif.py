"""Counts as events of ONVIF at a real broker. What is expected was written by hand from the specification."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.gate.messages import LinePlan
from passerby.site.config import load
from passerby.site.outputs.mqtt import channel
from passerby.site.outputs.mqtt_onvif import Onvif
from passerby.site.state import CameraState, CameraStatus
from passerby.site.store import Store
from tests.support import filled
from tests.support.broker import Ear, Mosquitto, needs_mosquitto
from tests.support.filled import NINE, WINDOW_S
from tests.support.published import STATE, Venue
from tests.support.site import eventually

pytestmark = needs_mosquitto
AVAILABLE = "passerby/Museum%20of%20Tides/available"
DEVICE = "Museum%20of%20Tides/onvif-ej/RuleEngine/CountAggregation"
DOOR = f"{DEVICE}/Counter/&entrance/Main door in"
LATE = ("2025-10-09T10:45:00Z", "2025-10-08T22:00:00Z")
"""Of a door of which nothing came: what may come half a minute after its window is not missed yet."""
AT_ONE = ("2025-10-09T11:00:00Z", "2025-10-08T22:00:00Z")
"""The end of the last window, and midnight in Paris."""


def message(source: tuple[str, str], count: int, times: tuple[str, str] = AT_ONE, coverage: str = "1.0") -> str:
    """MESSAGE of the JSON Event Payload; only the numbers are without quotes."""
    return (
        f'{{"UtcTime": "{times[0]}", "Source": {{"VideoSource": "{source[0]}", "Rule": "{source[1]}"}}, '
        f'"Data": {{"Count": {count}, "passerby:Since": "{times[1]}", "passerby:Coverage": {coverage}}}}}'
    )


GOLDEN = {
    f"{DEVICE}/Counter/&entrance/Main door in": message(("entrance", "Main door in"), 760),
    f"{DEVICE}/Counter/&entrance/Main door out": message(("entrance", "Main door out"), 600),
    f"{DEVICE}/Counter/&entrance/Side door in": message(("entrance", "Side door in"), 0, LATE, "0.0"),
    f"{DEVICE}/Counter/&entrance/Side door out": message(("entrance", "Side door out"), 0, LATE, "0.0"),
    f"{DEVICE}/Counter/&entrance/Hall entered": message(("entrance", "Hall entered"), 640),
    f"{DEVICE}/Counter/&entrance/Hall left": message(("entrance", "Hall left"), 608),
    f"{DEVICE}/Counter/&shop/Till entered": message(("shop", "Till entered"), 288),
    f"{DEVICE}/Counter/&shop/Till left": message(("shop", "Till left"), 288),
    f"{DEVICE}/Counter/&_site/Ground floor entered": message(("_site", "Ground floor entered"), 760),
    f"{DEVICE}/Counter/&_site/Ground floor left": message(("_site", "Ground floor left"), 600),
    f"{DEVICE}/OccupancyCounter/&_site/Ground floor occupancy": message(("_site", "Ground floor occupancy"), 160),
}


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    with Store(tmp_path / "a.sqlite") as store:
        store.add(list(filled.tallies()))
        yield Venue(store)


@contextmanager
def telling(venue: Venue, broker: Mosquitto, ear: Ear, prefix: str | None = None) -> Iterator[None]:
    """As long as it is open, the broker is told as by a device of ONVIF too; it begins when all was told once."""
    onvif = Onvif.of_site(venue.state.site, prefix)
    with venue.telling(venue.channel(broker, onvif=onvif)):
        ear.wait_for(AVAILABLE, "online")
        yield
    ear.wait_for(AVAILABLE, "offline")


def events(ear: Ear) -> dict[str, str]:
    return {topic: payload for topic, payload in ear.last.items() if "/onvif-ej/" in topic}


def count(ear: Ear, topic: str = DOOR) -> Any:
    return json.loads(ear.last[topic])["Data"]["Count"] if topic in ear.last else None


def open_later(venue: Venue, first: int, until: int, people: int) -> None:
    """Windows of the main door, counted from nine o'clock, as the store has them some seconds after they closed."""
    starts = range(NINE + first * WINDOW_S, NINE + until * WINDOW_S, WINDOW_S)
    for measure in (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT):
        venue.store.add([Tally("entrance", measure, "Main door", at, WINDOW_S, people, WINDOW_S) for at in starts])
    venue.now_unix_s = NINE + until * WINDOW_S + 60.0


def test_events_are_those_that_the_specification_asks_for(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    with telling(venue, broker, ear):
        assert events(ear) == GOLDEN
        with broker.hears(f"{DEVICE}/#") as late:
            eventually(lambda: late.last == GOLDEN)
    for topic, payload in GOLDEN.items():
        told = json.loads(payload)
        assert list(told) == ["UtcTime", "Source", "Data"]
        assert topic.rpartition("/&")[2].split("/") == list(told["Source"].values())
        assert re.fullmatch(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}Z", told["UtcTime"])


def test_one_message_for_a_window_and_none_before_it_is_over(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    with telling(venue, broker, ear):
        ear.heard.clear()
        venue.store.add([Tally("entrance", Measure.CROSSINGS_IN, "Main door", NINE + 16 * WINDOW_S, WINDOW_S, 9, 900)])
        venue.now_unix_s = NINE + 17 * WINDOW_S - 1.0
        problem = "passerby/Museum%20of%20Tides/shop/_all/problem"
        venue.state = replace(STATE, cameras=(STATE.cameras[0], CameraState("shop", CameraStatus.FAILED, "no power")))
        ear.wait_for(problem, '{"value": "ON", "reasons": ["no power"]}')
        assert DOOR not in dict(ear.heard), "that window is not over"
        open_later(venue, 17, 18, 7)
        eventually(lambda: count(ear) == 760 + 9 + 7)
        heard = [payload for topic, payload in ear.heard if topic == DOOR]
    ends = [json.loads(payload)["UtcTime"] for payload in heard]
    assert ends in (["2025-10-09T11:30:00Z"], ["2025-10-09T11:15:00Z", "2025-10-09T11:30:00Z"])


def test_a_broker_that_was_away_has_every_window_in_the_total_and_none_twice(tmp_path: Path, venue: Venue) -> None:
    away = Mosquitto(tmp_path)
    onvif = Onvif.of_site(venue.state.site, None)
    with venue.telling(venue.channel(away, onvif=onvif)):
        with away, away.hears("#") as ear:
            eventually(lambda: count(ear) == 760)
        open_later(venue, 16, 24, 5)
        with away, away.hears("#") as ear:
            eventually(lambda: count(ear) == 760 + 8 * 5, 60)
            ear.wait_for(AVAILABLE, "online")
            heard = [payload for topic, payload in ear.heard if topic == DOOR]
    assert set(heard) == {ear.last[DOOR]}, "what happened meanwhile did not wait"


def test_a_restart_changes_no_count(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    for _ in range(2):
        with telling(venue, broker, ear):
            assert events(ear) == GOLDEN


def test_a_new_day_begins_at_its_midnight(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    with telling(venue, broker, ear):
        assert count(ear) == 760
        venue.now_unix_s = NINE + 15 * 3600 + 5.0
        ear.wait_for(DOOR, message(("entrance", "Main door in"), 0, ("2025-10-09T22:00:00Z",) * 2, "0.0"))
        floor = f"{DEVICE}/OccupancyCounter/&_site/Ground floor occupancy"
        ear.wait_for(floor, message(("_site", "Ground floor occupancy"), 0, ("2025-10-09T22:00:00Z",) * 2))


def test_what_is_not_known_is_deleted(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    """As a property: an empty message. A hall that nobody saw is not one with nobody in it."""
    hall = replace(venue.places[0], lines=(), zones=(("entrance", "Hall"),), zones_see_all=True)
    venue.places = (hall,)
    floor = f"{DEVICE}/OccupancyCounter/&_site/Ground floor occupancy"
    with telling(venue, broker, ear):
        assert count(ear, floor) == 9
        venue.now_unix_s = NINE + 17 * WINDOW_S + 60.0
        eventually(lambda: floor not in ear.last)
        assert (floor, "") in ear.heard


def test_what_was_renamed_is_deleted_and_another_prefix_moves_all(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    with telling(venue, broker, ear):
        pass
    first = venue.settings.plans[0]
    door = LinePlan("North/South #1 + 50 %", (0.3, 0.5), (0.7, 0.5))
    changed = type(first)("Eingang " + 30 * "ü", lines=(door,))
    venue.settings = replace(venue.settings, plans=(changed,))
    venue.state = replace(venue.state, cameras=(replace(venue.state.cameras[0], name=changed.name),))
    venue.places = ()
    with telling(venue, broker, ear, "venue-7"):
        topics = sorted(events(ear))
        told = json.loads(ear.last[topics[0]])
    token = "Eingang üüüüüüüüüüüüüüü_" + told["Source"]["VideoSource"][-12:]
    rule = "North%2FSouth %231 %2B 50 %25"
    device = f"venue-7/onvif-ej/RuleEngine/CountAggregation/Counter/&{token}"
    assert topics == [f"{device}/{rule} in", f"{device}/{rule} out"]
    assert told["Source"] == {"VideoSource": token, "Rule": f"{rule} in"}
    assert len(token) == 36


def test_nothing_is_told_unless_it_is_asked_for(broker: Mosquitto, ear: Ear, venue: Venue) -> None:
    """And what was told is taken back when it is asked for no more."""
    with telling(venue, broker, ear):
        assert events(ear)
    with venue.telling(venue.channel(broker)):
        ear.wait_for(AVAILABLE, "online")
        assert events(ear) == {}


def test_a_profile_of_the_site_alone_has_no_event(broker: Mosquitto, ear: Ear, tmp_path: Path) -> None:
    with Store(tmp_path / "c.sqlite") as store:
        store.add(list(filled.decree(NINE + 3 * 3600)))
        plans = tuple(type(plan)(plan.name) for plan in filled.PLANS)
        venue = Venue(store, settings=replace(filled.settings(), plans=plans, site_only=True, window_s=1200), places=())
        with telling(venue, broker, ear):
            assert events(ear) == {}


@pytest.mark.parametrize(
    ("written", "prefix"), [("true", "My%20venue"), ("false", None), ("{prefix: a/b}", "a/b")]
)  # fmt: skip
def test_the_configuration_names_the_device(tmp_path: Path, written: str, prefix: str | None) -> None:
    (tmp_path / "site.yaml").write_text(f"mqtt: {{host: a.example, onvif: {written}}}")
    to = channel(load(tmp_path / "site.yaml"))
    assert to is not None
    assert to.onvif == (Onvif(prefix) if prefix else None)
