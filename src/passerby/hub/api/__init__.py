"""The API of a hub."""

from fastapi import FastAPI
from pydantic import BaseModel

from passerby.hub.alerts import AlertBoard
from passerby.hub.api import alerts, routes
from passerby.hub.api.routes import ApiSources
from passerby.hub.register import Log
from passerby.records import openapi

__all__ = ["QUESTIONS", "ApiSources", "add_api"]
QUESTIONS: dict[str, type[BaseModel]] = {**routes.QUESTIONS, **alerts.QUESTIONS}
"""What may be asked of each route whose path has no name in it."""


def add_api(app: FastAPI, sources: ApiSources, board: AlertBoard, log: Log) -> None:
    """Adds the API, and completes its description.

    Args:
        app: the application for people.
        sources: what it reads.
        board: alerts.
        log: who did and saw what.
    """
    for router in (
        routes.venues_router(sources),
        routes.tallies_router(sources),
        routes.sums_router(sources),
        routes.rollout_router(sources),
        alerts.alerts_router(sources, board),
        alerts.acknowledge_router(sources, board),
        alerts.log_router(sources, log),
    ):
        app.include_router(router)
    openapi.describe(app)
