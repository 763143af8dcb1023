"""What may be asked of the API: the parameters of its routes."""

from datetime import tzinfo
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from passerby.core.tallies import HEAT_WINDOW_S, Measure
from passerby.records.asking import Moment, Text
from passerby.records.forms import Form
from passerby.site.figures import midnight
from passerby.site.reports import Asked
from passerby.site.store import HOUR_S, Filter

MAX_ROWS = 50_000
_LABELS = tuple(measure.label for measure in Measure)


def _label(value: str) -> str:
    if value not in _LABELS:
        raise ValueError(f"no such measure; known: {', '.join(_LABELS)}")
    return value


Label = Annotated[str, AfterValidator(_label), WithJsonSchema({"type": "string", "enum": list(_LABELS)})]


class Span(BaseModel):
    """The parameters of every question about a time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Moment | None = Field(
        None, description="Windows that start at or after this moment. Absent: midnight of the site's zone."
    )
    until: Moment | None = Field(None, description="Windows that start before this moment. Absent: without end.")
    width_s: int | None = Field(
        None, ge=60, le=86400, description="Merge into windows of this width; divides a day. Absent: as recorded."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.width_s is not None and 86400 % self.width_s:
            raise ValueError("width_s must divide a day: 900, 3600 or 86400 are good")
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError("until must be later than since")
        return self

    def since_unix_s(self, now_unix_s: float, zone: tzinfo | None) -> float:
        """The moment that was asked for, or the present day's midnight."""
        return midnight(now_unix_s, zone) if self.since is None else self.since


class Question(Span):
    """The parameters of `/api/v1/tallies`."""

    camera: Text | None = Field(None, description="Only this camera.")
    measure: Label | None = Field(None, description="Only this measure.")
    subject: Text | None = Field(None, description="Only this line or zone.")
    limit: int = Field(10_000, ge=1, le=MAX_ROWS, description="At most so many rows, the earliest.")
    format: Form = Field("json", description="`json`, `csv` for a spreadsheet, or `parquet`.")

    def filter(self, now_unix_s: float, zone: tzinfo | None) -> Filter:
        """What is asked of the store: one row more than the limit, to see whether there is more."""
        return Filter(
            camera=self.camera,
            measure=Measure[self.measure.upper()] if self.measure else None,
            subject=self.subject,
            since_unix_s=self.since_unix_s(now_unix_s, zone),
            until_unix_s=self.until,
            width_s=self.width_s,
            limit=self.limit + 1,
        )


class ReportQuestion(Span):
    """The parameters of `/api/v1/masks` and `/api/v1/zones`."""

    camera: Text | None = Field(None, description="Only this camera.")
    subject: Text | None = Field(None, description="Only this line or zone.")
    format: Form = Field("json", description="`json`, or `csv` or `parquet` with a row for each window.")

    def asked(self, now_unix_s: float, zone: tzinfo | None) -> Asked:
        """What is asked of the reports."""
        return Asked(self.since_unix_s(now_unix_s, zone), self.until, self.width_s, self.camera, self.subject)


class HeatQuestion(Span):
    """The parameters of `/api/v1/heat`."""

    camera: Text = Field(description="Which camera.")
    width_s: int | None = Field(
        None, ge=HEAT_WINDOW_S, le=86400, description="Merge into windows of this width; divides a day. Absent: hours."
    )
    format: Form = Field("json", description="`json`, or `csv` or `parquet` with a row for each cell.")

    def asked(self, now_unix_s: float, zone: tzinfo | None) -> Asked:
        """What is asked of the reports."""
        return Asked(self.since_unix_s(now_unix_s, zone), self.until, self.width_s or HEAT_WINDOW_S, self.camera)


class ShelfQuestion(Span):
    """The parameters of `/api/v1/shelves`."""

    camera: Text | None = Field(None, description="Only this camera.")
    subject: Text | None = Field(None, description="Only this shelf.")
    width_s: int | None = Field(
        None,
        ge=HOUR_S,
        le=86400,
        description="Tell availability by windows of this width; divides a day. Absent: hours.",
    )
    table: Literal["gaps", "availability"] = Field(
        "gaps",
        description="Which table `csv` and `parquet` give: a row for each gap, or for each shelf, aisle and hour.",
    )
    format: Form = Field("json", description="`json`, or `csv` or `parquet` with one of the tables.")

    def asked(self, now_unix_s: float, zone: tzinfo | None) -> Asked:
        """What is asked of the report."""
        since = self.since_unix_s(now_unix_s, zone)
        return Asked(since, self.until, self.width_s or HOUR_S, self.camera, self.subject)


class JournalQuestion(BaseModel):
    """The parameters of `/api/v1/journal`."""

    model_config = ConfigDict(extra="forbid")

    since: Moment | None = Field(None, description="Entries at or after this moment. Absent: of the last 30 days.")
    limit: int = Field(1000, ge=1, le=10_000, description="At most so many entries, the newest.")
