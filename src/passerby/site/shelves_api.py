"""The route of shelves. It only reads."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from passerby.records.forms import as_json, described, table
from passerby.records.refusals import problem, refuse_repeats
from passerby.records.tables import Row
from passerby.site.answers_shelves import ShelvesAnswer
from passerby.site.asking import ShelfQuestion
from passerby.site.figures import Settings
from passerby.site.reports import Asked
from passerby.site.shelf_desk import ShelfDesk

SHELVES = "/api/v1/shelves"
MAX_FACING_WINDOWS = 500_000
"""At most so many windows are read, those of all facings together: six weeks of 120 facings."""

_WHEN = ("start_unix_s", "start")
GAP_COLUMNS = (
    *("camera", "shelf", "aisle", "facing", "row", "column", "lasts", "length_s", "begun", *_WHEN),
    *("end_unix_s", "end", "age_s"),
)
AVAILABILITY_COLUMNS = (
    *("camera", "shelf", "aisle", *_WHEN, "width_s", "availability", "coverage", "seen_s", "empty_s"),
)


def add_shelves(app: FastAPI, desk: ShelfDesk, settings: Settings) -> None:
    """Adds the route.

    Args:
        app: the application.
        desk: tells of the shelves.
        settings: clock and zone.
    """

    @app.get(
        SHELVES,
        summary="Shelves: facings now, gaps, availability by the hour, time to restock",
        response_model=None,
        dependencies=[Depends(refuse_repeats)],
        responses=described(ShelvesAnswer),
    )
    def get_shelves(question: Annotated[ShelfQuestion, Query()]) -> Response:
        asked = question.asked(settings.clock(), settings.zone)
        _check(asked, desk, settings)
        report = desk.report(asked).as_dict(settings.zone)
        if question.format == "json":
            return as_json(report)
        if question.table == "gaps":
            return table(question.format, "gaps", report["gaps"], GAP_COLUMNS)
        return table(question.format, "availability", _hours(report), AVAILABILITY_COLUMNS)


def _check(asked: Asked, desk: ShelfDesk, settings: Settings) -> None:
    """Refuses what would take too long to read."""
    chosen = (
        len(one.facings)
        for one in desk.shelves
        if asked.camera in (None, one.camera) and asked.subject in (None, one.shelf)
    )
    windows = Asked(asked.since_unix_s, asked.until_unix_s).windows(settings) * sum(chosen)
    if windows > MAX_FACING_WINDOWS:
        words = f"that would be {windows} windows of facings; the most is {MAX_FACING_WINDOWS}"
        raise RequestValidationError([problem("since", f"{words}. Ask for a shorter time, or for one shelf")])


def _hours(report: Row) -> Iterator[Row]:
    """One row for each window of shelves, then of aisles; rows of an aisle have no camera and no shelf."""
    for one in (*report["shelves"], *report["aisles"]):
        for window in one["hours"]:
            yield {**{name: one.get(name) for name in ("camera", "shelf", "aisle")}, **window}
