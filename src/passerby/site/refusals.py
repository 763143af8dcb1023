"""How the API refuses: always in the form {"error": {"message": ..., "problems": [...]}}."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from passerby.errors import StoreError


def refuse_repeats(request: Request) -> None:
    """A dependency of routes: a parameter that is given twice is a mistake.

    Raises:
        RequestValidationError: one is.
    """
    names = [name for name, _ in request.query_params.multi_items()]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise RequestValidationError([problem(name, "given twice; keep one") for name in repeated])


def problem(parameter: str, message: str) -> dict[str, object]:
    """One mistake of a question, as `RequestValidationError` takes it."""
    return {"loc": ("query", parameter), "msg": message}


def add_errors(app: FastAPI, questions: Mapping[str, type[BaseModel]]) -> None:
    """Gives every refusal its form.

    Args:
        app: the application.
        questions: what may be asked of each route.
    """

    @app.exception_handler(RequestValidationError)
    def wrong_question(request: Request, error: RequestValidationError) -> Response:
        asked = questions.get(request.url.path)
        known = ", ".join(asked.model_fields) if asked else "none"
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
