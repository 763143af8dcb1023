"""Numbers of what rows are about: places, measures and parts of a site, and its runs."""

import sqlite3
from collections import OrderedDict
from dataclasses import dataclass, field

from passerby.core.tallies import Measure
from passerby.records.wire.batches import Layout, Row

_MOST_SITES = 2000
_SeriesKey = tuple[str, str, str, int, int]


@dataclass(frozen=True, slots=True)
class About:
    """What a series is of.

    Attributes:
        measure: code of `core.tallies.Measure`.
        counted: whether it is in the sum of its venue.
    """

    measure: int
    part: int
    counted: bool

    @property
    def peak(self) -> bool:
        """Whether its sums keep the most, and do not add."""
        return self.measure == Measure.PEAK


@dataclass(slots=True)
class SiteNames:
    """The numbers that a site's series and runs have, and get.

    Attributes:
        about: what each series is of.
    """

    site: int
    about: dict[int, About] = field(default_factory=dict)
    _series: dict[_SeriesKey, int] = field(default_factory=dict)
    _runs: dict[tuple[int, int], int] = field(default_factory=dict)
    _by_place: dict[str, dict[tuple[int, int, int], int]] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: sqlite3.Connection, site: int) -> "SiteNames":
        """Those that are in the store."""
        names = cls(site)
        for number, *key in connection.execute(
            "SELECT number, camera, name, kind, measure, part FROM series WHERE site = ?", (site,)
        ):
            names._know(tuple(key), number)
        for number, start, width in connection.execute(
            "SELECT number, start_unix_s, width_s FROM run WHERE site = ?", (site,)
        ):
            names._runs[start, width] = number
        return names

    def of_layout(self, digest: str) -> dict[tuple[int, int, int], int]:
        """Numbers of series by place, measure and part of a layout: those that were looked up already."""
        return self._by_place.setdefault(digest, {})

    def series(self, connection: sqlite3.Connection, layout: Layout, row: Row) -> int:
        """The number of a row's series, made where there is none."""
        place = layout.places[row.place]
        key = (place.camera, place.name, place.kind, row.measure, row.part)
        number = self._series.get(key)
        if number is None:
            number = len(self._series)
            connection.execute("INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?)", (self.site, number, *key))
            self._know(key, number)
        return number

    def run(self, connection: sqlite3.Connection, row: Row) -> int:
        """The number of a row's run and width, made where there is none."""
        key = (row.run, row.width_s)
        number = self._runs.get(key)
        if number is None:
            number = self._runs[key] = len(self._runs)
            connection.execute("INSERT INTO run VALUES (?, ?, ?, ?)", (self.site, number, *key))
        return number

    def _know(self, key: _SeriesKey, number: int) -> None:
        self._series[key] = number
        _camera, _name, kind, measure, part = key
        self.about[number] = About(measure, part, kind != "place")


class Names:
    """The names of those sites that sent last. What a transaction that failed made is forgotten by `clear`."""

    def __init__(self) -> None:
        self._sites: OrderedDict[int, SiteNames] = OrderedDict()

    def of(self, connection: sqlite3.Connection, site: int) -> SiteNames:
        """Those of one site."""
        known = self._sites.pop(site, None) or SiteNames.read(connection, site)
        self._sites[site] = known
        if len(self._sites) > _MOST_SITES:
            self._sites.popitem(last=False)
        return known

    def clear(self) -> None:
        """Forgets all; they are read again."""
        self._sites.clear()
