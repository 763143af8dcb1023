"""Rows of batches as columns, and the hours and days whose sums they change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from passerby.hub.series.adding import HOUR_S, day_of, midnight_of
from passerby.hub.series.clickhouse.sites import Site
from passerby.records.wire.batches import Batch, Layout, Row

_COLUMNS = (
    *("site", "camera", "name", "measure", "part", "start_unix_s", "width_s", "run"),
    *("counted", "hourly", "total_milli", "exposure_milli", "doubtful", "version"),
)
_Key = tuple[str, str, int, int, int, int, int]
"""Camera, name, measure, part, start, width and run: what no two rows of a site share."""


@dataclass(slots=True)
class Windows:
    """Windows of a site that go into one table; of one key, the last.

    Attributes:
        rows: by key, in the order of the columns.
        starts: where they start.
        ends_unix_s: where the last ends.
    """

    rows: dict[_Key, tuple[Any, ...]] = field(default_factory=dict)
    starts: set[int] = field(default_factory=set)
    ends_unix_s: int = 0

    def put(self, key: _Key, row: tuple[Any, ...]) -> None:
        """Adds one, or puts it in the place of the one that is there."""
        *_, start, width, _run = key
        self.rows[key] = row
        self.starts.add(start)
        self.ends_unix_s = max(self.ends_unix_s, start + width)


def columns_of(windows: Iterable[Windows]) -> Mapping[str, Sequence[Any]]:
    """Windows of any sites as they are inserted; empty where there is none."""
    rows = [row for one in windows for row in one.rows.values()]
    return dict(zip(_COLUMNS, zip(*rows, strict=True), strict=True)) if rows else {}


def sort_rows(
    site: Site, batches: Iterable[tuple[Batch, Layout]], version: int, *, doubtful: bool
) -> tuple[Windows, Windows]:
    """Rows of batches: those whose hour is kept, and those whose day is forgotten. Some are both.

    Args:
        site: whose.
        batches: with the names that they count by, in their order; what comes later stands.
        version: of the rows.
        doubtful: whether the site's clock is not to be believed.
    """
    kept, late = Windows(), Windows()
    for batch, layout in batches:
        for row in batch.rows:
            place = layout.places[row.place]
            key = (place.camera, place.name, row.measure, row.part, row.start_unix_s, row.width_s, row.run)
            counted, amounts = place.kind != "place", _amounts(row, version, doubtful=doubtful)
            is_kept = row.start_unix_s >= site.cut_unix_s
            if is_kept:
                kept.put(key, (site.number, *key, counted, True, *amounts))
            if row.start_unix_s < site.kept_from_unix_s:
                late.put(key, (site.number, *key, counted, not is_kept, *amounts))
    return kept, late


def _amounts(row: Row, version: int, *, doubtful: bool) -> tuple[int, int, bool, int]:
    return (row.total_milli, row.exposure_milli, doubtful or bool(row.unsafe), version)


@dataclass(frozen=True, slots=True)
class Steps:
    """Hours or days whose sums are made anew.

    Attributes:
        name: `hours` or `days`.
        numbers: of them.
        since_unix_s, until_unix_s: from where the first begins to where the last ends.
        edges_unix_s: of days: where each begins, and where it ends.
        at: the number of the day that begins at each edge; 0 where it is none of them.
    """

    name: str
    numbers: list[int]
    since_unix_s: int
    until_unix_s: int
    edges_unix_s: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)

    @classmethod
    def hours(cls, starts: Iterable[int]) -> "Steps | None":
        """The hours of some moments; None of none."""
        numbers = sorted({start // HOUR_S for start in starts})
        return cls("hours", numbers, numbers[0] * HOUR_S, (numbers[-1] + 1) * HOUR_S) if numbers else None

    @classmethod
    def days(cls, starts: Iterable[int], zone: tzinfo) -> "Steps | None":
        """The days of some moments; None of none."""
        numbers = sorted({day_of(start, zone) for start in starts})
        edges = {midnight_of(day + 1, zone): 0 for day in numbers}
        edges.update({midnight_of(day, zone): day for day in numbers})
        order = sorted(edges)
        return cls("days", numbers, order[0], order[-1], order, [edges[edge] for edge in order]) if numbers else None
