"""The tallies of all venues in ClickHouse, for a hub that is past one machine. The same answers as SQLite's."""

from collections.abc import Callable
from pathlib import Path

from passerby.hub.series.clickhouse.runner import connect
from passerby.hub.series.clickhouse.settings import ClickHouse
from passerby.hub.series.clickhouse.store import ClickHouseSeries

__all__ = ["ClickHouse", "ClickHouseSeries", "open_clickhouse"]


def open_clickhouse(settings: ClickHouse, path_of: Callable[[str], Path]) -> ClickHouseSeries:
    """The tallies at a server or a cluster.

    Args:
        settings: which.
        path_of: a path of the configuration.

    Raises:
        ConfigError: the password cannot be read, or the package for it is not installed.
        StoreError: it cannot be used.
    """
    return ClickHouseSeries(connect(settings, path_of), settings.database, settings.cluster)
