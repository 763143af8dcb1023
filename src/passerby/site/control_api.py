"""The routes that change a site, the log of who did, its alerts and its live numbers."""

import time
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, HTTPException, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from passerby.errors import ConfigError, PasserbyError, StoreError
from passerby.records.access import Account, Role, requires
from passerby.records.answers import ErrorAnswer
from passerby.records.openapi import needs
from passerby.records.refusals import refusal, refuse_repeats
from passerby.site.answers import AlertsAnswer, CorrectedAnswer, JournalAnswer, ReloadAnswer
from passerby.site.asking import JournalQuestion
from passerby.site.control import Control
from passerby.site.corrections import MAX_NOTE, MAX_PEOPLE, Correction, enter
from passerby.site.journal import Action
from passerby.site.outputs.live import LiveResponse

JOURNAL = "/api/v1/journal"
_LIVE = (
    "Events `numbers` ({numbers: [...]}) and `cameras` ({cameras: [...]}): all on connecting, then those that changed. "
    "Comments keep the connection alive. No event has an id: who connects again is told all."
)
_MONTH_S = 30 * 86_400
_PLACE = "/api/v1/places/{place:path}"

Place = Annotated[str, Path(min_length=1, max_length=64, description="Name of the place.")]
Operator = Annotated[Account, Depends(requires(Role.OPERATOR))]
Admin = Annotated[Account, Depends(requires(Role.ADMIN))]
_Note = Annotated[str, Field(max_length=MAX_NOTE, description="Why; one line. It stands in the log and on the page.")]


class CorrectionBody(BaseModel):
    """How many people are in a place now."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"people": 42, "note": "counted by hand"}]}
    )

    people: int = Field(ge=0, le=MAX_PEOPLE, description="How many people are in it now.")
    note: _Note = ""


class ResetBody(BaseModel):
    """Nobody is in a place now."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"note": "closed"}]})

    note: _Note = ""


_NO_NOTE = ResetBody()
_NO_PLACE: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorAnswer, "description": "The body is not text in UTF-8."},
    404: {"model": ErrorAnswer, "description": "There is no such place."},
    409: {"model": ErrorAnswer, "description": "The place has no lines, so nothing in it can drift."},
}


def add_control(app: FastAPI, control: Control) -> None:
    """Adds the routes.

    Args:
        app: the application.
        control: the site's hands.
    """
    _add_corrections(app, control)
    _add_reload(app, control)
    _add_journal(app, control)
    _add_told(app, control)


def _add_corrections(app: FastAPI, control: Control) -> None:
    told: dict[str, Any] = {
        "status_code": 201,
        "response_model": CorrectedAnswer,
        "responses": _NO_PLACE,
        "openapi_extra": needs(Role.OPERATOR),
    }

    @app.post(f"{_PLACE}/correction", summary="Sets how many people are in a place now", **told)
    def post_correction(place: Place, body: CorrectionBody, account: Operator) -> dict[str, Any]:
        return _enter(control, Correction(place, int(time.time()), body.people, body.note, account.name))

    @app.post(f"{_PLACE}/reset", summary="Says that nobody is in a place now", **told)
    def post_reset(place: Place, account: Operator, body: Annotated[ResetBody, Body()] = _NO_NOTE) -> dict[str, Any]:
        return _enter(control, Correction(place, int(time.time()), 0, body.note, account.name))


def _enter(control: Control, wanted: Correction) -> dict[str, Any]:
    if wanted.place not in [one.name for one in control.places]:
        known = ", ".join(one.name for one in control.places) or "none"
        raise HTTPException(404, f"there is no place {wanted.place}; there is: {known}")
    try:
        written = enter(wanted, control.places, control.corrections, control.journal)
    except ConfigError as error:
        raise HTTPException(409, str(error)) from None
    return {name: getattr(written, name) for name in CorrectedAnswer.model_fields}


def _add_reload(app: FastAPI, control: Control) -> None:
    @app.post(
        "/api/v1/reload",
        summary="Reads the configuration again, and starts again with it",
        status_code=202,
        response_model=ReloadAnswer,
        responses={409: {"model": ErrorAnswer, "description": "The site was not started from a configuration."}},
        openapi_extra=needs(Role.ADMIN),
    )
    def post_reload(account: Admin) -> Any:
        if control.reload is None:
            raise HTTPException(409, "this site was not started from a configuration, so there is none to read again")
        try:
            control.reload.check()
            control.journal.add(account.name, Action.RELOADED)
            control.reload.ask()
        except StoreError:
            raise
        except PasserbyError as error:
            problems = error.problems if isinstance(error, ConfigError) else [str(error)]
            listed = [{"parameter": "", "message": one} for one in problems]
            return refusal("the changed configuration is not taken; the site goes on as it is", 422, listed)
        return {"status": "starts again"}


def _add_journal(app: FastAPI, control: Control) -> None:
    @app.get(
        JOURNAL,
        summary="The log of changes, the newest first",
        response_model=JournalAnswer,
        dependencies=[Depends(requires(Role.ADMIN)), Depends(refuse_repeats)],
        openapi_extra=needs(Role.ADMIN),
    )
    def get_journal(question: Annotated[JournalQuestion, Query()]) -> dict[str, Any]:
        since = time.time() - _MONTH_S if question.since is None else question.since
        entries = control.journal.since(since)
        told = [asdict(entry) for entry in entries[: question.limit]]
        return {"entries": told, "truncated": len(entries) > question.limit}


def _add_told(app: FastAPI, control: Control) -> None:
    desk = control.alerts

    @app.get("/api/v1/alerts", summary="Alerts: which are on, since when, and who is told", response_model=AlertsAnswer)
    def get_alerts() -> dict[str, Any]:
        receivers = [asdict(one) for one in desk.receivers()] if desk else []
        return {"alerts": desk.alerts() if desk else [], "receivers": receivers}

    @app.get(
        "/api/v1/live",
        summary="Numbers as they change, as Server-Sent Events",
        status_code=200,
        response_class=LiveResponse,
        responses={200: {"description": _LIVE, "content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def get_live() -> Response:
        return LiveResponse(control.live)
