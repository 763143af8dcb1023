"""The configuration's lines, zones and places, and what is asked of them."""

from datetime import time
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from passerby.core.geometry import Line, Zone
from passerby.core.shares import MINIMUM_JUDGED
from passerby.core.tallies import HEAT_MINIMUM
from passerby.core.visits import Queue
from passerby.records import checks
from passerby.records.config_parts import Name, Part
from passerby.site import config_rules

Fraction = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Fraction, Fraction]
Corners = Annotated[tuple[Point, ...], Field(min_length=3, max_length=64)]
CrowdLimit = Annotated[int, Field(ge=1, le=100_000)]


class _Asking(Part):
    """What lines and zones have in common."""

    name: Name = Field(description="Stands on the page and in the API.")
    place: Name | None = Field(default=None, description="The place that it belongs to, one of `places`.")
    masks: bool = Field(
        default=False, description="Ask of each person who passes whether a mask is visible; needs `purpose`."
    )
    purpose: Annotated[str, Field(min_length=3, max_length=200)] | None = Field(
        default=None, description="What masks are asked for, in the words of the notice at the door."
    )

    _name = field_validator("name")(checks.place_name)
    _text = field_validator("purpose")(checks.plain_text)

    @model_validator(mode="after")
    def _has_a_purpose(self) -> Self:
        if self.masks and self.purpose is None:
            raise ValueError("masks: true needs purpose: what the share is wanted for, as the notice shall say it")
        if self.purpose is not None and not self.masks:
            raise ValueError("purpose says what masks are asked for; write masks: true beside it, or take it away")
        return self


class LineShape(_Asking):
    """A counting line. "In" is crossing from the left to the right hand of someone who walks from `from` to `to`."""

    start: Point = Field(alias="from", description="First point, as fractions of the picture: x to the right, y down.")
    end: Point = Field(alias="to", description="Second point.")

    @model_validator(mode="after")
    def _valid(self) -> Self:
        Line(self.name, self.start, self.end)
        return self


class QueueShape(Part):
    """What makes a zone a queue."""

    head: Point = Field(description="Where people are served.")
    tail: Point = Field(description="Where they join.")

    @model_validator(mode="after")
    def _valid(self) -> Self:
        Queue(self.head, self.tail)
        return self


class ZoneShape(_Asking):
    """An area in which people are counted."""

    corners: Corners = Field(description="Three corners or more, as fractions of the picture, in order.")
    crowd_limit: CrowdLimit | None = Field(
        default=None, description="How many people may be in it; the time over it is tallied."
    )
    queue: QueueShape | None = Field(default=None, description="Makes it a queue, with waiting times.")

    _corners = field_validator("corners")(config_rules.simple_polygon)

    @model_validator(mode="after")
    def _valid(self) -> Self:
        Zone(self.name, self.corners)
        return self


class Area(Part):
    """A part of the picture."""

    corners: Corners = Field(description="Three corners or more, as fractions of the picture, in order.")

    _corners = field_validator("corners")(config_rules.simple_polygon)

    @model_validator(mode="after")
    def _valid(self) -> Self:
        Zone("area", self.corners)
        return self


class PlaceShape(Part):
    """A room, or a part of the venue, made of lines and zones of any cameras. Its occupancy is in minus out."""

    name: Name = Field(description="Stands on the page and in the API; lines and zones name it.")
    opens: str | None = Field(
        default=None, description='When the day begins here, such as "06:00": its occupancy is then set to zero.'
    )
    crowd_limit: CrowdLimit | None = Field(default=None, description="How many people may be inside.")
    zones_see_all: bool = Field(
        default=False, description="Its zones see the whole place: they are compared with what its lines say."
    )

    _name = field_validator("name")(checks.place_name)
    _opens = field_validator("opens", mode="before")(checks.time_of_day)

    @property
    def opening_time(self) -> time | None:
        """When the day begins here."""
        return time.fromisoformat(self.opens) if self.opens else None


class Masks(Part):
    """How masks are looked for."""

    model: Name | None = Field(
        default=None, description="Judge of masks: a name of `passerby models list`. Absent: aizoo-facemask."
    )
    minimum_judged: int = Field(
        default=MINIMUM_JUDGED,
        ge=1,
        le=10_000,
        description="Below so many people judged in a window, no share is shown.",
    )


class HeatMaps(Part):
    """How heat maps are kept."""

    minimum_people: int = Field(
        default=HEAT_MINIMUM, ge=2, le=1000, description="Cells with fewer people in an hour are blanked at once."
    )
