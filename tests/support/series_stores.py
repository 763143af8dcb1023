"""The stores of series that every golden test runs on. Each is opened empty in a folder, and closed."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from itertools import count
from pathlib import Path

from passerby.hub.contract import Series
from passerby.hub.series import SqliteSeries
from tests.support.clickhouse import Engine

Opened = Callable[[Path], AbstractContextManager[Series]]


@contextmanager
def sqlite(folder: Path) -> Iterator[Series]:
    """SQLite, as on one machine."""
    with SqliteSeries(folder / "series.sqlite") as series:
        yield series


@contextmanager
def clickhouse(_folder: Path) -> Iterator[Series]:
    """ClickHouse's engine, as past one machine: a database of its own in the one engine of these tests."""
    yield _engine().series(f"store_{next(_numbers)}").series


@cache
def _engine() -> Engine:
    engine = Engine()
    atexit.register(engine.close)
    return engine


_numbers = count()
STORES: dict[str, Opened] = {"sqlite": sqlite, "clickhouse": clickhouse}
