"""The stores of series that every golden test runs on. Each is opened empty in a folder, and closed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from passerby.hub.contract import Series
from passerby.hub.series import SqliteSeries

Opened = Callable[[Path], AbstractContextManager[Series]]


@contextmanager
def sqlite(folder: Path) -> Iterator[Series]:
    """SQLite, as on one machine."""
    with SqliteSeries(folder / "series.sqlite") as series:
        yield series


STORES: dict[str, Opened] = {"sqlite": sqlite}
