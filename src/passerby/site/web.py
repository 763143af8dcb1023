"""The API of a site: tallies, reports, state, health and metrics; `control_api` adds what changes a site."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from passerby import __version__
from passerby.records import openapi
from passerby.records.access import Access, Keeper, account_of, add_sign_in
from passerby.records.answers import HealthAnswer
from passerby.records.forms import as_json, described, table
from passerby.records.refusals import add_errors, refuse_repeats
from passerby.records.shield import Shield
from passerby.site import reports_api
from passerby.site.answers import PlacesAnswer, StateAnswer, TalliesAnswer
from passerby.site.answers_cameras import CamerasAnswer
from passerby.site.asking import JournalQuestion, Question, ShelfQuestion
from passerby.site.audits.told import cameras_json, seen_by
from passerby.site.control import Control
from passerby.site.control_api import JOURNAL, add_control
from passerby.site.figures import Settings
from passerby.site.history import History
from passerby.site.history.api import add_history
from passerby.site.history.asking import PATH as HISTORY
from passerby.site.history.asking import HistoryQuestion
from passerby.site.metrics import exposition
from passerby.site.metrics_cameras import cameras_exposition
from passerby.site.metrics_shelves import shelves_exposition
from passerby.site.occupancy import PlaceBoard, places_json
from passerby.site.pages.board import PageBoard
from passerby.site.shelf_desk import ShelfDesk
from passerby.site.shelf_states import ShelfNow
from passerby.site.shelves_api import SHELVES, add_shelves
from passerby.site.state import AS_DEVICE, CameraStatus, SiteChecks, SiteState
from passerby.site.store import Store
from passerby.site.tally_rows import COLUMNS, as_rows

_TALLIES = "/api/v1/tallies"
_QUESTIONS: dict[str, type[BaseModel]] = {
    _TALLIES: Question,
    JOURNAL: JournalQuestion,
    HISTORY: HistoryQuestion,
    SHELVES: ShelfQuestion,
    **reports_api.QUESTIONS,
}

_STATUS_WORDS = {
    CameraStatus.CONNECTING: "is not connected yet",
    CameraStatus.STALLED: "sends no pictures",
    CameraStatus.FAILED: "cannot be counted",
}


@dataclass(frozen=True, slots=True)
class ApiParts:
    """What the API of a running site has beside tallies.

    Attributes:
        access: who is let in; None lets everybody in who reaches it, as an admin: for this machine alone.
        today: all that is told of today; None to read it here.
        control: what may change the site; without it the API only reads.
        shelves: tells of the shelves; None where there are none.
        shelves_now: how each shelf is now.
    """

    access: Access | None = None
    today: PageBoard | None = None
    control: Control | None = None
    shelves: ShelfDesk | None = None
    shelves_now: Callable[[], tuple[ShelfNow, ...]] = tuple


def create_app(
    store: Store,
    state: Callable[[], SiteState],
    settings: Settings,
    board: PlaceBoard | None = None,
    parts: ApiParts | None = None,
) -> FastAPI:
    """The application with the API; `page.mount_page` adds the page.

    Args:
        store: where tallies are.
        state: how the site is now; called from any thread.
        settings: what is needed of the configuration.
        board: how many people are in each place; None where no place is configured.
        parts: what it has beside that.
    """
    parts = parts or ApiParts()
    app = openapi.application("passerby")
    app.add_middleware(Keeper, access=parts.access)
    app.add_middleware(Shield, names=settings.names)
    add_errors(app, _QUESTIONS)
    add_sign_in(app, parts.access)
    _add_tallies(app, store, settings)
    reports_api.add_reports(app, store, settings)
    add_shelves(app, parts.shelves or ShelfDesk(store, state, settings), settings)
    app.state.history = History(store, settings)
    add_history(app, app.state.history, settings)
    _add_places(app, board)
    _add_state(app, state)
    if parts.control:
        add_control(app, parts.control)
    openapi.describe(app)
    board_of_all = parts.today or PageBoard(store, state, settings, board)
    own = exposition(store, state, settings, board_of_all)
    _add_metrics(app, state, own, lambda: shelves_exposition(state().site, parts.shelves_now(), settings.clock()))
    return app


def unwell(state: SiteState) -> list[str]:
    """Why a site is not well, in words; empty while all is well."""
    reasons = ["started without the lock-down (--unsafe-no-lockdown), for development only"] if state.unsafe else []
    reasons += [f"{lock.worker} is not shut in by the kernel" for lock in state.lockdown if not lock.complete]
    for camera in state.cameras:
        words = _STATUS_WORDS.get(camera.status)
        if words:
            reasons.append(f"camera {camera.name} {words}" + (f": {camera.fault}" if camera.fault else ""))
    reasons += filter(None, (state.store_problem, state.store_set_aside))
    return reasons


def _add_metrics(
    app: FastAPI, state: Callable[[], SiteState], metrics: Callable[[], bytes], shelves: Callable[[], bytes]
) -> None:
    @app.get("/metrics", summary="The site for Prometheus", response_class=PlainTextResponse)
    def get_metrics(request: Request) -> Response:
        now = state()
        cameras = cameras_exposition(now.site, seen_by(account_of(request), now.checks))
        return Response(metrics() + shelves() + cameras, media_type=CONTENT_TYPE_LATEST)


def _add_tallies(app: FastAPI, store: Store, settings: Settings) -> None:
    @app.get(
        _TALLIES,
        summary="Tallies in windows",
        response_model=None,
        dependencies=[Depends(refuse_repeats)],
        responses=described(TalliesAnswer),
    )
    def get_tallies(question: Annotated[Question, Query()]) -> Response:
        stored = store.rows(question.filter(settings.clock(), settings.zone))
        rows = as_rows(stored[: question.limit], settings)
        truncated = len(stored) > question.limit
        if question.format != "json":
            answer = table(question.format, "tallies", rows, COLUMNS)
            answer.headers["X-Truncated"] = str(truncated).lower()
            return answer
        return as_json({"tallies": rows, "truncated": truncated})


def _add_places(app: FastAPI, board: PlaceBoard | None) -> None:
    @app.get(
        "/api/v1/places",
        summary="People in each place, now and today",
        response_model=None,
        dependencies=[Depends(refuse_repeats)],
        responses={200: {"model": PlacesAnswer}},
    )
    def get_places() -> Response:
        return as_json({"places": places_json(board) if board else []})


def _add_state(app: FastAPI, state: Callable[[], SiteState]) -> None:
    @app.get(
        "/api/v1/state",
        summary="Cameras, locks and models at this moment",
        response_model=None,
        responses={200: {"model": StateAnswer}},
    )
    def get_state() -> Response:
        return as_json(_told(state()))

    @app.get(
        "/api/v1/cameras",
        summary="Cameras as devices: what is wrong with each, since when, and the figures behind it",
        response_model=None,
        responses={200: {"model": CamerasAnswer}},
    )
    def get_cameras(request: Request) -> Response:
        return as_json(cameras_json(state(), account_of(request)))

    @app.get(
        "/healthz",
        summary="200 while all is well, else 503; the reasons for who is let in",
        response_model=None,
        responses={200: {"model": HealthAnswer}, 503: {"model": HealthAnswer, "description": "Something is not well."}},
    )
    def get_health(request: Request) -> Response:
        reasons = unwell(state())
        body: dict[str, Any] = {"status": "unwell" if reasons else "well"}
        if account_of(request):
            body["reasons"] = reasons
        return JSONResponse(body, status_code=503 if reasons else 200)


def _told(state: SiteState) -> dict[str, Any]:
    body = asdict(replace(state, checks=SiteChecks()))
    del body["checks"]  # not for everybody, and told by a route of its own
    for camera, known in zip(body["cameras"], state.cameras, strict=True):
        camera["coverage"] = round(known.coverage, 4)
        for name in AS_DEVICE:
            del camera[name]
    for lock, held in zip(body["lockdown"], state.lockdown, strict=True):
        lock["complete"] = held.complete
    return {"version": __version__, "time_unix_s": round(time.time(), 3), **body}
