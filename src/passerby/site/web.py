"""The API of a site: tallies, reports, state, health and metrics. It only reads."""

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from passerby import __version__
from passerby.site import reports_api
from passerby.site.asking import Question
from passerby.site.figures import Settings
from passerby.site.metrics import exposition
from passerby.site.occupancy import PlaceBoard, places_json
from passerby.site.refusals import add_errors, refuse_repeats
from passerby.site.shield import Shield
from passerby.site.state import CameraStatus, SiteState
from passerby.site.store import Store
from passerby.site.tables import as_csv
from passerby.site.tally_rows import COLUMNS, as_rows

_TALLIES = "/api/v1/tallies"

_STATUS_WORDS = {
    CameraStatus.CONNECTING: "is not connected yet",
    CameraStatus.STALLED: "sends no pictures",
    CameraStatus.FAILED: "cannot be counted",
}


def create_app(
    store: Store, state: Callable[[], SiteState], settings: Settings, board: PlaceBoard | None = None
) -> FastAPI:
    """The application with the API; `page.mount_page` adds the page.

    Args:
        store: where tallies are.
        state: how the site is now; called from any thread.
        settings: what is needed of the configuration.
        board: how many people are in each place; None where no place is configured.
    """
    # The pages that FastAPI makes of its description load scripts from elsewhere, so only the description is served.
    app = FastAPI(title="passerby", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.add_middleware(Shield, names=settings.names)
    add_errors(app, {_TALLIES: Question, **reports_api.QUESTIONS})
    _add_tallies(app, store, settings)
    reports_api.add_reports(app, store, settings)
    _add_places(app, board)
    _add_state(app, state)
    metrics = exposition(store, state, settings)

    @app.get("/metrics", summary="The site for Prometheus", response_class=PlainTextResponse)
    def get_metrics() -> Response:
        return Response(metrics(), media_type=CONTENT_TYPE_LATEST)

    return app


def unwell(state: SiteState) -> list[str]:
    """Why a site is not well, in words; empty while all is well."""
    reasons = ["started without the lock-down (--unsafe-no-lockdown), for development only"] if state.unsafe else []
    reasons += [f"{lock.worker} is not shut in by the kernel" for lock in state.lockdown if not lock.complete]
    for camera in state.cameras:
        words = _STATUS_WORDS.get(camera.status)
        if words:
            reasons.append(f"camera {camera.name} {words}" + (f": {camera.fault}" if camera.fault else ""))
    if state.store_problem:
        reasons.append(state.store_problem)
    reasons += state.troubles
    return reasons


def _add_tallies(app: FastAPI, store: Store, settings: Settings) -> None:
    @app.get(_TALLIES, summary="Tallies in windows", response_model=None, dependencies=[Depends(refuse_repeats)])
    def get_tallies(question: Annotated[Question, Query()]) -> Response:
        stored = store.rows(question.filter(settings.clock(), settings.zone))
        rows = as_rows(stored[: question.limit], settings)
        truncated = len(stored) > question.limit
        if question.format == "csv":
            headers = {
                "Content-Disposition": 'attachment; filename="tallies.csv"',
                "X-Truncated": str(truncated).lower(),
            }
            return Response(as_csv(rows, COLUMNS), media_type="text/csv; charset=utf-8", headers=headers)
        return JSONResponse({"tallies": rows, "truncated": truncated})


def _add_places(app: FastAPI, board: PlaceBoard | None) -> None:
    @app.get("/api/v1/places", summary="People in each place, now and today", dependencies=[Depends(refuse_repeats)])
    def get_places() -> dict[str, Any]:
        return {"places": places_json(board) if board else []}


def _add_state(app: FastAPI, state: Callable[[], SiteState]) -> None:
    @app.get("/api/v1/state", summary="Cameras, locks and models at this moment")
    def get_state() -> dict[str, Any]:
        return _as_json(state())

    @app.get("/healthz", summary="200 while all is well, else 503 with the reasons", response_model=None)
    def get_health() -> Response:
        reasons = unwell(state())
        body = {"status": "unwell" if reasons else "well", "reasons": reasons}
        return JSONResponse(body, status_code=503 if reasons else 200)


def _as_json(state: SiteState) -> dict[str, Any]:
    body = asdict(state)
    for camera, known in zip(body["cameras"], state.cameras, strict=True):
        camera["coverage"] = round(known.coverage, 4)
    for lock, held in zip(body["lockdown"], state.lockdown, strict=True):
        lock["complete"] = held.complete
    return {"version": __version__, "time_unix_s": round(time.time(), 3), **body}
