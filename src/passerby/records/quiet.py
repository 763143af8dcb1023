"""Quiet hours, in which nobody is told of alerts."""

from datetime import datetime, time, tzinfo
from typing import Self

from pydantic import Field, field_validator, model_validator

from passerby.core.alerts import is_quiet
from passerby.records.checks import time_of_day
from passerby.records.config_parts import Part


class Quiet(Part):
    """Hours of the day in which nobody is told. At their end is told what is still true."""

    begin: str = Field(
        alias="from", description='First quiet minute on the clock of the site or venue, such as "22:00".'
    )
    end: str = Field(alias="to", description='When they are over, such as "07:00"; earlier means on the next day.')

    _times = field_validator("begin", "end", mode="before")(time_of_day)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.begin == self.end:
            raise ValueError("from and to are the same; take quiet away, or write two times")
        return self

    def holds(self, now_unix_s: float, zone: tzinfo | None) -> bool:
        """Whether a moment lies in them, by the clock on the wall, whose hours may come twice or be skipped."""
        wall = datetime.fromtimestamp(now_unix_s, zone)
        return is_quiet(60 * wall.hour + wall.minute, _minute(self.begin), _minute(self.end))


def _minute(text: str) -> int:
    at = time.fromisoformat(text)
    return 60 * at.hour + at.minute
