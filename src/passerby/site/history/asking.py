"""What may be asked of the history, and its answer as rows: one form for the page, JSON and CSV."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from passerby.site.figures import Settings
from passerby.site.history.calendar import Period, Span, day_of
from passerby.site.history.report import HistoryReport, Told
from passerby.site.history.series import OFFERED, Series, series_of

PATH = "/api/v1/history"
FIRST_YEAR, LAST_YEAR = 1971, 9000
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COURSE = (
    *("from", "until", "value", "low", "high", "coverage", "judged", "withheld"),
    *("before_value", "before_low", "before_high", "before_coverage", "before_judged", "before_withheld"),
)
WEEK = ("weekday", "hour", "value", "low", "high", "coverage", "judged", "withheld")
Label = Literal["crossings_in", "crossings_out", "entered", "left", "people", "peak", "masked"]
assert set(Label.__args__) == {measure.label for measure in OFFERED}  # type: ignore[attr-defined]  # typing has no name for it


class HistoryQuestion(BaseModel):
    """The parameters of `/api/v1/history`, and of the page `/history`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    period: Span = Field(Span.DAY, description="`day` (by the hour), `week` or `month` (by the day).")
    date: dt.date | None = Field(None, description="Any day of the period, as 2026-05-01. Absent: the present day.")
    camera: str | None = Field(
        None, min_length=1, max_length=64, description="Of which camera. Absent: the whole site."
    )
    subject: str | None = Field(
        None, min_length=1, max_length=64, description="Which line or zone of it. Absent: all lines together."
    )
    measure: Label | None = Field(None, description="Absent: the first that there is: of a line, people in.")
    table: Literal["course", "weekdays"] = Field(
        "course", description="For CSV: `course` (hours or days) or `weekdays` (the hours of the week)."
    )
    format: Literal["json", "csv"] = Field("json", description="`json`, or `csv` for a spreadsheet.")

    def when(self, settings: Settings) -> Period:
        """The period; the present one if no day was given.

        Raises:
            ValueError: the calendar ends before.
        """
        day = self.date or day_of(settings.clock(), settings.zone)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError(f"choose a day between the years {FIRST_YEAR} and {LAST_YEAR}")
        return Period.of(self.period, day)

    def which(self, settings: Settings) -> Series:
        """What is asked for.

        Raises:
            ValueError: there is no such place or measure; the text names those that there are.
        """
        known = series_of(settings)
        here = [one for one in known if (one.camera, one.subject) == (self.camera, self.subject)]
        if not known:
            raise ValueError("nothing is counted here: no line and no zone is configured")
        if not here:
            names = ", ".join(dict.fromkeys(f"{one.camera}/{one.subject}" for one in known if one.camera))
            words = "no such place; give camera and subject, as one of these has them, or neither"
            raise ValueError(f"{words}: {names or 'none'}")
        found = next((one for one in here if self.measure in (None, one.measure.label)), None)
        if found is None:
            raise ValueError(f"not counted there; known: {', '.join(one.measure.label for one in here)}")
        return found


def as_dict(report: HistoryReport, zone: dt.tzinfo | None) -> dict[str, Any]:
    """The report as the API writes it."""
    here, before = report.until or (None, None)
    return {
        "camera": report.series.camera,
        "subject": report.series.subject,
        "measure": report.series.measure.label,
        "period": report.period.span.value,
        "first_day": report.period.first.isoformat(),
        "compared_first_day": report.compared.first.isoformat(),
        "total": _told(report.total),
        "completed": here and _told(here),
        "completed_before": before and _told(before),
        "course": course_rows(report, zone),
        "weekdays": week_rows(report),
    }


def course_rows(report: HistoryReport, zone: dt.tzinfo | None) -> list[dict[str, Any]]:
    """One row for each hour or day that has begun."""
    rows = []
    for bar in report.bars:
        if bar.told is None:
            continue
        before = {f"before_{name}": value for name, value in _told(bar.before or Told()).items()}
        when = {"from": _moment(bar.step.start_unix_s, zone), "until": _moment(bar.step.end_unix_s, zone)}
        rows.append({**when, **_told(bar.told), **before})
    return rows


def week_rows(report: HistoryReport) -> list[dict[str, Any]]:
    """One row for each hour of the week."""
    return [{"weekday": WEEKDAYS[one.weekday], "hour": one.hour, **_told(one.told)} for one in report.cells]


def _moment(unix_s: float, zone: dt.tzinfo | None) -> str:
    return dt.datetime.fromtimestamp(unix_s, zone).astimezone(zone).isoformat()


def _told(told: Told) -> dict[str, Any]:
    return {
        "value": _rounded(told.value),
        "low": _rounded(told.low),
        "high": _rounded(told.high),
        "coverage": _rounded(told.coverage),
        "judged": told.judged,
        "withheld": told.withheld,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
