"""The tallies of all venues in ClickHouse. One hub writes; any number may read.

A delivery is stored in the order: names, windows, the sums of their hours and days, and at last a record of each batch.
Only what has a record is taken. Where something fails on the way the site sends it all again, and each row finds the
place that it had.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from passerby.hub.contract import Aside, Delivered, Taken
from passerby.hub.series.adding import first_kept
from passerby.hub.series.admitting import Admitted, admit, outbox_of
from passerby.hub.series.clickhouse.asking import Asking
from passerby.hub.series.clickhouse.rows import sort_rows
from passerby.hub.series.clickhouse.runner import Runner
from passerby.hub.series.clickhouse.sites import Site, Sites
from passerby.hub.series.clickhouse.statements import LAYOUT, OUTBOX_AT
from passerby.hub.series.clickhouse.sums import Sums
from passerby.hub.series.clickhouse.tables import definitions
from passerby.hub.series.taking import zone_of
from passerby.records.wire.batches import Layout

_VERSIONS_OF_A_START = 2**40
"""So many has one start of a hub; the next start has higher ones, whatever the clocks say."""


class ClickHouseSeries(Asking):
    """The tallies of all venues. Safe from any thread.

    Args:
        runner: the way to ClickHouse; closed with this.
        database: where its tables are, or go.
        cluster: whose replicas keep them; None: one server.

    Raises:
        StoreError: the tables cannot be made or read.
    """

    def __init__(self, runner: Runner, database: str, cluster: str | None = None) -> None:
        for statement in definitions(database, cluster):
            runner.command(statement)
        super().__init__(runner, Sites(runner))
        self._sums = Sums(runner, cluster)
        self._writing = threading.Lock()
        self._closed = False
        start = int(runner.query("SELECT max(number) FROM starts")[0][0]) + 1
        runner.insert("starts", {"site": [0], "number": [start], "version": [start]})
        self._version = start * _VERSIONS_OF_A_START

    def take(self, delivered: Delivered) -> Taken:
        """As `contract.Series.take`."""
        with self._writing:
            outbox = outbox_of(delivered)
            site = self._known(self._site_of(delivered.venue, outbox), delivered.zone)
            self._keep_layouts(site.number, delivered)
            if outbox is None:
                return Taken(0)
            mark = self._mark(site.number, outbox)
            admitted = admit(delivered, mark, self._layout_of(site.number))
            ends = self._store(site, delivered, admitted)
            self._set_aside(site.number, delivered.received_unix_s, admitted.aside)
            newest = min(ends, delivered.received_unix_s) if delivered.received_unix_s else ends
            self._record(site.number, outbox, range(mark + 1, admitted.mark + 1), newest)
        return Taken(admitted.mark, admitted.new, tuple(one.sequence for one in admitted.aside), admitted.wanted)

    def merge(self, venue: int, into: int, name: str) -> None:
        """As `contract.Series.merge`."""
        with self._writing:
            self._sites.merge(venue, into, name, self._next_version())

    def forget(self, windows_before_unix_s: int, sums_before_unix_s: int) -> int:
        """As `contract.Series.forget`."""
        with self._writing:
            firsts = [
                replace(site, kept_from_unix_s=first_kept(windows_before_unix_s, zone_of(site.zone)))
                for site in self._sites.all()
            ]
            forgetting = [one for one in firsts if one.kept_from_unix_s > self._sites[one.number].kept_from_unix_s]
            # It is known first that they are forgotten: what is left where deleting fails is counted no more.
            self._sites.put(forgetting, self._next_version())
            return self._sums.forget(self._sites.all(), sums_before_unix_s)

    def problems(self) -> list[str]:
        """As `contract.Series.problems`; a ClickHouse looks after itself."""
        return []

    def close(self) -> None:
        """As `contract.Series.close`."""
        with self._writing:
            if not self._closed:
                self._closed = True
                self._runner.close()

    def _next_version(self) -> int:
        self._version += 1
        return self._version

    def _site_of(self, venue: int, outbox: str | None) -> int:
        """The site that an outbox of a venue is of: that of the venue, or of one that was merged into it."""
        others = [site.number for site in self._sites.of(venue) if site.number != venue]
        if outbox is None or not others:
            return venue
        found = self._runner.query(OUTBOX_AT, {"sites": others, "outbox": outbox})
        return int(found[0][0]) if found else venue

    def _known(self, number: int, zone: str) -> Site:
        """A site, made known where it is new; its days are moved where the zone of its venue was corrected."""
        zone_of(zone)
        site = self._sites.get(number)
        if site is not None and site.zone == zone:
            return site
        version = self._next_version()
        right = Site(number, number, zone=zone) if site is None else self._sums.move_days(site, zone, version)
        self._sites.put([right], version)
        return right

    def _keep_layouts(self, site: int, delivered: Delivered) -> None:
        known = self._layout_of(site)
        layouts = {digest: layout for digest, layout in delivered.layouts.items() if known(digest) is None}
        if layouts:
            texts = [msgspec.json.encode(layout).decode() for layout in layouts.values()]
            columns: dict[str, Sequence[Any]] = {"site": [site] * len(layouts), "digest": list(layouts), "json": texts}
            self._runner.insert("layouts", {**columns, "version": [self._next_version()] * len(layouts)})

    def _layout_of(self, site: int) -> Callable[[str], Layout | None]:
        known: dict[str, Layout | None] = {}

        def layout_of(digest: str) -> Layout | None:
            if digest not in known:
                found = self._runner.query(LAYOUT, {"site": site, "digest": digest})
                known[digest] = msgspec.json.decode(found[0][0], type=Layout) if found else None
            return known[digest]

        return layout_of

    def _store(self, site: Site, delivered: Delivered, admitted: Admitted) -> int:
        """Stores rows and makes their sums. Gives where the last window ends; 0 where there is none."""
        version = self._next_version()
        kept, late = sort_rows(site, admitted.batches, version, doubtful=delivered.doubtful)
        for table, windows in (("windows", kept), ("late", late)):
            if windows.rows:
                self._runner.insert(table, windows.columns())
        self._sums.of(site, kept, late, version)
        return max(kept.ends_unix_s, late.ends_unix_s)

    def _set_aside(self, site: int, received_unix_s: int, aside: tuple[Aside, ...]) -> None:
        if aside:
            columns: dict[str, Sequence[Any]] = {
                "outbox": [one.outbox for one in aside],
                "sequence": [one.sequence for one in aside],
                "why": [one.why for one in aside],
                "json": [one.raw for one in aside],
            }
            all_ = {"site": site, "received_unix_s": received_unix_s, "version": self._next_version()}
            self._runner.insert("asides", columns | {name: [value] * len(aside) for name, value in all_.items()})

    def _record(self, site: int, outbox: str, sequences: range, newest_unix_s: int) -> None:
        """Says that batches are taken: in one block, so that all of them are, or none."""
        if sequences:
            all_ = {"site": site, "outbox": outbox, "newest_unix_s": newest_unix_s, "version": self._next_version()}
            columns: dict[str, Sequence[Any]] = {name: [value] * len(sequences) for name, value in all_.items()}
            self._runner.insert("batches", columns | {"sequence": list(sequences)})
