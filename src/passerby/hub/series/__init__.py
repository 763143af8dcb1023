"""The tallies of all venues in SQLite, with sums by hour and by day, and the few questions that are asked of them."""

from passerby.hub.series.store import SqliteSeries

__all__ = ["SqliteSeries"]
