"""The routes of alerts and of the log."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from passerby.hub.access import may_run_hub, scope
from passerby.hub.alerts import AlertBoard, AlertNow
from passerby.hub.api import answers
from passerby.hub.api.asking import Acknowledging, AlertsQuestion, LogQuestion
from passerby.hub.api.routes import NOT_THERE, ApiSources
from passerby.hub.register import Log
from passerby.records.access import Account, Role, account_of, requires
from passerby.records.answers import ErrorAnswer
from passerby.records.forms import as_json
from passerby.records.openapi import needs
from passerby.records.refusals import refuse_repeats

ALERTS, LOG = "/api/v1/alerts", "/api/v1/log"
QUESTIONS: dict[str, type[BaseModel]] = {ALERTS: AlertsQuestion, LOG: LogQuestion}
_NO_ALERT = "there is no such open alert, or it is not yours to see"
_FIELDS = tuple(name for name in answers.HubAlertAnswer.model_fields if name not in ("venue", "told"))


def alerts_router(sources: ApiSources, board: AlertBoard) -> APIRouter:
    """The list of alerts."""
    router = APIRouter(dependencies=[Depends(refuse_repeats)])

    @router.get(
        ALERTS, summary="Alerts, the newest first", response_model=None,
        responses={200: {"model": answers.HubAlertsAnswer}},
    )  # fmt: skip
    def get_alerts(request: Request, question: Annotated[AlertsQuestion, Query()]) -> Response:
        slugs = {one.venue.number: one.venue.slug for one in sources.some(request, question)}
        found = board.open(slugs.keys()) if question.which == "open" else board.past(slugs.keys(), question.limit)
        whole = scope(account_of(request)).whole
        return as_json(
            {
                "alerts": [alert_json(one, slugs) for one in found[: question.limit]],
                "receivers": [_receiver(one) for one in board.receivers()] if whole else [],
                "problems": list(board.problems()) if whole else [],
            }
        )

    return router


def acknowledge_router(sources: ApiSources, board: AlertBoard) -> APIRouter:
    """The route by which somebody says that they see to an alert."""
    router = APIRouter(dependencies=[Depends(refuse_repeats)])

    @router.post(
        f"{ALERTS}/{{number}}/acknowledge",
        summary="Says that somebody sees to an open alert, so that it escalates no further",
        response_model=None,
        openapi_extra=needs(Role.OPERATOR),
        responses={
            200: {"model": answers.HubAlertAnswer},
            400: {"model": ErrorAnswer, "description": "The body is no JSON."},
            404: {"model": ErrorAnswer, "description": "There is none that is open, or the account may not see it."},
        },
    )
    def acknowledge(
        request: Request,
        number: Annotated[int, Path(ge=1, le=2**53, description="Of the alert.")],
        body: Acknowledging,
        account: Annotated[Account, Depends(requires(Role.OPERATOR))],
    ) -> Response:
        slugs = {one.venue.number: one.venue.slug for one in sources.overview(request).venues}
        found = board.by_number(number)
        if found is None or found.venue not in slugs:
            raise HTTPException(404, _NO_ALERT)
        done = board.acknowledge(number, account.name, body.note)
        if done is None:
            raise HTTPException(404, _NO_ALERT)
        return as_json(alert_json(done, slugs))

    return router


def log_router(sources: ApiSources, log: Log) -> APIRouter:
    """The route of the log, for admins of the whole hub."""
    router = APIRouter(dependencies=[Depends(refuse_repeats)])

    @router.get(
        LOG,
        summary="Who did or saw what, the newest first; for admins of the whole hub",
        response_model=None,
        openapi_extra=needs(Role.ADMIN),
        responses={200: {"model": answers.LogAnswer}, 404: {"model": ErrorAnswer, "description": "No such venue."}},
    )
    def get_log(
        request: Request,
        question: Annotated[LogQuestion, Query()],
        account: Annotated[Account, Depends(requires(Role.ADMIN))],
    ) -> Response:
        if not may_run_hub(account):
            raise HTTPException(403, "the log is for admins of the whole hub")
        overview = sources.overview(request)
        slugs = {one.venue.number: one.venue.slug for one in overview.venues}
        asked = overview.by_slug.get(question.venue) if question.venue is not None else None
        if question.venue is not None and asked is None:
            raise HTTPException(404, NOT_THERE)
        found = log.newest(question.limit, asked.venue.number if asked else None, question.before)
        names = ("number", "moment_unix_s", "account", "action", "detail")
        return as_json(
            {"entries": [{**{n: getattr(one, n) for n in names}, "venue": _slug(one.venue, slugs)} for one in found]}
        )

    return router


def alert_json(alert: AlertNow, slugs: Mapping[int, str]) -> dict[str, Any]:
    """An alert as the API tells it."""
    row = {name: getattr(alert, name) for name in _FIELDS}
    return {**row, "venue": slugs[alert.venue], "told": list(alert.told)}


def _receiver(state: object) -> dict[str, Any]:
    return {name: getattr(state, name) for name in answers.ReceiverAnswer.model_fields}


def _slug(venue: int | None, slugs: Mapping[int, str]) -> str | None:
    return None if venue is None else slugs.get(venue, str(venue))
