"""What is said of an alert of a hub: plain sentences about a venue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from passerby.hub.alerts.bands import Band
from passerby.hub.alerts.config import HubAlert
from passerby.hub.contract import Venue
from passerby.records.receivers import Message

EVENTS = {"began": "", "ended": "over: ", "escalated": "nobody has acknowledged: ", "test": "test: "}
_HOLDS = {
    "venue_silent": ("its site sends nothing", "its site sends again"),
    "venue_overdue": ("it is not connected, and its deadline is over", "it is connected, or has another deadline"),
}
_SAYS = {
    "cameras_down": "{value:.0f} % of its cameras are down",
    "occupancy_over": "{value:.0f} % of its capacity is inside",
    "masked_share_under": "{value:.0f} % with a mask today",
    "shelves_empty": "{value:.0f} % of its facings are empty",
    "checks_failing": "{value:.0f} of its cameras fail a check",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule sees at a venue now.

    Attributes:
        value: what the rule compares; None where it is not known, which neither begins nor ends anything.
        unix_s: when it was so: end of the window, or now.
        number: what is told; None where there is none.
        band: what is usual, for unusual.
    """

    value: float | None
    unix_s: float
    number: float | None = None
    band: Band | None = None


def sentence(alert: HubAlert, venue: Venue, seen: Seen, *, on: bool) -> str:
    """What happened, where, and when on the venue's clock."""
    at = datetime.fromtimestamp(seen.unix_s, ZoneInfo(venue.zone))
    when = f"(as of {at:%Y-%m-%d %H:%M})"
    if alert.when in _HOLDS:
        return f"{venue.name}: {_HOLDS[alert.when][0 if on else 1]} {when}."
    if alert.when == "unusual":
        return f"{venue.name}: {_unusual(seen, on=on)} {when}."
    value = seen.number or 0.0
    side = "less" if alert.when == "masked_share_under" else "more"
    beyond = f", {side} than {alert.limit:g}{alert.unit}" if on else ""
    return f"{venue.name}: {_SAYS[alert.when].format(value=value)}{beyond} {when}."


def _unusual(seen: Seen, *, on: bool) -> str:
    if seen.band is None or seen.number is None:
        return "visitors as usual again"
    usual = f"{seen.band.low:.0f} to {seen.band.high:.0f} are usual"
    return f"{seen.number:.0f} visitors in the last hour; {usual}" if on else f"as usual again; {usual}"


def message(hub: str, venue: Venue, event: str, row: dict[str, Any]) -> Message:
    """What people and programs are told.

    Args:
        hub: its name.
        venue: which it is about.
        event: of `EVENTS`.
        row: the alert: number, rule, when, text, value, limit, began_unix_s, ended_unix_s.
    """
    title = f"{venue.name}: {EVENTS[event]}{row['rule']}"
    body = {"hub": hub, "event": event, "venue": venue.slug, "venue_name": venue.name, **row}
    return Message(title, f"{EVENTS[event].capitalize()}{row['text']}" if event == "escalated" else row["text"], body)


def test_message(hub: str, name: str) -> Message:
    """What a test sends."""
    text = f"This is a test of {name}. Nothing has happened."
    body = {"hub": hub, "event": "test", "venue": None, "venue_name": None, "rule": name, "text": text}
    return Message(f"{hub}: {EVENTS['test']}{name}", text, body)
