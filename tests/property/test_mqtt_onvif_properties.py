"""What a reader of the events adds up is what was counted, and names are never shared."""

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from passerby.core.tallies import Measure, Tally
from passerby.gate.messages import CameraPlan, LinePlan
from passerby.site.figures import Settings
from passerby.site.outputs.mqtt_onvif import Onvif, token
from passerby.site.outputs.mqtt_topics import Key
from passerby.site.outputs.numbers import numbers
from passerby.site.pages.board import PageBoard
from passerby.site.store import Store
from tests.property.test_mqtt_topics_properties import NAMES
from tests.support.filled import ZONE
from tests.support.published import STATE

HOUR_S = 3600
MIDNIGHT = 1_759_960_800
"""9 October 2025 in Paris."""
MEASURES = {Measure.CROSSINGS_IN: "crossings_in", Measure.CROSSINGS_OUT: "crossings_out"}
PLAN = CameraPlan("c", lines=(LinePlan("door", (0, 0.5), (1, 0.5)),))
COUNTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=30)
KEYS: st.SearchStrategy[Key] = st.tuples(NAMES, NAMES, st.sampled_from(["crossings_in", "entered"])) | st.tuples(
    st.none(), NAMES, st.sampled_from(["entered", "left", "occupancy"])
)


@contextmanager
def told_by(counts: list[tuple[int, int]]) -> Iterator[dict[str, list[tuple[str, int]]]]:
    """What a line tells hour by hour, from six in the evening on: reset and count, by topic."""
    now = [0.0]
    heard: dict[str, list[tuple[str, int]]] = {}
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "a.sqlite") as store:
        known = replace(Settings((PLAN,), HOUR_S, ZONE), clock=lambda: now[0])
        board = PageBoard(store, lambda: STATE, known)
        for i, both in enumerate(counts):
            start = MIDNIGHT + (18 + i) * HOUR_S
            of = zip(MEASURES, both, strict=True)
            store.add([Tally("c", measure, "door", start, HOUR_S, people, HOUR_S) for measure, people in of])
            now[0] = start + HOUR_S + 40.0
            today = board.today()
            for topic, payload in Onvif("x").messages(numbers(today), today, ZONE).items():
                told = json.loads(payload)
                moment = datetime.fromisoformat(told["UtcTime"])
                assert moment == datetime.fromtimestamp(start + HOUR_S, UTC), "the end of the window"
                heard.setdefault(topic, []).append((told["Data"]["passerby:Since"], told["Data"]["Count"]))
        yield heard


@settings(max_examples=15, deadline=None)
@given(COUNTS)
def test_what_is_added_up_is_what_was_counted(counts: list[tuple[int, int]]) -> None:
    """Increments since the last reset. The window that ends as the counter is reset is the one that is not told."""
    with told_by(counts) as heard:
        assert len(heard) == len(MEASURES)
        for i, word in enumerate(("in", "out")):
            messages = heard[f"x/onvif-ej/RuleEngine/CountAggregation/Counter/&c/door {word}"]
            added, before = 0, ("", 0)
            for since, count in messages:
                assert since >= before[0]
                added += count - (before[1] if since == before[0] else 0)
                before = (since, count)
            assert added == sum(both[i] for hour, both in enumerate(counts, 18) if hour % 24 != 23)


@given(NAMES, NAMES)
def test_a_camera_has_a_token_of_its_own(one: str, other: str) -> None:
    assert (token(one) == token(other)) is (one == other)
    assert token(one) != token(None)
    assert 0 < len(token(one)) <= 36


@given(KEYS, KEYS)
def test_no_two_numbers_share_a_topic(one: Key, other: Key) -> None:
    topics = Onvif("a/b").topics([one, other])
    assert len(topics) == len({one, other})
    for topic in topics:
        assert topic_matches_sub("a/b/onvif-ej/RuleEngine/CountAggregation/+/+/+", topic)
        assert not re.search(r"[#+\0]", topic)
