"""The tables in ClickHouse, for one server and for a cluster.

Each row has a key, in the order of its table, and a version; of rows with one key, the newest counts
(ReplacingMergeTree, read with FINAL). What is sent again has the same key. Sums are made anew from all windows of their
hour or day and replace what was there, so that nothing can be counted twice.

On a cluster each table is two: `NAME_local`, replicated by Keeper, and `NAME`, which spreads over the shards by site.
"""

from dataclasses import dataclass

from passerby.core.tallies import Measure

_MONTH_S = 30 * 86400
_AMOUNTS = """
    total_milli UInt64 CODEC(T64, ZSTD(1)),
    exposure_milli UInt64 CODEC(T64, ZSTD(1)),
    doubtful UInt8 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1))"""
_PLACE = """
    site UInt32 CODEC(ZSTD(1)),
    camera LowCardinality(String) CODEC(ZSTD(1)),
    name LowCardinality(String) CODEC(ZSTD(1)),
    measure UInt8 CODEC(ZSTD(1)),
    part UInt8 CODEC(ZSTD(1)),"""
_WINDOW = f"""{_PLACE}
    start_unix_s UInt32 CODEC(DoubleDelta, ZSTD(1)),
    width_s UInt16 CODEC(ZSTD(1)),
    run UInt64 CODEC(ZSTD(1)),
    counted UInt8 CODEC(ZSTD(1)),
    hourly UInt8 CODEC(ZSTD(1)),{_AMOUNTS}"""
_VENUE = """
    site UInt32 CODEC(ZSTD(1)),
    measure UInt8 CODEC(ZSTD(1)),
    part UInt8 CODEC(ZSTD(1)),"""
_STEP = "step UInt32 CODEC(DoubleDelta, ZSTD(1)), slice UInt8 CODEC(ZSTD(1)),"


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        columns: as in the statement that makes it; one of them is `version`.
        key: its order, which is what no two rows share.
        partition: what is kept apart on the disk; made of the key, so that rows of one key are together.
    """

    name: str
    columns: str
    key: str
    partition: str = ""


KEPT, LATE, LEFT = 0, 1, 2
"""Slices of a sum. It is KEPT that is made anew from `windows`, as long as they are there. LATE is what came when they
had been forgotten: it is made from the table `late`, and the rest stays as it was. LEFT is the part that a day got when
its venue's time zone was corrected and the rest of it had been forgotten."""

# `step` is hours since the Unix epoch, or a day as `date.toordinal`. `counted` is 1 where a window is in the sum of its
# venue, and `hourly` where it is in that of its hour. `starts` numbers each start of a hub that writes.
TABLES = (
    Table("windows", _WINDOW, "site, camera, name, measure, part, start_unix_s, width_s, run", "start_unix_s"),
    Table("late", _WINDOW, "site, camera, name, measure, part, start_unix_s, width_s, run"),
    Table("place_hours", f"{_PLACE} {_STEP} {_AMOUNTS}", "site, camera, name, measure, part, step, slice"),
    Table("place_days", f"{_PLACE} {_STEP} {_AMOUNTS}", "site, camera, name, measure, part, step, slice"),
    Table("venue_hours", f"{_VENUE} {_STEP} {_AMOUNTS}", "measure, step, site, part, slice"),
    Table("venue_days", f"{_VENUE} {_STEP} {_AMOUNTS}", "measure, step, site, part, slice"),
    Table(
        "batches",
        "site UInt32, outbox FixedString(32), sequence UInt64, newest_unix_s UInt32, version UInt64",
        "site, outbox, sequence",
    ),
    Table(
        "asides",
        "site UInt32, outbox FixedString(32), sequence UInt64, received_unix_s UInt64, why String, json String, "
        "version UInt64",
        "site, outbox, sequence",
    ),
    Table("layouts", "site UInt32, digest FixedString(64), json String, version UInt64", "site, digest"),
    Table(
        "sites",
        "site UInt32, venue UInt32, name String, zone String, kept_from_unix_s UInt32, version UInt64",
        "site",
    ),
    Table("starts", "site UInt32, number UInt32, version UInt64", "site, number"),
)
MOST = f"if(measure = {int(Measure.PEAK)}, max(total_milli), sum(total_milli))"
"""Sums add up, but for peaks."""


def local(name: str, cluster: str | None) -> str:
    """The table that holds the rows."""
    return name if cluster is None else f"{name}_local"


def on(cluster: str | None) -> str:
    """Says that a statement is for all servers of a cluster."""
    return "" if cluster is None else f" ON CLUSTER '{cluster}'"


def definitions(database: str, cluster: str | None) -> list[str]:
    """The statements that make the tables where they are absent.

    Args:
        database: where they go; it is there already.
        cluster: name of the cluster; None: one server without replicas.
    """
    return [statement for table in TABLES for statement in _definition(table, database, cluster)]


def _definition(table: Table, database: str, cluster: str | None) -> list[str]:
    partition = f" PARTITION BY intDiv({table.partition}, {_MONTH_S})" if table.partition else ""
    stored = f"{{engine}}{partition} ORDER BY ({table.key})"
    made = f"CREATE TABLE IF NOT EXISTS {database}.{{name}}{on(cluster)}"
    if cluster is None:
        engine = stored.format(engine="ReplacingMergeTree(version)")
        return [f"{made.format(name=table.name)} ({table.columns}) ENGINE = {engine}"]
    rows = local(table.name, cluster)
    kept = f"'/clickhouse/tables/{{shard}}/{database}/{table.name}', '{{replica}}'"
    engine = stored.format(engine=f"ReplicatedReplacingMergeTree({kept}, version)")
    spread = f"Distributed('{cluster}', '{database}', '{rows}', site)"
    return [
        f"{made.format(name=rows)} ({table.columns}) ENGINE = {engine}",
        f"{made.format(name=table.name)} AS {database}.{rows} ENGINE = {spread}",
    ]
