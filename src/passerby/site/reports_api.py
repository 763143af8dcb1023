"""The routes of the reports: masks, zones and heat. They only read."""

import threading
from collections.abc import Iterable, Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel

from passerby.core.tallies import Measure
from passerby.records.forms import as_json, described, table
from passerby.records.refusals import problem, refuse_repeats
from passerby.records.tables import Row, flat
from passerby.site.answers import HeatAnswer, MasksAnswer, ZonesAnswer
from passerby.site.asking import HeatQuestion, ReportQuestion
from passerby.site.figures import Settings, midnight
from passerby.site.reports import Asked, ZoneReport, heat_cameras, heat_report, mask_report, zone_report
from passerby.site.reports.day import DayTallies
from passerby.site.store import HOUR_S, Store

MASKS, ZONES, HEAT = "/api/v1/masks", "/api/v1/zones", "/api/v1/heat"
QUESTIONS: dict[str, type[BaseModel]] = {MASKS: ReportQuestion, ZONES: ReportQuestion, HEAT: HeatQuestion}

MAX_WINDOWS = 20_000
"""At most so many windows in an answer, those of all places together."""
MAX_MAPS = 400
"""At most so many maps; each has 576 cells."""

_WHEN = ("start_unix_s", "start", "width_s")
MASK_COLUMNS = (
    *("camera", "place", *_WHEN, "asked", "judged", "withheld", "masked", "worn_wrongly", "share", "low", "high"),
    *("corrected_share", "corrected_low", "corrected_high", "cannot_tell_share"),
)
ZONE_COLUMNS = (
    *("camera", "zone", *_WHEN, "observed_s", "coverage", "mean", "max", "person_minutes", "entered", "left"),
    *("over_limit_s", "over_limit_share"),
    *("dwell_visits", "dwell_median_s", "dwell_p90_s", "dwell_mean_s", "dwell_censored_share", "dwell_known_to_s"),
    *("queue_served", "queue_gave_up", "queue_abandonment_share"),
    *("queue_wait_median_s", "queue_wait_p90_s", "queue_wait_mean_s", "queue_wait_censored_share"),
    *("queue_wait_known_to_s", "queue_littles_law_wait_s"),
)
HEAT_COLUMNS = ("camera", *_WHEN, "observed_s", "row", "column", "person_seconds")
_ONCE = [Depends(refuse_repeats)]


def add_reports(app: FastAPI, store: Store, settings: Settings) -> None:
    """Adds the routes.

    Args:
        app: the application.
        store: where tallies are.
        settings: what is needed of the configuration.
    """

    @app.get(
        MASKS,
        summary="Share of people with a mask, by place and window",
        response_model=None,
        dependencies=_ONCE,
        responses=described(MasksAnswer),
    )
    def get_masks(question: Annotated[ReportQuestion, Query()]) -> Response:
        asked = question.asked(settings.clock(), settings.zone)
        _check(asked, settings, 1 + len(asked.places(settings, Measure.MASKED)), MAX_WINDOWS)
        report = mask_report(store, asked, settings).as_dict(settings.zone)
        if question.format != "json":
            rows = _rows([report["site"], *report["places"]], ("camera", "place"))
            return table(question.format, "masks", rows, MASK_COLUMNS)
        return as_json(report)

    zones = _Zones(store, settings)

    @app.get(
        ZONES,
        summary="People, dwell and queues, by zone and window",
        response_model=None,
        dependencies=_ONCE,
        responses=described(ZonesAnswer),
    )
    def get_zones(question: Annotated[ReportQuestion, Query()]) -> Response:
        asked = question.asked(settings.clock(), settings.zone)
        _check(asked, settings, len(asked.places(settings, Measure.PEOPLE)), MAX_WINDOWS)
        report = zones.report(asked).as_dict(settings.zone)
        if question.format != "json":
            return table(question.format, "zones", _rows(report["zones"], ("camera", "zone")), ZONE_COLUMNS)
        return as_json(report)

    _add_heat(app, store, settings)


def _add_heat(app: FastAPI, store: Store, settings: Settings) -> None:
    @app.get(
        HEAT,
        summary="Heat map of one camera, by the hour",
        response_model=None,
        dependencies=_ONCE,
        responses=described(HeatAnswer),
    )
    def get_heat(question: Annotated[HeatQuestion, Query()]) -> Response:
        known = heat_cameras(settings)
        if question.camera not in known:
            words = f"keeps no heat map; those that do: {', '.join(known) or 'none'}. Set heat_map: true at the camera"
            raise RequestValidationError([problem("camera", f"camera {question.camera} {words}")])
        asked = question.asked(settings.clock(), settings.zone)
        _check(asked, settings, 1, MAX_MAPS)
        report = heat_report(store, question.camera, asked, settings).as_dict(settings.zone)
        if question.format != "json":
            return table(question.format, "heat", _cells(report), HEAT_COLUMNS)
        return as_json(report)


class _Zones:
    """Reads the report of zones; what is asked of the present day again and again is not read again and again."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._lock = threading.Lock()
        self._day = DayTallies(store, settings)

    def report(self, asked: Asked) -> ZoneReport:
        """As `zone_report`, by any thread."""
        is_of_all = (asked.until_unix_s, asked.camera, asked.subject) == (None, None, None)
        is_of_hours = asked.width_s is not None and HOUR_S % asked.width_s == 0
        if is_of_all and is_of_hours and asked.since_unix_s >= midnight(self._settings.clock(), self._settings.zone):
            with self._lock:
                return zone_report(self._day, asked, self._settings)
        return zone_report(self._store, asked, self._settings)


def _check(asked: Asked, settings: Settings, series: int, most: int) -> None:
    """Refuses what would be too long an answer.

    Args:
        asked: the question.
        settings: of the site.
        series: how many places, or maps, have windows in the answer.
        most: windows of all of them.

    Raises:
        RequestValidationError: it would.
    """
    windows = asked.windows(settings) * series
    if windows > most:
        words = f"the answer would have {windows} windows; the most is {most}. Ask for one place, for a shorter time"
        raise RequestValidationError([problem("width_s", f"{words}, or for wider windows, such as width_s=86400")])


def _rows(series: Iterable[Row], names: tuple[str, str]) -> list[Row]:
    """One row for each place and window."""
    return [{**{name: one[name] for name in names}, **flat(window)} for one in series for window in one["windows"]]


def _cells(report: Row) -> Iterator[Row]:
    """One row for each cell of which something is told."""
    for window in report["windows"]:
        for row, cells in enumerate(window["person_seconds"]):
            for column, told in enumerate(cells):
                if told is not None:
                    yield {
                        "camera": report["camera"],
                        **flat(window),
                        **{"row": row, "column": column, "person_seconds": told},
                    }
