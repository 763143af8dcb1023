"""The route of the history. The page links to it for the figures that it shows."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from passerby.records.forms import as_json
from passerby.records.refusals import problem, refuse_repeats
from passerby.records.tables import as_csv
from passerby.site.figures import Settings
from passerby.site.history.asking import COURSE, PATH, WEEK, HistoryQuestion, as_dict, course_rows, week_rows
from passerby.site.history.report import History

_T = TypeVar("_T")
_FORMS = {
    "description": "As JSON, or as a table with a row for each part.",
    "content": {"text/csv": {"schema": {"type": "string"}}},
}


def add_history(app: FastAPI, history: History, settings: Settings) -> None:
    """Adds the route.

    Args:
        app: the application.
        history: reads the store.
        settings: what is needed of the configuration.
    """
    summary = "One measure on a day, in a week or a month, beside the period before, and by weekday and hour"

    @app.get(
        PATH,
        summary=summary,
        response_model=None,
        dependencies=[Depends(refuse_repeats)],
        responses={200: _FORMS},
    )
    def get_history(question: Annotated[HistoryQuestion, Query()]) -> Response:
        period = _asked("date", lambda: question.when(settings))
        series = _asked("measure" if question.measure else "subject", lambda: question.which(settings))
        report = history.report(series, period)
        if question.format == "json":
            return as_json(as_dict(report, settings.zone))
        is_course = question.table == "course"
        rows = course_rows(report, settings.zone) if is_course else week_rows(report)
        file = f"history-{period.span}-{period.first}-{question.table}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{file}"'}
        return Response(
            as_csv(rows, COURSE if is_course else WEEK), media_type="text/csv; charset=utf-8", headers=headers
        )


def _asked(parameter: str, read: Callable[[], _T]) -> _T:
    """What was asked for, or the refusal in the form that all refusals have."""
    try:
        return read()
    except ValueError as error:
        raise RequestValidationError([problem(parameter, str(error))]) from None
