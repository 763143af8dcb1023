"""The description of the API in OpenAPI: who may ask what, and how the API refuses."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from passerby import __version__
from passerby.records.access import Role
from passerby.records.answers import ErrorAnswer

PATH = "/api/openapi.json"
REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorAnswer, "description": "Nobody has signed in, or the token is not known."},
    403: {"model": ErrorAnswer, "description": "The account may not do this, or another web site asked."},
    422: {"model": ErrorAnswer, "description": "The question was not understood; every mistake is named."},
    503: {"model": ErrorAnswer, "description": "The store cannot answer."},
}
"""What every route may answer."""

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token: Authorization: Bearer TOKEN."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "passerby",
        "description": "The cookie of a browser that has signed in. Its name ends with the port.",
    },
}
_OPEN = ("/healthz",)


def application(title: str) -> FastAPI:
    """An application that serves its description, and not the pages of it: those load scripts from elsewhere."""
    return FastAPI(
        title=title, version=__version__, docs_url=None, redoc_url=None, openapi_url=PATH, responses=REFUSALS
    )


def needs(role: Role) -> dict[str, Any]:
    """What the description of a route says of who may ask; for `openapi_extra`."""
    return {"security": [{name: [role.label]} for name in _SCHEMES]}


def describe(app: FastAPI) -> None:
    """Completes the description when it is asked for first. Routes that say nothing else are read by viewers."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = plain()
            schema["info"]["description"] = "Numbers about places, never about people. Times are Unix seconds (UTC)."
            schema.setdefault("components", {})["securitySchemes"] = _SCHEMES
            for path, told in _operations(schema):
                if path not in _OPEN:
                    told.setdefault("security", needs(Role.VIEWER)["security"])
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's manual extends it


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for told in methods.values():
            yield path, told
