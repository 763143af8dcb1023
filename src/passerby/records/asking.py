"""What questions to an API are made of."""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

_LEAP_SECOND = re.compile(r"(.+T\d{2}:\d{2}):60(?:\.\d+)?(.*)")


def _moment(value: Any) -> Any:
    """A moment as Unix seconds, from Unix seconds or ISO 8601 with a zone."""
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    # A leap second has the number of the one after it, as on every computer's clock.
    leap = _LEAP_SECOND.fullmatch(value)
    if leap:
        return _moment(f"{leap[1]}:59{leap[2]}") + 1.0
    try:
        # In a URL a plus sign means a space, and who pastes a time forgets that.
        moment = datetime.fromisoformat(value.replace(" ", "+") if "T" in value else value)
    except ValueError:
        raise ValueError("write Unix seconds, or a time such as 2026-05-01T09:00:00+02:00") from None
    if moment.tzinfo is None:
        raise ValueError("the zone is missing; write Z or +02:00 behind the time")
    return moment.timestamp()


Moment = Annotated[
    float,
    BeforeValidator(_moment),
    Field(ge=0, le=253402300799, allow_inf_nan=False),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 253402300799, "description": "Unix seconds"},
                {"type": "string", "format": "date-time"},
            ]
        }
    ),
]
Text = Annotated[str, Field(min_length=1, max_length=64)]
