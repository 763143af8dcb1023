"""What may be asked of a hub's API: the parameters of its routes."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from passerby.core.tallies import Measure
from passerby.hub.comparing import By
from passerby.hub.contract import Venue, VenueState
from passerby.hub.overview import VenueNow
from passerby.records.asking import Moment
from passerby.records.forms import Form

DAY_S = 86_400
MOST_DAYS = 400
MOST_SPAN_S = 35 * DAY_S
_LABELS = tuple(measure.label for measure in Measure if measure is not Measure.HEAT)


def _label(value: str) -> str:
    if value not in _LABELS:
        raise ValueError(f"no such measure; known: {', '.join(_LABELS)}")
    return value


def _day(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("write a day such as 2026-05-01") from None
    return value


Label = Annotated[str, AfterValidator(_label), WithJsonSchema({"type": "string", "enum": list(_LABELS)})]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Text = Annotated[str, Field(min_length=1, max_length=128)]
Slug = Annotated[str, Field(min_length=1, max_length=64)]


class Asked(BaseModel):
    """A question: nothing is guessed, nothing is ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Some(Asked):
    """Which venues a question is about, of those that the account may see."""

    organisation: Text | None = Field(None, description="Only venues of this organisation.")
    district: Text | None = Field(None, description="Only venues of this district.")
    brand: Text | None = Field(None, description="Only venues of this brand.")
    tag: Text | None = Field(None, description="Only venues with this tag.")

    def takes(self, venue: Venue) -> bool:
        """Whether the question is about a venue."""
        pairs = ((self.organisation, venue.organisation), (self.district, venue.district), (self.brand, venue.brand))
        return all(asked is None or asked.casefold() == known.casefold() for asked, known in pairs) and (
            self.tag is None or self.tag.casefold() in {one.casefold() for one in venue.tags}
        )


class VenuesQuestion(Some):
    """The parameters of `/api/v1/venues`."""

    state: VenueState | None = Field(None, description="Only venues in this state.")
    format: Form = Field("json", description="`json`, or `csv` or `parquet` with a row for each venue.")

    def takes_now(self, now: VenueNow) -> bool:
        """Whether the question is about a venue."""
        return self.takes(now.venue) and self.state in (None, now.state)


class TalliesQuestion(Asked):
    """The parameters of `/api/v1/venues/{slug}/tallies`."""

    since: Moment | None = Field(None, description="Windows that start at or after this moment. Absent: a day ago.")
    until: Moment | None = Field(None, description="Windows that start before this moment. Absent: now.")
    width_s: int = Field(3600, ge=60, le=DAY_S, description="Steps of this width; divides a day.")
    measure: Label | None = Field(None, description="Only this measure.")
    camera: Annotated[str, Field(max_length=64)] | None = Field(None, description="Only this camera.")
    name: Annotated[str, Field(max_length=64)] | None = Field(None, description="Only this line, zone, shelf or place.")
    limit: int = Field(10_000, ge=1, le=50_000, description="At most so many rows, the earliest.")
    format: Form = Field("json", description="`json`, `csv` for a spreadsheet, or `parquet`.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if DAY_S % self.width_s:
            raise ValueError("width_s must divide a day: 900, 3600 or 86400 are good")
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError("until must be later than since")
        return self

    def span(self, now_unix_s: float) -> tuple[int, int]:
        """From when, and until before when.

        Raises:
            ValueError: it is too long, or over before it began.
        """
        until = now_unix_s if self.until is None else self.until
        since = until - DAY_S if self.since is None else self.since
        if not 0 < until - since <= MOST_SPAN_S:
            raise ValueError(f"since is before until, at most {MOST_SPAN_S // DAY_S} days; ask for days beyond that")
        return int(since), int(until)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Those that are asked for."""
        return (Measure[self.measure.upper()],) if self.measure else tuple(m for m in Measure if m is not Measure.HEAT)


class DaysOf(Some):
    """Which days a question is about."""

    first: Day | None = Field(None, description="First day, by each venue's own calendar. Absent: 29 days before last.")
    last: Day | None = Field(None, description="Last day, which belongs to it. Absent: today in the hub's zone.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.first is not None and self.last is not None:
            _span(self.first, self.last)
        return self

    def days(self, today: date) -> tuple[date, date]:
        """First and last day.

        Raises:
            ValueError: too many, or in the wrong order.
        """
        last = self.last or today
        first = self.first or last - timedelta(days=29)
        _span(first, last)
        return first, last


def _span(first: date, last: date) -> None:
    if not 0 <= (last - first).days < MOST_DAYS:
        raise ValueError(f"first is not after last, and there are at most {MOST_DAYS} days from one to the other")


class DaysQuestion(DaysOf):
    """The parameters of `/api/v1/days`."""

    by: Literal["venue", "district", "organisation", "brand", "all"] = Field("district", description="Sums by what.")
    measure: Label = Field("crossings_in", description="Which measure.")
    format: Form = Field("json", description="`json`, or `csv` or `parquet` with a row for each group and day.")


class RankingQuestion(DaysOf):
    """The parameters of `/api/v1/ranking`."""

    by: By = Field(By.VISITORS, description="What they are ranked by, the most first.")
    format: Form = Field("json", description="`json`, or `csv` or `parquet` with a row for each venue.")


class RolloutQuestion(Some):
    """The parameters of `/api/v1/rollout`."""

    format: Form = Field("json", description="`json`, or `csv` or `parquet` with a row for each district.")


class AlertsQuestion(Some):
    """The parameters of `/api/v1/alerts`."""

    which: Literal["open", "past"] = Field("open", description="Those that are open, or those that have ended.")
    limit: int = Field(100, ge=1, le=1000, description="At most so many, the newest.")


class LogQuestion(Asked):
    """The parameters of `/api/v1/log`."""

    venue: Slug | None = Field(None, description="Only what is about this venue.")
    before: int | None = Field(None, ge=1, le=2**53, description="Only entries before the one of this number.")
    limit: int = Field(100, ge=1, le=1000, description="At most so many, the newest.")


class Acknowledging(Asked):
    """What is sent to acknowledge an alert."""

    note: Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")] = Field(
        "", description="What is done about it; nothing about single people."
    )
