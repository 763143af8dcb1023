"""The counts as events of ONVIF over MQTT, which a video management system reads as it reads those of a camera.

After ONVIF Analytics Service Specification 26.06, annex A ("Specified Rules": "Message format", "Line crossing counting
rule", "Occupancy Counting rule"), and Core Specification 26.06, section 9.12 ("Event Broker": "Topic Structure", "JSON
Event Payload", "Property events"); both at https://github.com/onvif/specs. The two rules are properties, so their
messages are retained, and an empty one says that a value is not there any more. Each has a ReportTimeInterval of one
window, so that none tells of the moment of one person.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from urllib.parse import quote

from passerby.site.figures import midnight
from passerby.site.outputs.mqtt_messages import Messages
from passerby.site.outputs.mqtt_topics import NO_CAMERA, Key, level
from passerby.site.outputs.numbers import Number
from passerby.site.pages.board import Today

_PAYLOAD = "onvif-ej"
_COUNTER = "RuleEngine/CountAggregation/Counter"
_OCCUPANCY = "RuleEngine/CountAggregation/OccupancyCounter"
_RULES = {
    "crossings_in": (_COUNTER, "in"),
    "crossings_out": (_COUNTER, "out"),
    "entered": (_COUNTER, "entered"),
    "left": (_COUNTER, "left"),
    "occupancy": (_OCCUPANCY, "occupancy"),
}
"""The topic of a measure without its namespace `tns1`, and the last word of the rule's name."""

_NOT_IN_A_TOPIC = re.compile(r"[%/#+]|^_")
_TOKEN_CHARACTERS = 36
_DIGEST_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Onvif:
    """One device, in the sense of ONVIF.

    Attributes:
        prefix: TopicPrefix, which no other device at the broker has.
    """

    prefix: str

    @classmethod
    def of_site(cls, site: str, prefix: str | None) -> "Onvif":
        """The device of a site.

        Args:
            site: its name.
            prefix: as configured; None for the site's name as one level, as cameras have theirs.
        """
        return cls(prefix or level(site))

    def topics(self, keys: Iterable[Key]) -> set[str]:
        """Where those of the numbers are told that ONVIF has a rule for."""
        return {self._topic(key) for key in keys if key[2] in _RULES}

    def messages(self, numbers: Iterable[Number], today: Today, zone: tzinfo | None) -> Messages:
        """By topic; an empty one where a number is not known now.

        Args:
            numbers: those whose time is over.
            today: where they are from.
            zone: the site's time zone; None for the machine's.
        """
        opened = {place.name: place.since_unix_s for place in today.places}
        found = {}
        for number in numbers:
            if number.measure in _RULES:
                reset = _midnight(number, today, zone) if number.camera else opened[str(number.subject)]
                found[self._topic(number.key)] = _message(number, reset)
        return found

    def _topic(self, key: Key) -> str:
        """Topic = TopicPrefix "/" PayloadPrefix "/" LocalTopic "/&" Source."""
        return f"{self.prefix}/{_PAYLOAD}/{_RULES[key[2]][0]}/&{'/'.join(_source(key).values())}"


def token(name: str | None) -> str:
    """The name of a camera as a ReferenceToken: of 36 characters at most, and never another camera's.

    Args:
        name: of the camera; None for the site.
    """
    if name is None:
        return NO_CAMERA
    plain = _in_a_topic(name)
    if len(plain) <= _TOKEN_CHARACTERS:
        return plain
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{plain[: _TOKEN_CHARACTERS - _DIGEST_CHARACTERS - 1]}_{digest}"


def _source(key: Key) -> dict[str, str]:
    camera, subject, measure = key
    return {"VideoSource": token(camera), "Rule": f"{_in_a_topic(str(subject))} {_RULES[measure][1]}"}


def _in_a_topic(name: str) -> str:
    """A name without what a topic cannot hold, and that can be read back.

    ONVIF leaves such characters out, and then two doors may have one name.
    """
    return _NOT_IN_A_TOPIC.sub(lambda found: "%5F" if found[0] == "_" else quote(found[0], safe=""), name)


def _midnight(number: Number, today: Today, zone: tzinfo | None) -> float:
    """When a count of a camera was reset: at the beginning of the day of its last window."""
    return midnight(number.until_unix_s - 1 if number.value else today.as_of_unix_s, zone)


def _message(number: Number, reset_unix_s: float) -> str:
    if number.value is None:
        return ""
    # Of a day of which nothing is known yet, the last window is of the day before.
    moment_unix_s = max(number.until_unix_s, reset_unix_s)
    told = {
        "UtcTime": _utc(moment_unix_s),
        "Source": _source(number.key),
        "Data": {
            "Count": round(number.value),
            "passerby:Since": _utc(reset_unix_s),
            "passerby:Coverage": round(number.coverage, 4),
        },
    }
    return json.dumps(told, ensure_ascii=False)


def _utc(moment_unix_s: float) -> str:
    return f"{datetime.fromtimestamp(moment_unix_s, UTC):%Y-%m-%dT%H:%M:%SZ}"
