"""Sums by hour and day, of places and of the venue: made anew from windows, never counted on."""

from collections.abc import Iterable
from dataclasses import replace

from passerby.hub.series.adding import HOUR_S, day_of, first_kept, midnight_of
from passerby.hub.series.clickhouse.rows import Steps, Windows
from passerby.hub.series.clickhouse.runner import Runner
from passerby.hub.series.clickhouse.sites import Site
from passerby.hub.series.clickhouse.statements import STARTS, roll_ups
from passerby.hub.series.clickhouse.tables import KEPT, LATE, LEFT, local, on
from passerby.hub.series.taking import zone_of

_DAYS = ("place_days", "venue_days")
_HOURS = ("place_hours", "venue_hours")


class Sums:
    """The tables of sums.

    Args:
        runner: the way to ClickHouse.
        cluster: whose replicas keep them; None: one server.
    """

    def __init__(self, runner: Runner, cluster: str | None) -> None:
        self._runner, self._cluster = runner, cluster

    def of(self, site: Site, kept: Windows, late: Windows, version: int) -> None:
        """Makes those sums anew that hold windows which were stored.

        Raises:
            StoreError: some were made, and some were not.
        """
        zone = zone_of(site.zone)
        days = Steps.days((start for start in kept.starts if start >= site.kept_from_unix_s), zone)
        self._make(site, ("windows", KEPT), (Steps.hours(kept.starts), days), version)
        self._make(site, ("late", LATE), (Steps.hours(late.starts), Steps.days(late.starts, zone)), version)

    def move_days(self, site: Site, zone: str, version: int) -> Site:
        """Counts the days of a site anew by another zone, as far back as its windows are kept.

        Args:
            site: with the zone that its days were told by so far.
            zone: the right one.
            version: of the sums.

        Returns:
            The site with that zone, and from when on windows are kept of whole days of it.

        Raises:
            StoreError: some days were moved; call it again.
        """
        right = zone_of(zone)
        first = day_of(site.kept_from_unix_s, right)
        whole = midnight_of(first, right) == site.kept_from_unix_s
        kept_from = site.kept_from_unix_s if whole else midnight_of(first + 1, right)
        asked = {"site": site.number, "since": site.kept_from_unix_s}
        starts = [row[0] for row in self._runner.query(STARTS, asked)]
        moved = replace(site, zone=zone)
        left = Steps.days((start for start in starts if start < kept_from), right)
        days = Steps.days((start for start in starts if start >= kept_from), right)
        self._make(moved, ("windows", LEFT), (left,), version)
        self._make(moved, ("windows", KEPT), (days,), version)
        old = f"site = {site.number} AND step >= {day_of(site.kept_from_unix_s, zone_of(site.zone))}"
        for table in _DAYS:
            self._delete(table, f"{old} AND version < {version} AND slice = {KEPT}")
        return replace(moved, kept_from_unix_s=kept_from)

    def forget(self, sites: Iterable[Site], sums_before_unix_s: int) -> int:
        """Deletes windows that are not kept any more, and sums from before a moment.

        Returns:
            How many windows were deleted.

        Raises:
            StoreError: some were deleted.
        """
        windows, sums = _Which(), _Which()
        hours, days, gone = _Which(), _Which(), 0
        for site in sites:
            first = first_kept(sums_before_unix_s, zone_of(site.zone))
            windows.put(site.number, site.cut_unix_s)
            sums.put(site.number, first)
            hours.put(site.number, first // HOUR_S)
            days.put(site.number, day_of(first, zone_of(site.zone)))
        for where in windows.conditions("start_unix_s"):
            gone += int(self._runner.query(f"SELECT count() FROM windows FINAL WHERE {where}")[0][0])  # noqa: S608
        self._delete_all(("windows",), windows.conditions("start_unix_s"))
        self._delete_all(("late",), sums.conditions("start_unix_s"))
        self._delete_all(("asides",), sums.conditions("received_unix_s"))
        self._delete_all(_HOURS, hours.conditions("step"))
        self._delete_all(_DAYS, days.conditions("step"))
        return gone

    def _make(self, site: Site, source: tuple[str, int], steps: Iterable[Steps | None], version: int) -> None:
        table, slice_ = source
        for some in steps:
            if some is None:
                continue
            # Where only some of a day's windows are kept, they are not all of it.
            since = max(some.since_unix_s, site.kept_from_unix_s) if (table, some.name) == ("windows", "days") else 0
            values = {
                "site": site.number,
                "slice": slice_,
                "version": version,
                "steps": some.numbers,
                "since": max(since, some.since_unix_s),
                "until": some.until_unix_s,
                "edges": some.edges_unix_s,
                "steps_at": some.at,
            }
            for statement in roll_ups(table, some.name):
                self._runner.command(statement, values)

    def _delete_all(self, tables: Iterable[str], conditions: list[str]) -> None:
        for table in tables:
            for where in conditions:
                self._delete(table, where)

    def _delete(self, table: str, where: str) -> None:
        """Deletes rows. Conditions are made of numbers alone."""
        self._runner.command(f"DELETE FROM {local(table, self._cluster)}{on(self._cluster)} WHERE {where}")  # noqa: S608


class _Which:
    """Sites by the moment, hour or day before which something of theirs goes."""

    def __init__(self) -> None:
        self._sites: dict[int, list[int]] = {}

    def put(self, site: int, before: int) -> None:
        """Adds a site."""
        self._sites.setdefault(before, []).append(site)

    def conditions(self, column: str) -> list[str]:
        """What holds of rows that go: one condition for all sites that share a moment."""
        return [
            f"site IN ({', '.join(map(str, sites))}) AND {column} < {before}" for before, sites in self._sites.items()
        ]
