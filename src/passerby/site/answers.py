"""The answers of the API, for its description in OpenAPI: every field, and what may be null.

They describe and do not filter: what is answered is made by the reports, and a test compares both.
"""

from dataclasses import fields
from typing import Any, Literal, get_type_hints

from pydantic import Field, create_model

from passerby.records.answers import Answer
from passerby.site.state import AS_DEVICE, CameraState, LockdownState, SiteState


class TallyRow(Answer):
    """One tally."""

    camera: str
    measure: str
    subject: str
    part: int = Field(description="Bucket or cell of a measure that has several.")
    start_unix_s: int
    start: str
    width_s: int
    total: float | None
    exposure: float
    value: float | None = Field(description="total / exposure; null where nothing was seen or it is no rate.")
    coverage: float | None = Field(description="Share of the window that was seen, 0..1.")
    withheld: bool = Field(description="Of too few people judged no share is told.")
    unsafe: bool


class TalliesAnswer(Answer):
    """Tallies."""

    tallies: list[TallyRow]
    truncated: bool


class CorrectedShare(Answer):
    """A share by the judge's measured errors."""

    share: float | None
    low: float | None
    high: float | None


class MaskSum(Answer):
    """A masked share."""

    asked: int
    judged: int
    withheld: bool
    masked: int | None
    worn_wrongly: int | None
    share: float | None
    low: float | None
    high: float | None
    corrected: CorrectedShare | None
    cannot_tell_share: float | None


class When(Answer):
    """A window."""

    start_unix_s: int
    start: str
    width_s: int


class MaskWindowRow(MaskSum, When):
    """A masked share in one window."""


class MaskSeriesAnswer(Answer):
    """Masks at one place, or at all."""

    camera: str | None
    place: str | None
    purpose: str | None
    sum: MaskSum
    windows: list[MaskWindowRow]


class MasksAnswer(Answer):
    """Masks."""

    minimum_judged: int
    site: MaskSeriesAnswer
    places: list[MaskSeriesAnswer]


class StaysAnswer(Answer):
    """How long people stayed or waited."""

    visits: int
    median_s: float | None
    p90_s: float | None
    mean_s: float | None
    censored_share: float | None
    known_to_s: float | None
    left: list[int]
    lost: list[int]


class QueueAnswer(Answer):
    """A queue."""

    served: int
    gave_up: int
    abandonment_share: float | None
    wait: StaysAnswer
    littles_law_wait_s: float | None


class ZoneSum(Answer):
    """A zone."""

    observed_s: float
    coverage: float
    mean: float | None
    max: int | None
    person_minutes: float | None
    entered: int | None
    left: int | None
    over_limit_s: float | None
    over_limit_share: float | None
    dwell: StaysAnswer | None
    queue: QueueAnswer | None


class ZoneWindowRow(ZoneSum, When):
    """A zone in one window."""


class ZoneSeriesAnswer(Answer):
    """One zone over the span."""

    camera: str
    zone: str
    crowd_limit: int | None
    is_queue: bool
    sum: ZoneSum
    windows: list[ZoneWindowRow]


class ZonesAnswer(Answer):
    """Zones."""

    dwell_edges_s: list[float]
    zones: list[ZoneSeriesAnswer]


_Cells = list[list[float | None]]


class HeatSum(Answer):
    """The whole span."""

    observed_s: float
    person_seconds: _Cells
    mean_people: _Cells


class HeatWindowRow(When):
    """One window."""

    observed_s: float
    person_seconds: _Cells


class HeatAnswer(Answer):
    """Where people were; 18 rows of 32 cells."""

    camera: str
    rows: int
    columns: int
    minimum_people: int
    sum: HeatSum
    windows: list[HeatWindowRow]


class OccupancyPoint(Answer):
    """People inside at a moment."""

    end_unix_s: int
    people: float | None
    low: int | None
    high: int | None
    coverage: float


class DriftAnswer(Answer):
    """What lines say more than zones."""

    now: float | None
    mean: float | None
    windows: int


class CorrectionAnswer(Answer):
    """A number that somebody set."""

    moment_unix_s: int
    people: int
    note: str


class PlaceAnswer(Answer):
    """A place today."""

    place: str
    since_unix_s: int
    now: OccupancyPoint | None
    crowd_limit: int | None
    over: bool | None
    entered: int | None
    left: int | None
    swallowed: float | None
    left_over: float | None
    drift: DriftAnswer | None
    course: list[OccupancyPoint]
    corrections: list[CorrectionAnswer]


class PlacesAnswer(Answer):
    """Places."""

    places: list[PlaceAnswer]


class CorrectedAnswer(CorrectionAnswer):
    """What was set, where."""

    place: str


class ReloadAnswer(Answer):
    """The site starts again."""

    status: Literal["starts again"]


class JournalRow(Answer):
    """One change."""

    moment_unix_s: int
    account: str
    action: str
    detail: str


class JournalAnswer(Answer):
    """The log of changes, the newest first."""

    entries: list[JournalRow]
    truncated: bool


class AlertRow(Answer):
    """One alert."""

    name: str
    when: str
    camera: str | None
    subject: str | None
    measure: str
    limit: float = Field(
        description="People; percent of a share; seconds for camera_down and camera_check; facings for shelf_empty."
    )
    clear_at: float
    for_windows: int
    on: bool
    since_unix_s: float | None = Field(description="When it began, or ended last; null before either.")
    told: bool = Field(description="Whether the last message said that it is on; in quiet hours it can differ.")
    value: float | None
    until_unix_s: float | None = Field(description="End of the window that was looked at last.")
    to: list[str]


class ReceiverRow(Answer):
    """Somebody who is told."""

    name: str
    problem: str | None = Field(description="Why the last message did not arrive.")
    waiting: int
    sent: int
    lost: int


class AlertsAnswer(Answer):
    """Alerts, and whether those who are told can be reached."""

    alerts: list[AlertRow]
    receivers: list[ReceiverRow]


def _of(state: type[Any], name: str, without: tuple[str, ...] = (), **more: Any) -> Any:
    """A part of the site's state with what the answer adds and leaves out, so that both grow together."""
    hints = get_type_hints(state)
    told = [field.name for field in fields(state) if field.name not in without]
    known = {name: (more.pop(name, hints[name]), ...) for name in told}
    added = {field: (kind, ...) for field, kind in more.items()}
    # The fields are known at run time only.
    return create_model(name, __base__=Answer, __doc__=state.__doc__, **known, **added)  # type: ignore[call-overload]


StateAnswer = _of(
    SiteState,
    "StateAnswer",
    without=("checks",),
    version=str,
    time_unix_s=float,
    cameras=list[_of(CameraState, "CameraRow", without=AS_DEVICE, coverage=float)],  # type: ignore[misc]  # made at run time
    lockdown=list[_of(LockdownState, "LockdownRow", complete=bool)],  # type: ignore[misc]  # made at run time
)
"""`/api/v1/state`: what the site knows of itself."""
