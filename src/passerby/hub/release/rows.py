"""The rows of a release as files."""

import hashlib
from collections.abc import Sequence

from passerby.hub.release.figures import Figure
from passerby.records.tables import Row, as_csv

CSV, PARQUET, SHEET, WORDS, CHART = "figures.csv", "figures.parquet", "datasheet.json", "README.txt", "chart.svg"
COLUMNS = (
    *("level", "district", "venue", "day", "hour", "venues", "state", "visitors", "measured", "low_95", "high_95"),
    *("deviation", "coverage_percent", "doubtful"),
)


def rows_of(rows: Sequence[Figure]) -> list[Row]:
    """Rows as tables have them."""
    return [
        {
            "level": row.level,
            "district": row.district,
            "venue": row.venue,
            "day": row.day.isoformat(),
            "hour": row.hour,
            "venues": row.venues,
            "state": row.state,
            "visitors": row.visitors,
            "measured": row.measured,
            "low_95": row.low,
            "high_95": row.high,
            "deviation": row.deviation,
            "coverage_percent": row.coverage,
            "doubtful": row.doubtful,
        }
        for row in rows
    ]


def csv_of(rows: Sequence[Figure]) -> bytes:
    """The rows as CSV."""
    return as_csv(rows_of(rows), COLUMNS).encode()


def digest_of(rows: Sequence[Figure]) -> dict[str, str]:
    """The SHA-256 of the CSV, as data sheets have it; of no rows there is none."""
    return {CSV: hashlib.sha256(csv_of(rows)).hexdigest()} if rows else {}
