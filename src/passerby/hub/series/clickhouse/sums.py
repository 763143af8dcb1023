"""Sums by hour and day, of places and of the venue: made anew from windows, never counted on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from passerby.hub.series.adding import HOUR_S, day_of, first_kept, midnight_of
from passerby.hub.series.clickhouse.rows import Steps, Windows
from passerby.hub.series.clickhouse.runner import Runner
from passerby.hub.series.clickhouse.sites import Site
from passerby.hub.series.clickhouse.statements import STARTS, roll_ups
from passerby.hub.series.clickhouse.tables import KEPT, LATE, LEFT, local, on
from passerby.hub.series.taking import zone_of

_DAYS = ("place_days", "venue_days")
_HOURS = ("place_hours", "venue_hours")


@dataclass(frozen=True, slots=True)
class Change:
    """Windows of a site that were stored.

    Attributes:
        kept: those whose hour is kept.
        late: those whose day is forgotten; some are both.
    """

    site: Site
    kept: Windows
    late: Windows

    @property
    def starts_of_kept_days(self) -> Iterator[int]:
        """Where those start whose day is kept whole."""
        return (start for start in self.kept.starts if start >= self.site.kept_from_unix_s)


@dataclass(frozen=True, slots=True)
class _Source:
    """What sums are made of.

    Attributes:
        table: `windows` or `late`.
        slice: of the sum.
        kept_from_unix_s: by site: windows that start before are not all there, and left out.
    """

    table: str
    slice: int
    kept_from_unix_s: dict[int, int]


class Sums:
    """The tables of sums.

    Args:
        runner: the way to ClickHouse.
        cluster: whose replicas keep them; None: one server.
    """

    def __init__(self, runner: Runner, cluster: str | None) -> None:
        self._runner, self._cluster = runner, cluster

    def of(self, changes: Sequence[Change], version: int) -> None:
        """Makes those sums anew that hold windows which were stored.

        Args:
            changes: of sites; those of one time zone are made at once.
            version: of the sums.

        Raises:
            StoreError: some were made, and some were not.
        """
        zones: dict[str, list[Change]] = {}
        for change in changes:
            zones.setdefault(change.site.zone, []).append(change)
        kept = _Source("windows", KEPT, {one.site.number: one.site.cut_unix_s for one in changes})
        late = _Source("late", LATE, {one.site.number: 0 for one in changes})
        self._make(kept, Steps.hours(start for one in changes for start in one.kept.starts), version)
        self._make(late, Steps.hours(start for one in changes for start in one.late.starts), version)
        for name, some in zones.items():
            zone = zone_of(name)
            of_days = _Source("windows", KEPT, {one.site.number: one.site.kept_from_unix_s for one in some})
            self._make(of_days, Steps.days((start for one in some for start in one.starts_of_kept_days), zone), version)
            self._make(late, Steps.days((start for one in some for start in one.late.starts), zone), version)

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
        left = Steps.days((start for start in starts if start < kept_from), right)
        days = Steps.days((start for start in starts if start >= kept_from), right)
        kept = {site.number: site.kept_from_unix_s}
        self._make(_Source("windows", LEFT, kept), left, version)
        self._make(_Source("windows", KEPT, kept), days, version)
        old = f"site = {site.number} AND step >= {day_of(site.kept_from_unix_s, zone_of(site.zone))}"
        for table in _DAYS:
            self._delete(table, f"{old} AND version < {version} AND slice = {KEPT}")
        return replace(site, zone=zone, kept_from_unix_s=kept_from)

    def forget(self, sites: Iterable[Site], sums_before_unix_s: int) -> int:
        """Deletes windows that are not kept any more, and sums from before a moment.

        Returns:
            How many windows were deleted.

        Raises:
            StoreError: some were deleted.
        """
        windows, days, hours, moments = _Which("start_unix_s"), _Which("step"), _Which("step"), _Which("start_unix_s")
        for site in sites:
            zone = zone_of(site.zone)
            first = first_kept(sums_before_unix_s, zone)
            windows.put(site.number, site.cut_unix_s)
            days.put(site.number, day_of(first, zone))
            hours.put(site.number, first // HOUR_S)
            moments.put(site.number, first)
        for table, which in (*((table, days) for table in _DAYS), *((table, hours) for table in _HOURS)):
            self._delete(table, which.condition)
        self._delete("late", moments.condition)
        self._delete("asides", moments.condition.replace(moments.column, "received_unix_s"))
        return self._delete("windows", windows.condition)

    def _make(self, source: "_Source", steps: Steps | None, version: int) -> None:
        if steps is None:
            return
        values = {
            "sites": list(source.kept_from_unix_s),
            "kept_from": list(source.kept_from_unix_s.values()),
            "slice": source.slice,
            "version": version,
            "steps": steps.numbers,
            "since": steps.since_unix_s,
            "until": steps.until_unix_s,
            "edges": steps.edges_unix_s,
            "steps_at": steps.at,
        }
        for statement in roll_ups(source.table, steps.name):
            self._runner.command(statement, values)

    def _delete(self, table: str, where: str) -> int:
        """Deletes rows, and gives how many there were. Conditions are made of numbers alone."""
        gone = int(self._runner.query(f"SELECT count() FROM {table} FINAL WHERE {where}")[0][0])  # noqa: S608
        if gone:
            self._runner.command(f"DELETE FROM {local(table, self._cluster)}{on(self._cluster)} WHERE {where}")  # noqa: S608
        return gone


class _Which:
    """Rows of sites from before a moment, hour or day, which is another for each time zone.

    Attributes:
        column: what tells when a row is of.
    """

    def __init__(self, column: str) -> None:
        self.column = column
        self._sites: dict[int, list[int]] = {}

    def put(self, site: int, before: int) -> None:
        """Adds a site."""
        self._sites.setdefault(before, []).append(site)

    @property
    def condition(self) -> str:
        """What holds of them."""
        some = (
            f"(site IN ({', '.join(map(str, sites))}) AND {self.column} < {before})"
            for before, sites in self._sites.items()
        )
        return " OR ".join(some) or "0"
