"""The forms in which a question can be answered: JSON, CSV and Parquet."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
from fastapi.responses import Response
from pydantic import BaseModel

from passerby.records.answers import ErrorAnswer
from passerby.records.tables import Row, as_csv
from passerby.records.tables_parquet import MEDIA_TYPE, as_parquet

Form = Literal["json", "csv", "parquet"]
"""`json`, or a table: `csv` or `parquet`."""


def as_json(body: dict[str, Any]) -> Response:
    """An answer as JSON. msgspec writes it: a day of tallies by the minute in a seventh of the time of Python's own."""
    return Response(msgspec.json.encode(body), media_type="application/json")


def table(form: Form, name: str, rows: Iterable[Row], columns: Sequence[str]) -> Response:
    """An answer to be saved as a file.

    Args:
        form: `csv` or `parquet`.
        name: of the file, without its ending.
        rows: of the table.
        columns: in this order.

    Raises:
        NoParquetError: the extra is not installed.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    if form == "parquet":
        return Response(as_parquet(rows, columns), media_type=MEDIA_TYPE, headers=headers)
    return Response(as_csv(rows, columns), media_type="text/csv; charset=utf-8", headers=headers)


def described(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a route that answers in all forms."""
    text, binary = {"type": "string"}, {"type": "string", "format": "binary"}
    return {
        200: {
            "model": model,
            "description": "As JSON, or as a table with a row for each window.",
            "content": {
                "text/csv": {"schema": text},
                MEDIA_TYPE: {"schema": binary},
            },
        },
        406: {"model": ErrorAnswer, "description": "`format=parquet`, and the extra is not installed."},
    }
