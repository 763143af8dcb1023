"""The figures of a public release, made of noisy counts and of what is public: names, calendars, coverage.

Nothing here sees a true count, so nothing here costs privacy. Figures add up in two ways: the venues of a district to
the district, and districts to all, day by day; and the hours of a venue, or of a district, to its day. It is done from
the top down: the sum of all measured counts stands, and the parts are fitted to it. A district's hour is not the sum of
the hours of its venues: each of them near zero would be pushed up a little, all in the same direction.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from passerby.core.consistent import fitted, withheld
from passerby.core.noise import deviation, half_width
from passerby.hub.contract import Venue
from passerby.hub.release.ledger import Draw
from passerby.hub.release.tallied import HOUR_S

Level = Literal["all", "district", "venue"]
State = Literal["told", "withheld", "not seen"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A venue-day as it was measured.

    Attributes:
        hours: None where only days were asked for.
    """

    venue: Venue
    day: date
    count: Draw
    hours: Draw | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a release.

    Attributes:
        level: what it is of: all venues, a district, or one venue.
        district, venue: names; empty where it is of more.
        hour: its start by the venue's clock, with the offset; empty for a day.
        venues: how many venues are in it.
        state: whether it is told, withheld since it is small, or not seen.
        visitors: people who came in: 0 or more, adding up.
        measured: the count as the noise left it: not biased, may be negative. For means and sums of many.
        low, high: where the true count lies with 95 %.
        deviation: standard deviation of `measured`, in people.
        coverage: how much was seen, in per cent in steps of five, rounded down; of several venues the mean.
        doubtful: part of it comes from a clock that was off.
    """

    level: Level
    district: str
    venue: str
    day: date
    hour: str
    venues: int
    state: State
    visitors: int | None
    measured: int | None
    low: int | None
    high: int | None
    deviation: float
    coverage: int
    doubtful: bool


@dataclass(slots=True)
class _Part:
    """A count on its way to a figure."""

    measured: int
    scales: Counter[float]
    coverage: list[int]
    doubtful: bool
    visitors: int = 0
    hidden: bool = False
    venues: int = 1

    @property
    def seen(self) -> bool:
        return any(one >= 0 for one in self.coverage)


_Hours = dict[str, _Part]


def figures(cells: Iterable[Cell], minimum: int) -> list[Figure]:
    """All rows, by day, level, district, venue and hour.

    Args:
        cells: venue-days that were measured.
        minimum: smaller counts, as measured, are withheld.
    """
    by_day: dict[date, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_day[cell.day].append(cell)
    return [one for day in sorted(by_day) for one in _Day(day, by_day[day], minimum).rows()]


class _Day:
    """All figures of one day."""

    def __init__(self, day: date, cells: Sequence[Cell], minimum: int) -> None:
        self._day, self._minimum = day, minimum
        self._cells = sorted(cells, key=lambda cell: (cell.venue.district, cell.venue.slug))
        self._venues = [_part(cell.count, 0) for cell in self._cells]
        self._names = sorted({cell.venue.district for cell in self._cells})
        self._members = {
            name: [i for i, cell in enumerate(self._cells) if cell.venue.district == name] for name in self._names
        }
        self._districts = [_sum(self._venues[i] for i in self._members[name]) for name in self._names]
        self._all = _sum(self._districts)

    def rows(self) -> Iterator[Figure]:
        self._all.visitors = max(0, self._all.measured)
        self._all.hidden = self._all.measured < self._minimum
        self._settle(self._districts, self._all)
        if len(self._names) > 1:
            yield self._row("all", ("", "", ""), self._all)
        for name, district in zip(self._names, self._districts, strict=True):
            members = self._members[name]
            self._settle([self._venues[i] for i in members], district)
            if name:
                yield self._row("district", (name, "", ""), district)
                yield from self._hours("district", (name, ""), district, _added(self._hours_of(i) for i in members))
            for i in members:
                names = (name, self._cells[i].venue.slug)
                yield self._row("venue", (*names, ""), self._venues[i])
                yield from self._hours("venue", names, self._venues[i], self._hours_of(i))

    def _hours_of(self, i: int) -> _Hours:
        cell = self._cells[i]
        if cell.hours is None or cell.hours.counts is None:
            return {}
        counts = cell.hours.counts
        zone = ZoneInfo(cell.venue.zone)
        starts = (counts.start_unix_s + HOUR_S * n for n in range(len(counts.counts)))
        labels = (datetime.fromtimestamp(start, UTC).astimezone(zone).isoformat(timespec="minutes") for start in starts)
        return {label: _part(cell.hours, n) for n, label in enumerate(labels)}

    def _hours(self, level: Level, names: tuple[str, str], day: _Part, hours: _Hours) -> Iterator[Figure]:
        self._settle(list(hours.values()), day)
        for label in sorted(hours, key=datetime.fromisoformat):
            yield self._row(level, (*names, label), hours[label])

    def _settle(self, parts: Sequence[_Part], whole: _Part) -> None:
        """Fits the parts to their sum, and says which are withheld: all of them, where the sum is."""
        seen = [part for part in parts if part.seen]
        counts = [part.measured for part in seen]
        hidden = withheld(counts, self._minimum)
        for part, visitors, hide in zip(seen, fitted(counts, whole.visitors if seen else 0), hidden, strict=True):
            part.visitors, part.hidden = visitors, hide or whole.hidden

    def _row(self, level: Level, names: tuple[str, str, str], part: _Part) -> Figure:
        district, venue, hour = names
        state: State = "not seen" if not part.seen else "withheld" if part.hidden else "told"
        visitors = measured = low = high = None
        if state == "told":
            visitors, measured, half = part.visitors, part.measured, error_of(part.scales)[1]
            low, high = max(0, min(visitors, measured - half)), max(visitors, measured + half)
        seen = [max(0, one) for one in part.coverage]
        return Figure(
            level=level, district=district, venue=venue, day=self._day, hour=hour, venues=part.venues, state=state,
            visitors=visitors, measured=measured, low=low, high=high, deviation=error_of(part.scales)[0],
            coverage=sum(seen) // len(seen), doubtful=part.doubtful,
        )  # fmt: skip


def error_of(scales: Mapping[float, int]) -> tuple[float, int]:
    """Standard deviation of a sum of noises, and half the width of its interval of 95 %, in people."""
    return _error(tuple(sorted(scales.items())))


@lru_cache(maxsize=10_000)
def _error(scales: tuple[tuple[float, int], ...]) -> tuple[float, int]:
    return round(deviation(dict(scales)), 2), half_width(dict(scales))


def _part(draw: Draw, n: int) -> _Part:
    assert draw.counts is not None
    counts = draw.counts
    return _Part(counts.counts[n], Counter({draw.scale: 1}), [counts.coverage[n]], counts.doubtful)


def _sum(parts: Iterable[_Part]) -> _Part:
    """The sum of parts; those that were not seen are not in it, but lower its coverage."""
    whole = _Part(0, Counter(), [], doubtful=False, venues=0)
    for part in parts:
        if part.seen:
            whole.measured += part.measured
            whole.scales += part.scales
        whole.coverage += part.coverage
        whole.venues += part.venues
        whole.doubtful |= part.doubtful
    return whole


def _added(hours: Iterable[_Hours]) -> _Hours:
    """Hours of several venues, added by their clocks."""
    by_label: dict[str, list[_Part]] = defaultdict(list)
    for one in hours:
        for label, part in one.items():
            by_label[label].append(part)
    return {label: _sum(parts) for label, parts in by_label.items()}
