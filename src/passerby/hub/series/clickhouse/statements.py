"""The questions, as ClickHouse is asked them. Sums are read with FINAL: of one key, the newest version."""

from passerby.hub.series.clickhouse.tables import MOST

_SUMS = f"{MOST}, sum(exposure_milli), max(doubtful)"
_PLACE = "site, camera, name, measure, part"

_HOUR = "intDiv(start_unix_s, 3600)"
_DAY = "transform(roundDown(start_unix_s, {edges:Array(UInt32)}), {edges:Array(UInt32)}, {steps_at:Array(UInt32)}, 0)"
"""The day that begins at the last edge before a window. Its edges are told by the hub, which alone knows time zones."""
_ROLL_UP = """
    INSERT INTO {into} ({key}, step, slice, total_milli, exposure_milli, doubtful, version)
    SELECT {key}, {step} AS its_step, {{slice:UInt8}}, {most} AS total, sum(exposure_milli) AS exposure,
        max(doubtful) AS mark, {{version:UInt64}}
    FROM {source} FINAL
    WHERE site IN {{sites:Array(UInt32)}} AND start_unix_s >= {{since:UInt32}} AND start_unix_s < {{until:UInt32}}
        AND start_unix_s >= transform(site, {{sites:Array(UInt32)}}, {{kept_from:Array(UInt32)}}, 0)
        AND its_step IN {{steps:Array(UInt32)}}{which}
    GROUP BY {key}, its_step
"""


def roll_ups(source: str, step: str) -> tuple[str, ...]:
    """The statements that make sums of some hours or days of sites anew from their windows.

    Args:
        source: `windows` or `late`.
        step: `hours` or `days`.
    """
    return tuple(
        _ROLL_UP.format(
            into=f"{whose}_{step}",
            key=key,
            step=_HOUR if step == "hours" else _DAY,
            most=MOST,
            source=source,
            which=(" AND counted" if whose == "venue" else "") + (" AND hourly" if step == "hours" else ""),
        )
        for whose, key in (("place", _PLACE), ("venue", "site, measure, part"))
    )


MARKS = """
    SELECT site, outbox, max(sequence), uniqExact(sequence) FROM batches
    WHERE site IN {sites:Array(UInt32)} AND outbox IN {outboxes:Array(FixedString(32))} GROUP BY site, outbox
"""
MARK_BEFORE_A_GAP = """
    SELECT max(sequence) FROM (
        SELECT sequence, row_number() OVER (ORDER BY sequence) AS place FROM (
            SELECT DISTINCT sequence FROM batches WHERE site = {site:UInt32} AND outbox = {outbox:FixedString(32)}
        )
    ) WHERE sequence = place
"""
"""Records are written without a gap; one that a lost disk tore is closed when the site sends again what is after it."""
OUTBOXES = "SELECT DISTINCT site, outbox FROM batches WHERE site IN {sites:Array(UInt32)}"
OUTBOX_AT = f"{OUTBOXES} AND outbox = {{outbox:FixedString(32)}}"
STARTS = """
    SELECT DISTINCT start_unix_s FROM windows WHERE site = {site:UInt32} AND start_unix_s >= {since:UInt32}
"""
LAYOUTS = "SELECT digest, json FROM layouts FINAL WHERE site IN {sites:Array(UInt32)}"
LAYOUT = "SELECT json FROM layouts FINAL WHERE site = {site:UInt32} AND digest = {digest:FixedString(64)}"
NEWEST = "SELECT site, max(newest_unix_s) FROM batches WHERE newest_unix_s > 0 GROUP BY site"
ASIDES = """
    SELECT site, outbox, sequence, why FROM asides FINAL WHERE site IN {sites:Array(UInt32)}
    ORDER BY received_unix_s DESC, version DESC, sequence DESC
"""

COURSE = f"""
    SELECT {_PLACE}, start, width, {_SUMS}
    FROM (
        SELECT {_PLACE}, greatest(width_s, {{width:UInt32}}) AS width, intDiv(start_unix_s, width) * width AS start,
            total_milli, exposure_milli, doubtful
        FROM windows FINAL
        WHERE site = {{site:UInt32}} AND measure IN {{measures:Array(UInt8)}}
            AND start_unix_s >= {{cut:UInt32}} AND start_unix_s >= {{since:UInt32}} AND start_unix_s < {{until:UInt32}}
        UNION ALL
        SELECT {_PLACE}, greatest(3600, {{width:UInt32}}) AS width, intDiv(step * 3600, width) * width AS start,
            total_milli, exposure_milli, doubtful
        FROM place_hours FINAL
        WHERE site = {{site:UInt32}} AND measure IN {{measures:Array(UInt8)}}
            AND step * 3600 < {{cut:UInt32}} AND step * 3600 >= {{since:UInt32}} AND step * 3600 < {{until:UInt32}}
    )
    GROUP BY {_PLACE}, start, width
"""  # noqa: S608 - columns above
PLACE_DAYS = f"""
    SELECT {_PLACE}, step, {_SUMS} FROM place_days FINAL
    WHERE site = {{site:UInt32}} AND measure IN {{measures:Array(UInt8)}}
        AND step BETWEEN {{first:UInt32}} AND {{last:UInt32}}
    GROUP BY {_PLACE}, step
"""  # noqa: S608 - columns above
_VENUE = "transform(site, {sites:Array(UInt32)}, {venues:Array(UInt32)}, 0) AS venue"
_ASKED = """
    WHERE measure IN {measures:Array(UInt8)} AND step BETWEEN {first:UInt32} AND {last:UInt32}
        AND site IN {sites:Array(UInt32)}
"""


def venue_sums(table: str) -> str:
    """Sums of venues by measure, step and part.

    Args:
        table: `venue_hours` or `venue_days`.
    """
    by = "venue, measure, step, part"
    return f"""
    SELECT {_VENUE}, measure, step, part, {_SUMS} FROM {table} FINAL {_ASKED} GROUP BY {by} ORDER BY {by}
    """  # noqa: S608 - one of two tables


TOTALS = f"""
    SELECT {_VENUE}, measure, part, {_SUMS} FROM venue_hours FINAL {_ASKED} GROUP BY venue, measure, part
"""  # noqa: S608 - columns above
