"""What the hub's tallies ask of SQLite. `{measures}` and the like stand for lists of numbers."""

TALLY = """
INSERT INTO tally (site, start_unix_s, series, run, total_milli, exposure_milli, doubtful) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
    total_milli = excluded.total_milli, exposure_milli = excluded.exposure_milli, doubtful = excluded.doubtful
"""

THERE = """
SELECT start_unix_s, series, run, total_milli, exposure_milli, doubtful
FROM json_each(?) AS asked CROSS JOIN tally ON site = ? AND start_unix_s = asked.value
"""

_SUM = """
INSERT INTO {table} (site, {keys}, total_milli, exposure_milli, doubtful) VALUES ({marks})
ON CONFLICT DO UPDATE SET
    total_milli = {total}, exposure_milli = exposure_milli + excluded.exposure_milli,
    doubtful = doubtful + excluded.doubtful
"""

KEYS = {
    "place_hour": ("hour", "series"),
    "place_day": ("day", "series"),
    "venue_hour": ("measure", "hour", "part"),
    "venue_day": ("measure", "day", "part"),
}


def _sum(table: str, total: str) -> str:
    keys = KEYS[table]
    return _SUM.format(table=table, keys=", ".join(keys), marks=", ".join("?" * (len(keys) + 4)), total=total)


ADD = {table: _sum(table, "total_milli + excluded.total_milli") for table in KEYS}
KEEP_MOST = {table: _sum(table, "max(total_milli, excluded.total_milli)") for table in KEYS}

# A peak that was replaced by a lower one: the most of what is left is looked for again.
PLACE_PEAK = {
    table: f"""
    UPDATE {table} SET total_milli = (
        SELECT max(tally.total_milli) FROM tally
        WHERE tally.site = ?1 AND tally.start_unix_s >= ?2 AND tally.start_unix_s < ?3 AND tally.series = ?4
    ) WHERE site = ?1 AND {KEYS[table][0]} = ?5 AND series = ?4
    """  # noqa: S608 - names of tables above
    for table in ("place_hour", "place_day")
}
VENUE_PEAK = {
    venue: f"""
    UPDATE {venue} SET total_milli = (
        SELECT max(here.total_milli) FROM {place} AS here
        WHERE here.site = ?1 AND here.{step} = ?2 AND here.series IN (SELECT value FROM json_each(?4))
    ) WHERE site = ?1 AND measure = ?3 AND {step} = ?2 AND part = 0
    """  # noqa: S608 - names of tables above
    for venue, place, step in (("venue_hour", "place_hour", "hour"), ("venue_day", "place_day", "day"))
}
