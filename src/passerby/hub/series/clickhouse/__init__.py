"""The tallies of all venues in ClickHouse, for a hub that is past one machine. The same answers as SQLite's."""

from passerby.hub.series.clickhouse.store import ClickHouseSeries

__all__ = ["ClickHouseSeries"]
