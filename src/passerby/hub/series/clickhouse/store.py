"""The tallies of all venues in ClickHouse. One hub writes; any number may read.

Deliveries are stored in this order: names, windows, the sums of their hours and days, and last a record of each batch.
Only what has a record is taken. Where something fails on the way the site sends it all again, and each row finds the
place that it had.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from passerby.hub.contract import Delivered, Taken
from passerby.hub.series.adding import first_kept
from passerby.hub.series.admitting import Admitted, admit, outbox_of
from passerby.hub.series.clickhouse.asking import Asking
from passerby.hub.series.clickhouse.rows import Windows, columns_of, sort_rows
from passerby.hub.series.clickhouse.runner import Runner
from passerby.hub.series.clickhouse.sites import Site, Sites
from passerby.hub.series.clickhouse.statements import LAYOUT, OUTBOX_AT
from passerby.hub.series.clickhouse.sums import Change, Sums
from passerby.hub.series.clickhouse.tables import definitions
from passerby.hub.series.taking import zone_of
from passerby.hub.series.together import Together
from passerby.records.wire.batches import Layout

_VERSIONS_OF_A_START = 2**40
"""So many has one start of a hub; the next start has higher ones, whatever the clocks say."""
_MOST_LAYOUTS = 4000
"""Names are kept in memory of so many sites and configurations."""


@dataclass(frozen=True, slots=True)
class _Taking:
    """A delivery on its way into the tables.

    Attributes:
        outbox: that it is of; empty where it brings no batch.
        sequences: that are taken with it.
    """

    site: Site
    delivered: Delivered
    outbox: str
    sequences: range
    admitted: Admitted
    change: Change

    @property
    def newest_unix_s(self) -> int:
        """Where its last window ends, but not later than when it came; 0 where it has none."""
        ends = max(self.change.kept.ends_unix_s, self.change.late.ends_unix_s)
        return min(ends, self.delivered.received_unix_s) if self.delivered.received_unix_s else ends

    @property
    def taken(self) -> Taken:
        """What its site is told."""
        aside = tuple(one.sequence for one in self.admitted.aside)
        return Taken(self.admitted.mark, self.admitted.new, aside, self.admitted.wanted)


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
        self._together = Together(self._take_all)
        self._writing = threading.Lock()
        self._layouts: dict[tuple[int, str], Layout] = {}
        self._closed = False
        self._version = 0

    def take(self, delivered: Delivered) -> Taken:
        """As `contract.Series.take`. What is delivered at the same time is stored together."""
        return self._together.take(delivered)

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

    def close(self) -> None:
        """As `contract.Series.close`."""
        with self._writing:
            if not self._closed:
                self._closed = True
                self._runner.close()

    def _next_version(self) -> int:
        if not self._version:  # who only reads takes no number
            start = int(self._runner.query("SELECT max(number) FROM starts")[0][0]) + 1
            self._runner.insert("starts", {"site": [0], "number": [start], "version": [start]})
            self._version = start * _VERSIONS_OF_A_START
        self._version += 1
        return self._version

    def _site_of(self, venue: int, outbox: str | None) -> int:
        """The site that an outbox of a venue is of: that of the venue, or of one that was merged into it."""
        others = [site.number for site in self._sites.of(venue) if site.number != venue]
        if outbox is None or not others:
            return venue
        found = self._runner.query(OUTBOX_AT, {"sites": others, "outbox": outbox})
        return int(found[0][0]) if found else venue

    def _take_all(self, these: Sequence[Delivered]) -> list[Taken]:
        with self._writing:
            numbers = [self._known(self._site_of(one.venue, outbox_of(one)), one.zone).number for one in these]
            sites = [self._sites[number] for number in numbers]
            outboxes = sorted({outbox for one in these if (outbox := outbox_of(one)) is not None})
            marks = self._marks([site.number for site in sites], outboxes) if outboxes else {}
            taking = [self._admitted(site, one, marks) for site, one in zip(sites, these, strict=True)]
            self._store([one.change for one in taking])
            self._set_aside(taking)
            self._record(taking)
            return [one.taken for one in taking]

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

    def _admitted(self, site: Site, delivered: Delivered, marks: dict[tuple[int, str], int]) -> _Taking:
        """What is to be stored of a delivery; its mark moves on for the next."""
        for digest, layout in delivered.layouts.items():
            if self._layout(site.number, digest) is None:
                self._keep_layout(site.number, digest, layout)
        outbox = outbox_of(delivered)
        if outbox is None:
            return _Taking(site, delivered, "", range(0), Admitted(0), Change(site, Windows(), Windows()))
        mark = marks.get((site.number, outbox), 0)
        admitted = admit(delivered, mark, lambda digest: self._layout(site.number, digest))
        marks[site.number, outbox] = admitted.mark
        kept, late = sort_rows(site, admitted.batches, self._next_version(), doubtful=delivered.doubtful)
        sequences = range(mark + 1, admitted.mark + 1)
        return _Taking(site, delivered, outbox, sequences, admitted, Change(site, kept, late))

    def _layout(self, site: int, digest: str) -> Layout | None:
        found = self._layouts.get((site, digest))
        if found is None:
            rows = self._runner.query(LAYOUT, {"site": site, "digest": digest})
            found = msgspec.json.decode(rows[0][0], type=Layout) if rows else None
            self._remember(site, digest, found)
        return found

    def _keep_layout(self, site: int, digest: str, layout: Layout) -> None:
        text = msgspec.json.encode(layout).decode()
        self._insert("layouts", ("site", "digest", "json"), [(site, digest, text)])
        self._remember(site, digest, layout)

    def _remember(self, site: int, digest: str, layout: Layout | None) -> None:
        if layout is not None:
            if len(self._layouts) >= _MOST_LAYOUTS:
                self._layouts.clear()
            self._layouts[site, digest] = layout

    def _store(self, changes: Sequence[Change]) -> None:
        """Stores windows and makes their sums."""
        for table, windows in (("windows", [one.kept for one in changes]), ("late", [one.late for one in changes])):
            if columns := columns_of(windows):
                self._runner.insert(table, columns)
        self._sums.of([one for one in changes if one.kept.rows or one.late.rows], self._next_version())

    def _set_aside(self, taking: Sequence[_Taking]) -> None:
        rows = [
            (one.site.number, aside.outbox, aside.sequence, one.delivered.received_unix_s, aside.why, aside.raw)
            for one in taking
            for aside in one.admitted.aside
        ]
        self._insert("asides", ("site", "outbox", "sequence", "received_unix_s", "why", "json"), rows)

    def _record(self, taking: Sequence[_Taking]) -> None:
        """Says that batches are taken: in one block, so that of a site all of them are, or none."""
        rows = [
            (one.site.number, one.outbox, sequence, one.newest_unix_s) for one in taking for sequence in one.sequences
        ]
        self._insert("batches", ("site", "outbox", "sequence", "newest_unix_s"), rows)

    def _insert(self, table: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            columns: dict[str, Sequence[Any]] = dict(zip(names, zip(*rows, strict=True), strict=True))
            self._runner.insert(table, {**columns, "version": [self._next_version()] * len(rows)})
