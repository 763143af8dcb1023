"""On-shelf availability for a report: of each aisle, and of each shelf that has none."""

from collections.abc import Iterable
from dataclasses import replace

from passerby.core.tallies import Measure
from passerby.site.paper.figures import QUARTER_S, AislePart, ReportFigures
from passerby.site.reports.shelf_tallies import OnShelf
from passerby.site.settings import ShelfSettings
from passerby.site.store import Filter, StoredTallies, StoredTally


def with_aisles(figures: ReportFigures, store: StoredTallies, shelves: Iterable[ShelfSettings]) -> ReportFigures:
    """A report with its aisles, in the order of the configuration.

    Args:
        figures: the report without them.
        store: where tallies are.
        shelves: those of the site.

    Raises:
        StoreError: the store cannot be read.
    """
    sums: dict[tuple[str, bool], OnShelf] = {}
    unsafe = figures.unsafe
    for shelf in shelves:
        seen, empty = (_rows(figures, store, shelf, measure) for measure in (Measure.SHELF_SEEN, Measure.SHELF_EMPTY))
        could_s = len(shelf.facings) * (figures.until_unix_s - figures.since_unix_s)
        name = (shelf.aisle or shelf.shelf, shelf.aisle is not None)
        sums[name] = sums.get(name, OnShelf()) + OnShelf(_total(seen), _total(empty), could_s)
        unsafe = unsafe or any(row.unsafe for row in seen)
    aisles = tuple(AislePart(name, of_it.availability, of_it.coverage) for (name, _), of_it in sums.items())
    counted = figures.counted or any(one.seen_s for one in sums.values())
    return replace(figures, aisles=aisles, unsafe=unsafe, counted=counted)


def _rows(figures: ReportFigures, store: StoredTallies, shelf: ShelfSettings, measure: Measure) -> list[StoredTally]:
    which = Filter(shelf.camera, measure, shelf.shelf, figures.since_unix_s, figures.until_unix_s, QUARTER_S)
    # Of a shelf that had more facings once, what belongs to the others is over.
    return [row for row in store.rows(which) if row.tally.part < len(shelf.facings)]


def _total(rows: Iterable[StoredTally]) -> float:
    return sum(row.tally.total for row in rows)
