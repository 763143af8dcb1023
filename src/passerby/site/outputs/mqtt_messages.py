"""What is published: numbers and states as JSON, and how Home Assistant is told of them.

Discovery is one message for each entity, not one for each device: to remove an entity is to empty its topic, which
every version of Home Assistant understands. See https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from passerby import __version__
from passerby.site.audits.told import for_viewers
from passerby.site.outputs.mqtt_catalogue import ATTENTION, CONNECTED, FLAGS, MEASURED, PROBLEM
from passerby.site.outputs.mqtt_shelves import shelf_discovery
from passerby.site.outputs.mqtt_topics import Key, Topics
from passerby.site.outputs.numbers import Kind, Number
from passerby.site.state import CameraChecks, CameraStatus, SiteState
from passerby.site.web import unwell

Messages = dict[str, str]
"""Payloads by topic."""

_STATE_CLASS = {Kind.LEVEL: "measurement", Kind.RISING: "total_increasing"}
_VALUE = "{{ value_json.value }}"
_ATTRIBUTES = "{{ {'coverage': value_json.coverage, 'until': value_json.until} | tojson }}"
_OF_FLAGS = {
    PROBLEM: "{{ {'reasons': value_json.reasons} | tojson }}",
    ATTENTION: "{{ {'checks': value_json.checks} | tojson }}",
}


def number_message(key: Key, number: Number | None, zone: tzinfo | None) -> str:
    """A number with its coverage and the end of its time.

    Args:
        key: which.
        number: None where nothing was told of it yet: a count is 0 then, and anything else not known.
        zone: the site's time zone; None for the machine's.
    """
    measured = MEASURED[key[2]]
    value = number.value if number else None
    if value is None and measured.kind is Kind.RISING:
        value = 0
    until = datetime.fromtimestamp(number.until_unix_s, zone).astimezone(zone) if number else None
    return _json(
        {
            "value": value,
            "unit": measured.unit,
            "coverage": round(number.coverage, 4) if number else 0.0,
            "until": until.isoformat(timespec="seconds") if until else None,
        }
    )


def flag_messages(topics: Topics, keys: Iterable[Key], state: SiteState) -> Messages:
    """How the site and its cameras are."""
    cameras = {camera.name: camera for camera in state.cameras}
    messages = {}
    for key in keys:
        name, _, flag = key
        if name is not None and flag == ATTENTION:
            messages[topics.of(key)] = _attention(state.checks.of(name))
            continue
        if name is None:
            reasons = unwell(state)
            is_on = bool(reasons)
        else:
            camera = cameras[name]
            reasons = [camera.fault] if camera.fault else []
            is_on = camera.status is CameraStatus.LIVE if flag == CONNECTED else bool(reasons)
        told: dict[str, Any] = {"value": "ON" if is_on else "OFF"}
        messages[topics.of(key)] = _json({**told, "reasons": reasons} if flag == PROBLEM else told)
    return messages


def _attention(checks: CameraChecks) -> str:
    """Whether a camera needs attention, without what helps who would break in: a broker has many readers."""
    told = [one.check for one in for_viewers(checks).findings]
    return _json({"value": "ON" if checks.needs_attention else "OFF", "checks": told})


@dataclass(frozen=True, slots=True)
class Discovery:
    """How Home Assistant is told.

    Attributes:
        prefix: where it listens.
        topics: of the site.
    """

    prefix: str
    topics: Topics

    def messages(self, numbers: Iterable[Key], flags: Iterable[Key], shelves: Iterable[Key] = ()) -> Messages:
        """One for each entity."""
        return {
            **dict(self._message("binary_sensor", key, self._flag(key)) for key in flags),
            **dict(self._message("sensor", key, self._number(key)) for key in numbers),
            **dict(self._message("sensor", key, shelf_discovery(self.topics, key)) for key in shelves),
        }

    def _message(self, component: str, key: Key, own: dict[str, Any]) -> tuple[str, str]:
        unique_id = self.topics.unique_id(key)
        told = {
            "unique_id": unique_id,
            "default_entity_id": f"{component}.{self.topics.entity_id(key)}",
            "state_topic": self.topics.of(key),
            "value_template": _VALUE,
            "availability": [{"topic": self.topics.available}],
            "qos": 1,
            **own,
            "device": self._device(key[0]),
            "origin": {"name": "passerby", "sw_version": __version__},
        }
        return f"{self.prefix}/{component}/{unique_id}/config", _json(told)

    def _number(self, key: Key) -> dict[str, Any]:
        measured = MEASURED[key[2]]
        return {
            "name": _name(key, measured.words),
            "unit_of_measurement": measured.unit,
            "state_class": _STATE_CLASS[measured.kind],
            "json_attributes_topic": self.topics.of(key),
            "json_attributes_template": _ATTRIBUTES,
            **({"device_class": measured.device_class} if measured.device_class else {}),
        }

    def _flag(self, key: Key) -> dict[str, Any]:
        flag = FLAGS[key[2]]
        told = {"name": _name(key, flag.words), "device_class": flag.device_class, "entity_category": "diagnostic"}
        if key[2] in _OF_FLAGS:
            told |= {"json_attributes_topic": self.topics.of(key), "json_attributes_template": _OF_FLAGS[key[2]]}
        return told

    def _device(self, camera: str | None) -> dict[str, Any]:
        site = self.topics.site
        return {
            "identifiers": [self.topics.device_id(camera)],
            "name": site if camera is None else f"{site} {camera}",
            "manufacturer": "passerby",
            "model": "Venue" if camera is None else "Camera",
            "sw_version": __version__,
        }


def _name(key: Key, words: str) -> str:
    return words if key[1] is None else f"{key[1]} {words}"


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)
