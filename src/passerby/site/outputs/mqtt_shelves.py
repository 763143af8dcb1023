"""Shelves by MQTT: of each its availability, with the gaps, minute by minute, and what Home Assistant is told of it."""

import json
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from passerby.core.shelves import FacingState
from passerby.site.outputs.mqtt_topics import Key, Topics
from passerby.site.shelf_states import ShelfNow

SHELF = "shelf_availability"
"""The last level of the topic."""

_ATTRIBUTES = ("aisle", "coverage", "empty", "low", "cannot_see", "since", "problem")
_IS_KNOWN = "{{ 'offline' if value_json.value is none else 'online' }}"


def shelf_key(now: ShelfNow) -> Key:
    """What tells a shelf's sensor from all others of a site."""
    return (now.shelf.camera, now.shelf.shelf, SHELF)


def shelf_messages(topics: Topics, shelves: Iterable[ShelfNow], zone: tzinfo | None) -> dict[str, str]:
    """How each shelf is, by topic.

    Args:
        topics: of the site.
        shelves: all of them.
        zone: the site's time zone; None for the machine's.
    """
    return {topics.of(shelf_key(one)): json.dumps(_told(one, zone), ensure_ascii=False) for one in shelves}


def shelf_discovery(topics: Topics, key: Key) -> dict[str, Any]:
    """What Home Assistant is told of a shelf's sensor alone. While nothing is known of the shelf it is unavailable."""
    attributes = ", ".join(f"'{name}': value_json.{name}" for name in _ATTRIBUTES)
    return {
        "name": f"{key[1]} availability",
        "unit_of_measurement": "%",
        "state_class": "measurement",
        "json_attributes_topic": topics.of(key),
        "json_attributes_template": f"{{{{ {{{attributes}}} | tojson }}}}",
        "availability": [{"topic": topics.available}, {"topic": topics.of(key), "value_template": _IS_KNOWN}],
        "availability_mode": "all",
    }


def _told(now: ShelfNow, zone: tzinfo | None) -> dict[str, Any]:
    known = now.availability
    return {
        "value": None if known is None else round(100 * known, 1),
        "unit": "%",
        "coverage": round(now.seen / len(now.states), 4),
        "aisle": now.shelf.aisle,
        "empty": [
            {**now.where(gap.facing), "since": _iso(gap.since_unix_s, zone), "covered": gap.covered} for gap in now.gaps
        ],
        "low": _all(now, FacingState.LOW),
        "cannot_see": _all(now, FacingState.CANNOT_SEE),
        "since": _iso(now.gaps[0].since_unix_s, zone) if now.gaps else None,
        "problem": now.problem,
    }


def _all(now: ShelfNow, state: FacingState) -> list[dict[str, Any]]:
    return [now.where(i) for i, one in enumerate(now.states) if one is state]


def _iso(time_unix_s: float, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(round(time_unix_s), zone).astimezone(zone).isoformat(timespec="seconds")
