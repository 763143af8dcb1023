"""Answers as Parquet tables, for programs that compute with them; needs the extra `parquet`."""

import io
from collections.abc import Iterable, Sequence
from types import ModuleType

from passerby.errors import PasserbyError
from passerby.records.tables import Row

MEDIA_TYPE = "application/vnd.apache.parquet"
_TEXTS = frozenset(
    {
        *("camera", "measure", "subject", "place", "zone", "shelf", "aisle", "start", "end"),
        *("venue", "name", "organisation", "district", "brand", "tag_list", "time_zone", "state", "health"),
        *("group", "day", "why_not", "level", "hour"),
    }
)
_FLAGS = frozenset({"withheld", "unsafe", "lasts", "begun", "doubtful", "masks_withheld"})
_WHOLE = frozenset(
    {
        *("part", "start_unix_s", "end_unix_s", "width_s", "row", "column", "facing"),
        *("asked", "judged", "masked", "worn_wrongly", "max", "entered", "left"),
        *("visitors", "measured", "low_95", "high_95", "coverage_percent", "came_in", "went_out"),
        *("dwell_visits", "queue_served", "queue_gave_up"),
        *("venues", "connected", "conforming", "silent", "overdue", "rank", "of", "problems", "batches_waiting"),
    }
)


class NoParquetError(PasserbyError):
    """Parquet was asked for, and what writes it is not installed."""


def as_parquet(rows: Iterable[Row], columns: Sequence[str]) -> bytes:
    """Rows as one Parquet file with the given columns; what has no column is left out, what is absent is null.

    Raises:
        NoParquetError: the extra is not installed.
    """
    arrow, parquet = _library()
    kinds = {name: _kind(arrow, name) for name in columns}
    listed = list(rows)
    arrays = [arrow.array([row.get(name) for row in listed], kind) for name, kind in kinds.items()]
    file = io.BytesIO()
    parquet.write_table(arrow.table(arrays, schema=arrow.schema(list(kinds.items()))), file, compression="zstd")
    return file.getvalue()


def _kind(arrow: ModuleType, name: str) -> object:
    if name in _TEXTS:
        return arrow.string()
    if name in _FLAGS:
        return arrow.bool_()
    return arrow.int64() if name in _WHOLE else arrow.float64()


def _library() -> tuple[ModuleType, ModuleType]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        words = "Parquet needs one more package: pip install 'passerby[parquet]'. CSV and JSON need none"
        raise NoParquetError(words) from None
    return pyarrow, pyarrow.parquet
