"""The two doors of a hub: pages and API for people who sign in, and one for sites, which sign what they send."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp, Receive, Scope, Send

from passerby.hub.access import scope
from passerby.hub.access.openid.flow import OPEN, add_openid
from passerby.hub.access.opening import log_in
from passerby.hub.api import QUESTIONS
from passerby.hub.api.metrics import venues_exposition
from passerby.hub.hub import Hub
from passerby.hub.opening import ADD_ACCOUNT
from passerby.records import openapi
from passerby.records.access import Keeper, account_of, add_sign_in
from passerby.records.answers import HealthAnswer
from passerby.records.refusals import add_errors
from passerby.records.shield import Shield
from passerby.records.wire.joining import SITES


class Doors:
    """What is served: requests of sites go to one application, all others to the other.

    Args:
        people: pages and API.
        sites: takes what sites send.
        most_connections: so many are taken at once.
    """

    def __init__(self, people: ASGIApp, sites: ASGIApp, most_connections: int) -> None:
        self._people, self._sites = people, sites
        self.most_connections = most_connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request or WebSocket."""
        is_site = scope["type"] == "http" and scope["path"].startswith(SITES)
        await (self._sites if is_site else self._people)(scope, receive, send)


def create_people(hub: Hub) -> FastAPI:
    """The application for people, with its health and metrics; API and pages are added to it."""
    app = openapi.application("passerby hub")
    oidc = hub.config.oidc
    app.add_middleware(Keeper, access=hub.access, open_too=OPEN if oidc else {})
    app.add_middleware(Shield, names=hub.config.web.names)
    add_errors(app, QUESTIONS)
    page = add_sign_in(app, hub.access, ADD_ACCOUNT)
    if oidc and page:
        add_openid(app, log_in(oidc, hub.config.path_of, hub.access, hub.register), page)
    _add_health(app, hub)
    return app


def create_sites(*routers: APIRouter) -> FastAPI:
    """The application for sites: routes that read who asks from a signature. Nobody signs in to it."""
    app = FastAPI(title="passerby hub, for sites", docs_url=None, redoc_url=None, openapi_url=None)
    add_errors(app, {})
    for router in routers:
        app.include_router(router)
    return app


def _add_health(app: FastAPI, hub: Hub) -> None:
    @app.get(
        "/healthz",
        summary="200 while all is well, else 503; the reasons for who is let in",
        response_model=None,
        responses={200: {"model": HealthAnswer}, 503: {"model": HealthAnswer, "description": "Something is not well."}},
    )
    def get_health(request: Request) -> Response:
        reasons = hub.all_problems()
        body: dict[str, object] = {"status": "unwell" if reasons else "well"}
        if scope(account_of(request)).whole:
            body["reasons"] = reasons
        return JSONResponse(body, status_code=503 if reasons else 200)

    @app.get("/metrics", summary="The hub for Prometheus", response_class=PlainTextResponse)
    def get_metrics(request: Request) -> Response:
        seen = scope(account_of(request))
        text = venues_exposition(hub.board.overview().seen_by(seen))
        # What is gathered is told of all venues together.
        own = b"".join(one() for one in hub.metrics) if seen.whole else b""
        return Response(text + own, media_type=CONTENT_TYPE_LATEST)
