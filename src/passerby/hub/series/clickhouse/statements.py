"""The questions, as ClickHouse is asked them. Sums are read with FINAL: of one key, the newest version."""

from passerby.hub.series.clickhouse.tables import MOST

_SUMS = f"{MOST}, sum(exposure_milli), max(suspect)"
_PLACE = "site, camera, name, measure, part"

_HOUR = "intDiv(start_unix_s, 3600)"
_DAY = "transform(roundDown(start_unix_s, {edges:Array(UInt32)}), {edges:Array(UInt32)}, {steps_at:Array(UInt32)}, 0)"
"""The day that begins at the last edge before a window. Its edges are told by the hub, which alone knows time zones."""
_ROLL_UP = """
    INSERT INTO {into} ({key}, step, late, total_milli, exposure_milli, suspect, version)
    SELECT {key}, {step} AS its_step, {late}, {most} AS total, sum(exposure_milli) AS exposure, max(suspect) AS mark,
        {{version:UInt64}}
    FROM {source} FINAL
    WHERE site = {{site:UInt32}} AND start_unix_s >= {{since:UInt32}} AND start_unix_s < {{until:UInt32}}
        AND its_step IN {{steps:Array(UInt32)}}{counted}
    GROUP BY {key}, its_step
"""


def roll_ups(source: str, step: str) -> tuple[str, ...]:
    """The statements that make sums of some hours or days of a site anew from its windows.

    Args:
        source: `windows` or `late`.
        step: `hours` or `days`.
    """
    return tuple(
        _ROLL_UP.format(
            into=f"{whose}_{step}",
            key=key,
            step=_HOUR if step == "hours" else _DAY,
            late=int(source == "late"),
            most=MOST,
            source=source,
            counted=" AND counted" if whose == "venue" else "",
        )
        for whose, key in (("place", _PLACE), ("venue", "site, measure, part"))
    )


COURSE = f"""
    SELECT {_PLACE}, step, width, {_SUMS}
    FROM (
        SELECT {_PLACE}, greatest(width_s, {{width:UInt32}}) AS width, intDiv(start_unix_s, width) * width AS step,
            total_milli, exposure_milli, suspect
        FROM windows FINAL
        WHERE site = {{site:UInt32}} AND measure IN {{measures:Array(UInt8)}}
            AND start_unix_s >= greatest({{since:UInt32}}, {{kept_from:UInt32}}) AND start_unix_s < {{until:UInt32}}
        UNION ALL
        SELECT {_PLACE}, greatest(3600, {{width:UInt32}}) AS width, intDiv(place_hours.step * 3600, width) * width AS step,
            total_milli, exposure_milli, suspect
        FROM place_hours FINAL
        WHERE site = {{site:UInt32}} AND measure IN {{measures:Array(UInt8)}}
            AND place_hours.step * 3600 >= {{since:UInt32}}
            AND place_hours.step * 3600 < least({{until:UInt32}}, {{kept_from:UInt32}})
    )
    GROUP BY {_PLACE}, step, width
    ORDER BY {_PLACE}, step, width
"""

VENUE_SUMS = f"""
    SELECT transform(site, {{sites:Array(UInt32)}}, {{venues:Array(UInt32)}}, 0) AS venue, measure, step, part, {_SUMS}
    FROM {{table}} FINAL
    WHERE measure IN {{measures:Array(UInt8)}} AND step >= {{first:UInt32}} AND step < {{end:UInt32}}
        AND site IN {{sites:Array(UInt32)}}
    GROUP BY venue, measure, step, part
    ORDER BY venue, measure, step, part
"""
