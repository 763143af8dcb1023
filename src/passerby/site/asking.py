"""What may be asked of `/api/v1/tallies`, and its answer as JSON and CSV."""

import csv
import io
import re
from datetime import datetime, tzinfo
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from passerby.core.tallies import Measure
from passerby.site.figures import midnight
from passerby.site.store import Filter, StoredTally

MAX_ROWS = 50_000
_COLUMNS = (
    *("camera", "measure", "subject", "start_unix_s", "start", "width_s"),
    *("total", "exposure", "value", "coverage", "unsafe"),
)


def _moment(value: Any) -> Any:
    """A moment as Unix seconds, from Unix seconds or ISO 8601 with a zone."""
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    try:
        # In a URL a plus sign means a space, and who pastes a time forgets that.
        moment = datetime.fromisoformat(value.replace(" ", "+") if "T" in value else value)
    except ValueError:
        raise ValueError("write Unix seconds, or a time such as 2026-05-01T09:00:00+02:00") from None
    if moment.tzinfo is None:
        raise ValueError("the zone is missing; write Z or +02:00 behind the time")
    return moment.timestamp()


Moment = Annotated[float, BeforeValidator(_moment), Field(ge=0, le=253402300799, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1, max_length=64)]


class Question(BaseModel):
    """The parameters of `/api/v1/tallies`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    camera: Text | None = Field(None, description="Only this camera.")
    measure: Literal["crossings_in", "crossings_out", "people", "peak"] | None = Field(
        None, description="Only this measure."
    )
    subject: Text | None = Field(None, description="Only this line or zone.")
    since: Moment | None = Field(
        None, description="Windows that start at or after this moment. Absent: midnight of the site's zone."
    )
    until: Moment | None = Field(None, description="Windows that start before this moment. Absent: without end.")
    width_s: int | None = Field(
        None, ge=60, le=86400, description="Merge into windows of this width; divides a day. Absent: as recorded."
    )
    limit: int = Field(10_000, ge=1, le=MAX_ROWS, description="At most so many rows, the earliest.")
    format: Literal["json", "csv"] = Field("json", description="`json`, or `csv` for a spreadsheet.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.width_s is not None and 86400 % self.width_s:
            raise ValueError("width_s must divide a day: 900, 3600 or 86400 are good")
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError("until must be later than since")
        return self

    def filter(self, now_unix_s: float, zone: tzinfo | None) -> Filter:
        """What is asked of the store: one row more than the limit, to see whether there is more."""
        return Filter(
            camera=self.camera,
            measure=Measure[self.measure.upper()] if self.measure else None,
            subject=self.subject,
            since_unix_s=midnight(now_unix_s, zone) if self.since is None else self.since,
            until_unix_s=self.until,
            width_s=self.width_s,
            limit=self.limit + 1,
        )


def as_rows(stored: list[StoredTally], zone: tzinfo | None) -> list[dict[str, Any]]:
    """Tallies as people and programs read them."""
    return [_row(one, zone) for one in stored]


def as_csv(rows: list[dict[str, Any]]) -> str:
    """Rows as CSV (RFC 4180) with a head. A text that a spreadsheet would take for a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    return text.getvalue()


def _row(one: StoredTally, zone: tzinfo | None) -> dict[str, Any]:
    tally = one.tally
    start = datetime.fromtimestamp(tally.start_unix_s, zone).astimezone(zone)
    # The largest number of people at once is not a rate: dividing it by time means nothing.
    value = None if tally.measure is Measure.PEAK else tally.value
    return {
        "camera": tally.camera,
        "measure": tally.measure.label,
        "subject": tally.subject,
        "start_unix_s": tally.start_unix_s,
        "start": start.isoformat(),
        "width_s": tally.width_s,
        "total": tally.total,
        "exposure": tally.exposure,
        "value": None if value is None else round(value, 6),
        "coverage": round(tally.coverage, 4),
        "unsafe": one.unsafe,
    }


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
