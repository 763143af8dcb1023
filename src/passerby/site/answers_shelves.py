"""The answer of the API about shelves, for its description in OpenAPI: every field, and what may be null."""

from typing import Literal

from pydantic import Field

from passerby.records.answers import Answer
from passerby.site.answers import When

State = Literal["stocked", "low", "empty", "cannot see"]


class OnShelfSum(Answer):
    """How much of the time there was something."""

    availability: float | None = Field(description="On-shelf availability, 0..1; null where nothing was seen.")
    coverage: float = Field(description="Share of the time that was seen, 0..1.")
    seen_s: float = Field(description="Seconds for which facings could be seen, all of them together.")
    empty_s: float


class ShelfHourRow(OnShelfSum, When):
    """Availability in one window."""


class RestockAnswer(Answer):
    """How long gaps lasted, of those of which beginning and end were seen."""

    gaps: int
    median_s: float | None = Field(description="Null of fewer gaps than restock_minimum.")
    p90_s: float | None


class FacingAnswer(OnShelfSum):
    """A facing."""

    facing: int = Field(description="Its index in the shelf, from 0; `part` in tallies.")
    row: int | None = Field(description="From 1, from above; null where facings were drawn one by one.")
    column: int | None
    state: State = Field(description="Now.")
    last_state: State | None = Field(description="When it could be seen last; null if it was not seen yet.")
    since_unix_s: int | None = Field(description="Since when it is in last_state.")
    since: str | None
    age_s: float | None = Field(description="How long ago it was seen last; 0 while it can be seen.")
    fill: float | None = Field(description="Mean fill in the last window in which it was seen, 0..1.")


class CourseAnswer(Answer):
    """What is told of a shelf, an aisle and all shelves alike."""

    facings_total: int = Field(description="How many facings there are.")
    facings_empty: int = Field(description="Of these, empty when they could be seen last.")
    facings_hidden: int = Field(description="Of these, not to be seen now.")
    sum: OnShelfSum
    restock: RestockAnswer
    hours: list[ShelfHourRow]


class ShelfRow(CourseAnswer):
    """A shelf."""

    camera: str
    shelf: str
    aisle: str | None
    not_taught: list[str] = Field(description="What it was not taught yet, full or empty; it is not seen until then.")
    camera_moved: bool = Field(description="The camera was moved; it is not seen until it is taught again.")
    facings: list[FacingAnswer]


class AisleRow(CourseAnswer):
    """An aisle."""

    aisle: str


class GapRow(Answer):
    """A stretch in which a facing was empty."""

    camera: str
    shelf: str
    aisle: str | None
    facing: int
    row: int | None
    column: int | None
    lasts: bool
    length_s: float
    begun: bool = Field(description="Whether its beginning was seen; else it was empty when watching began.")
    start_unix_s: int
    start: str
    end_unix_s: int | None
    end: str | None
    age_s: float | None = Field(description="Of one that lasts, how long ago the facing was seen last.")


class ShelvesAnswer(CourseAnswer):
    """Shelves."""

    restock_minimum: int
    aisles: list[AisleRow]
    shelves: list[ShelfRow]
    gaps: list[GapRow] = Field(description="Those that last first, and the longest first.")
