"""What is said of an alert: plain sentences about a place."""

from datetime import datetime, tzinfo
from typing import Any

from passerby.records.receivers import Message
from passerby.site.outputs.alert_shelves import facings_in_words

_EVENTS = {"began": "", "ended": "over: ", "test": "test: "}


def message(body: dict[str, Any], zone: tzinfo | None) -> Message:
    """What people and programs are told.

    Args:
        body: as a webhook gets it: event, alert, when, value and so on.
        zone: of the site's clock; None for the machine's.
    """
    text = _sentence(body, zone)
    return Message(f"{body['site']}: {_EVENTS[body['event']]}{body['alert']}", text, body | {"text": text})


def _sentence(body: dict[str, Any], zone: tzinfo | None) -> str:
    where = ", ".join(one for one in (body["camera"], body["subject"]) if one) or "whole site"
    if body["when"] == "shelf_empty" and body["subject"] and not body["camera"]:
        where = f"aisle {where}"
    if body["event"] == "test":
        return f"This is a test of an alert about: {where}. Nothing has happened."
    if body["when"] == "store_damaged":
        problem: str = body["problem"]
        return f"{problem[0].upper()}{problem[1:]}."
    since = datetime.fromtimestamp(body["since_unix_s"], zone).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    began = body["event"] == "began"
    if body["when"] == "camera_down":
        what = f"no pictures for {body['value'] / 60:.0f} min" if began else "pictures again"
        return f"{where}: {what} (as of {since})."
    if body["when"] == "camera_check":
        return f"{where}: {', '.join(body['checks']) if began else 'nothing more is found'} (as of {since})."
    if body["when"] == "shelf_empty":
        return f"{where}: {_empty(body)} (as of {since})."
    if body["when"] == "masked_share_under":
        beyond = f", less than {body['limit']:g} %" if began else ""
        return f"{where}: {body['value']:g} % with a mask{beyond} (as of {since})."
    beyond = f", more than {body['limit']:g}" if began else ""
    return f"{where}: {body['value']:g} people{beyond} (as of {since})."


def _empty(body: dict[str, Any]) -> str:
    count = int(body["value"])
    what = "no facing is empty" if count == 0 else "1 facing is empty" if count == 1 else f"{count} facings are empty"
    places = facings_in_words(body["empty"], body["subject"] if body["camera"] else None)
    return what + (f": {places}" if places else "")
