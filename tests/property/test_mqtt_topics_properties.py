"""Topics and ids of any names: legal, readable back, and never shared."""

import re
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from passerby.site.outputs.mqtt_topics import AVAILABLE, NO_CAMERA, NO_SUBJECT, Key, Topics, level

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20) | st.sampled_from(
    ["_site", "_all", "available", "a/b", "a+b", "#", "$SYS", "a b", "a_b", "A B", "%20", "Вход", "\u00e9", "e\u0301"]
)
KEYS: st.SearchStrategy[Key] = st.tuples(
    st.none() | NAMES, st.none() | NAMES, st.sampled_from(["people", "crossings_in", "problem"])
)
SAFE = re.compile(r"[A-Za-z0-9_.~%-]+")
HOME_ASSISTANT = re.compile(r"(?!.+__)(?!_)[\da-z_]+(?<!_)\.(?!_)[\da-z_]+(?<!_)")


@given(NAMES)
def test_a_level_is_safe_and_can_be_read_back(name: str) -> None:
    assert SAFE.fullmatch(level(name))
    assert level(name) not in (NO_CAMERA, NO_SUBJECT)
    assert unquote(level(name)) == name


@given(NAMES, NAMES, KEYS, KEYS)
def test_no_two_things_share_a_topic_or_an_id(site: str, other_site: str, one: Key, other: Key) -> None:
    first, second = Topics("passerby", site), Topics("passerby", other_site)
    same = (site, one) == (other_site, other)
    assert (first.of(one) == second.of(other)) is same
    assert (first.unique_id(one) == second.unique_id(other)) is same
    assert (first.device_id(one[0]) == second.device_id(other[0])) is ((site, one[0]) == (other_site, other[0]))
    assert first.of(one) not in (first.available, second.available)


@given(NAMES, KEYS)
def test_one_subscription_is_enough_and_ids_are_what_home_assistant_takes(site: str, key: Key) -> None:
    topics = Topics("venues/passerby", site)
    assert topic_matches_sub(f"venues/passerby/{level(site)}/+/+/{key[2]}", topics.of(key))
    assert topics.available == f"venues/passerby/{level(site)}/{AVAILABLE}"
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,128}", topics.unique_id(key))
    assert HOME_ASSISTANT.fullmatch(f"sensor.{topics.entity_id(key)}")
    assert re.fullmatch(r"[0-9a-zA-Z]{1,23}", topics.client_id), "what every broker must take"
