"""How the API refuses: always in the form {"error": {"message": ..., "problems": [...]}}."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from passerby.errors import StoreError
from passerby.records.tables_parquet import NoParquetError


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
        known = ", ".join(asked.model_fields) if asked else ""
        problems = [
            {
                "parameter": str(detail["loc"][-1]) if len(detail["loc"]) > 1 else "",
                "message": (f"no such parameter; known here: {known}" if asked else "no such key")
                if detail.get("type") == "extra_forbidden"
                else str(detail["msg"]).removeprefix("Value error, "),
            }
            for detail in error.errors()
        ]
        return refusal("the question was not understood", 422, problems)

    @app.exception_handler(StoreError)
    def no_store(_: Request, error: StoreError) -> Response:
        return refusal(str(error), 503)

    @app.exception_handler(NoParquetError)
    def no_parquet(_: Request, error: NoParquetError) -> Response:
        return refusal(str(error), 406)

    @app.exception_handler(HTTPException)
    def refused(_: Request, error: HTTPException) -> Response:
        answer = refusal(str(error.detail), error.status_code)
        answer.headers.update(error.headers or {})
        return answer


def refusal(message: str, status: int, problems: list[dict[str, str]] | None = None) -> Response:
    """An answer that refuses.

    Args:
        message: one sentence.
        status: of HTTP.
        problems: single mistakes, each with `parameter` and `message`.
    """
    body = {"message": message, "problems": problems or []}
    return JSONResponse({"error": body}, status_code=status)
