"""The API of a site: tallies, state, health and metrics. It only reads."""

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from passerby import __version__
from passerby.errors import StoreError
from passerby.site.asking import Question, as_csv, as_rows
from passerby.site.figures import Settings
from passerby.site.metrics import exposition
from passerby.site.shield import Shield
from passerby.site.state import CameraStatus, SiteState
from passerby.site.store import Store

_STATUS_WORDS = {
    CameraStatus.CONNECTING: "is not connected yet",
    CameraStatus.STALLED: "sends no pictures",
    CameraStatus.FAILED: "cannot be counted",
}


def create_app(store: Store, state: Callable[[], SiteState], settings: Settings) -> FastAPI:
    """The application with the API; `page.mount_page` adds the page.

    Args:
        store: where tallies are.
        state: how the site is now; called from any thread.
        settings: what is needed of the configuration.
    """
    # The pages that FastAPI makes of its description load scripts from elsewhere, so only the description is served.
    app = FastAPI(title="passerby", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.add_middleware(Shield, names=settings.names)
    _add_errors(app)
    _add_tallies(app, store, settings)
    _add_state(app, state)
    metrics = exposition(store, state, settings.clock)

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
    return reasons


def _add_tallies(app: FastAPI, store: Store, settings: Settings) -> None:
    @app.get("/api/v1/tallies", summary="Tallies in windows", response_model=None)
    def get_tallies(request: Request, question: Annotated[Question, Query()]) -> Response:
        _refuse_repeats(request)
        stored = store.rows(question.filter(settings.clock(), settings.zone))
        rows = as_rows(stored[: question.limit], settings.zone)
        truncated = len(stored) > question.limit
        if question.format == "csv":
            headers = {
                "Content-Disposition": 'attachment; filename="tallies.csv"',
                "X-Truncated": str(truncated).lower(),
            }
            return Response(as_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)
        return JSONResponse({"tallies": rows, "truncated": truncated})


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


def _refuse_repeats(request: Request) -> None:
    names = [name for name, _ in request.query_params.multi_items()]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise RequestValidationError([{"loc": ("query", name), "msg": "given twice; keep one"} for name in repeated])


def _add_errors(app: FastAPI) -> None:
    """Every refusal has the same form: {"error": {"message": ..., "problems": [...]}}."""

    @app.exception_handler(RequestValidationError)
    def wrong_question(_: Request, error: RequestValidationError) -> Response:
        known = ", ".join(Question.model_fields)
        problems = [
            {
                "parameter": str(detail["loc"][-1]) if len(detail["loc"]) > 1 else "",
                "message": f"no such parameter; known here: {known}"
                if detail.get("type") == "extra_forbidden"
                else str(detail["msg"]).removeprefix("Value error, "),
            }
            for detail in error.errors()
        ]
        return _error("the question was not understood", 422, problems)

    @app.exception_handler(StoreError)
    def no_store(_: Request, error: StoreError) -> Response:
        return _error(str(error), 503)

    @app.exception_handler(HTTPException)
    def refused(_: Request, error: HTTPException) -> Response:
        return _error(str(error.detail), error.status_code)


def _error(message: str, status: int, problems: list[dict[str, str]] | None = None) -> Response:
    body = {"message": message, "problems": problems or []}
    return JSONResponse({"error": body}, status_code=status)
